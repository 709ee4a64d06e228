"""A session of one file per participant, each also hearing the others, heard by the real models."""

import json
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from api.product import Product
from ingest.asr.tracks import participant_of
from ingest.audio.decode import Pcm, decode
from ingest.audio.encode import Encoder
from ingest.documents.request import Request
from ingest.documents.roster import read_roster
from ingest.settings import Settings
from tests.conftest import SAMPLES
from tests.eval.error_rates import word_errors

pytestmark = pytest.mark.models

SAMPLE = SAMPLES / "2025-04-08-piscine-creche"
END_MS, RATE, ECHO_DB = 55_000, 16_000, -15.0


def _said() -> list[dict[str, Any]]:
    reference = json.loads((SAMPLE / "reference.json").read_text("utf-8"))
    return [turn for turn in reference["turns"] if turn["end_ms"] < END_MS]


def _tracks(folder: Path) -> tuple[Path, ...]:
    """What each participant says, and 15 dB lower and 80 ms later what the others do."""
    files = (SAMPLE / "part1.opus",)
    sound = Pcm(decode(files, folder, 3_600_000, lambda fraction: None).pcm).read(0, END_MS)
    own: dict[str, NDArray[np.float32]] = {}
    for turn in _said():
        place = slice(turn["start_ms"] * RATE // 1000, turn["end_ms"] * RATE // 1000)
        own.setdefault(turn["speaker"], np.zeros_like(sound))[place] = sound[place]
    everybody = np.sum(list(own.values()), axis=0)
    return tuple(
        _written(folder / f"audio{name.replace(' ', '')}21234567.wav", track, everybody - track)
        for name, track in own.items()
    )


def _written(path: Path, own: NDArray[np.float32], others: NDArray[np.float32]) -> Path:
    heard = own + 10 ** (ECHO_DB / 20) * np.roll(others, 80 * RATE // 1000)
    encoder = Encoder(path, "wav", "pcm_s16le", 48_000, 768_000)
    encoder.write((np.repeat(heard, 3) * 32767).astype(np.int16))
    encoder.close()
    return path


def test_each_word_is_heard_once_in_its_owners_track(tmp_path: Path) -> None:
    files = _tracks(tmp_path)
    product = Product(Settings(data=tmp_path / "data", _env_file=None))
    session = product.ingest(
        Request(
            files,
            "Pistes",
            date(2025, 4, 8),
            roster=read_roster(SAMPLE / "roster.csv"),
            participants=tuple(map(participant_of, files)),
        ),
        lambda stage, fraction: None,
    )
    transcript = product.archive.transcript(session.id)
    reference = [(t["speaker"], s["text"]) for t in _said() for s in t["sentences"]]
    heard = " ".join(turn.text for turn in transcript.turns)
    assert word_errors(" ".join(text for _, text in reference), heard).rate < 0.25
    speakers = [transcript.person(turn) for turn in transcript.turns]
    assert speakers == [name for name, _ in groupby(name for name, _ in reference)]
