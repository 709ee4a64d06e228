"""What people did to a transcript, carried over to another one of the same sound. Pure.

    what was heard, what it was made -> corrections, voices given by hand -> on what is heard now

Both transcripts share one time line. A correction is made again where the words around it, or the
words that it replaced, are heard as before; else it is left to a person. Knows no models, no
database, and nothing of who may read what.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count, groupby

from rapidfuzz.distance import Levenshtein

from ingest.archive.splices import Splice, content
from ingest.editing.timing import TYPED, Room, key, spread
from ingest.transcript import NEW_TURN, Doubt, ReviewItem, Span, Speaker, SpeakerSpan, Turn, Word

# Two hearings of one sound time a word alike to within some 100 ms; further off than this it is
# the same word said once more. Chosen, not measured.
_NEAR_MS = 800
_MOST_OF = 0.5  # of its time: a new voice that shares more with a known one is that one
_REDACTED = ("[…]", "[retiré]")  # stand in the log for turns that were redacted since


# --- words ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TypedCorrection:
    """`heard` words in whose place a person typed others; `before`, `after`: the words beside."""

    heard: tuple[Word, ...]
    typed: tuple[Word, ...]
    before: Word | None
    after: Word | None

    @property
    def span(self) -> Span:
        """Where it is: at its neighbours if it has no word of its own."""
        words = [*self.heard, *self.typed] or [w for w in (self.before, self.after) if w]
        return Span(min(w.start_ms for w in words), max(w.end_ms for w in words))

    def to_review(self) -> ReviewItem:
        """It as a clerk is asked for it."""
        heard, typed = (" ".join(w.text for w in some) for some in (self.heard, self.typed))
        if not typed:
            reason = f"« {heard} » était supprimé, et la nouvelle transcription dit autre chose"
        elif heard == typed:
            reason = f"« {typed} » était accepté"
        elif heard:
            reason = f"« {typed} » était écrit à la place de « {heard} »"
        else:
            reason = f"« {typed} » était ajouté"
        return ReviewItem(self.span.start_ms, self.span.end_ms, Doubt.CARRY, reason)


def corrections(
    heard: Sequence[Turn], now: Sequence[Turn], *, are_settled: bool = False
) -> tuple[TypedCorrection, ...]:
    """What people changed in the words since they were heard, or accepted.

    `are_settled`: what people typed is there already in what was `heard`, and is no change. What
    was redacted since is gone from both sides, and is none either.
    """
    old, new = ([word for word, _ in _voiced(turns)] for turns in (heard, now))
    keys = [_as_settled(w) if are_settled else w.text for w in old]
    return tuple(
        TypedCorrection(
            tuple(old[a:b]),
            tuple(new[c:d]),
            new[c - 1] if c else None,
            new[d] if d < len(new) else None,
        )
        for a, b, c, d in _differences(keys, [_as_settled(w) for w in new])
        if c == d or any(word.confidence == TYPED for word in new[c:d])
    )


def _as_settled(word: Word) -> str:
    """A word that a person typed or accepted is no word that was heard, be it the same."""
    return f"{word.text}\0" if word.confidence == TYPED else word.text


def _voiced(turns: Sequence[Turn]) -> list[tuple[Word, str | None]]:
    """All words, each with its voice."""
    return [(w, turn.speaker) for turn in turns for w in turn.words if w.text not in _REDACTED]


def _differences(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """Places [a, b) of the one that are [c, d) of the other; those side by side are one."""
    runs = groupby(Levenshtein.opcodes(old, new), key=lambda op: op.tag == "equal")
    for is_equal, run in runs:
        if not is_equal:
            ops = list(run)
            first, last = ops[0], ops[-1]
            yield first.src_start, last.src_end, first.dest_start, last.dest_end


@dataclass(frozen=True)
class Carried:
    """Turns with the corrections that fit, how many these are, and those that do not."""

    turns: tuple[Turn, ...]
    done: int
    left: tuple[TypedCorrection, ...]


def with_corrections(turns: Sequence[Turn], some: Sequence[TypedCorrection]) -> Carried:
    """The turns with the corrections made again, each where its place is beyond doubt."""
    words = [word for turn in turns for word in turn.words]
    places = _Places(words)
    fits: list[tuple[int, int, tuple[Word, ...]]] = []
    left: list[TypedCorrection] = []
    for one in sorted(some, key=lambda one: one.span):
        place = places.of(one)
        if place is None or (fits and place[0] < fits[-1][1]):
            left.append(one)
        else:
            fits.append((*place, _placed(one.typed, words, *place)))
    return Carried(_rewritten(turns, fits), len(fits), tuple(left))


class _Places:
    """Where each word of a transcript is said."""

    def __init__(self, words: Sequence[Word]) -> None:
        self._words = words
        self._keys = [key(word.text) for word in words]
        self._at: defaultdict[str, list[int]] = defaultdict(list)
        for at, name in enumerate(self._keys):
            self._at[name].append(at)

    def of(self, one: TypedCorrection) -> tuple[int, int] | None:
        """The places [first, stop) at which a correction is made; None where that is not sure."""
        place = self._between(one) or self._said(one.typed) or self._said(one.heard)
        if place and not one.typed and self._keys[slice(*place)] not in ([], _keys(one.heard)):
            return None  # other words than those that were deleted may well have been said
        return place

    def _between(self, one: TypedCorrection) -> tuple[int, int] | None:
        """What is heard between the two words beside it, if both are heard as before."""
        span, end = one.span, len(self._words)
        firsts = [at + 1 for at in self._near(one.before)]
        stops = self._near(one.after)
        if one.before is None and end and self._words[0].start_ms >= span.start_ms - _NEAR_MS:
            firsts = [0]
        if one.after is None and end and self._words[-1].end_ms <= span.end_ms + _NEAR_MS:
            stops = [end]
        pairs = [(first, stop) for first in firsts for stop in stops if first <= stop]
        same = _keys(one.heard), _keys(one.typed)  # of words said twice, the pair that was there
        return min(pairs, key=lambda pair: self._keys[slice(*pair)] not in same, default=None)

    def _said(self, run: Sequence[Word]) -> tuple[int, int] | None:
        """Where these very words are heard, at their time."""
        keys = _keys(run)
        starts = self._near(run[0]) if run else []
        same = (at for at in starts if self._keys[at : at + len(run)] == keys)
        return next(((at, at + len(run)) for at in same), None)

    def _near(self, word: Word | None) -> list[int]:
        """Places of the same word at about its time, the nearest first."""
        if word is None:
            return []

        def away(at: int) -> int:
            return abs(self._words[at].start_ms - word.start_ms)

        return sorted((at for at in self._at[key(word.text)] if away(at) <= _NEAR_MS), key=away)


def _keys(words: Sequence[Word]) -> list[str]:
    return [key(word.text) for word in words]


def _placed(
    typed: tuple[Word, ...], words: Sequence[Word], first: int, stop: int
) -> tuple[Word, ...]:
    """Typed words at the times of as many that they replace, else at their own if there is room."""
    gone = words[first:stop]
    if len(gone) == len(typed):
        pairs = zip(typed, gone, strict=True)
        return tuple(
            replace(old, text=w.text, confidence=TYPED, heard=None, guessed=False)
            for w, old in pairs
        )
    low = words[first - 1].end_ms if first else 0
    high = words[stop].start_ms if stop < len(words) else max(w.end_ms for w in (*typed, *gone))
    if not typed or (low <= typed[0].start_ms and typed[-1].end_ms <= high):
        return typed
    high = max(high, low + len(typed))
    return tuple(spread([word.text for word in typed], low, high, Room(low, high)))


def _rewritten(
    turns: Sequence[Turn], fits: Sequence[tuple[int, int, tuple[Word, ...]]]
) -> tuple[Turn, ...]:
    """The turns with words at some places [first, stop) replaced; one without a word is gone.

    What is put between two turns ends the first.
    """
    said = [(at, word) for at, turn in enumerate(turns) for word in turn.words]
    for first, stop, typed in reversed(fits):
        at = said[first if first < stop or not first else first - 1][0] if said else 0
        said[first:stop] = [(at, word) for word in typed]
    return tuple(
        replace(turns[at], words=tuple(word for _, word in run))
        for at, run in groupby(said, key=lambda pair: pair[0])
    )


# --- voices -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Voicing:
    """What people did to voices: stretches `given` to one, voices that others were `united` in."""

    given: tuple[SpeakerSpan, ...]
    united: frozenset[str]


def voicing(heard: Sequence[Turn], now: Sequence[Turn], known: Collection[str]) -> Voicing:
    """What people changed in who speaks since it was heard; `known` are the labels now."""
    old, new = _voiced(heard), _voiced(now)
    given: list[SpeakerSpan] = []
    united: set[str] = set()
    for op in Levenshtein.opcodes([w.text for w, _ in old], [w.text for w, _ in new]):
        if op.tag != "equal":
            continue
        pairs = zip(old[op.src_start : op.src_end], new[op.dest_start : op.dest_end], strict=True)
        for (_, before), (word, after) in pairs:
            if after is None or before == after:
                continue
            if before is None or before in known:
                given.append(SpeakerSpan(word.start_ms, word.end_ms, after))
            else:
                united.add(after)
    return Voicing(tuple(given), frozenset(united))


def claims(
    turns: Sequence[Turn], before: Sequence[Turn], known: Collection[str], settled: Collection[str]
) -> Mapping[str, str]:
    """What each new voice is called: as the `known` one that it mostly is, if there is one.

    Several may be a voice that people have `settled`; of others, the nearest alone keeps the name.
    """
    spoken, shared = _shares(turns, before)
    names: dict[str, str] = {}
    for (label, old), shared_ms in shared.most_common():
        is_free = old in settled or old not in names.values()
        if old in known and is_free and shared_ms > _MOST_OF * spoken[label]:
            names.setdefault(label, old)
    free = (f"S{n}" for n in count(1) if f"S{n}" not in {*known, *spoken})
    return {
        label: names.get(label) or (next(free) if label in known else label) for label in spoken
    }


def _shares(
    turns: Sequence[Turn], before: Sequence[Turn]
) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    """How long each new voice speaks, and how long at once with each voice before, in ms."""
    spoken: Counter[str] = Counter()
    shared: Counter[tuple[str, str]] = Counter()
    ordered = sorted(before, key=lambda turn: turn.start_ms)
    starts = [turn.start_ms for turn in ordered]
    longest = max((turn.end_ms - turn.start_ms for turn in ordered), default=0)
    for turn in turns:
        if turn.speaker is None:
            continue
        spoken[turn.speaker] += turn.end_ms - turn.start_ms
        near = range(
            bisect_left(starts, turn.start_ms - longest), bisect_right(starts, turn.end_ms)
        )
        for old in (ordered[n] for n in near):
            here = Span(old.start_ms, old.end_ms).overlap_ms(turn.start_ms, turn.end_ms)
            if old.speaker is not None:
                shared[turn.speaker, old.speaker] += here
    return spoken, shared


def renamed(
    turns: Sequence[Turn],
    speakers: Sequence[Speaker],
    names: Mapping[str, str],
    known: Mapping[str, Speaker],
) -> tuple[tuple[Turn, ...], tuple[Speaker, ...]]:
    """Turns and voices by these names; a voice that is `known` is what is known of it."""
    called = {name: replace(s, label=name) for s in speakers if (name := names.get(s.label))}
    return (
        tuple(replace(turn, speaker=names.get(turn.speaker or "")) for turn in turns),
        tuple(known.get(name, one) for name, one in called.items()),
    )


def with_given(turns: Sequence[Turn], given: Sequence[SpeakerSpan]) -> tuple[Turn, ...]:
    """The turns, cut where people gave some of their words to a voice."""
    spans = sorted(given)
    starts = [span.start_ms for span in spans]

    def voice(word: Word, own: str | None) -> str | None:
        middle = (word.start_ms + word.end_ms) // 2
        at = bisect_right(starts, middle) - 1
        return spans[at].label if at >= 0 and middle <= spans[at].end_ms else own

    made: list[Turn] = []
    for turn in turns:
        labels = [voice(word, turn.speaker) for word in turn.words]
        runs = groupby(zip(labels, turn.words, strict=True), key=lambda pair: pair[0])
        named = [(label, tuple(word for _, word in run)) for label, run in runs]
        pieces = turn.cut(words for _, words in named)
        made += (
            replace(piece, speaker=label) for piece, (label, _) in zip(pieces, named, strict=True)
        )
    return tuple(made)


# --- turns ------------------------------------------------------------------------------------


def splices(
    before: Sequence[Turn], after: Sequence[Turn], old: Sequence[Turn] = ()
) -> tuple[Splice, ...]:
    """What makes of turns others; one that says the same at the same time stays as it is.

    A new turn that says the same as one of `old`, which were there before, is that one again.
    """
    ids = {turn.id for turn in before}
    known: defaultdict[object, list[Turn]] = defaultdict(list)
    for turn in old:
        if turn.id not in ids:
            known[content(turn)].append(turn)

    def as_before(turn: Turn) -> Turn:
        same = next((one for one in known[content(turn)] if _at_once(one, turn)), None)
        if same is None:
            return replace(turn, id=NEW_TURN)
        known[content(turn)].remove(same)
        return replace(turn, id=same.id)

    made, first, start = [], 0, 0
    for stop, end in (*_kept(before, after), (len(before), len(after))):
        if first < stop or start < end:
            new = tuple(as_before(turn) for turn in after[start:end])
            made.append(Splice(first, tuple(before[first:stop]), new))
        first, start = stop + 1, end + 1
    return tuple(made)


def _kept(before: Sequence[Turn], after: Sequence[Turn]) -> Iterator[tuple[int, int]]:
    """Places of turns that stay, in both rows."""
    for op in Levenshtein.opcodes([content(turn) for turn in before], [content(t) for t in after]):
        if op.tag == "equal":
            pairs = zip(
                range(op.src_start, op.src_end), range(op.dest_start, op.dest_end), strict=True
            )
            yield from ((a, b) for a, b in pairs if _at_once(before[a], after[b]))


def _at_once(one: Turn, other: Turn) -> bool:
    return abs(one.start_ms - other.start_ms) <= _NEAR_MS
