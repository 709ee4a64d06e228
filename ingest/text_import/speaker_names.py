"""Names as minutes write them ("M. Rochat", "Mme la maire", "La présidente"), and whose they are.

Pure. A name that fits two people names neither: it stays as it is written.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from ingest.errors import BadInput, shown
from ingest.text import fold
from ingest.transcript import Person

TITLE = r"(?:M\.|MM\.|Mr|Mme|Mlle|Me|Dr|Monsieur|Madame|Mademoiselle)"
OFFICE = (
    r"(?:(?:[Vv]ice-)?[Pp]r[ée]sidente?|[Mm]aire|[Ss]yndi(?:c|que)|[Ss]ecr[ée]taire"
    r"|[Cc]hanceli(?:er|[eè]re)|[Rr]apporteu(?:r|se|re)|[Cc]onseill(?:er|[eè]re)|[Dd]oyen(?:ne)?"
    r"|[Dd]éputée?|[Mm]inistre|[Gg]reffi(?:er|[eè]re))"
)
# What repeats is counted: no name has more, and a pattern that may go on for ever takes 80 bytes of
# memory for every character that it passes.
OFFICES = (
    rf"{OFFICE}(?: (?:administrati(?:f|ve)|municipale?|communale?|nationale?|fédérale?|générale?"
    r"|suppléante?|ad hoc|d['’][EÉ]tat|aux [EÉ]tats|de (?:la )?(?:commission|séance|Ville|commune)"
    r"|du (?:Conseil|bureau))\b){0,6}"
)
_ARTICLE = r"(?:[Ll][ea] |[Ll]['’])"
# Each part keeps what it took: a line of « D'D'D' » could be parted in as many ways as it is long.
# Counts are bounded, for an endless name would take 80 bytes of memory for each of its characters.
_PARTICLE = r"(?:de|du|des|von|van|der|la|le) "
_PARTICLES = rf"(?:{_PARTICLE}|[dD]['’](?=[A-ZÀ-Þ]|[dD]['’]|{_PARTICLE})){{0,4}}+"
_ONE = rf"{_PARTICLES}(?:[A-ZÀ-Þ]\.(?:-?[A-ZÀ-Þ]\.){{0,6}}+|[A-ZÀ-Þ][\w'’-]*+)"
NAMES = rf"{_ONE}(?: {_ONE}){{0,4}}"
_OFFICIAL = rf"{_ARTICLE}{OFFICES}(?:,? {NAMES})?"
WITH_TITLE = rf"(?:{TITLE} (?:{_OFFICIAL}|{NAMES})|{_OFFICIAL})"

# First words of headings, which a time or a colon may stand beside as beside a name.
_HEADING = re.compile(
    r"(?:ouverture|cloture|debut|fin|levee|suspension|reprise|pause|dejeuner|repas|aperitif|accueil"
    r"|bienvenue|appel|presence|excuse|divers|communication|information|annonce|question"
    r"|interpellation|motion|postulat|petition|resolution|initiative|proposition|projet|rapport"
    r"|budget|compte|credit|election|nomination|assermentation|naturalisation|vote|scrutin"
    r"|discussion|debat|deliberation|approbation|adoption|proces|ordre|presentation|introduction"
    r"|conclusion|remerciement|hommage|seance|point|objet|huis)s?\b"
)

_PARTS = re.compile(rf"(?:{TITLE} )?(?:{_ARTICLE}(?P<office>{OFFICES}),? ?)?(?P<name>.*)")
# Each is looked for among the others; the European Parliament has 720, written in a few ways each.
_MOST_NAMES, _MOST_WRITTEN = 2_000, 10_000
_SEVERAL = frozenset(("et", "&", "und", "and", "/", "+"))
_SHORT = {"Monsieur": "M.", "Madame": "Mme", "Mademoiselle": "Mlle"}


class Directory:
    """Who the names of one text are: people of the clerk's list, and those the text names in full.

    `people` are all of them once every name was asked for, the clerk's first.
    """

    def __init__(self, roster: Sequence[Person], named: Iterable[Person]) -> None:
        self._people: dict[str, Person] = {}
        self._names: dict[str, tuple[list[str], ...]] = {}  # of a person, the words of each name
        self._keys: dict[str, list[str]] = {}  # of a word, the people whose name has it
        self._found: dict[str, str] = {}
        for person in roster:
            self._add(fold(person.name), person, person.spellings)
        written: dict[str, Person] = {}
        for person in named:
            written.setdefault(person.name, person)
        if len(written) > _MOST_WRITTEN:
            raise _too_many(_MOST_WRITTEN, next(reversed(written)))
        for person in written.values():
            office, name = _parts(person.name)
            if " " in name and not self._matches(name):
                known = replace(person, name=name, role=person.role or office)
                self._add(fold(name), known)

    def _add(self, key: str, person: Person, spellings: Sequence[str] = ()) -> None:
        """Have a person known; `spellings` are the names to know them by, if not the key alone."""
        if key in self._people:
            return
        if len(self._people) == _MOST_NAMES:
            raise _too_many(_MOST_NAMES, person.name)
        self._people[key] = person
        self._names[key] = tuple(fold(name).split() for name in spellings) or (key.split(),)
        for word in {word for name in self._names[key] for word in name}:
            self._keys.setdefault(word, []).append(key)

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody who is known by now."""
        return tuple(self._people.values())

    def name(self, person: Person) -> str:
        """The name under which a person is known; a new one is known from now on."""
        if person.name not in self._found:
            self._found[person.name] = self._whose(person)
        key = fold(self._found[person.name])
        known = self._people[key]
        better = replace(known, role=known.role or person.role, group=known.group or person.group)
        self._people[key] = better
        return better.name

    def _whose(self, person: Person) -> str:
        office, name = _parts(person.name)
        matches = self._matches(name) if name else self._in_office(office)
        if len(matches) > 1 and person.group:
            matches = [one for one in matches if fold(one.group) == fold(person.group)]
        if len(matches) == 1:
            return matches[0].name
        title, _, after = person.name.partition(" ")
        title = _SHORT.get(title, title)
        if " " in name:
            written = name
        elif name and re.fullmatch(TITLE, title):
            written = f"{title} {name}"
        else:
            written = f"{title} {after}".strip()
            written = written[:1].upper() + written[1:]
        role = person.role or (office if name else "")
        self._add(fold(written), replace(person, name=written, role=role))
        return written

    def _matches(self, name: str) -> list[Person]:
        """Those who may be called so: by the whole name in any order, by surnames, or by one word.

        "Anne Martin" is not Anne Martin Dupont, who may be called Martin Dupont, or Martin.
        """
        if exact := self._people.get(fold(name)):
            return [exact]
        wanted = fold(name).split()
        if not wanted:
            return list(self._people.values())
        rarest = min((self._keys.get(word, []) for word in wanted), key=len)
        return [self._people[key] for key in rarest if any(map(_called(wanted), self._names[key]))]

    def _in_office(self, office: str) -> list[Person]:
        wanted = fold(office)
        return [p for p in self._people.values() if wanted and _folded(p.role).startswith(wanted)]


_folded = lru_cache(fold)


def is_heading(text: str) -> bool:
    """Does it begin as a heading of minutes, and not as a name?

    >>> [is_heading(one) for one in ("Ouverture", "Procès-verbal", "Anne Girard")]
    [True, True, False]
    """
    return _HEADING.match(fold(text)) is not None


def _called(wanted: Sequence[str]) -> Callable[[Sequence[str]], bool]:
    """Whether a person with a name of some words may be called by the wanted ones."""
    words = set(wanted)

    def is_called(name: Sequence[str]) -> bool:
        if words == set(name):
            return True
        several = not _SEVERAL.isdisjoint(name)  # "Luc Roy et Eva Sand" is neither of them
        return not several and words <= set(name if len(words) == 1 else name[1:])

    return is_called


def _too_many(most: int, name: str) -> BadInput:
    return BadInput(
        f"Le texte donne la parole sous plus de {most} noms (« {shown(name)} ») : vérifiez ce qui y"
        " précède les deux-points, ou partagez-le par séance."
    )


def _parts(written: str) -> tuple[str, str]:
    """The office and the name proper of a name as it is written; either may be empty."""
    found = _PARTS.fullmatch(written)
    return ((found["office"] or "").strip(), found["name"].strip()) if found else ("", written)
