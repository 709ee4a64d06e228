"""What counts as worse than the committed baseline."""

import json

import pytest

from tests.eval.__main__ import BASELINE, worse


@pytest.mark.parametrize(
    ("group", "name", "before", "now", "is_worse"),
    [
        ("fleurs", "wer", 0.2, 0.25, True),
        ("fleurs", "wer", 0.25, 0.2, False),
        ("fleurs", "sure_words_right", 0.97, 0.9, True),
        ("voices", "permissive_6spk_der", 0.1, 0.2, True),
        ("voices", "meetings_confusion", 0.1, 0.02, False),
        ("voices", "fleurs_only_ccby_voices_off", 0.0, -1.0, True),
        ("voices", "fleurs_only_ccby_voices_off", -2.0, 1.0, False),
        ("names: simulated sittings", "wrongly_named_medium_calls", 0.0, 0.1, True),
        ("samples: answering", "answerable_refused", 0.0, 0.2, True),
        ("samples: answering", "answerable_refused", 0.0, 0.05, False),
        ("samples: answering", "unanswerable_refused", 0.9, 0.7, True),
        ("samples: answering", "unanswerable_refused", 0.8, 0.9, False),
        ("councilqa", "unanswerable_as_answer", 0.26, 0.3, True),
        ("councilqa", "unanswerable_told_nothing", 0.26, 0.3, False),
        ("piaf", "new figure", 0.9, 0.1, False),
    ],
)
def test_a_figure_is_worse_in_its_own_direction(
    group: str, name: str, before: float, now: float, is_worse: bool
) -> None:
    baseline = {group: {name: before}} if name != "new figure" else {}
    assert bool(worse(baseline, {group: {name: now}})) is is_worse


def test_corrected_words_start_when_they_are_said() -> None:
    """Half of the words that a clerk changes start within 80 ms of the sound; see `corrected`."""
    correcting = json.loads(BASELINE.read_text("utf-8"))["samples: correcting"]
    assert correcting["changed_start_error"] <= 0.08
    assert correcting["all_start_error"] <= 0.08
    assert correcting["changed_start_error"] < correcting["guessed_start_error"]
