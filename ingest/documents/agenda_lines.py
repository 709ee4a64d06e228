"""The points of an agenda that is written in lines, as a convocation is.

Knows numbers, hours, bullets and object codes as they are written, titles that go on in the next
line, and what of a convocation is no point: its head, the room, the page's number. What was left
out is told, so that a clerk can judge.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import time

from ingest.documents.agenda import KINDS
from ingest.documents.in_camera import is_marked, marked, unmarked
from ingest.documents.roster import LONGEST_CELL
from ingest.errors import BadInput, shown
from ingest.french_dates import FOLDED_MONTHS, WEEKDAYS
from ingest.text import fold
from ingest.transcript import AgendaItem

MOST_ITEMS = 300
"""Points of an agenda: each is looked for in every sentence; the longest that we saw had 104."""
_LONGEST_TITLE = 2_000  # motions that are quoted in full as their own title have 700


@dataclass(frozen=True)
class AgendaPoint:
    """A point as it was understood; `hour` is when the convocation has it begin, if it says so."""

    item: AgendaItem
    hour: time | None = None


@dataclass(frozen=True)
class Understood:
    """What was read of an agenda: its points, and the lines that were taken for none."""

    points: tuple[AgendaPoint, ...]
    left_out: tuple[str, ...] = ()

    @property
    def items(self) -> tuple[AgendaItem, ...]:
        """The points, as a session keeps them."""
        return tuple(point.item for point in self.points)


def check_point_count(source: str, count: int) -> None:
    """Raise `BadInput` for more points than an agenda has."""
    if count > MOST_ITEMS:
        raise BadInput(
            f"« {source} » a {count} points, {MOST_ITEMS} au plus : ne gardez que ceux de la"
            " séance."
        )


def checked(item: AgendaItem, where: str) -> AgendaItem:
    """The item. Raises `BadInput` that names `where` if one of its texts is too long to be one."""
    given = (
        (item.number, LONGEST_CELL),
        (item.title, _LONGEST_TITLE),
        (item.object, LONGEST_CELL),
    )
    for text, longest in given:
        if text and len(text) > longest:
            raise BadInput(
                f"{where} « {shown(text)}… » a plus de {longest} signes : raccourcissez-le."
            )
    return item


# --- lines ---------------------------------------------------------------------------------

_NUMBER = r"\d{1,4}(?:[.-]\d{1,4}){0,4}(?: ?(?:bis|ter|quater)\b|[a-z](?!\w))?"
_CALLED = r"(?:(?:point|objet|affaire|d[ée]lib[ée]ration)\s++)?(?:n(?:[°o]|um[ée]ro)\s*+)?"
# "3.2) ", "3bis. ", "Point n° 4 : ", "(5) ", "IV. ", "a) ", "1° ", "1;", but not "M. Rey"
_MARKED = re.compile(
    rf"\(?{_CALLED}(?P<number>{_NUMBER}|(?!m\.)[a-z]|(?-i:[IVXL]{{1,6}}))\s*+"
    r"(?:(?<=\d)°[).]?\s++|\)?\s*+(?:[.):;/–—-]++\s*+(?=\D)|[.):;–—-]++\s++))(?P<rest>\S.*)",
    re.IGNORECASE,
)
_CALLED_BARE = re.compile(
    rf"(?:(?:point|objet)\s++(?:n[°o]\s*+)?|n[°o]\s*+)(?P<number>{_NUMBER})\s++(?P<rest>\S.*)",
    re.IGNORECASE,
)
_BARE = re.compile(rf"(?P<number>{_NUMBER})(?P<gap>[ \t]++)(?P<rest>[A-ZÀ-Þ«\"“\d].*)")
_CLOCK = r"\d{1,2}\s?(?:h\s?(?:[0-5]\d)?|:[0-5]\d)(?!\w)"
HOUR = re.compile(
    r"\(?(?:[àa]\s)?(?P<h>[01]?\d|2[0-3])\s?(?:h\s?(?P<m>[0-5]\d)?|:(?P<n>[0-5]\d))(?!\w)"
    rf"(?:\s?[-–—à/]\s?{_CLOCK})?\)?\s?(?:[-–—:.,|]\s?)?",
    re.IGNORECASE,
)
# "(18h30)", or 18h30 in a column of its own: not "visite à 18h30".
_LAST_HOUR = re.compile(
    r"(?:[(\[]|(?<!à) (?<!\ba )(?<!\bde )(?<!\bdès )(?<!\bvers )(?<!\bavant )(?<!\baprès )"
    r"(?<!\bet )(?<!\bou )(?<![-–] ))"
    r"(?P<h>[01]?\d|2[0-3])\s?(?:h\s?(?P<m>[0-5]\d)?|:(?P<n>[0-5]\d))"
    rf"(?:\s?[-–—à/]\s?{_CLOCK})?[)\]]?$"
)
# Signs that Word, PDFs and people put before a point; "o", "§", "Ø"... are what its fonts become.
_BULLET = re.compile(
    r"(?:[•‣⁃*·§\u2190-\u21ff\u25a0-\u27bf\u2b00-\u2bff\ue000-\uf8ff]\s*+|[-–—o]\s++"
    r"|[Øüqvnl]\s++(?=[A-ZÀ-Þ«])|[-–—](?=[^\W\d]))(?=\S)"
)
_CODE = re.compile(rf"\b({'|'.join(sorted(KINDS, key=len, reverse=True))})\s?-?\s?(\d{{1,5}})\b")
_EMPTY = re.compile(r"[(\[]\s{0,9}[)\]]")
_LONGEST = 500  # characters: a longer line is a paragraph of the convocation
_FULL_LINE, _LONG_LINE = 50, 30  # characters: what such a line says may go on in the next one
_UNFINISHED = re.compile(
    r"(?:[-,'’]|\b(?:de|du|des|d|la|le|les|l|et|ou|à|a|au|aux|pour|par|sur|en|un|une|avec|dans"
    r"|contre|entre|sous|vers|chez))$"
)
_DAY = (
    rf"(?:(?:{'|'.join(WEEKDAYS)}),? )?(?:le )?(?:\d{{1,2}}(?:er)? (?:{'|'.join(FOLDED_MONTHS)})"
    r" (?:19|20)\d\d|\d{1,2}[./]\d{1,2}[./](?:19|20)\d\d|(?:19|20)\d\d-\d\d-\d\d)"
)
# What a convocation says around its points, folded: its title, its day, details, pages (D-216).
_AROUND = re.compile(
    r"(?:projet d')?ordre du jour(?: (?:de|du|pour|provisoire|definitif)\b.{0,200})?[ :.]{0,9}"
    rf"|(?:(?:seance|reunion|assemblee|convocation|conseil)\b[^:]{{0,60}}? |[a-z' -]{{2,30}}, )?"
    rf"(?:(?:du|de|le|au|pour le) )?{_DAY}(?:(?:,| a| des| -) ?.{{0,80}})?\.?"
    r"|(?:lieu|salle|date|heure|horaire|duree|rapporteure?s?|rapporteuse|annexes?|documents?|pieces?"
    r"|pieces? jointes?|presidence|secretariat|destinataires?|copies?|tel|telephone) ?:.{0,200}"
    r"|(?:page |p\. ?)?\d{1,3} ?(?:/|sur) ?\d{1,3}|page \d{1,3}|- ?\d{1,3} ?-|[-_=*. ]{3,200}"
    r"|veuillez .{0,200}|(?:le|la) (?:maire|presidente?|secretaire)(?:,.{0,60})?"
)
# The same, above the first point alone: further down these may be points.
_ABOVE = re.compile(
    r"(?:salle|aula|hotel de ville|mairie)\b[^:]{0,80}|convocation\b.{0,80}"
    r"|(?:ville|commune|mairie|canton|republique|prefecture|departement|conseil)"
    r" (?:de|du|d'|des|et|municipal|communal|general|departemental|regional)"
    r"[^:]{0,80}"
    r"|(?:madame|monsieur|mesdames|messieurs|cheres?|chers?)\b.{0,80},"
)
_DETAIL = re.compile(
    r"(?:rapporteure?s?|rapporteuse)\b.{0,200}"
    r"|(?:annexes?|documents?|pieces?|duree)\b ?(?:n|\d|:|joint).{0,200}"
)
# What heads the columns of a table whose cells are words of a line.
_HEADS = re.compile(
    r"(?:(?:n°?|no|numero|objets?|titre|intitule|sujet|points?|heure|horaire|duree|rapporteur|orateur"
    r"|rapporteuse|annexes?|documents?|remarques|service|dicastere)(?: |$)){2,9}"
)
# A line that heads the points below it as in camera, folded and without its mark ("Séance à huis
# clos", "Partie non publique"), and one after which points are public again.
_SECTION = re.compile(
    r"(?:(?:seance|partie|points?|objets?|deliberations?|affaires?|section|traitee?s?|le|la|les|en|a"
    r"|au|du|de)(?: |$))*+"
)
_REOPENS = re.compile(
    r"(?:fin|levee) du huis clos\b|(?:seance|partie|points?|objets?|reprise|retour)\b[^:]{0,40}"
    r"\bpubli(?:que|c)s?\b"
)
_OPENS = re.compile(r"(?:projet d')?ordre du jour\b.{0,200}")


@dataclass(frozen=True)
class _Line:
    """A line of an agenda, parted into its number, its hour and its words.

    `bullet` is whether a sign stood before it, `joined` whether no blank line did, `indented`
    whether it is set in.
    """

    place: int
    text: str
    number: str = ""
    hour: time | None = None
    bullet: bool = False
    joined: bool = True
    indented: bool = False

    @property
    def marked(self) -> bool:
        """Does it begin as a point of a list does?"""
        return bool(self.number or self.hour or self.bullet)


def read_lines(text: str, source: str) -> Understood:
    """The points of a text's lines, and the lines that are none; `source` is what errors say."""
    lines = list(_parted(text, source))
    listed = sum(line.marked for line in lines) > 1
    begun = next((at for at, line in enumerate(lines) if _OPENS.fullmatch(fold(line.text))), -1)
    points: list[_Line] = []
    left_out: list[str] = []
    closed = False
    for at, given in enumerate(lines):
        closed = _heads_closed(given) or (closed and not _reopens(given))
        line = replace(given, text=marked(given.text)) if closed and given.marked else given
        before, folded = points[-1] if points else None, fold(line.text)
        if before and len(before.text) + len(line.text) > _LONGEST_TITLE:
            before = None  # what is so long goes on no more
        headed = at < begun and not lines[begun].marked
        dated = _has_hour_alone(line) and (headed or _is_around(folded))
        above = dated or (not points and _ABOVE.fullmatch(folded))
        if _HEADS.fullmatch(folded):
            left_out.append(line.text)
        elif before and line.joined and not line.marked and _only_closes(line.text):
            points[-1] = replace(before, text=marked(before.text))
        elif (line.marked and not above) or (is_marked(line.text) and listed):
            points.append(line)
        elif before and line.joined and _UNFINISHED.search(before.text.lower()):
            points[-1] = _longer(before, line)
        elif at <= begun or above or _AROUND.fullmatch(folded):
            left_out.append(line.text)
        elif before and _goes_on(before, line, listed):
            points[-1] = _longer(before, line)
        elif listed and not _may_be_point(line, bool(points)):
            left_out.append(line.text)
        else:
            points.append(line)
    check_point_count(source, len(points))
    return Understood(tuple(_numbered(points)), tuple(left_out))


def _parted(text: str, source: str) -> Iterator[_Line]:
    """The lines that are not blank. Numbers without a mark count where they go on with others."""
    raw = [line.rstrip() for line in text.splitlines()]
    bare = [_bare_of(line.strip()) for line in raw]
    marks = (_MARKED.match(line) or _BARE.match(line) for line in bare)
    numbers = frozenset(_first(match) for match in marks if match)
    blank = True
    for place, line in enumerate(raw, 1):
        if line:
            tidy = " ".join(line.split())
            if len(tidy) > _LONGEST:
                raise BadInput(
                    f"« {source} », ligne {place} : « {tidy[:40]}… » est trop longue pour un"
                    " titre ; écrivez un point par ligne."
                )
            indented = line[0].isspace()
            read = _line(line.strip(), place, numbers)
            yield replace(read, joined=not blank, indented=indented)
        blank = not line


def _bare_of(line: str) -> str:
    """A line without the sign before it."""
    found = _BULLET.match(line)
    return line[found.end() :] if found else line


def _first(found: re.Match[str]) -> int:
    """The number that a point's number begins with; 0 for a letter."""
    digits = re.match(r"\d{1,4}", found["number"])
    return int(digits[0]) if digits else 0


def _line(raw: str, place: int, numbers: frozenset[int]) -> _Line:
    rest = rest_of = _bare_of(raw)
    number, hour = "", None
    for _ in range(2):  # "18h30 1. Ouverture", "1. 18h30 Ouverture"
        if hour is None and (said := HOUR.match(rest)) and said.end() < len(rest):
            hour, rest = hour_of(said), rest[said.end() :]
        if not number and (match := _number(rest, numbers)):
            number, rest = " ".join(match["number"].split()), match["rest"]
    words = " ".join(rest.split()).rstrip(";")
    if hour is None and (said := _LAST_HOUR.search(words)) and said.start():
        hour, words = hour_of(said), words[: said.start()].rstrip()
    return _Line(place, words, number, hour, bullet=rest_of != raw)


def _number(text: str, numbers: frozenset[int]) -> re.Match[str] | None:
    """The number before a title. Without a mark, "14 Juillet" and "20 ans" have none."""
    if found := _MARKED.match(text) or _CALLED_BARE.match(text):
        return found
    bare = _BARE.match(text)
    if bare is None or fold(bare["rest"]).split(" ")[0].rstrip(".,:") in FOLDED_MONTHS:
        return None
    first = _first(bare)
    apart = "\t" in bare["gap"] or len(bare["gap"]) > 1 or not bare["number"].isdecimal()
    follows = first == 1 or first - 1 in numbers or first + 1 in numbers
    titled = not bare["rest"][0].isdigit() or HOUR.match(bare["rest"])
    return bare if apart or (follows and titled) else None


def hour_of(found: re.Match[str]) -> time:
    """The hour that `HOUR` found."""
    return time(int(found["h"]), int(found["m"] or found["n"] or 0))


def _has_hour_alone(line: _Line) -> bool:
    """Is an hour all that marks a line, as it marks "Séance du 8 avril 2025, 20 h 30"?"""
    return line.hour is not None and not line.number and not line.bullet


def _is_around(folded: str) -> bool:
    """Is what is left of a line without its hour said around the points? Its title may be one."""
    return not _OPENS.fullmatch(folded) and any(
        _AROUND.fullmatch(text) for text in (folded, folded.rstrip(" ,;:–—-"))
    )


def _heads_closed(line: _Line) -> bool:
    """Does a line without a mark head points as in camera?

    "(huis clos)" or "Huis clos" right below a point says so of that one alone.
    """
    if line.marked or line.text.startswith(("(", "[")) or not is_marked(line.text):
        return False
    below = _only_closes(line.text) and line.joined and not line.text.isupper()
    rest = " ".join(unmarked(line.text).split())
    return not (below or _reopens(line)) and bool(_SECTION.fullmatch(rest))


def _reopens(line: _Line) -> bool:
    """Does a line without a mark head points as public?"""
    found = None if line.marked else _REOPENS.match(fold(line.text))
    return found is not None and (found[0].endswith("clos") or not is_marked(line.text))


def _only_closes(text: str) -> bool:
    """Does a line say nothing but that the point above it is in camera: "(huis clos)"?"""
    return is_marked(text) and not re.search(r"\w", unmarked(text))


def _goes_on(before: _Line, line: _Line, listed: bool) -> bool:
    """Is a line without a mark the end of the title before it, which was wrapped?"""
    if _DETAIL.fullmatch(fold(line.text)):
        return False
    if line.text[:1].islower():
        return listed or len(before.text) >= _LONG_LINE
    full = len(before.text) >= _FULL_LINE or line.text[:1] in "(«"
    inside = line.indented and not before.indented
    return line.joined and listed and (full or inside) and not line.text.isupper()


def _longer(before: _Line, line: _Line) -> _Line:
    """A title with its second line: a word that was cut in two is whole again."""
    text, more = before.text, line.text
    cut = text[-2:-1].isalpha() and text.endswith("-") and more[:1].islower()
    return replace(before, text=f"{text[:-1]}{more}" if cut else f"{text} {more}")


def _may_be_point(line: _Line, begun: bool) -> bool:
    """May a line without a mark be a point of a list whose others have one?"""
    if _DETAIL.fullmatch(fold(line.text)) or line.text.isupper():
        return False
    return begun or not line.text.endswith((",", ":", ".", ";"))


def _numbered(lines: Sequence[_Line]) -> Iterator[AgendaPoint]:
    """The points; those without a number get one that is free, below the one before."""
    taken = {line.number for line in lines if line.number}
    above, below = "0" if taken else "", 0
    for line in lines:
        number = line.number
        if number:
            above, below = number, 0
        while not number or (number in taken and number != line.number):
            below += 1
            number = f"{above}.{below}" if above else str(below)
        taken.add(number)
        title, code = parted_code(line.text)
        where = f"Ordre du jour, ligne {line.place} :"
        yield AgendaPoint(checked(AgendaItem(number, title, code), where), line.hour)


def parted_code(title: str) -> tuple[str, str | None]:
    """A title without its object's code where that stands apart, and the code."""
    found = _CODE.search(title)
    if found is None:
        return title, None
    code = f"{found[1]}-{int(found[2])}"
    without = _EMPTY.sub("", title[: found.start()] + title[found.end() :])
    at_an_end = found.start() <= 1 or found.end() >= len(title) - 1
    tidy = " ".join(without.split()).strip(" :,;–—-")
    return (tidy if at_an_end and tidy else title), code
