"""From what a clerk typed and sent to a `Request`: everything is read, every mistake has its field.

`Mistakes` holds them all, so that the form shows each where it was made. Does not decide anything
that `request` and the pipeline check for every way of bringing a recording in.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from functools import lru_cache, partial
from pathlib import Path
from typing import TypeVar

from ingest.archive.repository import Archive
from ingest.asr.tracks import participant_of
from ingest.audio.sandbox import read_apart
from ingest.documents.agenda_text import SOURCE, read_agenda_text
from ingest.documents.captions import Captions, Cue, read_caption_file
from ingest.documents.glossary import Term
from ingest.documents.request import Request, check_voices, session_id
from ingest.documents.roster import Membership, given_memberships, given_roster
from ingest.errors import BadInput, UserError
from ingest.french_dates import day_of_year, day_written, read_date, read_hour
from ingest.intake.intake import Arrival, TypedDetails, Upload
from ingest.intake.rosters import members_of
from ingest.transcript import Person

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
class FormReading:
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
    details, reading = arrival.details, FormReading()
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


def _roster(archive: Archive, details: TypedDetails) -> tuple[Person, ...]:
    """The list that was given, else the one kept for the body: those of the session's day."""
    day = day_written(details.date)
    if details.roster.strip() or day is None:
        return typed_roster(details.roster, day)
    with archive.engine.connect() as db:
        return members_of(db, details.body, day)


def typed_roster(text: str, day: date | None) -> tuple[Person, ...]:
    """The people of a list that was typed, on a day; nobody where nothing is. Raises `BadInput`."""
    return _apart(partial(given_roster, day=day), text, "liste") if text.strip() else ()


def typed_memberships(text: str) -> tuple[Membership, ...]:
    """The memberships of a list that was typed; none where nothing is. Raises `BadInput`."""
    return _apart(given_memberships, text, "liste") if text.strip() else ()


def as_csv(given: Iterable[Membership]) -> str:
    """A list as a clerk edits it: one membership a line, cells parted by semicolons."""
    memberships = tuple(given)
    dated = any(one.is_dated for one in memberships)
    also = any(one.person.also for one in memberships)
    head = ["nom", "fonction", "groupe", *(["du", "au"] if dated else ())]
    rows = [[*head, *(["autre nom"] if also else ())]]
    for one in memberships:
        person, days = one.person, (one.since, one.until)
        told = [f"{day:%d.%m}.{day.year:04}" if day else "" for day in days] if dated else []
        rows.append([person.name, person.role, person.group, *told, person.also])
    lines = ("; ".join(cell.replace(";", ",") for cell in row) for row in rows)
    return "".join(f"{line.rstrip('; ')}\n" for line in lines)


def _starts(
    details: TypedDetails, parts: Sequence[Upload], reading: FormReading
) -> tuple[time, ...]:
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


def _captions(arrival: Arrival, folder: Path, reading: FormReading) -> tuple[tuple[Cue, ...], ...]:
    """The cues of each part, none for a part without captions."""
    details, parts, files = arrival.details, arrival.recordings, arrival.captions
    if not files:
        return ()
    if details.tracks:
        reading.wrong["tracks"] = (
            "Un fichier par participant dit déjà qui parle : retirez les sous-titres."
        )
        return ()
    chosen = files_captioned(arrival)
    cues: list[tuple[Cue, ...]] = []
    for part in parts:
        of_part = chosen.get(part.id)
        if of_part is None:
            cues.append(())
            continue
        read = partial(_cues, folder / of_part.id, of_part.name)
        cues.append(reading.read(f"captions-{part.id}", read, ()))
    return tuple(cues)


def files_captioned(arrival: Arrival) -> dict[str, Upload]:
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


def title_of(arrival: Arrival) -> str:
    """What an arrival is called: its title, else body and date, else its files."""
    details, names = arrival.details, [file.name for file in arrival.recordings]
    if title := " ".join(details.title.split()):
        return title
    try:
        return default_title(details.body.strip() or "Séance", read_date(details.date))
    except BadInput:
        return _first_two(names) or "Séance sans date"


def _first_two(names: Sequence[str]) -> str:
    return ", ".join(names[:2]) + ("…" if len(names) > 2 else "")  # noqa: PLR2004
