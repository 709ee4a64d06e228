"""Captions of each platform: the names and times come out, the text never does."""

from pathlib import Path

import pytest

from ingest.errors import BadInput
from ingest.platforms import Cue, read_captions

EXPECTED = (
    Cue(1_000, 2_500, "Claire Fontanet"),
    Cue(3_725_040, 3_727_000, "Salle du conseil"),
)

WEBEX = """WEBVTT

1 "Claire Fontanet" (3816592896)
00:00:01.000 --> 00:00:02.500
Lap are all: a Madame

2 "Salle du conseil" (2204817152)
01:02:05.040 --> 01:02:07.000
mercy Madame la president
"""

TEAMS = """WEBVTT

NOTE made by a test

0f8c-1
00:01.000 --> 00:02.500 align:start
<v Claire Fontanet>Bonsoir: merci.</v>

0f8c-2
01:02:05.040 --> 01:02:07.000
<v.loud Salle&nbsp;du conseil>Oui.
"""

ZOOM = """WEBVTT

1
00:00:01.000 --> 00:00:02.500
Claire Fontanet: Bonsoir.

2
01:02:05.040 --> 01:02:07.000
Salle du conseil: il faut dire ceci : oui.
"""

SRT = """1
00:00:01,000 --> 00:00:02,500
Claire Fontanet : Bonsoir.

2
01:02:05,040 --> 01:02:07,000
Salle du conseil : Oui.
"""


JSON_SHAPES = {
    "seconds": """[
        {"start": 1.0, "end": 2.5, "speaker": "Claire Fontanet", "text": "Bonsoir."},
        {"start": 3725.04, "end": 3727, "speaker": "Salle du conseil", "text": "Oui."}]""",
    "milliseconds": """{"segments": [
        {"startMs": 1000, "endMs": 2500, "participant": {"displayName": "Claire Fontanet"}},
        {"startMs": 3725040, "endMs": 3727000, "participant": {"name": "Salle du conseil"}}]}""",
    "clocks": """{"meeting": {"id": 7, "cues": [
        {"startTime": "00:00:01.000", "endTime": "00:00:02.500", "name": "Claire Fontanet"},
        {"startTime": "01:02:05,040", "endTime": "01:02:07,000", "name": "Salle du conseil"}]}}""",
    "durations": """{"recognizedPhrases": [
        {"offsetInTicks": 10000000, "durationInTicks": 15000000, "speaker": "Claire Fontanet"},
        {"offset": "3725.04s", "duration": "1.96s", "speaker": "Salle du conseil"}]}""",
    "pairs": """{"chunks": [
        {"timestamp": [1.0, 2.5], "speaker": "Claire Fontanet", "text": " Bonsoir."},
        {"timestamp": [3725.04, 3727.0], "speaker": "Salle  du conseil", "text": " Oui."}]}""",
    "zoom timeline": """{"timeline": [
        {"ts": "00:00:01.000", "users": [{"username": "Claire Fontanet", "user_id": "1"}]},
        {"ts": "00:00:02.500", "users": []},
        {"ts": "01:02:05.040", "users": [{"username": "Salle du conseil"}]},
        {"ts": "01:02:07.000", "users": []}]}""",
}


@pytest.mark.parametrize("text", JSON_SHAPES.values(), ids=JSON_SHAPES)
def test_json_gives_the_same_cues_whatever_its_keys_are_called(tmp_path: Path, text: str) -> None:
    path = tmp_path / "captions.json"
    path.write_text(text, "utf-8")
    assert read_captions(path) == EXPECTED


def test_two_people_at_once_are_two_cues_and_a_last_start_has_a_length(tmp_path: Path) -> None:
    path = tmp_path / "timeline.json"
    path.write_text(
        """{"timeline": [{"ts": "00:00:01.000", "users":
        [{"username": "Nadia Keller"}, {"username": "Julien Rochat"}]}]}"""
    )
    assert read_captions(path) == (
        Cue(1_000, 3_000, "Julien Rochat"),
        Cue(1_000, 3_000, "Nadia Keller"),
    )


@pytest.mark.parametrize("text", [WEBEX, TEAMS, ZOOM, SRT], ids=["webex", "teams", "zoom", "srt"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_each_platform_gives_the_same_cues(tmp_path: Path, text: str, newline: str) -> None:
    path = tmp_path / "captions.vtt"
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", newline).encode())
    assert read_captions(path) == EXPECTED


def test_a_colon_in_what_is_said_is_no_name(tmp_path: Path) -> None:
    path = tmp_path / "generic.vtt"
    path.write_text(
        "WEBVTT\n\n00:01.000 --> 00:02.000\nNadia Keller: Bonsoir.\n\n"
        "00:02.000 --> 00:03.000\nje dirai ceci : non\n\n"
        "00:03.000 --> 00:04.000\net voilà\n\n00:04.000 --> 00:05.000\nMais : oui\n"
    )
    assert read_captions(path) == (Cue(1_000, 2_000, "Nadia Keller"),)


def test_cues_without_a_name_or_a_length_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "webex.vtt"
    path.write_text(
        WEBEX + '\n3 "" (0)\n01:02:08.000 --> 01:02:09.000\nx\n'
        '\n4 "Nadia Keller" (1)\n01:02:09.000 --> 01:02:09.000\nx\n'
    )
    assert read_captions(path) == EXPECTED


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "aucun sous-titre"),
        (b"Bonjour,\nceci est une lettre.\n", "aucun sous-titre"),
        (b"\x89PNG\r\n\x1a\n\0\0", "n'est pas un fichier texte"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\nbonsoir\n", "ne nomme aucun participant"),
        (b"WEBVTT\n\n00:01.000 --> demain\nA B: x\n", "ligne 3 : les temps"),
        (b"WEBVTT\n\n" + b"9" * 5_000 + b":00:01.000 --> 00:02.000\nA B: x\n", "ligne 3"),
        (b'[{"start": 1, "end": 2, "speaker": "A B"},]', "ligne 1 : le JSON"),
        (b"[" * 100_000, "exportez-les de nouveau"),
        (b'{"title": "x", "items": [1, 2]}', "aucune liste de sous-titres"),
        (b'[{"start": 1, "end": 2, "text": "bonsoir"}]', "ne nomme aucun participant"),
        (b'[{"start": "2026-02-03T17:30:00Z", "end": 2, "name": "A B"}]', "1 : le temps"),
        (b'[{"start": 1, "end": "demain", "name": "A B"}]', "le temps « demain »"),
        (b'[{"start": -1, "end": 2, "name": "A B"}]', "sous-titre n° 1"),
        (b"WEBVTT\n\n00:05.000 --> 00:02.000\nA B: x\n", "ligne 3 : les temps"),
    ],
)
def test_rubbish_is_told_apart_in_one_sentence(
    tmp_path: Path, content: bytes, expected: str
) -> None:
    path = tmp_path / "captions.vtt"
    path.write_bytes(content)
    with pytest.raises(BadInput) as caught:
        read_captions(path)
    assert "« captions.vtt »" in str(caught.value)
    assert expected in str(caught.value)
