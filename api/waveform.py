"""The waveform of a session for the office: kept since it was brought in, or made when asked for.

It is of the whole sound, so that no reader may get it. A redaction that destroys has it made anew.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from filelock import FileLock

from ingest.archive.blobs import Blob, Blobs, office_sound
from ingest.audio.waveform import NAME, of_file
from ingest.errors import InPreparation, NotFound


def office_waveform(blobs: Blobs, data: Path, session_id: str) -> Blob:
    """Its file. Raises `NotFound` without sound, `InPreparation` where that changes meanwhile."""
    key = f"{session_id}/{NAME}"
    if kept := blobs.find(key):
        return kept
    source = office_sound(blobs, session_id, "opus")
    if source is None:
        raise NotFound(f"La séance « {session_id} » n'a pas de son.")
    with blobs.open(source) as sound:
        made = of_file(sound)
    work = data / "work"
    work.mkdir(parents=True, exist_ok=True)
    # The lock of redactions: what is drawn of a sound that is destroyed by now is not kept.
    with FileLock(data / "closing.lock"), TemporaryDirectory(dir=work, prefix="wave-") as folder:
        if office_sound(blobs, session_id, "opus") != source:
            raise InPreparation("Le son de cette séance vient de changer : rechargez la page.")
        drawn = Path(folder) / NAME
        drawn.write_bytes(made)
        blobs.put(key, drawn)
    return office_waveform(blobs, data, session_id)
