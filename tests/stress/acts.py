"""What is killed: the acts of an office on one data directory, each acknowledged once it is done.

An act is a function of the product itself, with real stores and a model of hearing that takes no
time. What is done is written to a journal outside of the data; a process that dies in the middle of
an act has begun it there, and not ended it.
"""

import io
import json
import os
import wave
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from api.product import Product
from api.worker.worker import KEEPING, LONG, SHORT, Worker
from ingest.archive import change_log
from ingest.archive.backup import new_name
from ingest.archive.redactions import RedactionReason
from ingest.archive.repository import opened
from ingest.archive.schema import now
from ingest.audio.decode import Decoded, decode
from ingest.audio.sandbox import ReportProgress
from ingest.database.transfer import copy
from ingest.editing.edits import TextEdit
from ingest.intake import intake
from ingest.intake.intake import ArrivalState, TypedDetails
from ingest.intake.uploads import Growing, refresh
from ingest.jobs import queue
from ingest.jobs.queue import JobKind
from ingest.redaction.redact import RedactionRequest
from ingest.settings import Settings
from ingest.transcript import ImportedText, Session, Span, Speaker, Status, Transcript, Turn
from tests.support.office_process import SlowSteps
from tests.support.redaction_site import sitting
from tests.support.small_site import said, tones
from tests.support.word_embedder import WordEmbedder

SESSIONS = ("s0", "s1", "s2", "s3")
RATE, SECONDS = 16_000, 4
PIECE = 24_000  # bytes between two acknowledgements of an upload: five of a file
_MS = 3_600_000


class QuickSteps(SlowSteps):
    """Hears a word in half a second of sound, at once, and decodes within this process."""

    slow_s = 0.0

    def decode(
        self,
        files: tuple[Path, ...],
        together: bool,
        folder: Path,
        report: ReportProgress,
        streams: tuple[int | None, ...] = (),
    ) -> Decoded:
        return decode(files, folder, _MS, report)


def product_of(place: "Place") -> Product:
    """The product over a place."""
    chosen = {"database": place.database} if place.database else {}
    made = Product(
        Settings(
            data=place.data,
            backups=place.outside / "backups",
            chroma="off",
            _env_file=None,
            **chosen,  # type: ignore[arg-type]
        )
    )
    made.__dict__["embedder"] = WordEmbedder()
    made.__dict__["steps"] = QuickSteps(place.outside / "heard.log")
    return made


@dataclass(frozen=True)
class Place:
    """Where a series of acts takes place; `outside` is what no accident reaches."""

    data: Path
    outside: Path
    database: str | None = None
    other: str | None = None
    """An empty database for a migration; None: a new SQLite file for each."""

    @property
    def journal(self) -> Path:
        """What was begun and done, a line of JSON each."""
        return self.outside / "journal.jsonl"

    def lines(self) -> list[dict[str, Any]]:
        """The journal as it stands."""
        if not self.journal.exists():
            return []
        return [json.loads(line) for line in self.journal.read_text("utf-8").splitlines()]

    def write(self, what: str, act: str, **values: Any) -> None:
        """Add a line: one write, which is there whole or not."""
        line = json.dumps({"what": what, "act": act, **values}) + "\n"
        handle = os.open(self.journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.write(handle, line.encode())
        os.close(handle)


def secret(session_id: str) -> str:
    """Words that are said in one session alone, once."""
    return f"Monsieur Untel{session_id} souffre d'une maladie{session_id}."


SECRET = Span(7_000, 10_180)


def prepare(place: Place) -> None:
    """Four sessions with sound, two of them published."""
    place.data.mkdir(parents=True, exist_ok=True)
    (place.outside / "backups").mkdir(parents=True, exist_ok=True)
    product = product_of(place)
    for number, session_id in enumerate(SESSIONS):
        session, transcript = sitting(session_id)
        speech = (*said("Le crédit demandé est voté.", 4_500), *said(secret(session_id), 7_000))
        turns = tuple(replace(t, words=speech) if t.index == 1 else t for t in transcript.turns)
        product.archive.save(session, replace(transcript, turns=turns, review=(), unheard=()))
        tones(place.data / "media" / session_id / "listen.opus", "ogg", "libopus")
        tones(place.data / "media" / session_id / "listen.mp3", "mp3", "libmp3lame")
        if number < 2:
            product.publish(session_id)
    session, transcript = _text()
    product.archive.save(session, transcript)
    product.archive.engine.dispose()


def _text() -> tuple[Session, Transcript]:
    """A session without sound, which is edited and published over and over."""
    session, transcript = sitting("texte")
    turns = tuple(Turn(n, "S1", said(f"Orateur {n} parle.", 2_000 * n)) for n in range(5))
    speakers: tuple[Speaker, ...] = transcript.speakers[:1]
    kept = replace(transcript, session="texte", speakers=speakers, turns=turns, review=())
    kept = replace(kept, unheard=())
    return replace(session, parts=(), text=ImportedText("e" * 64, 9_200)), kept


# --- the acts -----------------------------------------------------------------------------------

Act = Callable[[Product, Place, int], None]
"""Does one act; `number` tells it from all others of its place."""


def sound_of(number: int) -> bytes:
    """A recording of four seconds that is no other's, as the bytes of a WAV file."""
    at = np.arange(RATE * SECONDS) / RATE
    loud = (np.sin(2 * np.pi * (200 + 7 * number) * at) * 20_000).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(RATE)
        written.writeframes(loud.tobytes())
    return file.getvalue()


def upload(product: Product, place: Place, number: int) -> None:
    """A recording in pieces, then the form; one that was begun and cut off is gone on with."""
    arrival_id, file_id, content = _begun(product, place, number)
    archive = product.archive
    with Growing(archive, place.data, refresh(archive, arrival_id, file_id)) as growing:
        for at in range(growing.received, len(content), PIECE):
            growing.write(content[at : at + PIECE])
            kept = growing.sync()
            place.write("kept", "upload", arrival=arrival_id, file=file_id, bytes=kept)
    with archive.begin() as db:
        intake.send(db, arrival_id, "greffe")
    place.write("sent", "upload", arrival=arrival_id)


def _begun(product: Product, place: Place, number: int) -> tuple[str, str, bytes]:
    with product.archive.engine.connect() as db:
        left = intake.every(db, ArrivalState.PREPARING)
    for one in left:
        if one.files:
            return one.id, one.files[0].id, sound_of(int(one.details.title.split()[-1]))
    content, arrival_id = sound_of(number), intake.new_id()
    typed = TypedDetails(date="2025-05-13", body="Conseil municipal", title=f"Apport {number}")
    with product.archive.begin() as db:
        intake.keep(db, arrival_id, typed, "greffe")
        file_id = intake.add_file(db, arrival_id, f"{number}.wav", len(content)).id
    place.write("begun", "upload", arrival=arrival_id, number=number)
    return arrival_id, file_id, content


def ingest(product: Product, place: Place, number: int) -> None:
    """What was sent is transcribed by a worker; where nothing was, something is sent first."""
    with product.archive.engine.connect() as db:
        waiting = queue.jobs(db, queue.WAITING)
    if not any(job.kind is JobKind.INGEST for job in waiting):
        upload(product, place, number)
    place.write("hearing", "ingest")
    work(product, LONG)
    with product.archive.engine.connect() as db:
        done = [one.id for one in intake.every(db, ArrivalState.DONE)]
    place.write("heard", "ingest", arrivals=done)


def edit(product: Product, place: Place, number: int) -> None:
    """A turn gets a text that no other edit gives."""
    turn, text = number % 5, f"Orateur corrigé {number} parle."
    with product.archive.engine.connect() as db:
        revision = change_log.revision(db, "texte")
    place.write("editing", "edit", turn=turn, text=text)
    product.changes.make("texte", revision, "greffe", TextEdit(turn=turn, text=text))
    place.write("edited", "edit", turn=turn, text=text)


def publish(product: Product, place: Place, number: int) -> None:
    """The text is withdrawn, and published again by a worker."""
    if product.archive.status("texte") is Status.PUBLISHED:
        place.write("withdrawing", "publish")
        product.withdraw("texte")
        place.write("withdrawn", "publish")
    with product.archive.begin() as db:
        queue.add(db, JobKind.PUBLISH, "texte", "greffe", {queue.OPEN: True})
    place.write("ordered", "publish")
    work(product, SHORT)
    place.write("published", "publish")


def redact(product: Product, place: Place, number: int) -> None:
    """A secret is destroyed, of a session that still has one: the words, the sound, the index."""
    closed = {line["session"] for line in place.lines() if line["what"] == "closing"}
    session_id = next((one for one in SESSIONS if one not in closed), None)
    if session_id is None:
        edit(product, place, number)
        return
    place.write("closing", "redact", session=session_id)
    product.close(session_id, RedactionRequest(SECRET, RedactionReason.IN_CAMERA, "greffe"))
    place.write("closed", "redact", session=session_id)


def backup(product: Product, place: Place, number: int) -> None:
    """A worker makes a backup and reads it back."""
    name = new_name(now())
    with product.archive.begin() as db:
        queue.add(db, JobKind.BACKUP, name, "greffe")
    place.write("ordered", "backup", name=name)
    work(product, KEEPING)
    place.write("made", "backup", name=name)


def migrate(product: Product, place: Place, number: int) -> None:
    """Every row is copied into an empty database and compared, as by the command."""
    url = place.other or f"sqlite:///{place.outside}/other-{number}.sqlite"
    place.write("copying", "migrate", url=url)
    with (
        opened(url) as other,
        product.archive.begin() as source,
        other.begin() as target,
    ):
        counts = copy(source, target, lambda _: None)
    place.write("copied", "migrate", url=url, rows=sum(counts.values()))


ACTS: Mapping[str, Act] = {
    "upload": upload,
    "ingest": ingest,
    "edit": edit,
    "publish": publish,
    "redact": redact,
    "backup": backup,
    "migrate": migrate,
}


def work(product: Product, *lanes: str) -> None:
    """A worker does what waits."""
    made = Worker(product)
    for lane in lanes:
        made.work(lane)
    made.end(1.0)


def act(place: Place, name: str, number: int) -> None:
    """Do one act, as a process of its own."""
    product = product_of(place)
    product.archive.engine.connect().close()  # opening is no act
    place.write("begin", name, number=number)
    ACTS[name](product, place, number)
    place.write("end", name, number=number)
    product.archive.engine.dispose()
