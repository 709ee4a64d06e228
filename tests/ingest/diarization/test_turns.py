"""Words and voices become turns: exact cases, and the promise that no word is ever dropped."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.diarization.diarize import cut_at, join
from ingest.transcript import SpeakerSpan, Turn, Word
from tests.conftest import words


def _told(text: str, *spans: tuple[int, int, str]) -> list[tuple[str | None, str]]:
    turns = join(words(text), [SpeakerSpan(*span) for span in spans])
    return [(turn.speaker, turn.text) for turn in turns]


@pytest.mark.parametrize(
    ("text", "spans", "expected"),
    [
        (  # a change of voice between sentences
            "Vous avez la parole. Merci Madame.",
            [(0, 1200, "S1"), (1200, 1800, "S2")],
            [("S1", "Vous avez la parole."), ("S2", "Merci Madame.")],
        ),
        (  # the diarizer is a word late: the sentence decides
            "Vous avez la parole. Merci Madame la Présidente pour ce mot.",
            [(0, 1500, "S1"), (1500, 3300, "S2")],
            [("S1", "Vous avez la parole."), ("S2", "Merci Madame la Présidente pour ce mot.")],
        ),
        (  # speech that no voice was found for keeps its words
            "Un deux. Trois quatre cinq six.",
            [(0, 600, "S1"), (5000, 6000, "S2")],
            [("S1", "Un deux. Trois quatre"), (None, "cinq six.")],
        ),
        (  # two at once: the words go to the voice that holds the floor
            "Ce budget est sincère et je le dis. Bravo.",
            [(0, 2400, "S1"), (900, 1500, "S2"), (2400, 2700, "S2")],
            [("S1", "Ce budget est sincère et je le dis."), ("S2", "Bravo.")],
        ),
        (  # a long voice under a short one is not forgotten once the short one ends
            "Un deux trois quatre cinq six sept huit neuf dix.",
            [(0, 3000, "S1"), (0, 300, "S2"), (100, 200, "S3")],
            [("S1", "Un deux trois quatre cinq six sept huit neuf dix.")],
        ),
        (  # no voices at all
            "Tout est dit.",
            [],
            [(None, "Tout est dit.")],
        ),
        (  # a real interruption inside a sentence is three words or more: it stays
            "Je disais donc que ah non pas du tout ce projet coûte trop cher.",
            [(0, 1200, "S1"), (1200, 2700, "S2"), (2700, 4200, "S1")],
            [
                ("S1", "Je disais donc que"),
                ("S2", "ah non pas du tout"),
                ("S1", "ce projet coûte trop cher."),
            ],
        ),
    ],
)
def test_turns(
    text: str, spans: list[tuple[int, int, str]], expected: list[tuple[str | None, str]]
) -> None:
    assert _told(text, *spans) == expected


spoken = st.builds(
    lambda start, length, text: Word(start, start + length, text, 0.5),
    st.integers(0, 60_000),
    st.integers(1, 900),
    st.sampled_from(["oui", "non.", "merci", "PR-12 ?", "francs,"]),
)
voices = st.builds(
    lambda start, length, label: SpeakerSpan(start, start + length, label),
    st.integers(0, 60_000),
    st.integers(1, 9_000),
    st.sampled_from(["S1", "S2", "S3"]),
)


@given(st.lists(spoken, max_size=60), st.lists(voices, max_size=20))
def test_every_word_is_in_exactly_one_turn(said: list[Word], spans: list[SpeakerSpan]) -> None:
    turns = join(said, spans)
    kept = [word for turn in turns for word in turn.words]
    assert sorted(kept, key=repr) == sorted(said, key=repr)
    assert [turn.index for turn in turns] == list(range(len(turns)))
    assert all(turn.words for turn in turns)
    assert all(a.speaker != b.speaker for a, b in pairwise(turns))


def test_offsets_point_at_the_words() -> None:
    (turn,) = join(words("L'école coûte cher ?"), [])
    for word, at in zip(turn.words, turn.word_offsets, strict=True):
        assert turn.text[at : at + len(word.text)] == word.text


def test_no_turn_goes_on_beyond_a_part() -> None:
    said = (Word(0, 400, "Bonsoir.", 0.9), Word(5_100, 5_400, "Reprenons.", 0.9))
    turns = cut_at((Turn(0, "S1", said), Turn(1, "S2", said[1:])), [5_000, 9_000])
    assert [turn.id for turn in turns] == list(range(len(turns)))
    assert [(t.index, t.speaker, t.text) for t in turns] == [
        (0, "S1", "Bonsoir."),
        (1, "S1", "Reprenons."),
        (2, "S2", "Reprenons."),
    ]
