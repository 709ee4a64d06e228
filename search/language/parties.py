"""The ways in which one party is named: PS, socialistes, parti socialiste.

Swiss parties, by what people call them; of any other party, the name that the roster gives. Knows
nothing of who belongs to them.
"""

import re

from ingest.text import fold

# Family: how questions name it (folded), and what rosters write that questions do not.
_FAMILIES: dict[str, tuple[str, str]] = {
    "ps": ("ps|socialistes?|parti socialiste|sp|sozialdemokraten|socialists", "s"),
    "plr": (
        "plr|liberal radical|liberale radicale|liberaux radicaux|liberales radicales|liberaux"
        "|liberales?|liberal|radicaux|fdp|freisinnigen?|pli",
        "rl|les liberaux radicaux|plr les liberaux radicaux",
    ),
    "verts": (
        "verts|vertes|verts et vertes|vertes et verts|vert e s|ecologistes|ecolos|grunen?|gruenen?"
        "|greens|verdes|verdi",
        "g|les verts|les vert e s|vert e x s|les vertes|parti ecologiste",
    ),
    "udc": ("udc|union democratique du centre|svp|agrariens", "v"),
    "centre": (
        "centre|centristes?|pdc|democrates chretiens|mitte|parti democrate chretien",
        "m e|le centre pdc|the centre",
    ),
    "pvl": (
        "vert liberaux|verts liberaux|vert liberales?|vert liberal|vertliberaux|pvl|glp"
        "|grunliberalen?|grunliberale",
        "gl|les vert liberaux|parti vert liberal",
    ),
    "eag": ("ensemble a gauche|eag", "ensemble a gauche solidarites"),
    "solidarites": ("solidarites", ""),
    "pdt": ("parti du travail|pdt|popistes?|pop", "parti ouvrier et populaire"),
    "mcg": ("mcg|mouvement citoyens genevois", ""),
    "ljs": ("ljs|liberte et justice sociale|libertes et justice sociale", ""),
    "pev": ("pev|parti evangelique|evp", ""),
}
_VALUES = {
    family: re.compile(rf"(?:{said}|{written})" if written else rf"(?:{said})")
    for family, (said, written) in _FAMILIES.items()
}
_LEADING = re.compile(r"^(?:le |la |les |l )?(?:groupe |parti )?(?:des? |du |de la |d |l )?")
_SEPARATOR = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """Folded words, one space apart: `Vert'libéraux` -> `vert liberaux`."""
    return _SEPARATOR.sub(" ", fold(text)).strip()


def family_of_value(group: str) -> str:
    """The family of a roster's group; its own plain name where none is known."""
    words = plain(group)
    bare = _LEADING.sub("", words)
    for family, pattern in _VALUES.items():
        if pattern.fullmatch(words) or pattern.fullmatch(bare):
            return family
    return words


def said_forms(group: str) -> str:
    """A regular expression for the ways in which a question names a roster's group, folded.

    Words are one space, hyphen or apostrophe apart.
    """
    family = family_of_value(group)
    forms = _FAMILIES[family][0].split("|") if family in _FAMILIES else []
    own = [plain(group)] if len(plain(group)) > 1 and family not in _FAMILIES else []
    spelt = (_spelt(form) for form in sorted({*forms, *own}, key=len, reverse=True))
    return "|".join(spelt)


def _spelt(form: str) -> str:
    """A form whose gaps may be any separator; `?` stays what it is in a regular expression."""
    return form.replace(" ", r"[ .'·()-]{1,2}")
