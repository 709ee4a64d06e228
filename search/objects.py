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
# Letter by letter or as a speech recogniser spells the letters it heard ("pé-erre douze").
_SPELT = r"p\.? ?r\.? ?d\.?|p\.? ?r\.?|q\.? ?e\.?|i\.? ?e\.?|i\.? ?n\.?|p|m|r"
_HEARD = {
    "perd": "prd", "peerde": "prd", "pereux": "pr", "perre": "pr", "peer": "pr", "pere": "pr",
    "per": "pr", "pair": "pr", "paire": "pr", "peheure": "pr", "emme": "m", "aime": "m",
}  # fmt: skip
_NAME = "|".join(_NAMED)
_NUMBER = r"(?:(?:numero|no|n°|nº|n) ?)?(\d{1,4})(?!\d|[.,']\d)"
_CODE = re.compile(
    rf"(?:\b(?P<name>{_NAME})s? )?"
    rf"\b(?P<letters>{_SPELT}|{'|'.join(_HEARD)})[ -]{{0,3}}{_NUMBER}(?:-[a-z])?\b"
)
_BY_NAME = re.compile(rf"\b(?P<name>{_NAME})s? {_NUMBER}\b")


def with_codes(normal: str) -> str:
    """Folded text with each object's code as one word: `la motion 7` -> `la motion m7`."""
    text = _CODE.sub(_from_letters, normal)
    return _BY_NAME.sub(lambda m: f"{m['name']} {_NAMED[m['name']]}{int(m.group(2))}", text)


def _from_letters(match: re.Match[str]) -> str:
    letters = re.sub(r"[. ]", "", match["letters"])
    kind = _HEARD.get(letters, letters)
    name = f"{match['name']} " if match["name"] else ""
    return f"{name}{kind}{int(match.group(3))}"
