"""Measure quality, print it beside the committed baseline, and fail if anything got worse."""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from api.product import Product
from ingest.samples import sample_requests
from ingest.settings import Settings
from tests.eval import answers, names, real, samples
from tests.eval.corrected import corrected
from tests.eval.hearing import hearing

BASELINE = Path(__file__).parent / "baseline.json"
# int8 arithmetic differs between processors, and with it a word here and there: what counts words
# may move by two in a hundred, what counts few things (18 unanswerable questions, 49 names) by two,
# what counts the 150 doubtful words by more.
TOLERANCE = 0.02
FEW_TOLERANCE = 0.12
# What counts how much went wrong; for all other figures, more is better.
_LESS_IS_BETTER = {"wer", "der", "confusion", "wrongly", "miscounted", "error"}
_LESS_OF_ANSWERS = ("answerable_refused", "answerable_told_nothing", "unanswerable_as_answer")
_FEW = {
    *(
        "names_spelt",
        "figures_right",
        "doubtful_that_are_wrong",
        "wrong_that_are_doubtful",
        "error_left_unvisited",
    ),
}
Results = dict[str, dict[str, float]]


KINDS = ("retrieval", "hearing", "answers", "council", "correcting", "names")
_OF_SAMPLES = frozenset({"retrieval", "hearing", "answers", "correcting"})
_HEARD = (
    "asr_fleurs_fr",
    "diarization",
    "figures",
)  # folders of sound; the others are of questions


def measure_samples(product: Product, only: Collection[str] = KINDS) -> Results:
    """Everything that the samples can tell of the kinds that are wanted."""
    measures = [
        ("hearing", "samples: hearing", hearing),
        ("retrieval", "samples: finding", samples.finding),
        ("answers", "samples: answering", samples.answering),
        ("answers", "samples: asked again", answers.asked_again),
        ("answers", "samples: tried", answers.tried),
        ("answers", "samples: conversations", answers.conversations),
        ("correcting", "samples: correcting", corrected),
    ]
    return {group: measure(product) for kind, group, measure in measures if kind in only}


def measure_real(
    product: Product, data: Path | None, only: Collection[str] = KINDS
) -> tuple[Results, list[str]]:
    """What the real data that is there can tell, and the names of the sets that are not."""
    results: Results = {}
    skipped = []
    for name, (where, measure) in real.SETS.items():
        if _kind(where) not in only:
            continue
        if data is None or not (data / where).exists():
            skipped.append(name)
        else:
            results[name] = {k: float(v) for k, v in measure(product, data / where).items()}
    return results, skipped


def _kind(where: str) -> str:
    if where.startswith(("debates/an2013", "debates/questions")):
        return "council"
    if where.startswith("debates"):
        return "answers"
    return "hearing" if where.startswith(_HEARD) else "retrieval"


def worse(baseline: Results, now: Results) -> list[str]:
    """Figures that fell by more than the tolerance, each with both values."""
    return [
        f"{group} {name}: {value:.3f}, baseline {baseline[group][name]:.3f}"
        for group, scores in now.items()
        for name, value in scores.items()
        if name in baseline.get(group, {})
        and _loss(name, baseline[group][name], value) > _tolerance(group, name)
    ]


def _tolerance(group: str, name: str) -> float:
    many = group in {"samples: hearing", "samples: correcting"}
    few = (group.startswith("samples: ") and not many) or name in _FEW
    return FEW_TOLERANCE if few else TOLERANCE


def _loss(name: str, before: float, now: float) -> float:
    if name.endswith("voices_off"):
        return abs(now) - abs(before)
    less = name in _LESS_OF_ANSWERS or _LESS_IS_BETTER & set(name.split("_"))
    return now - before if less else before - now


def _show(baseline: Results, now: Results, skipped: Sequence[str]) -> None:
    table = Table("set", "figure", "now", "baseline", box=None)
    for group, scores in now.items():
        for name, value in scores.items():
            before = baseline.get(group, {}).get(name)
            table.add_row(group, name, f"{value:.3f}", "-" if before is None else f"{before:.3f}")
    Console().print(table)
    for name in skipped:
        print(f"skipped: {name} (set VERBATIM_EVAL_DATA to the folder that holds it)")


def _measure(data: Path | None, only: Collection[str]) -> tuple[Results, list[str]]:
    """The figures of the kinds that are wanted, and the sets that were not there."""
    now: Results = {}
    skipped: list[str] = []
    if set(only) != {"names"}:
        with tempfile.TemporaryDirectory() as scratch:
            product = Product(Settings(data=data or Path(scratch)))
            for request in sample_requests(samples.SAMPLES) if _OF_SAMPLES & set(only) else ():
                print(f"ingesting {request.id}", file=sys.stderr)
                product.publish(product.ingest(request, lambda stage, fraction: None).id)
            now = measure_samples(product, only)
            where = os.environ.get("VERBATIM_EVAL_DATA")
            more, skipped = measure_real(product, Path(where) if where else None, only)
            now |= more
    if "names" in only:
        now["names: simulated sittings"] = names.scores()
    return now, skipped


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.eval", description=__doc__)
    parser.add_argument("--update", action="store_true", help="rewrite the baseline")
    parser.add_argument("--data", type=Path, help="keep the ingested samples in this folder")
    parser.add_argument(
        "--only", choices=KINDS, action="append", help="measure nothing else; may be repeated"
    )
    options = parser.parse_args()
    now, skipped = _measure(options.data, options.only or KINDS)
    baseline: Results = json.loads(BASELINE.read_text("utf-8")) if BASELINE.exists() else {}
    _show(baseline, now, skipped)
    if options.update:
        rounded = {g: {k: round(v, 4) for k, v in s.items()} for g, s in (baseline | now).items()}
        BASELINE.write_text(json.dumps(rounded, indent=1) + "\n", "utf-8")
        return 0
    losses = worse(baseline, now)
    print("\n".join(f"WORSE: {loss}" for loss in losses), file=sys.stderr)
    return 1 if losses else 0


if __name__ == "__main__":
    sys.exit(main())
