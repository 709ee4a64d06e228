"""The true turns of the samples, without their names: everybody gets the right one back."""

import json
from pathlib import Path

import pytest

from ingest.documents.captions import Cue, read_captions
from ingest.documents.roster import read_roster
from ingest.transcript import Turn, Word
from tests.support import paths
from tests.support.small_council import name_speakers, named

SAMPLES = paths.SAMPLES


def reference(folder: Path) -> tuple[tuple[Turn, ...], dict[str, str]]:
    """The true turns of a sample with anonymous labels, and who each label is."""
    labels: dict[str, str] = {}
    turns = []
    for index, told in enumerate(
        json.loads((folder / "reference.json").read_text("utf-8"))["turns"]
    ):
        label = labels.setdefault(told["speaker"], f"S{len(labels) + 1}")
        words = [word for sentence in told["sentences"] for word in spread(sentence)]
        turns.append(Turn(index, label, tuple(words)))
    return tuple(turns), {label: name for name, label in labels.items()}


def spread(sentence: dict[str, object]) -> list[Word]:
    start, end, texts = (
        int(str(sentence["start_ms"])),
        int(str(sentence["end_ms"])),
        str(sentence["text"]).split(),
    )
    step = (end - start) / len(texts)
    return [
        Word(round(start + n * step), round(start + (n + 1) * step), text, 1.0)
        for n, text in enumerate(texts)
    ]


def sample_cues(folder: Path) -> tuple[Cue, ...]:
    cues: tuple[Cue, ...] = ()
    offset_ms = 0
    for part in json.loads((folder / "session.json").read_text("utf-8"))["parts"]:
        if part["captions"]:
            cues += tuple(
                Cue(cue.start_ms + offset_ms, cue.end_ms + offset_ms, cue.participant)
                for cue in read_captions(folder / part["captions"])
            )
        offset_ms += part["duration_ms"]
    return cues


@pytest.mark.parametrize("folder", sorted(SAMPLES.glob("20*/")), ids=lambda folder: folder.name)
@pytest.mark.parametrize("with_captions", [False, True])
def test_samples_are_named_for_most_of_the_time_and_never_wrongly(
    folder: Path, with_captions: bool
) -> None:
    turns, truth = reference(folder)
    cues = sample_cues(folder) if with_captions else ()
    given = named(name_speakers(turns, read_roster(folder / "roster.csv"), cues))
    wrong = {label: name for label, name in given.items() if truth[label] != name}
    spoken_ms = dict.fromkeys(truth, 0)
    for turn in turns:
        spoken_ms[str(turn.speaker)] += turn.end_ms - turn.start_ms
    right_ms = sum(ms for label, ms in spoken_ms.items() if label in given)
    assert wrong == {}
    assert right_ms >= 0.95 * sum(spoken_ms.values())
