"""The sentences of a turn, as ranges of its words. Pure; follows the recogniser's punctuation.

Speech that comes without punctuation is cut where the speaker paused longest, so that no quotation
has to be endless. Every word of the turn is in exactly one sentence.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.transcript import Turn

RUN_ON = 45  # words without any punctuation: more is a run-on
LONGEST = 90  # words, commas or not
_SIDE = 8  # words that must remain on each side of a cut
_MOST_MARKS = 8  # in a row: more is a line drawn with them, read from its start for each of them

_ABBREVIATED = """
m mm mme mmes mlle dr me art al ch let cf env p pp no n nr st ste fr frs ex vol resp av bd mio
"""
_ABBREVIATIONS = frozenset(_ABBREVIATED.split())
_END = re.compile(r"(\.\.\.|[.?!…])[\"»”’')\]]*$")
_CLOSING = re.compile(r"[.?!…,;:\"»”’')\]]+$")
_INNER = re.compile(r"[,;:–—][\"»”’')\]]*$")


@dataclass(frozen=True)
class Sentence:
    """Words `first_word` to `last_word` of a turn, both inclusive."""

    first_word: int
    last_word: int

    @property
    def words(self) -> int:
        """How many words it has."""
        return self.last_word - self.first_word + 1


def sentences(turn: Turn) -> tuple[Sentence, ...]:
    """Cut a turn into sentences, in order. A turn without words has none."""
    found: list[Sentence] = []
    first = 0
    for index in range(len(turn.words)):
        if index == len(turn.words) - 1 or _ends(turn, index):
            found += _shortened(turn, Sentence(first, index))
            first = index + 1
    return tuple(found)


def _ends(turn: Turn, index: int) -> bool:
    """Does a sentence end with this word, which is not the turn's last?"""
    word, following = _with_marks(turn, index), turn.words[index + 1].text
    end = _END.search(word)
    if end is None or _CLOSING.match(following):  # a lone "?" or "»" belongs to what it closes
        return False
    bare = re.split(r"[^\w]", word[: end.start()].lower())[-1]
    if end.group(1) == "." and (bare in _ABBREVIATIONS or (len(bare) == 1 and bare.isalpha())):
        return False
    return not (end.group(1) in (".", "…", "...") and following[:1].islower())


def _with_marks(turn: Turn, index: int) -> str:
    """A word and, when it is only a mark, the word before it: `faux` `!` `»` -> `faux!»`."""
    first = index
    while first > max(0, index - _MOST_MARKS) and not any(map(str.isalnum, turn.words[first].text)):
        first -= 1
    return "".join(word.text for word in turn.words[first : index + 1])


def _shortened(turn: Turn, sentence: Sentence) -> Iterator[Sentence]:
    """The sentence, or its parts when it is a run-on, in order."""
    pending = [sentence]
    while pending:
        part = pending.pop()
        cut = _cut(turn, part)
        if cut is None:
            yield part
        else:
            pending += [Sentence(cut + 1, part.last_word), Sentence(part.first_word, cut)]


def _cut(turn: Turn, part: Sentence) -> int | None:
    """The word after which to cut: the longest pause of a run-on, or None when it can stay."""
    if part.words > LONGEST:
        return _longest_pause(turn, part, commas=True) or _longest_pause(turn, part, commas=False)
    if part.words > RUN_ON and not _punctuated(turn, part):
        return _longest_pause(turn, part, commas=False)
    return None


def _punctuated(turn: Turn, part: Sentence) -> bool:
    """Does punctuation break it before a stretch gets as long as a run-on?"""
    bare = 0
    for word in turn.words[part.first_word : part.last_word + 1]:
        bare = 0 if _INNER.search(word.text) or _END.search(word.text) else bare + 1
        if bare > RUN_ON:
            return False
    return True


def _longest_pause(turn: Turn, part: Sentence, *, commas: bool) -> int | None:
    words = turn.words
    inside = range(part.first_word + _SIDE - 1, part.last_word - _SIDE + 1)
    allowed = [i for i in inside if not commas or _INNER.search(words[i].text)]
    middle = (part.first_word + part.last_word) / 2
    return max(
        allowed,
        key=lambda i: (words[i + 1].start_ms - words[i].end_ms, -abs(i - middle)),
        default=None,
    )
