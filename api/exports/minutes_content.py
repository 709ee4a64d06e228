"""What minutes say of a session: its script, attendance and votes as a template's fields."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby

from api.answers.vote_sentences import nominal, told
from api.exports.attendance import Attendance, Attended
from api.exports.minutes import (
    Groupe,
    Membre,
    Minutes,
    MinutesDecision,
    MinutesEntry,
    MinutesMember,
    MinutesPoint,
)
from api.exports.script import TOLD, Chapter, Entry, Gap, Script, heading, one_line
from api.views.wording import extent
from ingest.french_dates import day
from ingest.text import clock
from ingest.transcript import AgendaItem, Person
from search.votes.vote import Vote

_NO_GROUP = "Sans groupe"


def minutes(script: Script, city: str, *, timecodes: bool) -> Minutes:
    """What is written of a session."""
    session = script.session
    with_clocks = timecodes and session.is_recorded
    there = script.attendance or Attendance()
    return Minutes(
        ville=one_line(city),
        titre=session.title,
        organe=session.body,
        date=day(session.date),
        date_courte=_short(session.date),
        duree=extent(session),
        etat=script.state,
        revu=session.reviewed is not None and session.reading.is_whole,
        horaires=with_clocks,
        ouverture=_hour(there.opened),
        cloture=_hour(there.closed),
        presents=tuple(_present(there, Attended.PRESENT)),
        excuses=tuple(_present(there, Attended.EXCUSED)),
        absents=tuple(_present(there, Attended.ABSENT)),
        groupes=tuple(_groups(session.roster)),
        orateurs=tuple(_speakers(script)),
        ordre_du_jour=tuple(
            _point(item, heading(item), (), (), with_clocks) for item in session.agenda
        ),
        points=tuple(_chapter(chapter, with_clocks) for chapter in script.chapters),
    )


def _short(when: date) -> str:
    return f"{when.day:02}.{when.month:02}.{when.year}"


def _hour(written: str) -> str:
    """An hour as minutes write it: "17:05" is "17 h 05"."""
    return written.replace(":", " h ")


def _present(there: Attendance, state: Attended) -> Iterator[MinutesMember]:
    for one in there.people:
        if one.state is state:
            person, hours = one.person, (_hour(one.arrived), _hour(one.left))
            yield MinutesMember(
                one_line(person.name), one_line(person.role), one_line(person.group), *hours
            )


def _groups(roster: tuple[Person, ...]) -> Iterator[Groupe]:
    """By name of group, those without one last."""

    def key(person: Person) -> tuple[bool, str]:
        return not person.group, person.group

    for (_, name), people in groupby(sorted(roster, key=key), key=key):
        members = (Membre(one_line(p.name), one_line(p.role), one_line(p.group)) for p in people)
        yield Groupe(one_line(name) or _NO_GROUP, tuple(members))


def _speakers(script: Script) -> Iterator[Membre]:
    for one in dict.fromkeys(speech.who for speech in script.speeches):
        if one.known:
            yield Membre(one.name, one.role, one.group)


def _chapter(chapter: Chapter, with_clocks: bool) -> MinutesPoint:
    entries = chapter.entries
    before = (None, *entries[:-1]) if entries else ()
    said = tuple(
        _passage(entry, last, with_clocks) for entry, last in zip(entries, before, strict=True)
    )
    return _point(chapter.item, chapter.heading, said, chapter.votes, with_clocks)


def _point(
    item: AgendaItem | None,
    line: str,
    said: tuple[MinutesEntry, ...],
    votes: tuple[Vote, ...],
    with_clocks: bool,
) -> MinutesPoint:
    decisions = tuple(_decision(vote, with_clocks) for vote in votes)
    if item is None:
        return MinutesPoint("", "", "", line, "", said, decisions)
    at = "" if item.start_ms is None else _clock(item.start_ms, with_clocks)
    return MinutesPoint(item.number, item.title, item.object or "", line, at, said, decisions)


def _passage(entry: Entry, before: Entry | None, with_clocks: bool) -> MinutesEntry:
    at = _clock(entry.start_ms, with_clocks)
    if isinstance(entry, Gap):
        return MinutesEntry(False, "", "", "", "", True, at, TOLD[entry.why])
    who = entry.who
    change = isinstance(before, Gap) or before is None or before.who != who
    name = (
        f"{who.name}{f', {who.role}' if who.role else ''}{f' ({who.group})' if who.group else ''}"
    )
    return MinutesEntry(True, who.name, who.role, who.group, name, change, at, entry.text)


def _decision(vote: Vote, with_clocks: bool) -> MinutesDecision:
    sentence = one_line(told(vote))
    return MinutesDecision(
        phrase=f"{sentence[:1].upper()}{sentence[1:]}.",
        paroles=one_line(vote.said),
        objet=one_line(vote.object or ""),
        nominal=one_line(nominal(vote)),
        confirmee=vote.confirmed,
        heure=_clock(vote.start_ms, with_clocks),
    )


def _clock(at_ms: int, shown: bool) -> str:
    return clock(at_ms) if shown else ""
