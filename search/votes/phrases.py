"""The words in which a council's decisions are announced, reported, asked for and feared.

Pure: finds, in one sentence in the form of `tallies.council_normal`, what is decided on what. Does
not judge whether the sentence announces a result: `announcements` knows who says it, and when.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from search.filters import Outcome
from search.votes.vote import Subject


class Tense(StrEnum):
    """How a decision is told: only what is present, or just past, can be announced."""

    PRESENT = "present"  # est acceptée
    PERFECT = "perfect"  # a été acceptée
    ACTIVE = "active"  # vous avez accepté
    BARE = "bare"  # acceptée par...


@dataclass(frozen=True)
class Head:
    """What is decided on: the noun as it is written, None for a pronoun or nothing.

    `plural`: there are several, as "les motions".
    """

    subject: Subject = Subject.OBJECT
    noun: str | None = None
    plural: bool = False


@dataclass(frozen=True)
class DecisionPhrase:
    """One decision told in a sentence; its verb stands at `start` to `end`.

    `region` is the part of the sentence that says what is decided on.
    """

    outcome: Outcome
    destination: str
    tense: Tense
    head: Head
    pronoun: bool
    region: str
    start: int
    end: int

    @property
    def refuses(self) -> bool:
        """Have those who were against won?"""
        return self.outcome is Outcome.REFUSED


# --- what is decided on -----------------------------------------------------------------------

_NOUNS: tuple[tuple[str, Subject, str], ...] = (
    (r"(?:proposition|demande) de renvoi|renvoi", Subject.REFERRAL, "renvoi"),
    (r"(?:proposition|demande) d'ajournement|ajournement|report", Subject.POSTPONEMENT, "report"),
    (r"(?:proposition|demande) de classement|classement", Subject.FILING, "classement"),
    (r"(?:sous-)?amendement", Subject.AMENDMENT, "amendement"),
    (r"(?:clause d')?urgence", Subject.URGENCY, "urgence"),
    (r"prise en consideration", Subject.ENTRY, "prise en considération"),
    (r"entree en matiere|entrer en matiere", Subject.ENTRY, "entrée en matière"),
    (r"discussions? immediate", Subject.ENTRY, "discussion immédiate"),
    (r"motions? d'ordre", Subject.ORDER, "motion d'ordre"),
    (r"motions? de rejet(?: prealable)?", Subject.OBJECT, "motion de rejet préalable"),
    (r"motions? de renvoi(?: en commission)?", Subject.OBJECT, "motion de renvoi en commission"),
    (r"articles?|alineas?|chiffres?", Subject.ARTICLE, "article"),
    (r"proces[- ]verb(?:al|aux)", Subject.MINUTES, "procès-verbal"),
    (r"ordre du jour", Subject.AGENDA, "ordre du jour"),
    (r"projets? de deliberation", Subject.OBJECT, "projet de délibération"),
    (r"projets? de loi", Subject.OBJECT, "projet de loi"),
    (r"projets? d'arrete", Subject.OBJECT, "projet d'arrêté"),
    (r"projet", Subject.OBJECT, "projet"),
    (r"deliberation", Subject.OBJECT, "délibération"),
    (r"arrete", Subject.OBJECT, "arrêté"),
    (r"questions? ecrite", Subject.OBJECT, "question écrite"),
    (r"reglement", Subject.OBJECT, "règlement"),
    (r"decret", Subject.OBJECT, "décret"),
    (r"conclusion", Subject.OBJECT, "conclusions"),
    (r"contre-projet", Subject.OBJECT, "contre-projet"),
    (r"loi", Subject.OBJECT, "loi"),
    (r"credit", Subject.OBJECT, "crédit"),
    (r"petition", Subject.OBJECT, "pétition"),
    (r"resolution", Subject.OBJECT, "résolution"),
    *(
        (noun, Subject.OBJECT, noun)
        for noun in ("motion", "proposition", "postulat", "interpellation", "initiative", "budget")
    ),
    *((noun, Subject.OBJECT, noun) for noun in ("rapport", "objet", "convention", "texte", "plan")),
)
SUBJECTS = {noun: subject for _, subject, noun in _NOUNS}
"""What can be decided on, by its noun."""
_NOUN = re.compile(r"\b(?:" + "|".join(f"({pattern})s?" for pattern, _, _ in _NOUNS) + r")\b")
_PRONOUN = re.compile(r"(?:^|[ ,;:.])(?:elle|il|celle-ci|celui-ci|c'|cela|tout)(?: donc)?$")
_ASIDE = re.compile(
    r"(?:qui|que|dont|pour|par|de|des|du|d'|soit|avec|telle?|a savoir|sous|aux?|en|lequel|visant)\b"
)
_BREAK = re.compile(r"[,;:](?= )")


def head(text: str) -> Head:
    """What a stretch of a sentence is about: the first noun of its last part that has one."""
    for part in reversed(_BREAK.split(text)):
        bare = part.strip()
        if bare and not _ASIDE.match(bare) and (match := _NOUN.search(bare)):
            return _of_noun(match)
    return Head()


def first_noun(after: str) -> Head:
    """What an active verb bears on, named after it."""
    match = _NOUN.search(after)
    return _of_noun(match) if match else Head()


def _of_noun(match: re.Match[str]) -> Head:
    _, subject, noun = _NOUNS[(match.lastindex or 1) - 1]
    first = match[0].split()[0]
    several = first.endswith(("s", "aux")) and first != "proces"
    return Head(subject, noun, plural=several)


# --- what is decided --------------------------------------------------------------------------

_STEMS = {
    "accept": Outcome.ACCEPTED, "adopt": Outcome.ACCEPTED, "approuv": Outcome.ACCEPTED,
    "valid": Outcome.ACCEPTED, "vot": Outcome.ACCEPTED, "refus": Outcome.REFUSED,
    "rejet": Outcome.REFUSED, "repouss": Outcome.REFUSED, "renvoy": Outcome.COMMITTEE,
    "transm": Outcome.EXECUTIVE, "class": Outcome.FILED, "retir": Outcome.WITHDRAWN,
    "report": Outcome.POSTPONED, "ajourn": Outcome.POSTPONED,
    "rejett": Outcome.REFUSED, "renvoi": Outcome.COMMITTEE, "rampe": Outcome.ACCEPTED,
}  # fmt: skip
# A participle as it is written, or as it sounds: acceptée, accepter, acceptait.
_ENDING = r"(?:ees?|es?|er|ez|ait|is(?:es?)?)"
_VERB = rf"(?P<stem>{'|'.join(_STEMS)}){_ENDING}\b"
_PARTICIPLE = rf"(?P<stem>{'|'.join(_STEMS)})(?:ees?|es?|is(?:es?)?)\b"
_ADVERB = (
    r"(?:(?:donc|ainsi|alors|egalement|aussi|tacitement|largement|nettement|finalement|"
    r"unanimement|bien|d'office|a nouveau) )*"
)
_PASSIVE = re.compile(
    r"\b(?!(?<=c')est \w+er\b)(?P<aux>n'est|n'a|n'ont|est|sont|et|es|a ete|ont ete) "
    rf"(?P<not>pas (?:ete )?)?{_ADVERB}{_VERB}"
)
_WHO = (
    r"(?:vous|nous|le conseil (?:municipal|general|communal)|l'assemblee|"
    r"notre conseil|le plenum|le grand conseil|le parlement|la salle|on)"
)
_ACTIVE = re.compile(rf"\b{_WHO} (?:l'|les )?(?P<aux>avez|avons|a) {_ADVERB}{_VERB}")
_NOW = re.compile(
    rf"\b(?!nous|on){_WHO} (?:l'|les )?(?:donc )?(?P<stem>{'|'.join(_STEMS)})(?:ez|e)\b"
    r"(?! la parole)"
)
_PASSES = re.compile(r"\b(?:passe|a passe)(?P<aux>)(?P<not>) la (?P<stem>rampe)\b")
_BARE = re.compile(
    rf"(?:^|[,.:;] |\b(?P<noun>{_NOUN.pattern})(?: [\w-]+)? ){_PARTICIPLE}"
    r"(?= (?:par|a l'|a une|sans|tac)|[.!]?$)"
)
_TAKES_BACK = re.compile(
    r"\b(?:je|nous|monsieur|madame|m\.|mme|groupe)\b(?: [\w'-]+){0,4} (?P<stem>retir)(?:e|ons|ent)"
    r"(?: donc| alors)? (?:son|mon|notre|leur|nos|ses|cet|cette|la(?! parole)|l'|ma|sa)\b"
)


def decisions(normal: str) -> Iterator[DecisionPhrase]:
    """Every decision that a sentence tells, in order."""
    after = 0
    for tense, match in _matches(normal):
        if match.start() >= after:
            yield _decision(normal, tense, match, after)
            after = match.end()


def _matches(normal: str) -> list[tuple[Tense, re.Match[str]]]:
    found = [(_tense(m), m) for m in _PASSIVE.finditer(normal)]
    found += [(Tense.PRESENT, m) for m in _PASSES.finditer(normal)]
    found += [(Tense.ACTIVE, m) for rule in (_ACTIVE, _NOW) for m in rule.finditer(normal)]
    found += [
        (Tense.ACTIVE, m) for m in _TAKES_BACK.finditer(normal) if _NOUN.search(normal, m.end())
    ]
    found += [(Tense.BARE, m) for m in _BARE.finditer(normal)]
    return sorted(found, key=lambda one: one[1].end())


def _tense(passive: re.Match[str]) -> Tense:
    if passive["aux"] == "et":  # "est" misheard, or one more participle: "déposée et acceptée"
        return Tense.BARE
    return Tense.PERFECT if "ete" in passive["aux"] + (passive["not"] or "") else Tense.PRESENT


def _decision(normal: str, tense: Tense, match: re.Match[str], after: int) -> DecisionPhrase:
    before, rest = normal[after : match.start()].rstrip(), normal[match.end() :]
    if tense is Tense.ACTIVE:
        region, of = rest, first_noun(rest)
    else:
        noun = match.groupdict().get("noun")
        region = f"{before} {noun}" if noun else before
        of = head(region)
        if not (of.noun or before or tense is Tense.BARE) and (named := _INVERTED.search(rest)):
            region, of = named[0], first_noun(named[0])
    if not _is_of_several(tense, match):
        of = replace(of, plural=False)  # "la motions est acceptée": heard so
    negated = tense in (Tense.PRESENT, Tense.PERFECT) and bool(match["not"])
    outcome, destination = _outcome(match["stem"], rest, negated=negated)
    if outcome is Outcome.ACCEPTED and of.subject in _ACCEPTING:
        outcome, destination = _effect(of.subject, region)
    return DecisionPhrase(
        outcome=outcome,
        destination=destination,
        tense=tense,
        head=of,
        pronoun=of.noun is None and bool(_PRONOUN.search(before)),
        region=region,
        start=match.start(),
        end=match.end(),
    )


# "Sont acceptés par 40 oui les amendements 1 et 2": what follows "à" is where it is sent.
_INVERTED = re.compile(
    rf"^[^,;]{{0,80}}?(?<!\ba )\b(?:l[ea]s? |l'|ce\w{{0,3}} )(?:{_NOUN.pattern}).*"
)


def _is_of_several(tense: Tense, match: re.Match[str]) -> bool:
    """Can several things be what a verb decides on, by its form?"""
    if tense is Tense.BARE:
        return match[0].rstrip().endswith("s")
    return tense is Tense.ACTIVE or match["aux"] in ("sont", "ont ete", "n'ont")


_ACCEPTING = (Subject.REFERRAL, Subject.POSTPONEMENT, Subject.FILING)


def _effect(subject: Subject, region: str) -> tuple[Outcome, str]:
    """What accepting a referral, a postponement or a filing does to its object."""
    if subject is Subject.POSTPONEMENT:
        return Outcome.POSTPONED, ""
    if subject is Subject.FILING:
        return Outcome.FILED, ""
    executive = _EXECUTIVE.search(region)
    committee = _COMMITTEE.search(region)
    if executive and not committee:
        return Outcome.EXECUTIVE, executive["name"]
    return Outcome.COMMITTEE, committee["name"].strip() if committee else ""


# --- where it is sent -------------------------------------------------------------------------

_EXECUTIVE = re.compile(
    r"\ba(?:u|ux|) (?:la |l')?(?P<name>conseils? administratifs?|conseil d'etat|conseil federal|"
    r"conseil communal|municipalite|executif|mairie|college(?: \w+)?|gouvernement)\b"
)
_COMMITTEE = re.compile(
    r"\b(?:a la|aux?|en|a une|a l') (?P<name>(?:sous-)?commissions?"
    r"(?: (?:de la|de l'|des|du|de|d'|ad hoc|et|[\w'-]+)(?! \d)){0,7}?)"
    r"(?=$|[,.;:!)]| par \d| sans | a l'unan| a une | avec \d| tacit| est | sont | pour | contre|"
    r" \d| accept| refus| et (?:la|le|l') )"
)
_LATER = re.compile(r"\b(?:prochaine|seance|ulterieur|plus tard|mois|janvier|automne)\b")


def _outcome(stem: str, after: str, *, negated: bool) -> tuple[Outcome, str]:
    outcome = _STEMS[stem]
    if negated:
        return Outcome.REFUSED, ""
    if outcome not in (Outcome.COMMITTEE, Outcome.EXECUTIVE):
        return outcome, ""
    executive, committee = _EXECUTIVE.search(after), _COMMITTEE.search(after)
    if executive and not (committee and committee.start() < executive.start()):
        return Outcome.EXECUTIVE, executive["name"]
    if committee:
        return Outcome.COMMITTEE, committee["name"].strip()
    return (Outcome.POSTPONED if _LATER.search(after) else outcome), ""
