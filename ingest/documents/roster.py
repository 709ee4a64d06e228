"""Who may speak: the list of a body's members, as town halls keep it.

Knows the heads of columns that clerks write, and lists without any; the days from and until which
a membership holds, where the list has them. Two members of one name at one time are told apart by
their party. Does not know sessions, voices or databases. Raises `BadInput` alone.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum, auto
from pathlib import Path

from ingest.documents.office_files import read_document
from ingest.documents.text_files import Most, at_line, table_of
from ingest.errors import BadInput, shown
from ingest.french_dates import day_of_year, day_written
from ingest.text import fold
from ingest.transcript import Person
from ingest.written_names import is_first_name, read_name, surname_is_first, without_title

MOST_PEOPLE = 2_000
"""Each is compared with every name that is heard; the European Parliament has 720."""
LONGEST_CELL = 200  # characters of a name, a role, a group, a number or a code
_SEARCHED = 10  # lines before the head of a table: the city's name, a title, a date
_MOSTLY = 0.5  # of the second cells of a list without a head: then they are first names
_IS_ROLE = re.compile(
    r"\b(?:conseill|presiden|vice-|maire|adjoint|syndi|municipal|depute|senat|secretaire|greffi"
    r"|chancel|rapporteu|membre|elue?\b|suppleant|delegue|directeu|directric|chef|echevin|bourgmestre)"
)
HEAD = "Nom;Prénom;Fonction;Groupe"

# 20,000 lines of fifty signs: what the form takes of a list, and ten times what a list may hold.
MOST_ROSTER = Most(
    2**20, "une liste de membres", "ne gardez que les colonnes nom, fonction et groupe."
)


class _Column(Enum):
    """What a column holds; `IGNORED` is known, and of no use."""

    NAME = auto()
    SURNAME = auto()  # beside a column of first names
    FIRST = auto()
    ALSO = auto()
    ROLE = auto()
    GROUP = auto()
    SINCE = auto()
    UNTIL = auto()
    IGNORED = auto()


# Words that a head of each kind has, folded; the first kind that fits is meant.
_HEADS = (
    (_Column.SINCE, "debut|entree|depuis|assermentation|since|from"),
    (_Column.UNTIL, "fin|sortie|jusqu|until"),
    (_Column.IGNORED, "dates?|lieux?|annees?|ages?"),
    (_Column.ALSO, "naissance|jeune|nee?|autre|usage|also"),
    (_Column.FIRST, "prenoms?|first|given|vorname"),
    (_Column.GROUP, "partis?|groupes?|group|party|fraction|etiquette|nuance|formation|politique"
     "|liste|tendance|partei|fraktion"),
    (_Column.ROLE, "fonctions?|roles?|mandats?|qualite|charge|poste|titres?"),
    (_Column.IGNORED, "civilite|courriel|email|mail|telephone|tel|portable|adresse|presence"
     "|signature|numero|no|n"),
    (_Column.SURNAME, "famille|patronyme|last|surname|nachname"),
    (_Column.NAME, "noms?|name|membres?|elue?s?|conseillers?|conseilleres?|deputee?s?|personnes?"
     "|identite|intervenante?s?|participante?s?|orateurs?|oratrices?"),
)  # fmt: skip
_KINDS = tuple((kind, re.compile(rf"(?:{words})")) for kind, words in _HEADS)
_ALONE = {"du": _Column.SINCE, "des": _Column.SINCE, "au": _Column.UNTIL}
"""Heads of one word, which mean nothing of the kind beside others: "Liste des membres"."""
_SURE = re.compile(r"(?:noms?|name|prenoms?)")  # nobody is called so
_FILLING = re.compile(
    r"et|ou|de|du|des|d|la|le|les|l|au|en|complet|complete|municipale?|communale?|elu|parlementaire"
)
_ENDINGS = re.compile(r"[(·./-](?:e|s|es|ere|eres|trice|ne|rice)\b\)?")  # "Élu(e)", "Membre·s"
_LONGEST_HEAD = 60  # characters
_LONGEST_LINE = 500  # characters of a line that may be a head
_OF_PEOPLE = frozenset((_Column.FIRST, _Column.ROLE, _Column.GROUP))
_FEW_KNOWN = 0.25  # of the names hold a first name that is known: of people's, nearly all do
_NUMBERING = re.compile(r"^(?:\d{1,3}[.)]|[-–•*·])\s+")
_PRESENCE = re.compile(r"(?:(?:non )?excuse|absent|present)e?s?")  # no group
_NO_DAY = re.compile(r"[-.?]*|en (?:cours|fonction|charge)|(?:a|jusqu'a) ce jour|aujourd'hui")


@dataclass(frozen=True)
class Membership:
    """A person with role and party in a body, from one day until another, both included.

    A day is None where the list has none: the membership is not bounded on that side.
    """

    person: Person
    since: date | None = None
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        """Does it hold on that day?"""
        return (self.since or date.min) <= day <= (self.until or date.max)

    @property
    def is_dated(self) -> bool:
        """Has it a first or a last day?"""
        return self.since is not None or self.until is not None


def members_on(memberships: Sequence[Membership], day: date) -> tuple[Person, ...]:
    """The members on a day, in the list's order.

    Of two memberships of one name the later one tells role and party: a councillor who presides
    for a year.
    """
    latest: dict[str, Membership] = {}
    for one in memberships:
        known = latest.get(one.person.name)
        if one.holds_on(day) and (known is None or _begins(one) >= _begins(known)):
            latest[one.person.name] = one
    return tuple(one.person for one in latest.values())


def _begins(membership: Membership) -> date:
    return membership.since or date.min


@dataclass(frozen=True)
class _Table:
    """The rows of a list, the column of each field, and whether surnames come first in names."""

    source: str
    rows: Sequence[tuple[int, list[str]]]
    columns: dict[_Column, tuple[int, ...]]
    surname_first: bool | None = None

    def text(self, cells: Sequence[str], *kinds: _Column) -> str:
        """The first cell of these kinds that is not empty."""
        places = (at for kind in kinds for at in self.columns.get(kind, ()))
        return next((cells[at] for at in places if at < len(cells) and cells[at]), "")


def read_roster(path: Path, day: date | None = None) -> tuple[Person, ...]:
    """The people of a CSV, XLSX or other file with the head `HEAD` or without, in its order.

    The separator is `,`, `;` or a tab; all but the name may be missing; blank lines are skipped.
    Given a `day`, those whose membership holds on it.
    """
    text = read_document(path, MOST_ROSTER, table=True)
    return _people(_memberships(text, path.name), path.name, day)


def given_roster(text: str, day: date | None = None) -> tuple[Person, ...]:
    """The people of a list as it was typed, on a `day`: a CSV, with its head or without."""
    return _people(_memberships(text, "liste", headless=True), "liste", day)


def given_memberships(text: str) -> tuple[Membership, ...]:
    """The memberships of a list as it was typed, the days of which have to be readable."""
    return _memberships(text, "liste", headless=True, strict=True)


def _people(memberships: Sequence[Membership], source: str, day: date | None) -> tuple[Person, ...]:
    """Those of a list who are members on a day; None: all of them, each once."""
    if day is None:
        return tuple({one.person.name: one.person for one in memberships}.values())
    if people := members_on(memberships, day):
        return people
    raise BadInput(
        f"« {source} » n'a aucun membre le {day_of_year(day)} {day.year} : vérifiez les colonnes"
        " « du » et « au », ou la date de la séance."
    )


def _memberships(
    text: str, source: str, *, headless: bool = False, strict: bool = False
) -> tuple[Membership, ...]:
    """The memberships of such a file's text; `source` is what errors call it.

    A list without a head is one of names, roles and groups where its names are people's, or where
    it is `headless` by its kind. Days that cannot be read are wrong in a `strict` list, else none:
    a session's list may note hours there.
    """
    MOST_ROSTER.check(len(text), source)
    table = _table(table_of(text, source), source, headless)
    if len(table.rows) > MOST_PEOPLE:
        raise BadInput(
            f"« {source} » nomme {len(table.rows)} personnes, {MOST_PEOPLE} au plus : ne gardez que"
            " celles qui peuvent parler."
        )
    people = [
        (line, Membership(_person(table, line, cells), *_period(table, line, cells, strict)))
        for line, cells in table.rows
    ]
    if headless and _is_agenda([cells[0] for _, cells in table.rows], people):
        raise BadInput(
            f"« {source} » ne nomme pas des personnes, mais des points : est-ce l'ordre du jour ?"
        )
    if not people:
        raise BadInput(f"« {source} » ne nomme personne : ajoutez une ligne.")
    return tuple(_told_apart(people, source))


def looks_like_roster(line: str) -> bool:
    """Is a line the head of a list of members: with names, and first names, roles or groups?"""
    columns = _columns(re.split(r"[,;\t]", line[:_LONGEST_LINE])).keys()
    return _Column.NAME in columns and len(columns) > 1 and bool(columns & _OF_PEOPLE)


def _is_agenda(first: Sequence[str], people: Sequence[tuple[int, Membership]]) -> bool:
    """Are most lines numbered, as points are, and few of the names those of people?"""
    numbered = sum(1 for cell in first if cell[:1].isdigit())
    known = sum(any(map(is_first_name, one.person.name.split())) for _, one in people)
    return 2 * numbered >= len(people) > 1 and known <= _FEW_KNOWN * len(people)


def _are_people(rows: Sequence[Sequence[str]]) -> bool:
    """Do most rows of a file begin with the name of a person, as first names show?"""
    known = sum(any(map(is_first_name, " ".join(cells[:2]).split())) for cells in rows)
    return known > _MOSTLY * len(rows)


# --- columns ----------------------------------------------------------------------------------


def _table(rows: Sequence[tuple[int, list[str]]], source: str, headless: bool) -> _Table:
    """The list without its head. Raises `BadInput` where none tells the column of names."""
    for at, (_, cells) in enumerate(rows[:_SEARCHED]):
        columns = _columns(cells) if _is_head(cells) else {}
        if _Column.NAME in columns:
            first = next(cells[place] for place in columns[_Column.NAME])
            told = fold(first).startswith("nom") if "prenom" in fold(first) else None
            return _in_order(_Table(source, rows[at + 1 :], columns), told)
    if not rows:
        raise BadInput(f"« {source} » est vide : commencez la liste par {HEAD}.")
    if _is_head(rows[0][1]) or not (headless or _are_people([cells for _, cells in rows])):
        raise BadInput(
            f"{at_line(source, rows[0][0])} la colonne « Nom » manque (lu :"
            f" « {shown(', '.join(rows[0][1]))} ») : commencez la liste par {HEAD}."
        )
    columns = _usual_columns([cells for _, cells in rows])
    return _in_order(_Table(source, rows, columns), None)


def _in_order(table: _Table, told: bool | None) -> _Table:
    """The list with the order of its names: as they show themselves, else as its head has it."""
    names = (table.text(cells, _Column.NAME) for _, cells in table.rows)
    shown = surname_is_first(_NUMBERING.sub("", name, count=1) for name in names)
    return replace(table, surname_first=told if shown is None else shown)


def _is_head(cells: Sequence[str]) -> bool:
    """Does a row name columns, rather than a person: "Membre;Parti", not "Anne Rey;conseillère"?"""
    words = [_words(cell) for cell in cells if cell]
    known = [all(map(_is_known, of_cell)) for of_cell in words if of_cell]
    sure = any(
        _SURE.fullmatch(word) for cell in words if all(map(_is_known, cell)) for word in cell
    )
    return sure or 2 * sum(known) > len(known)


def _is_known(word: str) -> bool:
    return bool(_FILLING.fullmatch(word)) or any(known.fullmatch(word) for _, known in _KINDS)


def _words(head: str) -> list[str]:
    """The folded words of a head: none of what is too long to be one."""
    return re.findall(r"[a-z]+", _ENDINGS.sub("", fold(head[: _LONGEST_HEAD + 1])))


def _columns(head: Sequence[str]) -> dict[_Column, tuple[int, ...]]:
    """The columns that a head announces, by what they hold: none where it is no head."""
    found: dict[_Column, list[int]] = defaultdict(list)
    for at, cell in enumerate(head):
        if (kind := _kind(cell)) is not None:
            found[kind].append(at)
    if _Column.NAME not in found and _Column.SURNAME in found:
        found[_Column.NAME] = found.pop(_Column.SURNAME)
    used = [at for at in found[_Column.ALSO] if {"nom", "usage"} <= set(_words(head[at]))]
    if _Column.NAME not in found and used:  # "Nom d'usage" beside "Nom de naissance"
        found[_Column.NAME] = used[:1]
        found[_Column.ALSO].remove(used[0])
    return {kind: tuple(places) for kind, places in found.items() if places}


def _kind(head: str) -> _Column | None:
    """What a column of that head holds, None if it is none that is known."""
    words = _words(head)
    bare = [word for word in words if word not in ("date", "dates", "le")]
    if len(bare) == 1 and bare[0] in _ALONE:
        return _ALONE[bare[0]]
    if {"nom", "prenom"} <= set(words) or {"noms", "prenoms"} <= set(words):
        return _Column.NAME
    fits = (kind for kind, known in _KINDS if any(known.fullmatch(word) for word in words))
    return next(fits, None)


def _usual_columns(rows: Sequence[Sequence[str]]) -> dict[_Column, tuple[int, ...]]:
    """The columns of a list without a head: name, role, group, or surname and first name before.

    One column beside the names holds roles where most of its cells do, and else groups.
    """
    second = [cells[1].split() for cells in rows if len(cells) > 1 and cells[1]]
    given = sum(1 for words in second if is_first_name(words[0]))
    apart = bool(second) and given > _MOSTLY * len(second)
    names = (_Column.NAME, _Column.FIRST) if apart else (_Column.NAME,)
    beside = [cells[len(names)] for cells in rows if any(cells[len(names) :])]
    roles = sum(1 for cell in beside if not cell or _IS_ROLE.search(fold(cell)))
    alone = max(map(len, rows), default=0) == len(names) + 1
    is_role = not alone or roles > _MOSTLY * len(beside)
    order = (_Column.ROLE, _Column.GROUP) if is_role else (_Column.GROUP, _Column.ROLE)
    dated = any(day_written(cell) for cells in rows for cell in cells[len(names) + len(order) :])
    days = (_Column.SINCE, _Column.UNTIL) if dated else ()
    return {kind: (at,) for at, kind in enumerate((*names, *order, *days))}


# --- people -----------------------------------------------------------------------------------


def _person(table: _Table, line: int, cells: list[str]) -> Person:
    where = at_line(table.source, line)
    _check_width(table, where, cells)
    alone = len(table.columns) == 1 and len(cells) > 1  # "Baudin, Hélène" below the head "Nom"
    given = ", ".join(filter(None, cells)) if alone else table.text(cells, _Column.NAME)
    if not given:
        raise BadInput(f"{where} le nom manque : écrivez-le ou supprimez la ligne.")
    if long := next((text for text in cells if len(text) > LONGEST_CELL), None):
        raise BadInput(
            f"{where} « {shown(long)}… » a plus de {LONGEST_CELL} signes :"
            " vérifiez les guillemets et le séparateur."
        )
    first = table.text(cells, _Column.FIRST)
    given = _NUMBERING.sub("", given, count=1)
    written = read_name(given, first, surname_first=table.surname_first)
    if not written.name:
        raise BadInput(f"{where} « {shown(given)} » ne dit pas de nom : écrivez-le.")
    also = table.text(cells, _Column.ALSO)
    also = also if re.search(r"[^\W\d]", also) else ""  # "Né le" is a date
    other = read_name(also, "" if " " in also else first).name if also else written.also
    untitled = ["" if _is_title(cell) else cell for cell in cells]  # "Mme" is no role
    role = table.text(untitled, _Column.ROLE) or written.role
    group, bracket, name = table.text(cells, _Column.GROUP), written.bracket, written.name
    bracket = "" if _PRESENCE.fullmatch(fold(bracket)) else bracket
    if bracket and not group and not bracket[:1].islower():
        group = bracket
    elif bracket and fold(bracket) != fold(group):
        name = f"{name} ({bracket})"  # the clerk's own way to tell two people apart
    return Person(name, role, group, "" if other == name else other)


def _period(
    table: _Table, line: int, cells: list[str], strict: bool
) -> tuple[date | None, date | None]:
    """From and until which day a line holds. Raises `BadInput` where it ends before it begins."""
    where = at_line(table.source, line)
    since, until = (
        _bound(table.text(cells, kind), where, strict, last=kind is _Column.UNTIL)
        for kind in (_Column.SINCE, _Column.UNTIL)
    )
    if since and until and until < since:
        raise BadInput(f"{where} le mandat finit ({until}) avant de commencer ({since}).")
    return since, until


def _bound(cell: str, where: str, strict: bool, *, last: bool) -> date | None:
    """A day, or the first or last one of a year; None where the list has none."""
    if day := day_written(cell):
        return day
    if re.fullmatch(r"[12]\d{3}", cell):
        return date(int(cell), 12, 31) if last else date(int(cell), 1, 1)
    if strict and not _NO_DAY.fullmatch(fold(cell)):
        raise BadInput(
            f"{where} la date « {shown(cell)} » ne se lit pas : écrivez jour.mois.année, par"
            " exemple 1.6.2020, ou l'année seule."
        )
    return None


def _is_title(cell: str) -> bool:
    return without_title(f"{cell} X") == "X"


def _check_width(table: _Table, where: str, cells: Sequence[str]) -> None:
    """Raise `BadInput` where a cell was cut in two by the separator that it holds."""
    last = max(at for places in table.columns.values() for at in places)
    spill = [cell for cell in cells[last + 1 :] if cell]
    whole = {_Column.NAME, _Column.ROLE, _Column.GROUP} <= table.columns.keys()
    if spill and whole:
        raise BadInput(
            f"{where} il y a plus de cellules que de colonnes (« {shown(spill[0])} ») :"
            " mettez entre guillemets ce qui contient le séparateur."
        )


def _told_apart(memberships: Sequence[tuple[int, Membership]], source: str) -> Iterator[Membership]:
    """The memberships, people of one name with what tells them apart: "Jean Dupont (PLR)".

    Raises `BadInput` for two of one name whom neither group nor role tells apart.
    """
    same: dict[str, list[tuple[int, Membership]]] = defaultdict(list)
    for line, one in memberships:
        same[fold(one.person.name)].append((line, one))
    for line, one in memberships:
        person = one.person
        others = [(at, o) for at, o in same[fold(person.name)] if not _is_same_person(one, o)]
        if not others:
            yield one
            continue
        mark = _mark(person, [person, *(other.person for _, other in others)])
        if mark is None:
            (first, _), (last, twin) = sorted(((line, one), others[0]), key=lambda pair: pair[0])
            raise BadInput(
                f"{at_line(source, last)} « {twin.person.name} » figure déjà à la ligne {first} :"
                " supprimez la ligne, ou distinguez les deux personnes par leur groupe."
            )
        name = f"{person.name} ({mark})" if mark else person.name
        yield replace(one, person=replace(person, name=name))


def _is_same_person(one: Membership, other: Membership) -> bool:
    """Are two lines of one name one person's? Those that follow each other, or a second role."""
    if one is other:
        return True
    apart = not _overlap(one, other)
    return apart or (one.person.group == other.person.group and one.since != other.since)


def _overlap(one: Membership, other: Membership) -> bool:
    first = max(_begins(one), _begins(other))
    return one.holds_on(first) and other.holds_on(first)


def _mark(person: Person, namesakes: Sequence[Person]) -> str | None:
    """The group or the role by which a person differs from all namesakes; None if they share it."""
    for field in ("group", "role"):
        marks = [str(getattr(one, field)) for one in namesakes]
        if len({fold(mark) for mark in marks}) == len(marks):
            return str(getattr(person, field))
    return None
