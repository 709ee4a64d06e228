"""A turn typed anew: what was there keeps its time, the rest is put between."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.editing.timing import Room, retyped, tokens
from ingest.errors import BadInput
from ingest.transcript import Turn, Word
from tests.conftest import turn

ROOM = Room(0, 60_000)
TEXTS = st.lists(st.sampled_from(["oui", "non", "la", "parole", "crédit", "l'école"]), max_size=12)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Qui  vote ?\nMoi.", ["Qui", "vote\u00a0?", "Moi."]),
        ("« Oui », dit-il : non !", ["«\u00a0Oui\u00a0»,", "dit-il\u00a0:", "non\u00a0!"]),
        ("déjà\u00a0? oui", ["déjà\u00a0?", "oui"]),
        ("le 12 – enfin", ["le", "12", "–\u00a0enfin"]),
        ("e\u0301cole", ["école"]),
        (" \u00a0 ", []),
        ("…", ["…"]),
    ],
)
def test_words_are_parted_as_the_transcriber_parts_them(text: str, words: list[str]) -> None:
    assert tokens(text) == words


def test_a_misheard_word_is_written_where_it_was() -> None:
    done = retyped(turn(3, "S1", "Le crédit de mandé passe"), "Le crédit demandé passe", ROOM)
    assert done is not None
    assert [(w.start_ms, w.text, w.guessed) for w in done.words] == [
        (0, "Le", False),
        (300, "crédit", False),
        (600, "demandé", True),
        (1200, "passe", False),
    ]
    assert done.words[2] == Word(600, 1200, "demandé", 1.0, None, guessed=True)
    assert done.words[1].confidence == 0.9, "what was left alone is as sure as before"


def test_what_is_only_spelt_otherwise_is_said_when_it_was() -> None:
    done = retyped(turn(0, "S1", "l'ecole Pierre a ouvert"), "L’école Pierre, a ouvert.", ROOM)
    assert done is not None
    assert not any(word.guessed for word in done.words)
    assert [word.start_ms for word in done.words] == [0, 300, 600, 900]
    assert [word.confidence for word in done.words] == [1.0, 1.0, 0.9, 1.0]


def test_a_term_of_several_words_stays_one_until_it_is_changed() -> None:
    words = (Word(0, 900, "Services industriels,", 0.4, "cerise"), Word(900, 1200, "oui", 0.9))
    before = Turn(0, "S1", words)
    done = retyped(before, "Services industriels, oui enfin", ROOM)
    assert done is not None and done.words[:2] == words
    done = retyped(before, "Services généraux, oui", ROOM)
    assert done is not None and [w.text for w in done.words] == ["Services", "généraux,", "oui"]


def test_nothing_left_is_no_turn_and_no_text_is_refused() -> None:
    assert retyped(turn(0, None, "oui"), "  ", ROOM) is None
    for text in ("x" * 2001, "\ud800", "a\x00b", "a " * 100_001):
        with pytest.raises(BadInput):
            retyped(turn(0, None, "oui"), text, ROOM)


def _check(before: Turn, done: Turn) -> None:
    starts = [word.start_ms for word in done.words]
    assert starts == sorted(starts)
    assert all(word.start_ms < word.end_ms for word in done.words)
    kept = [word for word in done.words if not word.guessed]
    assert {(w.start_ms, w.text) for w in kept} <= {(w.start_ms, w.text) for w in before.words}


@given(TEXTS.filter(bool), TEXTS.filter(bool), st.integers(1, 400), st.integers(0, 500))
def test_times_follow_each_other_within_the_turns_room(
    old: list[str], new: list[str], each_ms: int, gap_ms: int
) -> None:
    words = tuple(
        Word(1000 + n * (each_ms + gap_ms), 1000 + n * (each_ms + gap_ms) + each_ms, w, 0.5)
        for n, w in enumerate(old)
    )
    before = Turn(0, "S1", words)
    room = Room(800, before.end_ms + 300)
    done = retyped(before, " ".join(new), room)
    assert done is not None and done.text == " ".join(new)
    _check(before, done)
    assert done.start_ms >= room.start_ms and done.end_ms <= max(room.end_ms, before.end_ms + 1)


@given(TEXTS.filter(bool), TEXTS.filter(bool))
def test_without_sound_places_stay_those_of_the_text(old: list[str], new: list[str]) -> None:
    words = tuple(Word(70 + n, 71 + n, word, 1.0) for n, word in enumerate(old))
    before = Turn(0, None, words)
    done = retyped(before, " ".join(new), Room(0, 10_000, heard=False))
    assert done is not None and done.text == " ".join(new)
    assert not any(word.guessed for word in done.words)
    assert [w.start_ms for w in done.words] == sorted(w.start_ms for w in done.words)
    assert all(70 <= w.start_ms < w.end_ms <= 70 + len(old) for w in done.words)


@given(TEXTS.filter(bool))
def test_the_same_text_changes_nothing(old: list[str]) -> None:
    before = turn(4, "S2", " ".join(old))
    assert retyped(before, before.text, ROOM) == replace(before)
