"""Recordings whose words are known: the samples, and real French speech kept elsewhere.

What hears them is the product's own transcriber. Hearing takes minutes: what was heard can be kept
in a file, for as long as the transcriber stays the same.
"""

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.asr.vad import detect_speech
from ingest.asr.whisper import Transcriber
from ingest.audio.decode import Pcm, decode
from ingest.transcript import Span, Word
from tests.eval.samples import SAMPLES, reference

_HOUR_MS = 3_600_000


@dataclass(frozen=True)
class Known:
    """A recording and what is said in it; `real` where people, not a synthesiser, said it."""

    id: str
    files: tuple[Path, ...]
    said: str
    real: bool


def real_voices() -> Path | None:
    """The folder of short French utterances, where `VERBATIM_EVAL_DATA` names what holds it."""
    where = os.environ.get("VERBATIM_EVAL_DATA")
    return Path(where) / "asr_fleurs_fr" if where else None


def recordings(real: Path | None) -> list[Known]:
    """The samples; then, where `real` is there, its short utterances (`*.ogg` beside `*.txt`)."""
    found = []
    for path in sorted(SAMPLES.glob("*/session.json")):
        parts = json.loads(path.read_text("utf-8"))["parts"]
        files = tuple(path.parent / part["file"] for part in parts)
        said = " ".join(sentence.text for sentence in reference(path.parent.name))
        found.append(Known(path.parent.name, files, said, real=False))
    for path in sorted(real.glob("*.ogg")) if real else ():
        said = path.with_suffix(".txt").read_text("utf-8")
        found.append(Known(path.stem, (path,), said, real=True))
    return found


def hear(known: Known, transcriber: Transcriber, hints: str = "") -> list[Word]:
    """The words of a recording, on its time line."""
    audio, speech = _speech(known)
    return list(transcriber.words(audio, speech, hints))


def _speech(known: Known) -> tuple[NDArray[np.float32], tuple[Span, ...]]:
    with tempfile.TemporaryDirectory() as scratch:
        decoded = decode(known.files, Path(scratch), _HOUR_MS, lambda _: None)
        pcm = Pcm(decoded.pcm)
        return np.array(pcm.read(0, pcm.duration_ms)), detect_speech(pcm, lambda _: None)


def heard_once(
    kept: Path | None,
    known: list[Known],
    transcriber: Callable[[], Transcriber],
    hints: str = "",
) -> dict[str, list[Word]]:
    """What is heard in each recording: read from the file `kept` if it is there, else put there."""
    if kept and kept.exists():
        stored = json.loads(kept.read_text("utf-8"))
        return {name: [Word(*word) for word in words] for name, words in stored.items()}
    heard = {one.id: hear(one, transcriber(), hints) for one in known}
    if kept:
        rows = {name: [astuple(word) for word in words] for name, words in heard.items()}
        kept.write_text(json.dumps(rows), "utf-8")
    return heard


def groups(known: list[Known]) -> Iterator[tuple[str, list[Known]]]:
    """The recordings by kind, leaving out a kind of which there is none."""
    for name, real in (("samples", False), ("real voices", True)):
        if chosen := [one for one in known if one.real == real]:
            yield name, chosen
