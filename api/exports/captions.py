"""A session as captions that can be read: WebVTT with voices (W3C), and SubRip. Pure.

A caption has two short lines, a few seconds, whole words. Speech is cut where a sentence ends, else
where a clause does or the speaker pauses, never between an article and its noun where that can be
helped. What could be taken for markup is written so that it is not. SubRip has no comments: it does
not say who made the text, and names a speaker before the words where the voice changes.
"""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from api.exports.script import TOLD, Gap, Script, one_line
from ingest.french_dates import day
from ingest.text import SENTENCE_END, fold
from ingest.transcript import Word
from search.language.stopwords import FUNCTION_WORDS

LINE = 42  # characters, as broadcasters do (EBU-TT-D, Netflix)
LONGEST_MS = 7_000  # on screen, as broadcasters do (Netflix)
SHORTEST_MS = 1_000  # a shorter caption stays longer on screen, where there is room
_LEAST_MS = 300  # where two voices talk at once, each caption has this much at least
_FEW = 14  # characters: a caption that is no longer flickers
# Silence after which a cut is cheap, and over which a caption should not stay: a breath, a gap.
_PAUSE_MS, _LONG_PAUSE_MS = 300, 1_500
_CLOSES = ".?!…,;:"
_MOST_LEAD = 26  # characters: a longer name has the first line to itself
# SubRip has no way to write these: players take them for tags and for overrides.
_LOOKALIKE = str.maketrans({"<": "‹", ">": "›", "{": "(", "}": ")"})

# What a cut costs; a caption costs one by itself, so that fewer are better. The order counts: the
# end of a sentence (0), of a clause, a pause. The amounts were chosen on the samples, not measured.
_AT_CLAUSE, _AT_PAUSE, _ELSEWHERE, _AFTER_SMALL = 1.0, 1.5, 4.0, 3.0
_FLICKERS, _LINGERS = 2.0, 4.0


@dataclass(frozen=True)
class Caption:
    """Lines shown from `start_ms` to `end_ms`, and the entry of the script that they are of."""

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]
    of: int = 0


def webvtt(script: Script) -> str:
    """WebVTT, each caption in its voice: `<v Prénom Nom>`."""
    session = script.session
    about = f"{session.title}, {session.body}, {day(session.date)}"
    blocks = ["WEBVTT", f"NOTE\n{_escaped(about)}\n{_escaped(script.state)}"]
    for caption in _captions(script, named=False):
        text = "\n".join(map(_escaped, caption.lines))
        entry = script.entries[caption.of]
        if not isinstance(entry, Gap):
            text = f"<v {_escaped(entry.who.name)}>{text}</v>"
        blocks.append(f"{_times(caption, '.')}\n{text}")
    return "\n\n".join(blocks) + "\n"


def subrip(script: Script) -> str:
    """SubRip, with a name before the words where the voice changes."""
    return "".join(
        f"{number}\n{_times(caption, ',')}\n{chr(10).join(caption.lines).translate(_LOOKALIKE)}\n\n"
        for number, caption in enumerate(_captions(script, named=True), 1)
    )


def _captions(script: Script, *, named: bool) -> list[Caption]:
    return _without_overlap(list(_in_order(script, named=named)))


def _in_order(script: Script, *, named: bool) -> Iterator[Caption]:
    speaks = None
    for n, entry in enumerate(script.entries):
        if isinstance(entry, Gap):
            yield Caption(entry.start_ms, entry.end_ms, (f"[{TOLD[entry.why]}]",), n)
            continue
        name = f"{entry.who.name} : " if named and entry.who != speaks else ""
        speaks = entry.who
        texts = [one_line(word.text) for word in entry.words]
        alone = len(name) > _MOST_LEAD
        first, *others = captions_of(entry.words, texts, n, LINE if alone else len(name))
        lines = (name.rstrip(), " ".join(first.lines)) if alone else _prefixed(name, first.lines)
        yield replace(first, lines=lines)
        yield from others


def _prefixed(name: str, lines: Sequence[str]) -> tuple[str, ...]:
    return (name + lines[0], *lines[1:])


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)


def _times(caption: Caption, point: str) -> str:
    return f"{_clock(caption.start_ms, point)} --> {_clock(caption.end_ms, point)}"


def _clock(at_ms: int, point: str) -> str:
    seconds, ms = divmod(at_ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{ms:03}"


def captions_of(
    words: Sequence[Word], texts: Sequence[str], of: int = 0, lead: int = 0
) -> list[Caption]:
    """One speech as captions, in order; `texts` are its words as they are written.

    `lead` characters are kept free on the first line, for a name.
    """
    made = []
    for first, stop in _cut(words, texts, lead):
        lines = _lines(texts[first:stop], lead if first == 0 else 0)
        start_ms = words[first].start_ms
        end_ms = max(word.end_ms for word in words[first:stop])
        made.append(Caption(start_ms, min(end_ms, start_ms + LONGEST_MS), lines, of))
    return made


def _cut(words: Sequence[Word], texts: Sequence[str], lead: int) -> Iterator[tuple[int, int]]:
    """The cheapest way to cut, by dynamic programming: each caption holds some twenty words."""
    ends = list(accumulate((len(text) + 1 for text in texts), initial=0))
    best: list[tuple[float, int]] = [(0.0, 0)]
    for stop in range(1, len(words) + 1):
        after = _cost_of_cut(words, texts, stop)
        cheapest = (float("inf"), stop - 1)
        for first in range(stop - 1, -1, -1):
            width = ends[stop] - ends[first] - 1 + (lead if first == 0 else 0)
            if stop - first > 1 and not _fits(words, texts, (first, stop), width, lead):
                break
            cost = best[first][0] + _cost(words, first, stop, width) + after
            cheapest = min(cheapest, (cost, first))
        best.append(cheapest)
    cuts, stop = [], len(words)
    while stop:
        first = best[stop][1]
        cuts.append((first, stop))
        stop = first
    return reversed(cuts)


def _fits(
    words: Sequence[Word], texts: Sequence[str], run: tuple[int, int], width: int, lead: int
) -> bool:
    first, stop = run
    if words[stop - 1].end_ms - words[first].start_ms > LONGEST_MS or width > 2 * LINE + 1:
        return False
    if width <= LINE:
        return True
    above = lead - 1 if first == 0 else -1
    for text in texts[first:stop]:
        if above + 1 + len(text) > LINE:
            break
        above += 1 + len(text)
    return width - above - 1 <= LINE


def _cost_of_cut(words: Sequence[Word], texts: Sequence[str], stop: int) -> float:
    """What it costs to end a caption before word `stop`."""
    if stop == len(words) or texts[stop - 1].rstrip('»”" )').endswith(SENTENCE_END):
        return 0.0
    if texts[stop - 1][-1:] in _CLOSES:
        return _AT_CLAUSE
    small = _AFTER_SMALL if fold(texts[stop - 1]) in FUNCTION_WORDS else 0.0
    pause = words[stop].start_ms - words[stop - 1].end_ms
    return small + (_AT_PAUSE if pause >= _PAUSE_MS else _ELSEWHERE)


def _cost(words: Sequence[Word], first: int, stop: int, width: int) -> float:
    """What a caption costs by itself."""
    flickers = width < _FEW or words[stop - 1].end_ms - words[first].start_ms < SHORTEST_MS
    lingers = stop - first > 1 and (
        words[stop - 1].start_ms - words[stop - 2].end_ms >= _LONG_PAUSE_MS
        or words[first + 1].start_ms - words[first].end_ms >= _LONG_PAUSE_MS
    )
    return 1.0 + _FLICKERS * flickers + _LINGERS * lingers


def _lines(texts: Sequence[str], lead: int) -> tuple[str, ...]:
    """One line if it fits, else two, as even as can be and parted where the sense is."""
    if lead + len(" ".join(texts)) <= LINE or len(texts) == 1:
        return (" ".join(texts),)

    def uneven(at: int) -> float:
        above, below = lead + len(" ".join(texts[:at])), len(" ".join(texts[at:]))
        over = 100 * (max(above - LINE, 0) + max(below - LINE, 0))
        small = 8 if fold(texts[at - 1]) in FUNCTION_WORDS else 0
        clause = -8 if texts[at - 1][-1:] in _CLOSES else 0
        return over + abs(above - below) + small + clause

    at = min(range(1, len(texts)), key=uneven)
    return (" ".join(texts[:at]), " ".join(texts[at:]))


def _without_overlap(captions: Sequence[Caption]) -> list[Caption]:
    """By start, none over another; short ones stay on screen longer where there is room."""
    made: list[Caption] = []
    for caption in sorted(captions, key=lambda one: one.start_ms):
        start_ms = caption.start_ms
        if made and start_ms < made[-1].end_ms:
            last = made[-1]
            end_ms = max(start_ms, min(last.end_ms, last.start_ms + SHORTEST_MS))
            made[-1] = replace(last, end_ms=end_ms)
            start_ms = end_ms
        end_ms = max(caption.end_ms, start_ms + _LEAST_MS)
        made.append(replace(caption, start_ms=start_ms, end_ms=end_ms))
    return [_lengthened(one, made[n + 1 : n + 2]) for n, one in enumerate(made)]


def _lengthened(caption: Caption, following: Sequence[Caption]) -> Caption:
    end_ms = max(caption.end_ms, caption.start_ms + SHORTEST_MS)
    room = following[0].start_ms if following else end_ms
    return replace(caption, end_ms=max(caption.end_ms, min(end_ms, room)))
