"""Work in a child process: its result comes back, and its death is reported rather than shared."""

import os
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from ingest.audio.sandbox import ChildDied
from ingest.errors import BadInput
from ingest.settings import Settings
from ingest.steps import Steps
from ingest.transcript import Span
from tests.conftest import tone


def _kill(_fraction: float) -> None:
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], check=True, capture_output=True, text=True
    )
    for pid, parent in (map(int, line.split()) for line in listed.stdout.splitlines()):
        if parent == os.getpid():
            with suppress(ProcessLookupError):  # ps itself
                os.kill(pid, signal.SIGKILL)


def test_a_decoder_that_dies_is_reported_with_the_file(
    write_audio: Callable[..., Path], tmp_path: Path
) -> None:
    path = write_audio("séance.wav", tone(300, 30.0))
    with pytest.raises(BadInput, match=r"« séance\.wav » n'a pas pu être lu"):
        Steps(Settings(_env_file=None)).decode((path,), False, tmp_path, _kill)


def test_a_file_that_is_too_large_is_not_opened(
    write_audio: Callable[..., Path], tmp_path: Path
) -> None:
    path = write_audio("séance.wav", tone(300, 1.0))
    with pytest.raises(BadInput, match="VERBATIM_MAX_FILE_GIB"):
        Steps(Settings(max_file_gib=1e-6, _env_file=None)).decode((path,), False, tmp_path, print)


@pytest.mark.models
def test_telling_voices_apart_may_be_killed_at_any_moment(tmp_path: Path) -> None:
    pcm = tmp_path / "audio.pcm"
    noise = np.random.default_rng(1).standard_normal(20 * 16_000)
    (noise * 3_000).astype("<i2").tofile(pcm)
    speech = (Span(0, 20_000),)
    seen: list[float] = []
    spans = Steps(Settings(_env_file=None)).diarize(pcm, speech, seen.append)
    assert spans and spans[0].start_ms == 0 and spans[-1].end_ms == 20_000
    assert seen[-1] == 1.0
    with pytest.raises(ChildDied, match="code -9"):
        Steps(Settings(_env_file=None)).diarize(pcm, speech, _kill)
