"""The evaluation questions are well formed: what they call an answer was said, there, by them.

Fast, and without the Swiss debates: of that set, only what the file itself shows is checked.
"""

import json
import os
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from search.query.parsed import Intent
from tests.conftest import SAMPLES
from tests.support import paths

QUESTIONS = paths.QUESTIONS
LANGUAGES = {"fr", "de", "en", "es", "pt", "ar", "it"}
MOST_QUOTED_WORDS = 40  # a short citation, not a copy of the speech
Line = dict[str, Any]


def _lines(path: Path) -> tuple[Line, ...]:
    return tuple(json.loads(line) for line in path.read_text("utf-8").splitlines())


MORE = _lines(QUESTIONS / "samples_more.jsonl")
FOLLOWUPS = _lines(QUESTIONS / "followups.jsonl")
SWISS = _lines(QUESTIONS / "swiss.jsonl")


def _golds() -> Iterator[Line]:
    for question in MORE:
        yield from question["gold"]
    for conversation in FOLLOWUPS:
        for step in conversation["steps"]:
            yield from step["gold"]


@cache
def _said(session: str) -> dict[tuple[int, int], tuple[str, str]]:
    """Who said what in each sentence of a sample, by its start and end in ms."""
    turns = json.loads((SAMPLES / session / "reference.json").read_text("utf-8"))["turns"]
    return {
        (sentence["start_ms"], sentence["end_ms"]): (turn["speaker"], sentence["text"])
        for turn in turns
        for sentence in turn["sentences"]
    }


def _members() -> set[str]:
    rosters = (path.read_text("utf-8").splitlines()[1:] for path in SAMPLES.glob("*/roster.csv"))
    return {row.split(",")[0] for rows in rosters for row in rows}


@pytest.mark.parametrize("lines", [MORE, FOLLOWUPS, SWISS], ids=["more", "followups", "swiss"])
def test_every_id_is_unique(lines: tuple[Line, ...]) -> None:
    assert len({line["id"] for line in lines}) == len(lines) > 0


def test_no_question_of_one_set_is_asked_twice_or_by_the_first_set() -> None:
    asked = [q["question"] for q in (*_lines(SAMPLES / "questions.jsonl"), *MORE)]
    assert len(set(asked)) == len(asked)
    assert len({q["question"] for q in SWISS}) == len(SWISS)


def test_each_gold_is_a_sentence_of_the_reference_with_its_speaker_and_times() -> None:
    for gold in _golds():
        speaker, text = _said(gold["session"])[gold["start_ms"], gold["end_ms"]]
        assert gold["speaker"] == speaker
        assert gold["quote"] in text


def test_gold_intervals_lie_inside_their_sessions() -> None:
    for gold in _golds():
        session = json.loads((SAMPLES / gold["session"] / "session.json").read_text("utf-8"))
        assert 0 <= gold["start_ms"] < gold["end_ms"] <= session["duration_ms"]


def test_a_question_is_answerable_exactly_when_it_has_a_gold() -> None:
    for question in (*MORE, *SWISS):
        assert question["answerable"] == bool(question["gold"]), question["id"]


def test_a_conversation_starts_anew_and_goes_on() -> None:
    for conversation in FOLLOWUPS:
        first, *others = conversation["steps"]
        assert first["expects"] is None
        assert others


def test_what_a_step_expects_can_be_parsed() -> None:
    members = _members()
    expected = [s["expects"] for c in FOLLOWUPS for s in c["steps"] if s["expects"]]
    for expects in expected:
        assert expects["person"] is None or expects["person"] in members
        assert expects["intent"] in set(Intent)
        for day in (expects["since"], expects["until"]):
            assert day is None or date.fromisoformat(day)


def test_the_swiss_set_quotes_briefly_and_names_its_language() -> None:
    for question in SWISS:
        assert question["language"] in LANGUAGES
        for gold in question["gold"]:
            assert 0 < len(gold["quote"].split()) <= MOST_QUOTED_WORDS


@pytest.mark.skipif("VERBATIM_EVAL_DATA" not in os.environ, reason="needs the Swiss debates")
def test_every_swiss_quote_is_in_its_speech() -> None:
    debates = Path(os.environ["VERBATIM_EVAL_DATA"]) / "debates" / "swiss_jura.jsonl"
    texts = {speech["id"]: speech["text"] for speech in _lines(debates)}
    for question in SWISS:
        for gold in question["gold"]:
            assert gold["quote"] in texts[gold["speech"]], question["id"]
