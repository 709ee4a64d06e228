"""Reading back all that is kept: the database, every session, every file. Changes nothing.

A finding says what to do about it. Passages and vectors: `search.integrity`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import av
from sqlalchemy import select

from ingest.archive import schema as t
from ingest.archive.blobs import Blobs
from ingest.archive.redactions import RedactionStage, of_session
from ingest.archive.remainder import withheld
from ingest.archive.repository import Archive
from ingest.database.engine import POSTGRESQL
from ingest.database.transfer import rows, tables
from ingest.intake.intake import ArrivalState, arrivals, folder, uploads
from ingest.redaction.silence import loudest, padded
from ingest.transcript import Session, Transcript, Turn

RESTORE = "Restaurez la dernière sauvegarde (verbatim restore), ou prévenez l'informatique."
_AWAY_MS = 200  # encoders add a little at the end
# Of 32768, as in `redaction.silence`: what a decoder may leave of the sound before, while it fades;
# 0 would report that fade as speech.
_QUIET = 2


@dataclass(frozen=True)
class Finding:
    """Something that is not as it must be: where, what, and what to do."""

    where: str
    what: str
    advice: str


Progress = Callable[[str], None]
"""Called with what is being read back."""


def database(archive: Archive) -> Iterator[Finding]:
    """Is the file sound, and does every row belong to something?

    On PostgreSQL: is every row read? What rows belong to is held by the server itself.
    """
    with archive.engine.connect() as db:
        if db.dialect.name == POSTGRESQL:
            for table in tables(db):
                sum(1 for _ in rows(db, table))
            return
        for (answer,) in db.exec_driver_sql("PRAGMA integrity_check"):
            if answer != "ok":
                yield Finding("archive.sqlite", f"la base est endommagée ({answer})", RESTORE)
        for table, row, parent, _ in db.exec_driver_sql("PRAGMA foreign_key_check"):
            what = f"ligne {row} de {table} : rien ne lui répond dans {parent}"
            yield Finding("archive.sqlite", what, RESTORE)


def sessions(archive: Archive, blobs: Blobs, progress: Progress) -> Iterator[Finding]:
    """Every session with its transcript and its sound."""
    with archive.engine.connect() as db:
        ids = list(db.execute(select(t.sessions.c.id).order_by(t.sessions.c.id)).scalars())
    for session_id in ids:
        progress(session_id)
        try:
            session, transcript = archive.session(session_id), archive.transcript(session_id)
        except Exception as error:  # whatever its rows hold, the others are read as well
            yield Finding(session_id, f"illisible ({type(error).__name__} : {error})", RESTORE)
            continue
        yield from words(session, transcript)
        yield from redactions(archive, session)
        if session.has_audio:
            yield from sound(session, transcript, blobs)
        elif session.sound_erased and any(blobs.all_keys(session_id)):
            yield _stray(blobs, session_id, session_id, "son effacé, et pourtant encore là")


def words(session: Session, transcript: Transcript) -> Iterator[Finding]:
    """Turns follow each other, each with its words in order, of a known voice."""
    labels = {speaker.label for speaker in transcript.speakers} | {None}
    for place, turn in enumerate(transcript.turns):
        where = f"{session.id}, intervention {place + 1}"
        if turn.index != place:
            yield Finding(where, f"numéroté {turn.index + 1}", RESTORE)
        if turn.speaker not in labels:
            yield Finding(where, f"voix inconnue ({turn.speaker})", "Nommez-la dans la relecture.")
        if not _in_order(turn, session.duration_ms):
            yield Finding(where, "des mots sont hors de la séance, ou finissent avant de commencer",
                          RESTORE)  # fmt: skip


def _in_order(turn: Turn, duration_ms: int) -> bool:
    return all(0 <= w.start_ms <= w.end_ms <= duration_ms + _AWAY_MS for w in turn.words)


def redactions(archive: Archive, session: Session) -> Iterator[Finding]:
    """Is everything that was begun of a redaction finished?"""
    with archive.engine.connect() as db:
        some = of_session(db, session.id)
    if not all(one.has(RedactionStage.DONE) for one in some):
        yield Finding(
            session.id,
            "le retrait d'un passage n'est pas achevé",
            f"Laissez tourner `verbatim serve`, ou lancez : verbatim close {session.id} --resume",
        )


# --- sound --------------------------------------------------------------------------------------


def sound(session: Session, transcript: Transcript, blobs: Blobs) -> Iterator[Finding]:
    """Do the listening files decode to the session's length, silent in what is redacted?"""
    silent = padded(transcript.closed)
    names = ("listen", "office") if withheld(transcript.closed) else ("listen",)
    for name, form in product(names, ("opus", "mp3")):
        where = f"{session.id}, {name}.{form}"
        blob = blobs.find(f"{session.id}/{name}.{form}")
        if blob is None:
            yield Finding(where, "le fichier manque", RESTORE)
            continue
        with blobs.local(blob) as path:
            length_ms, broken = _decoded_ms(path)
            is_heard = name == "listen" and silent and loudest(path, silent) > _QUIET
        if broken or abs(length_ms - session.duration_ms) > _AWAY_MS:
            length = f"{length_ms} ms se lisent, sur {session.duration_ms}"
            yield Finding(where, broken or length, RESTORE)
        elif is_heard:
            yield Finding(where, "un passage fermé s'y entend", f"verbatim close {session.id} "
                          "--resume")  # fmt: skip


def _stray(blobs: Blobs, where: str, session_id: str, what: str) -> Finding:
    """Sound that must not be there."""
    return Finding(where, what, f"Supprimez {blobs.place}/{session_id}")


def _decoded_ms(path: Path) -> tuple[int, str]:
    """How much of a file decodes, and what stopped that."""
    samples, rate = 0, 1
    try:
        with av.open(str(path), options={"protocol_whitelist": "file"}) as container:
            for frame in container.decode(container.streams.audio[0]):
                samples, rate = samples + frame.samples, frame.sample_rate
    except (av.error.FFmpegError, IndexError) as error:
        return 0, f"ne se décode pas ({error})"
    return samples * 1000 // rate, ""


def files(archive: Archive, data: Path, blobs: Blobs) -> Iterator[Finding]:
    """Media of no session, and arrivals that lack what was acknowledged."""
    with archive.engine.connect() as db:
        known = set(db.execute(select(t.sessions.c.id)).scalars())
        columns = (uploads.c.id, uploads.c.name, uploads.c.received, uploads.c.arrival)
        of_arrival = select(*columns).join(arrivals, arrivals.c.id == uploads.c.arrival)
        awaited = db.execute(of_arrival.where(arrivals.c.state != ArrivalState.DONE)).all()
    for session_id in dict.fromkeys(key.partition("/")[0] for key in blobs.all_keys()):
        if session_id not in known:
            yield _stray(blobs, f"media/{session_id}", session_id, "n'appartient à aucune séance")
    for upload in awaited:
        place = folder(data, upload.arrival) / upload.id
        held = place.stat().st_size if place.is_file() else 0
        if held < upload.received:
            yield Finding(upload.name, f"{held} octets sur les {upload.received} reçus",
                          "Retirez ce fichier de l'apport, et renvoyez-le.")  # fmt: skip
