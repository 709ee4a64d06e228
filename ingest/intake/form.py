"""From what a clerk typed and sent to a `Request`: everything is read, every mistake has its field.

`Mistakes` holds them all, so that the form shows each where it was made. Does not decide anything
that `request` and the pipeline check for every way of bringing a recording in.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import lru_cache, partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy import JSON, Column, Connection, DateTime, String, Table, select
from sqlalchemy.dialects.sqlite import insert

from ingest.archive import schema as t
from ingest.archive.repository import Archive
from ingest.archive.schema import now
from ingest.asr.tracks import participant_of
from ingest.audio.sandbox import read_apart
from ingest.documents.agenda_text import SOURCE, read_agenda_text
from ingest.documents.captions import Captions, Cue, read_caption_file
from ingest.documents.glossary import Term
from ingest.documents.request import Request, check_voices, session_id
from ingest.documents.roster import given_roster
from ingest.errors import BadInput, UserError
from ingest.french_dates import day_of_year
from ingest.intake.intake import Arrival, Details, Upload
from ingest.transcript import Person

# The list of each body's members, kept from session to session, whatever becomes of them.


table = Table(
    "rosters",
    t.metadata,
    Column("body", String, primary_key=True),
    Column("people", JSON, nullable=False),
    Column("kept_at", DateTime, nullable=False),
)


@dataclass(frozen=True)
class KeptRoster:
    """The last list that was given for a body."""

    body: str
    people: tuple[Person, ...]
    kept_at: datetime


def keep_roster(db: Connection, body: str, people: Sequence[Person]) -> None:
    """Keep a list for the body's next session; an empty one leaves the last as it is."""
    if people:
        rows = [[person.name, person.role, person.group, person.also] for person in people]
        values = {"people": rows, "kept_at": now()}
        put = insert(table).values(body=body, **values)
        db.execute(put.on_conflict_do_update(index_elements=["body"], set_=values))


def kept_rosters(db: Connection) -> tuple[KeptRoster, ...]:
    """The lists kept, one for each body, the newest first.

    Those of sessions that were brought in before lists were kept are read from the sessions.
    """
    kept = {
        row.body: KeptRoster(row.body, tuple(Person(*cells) for cells in row.people), row.kept_at)
        for row in db.execute(select(table))
    }
    for body, session, created_at in _older(db):
        if body not in kept:
            people = select(t.people).where(t.people.c.session_id == session)
            rows = db.execute(people.order_by(t.people.c.position)).all()
            listed = tuple(Person(row.name, row.role, row.group, row.also) for row in rows)
            kept[body] = KeptRoster(body, listed, created_at)
    return tuple(sorted(kept.values(), key=lambda roster: roster.kept_at, reverse=True))


def kept_roster(db: Connection, body: str) -> KeptRoster | None:
    """The list kept for a body, if there is one."""
    same = body.strip().casefold()
    return next((r for r in kept_rosters(db) if r.body.strip().casefold() == same), None)


def as_csv(people: Sequence[Person]) -> str:
    """A list as a clerk edits it: one person a line, cells parted by semicolons."""
    head = ["nom", "fonction", "groupe", *(["autre nom"] if any(p.also for p in people) else [])]
    rows = [head, *([p.name, p.role, p.group, p.also] for p in people)]
    lines = ("; ".join(cell.replace(";", ",") for cell in row) for row in rows)
    return "".join(f"{line.rstrip('; ')}\n" for line in lines)


def _older(db: Connection) -> list[tuple[str, str, datetime]]:
    with_people = select(t.people.c.session_id).distinct()
    found = select(t.sessions.c.body, t.sessions.c.id, t.sessions.c.created_at).where(
        t.sessions.c.id.in_(with_people)
    )
    rows = db.execute(found.order_by(t.sessions.c.date.desc(), t.sessions.c.id.desc()))
    return [(row.body, row.id, row.created_at) for row in rows]


T = TypeVar("T")
D = TypeVar("D")
NONE = "-"
"""Chosen in the place of captions where a part has none."""


class Mistakes(BadInput):
    """What is wrong, by field: one sentence each."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = fields


@dataclass
class Reading:
    """Collects what is wrong while the rest goes on being read."""

    wrong: dict[str, str] = field(default_factory=dict)

    def read(self, name: str, make: Callable[[], T], otherwise: D) -> T | D:
        """What is made, or `otherwise` and what is wrong with it."""
        try:
            return make()
        except UserError as error:
            self.wrong.setdefault(name, str(error))
            return otherwise


def read_request(
    archive: Archive, arrival: Arrival, folder: Path, glossary: Sequence[Term] = ()
) -> Request:
    """What the pipeline is asked for. Raises `Mistakes`."""
    details, reading = arrival.details, Reading()
    day = reading.read("date", lambda: read_date(details.date), date.min)
    body = details.body.strip()
    if not body:
        reading.wrong["body"] = "Dites quel organe siège, par exemple « Conseil municipal »."
    parts = arrival.recordings
    reading.read("files", lambda: _all_there(arrival), None)
    reading.wrong |= {f"file-{p.id}": p.sound.problem for p in parts if p.sound and p.sound.problem}
    roster = reading.read("roster", lambda: _roster(archive, details), ())
    agenda = reading.read("agenda", lambda: _apart(read_agenda_text, details.agenda, SOURCE), ())
    starts = _starts(details, parts, reading)
    most_voices = reading.read("voices", lambda: read_voices(details.voices), None)
    captions = _captions(arrival, folder, reading)
    if reading.wrong:
        raise Mistakes(reading.wrong)
    request = reading.read(
        "title",
        lambda: Request(
            files=tuple(folder / part.id for part in parts),
            title=" ".join(details.title.split()) or default_title(body, day),
            date=day,
            body=body,
            id=details.id.strip() or None,
            roster=roster,
            agenda=agenda,
            captions=captions,
            starts_at=starts,
            participants=tuple(participant_of(Path(p.name)) for p in parts)
            if details.tracks
            else (),
            glossary=tuple(glossary),
            streams=tuple(stream_of(arrival, part) for part in parts),
            most_voices=most_voices,
        ),
        None,
    )
    if request is not None:
        reading.read("id", lambda: session_id(archive, request), "")
    if request is None or reading.wrong:
        raise Mistakes(reading.wrong)
    return request


def read_date(text: str) -> date:
    """A day, as a form sends it (2025-03-11) or as people write it (11.3.2025)."""
    tidy = text.strip()
    try:
        if "." in tidy or "/" in tidy:
            day, month, year = (int(piece) for piece in tidy.replace("/", ".").split("."))
            return date(year, month, day)
        return date.fromisoformat(tidy)
    except (ValueError, OverflowError):  # date() counts in C
        shown = f"La date « {tidy[:40]} » ne se lit pas" if tidy else "La date de la séance manque"
        raise BadInput(f"{shown} : écrivez jour.mois.année, par exemple 11.3.2025.") from None


def read_hour(text: str) -> time:
    """An hour of the day: 17:30, 17:30:12, 17h30, 17 h."""
    try:
        return time.fromisoformat(text.strip().replace(" ", "").replace("h", ":").rstrip(":"))
    except ValueError:
        raise BadInput(f"L'heure « {text[:20]} » ne se lit pas : écrivez 17:30.") from None


def read_voices(text: str) -> int | None:
    """How many people speak at most, None where nothing is typed. Raises `BadInput`."""
    tidy = text.strip()
    if not tidy:
        return None
    if not tidy.isdecimal():
        raise BadInput(f"« {tidy[:20]} » n'est pas un nombre de voix : écrivez 12, ou rien.")
    most = int(tidy[:9])
    check_voices(most)
    return most


def default_title(body: str, day: date) -> str:
    """What a session without a title is called: by whom, and when."""
    return f"{body}, séance du {day_of_year(day)} {day.year}"


def stream_of(arrival: Arrival, part: Upload) -> int | None:
    """Which of a recording's streams is taken: as chosen, else as was found best; None: unknown."""
    count = len(part.sound.streams) if part.sound else 0
    if count <= 1 or part.sound is None:
        return None
    chosen = arrival.details.streams.get(part.id, "")
    known = chosen.isdecimal() and 1 <= int(chosen[:4]) <= count
    return int(chosen) - 1 if known else part.sound.chosen


def _all_there(arrival: Arrival) -> None:
    if not arrival.recordings:
        raise BadInput("Ajoutez l'enregistrement de la séance : un fichier, ou plusieurs parties.")
    if coming := [file.name for file in arrival.files if not file.is_whole]:
        names = ", ".join(f"« {name} »" for name in coming[:3])
        raise BadInput(f"{names} n'est pas encore là en entier : attendez, ou retirez-le.")


def _apart(read: Callable[[str], T], text: str, source: str) -> T:
    return read_apart(read, text, size=len(text), source=source)


def _roster(archive: Archive, details: Details) -> tuple[Person, ...]:
    """The list that was given, else the one kept for the body. A list may have no head."""
    if not details.roster.strip():
        with archive.engine.connect() as db:
            kept = kept_roster(db, details.body)
        return kept.people if kept else ()
    return typed_roster(details.roster)


def typed_roster(text: str) -> tuple[Person, ...]:
    """The people of a list that was typed, with a head or without. Raises `BadInput`."""
    return _apart(given_roster, text, "liste")


def _starts(details: Details, parts: Sequence[Upload], reading: Reading) -> tuple[time, ...]:
    """When the first parts began; no part may be left out before another."""
    starts: list[time] = []
    missing = None
    for part in parts[:1] if details.tracks else parts:
        text = details.starts.get(part.id, "").strip()
        if text and missing is not None:
            reading.wrong[f"start-{missing}"] = (
                "Donnez aussi l'heure de cette partie, ou aucune des suivantes."
            )
            return ()
        if not text:
            missing = missing or part.id
            continue
        hour = reading.read(f"start-{part.id}", partial(read_hour, text), time.min)
        starts.append(hour)
    return tuple(starts)


def _captions(arrival: Arrival, folder: Path, reading: Reading) -> tuple[tuple[Cue, ...], ...]:
    """The cues of each part, none for a part without captions."""
    details, parts, files = arrival.details, arrival.recordings, arrival.captions
    if not files:
        return ()
    if details.tracks:
        reading.wrong["tracks"] = (
            "Un fichier par participant dit déjà qui parle : retirez les sous-titres."
        )
        return ()
    chosen = captions_of(arrival)
    cues: list[tuple[Cue, ...]] = []
    for part in parts:
        of_part = chosen.get(part.id)
        if of_part is None:
            cues.append(())
            continue
        read = partial(_cues, folder / of_part.id, of_part.name)
        cues.append(reading.read(f"captions-{part.id}", read, ()))
    return tuple(cues)


def captions_of(arrival: Arrival) -> dict[str, Upload]:
    """Which file captions which part: as chosen, else the one of the same name, else in order."""
    chosen, files = arrival.details.captions, list(arrival.captions)
    by_id = {file.id: file for file in files}
    found = {part: by_id[of] for part, of in chosen.items() if of in by_id}
    free = [file for file in files if file not in found.values()]
    parts = [part for part in arrival.recordings if part.id not in chosen]
    for part in parts:
        stem = Path(part.name).stem.casefold()
        same = next((f for f in free if Path(f.name).stem.casefold().startswith(stem)), None)
        if same:
            found[part.id] = same
            free.remove(same)
    for part, file in zip([p for p in parts if p.id not in found], list(free), strict=False):
        found[part.id] = file
    return found


def _cues(path: Path, name: str) -> tuple[Cue, ...]:
    return captions_in(path, name).cues


@lru_cache(maxsize=100)  # a file that has come stays as it is, under a name of its own
def captions_in(path: Path, name: str) -> Captions:
    """The captions in a file that has come, which the clerk calls `name`. Raises `BadInput`."""
    try:
        return read_apart(read_caption_file, path, size=path.stat().st_size, source=path.name)
    except BadInput as error:
        raise BadInput(str(error).replace(path.name, name)) from None
