"""Counts words and pairs of words in debates; writes `ingest/asr/word_pairs.npz`.

    VERBATIM_EVAL_DATA=... python -m tests.train.word_pairs

Reads the sittings of the Assemblée nationale and the French speeches of the Swiss parliament that
stand in that folder, but sitting `APART`, whose words are for measuring. Pairs that were said once
are left out: two thirds of them, and most were said by chance.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from ingest.asr.word_pairs import START, STORED, Counts, counted, key, words_in

APART = "20130136"
LEAST = 2
_SENTENCE = re.compile(r"[.?!…\n]")


def texts(debates: Path) -> Iterator[str]:
    """Every speech."""
    for path in sorted((debates / "an2013").glob("*.jsonl")):
        if path.stem != APART:
            yield from (json.loads(line)["text"] for line in path.read_text("utf-8").splitlines())
    for line in (debates / "swiss_jura.jsonl").read_text("utf-8").splitlines():
        speech = json.loads(line)
        if speech["language"] != "DE":
            yield speech["text"]


def main() -> None:
    """The command."""
    words: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for text in texts(Path(os.environ["VERBATIM_EVAL_DATA"]) / "debates"):
        for sentence in _SENTENCE.split(text):
            said = [START, *words_in(sentence)]
            words.update(said)
            pairs.update(pairwise(said))
    kept = _counts({(word,): times for word, times in words.items()})
    both = _counts(pairs)
    np.savez_compressed(
        STORED,
        word_keys=kept.keys,
        word_times=kept.times,
        pair_keys=both.keys,
        pair_times=both.times,
        total=words.total(),
    )
    print(f"{words.total()} words, {len(kept.keys)} forms, {len(both.keys)} pairs: {STORED}")


def _counts(seen: dict[tuple[str, ...], int] | Counter[tuple[str, str]]) -> Counts:
    return counted((key(*words), times) for words, times in seen.items() if times >= LEAST)


if __name__ == "__main__":
    main()
