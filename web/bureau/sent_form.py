"""A form with files on its way in: lists are read, recordings go to the arrival's folder.

What is wrong with one file is told at its field, and the rest of the form goes on being read:
nothing typed is lost to a file.
"""

import os
from dataclasses import dataclass, field

from anyio.to_thread import run_sync
from fastapi import Request

from api.desk import Desk
from api.multipart import Sink, Text
from ingest.arriving import arrivals
from ingest.arriving.arrival import folder, new_id
from ingest.arriving.uploads import check_room
from ingest.errors import BadInput, UserError, reason
from ingest.roster import text_of

_TEXTS = ("roster", "agenda")  # files that are read into the field of that name
_BLOCK = 2**20


@dataclass
class Sent:
    """A form on its way in: files that are lists are read, others go to the arrival's folder."""

    desk: Desk
    login: str
    arrival_id: str
    request: Request
    texts: dict[str, Text] = field(default_factory=dict)
    open: "list[_ToDisk]" = field(default_factory=list)
    wrong: dict[str, str] = field(default_factory=dict)

    def begin(self) -> None:
        """The arrival is there, and may be changed. Raises `NotFound` or `Conflict`."""
        with self.desk.archive.begin() as db:
            arrivals.begin(db, self.arrival_id, self.login)
            arrivals.to_be_prepared(db, self.arrival_id)

    async def choose(self, name: str, filename: str) -> Sink:
        """Where a file goes, by the field that it is in."""
        known = name.removesuffix("_file")
        if known in _TEXTS:
            self.texts[known] = Text(filename)
            return _Forgiving(self.texts[known], self.wrong, known)
        try:
            announced = int(self.request.headers.get("content-length", 0))
            await run_sync(check_room, self.desk.settings, self.desk.archive, filename, announced)
            sink = await run_sync(_ToDisk, self.desk, self.arrival_id, filename)
        except UserError as error:
            self.wrong["files"] = str(error)
            return _Forgiving(None, self.wrong, "files")
        self.open.append(sink)
        return _Forgiving(sink, self.wrong, "files")

    def drop(self) -> None:
        """Remove what has not come in whole."""
        for sink in self.open:
            sink.drop()

    def lists(self) -> dict[str, str]:
        """The texts of the lists that came as files; one that is no text is told at its field."""
        read = {}
        for name, text in self.texts.items():
            if name in self.wrong:
                continue
            try:
                read[name] = text_of(bytes(text.content), text.name)
            except BadInput as error:
                self.wrong[name] = str(error)
        return read


class _Forgiving:
    """A sink whose first mistake is told at a field; what comes after it goes nowhere."""

    def __init__(self, sink: Sink | None, wrong: dict[str, str], name: str) -> None:
        self._sink, self._wrong, self._name = sink, wrong, name

    async def write(self, piece: bytes) -> None:
        """Take bytes, or leave them."""
        try:
            if self._sink is not None:
                await self._sink.write(piece)
        except UserError as error:
            self._wrong[self._name], self._sink = str(error), None

    async def close(self) -> None:
        """Close what was not given up."""
        try:
            if self._sink is not None:
                await self._sink.close()
        except UserError as error:
            self._wrong[self._name] = str(error)


class _ToDisk:
    """A file of the form, on its way to the arrival's folder. It is announced once it is whole."""

    def __init__(self, desk: Desk, arrival_id: str, name: str) -> None:
        self._desk, self._arrival, self._name = desk, arrival_id, name
        self._id, self._size, self._waiting = new_id(), 0, bytearray()
        place = folder(desk.settings.data, arrival_id)
        place.mkdir(parents=True, exist_ok=True)
        self._path = place / self._id
        self._file = self._path.open("wb")

    async def write(self, piece: bytes) -> None:
        """Take bytes."""
        self._waiting += piece
        if len(self._waiting) >= _BLOCK:
            await run_sync(self._flush)

    async def close(self) -> None:
        """The file is whole: it lasts, and it is announced."""
        await run_sync(self._settle)

    def _flush(self) -> None:
        try:
            self._file.write(self._waiting)
        except OSError as error:
            raise BadInput(
                f"« {self._name} » n'a pas pu être écrit sur le disque du serveur "
                f"({reason(error)}) : faites de la place, puis renvoyez-le."
            ) from error
        self._size += len(self._waiting)
        self._waiting = bytearray()

    def _settle(self) -> None:
        self._flush()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        try:
            with self._desk.archive.begin() as db:
                given = (self._arrival, self._name, self._size)
                arrivals.add_file(db, *given, came_as=self._id)
        except UserError:
            self._path.unlink(missing_ok=True)
            raise

    def drop(self) -> None:
        """Remove the file, if it is not whole."""
        if not self._file.closed:
            self._file.close()
            self._path.unlink(missing_ok=True)
