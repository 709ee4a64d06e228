"""Learns the packaged reader (`api/answers/reader/packaged.py`); writes its network and weights.

    python -m tests.train.cross_encoder --archives FOLDER --examples FOLDER --checkpoint FILE

Needs the examples of `tests.train.reader`. The network learns from four sittings, an hour and more
on one core (`OMP_NUM_THREADS=1`); it is kept in FILE at times, and taken up from there. With `--on`
the network that ships learns on. What its log-odds are worth is fitted on another sitting, which
neither it nor the figures learned from.
"""

import argparse
import json
import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor
from torch.nn import functional

from api.answers.calibration import load_calibration
from api.answers.evidence import features_of
from api.answers.reader.learned import load_reader
from api.answers.reader.packaged import NETWORK, WEIGHED, PackagedReader
from ingest.archive.blobs import sha256
from search.index.word_vectors import WordVectors, packaged_words
from tests.train.examples import Example
from tests.train.groups import Group, Labelled, groups
from tests.train.network import Network, export, restored
from tests.train.reader import Flags, Numbers, Set, best_runs, kept, report, together

LEARNED_ON = ("20130118", "20130121", "20130131", "20130136")
WEIGHED_ON = "20130125"
QUESTIONS = 4  # a step
HEADS = 5  # the rate of the heads, in those of the layers
WARM = 60  # steps
# Of the calibration's margin, beside the network's log-odds (D-267), and of both together (D-297)
SHARE, LEAST = 0.35, 0.7
EVERY = 100  # steps between checkpoints


def loss(
    network: Network, words: WordVectors, drawn: Sequence[tuple[Group, list[Labelled]]], lean: float
) -> Tensor:
    """Of some groups; `lean` is the weight of the figures' log-odds beside the network's own."""
    pairs = [(group.question, one.text) for group, some in drawn for one in some]
    every = [one for _, some in drawn for one in some]
    of = torch.tensor([n for n, (_, some) in enumerate(drawn) for _ in some])
    read = network(words, pairs)
    right = torch.tensor([one.right for one in every])
    answers = torch.zeros(len(drawn)).index_add(0, of, right.float()).clamp(max=1)
    sentences = torch.from_numpy(np.concatenate([one.sentences for one in every]))
    odds = torch.from_numpy(np.concatenate([one.odds for one in every]))
    said = torch.from_numpy(np.concatenate([one.text.sentence >= 0 for one in every]))
    gold = torch.from_numpy(np.concatenate([one.pieces for one in every])).float()
    of_piece = torch.cat(
        [torch.full((len(one.pieces),), 1.0 if one.right else 0.25) for one in every]
    )
    pieces = functional.binary_cross_entropy_with_logits(
        read.pieces, gold, of_piece, reduction="none", pos_weight=torch.tensor(2.0)
    )
    passages = functional.binary_cross_entropy_with_logits(
        read.pairs, right.float(), pos_weight=torch.tensor(1.5)
    )
    whole = [torch.logsumexp(read.sentences[of[read.pair] == n], 0) for n in range(len(drawn))]
    answered = functional.binary_cross_entropy_with_logits(torch.stack(whole), answers)
    return (
        _listwise(read.sentences + lean * odds, of[read.pair], sentences)
        + 0.5 * _listwise(read.pairs, of, right)
        + 0.5 * passages
        + 2 * pieces[said].mean()
        + 0.5 * answered
    )


def _listwise(scores: Tensor, of: Tensor, right: Tensor) -> Tensor:
    """Cross-entropy of each group's right ones beside all others, and 0 for "no answer here"."""
    losses = []
    for n in of.unique():
        own, answers = scores[of == n], right[of == n]
        all_scores = torch.cat([own.new_zeros(1), own])
        chosen = torch.cat([~answers.any()[None], answers])
        losses.append(torch.logsumexp(all_scores, 0) - torch.logsumexp(all_scores[chosen], 0))
    return torch.stack(losses).mean()


def shuffled(all_groups: Sequence[Group], rng: random.Random) -> Iterator[Group]:
    """All groups, then all again in another order, without end."""
    while True:
        yield from rng.sample(all_groups, len(all_groups))


# Steps, the first rate of the layers and the weight of the figures. At first the network learns
# alone: to say what the figures do not, it must first have learned to match words (D-205).
PHASES = ((460, 1e-4, 0.0), (490, 7e-5, 1.0))
ON = ((700, 8e-5, 1.0),)  # of the network that ships, when it learns on


def train(
    all_groups: Sequence[Group], words: WordVectors, checkpoint: Path, on: Path | None = None
) -> Network:
    """The network, learned, or a network `on` learned on; taken up from its checkpoint, if any."""
    torch.manual_seed(1)
    rng, network = random.Random(1), restored(on, words) if on else Network(words)
    done = 0
    if checkpoint.exists():
        done, state = torch.load(checkpoint)
        network.load_state_dict(state)
    heads = [p for name, p in network.named_parameters() if not name.startswith("layers")]
    body = [p for p in network.layers.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(
        [{"params": body}, {"params": heads}], betas=(0.9, 0.98), weight_decay=0.01
    )
    queue = shuffled(all_groups, rng)
    for step, (rate, lean) in list(enumerate(_schedule(ON if on else PHASES)))[done:]:
        for group, times in zip(optimiser.param_groups, (1, HEADS), strict=True):
            group["lr"] = rate * times
        some = [next(queue) for _ in range(QUESTIONS)]
        drawn = [(group, own) for group in some if (own := group.drawn(rng))]
        found = loss(network, words, drawn, lean)
        optimiser.zero_grad()
        found.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        if (step + 1) % EVERY == 0:
            torch.save((step + 1, network.state_dict()), checkpoint)
            print(step + 1, round(found.item(), 2), flush=True)
    network.eval()
    return network


def _schedule(phases: Sequence[tuple[int, float, float]]) -> Iterator[tuple[float, float]]:
    """The rate of each step, rising, then falling, and the weight of the figures."""
    for steps, first, lean in phases:
        for step in range(steps):
            yield first * min((step + 1) / WARM, 1) * max(0.03, 1 - step / steps), lean


def judged(reader: PackagedReader, data: Set) -> tuple[Numbers, Flags, Numbers]:
    """The log-odds of each example's best run, is it right, and the calibration's margin."""
    rows = np.split(data.rows, np.flatnonzero(np.diff(data.of)) + 1)
    some = zip(data.examples, rows, strict=True)
    scores = np.concatenate([reader(e.asked, e.runs, own) for e, own in some]).astype(float)
    calibration = load_calibration()
    margins = np.array([calibration.margin(features_of(own)) for own in rows])
    return *best_runs(data, scores), margins


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.train.cross_encoder", description=__doc__
    )
    for name in ("--archives", "--examples", "--checkpoint"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--on", action="store_true", help="learn on from the network that ships")
    parser.add_argument("--data", type=Path, default=os.environ.get("VERBATIM_EVAL_DATA"))
    options = parser.parse_args()
    words = packaged_words()
    torch.set_num_threads(1)  # the maps are small: a second one brings little

    def of(sitting: str) -> list[Example]:
        return kept(options.examples, options.archives, Path(options.data), sitting)

    learned = [group for sitting in LEARNED_ON for group in groups(of(sitting), words)]
    start = NETWORK if options.on else None
    export(train(learned, words, options.checkpoint, start), NETWORK)
    data = together([example for example in of(WEIGHED_ON) if example.runs])
    plain = PackagedReader(load_reader(), LEAST, 1.0, 0.0, SHARE, sha256(NETWORK), 1)
    best, right, margins = judged(plain, data)
    model = LogisticRegression().fit(best[:, None], data.answerable)
    slope, bias = float(model.coef_[0, 0]), float(model.intercept_[0])
    best = slope * best + bias
    reader = replace(plain, slope=slope, bias=bias)
    some = zip(data.examples, best, margins, strict=True)
    enough = np.array([reader.is_enough(e.asked.query, float(b), float(m)) for e, b, m in some])
    stored = {
        "sha256": sha256(NETWORK),
        "learned_on": LEARNED_ON,
        "weighed_on": WEIGHED_ON,
        "there": report(data, best, right, enough),
        "least": LEAST,
        "slope": round(slope, 5),
        "bias": round(bias, 5),
        "share": SHARE,
    }
    WEIGHED.write_text(json.dumps(stored, indent=1) + "\n", "utf-8")
    print(json.dumps(stored["there"], indent=1))


if __name__ == "__main__":
    main()
