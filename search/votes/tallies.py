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
# What was heard in two ways, rounded or taken back is no figure: "47 ou 9 contre 9", "41, pardon,
# 42 oui", "une quarantaine de oui", "plus de 40 oui"; "il faut plus de 40 voix" is a rule.
_COUNTED = r"(?:oui|nons?|noms?|voix|pour|contre|abst\w*+)\b(?!-)"
_SIDE = r"(?: (?:oui|nons?|noms?|voix|contre))?"
_UNSURE = re.compile(
    rf"\b(?:\d+|une?) {_OF}(?:ou|a) (?:plutot |peut-etre )?\d+ {_OF}{_COUNTED}"
    r"|\b(?:oui|nons?|noms?|contre|abst\w+)(?: :)? \d+ (?:ou|a) \d+\b"
    rf"|\b\d+{_SIDE} ou (?:plutot |peut-etre )?\d+{_SIDE} contre\b"
    r"|\b(?:\w+aine d(?:e |')|(?:environ|a peu pres|quelque|entre \d+ et|pres de|autour de) \d+ "
    r"|(?<!faut )(?<!fallait )(?<!requiert )(?<!exige )(?:plus de|moins de|au moins|au plus) \d+ )"
    rf"{_OF}{_COUNTED}"
    r"|\b\d+ (?:oui|nons?|noms?|voix|contre) (?:environ|a peu pres|peut-etre)\b"
    rf"|\b\d+{_SIDE}[,.]? (?:pardon|excusez|je me trompe|je corrige|ou plutot)\b"
    rf"|\b\d+{_SIDE}(?:, non,|,? (?:euh|heu),?) \d+ {_OF}{_COUNTED}"
)
_NO_ABSTENTION = re.compile(rf"\b(?:sans|pas d'|ni) ?{_ABSTAINED}")
_UNANIMOUS = re.compile(
    r"\b(?:l'unanimite|unanimement accept\w+|commission (?:\w+ ){0,2}unanime)\b"
)
_COMMITTEE_AGREES = re.compile(
    r"\bcommission (?:\w+ ){0,2}(?:unanime|a l'unanimite)|\bunanimite (?:de la|en) commission"
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


_VOTERS = re.compile(r"\b(?:votants|bulletins (?:rentres|delivres|valables)) ?:? ?(\d+)")
_LEAST = re.compile(
    r"\bmajorite (?:absolue|requise|necessaire|qualifiee)(?: \w+){0,3} ?:? (\d{1,3})\b"
    r"|\bil (?:en )?faut (?:au moins )?(\d{1,3}) (?:voix|oui)\b"
)
_SHARE = r"([2-4]) (tiers|quarts|cinquiemes)"
_FRACTION = re.compile(
    rf"\bmajorite (?:\w+ ){{0,3}}(?:des? |aux )(?:les )?{_SHARE}"
    rf"|\b(?:faut|requier\w*|exige\w*|necessite\w*|soumis\w*) (?:\w+ ){{0,4}}{_SHARE}"
    rf"|\b(?:les|des) {_SHARE}(?=.{{0,30}}\b(?:requis|necess|attein|exige))"
    rf"|\battein\w+ (?:pas )?les {_SHARE}"
)
# Into how many parts each word divides the votes.
_PARTS = {"tiers": 3, "quarts": 4, "cinquiemes": 5}
_QUALIFIED = re.compile(r"\bmajorite (?:qualifiee|requise|necessaire)|\bquorum\b")
_MISSED = re.compile(
    r"\b(?:n'est|n'etant|n'a|n'ayant|ne sont|n'etaient) pas (?:ete )?attein|\bpas reunie?"
    r"|\b(?:faute d'(?:avoir )?|sans )attein|\bpas (?:ete )?(?:obtenu|acquis)"
)
_CASTING = re.compile(
    r"preponderante|\b(?:tranch|departag)\w+|\bvoix d(?:u|e la) (?:vice-)?president"
    r"|\bpresidente? (?:a )?vote (?:oui|pour|en faveur)\b|\b(?:je vote|mon vote|ma voix)\b"
)


@dataclass(frozen=True)
class Tally:
    """A result in figures; None where no figure was said.

    `unanimous` is what the words or the figures say; `margin` is said instead of figures or beside
    them: à l'unanimité, sans opposition, à la majorité. `unsure`: figures were said that cannot
    be relied upon, and are left out.
    """

    yes: int | None = None
    no: int | None = None
    abstentions: int | None = None
    unanimous: bool = False
    margin: str = ""
    unsure: bool = False

    @property
    def counted(self) -> bool:
        """Were both sides given in figures?"""
        return self.yes is not None and self.no is not None

    @property
    def voters(self) -> int:
        """How many took part, as far as figures were given."""
        return sum(n or 0 for n in (self.yes, self.no, self.abstentions))

    def allows(self, *, refused: bool, normal: str) -> bool:
        """Can a vote end so? Not if the lesser side won without a rule that makes it win.

        `normal` are the words around it: they may state the rule, or how many voted in all.
        """
        voters = _VOTERS.search(normal)
        if voters and self.voters > int(voters[1]):
            return False
        if self.yes is None or self.no is None:
            return True
        if self.yes == self.no:
            return refused or casts(normal)
        reached = self.accepted(normal)
        return reached is None or reached is not refused

    def accepted(self, normal: str) -> bool | None:
        """Whether these figures accept, by the rule that the words state; None: they may or not.

        A share may be of the votes, of those present or of all seats, as each city has it: it is
        missed where even the votes do not reach it, and reached where the words say so.
        """
        yes, no = self.yes or 0, self.no or 0
        if least := _LEAST.search(normal):
            return yes >= int(least[1] or least[2])
        if share := _FRACTION.search(normal):
            parts, of = (group for group in share.groups() if group)
            if yes * _PARTS[of] < int(parts) * (yes + no) or _MISSED.search(normal):
                return False
            return True if "attein" in normal else None
        if yes > no and _QUALIFIED.search(normal):
            return False if _MISSED.search(normal) else None
        return yes > no

    def __bool__(self) -> bool:
        """Was anything said of how many?"""
        return self != Tally()


def casts(normal: str) -> bool:
    """Are the words of a casting vote, by which a president ends a tie?"""
    return _CASTING.search(normal) is not None


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
    if _UNSURE.search(normal):
        return Tally(unsure=True)
    found = _figures(normal, refused=refused)
    divided = bool(found.yes and found.no)
    margin, unanimous = _margin(normal)
    if divided and unanimous and _COMMITTEE_AGREES.search(normal):
        margin, unanimous = "", False
    if divided and (unanimous or margin == _UNOPPOSED_MARGIN):
        return Tally(unsure=True)
    lone = found.yes is not None and found.no == 0 and not found.abstentions
    return replace(found, unanimous=(unanimous and not found.no) or lone, margin=margin)


_UNOPPOSED_MARGIN = "sans opposition"


def _margin(normal: str) -> tuple[str, bool]:
    """What is said instead of figures, and whether that is unanimity."""
    if _NEARLY.search(normal):
        return "à la quasi-unanimité", False
    if _UNANIMOUS.search(normal):
        return "à l'unanimité", True
    if _UNOPPOSED.search(normal):
        return _UNOPPOSED_MARGIN, False
    return ("à la majorité" if _MAJORITY.search(normal) else ""), False


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
