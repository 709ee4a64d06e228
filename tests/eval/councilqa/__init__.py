"""CouncilQA-fr: questions on what was said in councils, with the places that answer (README.md).

Reads the two files and finds each place again in the evaluation data. Knows no retrieval.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
SETS = ("train", "held_out")


@dataclass(frozen=True)
class Place:
    """Words of a speech: characters [start, end) of its text, equal to `quote`."""

    speech: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True)
class Question:
    """A question; `gold` are all places that answer, `known` what is said instead of an answer."""

    id: str
    session: str
    question: str
    language: str
    kind: str
    style: str
    answerable: bool
    gold: tuple[Place, ...]
    known: tuple[Place, ...]
    context: str = ""
    note: str = ""


def read(name: str) -> Iterator[Question]:
    """The questions of a set, "train" or "held_out"."""
    return read_file(FOLDER / f"{name}.jsonl")


def read_file(path: Path) -> Iterator[Question]:
    """The questions of a file in the form of the README."""
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        places = {key: tuple(_place(one) for one in row[key]) for key in ("gold", "known")}
        yield Question(**{**row, **places})


def _place(row: dict[str, str | int]) -> Place:
    return Place(str(row["speech"]), int(row["start"]), int(row["end"]), str(row["quote"]))


def text_file(data: Path, session: str) -> Path:
    """Where the evaluation data has a session's speeches. Raises `FileNotFoundError`."""
    if session == "swiss":
        return data / "debates/swiss_jura.jsonl"
    found = next((data / "debates").rglob(f"{session}.jsonl"), None)
    if found is None:
        raise FileNotFoundError(f"no {session}.jsonl below {data / 'debates'}")
    return found


def speeches(data: Path, session: str) -> dict[str, str]:
    """The texts of a session by speech, as `Place.speech` names them; `data` is the data folder."""
    lines = text_file(data, session).read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return {str(row.get("id", number)): row["text"] for number, row in enumerate(rows, 1)}


def misplaced(data: Path) -> Iterator[tuple[Question, Place]]:
    """Places whose words do not stand where they are said to."""
    texts: dict[str, dict[str, str]] = {}
    for name in SETS:
        for question in read(name):
            known = texts.setdefault(question.session, speeches(data, question.session))
            for place in (*question.gold, *question.known):
                if known.get(place.speech, "")[place.start : place.end] != place.quote:
                    yield question, place
