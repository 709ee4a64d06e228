"""How many were for, against and abstained, as a chair says it: `par 41 oui contre 27 non`.

Pure. Reads sentences in the form that `council_normal` gives. Knows nothing of what was voted.
"""

import re
from dataclasses import dataclass, replace

from ingest.text import fold
from search.language.codes import with_codes
from search.language.numbers import normal_numbers

_N = r"(\d{1,3}|zero|aucune?|une?)"
_OF = r"(?:voix |conseiller\w* |membres? |elu\w* |deputes? |personnes? )?"
_YES = (
    r"(?:oui\w?|favorables?|affirmatives?|en faveur|"
    r"pour(?= ?(?:,|;|\.|et\b|contre\b|\d+ (?:voix )?contre\b|$)))"
)
_NO = r"(?:nons?|noms?|defavorables?|opposant\w*|opposes|oppositions?|contre(?! \d| une?\b))"
_ABSTAINED = r"(?:d'|s')?(?:ab|ob)st[ae]n[ts]i?on\w*"

_AFTER = {
    "yes": re.compile(rf"\b{_N} {_OF}{_YES}"),
    "no": re.compile(rf"\b{_N} {_OF}{_NO}\b(?!-)"),
    "abstentions": re.compile(rf"\b{_N} {_OF}{_ABSTAINED}"),
}
_BEFORE = {
    "yes": re.compile(rf"\b(?:oui|pour(?: l'adoption)?)[ :=]{{1,3}}{_N}\b"),
    "no": re.compile(rf"\b(?:nons?|contre)[ :=]{{1,3}}{_N}\b"),
    "abstentions": re.compile(rf"\b{_ABSTAINED}[ :=]{{1,3}}{_N}\b"),
}
_LABEL_FIRST = re.compile(
    r"(?<!\d )(?<!voix )\b(?:oui[ :=]{1,3}\d+|pour[ :=]{1,3}\d+[,.]? contre[ :=]{1,3}\d+)\b"
    r"|\bpour l'adoption[ :=]{1,3}\d+[,.]? contre[ :=]{1,3}\d+\b"
)
_AGAINST = re.compile(
    rf"\b{_N}(?: (?P<first>voix|oui|nons?|noms?|pour))?,? contre {_N}\b"
    r"(?! (?:abst|obst))(?: (?P<second>voix|oui|non|nom))?"
)
# "47 ou 9 contre 9": what was heard in two ways is no figure.
_UNSURE = re.compile(r"\b\d+ ou \d+ (?:oui|nons?|noms?|voix|pour|contre|abst)")
_NO_ABSTENTION = re.compile(rf"\b(?:sans|pas d'|ni) ?{_ABSTAINED}")
_UNANIMOUS = re.compile(
    r"\b(?:l'unanimite|unanimement accept\w+|commission (?:\w+ ){0,2}unanime)\b"
)
_NEARLY = re.compile(r"\b(?:quasi|presque)\b.{0,8}unanim|unanimite moins (?!.{0,8}abst)")
_UNOPPOSED = re.compile(
    r"\b(?:sans (?:aucune )?opposition|sans avis contraire|tacitement|personne ne s'y oppose)\b"
)
_MAJORITY = re.compile(r"\b(?:a (?:une |la )(?:\w+ ){0,2}majorite|majoritairement)\b")

_MISHEARD = tuple(
    (re.compile(pattern), right)
    for pattern, right in (
        (r"\bamandement", "amendement"),
        (r"\bl'?amotion\b", "la motion"),
        (r"\bp[ae]t?[td]ition", "petition"),
        (r"\b(?:l'|lu?)?une? ani?mi(?:te|ter)\b", "l'unanimite"),
        (r"\b([2-9]0) (?:cette|set|sept)(?= (?:oui|nons?|noms?|voix))", r"\g<1> 7"),
        # "vingt et un est renvoyée" is heard as "20 est un à renvoyer"
        (r"\b([2-7])0 est une? (?:a )?(?=renvoy|accept|refus|class|adopt|rejet)", r"\g<1>1 est "),
        (
            r"\b(?:mets?|m'aise|mes|mais|m'est|mai[sz]e?) aux? (?:voix|voies?|vois)\b",
            "mets aux voix",
        ),
    )
)
_CODE = re.compile(r"\b(prd|pr|p|m|r|qe|ie|in)(\d{1,4})\b")
_SPLIT = re.compile(
    r"\b([2-9]0) (?:et (une?|1[01])|(1?[1-9]))(?= (?:oui|nons?|noms?|voix|pour|contre|abst))"
)


_VOTERS = re.compile(r"\bvotants :? ?(\d+)")
_RULE = re.compile(
    r"majorite (?:qualifiee|requise|necessaire|des (?:2|deux|3|trois))|2 tiers|deux tiers|quorum|"
    r"preponderante|tranch\w+|departag\w+"
)


@dataclass(frozen=True)
class Tally:
    """A result in figures; None where no figure was said.

    `unanimous` is what the words or the figures say; `margin` is said instead of figures or beside
    them: à l'unanimité, sans opposition, à la majorité.
    """

    yes: int | None = None
    no: int | None = None
    abstentions: int | None = None
    unanimous: bool = False
    margin: str = ""

    @property
    def counted(self) -> bool:
        """Were both sides given in figures?"""
        return self.yes is not None and self.no is not None

    def allows(self, *, refused: bool, normal: str) -> bool:
        """Can a vote end so? Not if the lesser side won without a rule that makes it win.

        `normal` are the words, which may state the rule, or how many voted in all.
        """
        if not self.counted:
            return True
        yes, no = self.yes or 0, self.no or 0
        voters = _VOTERS.search(normal)
        if voters and yes + no + (self.abstentions or 0) > int(voters[1]):
            return False
        return (yes <= no if refused else yes > no) or bool(_RULE.search(normal))

    def __bool__(self) -> bool:
        """Was anything said of how many?"""
        return self != Tally()


def council_normal(text: str) -> str:
    """Folded text with numbers in digits, and a council's words as they are spelt.

    >>> council_normal("L'amandement est refusé par quarante-trois non")
    "l'amendement est refuse par 43 non"
    """
    normal = normal_numbers(fold(text))
    for pattern, right in _MISHEARD:
        normal = pattern.sub(right, normal)
    return _SPLIT.sub(_joined, normal)


def codes_in(text: str) -> tuple[str, ...]:
    """The codes of the objects that a text names, in order: `la motion sept` -> `M-7`."""
    found = _CODE.finditer(with_codes(council_normal(text)))
    return tuple(dict.fromkeys(f"{m[1].upper()}-{m[2]}" for m in found))


def code_of(written: str) -> str:
    """One form for a code however it is written: `pr 12` and `PR-12 A` are `PR-12`."""
    return next(iter(codes_in(written)), written.strip().upper())


def tally(normal: str, *, refused: bool) -> Tally:
    """What a sentence says of how many; `refused` tells whose the greater of bare figures is."""
    found = Tally() if _UNSURE.search(normal) else _figures(normal, refused=refused)
    nearly = _NEARLY.search(normal)
    unanimous = bool(_UNANIMOUS.search(normal)) and not nearly
    if nearly:
        margin = "à la quasi-unanimité"
    elif unanimous:
        margin = "à l'unanimité"
    elif _UNOPPOSED.search(normal):
        margin = "sans opposition"
    else:
        margin = "à la majorité" if _MAJORITY.search(normal) else ""
    lone = found.yes is not None and found.no == 0 and not found.abstentions
    return replace(found, unanimous=(unanimous and not found.no) or lone, margin=margin)


def _figures(normal: str, *, refused: bool) -> Tally:
    """Figures whose label follows them, stands before them, or is left out."""
    patterns = _BEFORE if _LABEL_FIRST.search(normal) else _AFTER
    found = {
        side: _number(match[1])
        for side, pattern in patterns.items()
        if (match := pattern.search(normal))
    }
    if patterns is _AFTER and (pair := _AGAINST.search(normal)):
        found |= _pair(pair, refused=refused)
    if _NO_ABSTENTION.search(normal):
        found["abstentions"] = 0
    if set(found) == {"abstentions"} and not found["abstentions"]:
        return Tally()
    return Tally(found.get("yes"), found.get("no"), found.get("abstentions"))


def _pair(match: re.Match[str], *, refused: bool) -> dict[str, int]:
    """Two figures with `contre` between them; bare ones begin with the side that won."""
    first, second = match["first"] or "", match["second"] or ""
    if first.startswith("no") or second == "oui":
        order = ("no", "yes")
    elif first in ("oui", "pour") or second in ("non", "nom"):
        order = ("yes", "no")
    else:
        order = ("no", "yes") if refused else ("yes", "no")
    return dict(zip(order, (_number(match[1]), _number(match[3])), strict=True))


def _number(said: str) -> int:
    if said.isdigit():
        return int(said)
    return 1 if said in ("un", "une") else 0


def _joined(match: re.Match[str]) -> str:
    """A number that was heard in two: `40 et un oui`, `60 5 voix`."""
    tens, and_one, ones = match.groups()
    more = int(ones) if ones else (int(and_one) if and_one.isdigit() else 1)
    return str(int(tens) + more)
