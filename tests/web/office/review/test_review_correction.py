"""Thirty seeded errors, put right by keyboard alone: no more keys than were needed before."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.eval.correction import BASELINE, measure
from tests.eval.seeded import COUNT, reference, seeded


def test_thirty_errors_are_seeded() -> None:
    _, transcript = seeded()
    assert COUNT == 30
    right = [(line.person, line.text) for line in reference()]
    wrong = [(transcript.person(turn), turn.text) for turn in transcript.turns]
    assert len(wrong) == len(right)  # as many turns by chance: two are cut, two are merged
    assert sum(a == b for a, b in zip(right, wrong, strict=True)) < len(right) // 4


@pytest.mark.browser
def test_they_are_put_right_with_no_more_keys_than_before(
    chromium: Browser, tmp_path: Path
) -> None:
    figures, _ = measure(chromium, tmp_path)
    kept = json.loads(BASELINE.read_text("utf-8"))
    worse = {name: (n, kept[name]) for name, n in asdict(figures).items() if n > kept[name]}
    assert not worse
