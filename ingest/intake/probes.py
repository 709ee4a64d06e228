"""Recordings that have arrived are looked into at once, so that a clerk is told before she waits.

What is found is kept with the file: it is looked into once. What is in a file: `ingest.asr.probe`.
"""

import threading
from dataclasses import asdict, replace
from pathlib import Path

from ingest.archive.repository import Archive
from ingest.asr.probe import Sound, probe_file
from ingest.intake import intake
from ingest.intake.intake import Arrival, Content, Upload, arrival, folder

_one_at_a_time = threading.Lock()  # two cores: the second file waits a second, nothing else does


def probe_all(archive: Archive, data: Path, arrival_id: str) -> Arrival:
    """The arrival, each of its recordings that has come in whole looked into. May take seconds."""
    while True:
        with archive.engine.connect() as db:
            now = arrival(db, arrival_id)
        waiting = next((one for one in now.recordings if one.is_whole and one.sound is None), None)
        if waiting is None:
            return now
        probe(archive, data, waiting)


def probe(archive: Archive, data: Path, upload: Upload) -> None:
    """Look into one file, unless that is done; one that is captions is left alone."""
    if upload.kind is not Content.RECORDING:
        return
    with _one_at_a_time:
        with archive.engine.connect() as db:
            if intake.file(db, upload.arrival, upload.id).sound is not None:
                return
        path = folder(data, upload.arrival) / upload.id
        sound = probe_file(path) if path.is_file() else Sound()
        named = replace(sound, problem=sound.problem.replace(upload.id, upload.name))
        with archive.begin() as db:
            intake.set_sound(db, upload.id, asdict(named))
