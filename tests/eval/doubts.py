"""Do doubts lead to errors? Show tables; with `--fit`, learn anew what a word's signs weigh.

    VERBATIM_EVAL_DATA=... python -m tests.eval.doubts --fit

The held-out table judges each sample, and the real voices, by what all the others taught. A place
is a run of doubtful words; a clerk who goes there hears from a second before it and puts right what
she hears until a second after. What is left are the errors, as WER counts them, that she does not
come by.
"""

import argparse
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from ingest.asr.confidence import STORED, Weighing, load_weighing, weighed
from ingest.asr.whisper import whisper_name
from ingest.asr.word_signs import SIGNS, Signs, signs
from ingest.documents.agenda_text import read_agenda
from ingest.documents.request import Request
from ingest.documents.roster import read_roster
from ingest.pipeline import expected_in, put_right
from ingest.settings import Settings
from ingest.steps import Steps
from ingest.transcript import DOUBTFUL_BELOW, Word
from tests.eval.confidence import errors_at, rightly_heard
from tests.eval.recordings import Known, heard_once, real_voices, recordings
from tests.eval.samples import SAMPLES

NEAR_MS = 1_000  # what the review page plays before a doubt (LEAD_MS of moves.js)
PULL = 0.03  # inverse strength of the L2 penalty: two thousand words are few for 16 signs
REAL = "real voices"
TRIED = (0.6, 0.65, 0.75)  # beside the one that ships
KEY_MS, THOUGHT_MS = 280, 1_350  # a key, and making up one's mind: the keystroke-level model
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Heard:
    """A recording as the pipeline has it before its signs are weighed; `request` tells of it."""

    group: str
    words: tuple[Word, ...]
    said: str
    request: Request

    @property
    def signs(self) -> Signs:
        """All that the words show."""
        return signs(self.words, expected_in(self.request))

    @property
    def right(self) -> Flags:
        """Which of the words were said."""
        return np.array(rightly_heard(self.words, self.said))

    def weighed(self, weighing: Weighing) -> tuple[Word, ...]:
        """The words as the archive would have them."""
        return weighed(self.words, weighing.transcriber, expected_in(self.request), weighing)


def request_of(known: Known) -> Request:
    """What is known of a recording before it is heard: of a sample its lists, else nothing."""
    about = SAMPLES / known.id
    if known.real:
        return Request(known.files, known.id, date(2025, 1, 1))
    roster, agenda = read_roster(about / "roster.csv"), read_agenda(about / "agenda.json")
    return Request(known.files, known.id, date(2025, 1, 1), roster=roster, agenda=agenda)


def as_heard(known: Iterable[Known], heard: Mapping[str, list[Word]], name: str) -> Iterator[Heard]:
    """Recordings with what was heard in them; those of real voices are one group."""
    for one in known:
        request, raw = request_of(one), sorted(heard[one.id], key=lambda word: word.start_ms)
        words = put_right(raw, request, name, "espace")
        yield Heard(REAL if one.real else one.id, words, one.said, request)


def fit(heard: Sequence[Heard], name: str) -> Weighing:
    """Weights of the signs; the samples and the real voices weigh the same, as in `confidence`."""
    from sklearn.linear_model import LogisticRegression

    x = np.concatenate([one.signs for one in heard])
    y = np.concatenate([one.right for one in heard])
    real = np.concatenate([np.full(len(one.words), one.group == REAL) for one in heard])
    each = np.where(real, 1 / max(1, real.sum()), 1 / max(1, (~real).sum()))
    middle, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    model = LogisticRegression(C=PULL, max_iter=1_000).fit(
        (x - middle) / spread, y, sample_weight=each * len(y) / each.sum()
    )
    weights = model.coef_[0] / spread
    bias = float(model.intercept_[0] - weights @ middle)
    named = zip(SIGNS, weights, strict=True)
    return Weighing(name, round(bias, 4), {sign: round(float(w), 4) for sign, w in named})


@dataclass(frozen=True)
class Doubts:
    """How far doubts lead to errors."""

    words: int
    doubtful: int
    places: int
    wrong: int
    found: int
    errors: int
    left: int
    likely: float
    """Wrong words that the confidences let expect."""
    visits_ms: int
    """What the visits take: the sound around each place, the keys to get there and to accept it
    (D, A) or to write it anew (D, Enter, its letters, Enter), a thought where something is wrong.
    """

    @property
    def precision(self) -> float:
        """The share of doubtful words that are wrong."""
        return self.found / max(1, self.doubtful)

    @property
    def recall(self) -> float:
        """The share of wrong words that are doubtful."""
        return self.found / max(1, self.wrong)

    @property
    def share_left(self) -> float:
        """The share of errors that a clerk who visits the places does not come by."""
        return self.left / max(1, self.errors)

    def __add__(self, other: "Doubts") -> "Doubts":
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return Doubts(*(one + two for one, two in pairs))


def doubts(words: Sequence[Word], said: str, below: float = DOUBTFUL_BELOW) -> Doubts:
    """How far words under a confidence are those that are wrong."""
    flags = [word.confidence < below for word in words]
    right = rightly_heard(words, said)
    errors = errors_at(words, said)
    near = set[int]()
    places = [list(run) for flag, run in groupby(range(len(words)), flags.__getitem__) if flag]
    keys = thoughts = 0
    for place in places:
        start_ms = words[place[0]].start_ms - NEAR_MS
        end_ms = words[place[-1]].end_ms + NEAR_MS
        near.update(n for n, w in enumerate(words) if w.end_ms > start_ms and w.start_ms < end_ms)
        typed = sum(len(words[n].text) for n in place if not right[n])
        keys += 3 + typed if typed else 2
        thoughts += typed > 0
    return Doubts(
        words=len(words),
        doubtful=sum(flags),
        places=len(places),
        wrong=right.count(False),
        found=sum(flag and not good for flag, good in zip(flags, right, strict=True)),
        errors=len(errors),
        left=sum(at not in near for at in errors),
        likely=sum(1 - word.confidence for word in words),
        visits_ms=sum(words[n].end_ms - words[n].start_ms for n in near)
        + keys * KEY_MS
        + thoughts * THOUGHT_MS,
    )


Judged = Iterable[tuple[Heard, Sequence[Word]]]


def by_group(judged: Judged, below: float = DOUBTFUL_BELOW) -> dict[str, Doubts]:
    """The doubts of each group, and of all, with the words that each recording is given."""
    rows: dict[str, Doubts] = {}
    for one, words in judged:
        found = doubts(words, one.said, below)
        for group in (one.group, "all"):
            rows[group] = rows[group] + found if group in rows else found
    return rows | {"all": rows.pop("all")}


def show(title: str, rows: Mapping[str, Doubts]) -> None:
    """Print one table."""
    counted = ("words", "doubtful", "places", "precision", "recall")
    visited = ("errors", "left", "wrong", "told", "minutes")
    table = Table("", *counted, *visited, title=title, box=None)
    for name, one in rows.items():
        counts = str(one.words), str(one.doubtful), str(one.places)
        shares = f"{one.precision:.2f}", f"{one.recall:.2f}", str(one.errors)
        left = f"{one.share_left:.2f}", str(one.wrong), f"{one.likely:.0f}"
        table.add_row(name, *counts, *shares, *left, f"{one.visits_ms / 60_000:.1f}")
    Console(width=120).print(table)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.eval.doubts", description=__doc__)
    parser.add_argument("--fit", action="store_true", help="learn the weights and keep them")
    parser.add_argument("--words", type=Path, help="keep what was heard in this JSON file")
    options = parser.parse_args()
    known, settings = recordings(real_voices()), Settings()
    name = whisper_name(settings)
    raw = heard_once(options.words, known, Steps(settings).transcriber)
    heard = list(as_heard(known, raw, name))
    if options.fit:
        _keep(fit(heard, name), heard)
    show("by the recogniser's probability alone", by_group((one, one.words) for one in heard))
    held_out = list(_held_out(heard, name))
    for below in sorted({*TRIED, DOUBTFUL_BELOW}):
        show(f"held out, doubtful below {below:g}", by_group(held_out, below))
    shipped = load_weighing()
    show("as shipped", by_group((one, one.weighed(shipped)) for one in heard))


def _held_out(heard: Sequence[Heard], name: str) -> Judged:
    groups = dict.fromkeys(one.group for one in heard)
    taught = {g: fit([one for one in heard if one.group != g], name) for g in groups}
    for one in heard:
        yield one, one.weighed(taught[one.group])


def _keep(learned: Weighing, heard: Sequence[Heard]) -> None:
    right = np.concatenate([one.right for one in heard])
    told = f"samples and real voices: {len(right)} words, {right.mean():.3f} right"
    of_signs = {"bias": learned.bias, "weights": learned.weights}
    stored = json.loads(STORED.read_text("utf-8")) | {"signs_learned_on": told, "signs": of_signs}
    STORED.write_text(json.dumps(stored, indent=1, ensure_ascii=False) + "\n", "utf-8")
    load_weighing.cache_clear()


if __name__ == "__main__":
    main()
