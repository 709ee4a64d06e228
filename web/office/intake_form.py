"""The form in which a session is brought in: what it shows, and what was typed into it. Pure.

What is typed goes through unchanged: `ingest.intake.form` judges it, once all is there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Generic, TypeVar

from api.views.wording import length
from ingest.audio.sandbox import read_apart
from ingest.documents.agenda_lines import Understood
from ingest.documents.agenda_text import SOURCE, understood
from ingest.documents.captions_json import Skipped
from ingest.errors import BadInput
from ingest.french_dates import day_written
from ingest.intake.form import NONE, captions_in, files_captioned, stream_of, title_of, typed_roster
from ingest.intake.intake import Arrival, TypedDetails, Upload
from ingest.transcript import Person

T = TypeVar("T")
_TYPED = ("title", "date", "body", "id", "roster", "agenda", "voices")
_WAS = "was-"  # before a field's name: the seal of its text when the page was made
# Decimal, as disks are sold and file managers count.
UNITS = (("Go", 10**9), ("Mo", 10**6), ("ko", 10**3))


@dataclass(frozen=True)
class ListedFile:
    """A file as it is listed. `captions` is the id of the file that captions it.

    `stream` is the place of the stream of sound that is taken, where there are several; `length`
    is how long it is, in words.
    """

    file: Upload
    size: str
    percent: int
    start: str = ""
    captions: str = NONE
    stream: int | None = None
    length: str = ""
    is_first: bool = False
    is_last: bool = False


@dataclass(frozen=True)
class Begun:
    """An arrival that was left: how many files, and whether some are still to come."""

    id: str
    title: str
    files: int
    coming: bool
    percent: int


def begun(arrival: Arrival) -> Begun:
    """An arrival as a line of that list."""
    length = sum(file.length for file in arrival.files)
    received = sum(file.received for file in arrival.files)
    return Begun(
        id=arrival.id,
        title=title_of(arrival),
        files=len(arrival.files),
        coming=received < length,
        percent=100 * received // length if length else 0,
    )


def listed(arrival: Arrival) -> list[ListedFile]:
    """The parts in order, with what was chosen for each."""
    chosen, parts = files_captioned(arrival), arrival.recordings
    return [
        ListedFile(
            file=file,
            size=size(file.length),
            percent=percent(file),
            start=arrival.details.starts.get(file.id, ""),
            captions=chosen[file.id].id if file.id in chosen else NONE,
            stream=stream_of(arrival, file),
            length=length(file.sound.duration_ms) if file.sound and file.sound.duration_ms else "",
            is_first=at == 0,
            is_last=at == len(parts) - 1,
        )
        for at, file in enumerate(parts)
    ]


def listed_captions(arrival: Arrival) -> list[ListedFile]:
    """The files of captions."""
    return [ListedFile(file, size(file.length), percent(file)) for file in arrival.captions]


def percent(file: Upload) -> int:
    """How much of a file has come, rounded down: 100 means all."""
    return 100 * file.received // file.length


def size(length: int) -> str:
    """Bytes, as file managers show them in French."""
    for unit, number in UNITS:
        if length >= number:
            return f"{length / number:.1f}".replace(".", ",").removesuffix(",0") + f" {unit}"
    return f"{length} octets"


def fields_of(arrival: Arrival) -> dict[str, str]:
    """The fields of the form, by name, as they are shown; a checkbox is "on" or nothing."""
    details = arrival.details
    fields = {name: str(getattr(details, name)) for name in _TYPED}
    fields["tracks"] = "on" if details.tracks else ""
    for part in listed(arrival):
        fields[f"start-{part.file.id}"] = part.start
        fields[f"captions-{part.file.id}"] = part.captions
        if part.stream is not None:
            fields[f"stream-{part.file.id}"] = str(part.stream + 1)
    return fields


def seals(fields: Mapping[str, str]) -> dict[str, str]:
    """A digest of each field's text, by the field's name: another text, another seal."""
    return {name: sha256(text.encode()).hexdigest()[:16] for name, text in fields.items()}


def shown_seals(form: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """The seals for a page that goes on: its own for a field that it shows otherwise than kept."""
    own = {name: form[f"{_WAS}{name}"] for name in (*_TYPED, "tracks") if f"{_WAS}{name}" in form}
    return seals(now) | {name: was for name, was in own.items() if form.get(name, "") != now[name]}


@dataclass(frozen=True)
class Merged:
    """What a form makes of an arrival: the details to keep, and the fields that clash.

    A field that this page did not change keeps another page's text; one that both changed is kept
    as it was, and `clashes` has this page's text of it.
    """

    details: TypedDetails
    clashes: Mapping[str, str]


def merged(form: Mapping[str, str], old: Arrival, files: Mapping[str, str]) -> Merged:
    """Merge a form; texts of `files` replace what they are for. A field it lacks is left alone."""
    before = fields_of(old)
    given = {name: text for name, text in {**form, **files}.items() if name in before}
    if "title" in form:
        given["tracks"] = form.get("tracks", "")
    now, own = seals(before), seals(given)
    was = {name: form.get(f"{_WAS}{name}", now[name]) for name in given}
    free = {name for name in given if was[name] == now[name] or own[name] == now[name]}
    clashes = {n: text for n, text in given.items() if n not in free and own[n] != was[n]}
    mine = {name: given[name] for name in free}
    details = replace(
        overlaid(old.details, mine),
        tracks=bool(mine.get("tracks", before["tracks"])),
        starts=old.details.starts | _of_parts(mine, "start-"),
        captions=old.details.captions | _of_parts(mine, "captions-"),
        streams=old.details.streams | _of_parts(mine, "stream-"),
    )
    return Merged(details, clashes)


def overlaid(details: TypedDetails, texts: Mapping[str, str]) -> TypedDetails:
    """Details with other texts in some of the session's fields."""
    typed: dict[str, Any] = {name: text for name, text in texts.items() if name in _TYPED}
    return replace(details, **typed)


@dataclass(frozen=True)
class Captioned:
    """Whom a file of captions names, which of its cues were left out, or what is wrong with it."""

    participants: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    wrong: str = ""


def captioned(arrival: Arrival, place: Path) -> dict[str, Captioned]:
    """What was understood of each file of captions that has come, by its id."""
    return {file.id: _captioned(file, place) for file in arrival.captions if file.is_whole}


def _captioned(file: Upload, place: Path) -> Captioned:
    try:
        read = captions_in(place / file.id, file.name)
    except (BadInput, OSError) as error:
        return Captioned(wrong=str(error) if isinstance(error, BadInput) else "")
    names = tuple(sorted({cue.participant for cue in read.cues}))
    return Captioned(names, read.skipped)


@dataclass(frozen=True)
class Read(Generic[T]):
    """What was understood of a field, or what is wrong with it."""

    value: T
    wrong: str = ""


def understood_agenda(details: TypedDetails) -> Read[Understood]:
    """The points of the agenda that was typed, to be shown before anything is sent."""
    text = details.agenda
    try:
        return Read(read_apart(understood, text, size=len(text), source=SOURCE))
    except BadInput as error:
        return Read(Understood(()), str(error))


def understood_roster(details: TypedDetails) -> Read[tuple[Person, ...]]:
    """The people of the list that was typed; nobody where there is none."""
    try:
        return Read(typed_roster(details.roster, day_written(details.date)))
    except BadInput as error:
        return Read((), str(error))


def _of_parts(form: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {k.removeprefix(prefix): v for k, v in form.items() if k.startswith(prefix)}
