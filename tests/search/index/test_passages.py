"""Passages: whole sentences of one speaker, within an agenda item, no word lost."""

from dataclasses import replace
from itertools import pairwise
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.transcript import AgendaItem, Session, Transcript, Turn, Word
from search.index.passages import LONGEST, SHORT_TURN, context, passages, topic
from search.language.sentences import RUN_ON, sentences
from tests.conftest import small_session, turn


def said(text: str) -> list[str]:
    """A turn's sentences, as text."""
    one = turn(0, "S1", text)
    return [
        " ".join(word.text for word in one.words[s.first_word : s.last_word + 1])
        for s in sentences(one)
    ]


def of(*turns: Turn, agenda: tuple[AgendaItem, ...] = ()) -> tuple[Transcript, Session]:
    session, transcript = small_session()
    return replace(transcript, turns=turns), replace(session, agenda=agenda)


def speech(words: int, sentence: int = 12) -> str:
    """That many words, in sentences."""
    return " ".join(f"Mot{n}." if n % sentence == sentence - 1 else f"Mot{n}" for n in range(words))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Merci. La parole est à vous.", ["Merci.", "La parole est à vous."]),
        ("Merci M. Rochat. C'est à vous.", ["Merci M. Rochat.", "C'est à vous."]),
        ("Selon l'art. 5 al. 2, non.", ["Selon l'art. 5 al. 2, non."]),
        ("Il coûte 1.5 million. Trop cher !", ["Il coûte 1.5 million.", "Trop cher !"]),
        ("C'est faux ! Vraiment ?", ["C'est faux !", "Vraiment ?"]),
        ("« C'est faux. » Voilà.", ["« C'est faux. »", "Voilà."]),
        ("Des arbres, etc. et des fleurs.", ["Des arbres, etc. et des fleurs."]),
        ("Je... je m'égare. Bon.", ["Je... je m'égare.", "Bon."]),
        ("Le vote de J. Rochat compte.", ["Le vote de J. Rochat compte."]),
        ("sans ponctuation", ["sans ponctuation"]),
    ],
)
def test_sentences_end_where_they_end(text: str, expected: list[str]) -> None:
    assert said(text) == expected


def test_a_line_drawn_with_marks_is_cut_in_a_time_that_grows_with_it() -> None:
    def seconds(count: int) -> float:
        drawn = Turn(0, None, tuple(Word(n, n + 1, "!", 0.9) for n in range(count)))
        start = thread_time()
        assert sentences(drawn)[-1].last_word == count - 1
        return thread_time() - start

    assert min(seconds(8_000) for _ in range(3)) < 8 * min(seconds(2_000) for _ in range(3))


def test_a_run_on_is_cut_at_its_longest_pause() -> None:
    words = [Word(n * 300, n * 300 + 250, "mot", 0.9) for n in range(60)]
    late = [replace(w, start_ms=w.start_ms + 800, end_ms=w.end_ms + 800) for w in words[20:]]
    cut = sentences(Turn(0, "S1", (*words[:20], *late)))
    assert [s.last_word for s in cut] == [19, 59]


def test_hours_without_punctuation_and_with_ever_longer_pauses_are_cut_all_the_same() -> None:
    starts = [n * 300 + n * (n // 10) // 20 for n in range(50_000)]
    endless = Turn(0, "S1", tuple(Word(at, at + 250, "mot", 0.9) for at in starts))
    cut = sentences(endless)
    assert [s.first_word for s in cut] == [0, *(s.last_word + 1 for s in cut[:-1])]
    assert cut[-1].last_word == 49_999 and max(s.words for s in cut) <= RUN_ON


def test_a_long_sentence_with_commas_stays_whole() -> None:
    text = " ".join(f"mot{n}," if n % 10 == 9 else f"mot{n}" for n in range(RUN_ON + 20))
    assert len(said(text)) == 1


_WORDS = "oui. non, mais M. art. 5 ? » « Le la 1.5 ... Merci. mot motion … l'eau"
WORDS = st.sampled_from(_WORDS.split())
TURNS = st.lists(
    st.tuples(st.sampled_from(["S1", "S2", None]), st.lists(WORDS, min_size=1, max_size=250)),
    max_size=12,
)


@given(TURNS, st.lists(st.integers(0, 400_000), max_size=4))
def test_no_word_is_lost_and_no_passage_crosses_an_item(
    spoken: list[tuple[str | None, list[str]]], starts: list[int]
) -> None:
    turns, at = [], 0
    for index, (speaker, words) in enumerate(spoken):
        turns.append(turn(index, speaker, " ".join(words), at))
        at = turns[-1].end_ms + 300
    agenda = tuple(AgendaItem(str(n), f"Point {n}", None, s) for n, s in enumerate(starts))
    transcript, session = of(*turns, agenda=agenda)
    made = passages(transcript, session)
    assert " ".join(p.text for p in made) == " ".join(t.text for t in turns)
    assert len({p.id for p in made}) == len(made)
    for passage in made:
        assert len(passage.text.split()) <= LONGEST
        inside = [
            w for t in turns for w in t.words if passage.start_ms <= w.start_ms < passage.end_ms
        ]
        items = [session.agenda_item_at(s.start_ms) for s in inside]
        assert inside and _sentence_starts_share_an_item(items)
    assert passages(transcript, session) == made


def _sentence_starts_share_an_item(items: list[AgendaItem | None]) -> bool:
    """An item may begin within a sentence: the sentence then stays with the item before."""
    return len(set(items)) == 1 or all(a == b or b is not None for a, b in pairwise(items))


def test_a_long_speech_is_cut_evenly_at_sentence_ends() -> None:
    made = passages(*of(turn(0, "S1", speech(400))))
    lengths = [len(p.text.split()) for p in made]
    assert len(lengths) == 4 and all(60 <= n <= LONGEST for n in lengths)
    assert all(p.text.endswith(".") for p in made[:-1])


def test_a_speaker_has_passages_of_his_own() -> None:
    made = passages(*of(turn(0, "S1", speech(80)), turn(1, "S2", speech(80), 60_000)))
    assert [(p.first_turn, p.last_turn) for p in made] == [(0, 0), (1, 1)]


def test_a_short_turn_joins_the_speech_it_announces() -> None:
    chair = turn(1, "S2", "Merci. La parole est à Madame Fontanet.", 30_000)
    made = passages(*of(turn(0, "S1", speech(80)), chair, turn(2, "S3", speech(80), 60_000)))
    assert [(p.first_turn, p.last_turn) for p in made] == [(0, 0), (1, 2)]


def test_an_interjection_does_not_split_a_speech() -> None:
    made = passages(
        *of(
            turn(0, "S1", speech(40)),
            turn(1, "S2", "C'est faux !", 20_000),
            turn(2, "S1", speech(40), 30_000),
        )
    )
    assert [(p.first_turn, p.last_turn) for p in made] == [(0, 2)]


def test_an_agenda_item_begins_a_passage_within_a_turn() -> None:
    one = turn(0, "S1", "Le point un est clos. Nous passons au point deux.")
    agenda = (AgendaItem("1", "Ouverture", None, 0), AgendaItem("2", "Piste", "PR-12", 1_500))
    made = passages(*of(one, agenda=agenda))
    assert [p.text for p in made] == ["Le point un est clos.", "Nous passons au point deux."]


def test_short_turns_at_the_end_stay_with_what_came_before() -> None:
    last = turn(1, "S2", "Merci, Madame.", 40_000)
    assert len(last.words) < SHORT_TURN
    assert [p.last_turn for p in passages(*of(turn(0, "S1", speech(60)), last))] == [1]


def test_an_empty_turn_makes_no_passage() -> None:
    assert passages(*of(Turn(0, "S1", ()))) == ()


def test_a_correction_or_a_new_name_makes_another_id() -> None:
    transcript, session = of(turn(0, "S1", speech(60)))
    (before,) = passages(transcript, session)
    corrected = replace(transcript.turns[0], revision=2)
    named = tuple(replace(s, person="Nadia Keller") for s in transcript.speakers)
    for changed in (replace(transcript, turns=(corrected,)), replace(transcript, speakers=named)):
        (after,) = passages(changed, session)
        assert after.text == before.text and after.id != before.id


def test_the_context_names_the_item_and_who_speaks() -> None:
    agenda = (AgendaItem("2", "Piste cyclable", "PR-12", 0),)
    transcript, session = of(turn(0, "S1", speech(20)), agenda=agenda)
    (passage,) = passages(transcript, session)
    assert topic(passage, session) == "Piste cyclable PR-12"
    assert context(passage, transcript, session) == (
        "Piste cyclable PR-12. Claire Fontanet. conseillère municipale. Les Verts"
    )
    assert "Fontanet" not in passage.text
