"""Ways of writing one word, made one: inclusive forms, hyphens, abbreviations, fixed phrases.

Works on folded text (`ingest.text.fold`) before its numbers and codes are read. Changes text for
matching only: what it returns is never shown.
"""

import re
import unicodedata

# What folding leaves of other keyboards and of PDFs; French folds to ASCII, so it costs nothing.
_SIGNS = str.maketrans(
    dict.fromkeys("‛ʻʾ‵՚ꞌ", "'")
    | dict.fromkeys("•‧⋅・∙・", "·")
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff\u0640", None)
    | {"€": " euros ", "£": " livres ", "⁄": "/"}
)
_DIGIT = re.compile(r"[^\W\D]")

_ENDING = (
    r"(?:ales?|elles?|e|es|eres?|ere|eures?|euses?|eresses?|fes?|ienne|ieres?|ives?|les?|nes?|"
    r"rices?|trices?|ses?|sses?|te|tes|ve|ves|x)"
)
_DOTTED = re.compile(rf"([·./])(?<=[a-z][a-z].)(?:{_ENDING})(?:\1?s)?(?![\w/·]|\.\w)")
_BRACKETED = re.compile(rf"\((?<=[a-z].)(?:{_ENDING}|s)\)s?(?:\(s\))?(?!\w)")
_HYPHENED = re.compile(
    r"-(?<=[a-z][a-z]-)(?:e|es|eres?|trices?|rices?|euses?|(?<=n-)nes?|(?<=l-)les?|(?<=f-)ves?"
    r"|(?<=x-)ses?)(?:-s)?(?![\w'-])"
)
_DOTS = re.compile(r"\.[a-z]\.")
_ABBREVIATION = re.compile(r"(?<![\w.])(?:[a-z]\.){2,}(?:[a-z](?![a-z\w]))?")

# Written together as often as not. « Sous » and « sur » would be lost as function words.
_PREFIXES = """
anti auto bi bio co e eco extra geo hydro inter intra micro mini mono multi para peri photo pluri
post pre radio re semi socio sous sur supra tele trans ultra
"""
_PREFIX = re.compile(
    "-(?:" + "|".join(rf"(?<=\b{prefix}-)" for prefix in _PREFIXES.split()) + ")(?=[a-z]{3})"
)
_PHRASES = {
    "d'abord": "dabord",
    "d'ailleurs": "dailleurs",
    "d'accord": "daccord",
    "par contre": "parcontre",
    "peut-etre": "peutetre",
    "rendez-vous": "rendezvous",
    "c'est-a-dire": "cestadire",
    "vis-a-vis": "visavis",
    "week-end": "weekend",
    "week-ends": "weekend",
    "aujourd'hui": "aujourdhui",
    "aujourd hui": "aujourdhui",
}
_PHRASE = re.compile(rf"\b(?:{'|'.join(_PHRASES)})\b")
_GRAND = re.compile(r"\bgrand'(?=[a-z])")

_AGE = re.compile("siecle|legislature|republique|arrondissement")
_ROMAN = re.compile(
    rf"\b(?=[ivx])(x{{0,3}})(ix|iv|v?i{{0,3}})(?:ieme|eme|er|e)? (?={_AGE.pattern})"
)
# Roman numerals of the units; tens are counted by their x.
_ONES = {"": 0, "i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9}


def one_spelling(folded: str) -> str:
    """Folded text with one way of writing for what has several.

    >>> one_spelling("les conseiller·ere·s, p.r. 12, le co-president")
    'les conseiller, pr 12, le copresident'
    """
    text = folded if folded.isascii() else _plain_signs(folded)
    if "·" in text or "." in text or "/" in text:
        text = _DOTTED.sub("", text)
    if _DOTS.search(text):
        text = _ABBREVIATION.sub(_without_dots, text)
    if "(" in text:
        text = _BRACKETED.sub("", text)
    if "-" in text:
        text = _PREFIX.sub("", _HYPHENED.sub("", text))
    text = _PHRASE.sub(_phrase, text)
    if "grand'" in text:
        text = _GRAND.sub("grand ", text)
    return _ROMAN.sub(_arabic, text) if _AGE.search(text) else text


def _plain_signs(text: str) -> str:
    plain = text.translate(_SIGNS)
    spaced = " ".join(plain.split())
    return _DIGIT.sub(lambda found: str(unicodedata.decimal(found.group())), spaced)


def _without_dots(found: re.Match[str]) -> str:
    return found.group().replace(".", "")


def _phrase(found: re.Match[str]) -> str:
    return _PHRASES[found.group()]


def _arabic(found: re.Match[str]) -> str:
    value = 10 * len(found[1]) + _ONES[found[2]]
    return f"{value}e " if value > 1 else "premier "
