"""What a speech model gets wrong: words that it drops, repeats in a loop, or makes up in silence.

Pure. Knows words, their times, and where there is speech; not how words are recognised. The limits
shared with Whisper are those of Radford et al., "Robust Speech Recognition via Large-Scale Weak
Supervision" (2022), section 4.5.
"""

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise, takewhile

from ingest.asr.vad import VoiceShare, unheard
from ingest.languages import TOLD_APART, language_of
from ingest.text import fold
from ingest.transcript import Span, Word

_LONGEST_PHRASE = 12  # words: longer loops are left to the compression of the text
_SUSPECT = 4  # times (D-034): a speaker says a phrase three times to stress it
_SUSPECT_WORDS = 6  # "non, non, non, non" is still speech
_IMPOSSIBLE = 10  # times: no speaker says a phrase ten times without a pause
# D-214: eight words at least, two repetitions and a half; unsure at first, surer afterwards.
_LEAST_WORDS, _LEAST_TIMES = 8, 2.5
_UNSURE_AT_FIRST, _SURER, _DOUBTED = 0.6, 0.15, 0.05
_PAUSE_MS = 500  # answers to a roll call have one between them
_REPETITIVE = 2.4  # Whisper's own limit to how far a text may shrink when compressed
_UNSURE = 0.37  # Whisper's own limit: an average log-probability of -1
_PASSAGE_WORDS = 12  # D-269: of 9,740 such passages in French debates 4 were taken for Italian
_OUTSIDE = 0.2  # of the words: some spill over a pause; more, and the model has lost its place


@dataclass(frozen=True)
class Loop:
    """A phrase of `length` words, said `times` times on end, from the word at `first`.

    `more` are the words of one repetition more that is cut off, where that is asked.
    """

    first: int
    length: int
    times: int
    more: int = 0

    @property
    def after(self) -> int:
        """The word that follows the last repetition."""
        return self.first + self.length * self.times + self.more


def loops(words: Sequence[Word]) -> tuple[Span, ...]:
    """Stretches in which the same words come again and again, for a clerk to hear.

    A phrase counts from its fourth time on end, and six words at least; case, accents and
    punctuation do not tell two words apart.
    """
    found = repetitions([_bare(word.text) for word in words])
    return tuple(Span(words[r.first].start_ms, words[r.after - 1].end_ms) for r in found)


def repetitions(texts: Sequence[str]) -> Iterator[Loop]:
    """Phrases said again and again, in order, none overlapping; the shortest phrase that repeats.

    >>> list(repetitions("mais de la rue de la rue de la rue de la rue oui".split()))
    [Loop(first=1, length=3, times=4)]
    """
    return _loops(texts, lambda loop: loop if _suspect(loop) else None)


def _loops(texts: Sequence[str], wanted: Callable[[Loop], Loop | None]) -> Iterator[Loop]:
    """At each word the shortest phrase that is wanted, as `wanted` returns it; none overlap."""
    at = 0
    while at < len(texts):
        tried = (wanted(_repeated(texts, at, length)) for length in range(1, _LONGEST_PHRASE + 1))
        loop = next(filter(None, tried), None)
        if loop is not None:
            yield loop
        at = loop.after if loop else at + 1


def _repeated(texts: Sequence[str], at: int, length: int) -> Loop:
    times = 1
    while texts[at : at + length] == texts[at + times * length : at + (times + 1) * length]:
        times += 1
    return Loop(at, length, times)


def _suspect(loop: Loop) -> bool:
    return loop.times >= _SUSPECT and loop.times * loop.length >= _SUSPECT_WORDS


def said_once(words: Sequence[Word]) -> tuple[Word, ...]:
    """The words, each phrase that cannot have been said so often kept once.

    That is ten times or more without a pause: a chant of "oui" is spared, and so is a roll call; or
    fewer, where the model was unsure at first and talked itself into it (D-214): then what is kept
    is not to be believed either. What is taken away leaves speech without a word, which is
    reported as such.
    """
    texts = [_bare(word.text) for word in words]
    kept: list[Word] = []
    at = 0
    for loop in _talked_into(words, texts):
        first = words[loop.first : loop.first + loop.length]
        kept += words[at : loop.first]
        kept += (replace(word, confidence=min(word.confidence, _DOUBTED)) for word in first)
        at = loop.after
    rest = (*kept, *words[at:])
    kept, at = [], 0
    for loop in repetitions([_bare(word.text) for word in rest]):
        if loop.times >= _IMPOSSIBLE and not _has_pauses(rest[loop.first : loop.after], loop):
            kept += rest[at : loop.first + loop.length]
            at = loop.after
    return (*kept, *rest[at:])


def _talked_into(words: Sequence[Word], texts: Sequence[str]) -> Iterator[Loop]:
    """Loops of which the model was unsure the first time, and surer the more often it said them.

    People who repeat themselves are heard as well the first time. The last repetition may be cut.
    """

    def wanted(loop: Loop) -> Loop | None:
        if loop.times == 1:  # and a part of it: fewer than `_LEAST_TIMES`
            return None
        whole = replace(loop, more=_begun_again(texts, loop))
        return whole if _is_talked_into(words, whole) else None

    return _loops(texts, wanted)


def _begun_again(texts: Sequence[str], loop: Loop) -> int:
    """How many words of another repetition follow the last whole one."""
    phrase = texts[loop.first : loop.first + loop.length]
    following = texts[loop.after : loop.after + loop.length]
    same = (one == other for one, other in zip(phrase, following, strict=False))
    return sum(takewhile(bool, same))


def _is_talked_into(words: Sequence[Word], loop: Loop) -> bool:
    heard = words[loop.first : loop.after]
    if len(heard) < max(_LEAST_WORDS, _LEAST_TIMES * loop.length) or _has_pauses(heard, loop):
        return False
    first, again = _mean(heard[: loop.length]), _mean(heard[loop.length :])
    return first < _UNSURE_AT_FIRST and again - first >= _SURER


def _mean(words: Sequence[Word]) -> float:
    return sum(word.confidence for word in words) / len(words)


def _has_pauses(words: Sequence[Word], loop: Loop) -> bool:
    """Does at least every second repetition come after a pause?"""
    seams = range(loop.length, len(words), loop.length)
    pauses = [words[n].start_ms - words[n - 1].end_ms >= _PAUSE_MS for n in seams]
    return 2 * sum(pauses) >= len(pauses)


def doubtful(
    words: Sequence[Word], speech: Sequence[Span], language: str | None = None
) -> tuple[Span, ...]:
    """The stretches of `speech` that are worth hearing again, more carefully.

    All of it when a phrase loops, the text is repetitive, or the words are on average improbable or
    lie outside `speech`; else where it goes on for 1.5 s without a word, and where the words are
    not of the `language` that was asked for.
    """
    outside = sum(not _inside(word, speech) for word in words)
    if speech and (_astray(words) or outside > _OUTSIDE * len(words)):
        return (Span(speech[0].start_ms, speech[-1].end_ms),)
    return (*unheard(speech, words), *drifted(words, language))


def drifted(words: Sequence[Word], language: str | None = None) -> tuple[Span, ...]:
    """Sentences in another of the languages that `language_of` knows than `language`.

    Larger models translate a passage now and then instead of writing it down (D-269). Without a
    `language` it is that of most of the words.
    """
    expected = language or _language(words)
    if expected not in TOLD_APART:
        return ()
    runs = groupby(_passages(words), lambda said: _language(said) not in (None, expected))
    return tuple(
        Span(passages[0][0].start_ms, passages[-1][-1].end_ms)
        for passages in (list(run) for elsewhere, run in runs if elsewhere)
    )


def _language(words: Sequence[Word]) -> str | None:
    return language_of(" ".join(word.text for word in words))


def _passages(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    """Sentences, the short ones with those that follow."""
    start = 0
    for at, word in enumerate(words, 1):
        if at == len(words) or (at - start >= _PASSAGE_WORDS and word.text[-1] in ".?!…"):
            yield words[start:at]
            start = at


def _astray(words: Sequence[Word]) -> bool:
    """Has the recogniser lost its place? Never so without words."""
    text = " ".join(word.text for word in words).encode()
    return bool(
        loops(words)
        or len(text) > _REPETITIVE * len(zlib.compress(text))
        or sum(word.confidence for word in words) < _UNSURE * len(words)
    )


def replaced(
    words: Sequence[Word], stretch: Span, again: Sequence[Word], language: str | None = None
) -> tuple[Word, ...]:
    """The words with those of a stretch heard again, if they are better; a word is where its
    middle is.

    Words that went astray are worse than none: speech without a word is reported to the clerk. Of
    two hearings of which one is in the `language` that was asked for, that one is better.
    """
    before = [w for w in words if _middle(w) < stretch.start_ms]
    after = [w for w in words if _middle(w) >= stretch.end_ms]
    first = words[len(before) : len(words) - len(after)]
    second = [w for w in again if stretch.start_ms <= _middle(w) < stretch.end_ms]
    lost = _astray(second) and not _astray(first)
    mended = bool(drifted(first, language)) and _language(second) == language
    better = second if mended else max(first, second, key=rightly_heard)
    return (*before, *(first if lost else better), *after)


def _middle(word: Word) -> int:
    return (word.start_ms + word.end_ms) // 2


def rightly_heard(words: Sequence[Word]) -> float:
    """How many words are likely right: the sum of their confidences, a loop's phrase counted once.

    Of two hearings of one stretch the better has more: words that were dropped, improbable or
    repeated without end all count against it.
    """
    extra = 0.0
    for loop in repetitions([_bare(word.text) for word in words]):
        extra += sum(w.confidence for w in words[loop.first + loop.length : loop.after])
    return sum(word.confidence for word in words) - extra


def _inside(word: Word, speech: Sequence[Span]) -> bool:
    return any(span.overlap_ms(word.start_ms, word.end_ms) for span in speech)


def _bare(text: str) -> str:
    return fold(text).strip(" .,;:!?…«»\"'()-")


# --- words made up where no one speaks: captions of films, above all --------------------------


_DOUBTFUL, _VOICELESS = (
    0.5,
    0.1,
)  # D-035: short words that are really said are surer, or louder
_CLEAR_VOICE = 0.5  # asked of a known caption, and of words that have no time to be said
_SHORTEST_MS = 20  # a sentence found in a chord has all its words at one moment
_RUN_GAP_MS = 1_000  # an invented caption comes whole; a real word a second away is not part of it
_CAPTIONS = (
    "sous-titr",
    "amara.org",
    "merci d'avoir regarde",
    "abonnez-vous",
    "n'oubliez pas de vous abonner",
    "radio-canada",
)


def without_invented(words: Sequence[Word], voice: VoiceShare) -> tuple[Word, ...]:
    """The words less the runs of them that were not said."""
    return tuple(word for run in _runs(words) if not _invented(run, voice) for word in run)


def _invented(run: Sequence[Word], voice: VoiceShare) -> bool:
    unsure = sum(word.confidence for word in run) < _DOUBTFUL * len(run)
    caption = any(c in fold(" ".join(word.text for word in run)) for c in _CAPTIONS)
    crowded = 2 * sum(w.end_ms - w.start_ms < _SHORTEST_MS for w in run) > len(run)
    if not unsure and not caption and not crowded:
        return False
    heard = voice(Span(run[0].start_ms, run[-1].end_ms))
    return heard < (_CLEAR_VOICE if caption or crowded else _VOICELESS)


def _runs(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    """Words between which there is less than a second."""
    seams = [
        n for n, (a, b) in enumerate(pairwise(words), 1) if b.start_ms - a.end_ms > _RUN_GAP_MS
    ]
    for start, end in pairwise([0, *seams, len(words)]):
        if start < end:
            yield words[start:end]
