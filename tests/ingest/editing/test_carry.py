"""What people did to a transcript, made again on another hearing of the same sound."""

from dataclasses import replace

import pytest

from ingest.editing.carry import (
    claims,
    corrections,
    splices,
    voicing,
    with_corrections,
    with_given,
)
from ingest.editing.timing import Room, retyped
from ingest.transcript import NEW_TURN, SpeakerSpan, Turn, Word, numbered


def heard(text: str, start_ms: int = 0, voice: str = "S1", late_ms: int = 0) -> Turn:
    """A turn of which one word is said every half second."""
    words = (
        Word(start_ms + late_ms + 500 * n, start_ms + late_ms + 500 * n + 400, word, 0.8)
        for n, word in enumerate(text.split())
    )
    return Turn(0, voice, tuple(words))


def typed(turn: Turn, text: str) -> Turn:
    done = retyped(turn, text, Room(0, 60_000))
    assert done is not None
    return done


def texts(turns: tuple[Turn, ...]) -> list[str]:
    return [turn.text for turn in turns]


@pytest.mark.parametrize(
    ("first", "wanted", "anew", "becomes", "left"),
    [
        # as wrong as before, right by itself, wrong otherwise: the words around agree
        ("le crédit de sang francs", "le crédit de cent francs", "le crédit de sang francs", 1, 0),
        ("le crédit de sang francs", "le crédit de cent francs", "le crédit de cent francs", 1, 0),
        ("le crédit de sang francs", "le crédit de cent francs", "le crédit de sans francs", 1, 0),
        # a word more, a word less, two made of one
        ("le crédit est", "le crédit demandé est", "le crédit est", 1, 0),
        ("le le crédit est", "le crédit est", "le le crédit est", 1, 0),
        ("voici la pr mille trois", "voici la PR-1000 trois", "voici la pr mille trois", 1, 0),
        # a word that was deleted, and another is heard there now
        ("le euh crédit est", "le crédit est", "le beau crédit est", "le beau crédit est", 1),
        # nothing around is heard as before
        ("le crédit de sang francs", "le crédit de cent francs", "une motte d' os gras", None, 1),
        # signs and capitals are corrections too
        ("monsieur bal dit", "Monsieur Bal dit", "monsieur bal dit", 1, 0),
    ],
)
def test_a_correction_is_made_again_where_the_words_around_agree(
    first: str, wanted: str, anew: str, becomes: object, left: int
) -> None:
    old = heard(first)
    some = corrections([old], [typed(old, wanted)])
    carried = with_corrections([heard(anew, late_ms=120)], some)
    expected = {1: wanted, None: anew}.get(becomes, becomes)  # type: ignore[call-overload]
    assert texts(carried.turns) == [expected]
    assert len(carried.left) == left
    assert carried.done == len(some) - left


def test_what_is_left_tells_where_and_what_was_written() -> None:
    old = heard("le crédit de sang francs")
    (one,) = corrections([old], [typed(old, "le crédit de cent francs")])
    item = one.to_review()
    assert item.start_ms == 1_500 and "« cent » était écrit à la place de « sang »" in item.reason


def test_the_same_word_said_later_is_not_taken_for_it() -> None:
    old = heard("bon sang oui")
    some = corrections([old], [typed(old, "bon cent oui")])
    carried = with_corrections([heard("rien"), heard("bon sang oui", 20_000)], some)
    assert texts(carried.turns) == ["rien", "bon sang oui"]
    assert len(carried.left) == 1


def test_a_word_that_was_accepted_stays_so() -> None:
    old = heard("la PR mille")
    sure = replace(old.words[1], confidence=1.0)
    (one,) = corrections([old], [replace(old, words=(old.words[0], sure, old.words[2]))])
    carried = with_corrections([heard("la père mille")], [one])
    assert carried.turns[0].text == "la PR mille"
    assert [word.confidence for word in carried.turns[0].words] == [0.8, 1.0, 0.8]
    again = corrections(carried.turns, carried.turns)  # what was carried is no hearing either
    assert [(c.typed, c.before) for c in again] == [((sure,), old.words[0])]
    assert "était accepté" in one.to_review().reason


def test_nothing_that_was_redacted_is_a_correction() -> None:
    sign = Turn(0, "S1", (Word(0, 9_000, "[…]", 1.0),))
    assert corrections([sign], [heard("ce qui reste")]) == ()


def test_words_are_put_into_the_turns_that_say_them_and_an_emptied_turn_goes() -> None:
    old = numbered([heard("oui euh", 0), heard("merci", 5_000, "S2")])
    now = (typed(old[0], "oui voilà"), old[1])
    anew = numbered([heard("oui", 0), heard("euh", 500, "S3"), heard("merci", 5_000, "S2")])
    carried = with_corrections(anew, corrections(old, now))
    assert texts(carried.turns) == ["oui", "voilà", "merci"]
    gone = with_corrections(anew, corrections(old, (typed(old[0], "oui"), old[1])))
    assert texts(gone.turns) == ["oui", "merci"]


def test_a_voice_keeps_its_name_by_the_time_it_shares() -> None:
    before = [heard("a b c d", 0, "S1"), heard("e f g h", 10_000, "S2")]
    anew = [heard("a b c d", 0, "S2"), heard("e f", 10_000, "S1"), heard("g h", 11_000, "S3")]
    assert claims(anew, before, {"S1", "S2"}, {"S2"}) == {"S2": "S1", "S1": "S2", "S3": "S2"}
    apart = claims(anew, before, {"S1", "S2"}, ())
    assert apart["S1"] == "S2" and apart["S3"] == "S3"


def test_words_given_to_a_voice_by_hand_stay_with_it() -> None:
    old = numbered([heard("a b c d", 0, "S1"), heard("e f", 10_000, "S2")])
    first, second = replace(old[0], words=old[0].words[:2]), replace(old[0], words=old[0].words[2:])
    now = (first, replace(second, speaker="C1"), old[1])
    people = voicing(old, now, {"S1", "S2", "C1"})
    anew = with_given([heard("a b x d e", 100, "S9")], people.given)
    assert [(turn.speaker, turn.text) for turn in anew] == [
        ("S9", "a b"),
        ("C1", "x d"),
        ("S9", "e"),
    ]


def test_a_voice_that_another_was_united_with_is_known_as_settled() -> None:
    old = numbered([heard("a b", 0, "S1"), heard("c d", 10_000, "S2")])
    now = tuple(replace(turn, speaker="S1") for turn in old)
    people = voicing(old, now, {"S1"})
    assert (people.given, people.united) == ((), frozenset({"S1"}))
    assert with_given(old, [SpeakerSpan(0, 1, "S1")]) == old


def test_a_turn_that_says_the_same_stays_the_same_turn() -> None:
    old = numbered([heard("a", 0), heard("merci", 5_000), heard("b", 9_000)])
    anew = [heard("x", 0), heard("merci", 5_200), heard("b", 30_000)]
    first, last = splices(old, anew)
    assert (first.first, last.first) == (0, 2)
    assert [turn.id for turn in (*first.after, *last.after)] == [NEW_TURN, NEW_TURN]
    (back,) = splices([replace(anew[0], id=7)], [old[0]], old)
    assert back.after[0].id == old[0].id
