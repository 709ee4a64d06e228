"""What an answer must hold: the kind of thing a query is for (an amount, a number, a date), and its
names.

Pure. « Combien coûte un Canadair ? » is not answered by a speech about Canadairs that names no
amount, nor one on Lausanne's cycle track by a speech on another town's. What cannot be told by its
form (who, why, what was said) is taken to be told. Whose words a question asks for is parsed in
`search.query.people`.
"""

import re
from collections.abc import Sequence
from itertools import product, takewhile

from ingest.french_dates import FOLDED_MONTHS as MONTHS
from ingest.text import fold
from search.language.codes import TYPES
from search.language.numbers import normal_numbers
from search.language.stems import stems
from search.query.parsed import Detail, Intent, Query

_UNITS = (
    r"(?:francs?|frs?|chf|euros?|eur|dollars?|centimes?|millions?|milliards?|milliers|pourcent|%"
    r"|franken|prozent|millionen|milliarden)"
)
_AMOUNT = re.compile(rf"\d[.,' ]*{_UNITS}\b|\b{_UNITS} ?\d|\d ?%|\bgratuit|\bgratis|\bkostenlos")
_NUMBER = re.compile(
    r"\d|\b(?:aucune?s?|moitie|tiers|quarts?|dizaine|douzaine|vingtaine|trentaine|quarantaine"
    r"|cinquantaine|centaine|millier|majorite|unanimite|plupart|tous|toutes|personne|zero|halfte)"
)
_GERMAN = "januar|februar|marz|april|juni|juli|august|oktober|dezember"
_MONTHS = f"{'|'.join(MONTHS)}|{_GERMAN}"
_TIME = re.compile(
    rf"\d ?h\b|\d|\b(?:{_MONTHS}|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|midi|minuit"
    r"|heures?|annees?|mois|semaines?|jours?|siecle|demain|hier|aujourd'hui|bientot|des que"
    r"|printemps|ete|automne|hiver|jahre?n?|monate?n?|prochaine?|derniere?|legislature|rentree)\b"
)
_TOLD = {Intent.AMOUNT: _AMOUNT, Intent.HOW_MANY: _NUMBER, Intent.WHEN: _TIME}
_ACCENTED = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
LIKELY = {
    intent: re.compile(rf"\b(?:{told})", re.IGNORECASE)
    for intent, told in {
        Intent.AMOUNT: r"\d|francs?|mille|millions?",
        Intent.HOW_MANY: r"\d|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|cent|mille|moitié",
        Intent.VOTE: "oui|non|abstentions?|acceptée?|refusée?|adoptée?|classée?|unanimité",
        Intent.WHEN: rf"\d|heures?|années?|mois|semaines?|{_ACCENTED}",
        Intent.WHY: "parce que|parce qu|car|puisque|afin|pour|à cause|en raison",
        Intent.AGAINST: "contre|refus|oppos|non|trop|ne (?:soutien|vot|veu)|pas d'accord",
        Intent.FAVOUR: "pour|oui|soutien|soutenir|soutenons|accept|favorable|recommand",
    }.items()
}
"""What a sentence that tells what is asked for often holds, as it is written: to rank by only."""

_COUNTED = re.compile(
    r"\b(?:combien|nombres?|pourcentage|taux|part|proportion) (?:de |d'|des |du )(?:la |l'|les )?"
    r"(?P<noun>[a-z-]+)"
)
_NUMERAL = re.compile(r"\d|^milli(?:on|ard)s?\b")
_WIDEST = 3  # words: "30 millions francs"; numerals beside them are taken in
_MEASURES = frozenset(stems("temps argent fois mois jours années heures minutes gens personnes"))


# What states a detail. The name of a thing has a capital inside a sentence, or stands in quotes.
_STATED = {
    Detail.AGE: re.compile(
        r"\d ?(?:ans?|annees|jahre?|years|mois)\b|\bages?\b|\bnee?s? (?:en|le)\b"
    ),
    Detail.TEMPERATURE: re.compile(r"\bdegres?\b|°|\bcelsius|\bgrad\b"),
    Detail.HOUR: re.compile(r"\d ?(?:h|heures?|uhr)\b|\b(?:midi|minuit)\b|\d:\d\d|\d ?[ap]m\b"),
    Detail.SHARE: re.compile(
        r"%|\bpour ?cents?\b|\bprozent|\b(?:moitie|tiers|quarts?|majorite|totalite|double|triple"
        r"|taux|dixiemes?|halfte|half)\b|\d (?:\w+ )?sur \d"
    ),
    Detail.LENGTH: re.compile(
        r"\d ?(?:m|km|cm|ha|m2|metres?|kilometres?|hectares?|centimetres?)\b"
    ),
    Detail.YEAR: re.compile(
        r"\b(?:1\d|20)\d\d\b|\b(?:an|annee) (?:dernier|derniere|passee?|prochaine?)|il y a \d+ ans"
    ),
    Detail.DURATION: re.compile(
        r"\b(?:ans?|annees?|mois|semaines?|jours?|journees?|heures?|minutes?|siecles?|printemps|ete"
        r"|automne|hiver|jahre?n?|monate?n?|tage?n?|stunden?|nuits?|trimestres?|semestres?)\b"
    ),
}
_NAMED = re.compile(r"(?<=[^\W_] )[A-ZÀ-Ý]|«|“|\bl'[A-ZÀ-Ý]")


def tells(query: Query, said: str) -> bool:
    """Do these words have the form of what the query is for?"""
    if query.detail is Detail.NAME:
        return bool(_NAMED.search(said))
    patterns = (_TOLD.get(query.intent), _STATED.get(query.detail) if query.detail else None)
    normal = normal_numbers(fold(said))
    return all(pattern is None or pattern.search(normal) for pattern in patterns)


def telling(query: Query, said: Sequence[str]) -> tuple[int, int] | None:
    """The first and last of some words that tell what the query is for; None where none do.

    A number of something is told right before that: of « la pétition 5, 640 plaintes » it is 640.

    >>> telling(Query("Combien ?", "", intent=Intent.AMOUNT), "Il coûte 30 francs".split())
    (2, 3)
    """
    if query.intent not in _TOLD:
        return None
    noun = counted(query)
    for size, first in product(range(1, _WIDEST + 1), range(len(said))):
        end = first + size
        if noun and noun.isdisjoint(stems(" ".join(said[end : end + _WIDEST]))):
            continue
        if tells(query, " ".join(said[first:end])):
            before = sum(1 for _ in takewhile(_is_number, reversed(said[:first])))
            after = sum(1 for _ in takewhile(_is_number, said[end:]))
            return first - before, min(end, len(said)) + after - 1
    return None


def _is_number(word: str) -> bool:
    return bool(_NUMERAL.search(normal_numbers(fold(word))))


def counted(query: Query) -> frozenset[str]:
    """Stems of the nouns of « combien de... », of which an answer speaks; none for a measure."""
    if query.intent is not Intent.HOW_MANY:
        return frozenset()
    nouns = " ".join(found["noun"] for found in _COUNTED.finditer(fold(query.wording)))
    return frozenset(stems(nouns)) - _MEASURES


# Names and codes in a question.


_CODE = re.compile(rf"(?:{'|'.join(TYPES)})\d+")
_WORDS = re.compile(r"[\w'’-]+")
_COMMON = frozenset(
    [
        "m",
        "mr",
        "mme",
        "monsieur",
        "madame",
        "messieurs",
        "mesdames",
        "conseil",
        "ville",
        "commune",
        "etat",
    ]
)


def names_in(query: Query) -> frozenset[str]:
    """Stems of the question's proper names and object codes: Lausanne, PR-12.

    Somewhere else's cycle track is no answer to a question about Lausanne's. A name that became a
    filter is held by whatever passes it; German writes all nouns with a capital.
    """
    filtered = {w for chip in query.chips if not chip.soft for w in _WORDS.findall(chip.words)}
    words = _WORDS.findall(query.wording)[1:] if query.language != "de" else ()
    capitals = " ".join(
        w for w in words if w[:1].isupper() and fold(w) not in _COMMON and w not in filtered
    )
    codes = (stem for stem in stems(query.wording) if _CODE.fullmatch(stem))
    return frozenset(stems(capitals)) | frozenset(codes)


# A question that yes or no answers is answered by a decision: « doivent-elles fermer ou pas ? »
_CLOSED = re.compile(
    r"^(?:et |alors |mais )*(?:est-ce (?:que |qu'|vrai )|y a-t-il |va-t-on )|-t-(?:il|elle|on)s?\b"
    r"|-(?:ils|elles)\b|\bou (?:pas|non)\b|^(?:is|are|will|does|did|do|can|has|have)\b"
    r"|^(?:ist|sind|wird|werden|hat|haben|kann|soll|sollen)\b"
)
_ASKS = re.compile(
    r"\b(?:combien|quand|qui|pourquoi|comment|ou en|quel(?:le)?s?|que|qu'|lequel|laquelle)\b"
)


def is_closed(query: Query) -> bool:
    """Does yes or no answer a question?"""
    asked = fold(query.wording).strip(" ?!.")
    if query.intent is not Intent.OPEN:
        return False
    found = _CLOSED.search(asked)
    return bool(found) and not _ASKS.search(_CLOSED.sub(" ", asked, count=1))
