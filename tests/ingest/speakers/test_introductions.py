"""Who says who they are: the name with a first name, at the beginning, and no other's."""

import pytest

from ingest.speakers.calls import find_introductions
from tests.support.small_council import CHAIR, OPENING, ROSTER, SPEECH, sitting


def introduced(text: str) -> str | None:
    found = find_introductions(sitting(*OPENING, ("S2", text)), ROSTER)
    best = [max(f.guesses, key=lambda guess: guess.share) for f in found if f.turn == 2]
    return best[0].person if best and best[0].share > 0.5 else None


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("Claire Fontanet, pour le groupe socialiste.", "Claire Fontanet"),
        ("Merci, Madame la présidente. Julien Rochat, au nom du PLR.", "Julien Rochat"),
        ("Je suis Antoine Delcourt et je siège depuis un an.", "Antoine Delcourt"),
        ("Bonsoir, je m'appelle Nadia Keller.", "Nadia Keller"),
        ("Ici Patrick Lambert.", "Patrick Lambert"),
        ("Claire Fontaine, groupe socialiste.", "Claire Fontanet"),
        ("Antoine Del Cour, conseiller administratif.", "Antoine Delcourt"),
        ("Julien Hochab pour le groupe libéral.", "Julien Rochat"),
        ("Je suis contre cette proposition.", None),
        ("Je suis Madame Keller sur ce point.", None),
        ("Madame Claire Fontanet, pour le groupe socialiste, a tout dit.", None),
        ("Julien Rochat a raison.", None),
        (f"{SPEECH} {SPEECH} Claire Fontanet, pour le groupe socialiste.", None),
    ],
)
def test_a_speaker_is_whom_he_says_to_be(text: str, person: str | None) -> None:
    assert introduced(text) == person


def test_a_name_left_to_the_turn_before_is_still_the_next_speakers() -> None:
    turns = sitting((CHAIR, "Merci. Claire Fontanet,"), ("S2", f"pour le groupe {SPEECH}"))
    found = find_introductions(turns, ROSTER)
    assert [(f.turn, f.guesses[0].person) for f in found] == [(1, "Claire Fontanet")]


def test_no_speaker_is_introduced_without_a_roster() -> None:
    assert find_introductions(sitting(*OPENING), ()) == ()
