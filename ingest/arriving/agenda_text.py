"""An agenda as a clerk has it at hand: lines pasted from the convocation, a CSV, or the JSON list.

Knows how lines number their points ("3.", "3)", "a)", "Point 3 :") and where the object's code
stands in them ("PR-12", "(M 414)"). Raises `BadInput` alone.
"""

import re

from ingest.agenda import KINDS
from ingest.errors import BadInput
from ingest.roster import MOST_AGENDA, agenda_of, check_item, check_items, table_of
from ingest.transcript import AgendaItem

SOURCE = "ordre du jour"
_NUMBERED = re.compile(
    r"(?:point\s++(?:n[°o]\s*+)?)?(?P<number>\d++(?:\.\d++)*+|[a-z]|[IVXL]+)"
    r"\s*+[.):–—-]++\s++(?P<rest>\S.*)",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^[-–—•*·]\s+")
_CODE = re.compile(rf"\b({'|'.join(sorted(KINDS, key=len, reverse=True))})\s?-?\s?(\d{{1,5}})\b")
_EMPTY = re.compile(r"[(\[]\s*[)\]]")
_NUMBER = ("number", "numéro", "numero", "n°", "no", "point")
_TITLE = ("title", "titre", "intitulé", "objet")  # "objet" is the title where nothing else is
_CODES = ("object", "code", "référence", "reference", "réf", "ref", "objet")
_LONGEST = 500  # characters: a longer line is a paragraph of the convocation


def read_agenda_text(text: str) -> tuple[AgendaItem, ...]:
    """The items of an agenda, however it is written; none for blank text."""
    MOST_AGENDA.check(len(text), SOURCE)
    tidy = text.strip("\ufeff \r\n\t")
    if not tidy:
        return ()
    items = agenda_of(tidy, SOURCE) if tidy[0] in "[{" else _table(tidy) or tuple(_lines(tidy))
    check_items(SOURCE, len(items))
    return items


def _table(text: str) -> tuple[AgendaItem, ...]:
    """The items of a CSV with a head that names a title; none where there is no such head."""
    if not any(mark in text.splitlines()[0] for mark in ",;\t"):
        return ()
    first = re.split(r"[,;\t]", text.splitlines()[0].lower())
    if not {cell.strip(' "') for cell in first} & set(_TITLE):
        return ()
    (_, head), *rows = table_of(text, SOURCE)
    names = [cell.lower() for cell in head]
    places = [_place(names, wanted) for wanted in (_NUMBER, _TITLE, _CODES)]
    items = []
    for place, (line, cells) in enumerate(rows, 1):
        number, title, told = (cells[at] if 0 <= at < len(cells) else "" for at in places)
        code = told if told != title else ""
        if not title:
            raise BadInput(f"Ordre du jour, ligne {line} : le titre du point manque.")
        item = AgendaItem(number or str(place), title, code or _code(title)[1])
        items.append(check_item(item, f"Ordre du jour, ligne {line} :"))
    return tuple(items)


def _place(names: list[str], wanted: tuple[str, ...]) -> int:
    return next((names.index(name) for name in wanted if name in names), -1)


def _lines(text: str) -> list[AgendaItem]:
    items: list[AgendaItem] = []
    for at, raw in enumerate(text.splitlines(), 1):
        line = " ".join(_BULLET.sub("", raw.strip(), count=1).split())
        if not line:
            continue
        if len(line) > _LONGEST:
            raise BadInput(
                f"Ordre du jour, ligne {at} : « {line[:40]}… » est trop longue pour un titre ; "
                "écrivez un point par ligne."
            )
        numbered = _NUMBERED.fullmatch(line)
        rest = numbered["rest"] if numbered else line
        title, code = _code(rest)
        number = numbered["number"] if numbered else str(len(items) + 1)
        items.append(AgendaItem(number, title, code))
    return items


def _code(title: str) -> tuple[str, str | None]:
    """A title without its object's code where that stands apart, and the code."""
    found = _CODE.search(title)
    if found is None:
        return title, None
    code = f"{found[1]}-{int(found[2])}"
    without = _EMPTY.sub("", title[: found.start()] + title[found.end() :])
    at_an_end = found.start() <= 1 or found.end() >= len(title) - 1
    tidy = " ".join(without.split()).strip(" :,;–—-")
    return (tidy if at_an_end and tidy else title), code
