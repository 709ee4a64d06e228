"""A called person whose voice was taken for the chair's gets it back; others are left alone."""

import pytest

from ingest.transcript import Person, Turn, Word
from tests.support.small_council import name_speakers, parted_from_chair

ROSTER = (
    Person("Hélène Baudin", "présidente"),
    Person("Claire Fontanet", "conseillère municipale"),
    Person("Nadia Keller", "conseillère municipale"),
    Person("Julien Rochat", "conseiller municipal"),
)
SPEECH = "Notre groupe a étudié cet objet avec soin pendant quatre longues séances de commission."
CALLS = "La parole est à Monsieur Rochat.", "Monsieur Rochat, vous avez la parole."


def sitting(*said: tuple[str, str]) -> tuple[Turn, ...]:
    """Turns of (label, text), 500 ms a word."""
    turns, at = [], 0
    for index, (label, text) in enumerate(said):
        words = [Word(at + 500 * n, at + 500 * n + 450, w, 0.9) for n, w in enumerate(text.split())]
        at = words[-1].end_ms + 800
        turns.append(Turn(index, label, tuple(words)))
    return tuple(turns)


def chaired(*said: tuple[str, str]) -> tuple[Turn, ...]:
    """The same after two calls that another voice answers, which show that S1 chairs."""
    before = ((label, text) for call in CALLS for label, text in (("S1", call), ("S2", SPEECH)))
    return sitting(*before, *said)


@pytest.mark.parametrize(
    ("call", "back"),
    [
        ("La parole est à Madame Fontanet.", "Merci, Madame Fontanet."),
        ("Madame Fontané, c'est à vous.", "L'amendement de Madame Fontanet est refusé."),
        ("Madame Fontanet, c'est à vous.", "La parole est à Monsieur Rochat."),
    ],
)
def test_a_swallowed_voice_is_told_apart_and_named(call: str, back: str) -> None:
    parted = parted_from_chair(chaired(("S1", f"{call} {SPEECH} {back}"), ("S2", SPEECH)), ROSTER)
    spoken = [(turn.speaker, turn.text) for turn in parted[4:7]]
    assert spoken == [("S1", call), ("S1.1", SPEECH), ("S1", back)]
    assert [turn.index for turn in parted] == list(range(len(parted)))
    assert [turn.id for turn in parted] == list(range(len(parted)))
    names = {s.label: s.person for s in name_speakers(parted, ROSTER)}
    assert names == {"S1": "Hélène Baudin", "S2": "Julien Rochat", "S1.1": "Claire Fontanet"}


def test_thanks_to_the_chair_show_a_reply_that_runs_to_the_end() -> None:
    text = f"Madame Keller, vous avez la parole. Merci, Madame la présidente. {SPEECH}"
    parted = parted_from_chair(chaired(("S1", text)), ROSTER)
    assert [turn.speaker for turn in parted[4:]] == ["S1", "S1.1"]


@pytest.mark.parametrize(
    "said",
    [
        [("S1", f"Madame Keller, vous avez la parole. {SPEECH}"), ("S3", SPEECH)],
        [("S1", "Madame Keller, c'est à vous. Absente. Monsieur Rochat, c'est à vous.")],
        [("S1", f"Madame Keller, vous n'avez pas la parole. {SPEECH} Merci, Madame Keller.")],
        [("S3", f"La parole est à Madame Keller. {SPEECH} Merci, Madame Keller.")],
    ],
    ids=["the chair goes on", "absent", "no call", "not the chair"],
)
def test_what_may_well_be_the_chairs_own_stays_so(said: list[tuple[str, str]]) -> None:
    turns = chaired(*said)
    assert parted_from_chair(turns, ROSTER) == turns


def test_no_word_is_lost() -> None:
    turns = chaired(("S1", f"Madame Keller, c'est à vous. {SPEECH} Merci, Madame Keller. {SPEECH}"))
    parted = parted_from_chair(turns, ROSTER)
    assert [w for t in parted for w in t.words] == [w for t in turns for w in t.words]
    assert parted_from_chair((), ROSTER) == ()
