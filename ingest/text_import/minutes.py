"""Minutes and transcripts in plain text or Markdown: who speaks, by the lines that say so.

Knows the ways in which French minutes announce a speaker ("M. Rochat (PLR) : ...", "Mme Fontanet.
...", "**La présidente.**", "Intervention de ...") and number the points of the agenda. What is
not clearly someone's speech has no speaker: "M. Rochat estime que ..." is the minute taker's.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ingest.errors import BadInput
from ingest.french_dates import FOLDED_MONTHS
from ingest.text import fold
from ingest.text_import.clocks import UNKNOWN, without_clocks
from ingest.text_import.document import Document, Entry, TextParagraph, TextPoint, blocks, object_in
from ingest.text_import.speaker_names import NAMES, OFFICE, WITH_TITLE, is_heading
from ingest.transcript import Person

_LONGEST_TITLE = 250  # characters
_OFTEN = 2  # a bare name before a colon is a speaker's when it is there so many times

_BOLD = r"(?:\*\*|__)?"
_GROUP = r"(?: ?\((?P<group>[^()]{1,60})\))?"
_ROLE = rf"(?:, (?P<role>(?:{OFFICE}|membre|adjointe?)[^.,:()]{{0,60}}))?"
_WHO = rf"(?:#{{1,6}} )?{_BOLD}(?P<who>{WITH_TITLE}){_ROLE}{_GROUP}{_BOLD}"
_REST = rf"{_BOLD}(?:\s+|$)(?P<rest>.*)"
_MARK = re.compile(rf"{_WHO}(?: ?:| ?\.(?!\w)(?: ?[–—-](?= ))?| [–—-](?= )){_REST}")
_ALONE = re.compile(rf"{_WHO}")
_BARE = re.compile(rf"{_BOLD}(?P<who>{NAMES}){_ROLE}{_GROUP}{_BOLD} ?:{_REST}")
_INTERVENTION = re.compile(
    rf"(?:#{{1,6}} )?{_BOLD}(?:Intervention|Prise de parole|Réponse|Déclaration|Allocution)"
    rf"(?: ?:| de| du)? (?P<who>{WITH_TITLE}|{NAMES}){_ROLE}{_GROUP}{_BOLD}\s*[.:]?{_BOLD}"
)
_MARKDOWN = re.compile(r"#{1,6}\s+(?P<title>.+)")
_NUMBERED = re.compile(
    r"(?:(?:Point|Objet)\s+)?(?:[Nn][°o]\s*)?(?P<number>\d{1,3}(?:\.\d{1,2}){0,2})"
    r"\s*[.):–—-]+\s+(?P<title>[A-ZÀ-Þ«].+)"
)
_OF_THE_AGENDA = re.compile(
    r"Proposition|Projet|Motion|Pétition|Résolution|Interpellation|Question|Initiative"
)
# What a minute taker reports in between: no one's speech.
_TOLD = re.compile(
    r"[(\[].*[)\]]|[*_][^*_].*[^*_][*_]|(?:Mise?s? aux voix|Au vote\b|(?:Résultat du )?[Vv]ote ?:"
    r"|(?:La séance est|Séance) (?:levée|suspendue|close)).*"
)
_ITEM = re.compile(r"(?:\d{1,2}[.)]|[-•–*])\s+\S")
_ASIDE = re.compile(r"[(\[*_].*")
_REPORTED = re.compile(rf"{WITH_TITLE}(?: ?\([^()]{{1,60}}\))? (?:[a-zà-ÿ]|n['’]|s['’])")
# Verbs of reported speech, in the present of minute takers; in speeches the past is usual.
_TELLS = re.compile(
    rf"{WITH_TITLE}(?: ?\([^()]{{1,60}}\))?(?:, [^,.:]{{1,60}},)?"
    r" (?:ne |n['’]|se |s['’]|lui |leur |y |en )?(?:admet|affirme|aimerait|ajoute|annonce|clôt"
    r"|confirme|considère|constate|craint|déclare|demande|désire|donne|estime|étonne|évoque|excuse"
    r"|explique|exprime|félicite|indique|informe|insiste|interroge|intervient|invite|lève|lit|met"
    r"|oppose|ouvre|passe|pense|précise|prend|présente|prie|propose|quitte|rappelle|reconnaît"
    r"|regrette|relève|remercie|répond|revient|salue|signale|souhaite|soulève|souligne|soutient"
    r"|suggère|trouve|voudrait)\b"
)
_FIRST_PERSON = re.compile(r"\b(?:je|j['’]|nous|notre|nos|mon|ma|mes|moi|me|m['’])", re.IGNORECASE)
_Number = tuple[int, ...]
_FIRST_PAGE = 15  # blocks in which minutes tell of which day they are
_OF_DAY = re.compile(
    r"\b(?:seance|reunion|assemblee|proces-verbal)\b[^.]{0,80}?\b(?P<day>\d{1,2})(?:er)?"
    rf" (?P<month>{'|'.join(FOLDED_MONTHS)}) (?P<year>(?:19|20)\d{{2}})\b"
)


@dataclass(frozen=True)
class _Heading:
    """What may be a point of the agenda. `order` None: a heading in Markdown, which surely is."""

    order: _Number | None
    point: TextPoint


def read(name: str, text: str, digest: str) -> Document:
    """The paragraphs of minutes, in order, with their speakers and points. `name` is the file's."""
    plain, clocked = without_clocks(text)
    found = list(blocks(plain))
    if not found:
        raise BadInput(f"« {name} » ne contient aucun texte.")
    points, day = _points(found), _day(found)
    title = None
    if 0 in points and points[0].number is None:
        title = points[0].title
        found[0], points = (), {at: point for at, point in points.items() if at}
    entries = tuple(_entries(found, points, _bare_names(found) | clocked))
    return Document(digest, name, entries, title=title, day=day)


def _day(found: Sequence[tuple[str, ...]]) -> date | None:
    """The day that the head of minutes tells: "Séance du mardi 14 mai 2024"."""
    told = _OF_DAY.search(fold(" ".join(line for block in found[:_FIRST_PAGE] for line in block)))
    try:
        return told and date(
            int(told["year"]), FOLDED_MONTHS.index(told["month"]) + 1, int(told["day"])
        )
    except ValueError:  # the 31st of a month that has none
        return None


# --- who speaks -------------------------------------------------------------------------------


def _entries(
    found: Sequence[tuple[str, ...]], points: Mapping[int, TextPoint], known: set[str]
) -> Iterator[Entry]:
    """Points and paragraphs, these with who has the floor: none once a point is taken up.

    `known` are names that stand before a colon without a title.
    """
    reports = _is_report(found)
    speaker: Person | None = None
    for at, block in enumerate(found):
        if at in points:
            speaker = None
            yield points[at]
            continue
        for line, mark in _parts(block, known):
            speaker = _person(mark) if mark else speaker
            reported = not mark and (_TOLD.fullmatch(line) or _is_reported(line, reports))
            if line:
                yield TextParagraph(line, None if reported else speaker)
            if reported and not _ASIDE.match(line):
                speaker = None


def _bare_names(found: Sequence[tuple[str, ...]]) -> set[str]:
    """Names that stand before a colon often enough, or with a group, to be speakers'."""
    marks = [mark for block in found for line in block if (mark := _BARE.match(line))]
    marks = [mark for mark in marks if not is_heading(mark["who"])]
    often = Counter(mark["who"] for mark in marks if not mark["rest"][:1].isdigit())
    return {m["who"] for m in marks if m["group"]} | {
        who for who, times in often.items() if times >= _OFTEN and (" " in who or who.isupper())
    }


def _is_reported(line: str, reports: bool) -> bool:
    """Is a paragraph reported speech? `reports`: so is most of these minutes, which quote little.

    Where speeches are quoted, a paragraph that says "je" is one, even if it begins with a name.
    """
    if reports:
        return bool(_REPORTED.match(line) or _TELLS.match(line))
    return bool(_TELLS.match(line)) and not _FIRST_PERSON.search(line)


def _is_report(found: Sequence[tuple[str, ...]]) -> bool:
    """Do these minutes tell what was said ("M. Rochat estime que") rather than quote it?"""
    lines = [block[0] for block in found if block]
    reported = sum(1 for line in lines if _REPORTED.match(line))
    return reported > sum(1 for line in lines if _MARK.match(line))


def _parts(block: Sequence[str], known: set[str]) -> Iterator[tuple[str, re.Match[str] | None]]:
    """A block's lines put together, parted where another person begins to speak."""
    items = sum(1 for line in block if _ITEM.match(line))
    lines: list[str] = []
    begun: re.Match[str] | None = None
    for line in block:
        mark = _mark(line, known)
        listed = items > 1 and _ITEM.match(line)
        if mark is None and not listed:
            lines.append(line)
            continue
        if lines or begun:
            yield " ".join(lines), begun
        if mark is None:
            begun, lines = None, [line]
            continue
        rest = mark.groupdict().get("rest")
        begun, lines = mark, [rest] if rest else []
    yield " ".join(lines), begun


def _mark(line: str, known: set[str]) -> re.Match[str] | None:
    """The match of a line that gives a person the floor."""
    if mark := _MARK.match(line) or _INTERVENTION.fullmatch(line):
        return mark
    if line.startswith(("#", "**", "__")) and (mark := _ALONE.fullmatch(line)):
        return mark
    bare = _BARE.match(line)
    return bare if bare and bare["who"] in known else None


def _person(mark: re.Match[str]) -> Person | None:
    if mark["who"] == UNKNOWN:
        return None
    return Person(mark["who"], (mark["role"] or "").strip(), (mark["group"] or "").strip())


# --- points of the agenda ---------------------------------------------------------------------


def _heading(block: Sequence[str]) -> _Heading | None:
    """A block that stands alone as a heading does: short, numbered or marked as one."""
    text = " ".join(block)
    if _mark(text, set()) or sum(1 for line in block if _ITEM.match(line)) > 1:
        return None
    marked = _MARKDOWN.fullmatch(text)
    bare = (marked["title"] if marked else text).replace("**", "").replace("__", "").strip("# ")
    numbered = _NUMBERED.fullmatch(bare)
    title = numbered["title"] if numbered else bare
    if len(bare) > _LONGEST_TITLE or not (marked or numbered):
        return None
    named = object_in(title)
    if marked or not numbered:
        return _Heading(None, TextPoint(title, numbered["number"] if numbered else None, named))
    if title.endswith((".", ";", ",", "!", "?", ":")) and not (
        named or _OF_THE_AGENDA.match(title)
    ):
        return None
    order = tuple(int(part) for part in numbered["number"].split("."))
    return _Heading(order, TextPoint(title, numbered["number"], named))


def _points(found: Sequence[tuple[str, ...]]) -> dict[int, TextPoint]:
    """The blocks, by place, that are points of the agenda; other headings are text.

    A list is text: what the first page lists, or a speech after a colon. Numbers of points grow,
    and of two headings with one number, the one that names an object is the point.
    """
    headings = {at: heading for at, block in enumerate(found) if (heading := _heading(block))}
    numbered: dict[int, _Heading] = {}
    for at, heading in headings.items():
        before = headings.get(at - 1)
        listed = before and before.order and at - 1 not in numbered
        colon = at > 0 and not before and found[at - 1] and found[at - 1][-1].endswith(":")
        if heading.order and not listed and not colon:
            numbered[at] = heading
    objects = {h.order for h in numbered.values() if h.point.object}
    orders = {
        at: heading.order
        for at, heading in numbered.items()
        if heading.order and (heading.point.object or heading.order not in objects)
    }
    growing = set(_growing(orders))
    return {at: h.point for at, h in headings.items() if h.order is None or at in growing}


def _growing(numbered: Mapping[int, _Number]) -> Iterator[int]:
    """Places of the longest run of numbers that grow, last one first."""
    ends: list[_Number] = []
    last: list[int] = []  # place of the number that ends a run of each length
    before: dict[int, int | None] = {}
    for at, number in numbered.items():
        length = bisect_left(ends, number)
        before[at] = last[length - 1] if length else None
        ends[length : length + 1], last[length : length + 1] = [number], [at]
    place = last[-1] if last else None
    while place is not None:
        yield place
        place = before[place]
