"""Voices: ours beside plain CAM++ clustering, in one run, on real recordings and on long sessions.

    python -m tests.eval.voices [--long [MINUTES]] [--senko PYTHON]

The plain baseline is what one writes first: Silero as it comes, windows of two seconds, one second
apart, average linkage on cosine distance, cut at 0.5. `VERBATIM_EVAL_DATA` adds the real voices,
and PYTHON, an interpreter that has senko (`senko_peer.py` says how), senko's own pipeline. Each
hears a recording in turn, its models loaded before; seconds are on the clock and of all processors.
"""

import argparse
import json
import os
import sys
import tempfile
import time
import wave
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import astuple
from itertools import chain
from pathlib import Path
from subprocess import PIPE, Popen

import numpy as np
from rich.console import Console
from rich.table import Table

from ingest.asr.vad import detect_speech
from ingest.audio.decode import Pcm, decode
from ingest.audio.encode import SAMPLE_RATE
from ingest.diarization.clustering import by_appearance
from ingest.diarization.diarize import VoiceDiarizer, join_windows
from ingest.diarization.embedding import VoiceEmbedder
from ingest.samples import sample_requests
from ingest.settings import Settings
from ingest.transcript import Span, SpeakerSpan
from tests.eval.error_rates import SpeakerErrors, speaker_errors
from tests.eval.long_sittings import PER_MS, rttm, sitting, voices
from tests.eval.samples import SAMPLES, reference

Known = tuple[str, Pcm, list[SpeakerSpan]]
Method = Callable[[Pcm], tuple[SpeakerSpan, ...]]
Spent = tuple[float, float]  # seconds on the clock, of all processors
Timed = Callable[[Pcm], tuple[Sequence[SpeakerSpan], Spent]]
Row = tuple[str, str, SpeakerErrors, Spent]
_AMI_SCORED_MS = 30_000
_PLAIN_MS, _PLAIN_DISTANCE = 2_000, 0.5
_COLUMNS = ("set", "method", "DER", "confused", "missed", "false", "voices", "s", "CPU s")
_PEER = Path(__file__).with_name("senko_peer.py")
# name, number of voices, minutes, seed
_LONG = (("12 voices in 30 min", 12, 30, 1), ("40 voices in 2 h", 40, 120, 5))


def _silent(*_: object) -> None:
    """Progress without a display."""


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


def timed(method: Method) -> Timed:
    """What a method finds in this process, and what it spends."""

    def told_apart(pcm: Pcm) -> tuple[Sequence[SpeakerSpan], Spent]:
        clock, work = time.perf_counter(), time.process_time()
        found = method(pcm)
        return found, (time.perf_counter() - clock, time.process_time() - work)

    return told_apart


@contextmanager
def senko(python: str, scratch: Path) -> Iterator[Timed]:
    """senko's own pipeline, in a process that lives as long as the context."""
    command = [python, "-I", str(_PEER)]
    with Popen(command, stdin=PIPE, stdout=PIPE, text=True) as peer:
        assert peer.stdin and peer.stdout
        ask, answers = peer.stdin, peer.stdout

        def answer() -> str:
            line = answers.readline()
            if not line:
                raise SystemExit(f"{python} cannot run senko: {_PEER.name} says what it needs")
            return line

        def told_apart(pcm: Pcm) -> tuple[Sequence[SpeakerSpan], Spent]:
            print(_wav(pcm, scratch / "senko.wav"), file=ask, flush=True)
            told = json.loads(answer())
            return [SpeakerSpan(*span) for span in told["spans"]], tuple(told["spent"])

        answer()
        yield told_apart


def _wav(pcm: Pcm, path: Path) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(pcm.path.read_bytes())
    return path


def sample_recordings(scratch: Path) -> list[Known]:
    """The samples, decoded."""
    return [
        (
            request.id or "",
            _decoded(request.files, scratch / str(request.id)),
            [said.span for said in reference(str(request.id))],
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


def long_recordings(of: Sequence[Known], longest: int, scratch: Path) -> Iterator[Known]:
    """Sessions of up to `longest` minutes, put together from other recordings."""
    everybody = voices([(pcm, spans) for _name, pcm, spans in of])
    for name, count, minutes, seed in _LONG:
        if minutes > longest:
            continue
        if len(everybody) < count:
            print(f"skipped: {name} ({len(everybody)} voices at hand)", file=sys.stderr)
            continue
        chosen = np.random.default_rng(seed).permutation(list(everybody))[:count]
        pcm, spans = sitting({str(n): everybody[str(n)] for n in chosen}, minutes, scratch, seed)
        yield name, pcm, spans


def _decoded(files: tuple[Path, ...], folder: Path) -> Pcm:
    folder.mkdir(parents=True, exist_ok=True)
    return Pcm(decode(files, folder, 3_600_000, _silent).pcm)


def measured(recordings: Iterable[Known], methods: dict[str, Timed]) -> Iterator[Row]:
    """Every method on every recording; at the end, on all meeting cuts together."""
    meetings: dict[str, list[tuple[SpeakerErrors, Spent]]] = {method: [] for method in methods}
    for name, pcm, spans in recordings:
        for method, told_apart in methods.items():
            found, spent = told_apart(pcm)
            errors = speaker_errors(spans, found)
            if name.startswith("ami"):
                meetings[method].append((errors, spent))
            yield name, method, errors, spent
    for method, cuts in meetings.items():
        if cuts:
            parts = zip(*(astuple(errors) for errors, _spent in cuts), strict=True)
            clock, work = (sum(part) for part in zip(*(spent for _, spent in cuts), strict=True))
            yield "all ami", method, SpeakerErrors(*map(sum, parts)), (clock, work)


def _cells(errors: SpeakerErrors, spent: Spent) -> list[str]:
    spoken = max(1, errors.reference_ms)
    parts = (errors.confused_ms, errors.missed_ms, errors.false_alarm_ms)
    return [
        f"{errors.rate:.3f}",
        *(f"{part / spoken:.3f}" for part in parts),
        f"{errors.found_speakers} of {errors.reference_speakers}",
        *(f"{seconds:.1f}" for seconds in spent),
    ]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.eval.voices", description=__doc__)
    parser.add_argument(
        "--long",
        metavar="MINUTES",
        type=int,
        nargs="?",
        const=120,
        default=0,
        help="add sittings of 30 min and of 2 h, those that are not longer than MINUTES",
    )
    parser.add_argument("--senko", metavar="PYTHON", help="add senko's pipeline")
    return parser.parse_args()


def main() -> int:
    """The command."""
    given, settings = _arguments(), Settings()
    methods = {"ours": timed(ours(settings)), "plain CAM++": timed(plain(settings))}
    table = Table(*_COLUMNS, box=None)
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if given.senko:
            methods["senko"] = stack.enter_context(senko(given.senko, scratch))
        known = sample_recordings(scratch)
        if where := os.environ.get("VERBATIM_EVAL_DATA"):
            known += real_recordings(Path(where) / "diarization", scratch)
        recordings = chain(known, long_recordings(known, given.long, scratch))
        for name, method, errors, spent in measured(recordings, methods):
            table.add_row(name, method, *_cells(errors, spent))
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
