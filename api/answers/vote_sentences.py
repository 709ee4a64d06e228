"""A vote in one French sentence: what was decided, on what, by how many. Pure."""

from ingest.text import fold
from search.filters import Outcome
from search.votes.vote import Subject, Vote, noun_of

_FEMININE = frozenset(
    {
        *("motion", "proposition", "pétition", "résolution", "interpellation", "initiative"),
        *("urgence", "prise en considération", "entrée en matière", "discussion immédiate"),
        *("motion d'ordre", "délibération", "loi", "convention", "question écrite"),
    }
)
_DECIDED = {
    Outcome.ACCEPTED: "accepté",
    Outcome.REFUSED: "refusé",
    Outcome.COMMITTEE: "renvoyé",
    Outcome.EXECUTIVE: "renvoyé",
    Outcome.FILED: "classé",
    Outcome.WITHDRAWN: "retiré",
    Outcome.POSTPONED: "reporté",
}
_PROCEDURE = (Subject.REFERRAL, Subject.POSTPONEMENT, Subject.FILING)
_WRITTEN = {
    "conseil administratif": "Conseil administratif",
    "conseils administratifs": "Conseil administratif",
    "conseil d'etat": "Conseil d'État",
    "conseil federal": "Conseil fédéral",
    "conseil communal": "Conseil communal",
}


def told(vote: Vote) -> str:
    """`la motion M-7 a été refusée, par 42 non contre 31 oui et 4 abstentions`, without a stop."""
    noun = _noun(vote)
    of = _named(vote, noun)
    if vote.outcome is Outcome.TIED:
        return f"{of} a recueilli {_oui(vote.yes)} et {_non(vote.no)}"
    agreed = _DECIDED[vote.outcome] + ("e" if noun in _FEMININE else "")
    parts = (f"{of} a été {agreed}", _where(vote))
    how = figures(vote)
    return " ".join(part for part in parts if part) + (f", {how}" if how else "")


def figures(vote: Vote) -> str:
    """`par 41 oui contre 27 non et 6 abstentions`, `à l'unanimité`, or nothing that was said."""
    yes, no = (_oui(vote.yes), _non(vote.no))
    sides = [side for side in ((no, yes) if vote.outcome is Outcome.REFUSED else (yes, no)) if side]
    counted = f"par {' contre '.join(sides)}" if sides else ""
    if counted and vote.abstentions:
        counted += f" et {_count(vote.abstentions, 'abstention')}"
    elif counted and vote.abstentions == 0:
        counted += ", sans abstention"
    return ", ".join(part for part in (vote.margin, counted) if part)


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
    """`la motion M-7`, `l'amendement de Julien Rochat (PR-12)`, `l'objet « Budget »`."""
    bare = f"l'{noun}" if fold(noun)[:1] in "aeiou" else f"la {noun}"
    if bare.startswith("la ") and noun not in _FEMININE:
        bare = f"le {noun}"
    mover = f" {_of(vote.mover)}" if vote.mover else ""
    if not vote.object:
        return f"{bare}{mover}" + (f" « {vote.item} »" if vote.item and not mover else "")
    if vote.subject is Subject.OBJECT or noun != vote.noun:
        return f"{bare} {vote.object}{mover}"
    return f"{bare}{mover} ({vote.object})"


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
