"""Voices: ours beside plain CAM++ clustering, in one run, on real recordings and on long sittings.

    python -m tests.eval.voices [--long]

The plain baseline is what one writes first: Silero as it comes, windows of two seconds, one second
apart, average linkage on cosine distance, cut at 0.5. `VERBATIM_EVAL_DATA` adds the real voices.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from ingest.audio import Pcm, decode
from ingest.cluster import by_appearance
from ingest.diarize import VoiceDiarizer, join_windows
from ingest.embed_voice import VoiceEmbedder
from ingest.quality import SpeakerErrors, speaker_errors
from ingest.samples import sample_requests
from ingest.settings import Settings
from ingest.speech import detect_speech
from ingest.transcript import Span, SpeakerSpan
from tests.eval.long_sittings import PER_MS, rttm, sample_spans, sitting, voices
from tests.eval.samples import SAMPLES

Known = tuple[str, Pcm, list[SpeakerSpan]]
Method = Callable[[Pcm], tuple[SpeakerSpan, ...]]
_AMI_SCORED_MS = 30_000
_PLAIN_MS, _PLAIN_DISTANCE = 2_000, 0.5
_COLUMNS = ("set", "method", "DER", "confused", "missed", "false", "voices", "speed")
# name, number of voices, minutes, seed
_LONG = (("12 voices in 30 min", 12, 30, 1), ("40 voices in 2 h", 40, 120, 5))


def _silent(*_: object) -> None:
    """Progress that nobody watches."""


def ours(settings: Settings) -> Method:
    """Speech and voices as the product finds them."""
    diarizer = VoiceDiarizer(settings)
    return lambda pcm: diarizer.spans(pcm, detect_speech(pcm, _silent), _silent)


def plain(settings: Settings) -> Method:
    """The baseline."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps
    from scipy.cluster.hierarchy import fcluster, linkage

    embedder = VoiceEmbedder(settings.cache, settings.threads)

    def told_apart(pcm: Pcm) -> tuple[SpeakerSpan, ...]:
        heard = get_speech_timestamps(pcm.read(0, pcm.duration_ms), VadOptions())
        speech = [Span(s["start"] // PER_MS, s["end"] // PER_MS) for s in heard]
        windows = list(chain.from_iterable(map(_two_seconds, speech)))
        if len(windows) < 2:
            return tuple(SpeakerSpan(s.start_ms, s.end_ms, "S1") for s in speech)
        vectors = embedder.embed(pcm, windows, _silent, _PLAIN_MS)
        tree = linkage(vectors, method="average", metric="cosine")
        labels = by_appearance(fcluster(tree, _PLAIN_DISTANCE, criterion="distance"))
        return join_windows(windows, labels, speech)

    return told_apart


def _two_seconds(span: Span) -> list[Span]:
    last = max(span.start_ms, span.end_ms - _PLAIN_MS)
    starts = [*range(span.start_ms, last, 1_000), last]
    return [Span(start, min(start + _PLAIN_MS, span.end_ms)) for start in starts]


def sample_recordings(scratch: Path) -> list[Known]:
    """The samples, decoded."""
    return [
        (
            request.id or "",
            _decoded(request.files, scratch / str(request.id)),
            sample_spans(SAMPLES / str(request.id) / "reference.json"),
        )
        for request in sample_requests(SAMPLES)
    ]


def real_recordings(data: Path, scratch: Path) -> list[Known]:
    """Real voices; of the meeting cuts only the first 30 s are annotated."""
    known = []
    for path in sorted(data.glob("*.flac")):
        spans = rttm(path.with_suffix(".rttm"))
        if path.stem.startswith("ami"):
            spans = [
                SpeakerSpan(s.start_ms, min(s.end_ms, _AMI_SCORED_MS), s.label)
                for s in spans
                if s.start_ms < _AMI_SCORED_MS
            ]
        known.append((path.stem, _decoded((path,), scratch / path.stem), spans))
    return known


def long_recordings(of: Sequence[Known], scratch: Path) -> Iterator[Known]:
    """Sittings put together from other recordings."""
    everybody = voices([(pcm, spans) for _name, pcm, spans in of])
    for name, count, minutes, seed in _LONG:
        if len(everybody) < count:
            print(f"skipped: {name} ({len(everybody)} voices at hand)", file=sys.stderr)
            continue
        chosen = np.random.default_rng(seed).permutation(list(everybody))[:count]
        pcm, spans = sitting({str(n): everybody[str(n)] for n in chosen}, minutes, scratch, seed)
        yield name, pcm, spans


def _decoded(files: tuple[Path, ...], folder: Path) -> Pcm:
    folder.mkdir(parents=True, exist_ok=True)
    return Pcm(decode(files, folder, 3_600_000, _silent).pcm)


def _cells(errors: SpeakerErrors, speed: float) -> list[str]:
    spoken = max(1, errors.reference_ms)
    parts = (errors.confused_ms, errors.missed_ms, errors.false_alarm_ms)
    return [
        f"{errors.rate:.3f}",
        *(f"{part / spoken:.3f}" for part in parts),
        f"{errors.found_speakers} of {errors.reference_speakers}",
        f"{speed:.0f}x",
    ]


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.eval.voices", description=__doc__)
    parser.add_argument("--long", action="store_true", help="add sittings of 30 min and of 2 h")
    long_too, settings = parser.parse_args().long, Settings()
    methods = {"ours": ours(settings), "plain CAM++": plain(settings)}
    table = Table(
        "set", "method", "DER", "confused", "missed", "false", "voices", "speed", box=None
    )
    with tempfile.TemporaryDirectory() as scratch:
        known = sample_recordings(Path(scratch))
        if where := os.environ.get("VERBATIM_EVAL_DATA"):
            known += real_recordings(Path(where) / "diarization", Path(scratch))
        built = long_recordings(known, Path(scratch)) if long_too else ()
        for name, pcm, spans in chain(known, built):
            for method, told_apart in methods.items():
                start = time.perf_counter()
                found = told_apart(pcm)
                speed = pcm.duration_ms / 1000 / (time.perf_counter() - start)
                table.add_row(name, method, *_cells(speaker_errors(spans, found), speed))
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
