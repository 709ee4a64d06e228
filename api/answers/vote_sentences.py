"""A vote in one French sentence: what was decided, on what, by how many. Pure."""

import re

from ingest.text import fold
from search.filters import Outcome
from search.votes.amendments import MOST_NAMED
from search.votes.vote import KINDS, Subject, Vote, noun_of, plural_of

_FEMININE_NOUNS = (
    *("motion", "proposition", "pétition", "résolution", "interpellation", "initiative"),
    *("urgence", "prise en considération", "entrée en matière", "discussion immédiate"),
    *("motion d'ordre", "délibération", "loi", "convention", "question écrite"),
    *("motion de rejet préalable", "motion de renvoi en commission", "conclusions"),
)
_FEMININE = frozenset((*_FEMININE_NOUNS, *map(plural_of, _FEMININE_NOUNS)))
_CODES = re.compile(r" [A-Z]{1,3}-\d.*")
_DECIDED = {
    Outcome.ACCEPTED: "accepté",
    Outcome.REFUSED: "refusé",
    Outcome.COMMITTEE: "renvoyé",
    Outcome.EXECUTIVE: "renvoyé",
    Outcome.FILED: "classé",
    Outcome.WITHDRAWN: "retiré",
    Outcome.POSTPONED: "reporté",
}
_TO_CONFIRM = "à confirmer"
_TO_CHECK = "chiffres à vérifier"
_PROCEDURE = (Subject.REFERRAL, Subject.POSTPONEMENT, Subject.FILING)
_WRITTEN = {
    "conseil administratif": "Conseil administratif",
    "conseils administratifs": "Conseil administratif",
    "conseil d'etat": "Conseil d'État",
    "conseil federal": "Conseil fédéral",
    "conseil communal": "Conseil communal",
}


def told(vote: Vote) -> str:
    """As `sentence` has it, marked where no clerk has confirmed it: what readers are shown.

    `la motion M-7 a été refusée, par 42 non contre 31 oui (à confirmer)`, without a stop.
    """
    return f"{sentence(vote)}{mark(vote)}"


def mark(vote: Vote) -> str:
    """What is said after a vote that no clerk has confirmed."""
    return "" if vote.confirmed else f" ({_TO_CONFIRM})"


def sentence(vote: Vote) -> str:
    """`la motion M-7 a été refusée, par 42 non contre 31 oui et 4 abstentions`, without a stop.

    Where the words do not say what was decided on, neither does the sentence.
    """
    noun, how = _noun(vote), figures(vote)
    if not noun:
        return f"un vote a été annoncé{f', {how}' if how else ''}"
    of, plural = _named(vote, noun), _is_plural(noun)
    if vote.outcome is Outcome.TIED:
        return f"{of} {'ont' if plural else 'a'} recueilli {_oui(vote.yes)} et {_non(vote.no)}"
    parts = (f"{of} {'ont' if plural else 'a'} été {_agreed(vote, noun)}", _where(vote))
    return " ".join(part for part in parts if part) + (f", {how}" if how else "")


def decision_line(vote: Vote) -> str:
    """`Refusée : 42 non, 31 oui, 4 abstentions`: the decision in one line, the winners first.

    Of what is decided it says no more than the form of the participle, and nothing where the words
    do not say on what; of a committee's vote, whose it is. Marked as `told` is.
    """
    noun = _noun(vote)
    agreed = "égalité" if vote.outcome is Outcome.TIED else _agreed(vote, noun)
    decided = " ".join(part for part in (agreed, _where(vote)) if part)
    if not noun:
        decided = "vote annoncé"
    sides = [_oui(vote.yes), _non(vote.no)]
    if vote.outcome is Outcome.REFUSED:
        sides.reverse()
    if vote.abstentions:
        sides.append(_count(vote.abstentions, "abstention"))
    counted = _TO_CHECK if vote.unsure else ", ".join(side for side in sides if side)
    of = " (en commission)" if vote.committee else ""
    how = counted or vote.margin
    return f"{decided[:1].upper()}{decided[1:]}{of}{f' : {how}' if how else ''}{mark(vote)}"


def _agreed(vote: Vote, noun: str) -> str:
    feminine, plural = _is_feminine(noun), _is_plural(noun)
    return _DECIDED[vote.outcome] + ("e" if feminine else "") + ("s" if plural else "")


def _is_feminine(noun: str) -> bool:
    return _CODES.sub("", noun) in _FEMININE


def _is_plural(noun: str) -> bool:
    return noun.split(" ", maxsplit=1)[0].endswith(("s", "aux"))


def figures(vote: Vote) -> str:
    """`par 41 oui contre 27 non et 6 abstentions`, `à l'unanimité`, or nothing that was said."""
    yes, no = (_oui(vote.yes), _non(vote.no))
    sides = [side for side in ((no, yes) if vote.outcome is Outcome.REFUSED else (yes, no)) if side]
    counted = f"par {' contre '.join(sides)}" if sides else ""
    if counted and vote.abstentions:
        counted += f" et {_count(vote.abstentions, 'abstention')}"
    elif counted and vote.abstentions == 0:
        counted += ", sans abstention"
    unsure = _TO_CHECK if vote.unsure else ""
    return ", ".join(part for part in (vote.margin, counted, unsure) if part)


def nominal(vote: Vote) -> str:
    """`Oui : A, B. Non : C.`: who voted how, nothing where it is not known."""
    given = vote.ballots
    sides = (("Oui", given.yes), ("Non", given.no), ("Abstentions", given.abstentions))
    return " ".join(f"{side} : {', '.join(names)}." for side, names in sides if names)


def _oui(count: int | None) -> str:
    return "" if count is None else f"{count} oui"


def _non(count: int | None) -> str:
    return "" if count is None else f"{count} non"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number > 1 else ''}"


def _noun(vote: Vote) -> str:
    """What was decided on, or the object itself where a procedure was accepted."""
    carried = vote.subject in _PROCEDURE and vote.outcome is not Outcome.REFUSED
    return noun_of(vote.object) if carried else vote.noun


def _named(vote: Vote, noun: str) -> str:
    """`la motion M-7`, `l'amendement de Julien Rochat (PR-12)`, `les amendements n° 12 et 15`.

    The title of the point under which it fell is added only where it begins with what was decided
    on ("Motion des Verts..."): an amendment is not its point.
    """
    article = "la " if _is_feminine(noun) else "le "
    if _is_plural(noun):
        article = "les "
    elif fold(noun)[:1] in "aeiou":
        article = "l'"
    mover = f" {_of(vote.mover)}" if vote.mover else ""
    bare = article + _shortened(noun)
    if not vote.object:
        titled = fold(vote.item).startswith(fold(noun)) and not mover
        return f"{bare} « {vote.item} »" if titled else f"{bare}{mover}"
    kind = vote.object.split("-")[0]
    if noun == noun_of(vote.object) or kind in KINDS.get(
        noun, ()
    ):  # "la motion M-7", not "le crédit"
        return f"{bare} {vote.object}{mover}"
    return f"{bare}{mover} ({vote.object})"


def _shortened(noun: str) -> str:
    """`amendements n° 2, 56, 258 et 37 autres` of a long list, and "et" in a short one."""
    first, *more = noun.split(", ")
    if not more:
        return noun
    if len(more) < MOST_NAMED:
        return f"{', '.join((first, *more[:-1]))} et {more[-1]}"
    left = len(more) - MOST_NAMED + 1
    return f"{', '.join((first, *more[: MOST_NAMED - 1]))} et {left} autre{'s' if left > 1 else ''}"


def _of(mover: str) -> str:
    first = fold(mover)
    if first.startswith(("groupe", "parti", "centre", "conseil")) or mover.isupper():
        return f"du {mover}"
    if first.startswith(("vert", "socialistes", "liberaux")):
        return f"des {mover}"
    if first.startswith("commission"):
        return f"de la {mover}"
    return f"d'{mover}" if first[:1] in "aeiouh" else f"de {mover}"


def _where(vote: Vote) -> str:
    """Where it was sent, as it is written."""
    name = vote.destination
    if vote.outcome is Outcome.EXECUTIVE:
        known = _WRITTEN.get(fold(name))
        return (
            f"au {known}"
            if known
            else f"à la {name}"
            if fold(name) == "municipalite"
            else ("à l'exécutif")
        )
    if vote.outcome is not Outcome.COMMITTEE:
        return ""
    if not name or fold(name) == "commission":
        return "en commission"
    return (
        f"{'aux' if fold(name).startswith('commissions') else 'à la'} {name[0].lower()}{name[1:]}"
    )
