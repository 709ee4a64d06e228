"""Captions of a videoconference: who had the floor, and when, as the platform saw it.

Knows how Webex, Teams, Zoom and plain VTT or SRT files name a participant; JSON is read by
`captions_json`. Beside a recording only names and times are trusted: platforms caption French
badly, so their text is left; `read_subtitle_file` keeps it, for a session that has nothing else.
Does not know voices or the roster; a participant may be a room device with many people in front of
it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise, zip_longest
from pathlib import Path

from ingest.documents.captions_json import (
    ENDLESS_MS,
    Skipped,
    check_caption_count,
    is_json,
    read_records,
)
from ingest.documents.text_files import Most, read_text
from ingest.errors import BadInput, shown
from ingest.text import fold, unescaped

_TIME = r"(?:(\d{1,3}):)?([0-5]?\d):([0-5]\d)(?:[.,](\d{1,3}))?"
_TIMES = re.compile(rf"\s*+{_TIME}\s*+-->\s*+{_TIME}(?:\s.*)?")
# What is meant as a time line, right or wrong: "12:00 --> 13:00" in a text is not.
_CLOCK = r"-?\d++:\d{1,2}(?::-?\d{1,2}(?:[.,]\d{1,4})?|[.,]\d{1,4})"
_TIME_LINE = re.compile(rf"\s*+{_CLOCK}\s*+-->|\s*+-->\s*+{_CLOCK}")
_NOTES = re.compile(r"(?:NOTE|STYLE|REGION)\b.*")
_WEBEX = re.compile(r'\s*\d+\s+"(.*)"\s+\(\d+\)\s*')
_VOICE = re.compile(r"<v(?:\.[^\s<>]*+)?\s++([^\s<>][^<>]*+)>")
_PREFIX = re.compile(r"\s*+(?:(?:-|>>)\s*+)?([^\s:<>\"][^:<>\"]{0,59}?)\s?:(?:\s|$)")
_CAPITALISED = r"(?:(?:de|du|von|van|d'|la|le)\s?)*[A-ZÀ-Þ][\w.'’-]*"
_FULL_NAME = re.compile(rf"{_CAPITALISED}(?:\s{_CAPITALISED}){{1,5}}")
_TAG = re.compile(r"<[^<>]*>|\{\\[^{}]*\}")  # VTT's, and the overrides of some SRT files
_COUNTER = re.compile(r"\s*\d+\s*")
_IDENTIFIER = re.compile(r"\s*(?=\S*\d)[0-9A-Za-z]+(?:[-/][0-9A-Za-z]+)+\s*")  # Teams' "0f8c-1/5-0"
_NEARLY_ALL = 0.8  # of the cues; chosen, not measured apart
_SHORT = 12  # digits of a counter
_LONGEST_NAME = 200  # characters: more is no name, and would be compared with every other one
MOST_CUES = 200_000
"""A whole day with one cue in 0.4 s."""
MOST = Most(
    16
    * 2**20,  # a day at one cue a second is 8 MB; JSON with the time of each word takes twice that
    "des sous-titres",
    "exportez ceux de cette séance seule, sans mise en forme.",
)
_ROLLING = 0.5  # of the cues: so many begin with what the one before ended with (D-218)
_LEAST_REPEATED, _MOST_REPEATED = 3, 60  # words: two in a row repeat by chance; two full lines
# What platforms put after a name: how somebody takes part, and that they did not sign in.
_BADGE = re.compile(
    r"(?: ?[(\[](?:ext(?:\.|erne|ernal|[ée]rieure?)?|invit[ée]e?s?|guest|non v[ée]rifi[ée]e?"
    r"|unverified"
    r"|not verified|moi|me|vous|you|h[ôo]te(?:sse)?|host|co-?h[ôo]te|co-?host|organisat(?:eur|rice)"
    r"|organi[sz]er|pr[ée]sentat(?:eur|rice)|presenter|anonyme|anonymous)[)\]]| unverified)$",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"@\d+|(?:unknown|inconnue?|unidentified|non identifiee?|unverified|anonym(?:e|ous)|invitee?"
    r"|guest)(?: (?:speaker|user|participante?|orateur|oratrice|intervenante?))?(?: ?\d+)?"
    r"|(?:speaker|user|participante?|orateur|oratrice|intervenant(?:·?e)?|locuteur|locutrice|voix"
    r"|spk)(?: (?:inconnue?|unknown|non identifie(?:·?e)?))?[ _]?\d*"
)
_INLINE_TIME = re.compile(r"<(?:\d{1,3}:)?\d{1,2}:\d{1,2}[.,]\d{1,3}>|<c[.>]")


@dataclass(frozen=True, order=True)
class Cue:
    """A stretch of time, [start_ms, end_ms), in which a participant was heard."""

    start_ms: int
    end_ms: int
    participant: str


@dataclass(frozen=True)
class Subtitle:
    """Words shown from `start_ms` to `end_ms`, and the participant if the file names one."""

    start_ms: int
    end_ms: int
    participant: str | None
    text: str


@dataclass(frozen=True)
class Captions:
    """Who is heard when, by start, and the cues that were left out because of their times."""

    cues: tuple[Cue, ...]
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True)
class Subtitles:
    """What is said when, by start, and the subtitles that were left out because of their times."""

    subtitles: tuple[Subtitle, ...]
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True)
class _Block:
    """A cue as it is written: the line above its times, and the lines below."""

    start_ms: int
    end_ms: int
    above: str
    below: tuple[str, ...]


@dataclass(frozen=True)
class _Piece:
    """What one participant says of a cue."""

    name: str | None
    text: str


def read_captions(path: Path) -> tuple[Cue, ...]:
    """Names and times of a VTT, SRT or JSON file, by start; cues without a name are left out.

    Times are those of the file: from the beginning of the recording that it captions.
    Raises `BadInput` if the file has no times, mostly times that cannot be, or no names at all.
    """
    return read_caption_file(path).cues


def read_caption_file(path: Path) -> Captions:
    """The same, with what was left out."""
    text = read_text(path, MOST)
    captions = _from_json(path, text) if is_json(text) else _from_lines(path, text)
    if not captions.cues:
        raise BadInput(
            f"« {path.name} » ne nomme aucun participant : exportez les sous-titres avec les"
            " noms des intervenants, ou importez la séance sans sous-titres."
        )
    return captions


def _from_json(path: Path, text: str) -> Captions:
    records, skipped = read_records(path.name, text, MOST_CUES)
    _check_most(path, len(records), skipped)
    cues = (
        Cue(record.start_ms, record.end_ms, name)
        for record in records
        if record.start_ms < record.end_ms
        for given in record.names
        if (name := tidy_name(given))
    )
    return Captions(tuple(sorted(cues)), tuple(skipped))


def _from_lines(path: Path, text: str) -> Captions:
    spoken, skipped = _spoken(path, text)
    cues = (
        Cue(one.start_ms, one.end_ms, one.participant)
        for one in spoken
        if one.participant and one.start_ms < one.end_ms
    )
    return Captions(tuple(sorted(cues)), tuple(skipped))


def read_subtitle_file(path: Path, text: str) -> Subtitles:
    """Every subtitle of a VTT or SRT file that has words, by start, with or without a name.

    Beside them what was left out. One that has no length lasts until the next one begins. Raises
    `BadInput` if the text has no times, or mostly times that cannot be.
    """
    spoken, skipped = _spoken(path, text)
    worded = sorted((one for one in spoken if one.text), key=lambda one: one.start_ms)
    return Subtitles(tuple(_lasting(worded)), tuple(skipped))


def _lasting(subtitles: Sequence[Subtitle]) -> Iterator[Subtitle]:
    for one, following in zip_longest(subtitles, subtitles[1:]):
        after = following.start_ms if following else one.start_ms + ENDLESS_MS
        end_ms = min(max(after, one.start_ms + 1), one.start_ms + ENDLESS_MS)
        yield one if one.end_ms > one.start_ms else replace(one, end_ms=end_ms)


# --- cues, as they are written ------------------------------------------------------------------


def _spoken(path: Path, text: str) -> tuple[list[Subtitle], list[Skipped]]:
    """What each participant says, in the file's order, be it nothing, and what was left out."""
    found = list(islice(_cues(text), MOST_CUES + 1))
    check_caption_count(path.name, len(found), MOST_CUES)
    skipped = [one for one in found if isinstance(one, Skipped)]
    blocks = [one for one in found if isinstance(one, _Block)]
    if not found:
        raise BadInput(
            f"« {path.name} » ne contient aucun sous-titre (ligne « 00:00:01.000 --> … ») :"
            " donnez le fichier VTT, SRT ou JSON de la visioconférence."
        )
    _check_most(path, len(blocks), skipped)
    pieces = _pieces(_without_repeats(blocks))
    return [one for block, said in pieces for one in _parted(block, said)], skipped


def _check_most(path: Path, read: int, skipped: Sequence[Skipped]) -> None:
    """Raise `BadInput` where more cues have impossible times than possible ones."""
    if len(skipped) > read:
        raise BadInput(
            f"« {path.name} », {skipped[0].where} : {skipped[0].what}, illisible comme la plupart ;"
            " exportez de nouveau les sous-titres."
        )


def _cues(text: str) -> Iterator[_Block | Skipped]:
    """The cues of a text, and the time lines of those that cannot be.

    Each ends at a blank line that comes after its words, or at the next time line. The line above
    that one is the next cue's, if it is its counter, its identifier or its name.
    """
    lines = text.splitlines()
    at, counter, above = 0, None, ""
    while at < len(lines):
        if not _TIME_LINE.match(lines[at]):
            noted = _NOTES.fullmatch(lines[at]) and not above.strip()
            above = lines[at]
            at = _after_note(lines, at) if noted else at + 1
            continue
        first = at
        counter = int(above) if _COUNTER.fullmatch(above) and len(above) < _SHORT else counter
        at, below = _below(lines, at + 1, counter)
        times = _times(lines[first])
        if times is None:
            yield Skipped(f"ligne {first + 1}", f"les temps « {shown(lines[first].strip())} »")
        else:
            yield _Block(*times, above, tuple(below))
        above = lines[at - 1]


def _after_note(lines: Sequence[str], at: int) -> int:
    """The line after a comment, which ends at a blank line."""
    return next((n for n in range(at + 1, len(lines)) if not lines[n].strip()), len(lines))


def _below(lines: Sequence[str], at: int, counter: int | None) -> tuple[int, list[str]]:
    """The words of a cue that begins at a line, and the line at which the search goes on."""
    below: list[str] = []
    while at < len(lines) and not _TIME_LINE.match(lines[at]):
        following = lines[at + 1] if at + 1 < len(lines) else ""
        if lines[at].strip() and not (
            _TIME_LINE.match(following) and _is_above(lines[at], counter, lines[at - 1])
        ):
            below.append(lines[at])
        elif below or _TIME_LINE.match(following):
            return at + 1, below
        at += 1
    return at, below


def _is_above(line: str, counter: int | None, before: str) -> bool:
    """Does a line right above a time line belong to that one, rather than to the cue before?"""
    if _COUNTER.fullmatch(line):
        return not before.strip() or (counter is not None and line.strip() == str(counter + 1))
    return bool(_WEBEX.fullmatch(line) or _IDENTIFIER.fullmatch(line))


def _times(line: str) -> tuple[int, int] | None:
    """Start and end of a time line, None for what cannot be."""
    match = _TIMES.fullmatch(line)
    if match is None:
        return None
    start_ms, end_ms = _ms(match.groups()[:4]), _ms(match.groups()[4:])
    return (start_ms, end_ms) if start_ms <= end_ms else None


def _ms(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds = (int(part or 0) for part in parts[:3])
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + int((parts[3] or "").ljust(3, "0"))


def _without_repeats(blocks: Sequence[_Block]) -> list[_Block]:
    """The cues of captions that roll, each without what the one before shows already (D-218)."""
    words = [_words(block) for block in blocks]
    repeated = [_overlap(one, other) for one, other in pairwise(words)]
    rolls = sum(n >= _LEAST_REPEATED for n in repeated)
    timed = any(_INLINE_TIME.search(line) for block in blocks for line in block.below)
    if not timed and (rolls < _LEAST_REPEATED or rolls < _ROLLING * len(repeated)):
        return list(blocks)
    fresh = [words[0], *(one[n:] for one, n in zip(words[1:], repeated, strict=True))]
    return [
        replace(block, below=(" ".join(left),)) for block, left in zip(blocks, fresh, strict=True)
    ]


def _words(block: _Block) -> list[str]:
    return _TAG.sub("", " ".join(block.below)).split()


def _overlap(before: Sequence[str], after: Sequence[str]) -> int:
    """How many words both end the one cue and begin the other."""
    most = min(len(before), len(after), _MOST_REPEATED)
    return next((n for n in range(most, 0, -1) if before[-n:] == after[:n]), 0)


# --- who says it --------------------------------------------------------------------------------


def _pieces(blocks: Sequence[_Block]) -> list[tuple[_Block, list[_Piece]]]:
    """What each participant says of each cue, in the one way that the file has of naming."""
    if any(_WEBEX.fullmatch(block.above) for block in blocks):
        return [(block, [_webex(block)]) for block in blocks]
    if any(_VOICE.search(line) for block in blocks for line in block.below):
        return [(block, list(_voices(" ".join(block.below)))) for block in blocks]
    names = _prefixes(blocks)
    return [(block, list(_prefixed(block, names))) for block in blocks]


def _webex(block: _Block) -> _Piece:
    """The participant is above the time line: `12 "Prénom Nom" (3816592896)`."""
    match = _WEBEX.fullmatch(block.above)
    return _Piece(match[1] if match else None, " ".join(block.below))


def _voices(text: str) -> Iterator[_Piece]:
    """The participants are voice tags: `<v Prénom Nom>texte</v>`, one or several of a cue."""
    before, *named = _VOICE.split(text)
    if before.strip():
        yield _Piece(None, before)
    for name, said in zip(named[::2], named[1::2], strict=True):
        own, _, after = said.partition("</v>")
        yield _Piece(name, own)
        if after.strip():
            yield _Piece(None, after)


def _prefixes(blocks: Sequence[_Block]) -> frozenset[str]:
    """The names that stand before a colon: `Prénom Nom: texte`.

    Where nearly every cue has one (Zoom), any prefix of a cue is a name. Elsewhere a colon may
    belong to the text ("il faut dire ceci : …"), so only capitalised words are taken for a name.
    """
    lines = [line for block in blocks for line in block.below]
    firsts = (_PREFIX.match(block.below[0]) for block in blocks if block.below)
    first = [match[1] for match in firsts if match]
    every = (match[1] for line in lines if (match := _PREFIX.match(line)))
    sure = (name for name in every if _FULL_NAME.fullmatch(name))
    return frozenset((*sure, *(first if len(first) >= _NEARLY_ALL * len(blocks) else ())))


def _prefixed(block: _Block, names: frozenset[str]) -> Iterator[_Piece]:
    name: str | None = None
    said: list[str] = []
    for line in block.below:
        match = _PREFIX.match(line)
        if match and match[1] in names:
            if said or name:
                yield _Piece(name, " ".join(said))
            name, said = match[1], [line[match.end() :]]
        else:
            said.append(line)
    yield _Piece(name, " ".join(said))


def _parted(block: _Block, pieces: Sequence[_Piece]) -> Iterator[Subtitle]:
    """What each participant says, with a share of the cue's time by the length of their words."""
    texts = [unescaped(_TAG.sub(" ", piece.text)).strip() for piece in pieces]
    whole, at = max(1, sum(map(len, texts))), block.start_ms
    for piece, text in zip(pieces, texts, strict=True):
        last = piece is pieces[-1]
        lasts = (block.end_ms - block.start_ms) * len(text) // whole
        end = block.end_ms if last else min(block.end_ms, at + lasts)
        yield Subtitle(at, end, tidy_name(piece.name or "") or None, " ".join(text.split()))
        at = end


def tidy_name(name: str) -> str:
    """A participant's name without what platforms put after it; "" for nobody in particular.

    >>> [tidy_name(one) for one in ("Girard Anne (EXT)", "Unknown", "@1", "Salle&nbsp;2")]
    ['Girard Anne', '', '', 'Salle 2']
    """
    tidy = " ".join(unescaped(name).split())
    if len(tidy) > _LONGEST_NAME:
        return ""
    while found := _BADGE.search(tidy):
        tidy = tidy[: found.start()]
    return "" if _NOBODY.fullmatch(fold(tidy)) else tidy
