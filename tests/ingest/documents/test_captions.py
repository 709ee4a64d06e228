"""Captions of each platform: the names and times come out, the text never does."""

from pathlib import Path

import pytest

from ingest.documents.captions import (
    Cue,
    read_caption_file,
    read_captions,
    read_subtitle_file,
)
from ingest.errors import BadInput

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
        (b'[{"start": 1700000000, "end": 1700000003, "name": "A B"}]', "sous-titre n° 1"),
        (b'[{"start": NaN, "end": 2, "name": "A B"}]', "sous-titre n° 1"),
        (b'[{"start": 1' + b"0" * 400 + b', "end": 2, "name": "A B"}]', "sous-titre n° 1"),
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


def cue_times(tmp_path: Path, *records: str) -> list[tuple[int, int]]:
    path = tmp_path / "captions.json"
    named = (record.replace("{", '{"speaker": "Nadia Keller", ') for record in records)
    path.write_text(f"[{', '.join(named)}]")
    return [(cue.start_ms, cue.end_ms) for cue in read_captions(path)]


@pytest.mark.parametrize(
    "records",
    [
        ('{"start": 12000, "end": 15500}', '{"start": 16000, "end": 19000}'),
        ('{"start": "12000", "end": "15500"}', '{"start": "16000", "end": "19000"}'),
        ('{"start": 12000, "duration": 3500}', '{"start": 16000, "duration": 3000}'),
        ('{"timestamp": [12000, 15500]}', '{"timestamp": [16000, 19000]}'),
        ('{"start": 12.0, "end": 15.5}', '{"start": 16, "end": 19}'),
        ('{"startMs": 12000, "endMs": 15500}', '{"startMs": 16000, "endMs": 19000}'),
        ('{"start": 12, "endMs": 15500}', '{"start": 16, "endMs": 19000}'),
        ('{"start": "00:00:12", "end": "15.5s"}', '{"start": "00:00:16", "end": "19s"}'),
    ],
)
def test_json_numbers_are_seconds_or_milliseconds_as_is_likely(
    tmp_path: Path, records: tuple[str, ...]
) -> None:
    assert cue_times(tmp_path, *records) == [(12_000, 15_500), (16_000, 19_000)]


def test_one_long_cue_in_seconds_is_no_reason_for_milliseconds(tmp_path: Path) -> None:
    records = '{"start": 0, "end": 4}', '{"start": 5, "end": 605}', '{"start": 606, "end": 610}'
    times = cue_times(tmp_path, *records)
    assert times == [(0, 4_000), (5_000, 605_000), (606_000, 610_000)]


def test_long_stretches_with_parts_of_seconds_stay_seconds(tmp_path: Path) -> None:
    assert cue_times(tmp_path, '{"start": 0.5, "end": 600}') == [(500, 600_000)]


def test_what_would_last_longer_than_a_day_is_in_milliseconds(tmp_path: Path) -> None:
    times = cue_times(tmp_path, '{"start": 0, "end": 90}', '{"start": 7200000, "end": 7200150.5}')
    assert times == [(0, 90), (7_200_000, 7_200_150)]


def test_bare_starts_are_judged_by_the_time_between_them(tmp_path: Path) -> None:
    starts = '{"start": 0}', '{"start": 4000}', '{"start": 9000}'
    assert cue_times(tmp_path, *starts) == [(0, 4_000), (4_000, 9_000), (9_000, 11_000)]
    starts = '{"start": 0}', '{"start": 400}', '{"start": 900}'
    assert cue_times(tmp_path, *starts) == [(0, 400_000), (400_000, 900_000), (900_000, 902_000)]


# --- what people really bring -------------------------------------------------------------------

LINE = "00:00:{0:02}.000 --> 00:00:{1:02}.000"


def cue(at: int, text: str, above: str = "", below: str = "\n") -> str:
    """A cue of one second: a line above, its times, its text, and what comes after."""
    return f"{above}{LINE.format(at, at + 1)}\n{text}\n{below}"


def said(text: str) -> list[tuple[str | None, str]]:
    read = read_subtitle_file(Path("x.vtt"), text)
    return [(one.participant, one.text) for one in read.subtitles]


def named(tmp_path: Path, text: str) -> list[str]:
    (tmp_path / "x.vtt").write_text(text, "utf-8")
    return [cue.participant for cue in read_captions(tmp_path / "x.vtt")]


def test_two_voices_of_one_cue_are_two_and_share_its_time(tmp_path: Path) -> None:
    text = cue(1, "<v Anne Girard>Bonjour à tous.</v>\n<v Paul Rey>Merci.</v> (applaudissements)")
    assert said(text) == [
        ("Anne Girard", "Bonjour à tous."),
        ("Paul Rey", "Merci."),
        (None, "(applaudissements)"),
    ]
    (tmp_path / "x.vtt").write_text(text)
    first, second = read_captions(tmp_path / "x.vtt")
    assert (first.start_ms, first.end_ms) == (1_000, second.start_ms)
    dialogue = cue(1, "- Anne Girard: Bonjour.\n- Paul Rey: Merci.") + cue(2, "Anne Girard: Fin.")
    assert said(dialogue) == [
        ("Anne Girard", "Bonjour."),
        ("Paul Rey", "Merci."),
        ("Anne Girard", "Fin."),
    ]


@pytest.mark.parametrize("above", ["", "{}\n", "0f8c-1a/{}-0\n", "3f2504e0-4f89-11d3-9a0c-{}\n"])
@pytest.mark.parametrize("before", ["", "\n", " \n"], ids=["none", "blank", "space"])
@pytest.mark.parametrize("after", ["", "\n", "\n\n"], ids=["none", "blank", "two"])
def test_cues_are_parted_by_their_times_whatever_lines_are_blank(
    above: str, before: str, after: str
) -> None:
    texts = ["Bonjour à tous.", "Oui.", "Combien ?\n12", "Merci."]
    if after and before:
        texts[2] = "Combien ? 12"
    cues = [cue(at, before + text, above.format(at), after) for at, text in enumerate(texts, 1)]
    assert said("WEBVTT\n\n" + "".join(cues)) == [(None, " ".join(text.split())) for text in texts]


YOUTUBE = """WEBVTT
Kind: captions
Language: fr

00:00:00.160 --> 00:00:02.310 align:start position:0%
·
bonjour<00:00:00.480><c> à</c><00:00:00.640><c> tous</c>

00:00:02.310 --> 00:00:02.320 align:start position:0%
bonjour à tous
·

00:00:02.320 --> 00:00:04.000 align:start position:0%
bonjour à tous
et<00:00:03.000><c> bienvenue</c>

00:00:04.000 --> 00:00:04.010 align:start position:0%
et bienvenue
·
""".replace("·", " ")  # a line with a space is not blank


def test_captions_that_roll_are_said_once() -> None:
    assert said(YOUTUBE) == [(None, "bonjour à tous"), (None, "et bienvenue")]
    lines = [f"ligne {at} du texte qui roule" for at in range(8)]
    rolling = "".join(cue(at, f"{lines[at]}\n{lines[at + 1]}") for at in range(7))
    assert " ".join(text for _, text in said(rolling)) == " ".join(lines)
    growing = "".join(cue(at, " ".join("abcdefghi"[: at + 1])) for at in range(9))
    assert " ".join(text for _, text in said(growing)) == "a b c d e f g h i"
    assert said("".join(cue(at, "Oui.") for at in range(9))) == [(None, "Oui.")] * 9
    votes = "".join(cue(at, f"Je mets aux voix le point {at}") for at in range(9))
    assert [text for _, text in said(votes)] == [f"Je mets aux voix le point {n}" for n in range(9)]


BAD = [
    "00:00:20.000 --> 00:00:19.990",
    "-00:00:01.000 --> 00:00:22.000",
    "00:00:20.000 --> demain",
    "00:00:-1.000 --> 00:00:22.000",
]


@pytest.mark.parametrize("bad", BAD)
def test_a_cue_that_cannot_be_is_left_out_and_told(tmp_path: Path, bad: str) -> None:
    text = "".join(cue(at, f"Anne Girard: mot {at}") for at in range(9)) + f"{bad}\nx: y\n"
    read = read_subtitle_file(Path("x"), text)
    assert len(read.subtitles) == 9
    assert [(one.where, one.what) for one in read.skipped] == [("ligne 28", f"les temps « {bad} »")]
    (tmp_path / "x.vtt").write_text(text)
    assert read_caption_file(tmp_path / "x.vtt").skipped == read.skipped
    with pytest.raises(BadInput, match=r"ligne 28.*comme la plupart"):
        read_subtitle_file(Path("x"), text + f"\n{bad}\nx\n" * 9)


def test_a_bad_record_of_json_is_left_out_and_told(tmp_path: Path) -> None:
    good = [f'{{"start": {at}.5, "end": {at + 1}.5, "name": "Anne Girard"}}' for at in range(5)]
    bad = ['{"start": -1, "name": "A B"}', '{"start": 9.5, "end": 8.5, "name": "A B"}']
    (tmp_path / "x.json").write_text(f"[{','.join([*good, *bad])}]")
    read = read_caption_file(tmp_path / "x.json")
    assert len(read.cues) == 5
    assert [one.where for one in read.skipped] == ["sous-titre n° 6", "sous-titre n° 7"]


def test_an_arrow_in_a_text_or_a_note_is_no_time() -> None:
    noted = "WEBVTT\n\nNOTE exporté 12:00 --> 13:00\n\nNOTE\n00:00:09.000 --> 00:00:10.000\nnon\n\n"
    text = noted + cue(1, "de A --> B\n12:00 --> 13:00") + cue(2, "fin")
    assert said(text) == [(None, "de A --> B 12:00 --> 13:00"), (None, "fin")]


def test_a_cue_of_no_length_keeps_its_words() -> None:
    text = "00:00:01.000 --> 00:00:01.000\nOui.\n\n" + cue(2, "Non.")
    read = read_subtitle_file(Path("x"), text).subtitles
    assert [(one.start_ms, one.end_ms, one.text) for one in read] == [
        (1_000, 2_000, "Oui."),
        (2_000, 3_000, "Non."),
    ]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Girard Anne (EXT)", "Girard Anne"),
        ("Anne Girard (Invité)", "Anne Girard"),
        ("Anne Girard (Invitée) (Non vérifiée)", "Anne Girard"),
        ("Anne Girard (Unverified)", "Anne Girard"),
        ("Anne Girard [Guest]", "Anne Girard"),
        ("Anne Girard (PLR)", "Anne Girard (PLR)"),
        ("Ex Machina", "Ex Machina"),
        ("Unknown", None),
        ("Unknown Speaker", None),
        ("Inconnu", None),
        ("@1", None),
        ("Speaker 2", None),
        ("Intervenant 3", None),
        ("Unverified", None),
        ("Salle 2", "Salle 2"),
    ],
)
def test_badges_are_no_part_of_a_name_and_nobody_is_no_name(
    tmp_path: Path, written: str, name: str | None
) -> None:
    text = cue(1, f"<v {written}>Bonjour.</v>") + cue(2, "<v Paul Rey>Merci.</v>")
    assert said(text) == [(name, "Bonjour."), ("Paul Rey", "Merci.")]
    assert named(tmp_path, text) == [*filter(None, [name]), "Paul Rey"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_captions_are_read_in_the_encodings_that_editors_write(
    tmp_path: Path, encoding: str
) -> None:
    (tmp_path / "x.vtt").write_bytes(cue(1, "Hélène Baudin: été").encode(encoding))
    assert [cue.participant for cue in read_captions(tmp_path / "x.vtt")] == ["Hélène Baudin"]
