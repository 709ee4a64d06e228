"""The codes of a council's objects, however they are said: PR-12, `PR 12`, `la proposition douze`.

An object is (type, number). Works on folded text whose numbers are digits already. It adds what it
recognises beside the words and decides nothing about which object is meant when none is named.
"""

import re

TYPES = ("prd", "pr", "p", "m", "r", "qe", "ie", "in")

_NAMED = {
    "projet de deliberation": "prd",
    "proposition de deliberation": "prd",
    "proposition": "pr",
    "petition": "p",
    "motion": "m",
    "resolution": "r",
    "question ecrite": "qe",
    "interpellation ecrite": "ie",
    "initiative": "in",
}
# Letter by letter, as they are typed or as a speech recogniser spells them ("pé-erre douze").
_P, _R, _E = "(?:pe|p)", "(?:erre|er|r)", "(?:eu|e)"
_SPELT = {
    "prd": rf"p\.? ?r\.? ?d\.?|{_P}[ -]{_R}-d[e]?|pe[ -]erre[ -]d",
    "pr": rf"p\.? ?r\.?|{_P}[ -]{_R}",
    "qe": rf"q\.? ?e\.?|(?:q|qu|cu|ku)[ -]{_E}",
    "ie": r"i\.? ?e\.?|i[ -]e[u]?",
    "in": r"in(?=-|\d| ?n)|i[ -](?:n|enne|haine)|i\.n\.",
    "p": "p|pe",
    "m": "m|emme",
    "r": "r|erre",
}
_HEARD = {
    "peerde": "prd",
    "pereux": "pr",
    "perre": "pr",
    "peer": "pr",
    "peheure": "pr",
}
# Words of their own, letters after an article only: « la paire 12 », not « une paire, 12 fois ».
_MISHEARD = {
    "perd": "prd",
    "pere": "pr",
    "per": "pr",
    "pair": "pr",
    "paire": "pr",
    "aime": "m",
    "haine": "in",
}

_COUNTED = (
    r"(?:oui|non|voix|abstentions?|pourcent|francs?|euros?|millions?|milliards?|fois|ans|annees"
    r"|mois|jours|minutes|heures|personnes|signatures|metres|kilometres|hectares|contre)"
)
_NUMBER = r"(?:(?:numero|no|n°|nº|n) ?)?"
_FIGURES = rf"([1-9]\d{{0,3}})(?!\d|[.,']\d|v\d| {_COUNTED}\b)"
_VERSION = r"(?:[ -]?[a-z](?:/[a-z])?)?(?![a-z\d'])"
_NAME = "|".join(re.sub(r"(?<=[a-z]{3})\b", "s?", name) for name in _NAMED)
_LETTERS = "|".join(f"(?P<{kind}>{letters})" for kind, letters in _SPELT.items())
_CODE = re.compile(
    rf"(?:\b(?P<name>{_NAME}) )?(?<!\d )\b(?:{_LETTERS}|(?P<heard>{'|'.join(_HEARD)})"
    r"|(?:(?<=\bla )|(?<=\bcette )|(?<=motion )|(?<=proposition ))"
    rf"(?P<misheard>{'|'.join(_MISHEARD)}))"
    rf"[ -]{{0,3}}{_NUMBER}{_FIGURES}(?:{_VERSION})\b"
)
_BY_NAME = re.compile(
    rf"\b(?P<name>{_NAME}) {_NUMBER}{_FIGURES}"
    rf"(?:(?:,| et| ou) [1-9]\d{{0,3}}\b(?![.,'/]\d| {_COUNTED}\b))*"
)
_ANOTHER = re.compile(r"\d+")


def with_codes(normal: str) -> str:
    """Folded text with each object's code as one word: `la motion 7` -> `la motion m7`."""
    return _BY_NAME.sub(_from_name, _CODE.sub(_from_letters, normal))


def _from_letters(match: re.Match[str]) -> str:
    groups = match.groupdict()
    kind = next((kind for kind in _SPELT if groups[kind]), "")
    kind = kind or _HEARD.get(groups["heard"] or "") or _MISHEARD[groups["misheard"]]
    name = f"{_singular(groups['name'])} " if groups["name"] else ""
    number = match.groups()[-1]
    return f"{name}{kind}{int(number)}"


def _from_name(match: re.Match[str]) -> str:
    name = _singular(match["name"])
    numbers = _ANOTHER.findall(match.group())
    return " ".join((name, *(f"{_NAMED[name]}{int(number)}" for number in numbers)))


def _singular(name: str) -> str:
    return re.sub(r"s\b", "", name)
