"""The figures of a sentence: amounts, shares, durations, dates, hours, counts, and what of.

Pure. Reads what was said in the one normal form of numbers that search has, so that « deux millions
quatre cent mille » and « 2.400.000 » are one figure. Knows nothing of sessions or corrections.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from ingest.french_dates import FOLDED_MONTHS
from search.language.numbers import days_in_figures, has_numbers, normal_amounts, normal_numbers
from search.language.spelling import one_spelling
from search.language.stems import stems


class Kind(StrEnum):
    """What a figure measures. Two figures of different kinds never contradict each other."""

    AMOUNT = "amount"
    SHARE = "share"
    DURATION = "duration"
    DATE = "date"
    HOUR = "hour"
    COUNT = "count"


_NUMBER = r"(?<![\d.,])\d{1,15}(?:[.,]\d{1,6})?"
_MONEY = r"(?:francs?|euros?|chf|dollars?|centimes?)"
_SPANS = "ans?|annees?|mois|semaines?|jours?|heures?|minutes?"
_MONTH = "|".join(FOLDED_MONTHS)
_SEASON = "printemps|ete|automne|hiver|rentree"
_FIGURE = re.compile(
    rf"(?P<amount>{_NUMBER}) (?:de )?{_MONEY}\b"
    rf"|(?P<share>{_NUMBER}) pourcent\b"
    rf"|(?<=\ba )(?P<hour>\d{{1,2}}(?:h\d\d| ?h\b| ?heures?\b)(?: ?[0-5]\d\b)?)"
    rf"|(?:(?P<day>\d{{1,2}}|premier) )?\b(?P<month>{_MONTH})\b(?: (?P<year>(?:19|20)\d\d)\b)?"
    rf"|\b(?:au|a la|en|l'|cet|cette) ?(?P<season>{_SEASON})\b(?: (?P<of>(?:19|20)\d\d)\b)?"
    r"|(?:\ben|\bd'ici|\bpour|\bdes|\bfin|\bdebut|\bcourant) (?P<alone>20\d\d)\b"
    rf"|(?P<span>{_NUMBER}) (?P<unit>{_SPANS})\b"
    rf"|(?P<count>{_NUMBER})(?![a-z])(?:[ -](?P<noun>[a-z]{{3,30}}))?(?!['.,]?\d)"
)
_SIGN = re.compile(rf"\d|\b(?:{_MONTH}|{_SEASON})\b")
# Numbers that name a thing, or count votes: nothing that is later told otherwise.
_NAMING = re.compile(
    r"(?:\b(?:numeros?|articles?|alineas?|amendements?|motions?|petitions?|propositions?|pages?"
    r"|chapitres?|points?|lois?|lignes?|routes?|ligue|groupe|titre|annexe|contre|par|prd?|[mpr]|qe"
    r"|ie|in)|\d[.,/]) ?-? ?$"
)
# The day that names a law, a letter or a hearing never changes.
_DATING = re.compile(
    r"\b(?:lois?|arretes?|decrets?|ordonnance|directive|circulaire|seance|lettre|courrier|decision"
    r"|votation|scrutin|auditions?|reunions?|rapport|arret|traite|convention|deposee?s?"
    r"|auditionnee?s?)(?: [a-z']{1,20}){0,3} $"
)
_BALLOT = re.compile(
    r"(?:voix|oui|non|noms?|abstentions?|contre|pour|eme|fois"
    r"|reprises?|points?|raisons?|exemples?|elements?|volets?|axes?|parties?|types?|choses?"
    r"|premiere?s?|derniere?s?|questions?|remarques?|mots?|phrases?)$"
)
_AFTER = (
    "qui que pour par dans des les sur avec mais sont est ont aux une soit dont car puis sans "
    "entre afin lors quand comme vers plus selon ici"
)
_AFTER_NUMBER = frozenset(_AFTER.split())
_YEAR = re.compile(r"(?:19|20)\d\d")
_OF_A_DAY = ("heure", "minute")  # no such duration is corrected by one of months
_SUM = 100_000  # so many of nothing that is named are money: « 3,4 millions »
# « deux millions sept cent mille », as speech recognition writes it: 2 000 000 700 000.
_IN_TWO = re.compile(r"\b(\d{1,3})[ .,']000[ .,']000 (\d{3})[ .,']000\b")

# A figure that is said not to hold (any more) stands after one of these, a few words away...
_DENIED = re.compile(
    r"(?:\bn(?:e |')[a-z' -]{1,30}\b(?:pas|plus)|\bn(?:on|'ont)(?: pas)?|\bet pas|\bni)"
    r"(?! seulement| uniquement| moins| que )"
    r"(?: (?!mais\b|que\b|moins\b|plus\b)[a-z'-]{1,15}){0,4} $"
)
# ... or names what takes another's place, ...
_REPLACED = re.compile(
    r"\b(?:au lieu (?:de|des|du|d'une?)|plutot (?:que|qu'en)|contrairement aux?)"
    r"(?: [a-z'-]{1,15}){0,2} $"
    r"|\b(?:passe|passent|passera|passeront|passant|passer) (?:[a-z'-]{1,15} ){0,3}de $"
)
# ... or is told of the past, before the figure or after it.
_ONCE = re.compile(
    r"\b(?:initialement|au depart|auparavant|jusqu'ici|precedemment|a l'origine"
    r"|(?:etait|etaient|avait ete|avaient ete|avait|avions|avaient) (?:\w+ )?"
    r"(?:prev\w+|estim\w+|annonc\w+|fix\w+|dit|parle|promis\w*)"
    r"|(?:devait|devaient) (?:[a-z]+))(?: [a-z'-]{1,15}){0,4} $"
)
_ONCE_AFTER = re.compile(
    r",? (?:c'etait|c'etaient|etait|etaient|(?:initialement|precedemment|d'abord) )"
)
_PLANNED = re.compile(r", (?:initialement )?prev\w+ (?:[a-z']{1,8} ){0,3}$")
_YEARS = re.compile(r"\b(?:19|20)\d\d\b|\bl'an(?:nee)? (?:dernier|passe)")
_OF_IT = re.compile(r"\ben (?:a|aura|aurons|compt|faut|faudra|rest|sera|seront|ai|avons|ont)\w*\b")
_PERIODIC = re.compile(
    r"[^.;:]{0,20}?\b(?:par (?:an|annees?|mois|jour|heure|personne|enfant|eleve|habitant|repas"
    r"|tonne|place|menage|metre)|annuel|mensuel|chaque|l'an\b)"
)
_NEAR = 80  # characters before a figure that are read for what is said of it
_LEFT_WORDS = 9  # that say what is counted or priced; further back another thing is spoken of
_CLAUSE = re.compile(r"[.;!?()«»]|\b(?:mais|or|tandis|alors que|et (?=l[ae'])|et (?=les))")


@dataclass(frozen=True)
class Figure:
    """A figure as it was said. `before` and `after` are the words around it, in normal form.

    `noun` is the stem of what is counted, or the unit of a duration. `denied`: it is said not to
    hold, or not to hold any more. `periodic`: so much a year, a month, a head.
    """

    kind: Kind
    value: str
    noun: str
    before: str
    after: str
    denied: bool
    periodic: bool
    at: int
    """Where it stands in the sentence."""
    of: frozenset[str] = frozenset()
    """The years that its sentence names, and "dernier" for the year before."""

    @cached_property
    def around(self) -> frozenset[str]:
        """Stems of the words that say what the figure is of."""
        words = self.before.split()[-_LEFT_WORDS:]
        return frozenset(s for s in stems(" ".join(words)) if not s[0].isdigit())

    def differs(self, other: "Figure") -> bool:
        """Is it another value of the same kind and unit? A day does not differ from its month."""
        if self.kind is not other.kind:
            return False
        if self.kind is Kind.DURATION and (self.noun in _OF_A_DAY) != (other.noun in _OF_A_DAY):
            return False
        if self.kind is Kind.DATE:
            parts = zip(self.value.split("-"), other.value.split("-"), strict=True)
            return any(one and two and one != two for one, two in parts)
        return self.value != other.value

    def same(self, other: "Figure") -> bool:
        """Is it the same value of the same kind?"""
        return self.kind is other.kind and not self.differs(other)


def normal(sentence: str) -> str:
    """A folded sentence with its numbers in digits, for matching only."""
    if not has_numbers(sentence):
        return sentence
    spelt = _IN_TWO.sub(r"\1 \2 000", one_spelling(sentence))
    return normal_amounts(normal_numbers(days_in_figures(spelt)))


def figures(normal: str, counted: str = "", subject: str = "") -> tuple[Figure, ...]:
    """The figures of a sentence in normal form, in order.

    `counted` is the stem of what was counted before: « Il y en aura 180. »; `subject` are the words
    that its pronoun stands for: « La fermeture ne durera pas dix mois. Elle durera ... »
    """
    return tuple(_figures(normal, counted, subject)) if _SIGN.search(normal) else ()


def _figures(sentence: str, counted: str, subject: str) -> Iterator[Figure]:
    start, before = 0, ""
    counted = counted if _OF_IT.search(sentence) else ""
    of = frozenset("dernier" if year[0] == "l" else year for year in _YEARS.findall(sentence))
    last: Kind | None = None
    for found in _FIGURE.finditer(sentence):
        read = _read(found, sentence)
        if read is None:
            continue
        kind, value, noun = read
        if kind is Kind.COUNT:  # « pas 40 marronniers, mais 11 »: what is counted is said once
            if not noun and (not counted or sentence[: found.start()].endswith("sur ")):
                continue
            counted = noun = noun or counted
        clause = _CLAUSE.split(sentence[start : found.start()])[-1]
        # another figure of the same kind is of the same thing: « ... ne durera pas N, mais M »
        before = f"{before if kind is last else subject} {clause}".lstrip()
        subject = ""
        after = sentence[found.end() :]
        denied = _denied(sentence[: found.start()], after)
        periodic = bool(_PERIODIC.match(after))
        yield Figure(kind, value, noun, before, after[:60], denied, periodic, found.start(), of)
        start, last = found.end(), kind


def _denied(before: str, after: str) -> bool:
    near = before[-_NEAR:]
    return bool(
        _DENIED.search(near)
        or _REPLACED.search(near)
        or _ONCE.search(near)
        or _ONCE_AFTER.match(after)
        or (after.startswith(",") and _PLANNED.search(near))
    )


def _read(found: re.Match[str], sentence: str) -> tuple[Kind, str, str] | None:
    """Kind, value, and what is counted; None for a number that is no figure."""
    group = found.groupdict() | {"before": sentence[: found.start()]}
    if group["month"] or group["season"] or group["alone"]:
        if _DATING.search(group["before"][-_NEAR:]):
            return None
        return Kind.DATE, _date(group, found[0]), ""
    if group["hour"]:
        return Kind.HOUR, ":".join(re.findall(r"\d+", group["hour"])), ""
    if group["span"]:
        unit = group["unit"].rstrip("s").replace("annee", "an")
        return Kind.DURATION, f"{_number(group['span'])} {unit}", unit
    for kind in (Kind.AMOUNT, Kind.SHARE):
        if group[kind]:
            return kind, _number(group[kind]), ""
    return _counted(group["count"], group["noun"] or "", group["before"])


def _date(group: dict[str, str | None], said: str) -> str:
    """Year, month (or season) and day, what is not said left out: `2026-mars-`."""
    day = "1" if said.startswith("premier") else (group["day"] or "").lstrip("0")
    year = group["year"] or group["of"] or group["alone"] or ""
    return f"{year}-{group['month'] or group['season'] or ''}-{day}"


def _counted(number: str, noun: str, before: str) -> tuple[Kind, str, str] | None:
    value = _number(number)
    if _NAMING.search(before) or _BALLOT.search(noun):
        return None
    of = () if noun in _AFTER_NUMBER else stems(noun)
    if not of and _YEAR.fullmatch(value):
        return None
    if not of and float(value) >= _SUM:
        return Kind.AMOUNT, value, ""
    return Kind.COUNT, value, of[0] if of else ""


def _number(written: str) -> str:
    """A number without the noughts that tell nothing."""
    value = f"{Decimal(written.replace(',', '.')):f}"
    return value.rstrip("0").rstrip(".") if "." in value else value.lstrip("0") or "0"
