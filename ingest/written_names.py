"""A person's name as lists and platforms write it, put as the product does: first name, surname.

Knows titles, "BAUDIN Hélène", "Baudin, Hélène", "Rey (née Favre)", and 1,300 first names of the
places where French is spoken, which tell the order where nothing else does. Does not know a roster.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import takewhile

from ingest.text import fold

# Speakers who are no person: « Luc Roy et Eva Sand », « Plusieurs députés », « Un député ».
_COLLECTIVE = re.compile(
    r"\b(?:et|und|plusieurs|quelques|certains|certaines|nombreux|nombreuses|divers|tous)\b"
    r"|^(?:un|une|des|les|voix|public|de nombreu\w+)\b"
    r"|\b(?:deputes?|conseillers|membres|groupes?)\b"
)
_OFFICE = (
    r"(?:l[ea] (?:vice-)?(?:pr[ée]sidente?|maire|syndi(?:c|que)|conseill[eè]re?|d[ée]put[ée]e?) )?"
)
_TITLE = re.compile(
    r"(?:m|mr|mme|mlle|dre?|me|pre?|prof|monsieur|madame|mademoiselle|docteure?|ma[iî]tre"
    rf"|professeure?)(?:\. ?| ){_OFFICE}(?=\w)",
    re.IGNORECASE,
)
_CIVIL = re.compile(r"(?:[(,] ?(?:m|mr)|[(, ](?:mme|mlle))\.?\)?$", re.IGNORECASE)
_OTHER = re.compile(
    r"(?<=[\s,(])(?:née?|nom de (?:naissance|jeune fille)|nom d'usage|[ée]pouse|[ée]p\.|veuve"
    r"|divorcée)(?: ?: ?| )(?P<name>\w[^(),;]{0,80}+)\)?",
    re.IGNORECASE,
)
_INITIALS = re.compile(r"(?:[A-ZÀ-Þ]\.-?){1,3}")
_BRACKET = re.compile(r"\(([^()]*+)\)$")
_PARTICLES = frozenset(
    ("de", "du", "des", "d", "von", "van", "der", "den", "zu", "di", "da", "dos")
)
_AFTER_DE = frozenset(("la", "las", "los", "le", "les"))


@dataclass(frozen=True)
class WrittenName:
    """A name, first name first; another one that the person has; what stood beside the name."""

    name: str
    also: str = ""
    bracket: str = ""
    role: str = ""


def read_name(text: str, first: str = "", *, surname_first: bool | None = None) -> WrittenName:
    """The name that a cell holds; `first` is the first name, where it has a cell of its own.

    `surname_first` is how the list writes those names that do not tell by themselves; None where
    there is no list: then the first names that are known tell.

    >>> read_name("Mme REY-BLANC Marie (née Favre)")
    WrittenName(name='Marie Rey-Blanc', also='Marie Favre', bracket='', role='')
    >>> [read_name(one).name for one in ("Baudin, Hélène", "DE LA CRUZ Ana", "Girard Anne")]
    ['Hélène Baudin', 'Ana de la Cruz', 'Anne Girard']
    """
    bare = _CIVIL.sub("", without_title(" ".join(text.split()))).strip()
    other = _OTHER.search(bare)
    if other:
        bare = f"{bare[: other.start()].rstrip(' ,(')} {bare[other.end() :]}".strip()
    found = _BRACKET.search(bare)
    bracket = found[1].strip() if found else ""
    bare = bare[: found.start()].strip() if found else bare
    bare, beside = _apart(bare)
    role, bracket = (beside, bracket) if beside[:1].islower() else ("", bracket or beside)
    given, surname = (first, bare) if first else _parts(bare, surname_first)
    given = _cased(without_title(" ".join(given.split())))
    also = other["name"].strip() if other else ""
    if also and not is_first_name(also.split()[0]):
        also = f"{given or _given(surname)} {_cased(also)}".strip()
    name = f"{given} {_cased(surname)}".strip()
    return WrittenName(name, also if also != name else "", bracket, role)


def _given(name: str) -> str:
    """The first names with which a name begins, in their order, but for the last word."""
    words = name.split()
    return " ".join(takewhile(is_first_name, words[:-1])) or " ".join(
        words[:1] if words[1:] else ()
    )


def without_title(name: str) -> str:
    """A name without "M.", "Mme", "Dr" before it."""
    title = _TITLE.match(name)
    return name[title.end() :] if title else name


def is_first_name(word: str) -> bool:
    """Is this a first name that is common where French is spoken?

    >>> [is_first_name(one) for one in ("Hélène", "Marie-José", "Baudin")]
    [True, True, False]
    """
    parts = fold(word).replace("'", "-").split("-")
    return all(part in _first_names() for part in parts)


@cache
def _first_names() -> frozenset[str]:
    return frozenset((files("ingest") / "first_names.txt").read_text("utf-8").split())


def _apart(text: str) -> tuple[str, str]:
    """A name, and what is no part of it after a comma: "Hélène Baudin, présidente"."""
    name, _, beside = (part.strip() for part in text.rpartition(","))
    full = " " in name and is_first_name(name.split()[0]) and "," not in name
    apart = beside[:1].islower() or (full and not is_first_name(beside.split(" ")[0]))
    return (name, beside) if name and apart else (text, "")


def surname_is_first(names: Iterable[str]) -> bool | None:
    """Does a list put surnames first, by the known first names in it? None where they do not tell.

    A rare first name before a surname that is a first name too ("Éponine Martin") is not turned.
    """
    turned = straight = 0
    for name in names:
        words = without_title(_BRACKET.sub("", _OTHER.sub("", name))).split()
        known = [_givenness(word) for word in words[:1] + words[-1:]]
        if len(words) > 1 and "," not in name:
            turned, straight = turned + (known[0] < known[1]), straight + (known[0] > known[1])
    return None if turned == straight else turned > straight


def _parts(name: str, surname_first: bool | None) -> tuple[str, str]:
    """First names and surname, in the order in which they are to be written."""
    before, comma, after = (part.strip() for part in name.partition(","))
    if comma and before and after:
        return after, before
    words = name.split()
    capitals = [at for at, word in enumerate(words) if _is_capitals(word)]
    if capitals and len(capitals) < len(words):
        begin = capitals[0]
        while begin > 0 and words[begin - 1].lower() in _PARTICLES | _AFTER_DE:
            begin -= 1
        given = [*words[:begin], *words[capitals[-1] + 1 :]]
        if given:
            return " ".join(given), " ".join(words[begin : capitals[-1] + 1])
    if len(words) > 1 and _is_turned(words, surname_first):
        return words[-1], " ".join(words[:-1])
    return "", name


def _is_turned(words: list[str], surname_first: bool | None) -> bool:
    if surname_first is not None:
        return surname_first
    return _givenness(words[-1]) > _givenness(words[0])


def _givenness(word: str) -> int:
    """How surely a word is a first name: "Jean-Luc" or "H." more than "Martin"."""
    compound = "-" in word.strip("-") or word.endswith(".")
    return (2 if compound else 1) if is_first_name(word) or _INITIALS.fullmatch(word) else 0


def _is_capitals(word: str) -> bool:
    letters = [char for char in word if char.isalpha()]
    return len(letters) > 1 and word.isupper() and not word.endswith(".")


def _cased(name: str) -> str:
    """A name without capitals throughout: "DE LA CRUZ" is "de la Cruz"."""
    words = name.split()
    lower = [word.lower() for word in words]
    cased = []
    for at, word in enumerate(words):
        plain = lower[at] in _PARTICLES or (lower[at] in _AFTER_DE and at and lower[at - 1] == "de")
        if not _is_capitals(word):
            cased.append(word)
        elif plain:
            cased.append(lower[at])
        else:
            cased.append(re.sub(r"\w+", lambda part: part[0].capitalize(), word))
    return re.sub(r"\bD'(?=[A-ZÀ-Þ])", "d'", " ".join(cased)) if cased != words else name


def is_collective(name: str) -> bool:
    """Is a name a group's or an unnamed speaker's (« Plusieurs députés », « Un député »)?"""
    return bool(_COLLECTIVE.search(fold(name)))
