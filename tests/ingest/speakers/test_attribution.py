"""Names and voices together: who answers whom, who chairs, who was merged, what to hear again."""

import pytest

from ingest.documents.captions import Cue
from ingest.speakers.identify import Attribution, attribute
from ingest.transcript import Doubt, Evidence, Person, Speaker, Turn
from tests.support.small_council import (
    BAUDIN,
    CHAIR,
    OPENING,
    ROSTER,
    SPEECH,
    doubts_about,
    name_speakers,
    named,
    sitting,
)

ASKS = f"{SPEECH} Ma question s'adresse à Monsieur Delcourt."
KELLER, ROCHAT = "Madame Nadia Keller, vous avez la parole.", "La parole est à Monsieur Rochat."


def spoken(attribution: Attribution) -> list[tuple[str | None, str]]:
    """Who is named in each turn, and its first two words."""
    names = named(attribution.speakers)
    return [(names.get(str(t.speaker)), " ".join(t.text.split()[:2])) for t in attribution.turns]


@pytest.mark.parametrize(
    "said",
    [
        (("S2", ASKS), ("S3", f"Je réponds à Madame Keller. {SPEECH}"), ("S2", "Merci.")),
        (("S2", SPEECH), ("S3", f"Merci pour cette question, Madame Keller. {SPEECH}")),
        (("S2", f"Nadia Keller, pour les Verts. {SPEECH}"), ("S3", SPEECH)),
    ],
    ids=["answered", "thanked", "introduced"],
)
def test_a_debate_without_the_chair_names_its_voices(said: tuple[tuple[str, str], ...]) -> None:
    twice = name_speakers(sitting(*OPENING, *said, *said), ROSTER)
    assert named(twice)["S2"] == "Nadia Keller"
    assert named(twice).get("S3") in (None, "Antoine Delcourt")


def test_a_magistrate_who_answers_at_once_is_the_one_who_was_asked() -> None:
    said = ("S2", ASKS), ("S3", SPEECH)
    assert named(name_speakers(sitting(*OPENING, *said, *said), ROSTER))["S3"] == "Antoine Delcourt"


def test_no_speaker_speaks_of_himself_by_his_title() -> None:
    said = ("S3", f"{SPEECH} {SPEECH} Comme l'a dit Monsieur Rochat, {SPEECH} {SPEECH}")
    called = (CHAIR, ROCHAT), said
    assert "S3" not in named(name_speakers(sitting(*OPENING, *called), ROSTER))


def test_two_doubtful_hearings_of_a_name_are_worth_a_clear_one_and_the_same_twice_is_not() -> None:
    roster = (*ROSTER, Person("Fatima Benkirane", "conseillère municipale"))
    first = (CHAIR, "La parole est à Madame Banquillane."), ("S2", SPEECH)
    other = (CHAIR, "Oui, Madame Benquirane."), ("S2", SPEECH)
    assert named(name_speakers(sitting(*OPENING, *first, *other), roster))["S2"] == roster[-1].name
    vague = (CHAIR, "La parole est à Monsieur Lombrette."), ("S2", SPEECH)
    assert "S2" not in named(name_speakers(sitting(*OPENING, *vague, *vague), ROSTER))


def test_a_shared_surname_neither_names_nor_stands_in_the_way() -> None:
    roster = (*ROSTER, Person("Denis Rochat", "conseiller municipal"))
    surname = (CHAIR, ROCHAT), ("S2", SPEECH)
    assert "S2" not in named(name_speakers(sitting(*OPENING, *surname, *surname), roster))
    full = (CHAIR, "Monsieur Denis Rochat, c'est à vous."), ("S2", SPEECH)
    turns = sitting(*OPENING, *full, *surname, *surname)
    assert named(name_speakers(turns, roster))["S2"] == "Denis Rochat"


@pytest.mark.parametrize(
    "said",
    [f"Merci, Madame la présidente. {SPEECH}", f"Je réponds à Monsieur Rochat. {SPEECH}"],
)
def test_what_no_chair_says_is_not_the_chairs(said: str) -> None:
    asked = (CHAIR, ROCHAT), ("S2", f"{SPEECH} Ma question s'adresse à Madame Maillard.")
    swallowed = (CHAIR, f"{said} Merci, Madame Maillard. Nous passons au vote.")
    attribution = attribute(sitting(*OPENING, *asked, swallowed), ROSTER)
    assert [name for name, _ in spoken(attribution)][-2:] == ["Sandrine Maillard", BAUDIN]


VICE = Person("Paul Vuilleumier", "vice-président")
HANDOVER = "Monsieur le vice-président va me remplacer."
SECOND = ("S7", KELLER), ("S2", SPEECH), ("S7", ROCHAT), ("S3", SPEECH)


def test_a_vice_president_who_takes_over_is_named_where_that_is_said() -> None:
    first = *OPENING, (CHAIR, KELLER), ("S2", SPEECH)
    said = sitting(*first, (CHAIR, HANDOVER), *SECOND)
    names = named(name_speakers(said, (*ROSTER, VICE)))
    assert (names[CHAIR], names["S7"]) == (BAUDIN, VICE.name)
    unsaid = named(name_speakers(sitting(*first, *SECOND), (*ROSTER, VICE)))
    assert "S7" not in unsaid


def test_the_mayor_chairs_where_there_is_no_president() -> None:
    roster = (Person("Paule Aubry", "maire"), *ROSTER[1:])
    turns = sitting(*OPENING, (CHAIR, KELLER), ("S2", SPEECH))
    assert named(name_speakers(turns, roster))[CHAIR] == "Paule Aubry"


MERGED = (CHAIR, KELLER), ("S2", SPEECH), (CHAIR, ROCHAT), ("S2", SPEECH)
THANKED = (CHAIR, "Merci, Monsieur Rochat. Madame Keller, c'est à vous."), ("S2", SPEECH)


def test_two_councillors_in_one_voice_are_parted_by_calls_that_agree() -> None:
    attribution = attribute(sitting(*OPENING, *MERGED, *THANKED), ROSTER)
    floors = [name for name, text in spoken(attribution) if text == "nous avons"]
    assert floors == ["Patrick Lambert", "Nadia Keller", "Julien Rochat", "Nadia Keller"]


def test_one_call_each_leaves_the_voice_open_and_both_turns_to_hear() -> None:
    attribution = attribute(sitting(*OPENING, *MERGED), ROSTER)
    assert "S2" not in named(attribution.speakers)
    (item,) = attribution.review
    assert (item.doubt, item.start_ms) == (Doubt.NAME, attribution.turns[3].start_ms)
    assert item.reason == (
        "Nadia Keller, appelée par la présidente à 0:00:11, ou Julien Rochat, appelé par la"
        " présidente à 0:00:23 : les signes ne concordent pas"
    )


def test_a_single_faint_sign_names_no_voice_and_is_reported() -> None:
    turns = sitting(*OPENING, ("S2", ASKS), ("S3", SPEECH))
    asked = next(s for s in attribute(turns, ROSTER).speakers if s.label == "S3")
    assert asked.person is None
    assert asked.reason.startswith("à vérifier : Antoine Delcourt, interpellé à ")
    assert asked.reason.endswith("sans autre signe")


def test_a_voice_without_a_name_that_speaks_for_long_is_listed_once_where_it_begins() -> None:
    long = f"{SPEECH} {SPEECH}"
    turns = sitting(("S1", long), ("S2", SPEECH), ("S1", long), ("S3", SPEECH), ("S4", long * 2))
    found = [(i.doubt, i.start_ms, i.reason) for i in attribute(turns, ()).review]
    assert found == [
        (Doubt.NAME, turns[0].start_ms, "voix sans nom, qui parle 0:00:20 en tout"),
        (Doubt.NAME, turns[4].start_ms, "voix sans nom, qui parle 0:00:20 en tout"),
    ]


def lines(turns: tuple[Turn, ...], *participants: str) -> tuple[Cue, ...]:
    return tuple(
        Cue(t.start_ms, t.end_ms, name) for t, name in zip(turns, participants, strict=True)
    )


def test_two_lines_in_one_voice_are_two_people() -> None:
    turns = sitting(("S1", f"{SPEECH} {SPEECH}"), ("S2", SPEECH), ("S1", SPEECH), ("S2", SPEECH))
    cues = lines(turns, "Nadia Keller", "Salle", "Julien Rochat", "Salle")
    attribution = attribute(turns, ROSTER, cues)
    assert [name for name, _ in spoken(attribution)] == [
        "Nadia Keller",
        None,
        "Julien Rochat",
        None,
    ]
    assert [w for t in attribution.turns for w in t.words] == [w for t in turns for w in t.words]


def test_a_line_that_changes_inside_a_turn_parts_it_at_a_sentence() -> None:
    said = "Nous avons étudié cet objet avec soin pendant quatre longues séances. " * 3
    turns = sitting(("S1", f"{said} {said}"))
    half = turns[0].words[len(turns[0].words) // 2].start_ms
    cues = (
        Cue(0, half - 300, "Salle du conseil"),
        Cue(half - 300, turns[0].end_ms, "Nadia Keller"),
    )
    parted = attribute(turns, ROSTER, cues)
    assert [(name, text) for name, text in spoken(parted)] == [
        (None, "Nous avons"),
        ("Nadia Keller", "Nous avons"),
    ]


def test_a_room_named_after_the_chair_swallows_no_voice() -> None:
    turns = sitting(*OPENING, (CHAIR, KELLER), ("S2", SPEECH), (CHAIR, "Bien."), ("S3", SPEECH))
    cues = lines(turns, *[BAUDIN] * len(turns))
    names = named(attribute(turns, ROSTER, cues).speakers)
    assert "S3" not in names
    assert names[CHAIR] == BAUDIN


def test_the_pieces_of_a_split_voice_keep_the_name_of_their_line() -> None:
    turns = sitting(*OPENING, (CHAIR, KELLER), ("S2", SPEECH), ("S2b", SPEECH))
    room = "Salle du conseil"
    cues = lines(turns, room, room, room, "Nadia Keller", "Nadia Keller")
    names = named(attribute(turns, ROSTER, cues).speakers)
    assert names["S2"] == names["S2b"] == "Nadia Keller"


def test_a_turn_that_was_another_speakers_to_take_is_open_and_there_to_be_heard() -> None:
    hers = (CHAIR, KELLER), ("S2", SPEECH)
    turns = sitting(*OPENING, *hers, *hers, *hers, (CHAIR, ROCHAT), ("S2", SPEECH))
    attribution = attribute(turns, ROSTER)
    assert [name for name, text in spoken(attribution) if text == "nous avons"] == [
        "Patrick Lambert",
        *["Nadia Keller"] * 3,
        None,
    ]
    (item,) = attribution.review
    assert (item.doubt, item.start_ms) == (Doubt.NAME, turns[-1].start_ms)
    assert item.reason == (
        "Julien Rochat, appelé par la présidente à 0:00:43, mais la voix est celle de Nadia Keller"
    )


def test_a_name_given_against_a_turns_own_sign_is_doubted() -> None:
    hers = (CHAIR, KELLER), ("S2", SPEECH)
    turns = sitting(*OPENING, *hers, *hers, *hers, (CHAIR, ROCHAT), ("S2", SPEECH))
    (item,) = doubts_about(turns, name_speakers(turns, ROSTER), ROSTER)
    assert item.reason == (
        "Julien Rochat appelé par la présidente à 0:00:43,"
        " mais la voix est attribuée à Nadia Keller"
    )


def test_sources_that_disagree_leave_the_voice_open_and_its_turn_to_be_heard() -> None:
    turns = sitting(*OPENING, (CHAIR, KELLER), ("S2", SPEECH))
    cues = (Cue(turns[3].start_ms, turns[3].end_ms, "Claire Fontanet"),)
    attribution = attribute(turns, ROSTER, cues)
    assert "S2" not in named(attribution.speakers)
    (item,) = attribution.review
    assert item.start_ms == turns[3].start_ms
    assert "Claire Fontanet sous le nom de" in item.reason
    assert "Nadia Keller appelée par la présidente à 0:00:11" in item.reason


def test_a_session_without_doubts_leaves_nothing_to_hear() -> None:
    assert attribute(sitting(*OPENING, (CHAIR, KELLER), ("S2", SPEECH)), ROSTER).review == ()
    assert attribute((), ROSTER) == Attribution((), (), ())


def on_her_own_track(label: str, person: str) -> dict[str, Speaker]:
    return {label: Speaker(label, person, Evidence.PLATFORM, 0.99, f"piste « {person} »")}


@pytest.mark.parametrize(
    "said",
    [
        (*OPENING, *MERGED, *THANKED),
        (*OPENING, *MERGED[:2] * 3, *MERGED[2:]),
        (*OPENING, *MERGED[2:], *MERGED[2:]),
        (*OPENING, ("S3", ASKS), ("S2", f"{SPEECH} Je réponds à Madame Fontanet.")),
    ],
    ids=["two people called", "one call for another", "another called", "herself addressed"],
)
def test_a_voice_alone_on_a_track_is_whole_and_bears_its_name_whatever_is_said(
    said: tuple[tuple[str, str], ...],
) -> None:
    known, turns = on_her_own_track("S2", "Claire Fontanet"), sitting(*said)
    attribution = attribute(turns, ROSTER, known=known)
    assert attribution.turns == turns
    assert known["S2"] in attribution.speakers


def test_the_chair_alone_on_a_track_has_swallowed_no_voice() -> None:
    swallowed = (CHAIR, f"{KELLER} {SPEECH} {SPEECH} Merci, Madame Keller. {ROCHAT}")
    turns = sitting(*OPENING, swallowed, ("S3", SPEECH))
    known = on_her_own_track(CHAIR, BAUDIN)
    assert attribute(turns, ROSTER).turns != turns
    assert attribute(turns, ROSTER, known=known).turns == turns


def test_captions_do_not_part_a_voice_that_is_alone_on_a_track() -> None:
    turns = sitting(("S1", f"{SPEECH} {SPEECH}"), ("S2", SPEECH), ("S1", SPEECH))
    cues = lines(turns, "Nadia Keller", "Julien Rochat", "Julien Rochat")
    known = on_her_own_track("S1", "Nadia Keller")
    attribution = attribute(turns, ROSTER, cues, known)
    assert attribution.turns == turns
    assert known["S1"] in attribution.speakers


def test_a_sign_against_a_known_voice_is_there_to_be_heard() -> None:
    turns = sitting(*OPENING, (CHAIR, ROCHAT), ("S2", SPEECH))
    known = on_her_own_track("S2", "Claire Fontanet")
    (item,) = attribute(turns, ROSTER, known=known).review
    assert (item.doubt, item.start_ms) == (Doubt.NAME, turns[3].start_ms)
    assert item.reason.endswith("mais la voix est attribuée à Claire Fontanet")


def test_a_person_with_a_track_bears_another_voice_only_on_strong_evidence() -> None:
    turns = sitting(*OPENING, ("S2", SPEECH), (CHAIR, KELLER), ("S3", SPEECH))
    known = on_her_own_track("S2", "Nadia Keller")
    assert named(attribute(turns, ROSTER, known=known).speakers) == {
        CHAIR: BAUDIN,
        "S9": "Patrick Lambert",
        "S2": "Nadia Keller",
    }
