"""What a template of minutes may name, in the words of the clerks who write one. Pure.

Field names are French: they are written in the clerk's own document, as `{{ titre }}`. What each
holds is said here once, and the office's page of help shows it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import date
from itertools import groupby
from typing import Any

from api.taking_out.script import TOLD, Chapter, Entry, Gap, Script, clean, heading
from api.vote_wording import told
from api.wording import day, extent
from ingest.text import clock
from ingest.transcript import AgendaItem, Person
from search.votes import Vote

_NO_GROUP = "Sans groupe"


def _is(says: str) -> Any:
    return field(metadata={"says": says})


@dataclass(frozen=True)
class Membre:
    """Somebody on the sitting's list."""

    nom: str = _is("prénom et nom")
    fonction: str = _is("fonction, comme « conseillère municipale »")
    groupe: str = _is("parti ou groupe")


@dataclass(frozen=True)
class Groupe:
    """Those of one group."""

    nom: str = _is("nom du groupe, ou « Sans groupe »")
    membres: tuple[Membre, ...] = _is("ses membres : nom, fonction, groupe")


@dataclass(frozen=True)
class Passage:
    """A speech, or a stretch without words."""

    parole: bool = _is(
        "vrai si quelqu'un parle ; faux pour un huis clos ou une parole non transcrite"
    )
    nom: str = _is("qui parle")
    fonction: str = _is("sa fonction")
    groupe: str = _is("son groupe")
    qui: str = _is("nom, fonction et groupe sur une ligne")
    change: bool = _is("vrai si ce n'est plus la même personne qu'au passage précédent")
    heure: str = _is("temps dans l'enregistrement, 0:12:31 ; vide sans horaires")
    texte: str = _is("ce qui est dit, mot pour mot ; sinon « Passage à huis clos »")


@dataclass(frozen=True)
class Decision:
    """A vote or a decision that was announced."""

    phrase: str = _is("la décision en une phrase, avec les voix")
    paroles: str = _is("les mots mêmes qui l'annoncent")
    objet: str = _is("code de l'objet, comme PR-12")
    confirmee: bool = _is("vrai si le secrétariat l'a confirmée")
    heure: str = _is("temps dans l'enregistrement ; vide sans horaires")


@dataclass(frozen=True)
class Point:
    """A point of the agenda. Before the first, one without number or title."""

    numero: str = _is("numéro")
    titre: str = _is("titre")
    objet: str = _is("code de l'objet, comme PR-12")
    intitule: str = _is("numéro, titre et objet sur une ligne ; vide avant le premier point")
    heure: str = _is("temps dans l'enregistrement ; vide sans horaires")
    passages: tuple[Passage, ...] = _is("ce qui est dit, dans l'ordre")
    decisions: tuple[Decision, ...] = _is("votes et décisions")


@dataclass(frozen=True)
class Minutes:
    """All that a template is given."""

    ville: str = _is("nom de la commune")
    titre: str = _is("titre de la séance")
    organe: str = _is("qui siège, comme « Conseil municipal »")
    date: str = _is("date en toutes lettres")
    date_courte: str = _is("date en chiffres, 13.05.2025")
    duree: str = _is("durée de l'enregistrement")
    etat: str = _is("transcription automatique, ou revue par qui et quand")
    revu: bool = _is("vrai si une personne a relu le texte")
    horaires: bool = _is("vrai si les temps ont été demandés")
    groupes: tuple[Groupe, ...] = _is("la liste de la séance, par groupe")
    orateurs: tuple[Membre, ...] = _is("qui a pris la parole, dans l'ordre")
    ordre_du_jour: tuple[Point, ...] = _is("les points annoncés, même non traités")
    points: tuple[Point, ...] = _is("les points traités, avec ce qui s'y est dit")


_INSIDE: dict[str, type] = {
    "groupes": Groupe,
    "membres": Membre,
    "orateurs": Membre,
    "points": Point,
    "passages": Passage,
    "decisions": Decision,
}


def documented() -> dict[str, dict[str, str]]:
    """What each field of a template holds: the whole document's under "", then each list's."""
    return {"": _told(Minutes)} | {name: _told(of) for name, of in _INSIDE.items()}


def _told(of: type) -> dict[str, str]:
    return {one.name: one.metadata["says"] for one in fields(of)}


# --- from a sitting ---------------------------------------------------------------------------


def minutes(script: Script, city: str, *, timecodes: bool) -> Minutes:
    """What is written of a sitting."""
    session = script.session
    with_clocks = timecodes and session.has_audio
    return Minutes(
        ville=clean(city),
        titre=session.title,
        organe=session.body,
        date=day(session.date),
        date_courte=_short(session.date),
        duree=extent(session),
        etat=script.state,
        revu=session.reviewed is not None,
        horaires=with_clocks,
        groupes=tuple(_groups(session.roster)),
        orateurs=tuple(_speakers(script)),
        ordre_du_jour=tuple(_point(item, (), (), with_clocks) for item in session.agenda),
        points=tuple(_chapter(chapter, with_clocks) for chapter in script.chapters),
    )


def _short(when: date) -> str:
    return f"{when.day:02}.{when.month:02}.{when.year}"


def _groups(roster: tuple[Person, ...]) -> Iterator[Groupe]:
    """By name of group, those without one last."""

    def key(person: Person) -> tuple[bool, str]:
        return not person.group, person.group

    for (_, name), people in groupby(sorted(roster, key=key), key=key):
        members = (Membre(clean(p.name), clean(p.role), clean(p.group)) for p in people)
        yield Groupe(clean(name) or _NO_GROUP, tuple(members))


def _speakers(script: Script) -> Iterator[Membre]:
    who = (entry.who for entry in script.entries if not isinstance(entry, Gap))
    for one in dict.fromkeys(who):
        if one.known:
            yield Membre(one.name, one.role, one.group)


def _chapter(chapter: Chapter, with_clocks: bool) -> Point:
    entries = chapter.entries
    before = (None, *entries[:-1]) if entries else ()
    said = tuple(
        _passage(entry, last, with_clocks) for entry, last in zip(entries, before, strict=True)
    )
    return _point(chapter.item, said, chapter.votes, with_clocks)


def _point(
    item: AgendaItem | None,
    said: tuple[Passage, ...],
    votes: tuple[Vote, ...],
    with_clocks: bool,
) -> Point:
    decisions = tuple(_decision(vote, with_clocks) for vote in votes)
    if item is None:
        return Point("", "", "", "", "", said, decisions)
    at = "" if item.start_ms is None else _clock(item.start_ms, with_clocks)
    return Point(item.number, item.title, item.object or "", heading(item), at, said, decisions)


def _passage(entry: Entry, before: Entry | None, with_clocks: bool) -> Passage:
    at = _clock(entry.start_ms, with_clocks)
    if isinstance(entry, Gap):
        return Passage(False, "", "", "", "", True, at, TOLD[entry.why])
    who = entry.who
    change = isinstance(before, Gap) or before is None or before.who != who
    name = (
        f"{who.name}{f', {who.role}' if who.role else ''}{f' ({who.group})' if who.group else ''}"
    )
    return Passage(True, who.name, who.role, who.group, name, change, at, entry.text)


def _decision(vote: Vote, with_clocks: bool) -> Decision:
    sentence = clean(told(vote))
    return Decision(
        phrase=f"{sentence[:1].upper()}{sentence[1:]}.",
        paroles=clean(vote.said),
        objet=clean(vote.object or ""),
        confirmee=vote.confirmed,
        heure=_clock(vote.start_ms, with_clocks),
    )


def _clock(at_ms: int, shown: bool) -> str:
    return clock(at_ms) if shown else ""
