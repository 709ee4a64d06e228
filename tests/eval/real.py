"""Quality on real French recordings, debates and questions, kept outside the repository.

`VERBATIM_EVAL_DATA` names their folder. A set that is not there is skipped, and said to be.
"""

import json
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from api.product import Product
from ingest.asr.confidence import calibrated
from ingest.asr.spoken_numbers import write_amounts
from ingest.asr.vad import detect_speech
from ingest.asr.whisper import words_of
from ingest.audio.decode import Pcm, decode
from ingest.diarization.diarize import VoiceDiarizer
from ingest.samples import sample_requests
from ingest.steps import Steps
from ingest.transcript import Span
from search.passage import Embedder, Vectors
from tests.eval.answers import swiss
from tests.eval.councilqa import Question, read, read_file
from tests.eval.councilqa.measure import figures as measured
from tests.eval.councilqa.measure import of_sitting, sample
from tests.eval.error_rates import figures_right, speaker_errors, word_errors
from tests.eval.hearing import hearing, sure_words
from tests.eval.long_sittings import rttm
from tests.eval.retrieval import Evaluation, Said, measure
from tests.eval.samples import Scores

_AMI_SCORED_MS = 30_000
_OF_FIGURES = ("wer", "figures_right", "names_spelt", "rightly_named", "wrongly_named")


class Remembering:
    """An embedder that makes each list of vectors once: measuring twice takes half the time."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._kept: dict[tuple[str, tuple[str, ...]], Vectors] = {}
        self.name, self.dimension = embedder.name, embedder.dimension

    def documents(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages."""
        return self._made("documents", texts)

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions."""
        return self._made("queries", texts)

    def _made(self, kind: str, texts: Sequence[str]) -> Vectors:
        key = (kind, tuple(texts))
        if key not in self._kept:
            self._kept[key] = getattr(self._embedder, kind)(texts)
        return self._kept[key]


def _silent(*_: object) -> None:
    """Progress without a display."""


def _pcm(path: Path, folder: Path) -> Pcm:
    folder.mkdir(parents=True, exist_ok=True)
    return Pcm(decode((path,), folder, 3_600_000, _silent).pcm)


def words(product: Product, data: Path) -> Scores:
    """WER and figures on short French utterances of native speakers; how right sure words are."""
    steps, edits, length, figures, said_figures = Steps(product.settings), 0, 0, 0, 0
    sure: list[bool] = []
    transcriber = steps.transcriber()
    with tempfile.TemporaryDirectory() as scratch:
        for path in sorted(data.glob("*.ogg")):
            pcm = _pcm(path, Path(scratch) / path.stem)
            speech = detect_speech(pcm, _silent)
            whole = Span(0, pcm.duration_ms)
            found = list(words_of(whole, pcm, speech, lambda: transcriber, _silent))
            heard = calibrated(found, transcriber.name)
            said = path.with_suffix(".txt").read_text("utf-8")
            text = " ".join(word.text for word in write_amounts(heard, product.settings.numbers))
            errors, (right, numbers) = word_errors(said, text), figures_right(said, text)
            figures, said_figures = figures + right, said_figures + numbers
            edits, length = edits + errors.edits, length + errors.reference_words
            sure += sure_words(heard, said)
    return {
        "wer": edits / length,
        "sure_words_right": sum(sure) / len(sure),
        "figures_right": figures / max(1, said_figures),
    }


def figures(product: Product, data: Path) -> Scores:
    """What is heard in sittings full of numbers: see `figures/README.md`."""
    scores: Scores = {}
    for request in sample_requests(data):
        with tempfile.TemporaryDirectory() as scratch:
            made = Product(product.settings.model_copy(update={"data": Path(scratch)}))
            made.publish(made.ingest(request, lambda stage, fraction: None).id)
            heard = hearing(made, data)
        scores |= {f"{str(request.id)[:10]} {name}": heard[name] for name in _OF_FIGURES}
    return scores


def voices(product: Product, data: Path) -> Scores:
    """DER and confusion on real voices: two French sets, and the mean of the meeting cuts."""
    diarizer = VoiceDiarizer(product.settings)
    scores: Scores = {}
    meetings = []
    with tempfile.TemporaryDirectory() as scratch:
        for path in sorted(data.glob("*.flac")):
            pcm = _pcm(path, Path(scratch) / path.stem)
            found = diarizer.spans(pcm, detect_speech(pcm, _silent), _silent)
            said = rttm(path.with_suffix(".rttm"))
            if path.stem.startswith("ami"):
                said = [s for s in said if s.start_ms < _AMI_SCORED_MS]
                errors = speaker_errors(said, found)
                meetings.append((errors.rate, errors.confused_ms / errors.reference_ms))
                continue
            errors = speaker_errors(said, found)
            scores[f"{path.stem}_der"] = errors.rate
            scores[f"{path.stem}_voices_off"] = float(
                errors.found_speakers - errors.reference_speakers
            )
    scores["meetings_der"] = sum(rate for rate, _ in meetings) / len(meetings)
    scores["meetings_confusion"] = sum(confusion for _, confusion in meetings) / len(meetings)
    return scores


def debates(product: Product, data: Path) -> Scores:
    """Retrieval on French televised debates: summary sentences to the passages they sum up.

    By their words alone, then as a council's are found: with the debate's title and the theme.
    """
    raw = json.loads(data.read_text("utf-8"))
    queries = [(q["text"], set(q["highlighted"])) for q in raw["queries"]]
    embedder = Remembering(product.embedder)

    def found(about: Callable[[dict[str, str]], str]) -> Evaluation:
        passages = {p["id"]: Said(p["text"], p["debate"], about(p)) for p in raw["passages"]}
        return measure(passages, queries, embedder)

    titled = found(lambda p: f"{p['debate'].replace('_', ' ')}. {p['theme']}")
    bare = found(lambda p: "")
    return titled.scores() | {f"{name} untitled": v for name, v in bare.scores().items()}


def questions(product: Product, data: Path) -> Scores:
    """Retrieval on PIAF: French questions to the encyclopedia paragraph that answers them."""
    passages: dict[str, Said] = {}
    queries = []
    for number, article in enumerate(json.loads(data.read_text("utf-8"))["data"]):
        for paragraph in article["paragraphs"]:
            key = f"p{len(passages)}"
            passages[key] = Said(paragraph["context"], f"a{number}")
            queries += [(qa["question"], {key}) for qa in paragraph["qas"]]
    return measure(passages, queries, Remembering(product.embedder)).scores()


_ASKED = 60  # questions of each sitting: some minutes, most of them to make its archive
_SITTING = "20130139"  # the reader's network and figures did not learn from it


def council(product: Product, folder: Path) -> Scores:
    """CouncilQA on one sitting: what is shown, in which state, where the right passage ranks."""
    asked = [question for question in read("train") if question.session == _SITTING]
    return _council(asked, folder.parents[1])


def own_council(product: Product, questions: Path) -> Scores:
    """The same on a city's own sessions and questions (`councilqa/README.md`)."""
    return _council(read_file(questions), questions.parents[1])


def _council(questions: Iterable[Question], data: Path) -> Scores:
    with tempfile.TemporaryDirectory() as scratch:
        return measured(
            [
                judged
                for session, drawn in sample(questions, _ASKED).items()
                for judged in of_sitting(session, Path(scratch), data, drawn)
            ]
        )


SETS: dict[str, tuple[str, Callable[[Product, Path], Scores]]] = {
    "fleurs": ("asr_fleurs_fr", words),
    "figures": ("figures", figures),
    "voices": ("diarization", voices),
    "fredsum": ("retrieval/fredsum_dev.json", debates),
    "piaf": ("retrieval/piaf_dev.json", questions),
    "councilqa": ("debates/an2013", council),
    "own_councilqa": ("debates/questions.jsonl", own_council),
    "swiss": ("debates/swiss_jura.jsonl", swiss),
}
