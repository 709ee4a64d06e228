"""How the sample sessions were heard: words, voices and names, against what was really said."""

from collections.abc import Iterator, Sequence
from functools import reduce
from operator import add
from pathlib import Path

from api.product import Product
from ingest.transcript import SpeakerSpan, Transcript, Word
from tests.eval.confidence import SURE, rightly_heard
from tests.eval.doubts import Doubts, doubts
from tests.eval.error_rates import figures_right, speaker_errors, word_errors
from tests.eval.place_words import names_heard
from tests.eval.samples import SAMPLES, Said, Scores, reference


def hearing(product: Product, folder: Path = SAMPLES) -> Scores:
    """WER, figures, DER, voices counted, names given and doubts, over all sessions of a product.

    `folder` holds them with their references, as `samples/` does.
    """
    edits = length = errors = spoken = voices_off = right = wrong = named_of = 0
    spelt = called = figures = figures_of = 0
    sure: list[bool] = []
    doubted: list[Doubts] = []
    for session in product.published.sessions():
        said, transcript = reference(session.id, folder), product.published.transcript(session.id)
        spoken_text = " ".join(s.text for s in said)
        heard = [word for turn in transcript.turns for word in turn.words]
        heard_text = " ".join(word.text for word in heard)
        words = word_errors(spoken_text, heard_text)
        told, numbers = figures_right(spoken_text, heard_text)
        figures, figures_of = figures + told, figures_of + numbers
        found, of = names_heard(spoken_text, heard, product.published.session(session.id).roster)
        spelt, called = spelt + found, called + of
        sure += sure_words(heard, spoken_text)
        doubted.append(doubts(heard, spoken_text))
        edits, length = edits + words.edits, length + words.reference_words
        speakers = speaker_errors([s.span for s in said], list(_spans(transcript)))
        errors += round(speakers.rate * speakers.reference_ms)
        spoken += speakers.reference_ms
        voices_off += abs(speakers.found_speakers - speakers.reference_speakers)
        good, bad, total = names(said, transcript)
        right, wrong, named_of = right + good, wrong + bad, named_of + total
    all_doubts = reduce(add, doubted)
    return {
        "wer": edits / length,
        "der": errors / spoken,
        "voices_miscounted": float(voices_off),
        "sure_words_right": sum(sure) / len(sure),
        "doubtful_that_are_wrong": all_doubts.precision,
        "wrong_that_are_doubtful": all_doubts.recall,
        "error_left_unvisited": all_doubts.share_left,
        "names_spelt": spelt / called,
        "figures_right": figures / figures_of,
        "rightly_named": right / named_of,
        "wrongly_named": wrong / named_of,
    }


def sure_words(words: Sequence[Word], said: str) -> list[bool]:
    """Of the words of at least .9 confidence, which are right."""
    judged = zip(words, rightly_heard(words, said), strict=True)
    return [right for word, right in judged if word.confidence >= SURE]


def _spans(transcript: Transcript) -> Iterator[SpeakerSpan]:
    """Runs of words of one voice, as a reader sees them; pauses over half a second split a run."""
    for turn in transcript.turns:
        if turn.speaker is None:
            continue
        start, end = turn.words[0].start_ms, turn.words[0].end_ms
        for word in turn.words[1:]:
            if word.start_ms - end > 500:
                yield SpeakerSpan(start, end, turn.speaker)
                start = word.start_ms
            end = max(end, word.end_ms)
        yield SpeakerSpan(start, end, turn.speaker)


def names(said: tuple[Said, ...], transcript: Transcript) -> tuple[int, int, int]:
    """Milliseconds of words that bear the right name, a wrong name, and all of them."""
    right = wrong = total = 0
    for turn in transcript.turns:
        person = transcript.person(turn)
        for word in turn.words:
            length = word.end_ms - word.start_ms
            truth = max(said, key=lambda s: s.span.overlap_ms(word.start_ms, word.end_ms))
            total += length
            right += length if person == truth.span.label else 0
            wrong += length if person not in (None, truth.span.label) else 0
    return right, wrong, total
