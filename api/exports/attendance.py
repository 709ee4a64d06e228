"""Who was there, who came and left, when a session was opened and closed: for its minutes.

What the words and the list tell is proposed, with the words it rests on; only what a clerk has
confirmed is written into minutes. Hours are as clerks write them, "17:30", empty where unknown.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import JSON, Column, Connection, DateTime, ForeignKey, String, Table, select, update

from ingest.archive import audit
from ingest.archive import schema as t
from ingest.errors import BadInput
from ingest.french_dates import read_hour
from ingest.text import fold, sentence_ranges
from ingest.transcript import Person, Session, Transcript
from search.language.numbers import normal_numbers

table = Table(
    "attendance",
    t.metadata,
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("record", JSON, nullable=False),
    Column("by", String, nullable=False),
    Column("at", DateTime, nullable=False),
)


class Attended(StrEnum):
    """Was a member there?"""

    UNKNOWN = ""
    PRESENT = "present"
    EXCUSED = "excused"
    ABSENT = "absent"


@dataclass(frozen=True)
class MemberPresence:
    """A member: whether there, and when they came or left, if not for the whole session.

    `rests_on` are the words that a proposal rests on; nothing of them is kept.
    """

    person: Person
    state: Attended = Attended.UNKNOWN
    arrived: str = ""
    left: str = ""
    rests_on: str = ""


@dataclass(frozen=True)
class Attendance:
    """The members in the order of the list, and the hours."""

    people: tuple[MemberPresence, ...] = ()
    opened: str = ""
    closed: str = ""


# --- kept -------------------------------------------------------------------------------------


def confirmed(db: Connection, session: Session) -> Attendance | None:
    """What a clerk has confirmed of a session, by its list as it is now; None while nothing."""
    row = db.execute(select(table.c.record).where(table.c.session_id == session.id)).scalar()
    if row is None:
        return None
    said = {one["name"]: one for one in row["people"]}
    people = tuple(_kept(person, said.get(person.name, {})) for person in session.roster)
    return Attendance(people, row["opened"], row["closed"])


def _kept(person: Person, said: Mapping[str, str]) -> MemberPresence:
    state = Attended(said.get("state", ""))
    return MemberPresence(person, state, said.get("arrived", ""), said.get("left", ""))


def confirm(db: Connection, session: Session, given: Attendance, by: str) -> None:
    """Keep what a clerk confirms."""
    people = [
        {"name": p.person.name, "state": p.state, "arrived": p.arrived, "left": p.left}
        for p in given.people
    ]
    record = {"people": people, "opened": given.opened, "closed": given.closed}
    values = {"record": record, "by": by, "at": t.now()}
    t.put(db, table, {"session_id": session.id}, values)
    audit.record(db, by, "session.attendance", session.id)


def rename(db: Connection, session_id: str, names: Mapping[str, str]) -> None:
    """Have what is kept of members follow their names, where the list now spells them anew."""
    this = table.c.session_id == session_id
    record = db.execute(select(table.c.record).where(this)).scalar()
    if record is None or not names:
        return
    people = [one | {"name": names.get(one["name"], one["name"])} for one in record["people"]]
    db.execute(update(table).where(this).values(record=record | {"people": people}))


def read_attendance(session: Session, typed: Mapping[str, str]) -> Attendance:
    """A form as it was sent: `state-0`, `arrived-0`, `left-0`, ... by the list. `BadInput`."""

    def hour(name: str) -> str:
        text = typed.get(name, "").strip()
        return read_hour(text).strftime("%H:%M") if text else ""

    def state(n: int) -> Attended:
        try:
            return Attended(typed.get(f"state-{n}", ""))
        except ValueError:
            raise BadInput("Cette présence n'existe pas : rechargez la page.") from None

    people = tuple(
        MemberPresence(person, state(n), hour(f"arrived-{n}"), hour(f"left-{n}"))
        for n, person in enumerate(session.roster)
    )
    return Attendance(people, hour("opened"), hour("closed"))


def as_typed(session: Session, typed: Mapping[str, str]) -> Attendance:
    """A form that cannot be kept, shown again as it was sent."""
    states = set(Attended)
    people = tuple(
        MemberPresence(
            person,
            Attended(state)
            if (state := typed.get(f"state-{n}", "")) in states
            else Attended.UNKNOWN,
            typed.get(f"arrived-{n}", ""),
            typed.get(f"left-{n}", ""),
        )
        for n, person in enumerate(session.roster)
    )
    return Attendance(people, typed.get("opened", ""), typed.get("closed", ""))


# --- proposed ---------------------------------------------------------------------------------

_OPENS = re.compile(
    r"\b(?:seance est (?:declaree )?ouverte|ouvr(?:e|ons) (?:la|cette|notre) seance"
    r"|declare (?:la seance )?ouverte)\b"
)
_CLOSES = re.compile(
    r"\b(?:seance est (?:levee|close|terminee)"
    r"|(?:leve|levons|clos|cloture) (?:la|cette|notre) seance)\b"
)
_EXCUSED = re.compile(r"\b(?:excus(?:er|ee?s?|ent)|excuses)\b")
_ABSENT = re.compile(r"\babsente?s?\b")
_ARRIVES = re.compile(
    r"\b(?:arrive(?:e de)?|est arrivee?|(?:nous )?rejoint|prend place|entre en seance)\b"
)
_LEAVES = re.compile(
    r"\b(?:quitte|(?:doit|devra) (?:nous )?quitter|s en va|se retire|depart de|nous quitte)\b"
)
_HOUR = re.compile(r"\b(\d{1,2}) ?(?:h|heures?)(?: ?(\d{1,2}))?\b")
_LAST_HOUR, _LAST_MINUTE = 24, 60  # of the clock, not included


@dataclass(frozen=True)
class _Said:
    """A sentence: folded, with its numbers in figures, as it was said, and when."""

    text: str
    words: str
    start_ms: int


def proposal(session: Session, transcript: Transcript) -> Attendance:
    """What the words and the list tell. Who speaks was there; of others only what was said."""
    said = list(_sentences(transcript))
    spoken = {speaker.person for speaker in transcript.speakers}
    people = {
        person.name: MemberPresence(
            person, Attended.PRESENT if person.name in spoken else Attended.UNKNOWN
        )
        for person in session.roster
    }
    keys = _keys(session.roster)
    for one in said:
        for name, key in keys.items():
            if f" {key} " in f" {one.text} ":
                people[name] = _told(people[name], one, key, session)
    opened = next((one for one in said if _OPENS.search(one.text)), None)
    closed = next((one for one in reversed(said) if _CLOSES.search(one.text)), None)
    return Attendance(
        tuple(people.values()),
        _hour(opened, session) if opened else _at(session, 0),
        _hour(closed, session) if closed else "",
    )


def _sentences(transcript: Transcript) -> Iterator[_Said]:
    for turn in transcript.turns:
        for run in sentence_ranges(turn.words):
            words = " ".join(word.text for word in turn.words[run.start : run.stop])
            plain = re.sub(r"[^a-z0-9]+", " ", normal_numbers(fold(words))).strip()
            yield _Said(plain, words, turn.words[run.start].start_ms)


def _keys(roster: Sequence[Person]) -> dict[str, str]:
    """By what each is recognised: the surname, or the whole name where several bear that."""
    plain = {p.name: re.sub(r"[^a-z0-9]+", " ", fold(p.name)).strip() for p in roster}
    surnames = {name: words.partition(" ")[2] or words for name, words in plain.items()}
    times = Counter(surnames.values())
    return {name: s if times[s] == 1 else plain[name] for name, s in surnames.items()}


def _told(before: MemberPresence, one: _Said, key: str, session: Session) -> MemberPresence:
    """What a sentence that names a member tells of them: of its verbs the nearest counts."""
    at = one.text.find(key)
    verbs = [
        (abs(match.start() - at), n)
        for n, pattern in enumerate((_EXCUSED, _ABSENT, _ARRIVES, _LEAVES))
        for match in pattern.finditer(one.text)
    ]
    if not verbs:
        return before
    verb = min(verbs)[1]
    if verb in (0, 1):
        if before.state is Attended.PRESENT:  # excused for the beginning, or for another day
            return replace(before, rests_on=one.words)
        return replace(before, state=(Attended.EXCUSED, Attended.ABSENT)[verb], rests_on=one.words)
    hour = _hour(one, session)
    told = replace(before, state=Attended.PRESENT, rests_on=one.words)
    return replace(told, arrived=hour) if verb == 2 else replace(told, left=hour)  # noqa: PLR2004


def _hour(one: _Said, session: Session) -> str:
    """The hour that a sentence tells, else the hour at which it is said, if that is known."""
    for match in _HOUR.finditer(one.text):
        hour, minute = int(match[1]), int(match[2] or 0)
        if hour < _LAST_HOUR and minute < _LAST_MINUTE:
            return f"{hour:02}:{minute:02}"
    return _at(session, one.start_ms)


def _at(session: Session, at_ms: int) -> str:
    hour = session.hour_at(at_ms)
    return hour.strftime("%H:%M") if hour else ""
