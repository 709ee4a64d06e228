"""Real-time factor per stage, peak memory, and how long a question takes.

Everything is measured in one run on one machine; what can be compared is given as a ratio: to the
length of the audio, or to the plain library doing the same work on the same input.
"""

import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from api.product import Product
from ingest.asr.vad import detect_speech
from ingest.asr.whisper import words_of
from ingest.audio.decode import Pcm, decode
from ingest.diarization.diarize import VoiceDiarizer
from ingest.samples import sample_requests
from ingest.settings import Settings
from ingest.steps import Steps
from ingest.transcript import Span
from tests.eval.samples import SAMPLES, questions


def _silent(*_: object) -> None:
    """Progress without a display."""


def timed(work: Callable[[], object]) -> float:
    """Seconds that a piece of work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def stages(settings: Settings, folder: Path) -> dict[str, float]:
    """How many times faster than real time each stage of ingest is, on the first sample."""
    files = sample_requests(SAMPLES)[0].files
    steps = Steps(settings)
    transcriber, diarizer = steps.transcriber(), VoiceDiarizer(settings)
    seconds = {"decode": timed(lambda: decode(files, folder, 3_600_000, _silent))}
    pcm = Pcm(folder / "audio.pcm")
    seconds["speech"] = timed(lambda: detect_speech(pcm, _silent))
    speech, whole = detect_speech(pcm, _silent), Span(0, pcm.duration_ms)
    seconds["words"] = timed(
        lambda: list(words_of(whole, pcm, speech, lambda: transcriber, _silent))
    )
    seconds["voices"] = timed(lambda: diarizer.spans(pcm, speech, _silent))
    length = pcm.duration_ms / 1000
    factors = {f"{stage}_x_real_time": length / s for stage, s in seconds.items()}
    return factors | {"all_x_real_time": length / sum(seconds.values())}


def whole(product: Product) -> dict[str, float]:
    """How many times faster than real time the samples are published: models are loaded for it."""
    requests, length_ms = sample_requests(SAMPLES), 0
    start = time.perf_counter()
    for request in requests:
        length_ms += product.publish(product.ingest(request, _silent).id).duration_ms
    return {"whole_x_real_time": length_ms / 1000 / (time.perf_counter() - start)}


def asking(product: Product) -> dict[str, float]:
    """Milliseconds from question to verified answer, models loaded, and to ranked passages."""
    asked = [question.text for question in questions()]
    product.ask(asked[0])
    answers = sorted(timed(lambda q=q: product.ask(q)) * 1000 for q in asked)  # type: ignore[misc]
    searches = sorted(timed(lambda q=q: product.search(q, 10)) * 1000 for q in asked)  # type: ignore[misc]
    return {
        f"{name}_{mark}_ms": statistics.quantiles(times, n=20)[at]
        for name, times in (("ask", answers), ("search", searches))
        for mark, at in (("p50", 9), ("p95", 18))
    }


def main() -> int:
    """The command."""
    with tempfile.TemporaryDirectory() as scratch:
        settings = Settings(data=Path(scratch) / "data")
        work = Path(scratch) / "work"
        work.mkdir()
        results = stages(settings, work)
        product = Product(settings)
        results |= whole(product)
        results |= asking(product)
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    results["peak_memory_mib"] = peak_kib / 1024
    print(json.dumps({name: round(value, 2) for name, value in results.items()}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
