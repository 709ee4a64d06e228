"""The form in which a sitting is brought in: what it shows, and what was typed into it. Pure.

What is typed goes through unchanged: `ingest.arriving.typed` judges it, once all is there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ingest.arriving.arrival import Arrival, Details, Upload
from ingest.arriving.kept_rosters import KeptRoster, as_csv
from ingest.arriving.typed import NONE, captions_of
from web.bureau.advance import title_of

UNITS = (("Go", 10**9), ("Mo", 10**6), ("ko", 10**3))


@dataclass(frozen=True)
class Part:
    """A file as it is listed. `captions` is the id of the file that captions it."""

    file: Upload
    size: str
    percent: int
    start: str = ""
    captions: str = NONE
    is_first: bool = False
    is_last: bool = False


@dataclass(frozen=True)
class Begun:
    """An arrival that somebody left: how many files, and whether some are still coming."""

    id: str
    title: str
    files: int
    coming: bool
    percent: int


def begun(arrival: Arrival) -> Begun:
    """A line of the list of those."""
    length = sum(file.length for file in arrival.files)
    received = sum(file.received for file in arrival.files)
    return Begun(
        id=arrival.id,
        title=title_of(arrival),
        files=len(arrival.files),
        coming=received < length,
        percent=100 * received // length if length else 0,
    )


def listed(arrival: Arrival) -> list[Part]:
    """The parts in order, with what was chosen for each."""
    chosen, parts = captions_of(arrival), arrival.recordings
    return [
        Part(
            file=file,
            size=size(file.length),
            percent=percent(file),
            start=arrival.details.starts.get(file.id, ""),
            captions=chosen[file.id].id if file.id in chosen else NONE,
            is_first=at == 0,
            is_last=at == len(parts) - 1,
        )
        for at, file in enumerate(parts)
    ]


def listed_captions(arrival: Arrival) -> list[Part]:
    """The files of captions."""
    return [Part(file, size(file.length), percent(file)) for file in arrival.captions]


def percent(file: Upload) -> int:
    """How much of a file has come, rounded down: 100 means all."""
    return 100 * file.received // file.length


def size(length: int) -> str:
    """Bytes, as file managers show them in French."""
    for unit, number in UNITS:
        if length >= number:
            return f"{length / number:.1f}".replace(".", ",").removesuffix(",0") + f" {unit}"
    return f"{length} octets"


def details_of(form: Mapping[str, str], old: Details, files: Mapping[str, str]) -> Details:
    """What was typed, over what had been typed before; texts of `files` replace what they are for.

    A field that the form does not have is left as it was.
    """

    def typed(name: str, before: str) -> str:
        return files.get(name, form.get(name, before))

    chosen = {part: of for part, of in _of_parts(form, "captions-").items() if of}
    return replace(
        old,
        title=typed("title", old.title),
        date=typed("date", old.date),
        body=typed("body", old.body),
        id=typed("id", old.id),
        roster=typed("roster", old.roster),
        agenda=typed("agenda", old.agenda),
        tracks="tracks" in form if "title" in form else old.tracks,
        starts=old.starts | _of_parts(form, "start-"),
        captions=old.captions | chosen,
    )


def with_kept_roster(details: Details, kept: Sequence[KeptRoster]) -> Details:
    """The kept list of the body, put where it can be edited."""
    same = details.body.strip().casefold()
    found = next((one for one in kept if one.body.strip().casefold() == same), None)
    return replace(details, roster=as_csv(found.people)) if found else details


def _of_parts(form: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {k.removeprefix(prefix): v for k, v in form.items() if k.startswith(prefix)}
