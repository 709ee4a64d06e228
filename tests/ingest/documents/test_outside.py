"""Files from outside: each reader takes time and memory that grow with the file and no faster, has
a most of its own, and says of whatever it cannot read what is wrong. Ratios, never absolute times.
"""

import asyncio
import gc
import os
import signal
import subprocess
import sys
import time
import tracemalloc
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import replace
from itertools import count, islice
from pathlib import Path
from random import Random
from time import process_time

import pytest
from fastapi import Request
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from api.routes.http import most_at
from api.routes.multipart import MOST_TEXT, Text, read_form
from ingest.audio.sandbox import SMALL_BYTES, read_apart
from ingest.documents import agenda_lines, agenda_text, captions, glossary, office_files, roster
from ingest.documents.agenda_text import read_agenda, read_agenda_text
from ingest.documents.captions import read_captions
from ingest.documents.glossary import read_glossary
from ingest.documents.request import id_of
from ingest.documents.roster import given_roster, read_roster
from ingest.documents.text_files import Most
from ingest.errors import BadInput
from ingest.intake import inbox
from ingest.intake.inbox import read_folder
from ingest.text import fold, unescaped
from ingest.text_import import formats
from ingest.text_import.document import TextParagraph
from ingest.text_import.formats import Form, read_documents
from ingest.text_import.speaker_names import Directory
from tests.conftest import SAMPLES
from tests.support.waiting import gone, until

# 1 and 4 MiB every week (VERBATIM_TEST_BYTES=1048576, ten minutes); every day a moment.
SMALL = int(os.environ.get("VERBATIM_TEST_BYTES", "32768"))
LARGE = 4 * SMALL
MOST_TIMES = 5.0  # of a file four times as large
LEAST_S = 0.05  # less is noise, and as good as nothing
MARKS = "\u0301\u0316"  # the second belongs below the first: normalising sorts them


def _documents(form: Form) -> Callable[[Path], object]:
    def read(path: Path) -> object:
        documents = read_documents(path, form)
        for document in documents:
            said = [entry for entry in document.entries if isinstance(entry, TextParagraph)]
            directory = Directory((), [one.person for one in said if one.person])
            for one in said:
                if one.person:
                    directory.name(one.person)
        return documents

    return read


def _text(read: Callable[[str], object]) -> Callable[[Path], object]:
    return lambda path: read(path.read_text("utf-8"))


def _folder(path: Path) -> object:
    place = path.parent / "2025-03-11 Conseil"
    place.mkdir(exist_ok=True)
    (place / "session.json").write_bytes(path.read_bytes())
    return read_folder(place)


READERS: dict[str, Callable[[Path], object]] = {
    "captions": read_captions,
    "roster": read_roster,
    "typed roster": _text(given_roster),
    "agenda": read_agenda,
    "typed agenda": _text(read_agenda_text),
    "glossary": read_glossary,
    "session.json": _folder,
    **{str(form): _documents(form) for form in Form if form is not Form.AUTO},
}
LINE = "00:00:01.000 --> 00:00:02.000\n"


def numbered(line: str) -> Callable[[int], str]:
    """Lines that differ in their number, as many as fill a file."""

    def make(size: int) -> str:
        lines = (line.replace("@", str(n)) for n in count(1))
        return "".join(islice(lines, size // (len(line) + 5)))

    return make


def repeated(piece: str, before: str = "", after: str = "") -> Callable[[int], str]:
    return lambda size: before + piece * (size // len(piece.encode())) + after


CUES = ("captions", "srt")
LISTS = ("roster", "typed agenda", "glossary")
JSON = ("captions", "agenda", "typed agenda", "session.json", "jsonl")
WORDS = ("txt",)
SHAPES: list[tuple[tuple[str, ...], str, Callable[[int], str]]] = [
    (CUES, "time lines without an empty line", repeated(LINE)),
    (CUES, "time lines and counters without an empty line", numbered(f"@\n{LINE}A B: x\n")),
    (CUES, "many tiny cues", numbered(f"@\n{LINE}Nadia Keller: x\n\n")),
    (CUES, "one endless cue", repeated("A B: et\n", LINE)),
    (CUES, "one endless line", repeated("A B: ", LINE)),
    (CUES, "voice tags that never end", repeated("<v ", LINE)),
    (CUES, "voice classes that never end", repeated("<v.a", LINE)),
    (CUES, "a voice tag full of spaces", repeated(" ", f"{LINE}<v", "x")),
    (CUES, "tags that never end", repeated("<{\\", f"{LINE}A B: ")),
    (CUES, "quotes above", repeated('" ( 1', '1 "', f"\n{LINE}A B: x")),
    (CUES, "one reference of many digits", repeated("9", f"{LINE}A B: &#", ";")),
    (CUES, "many references of many digits", repeated("&#" + "0" * 5000 + ";", f"{LINE}A B: ")),
    (CUES, "ampersands", repeated("&", f"{LINE}A B: ")),
    (CUES, "an endless name", repeated("x", f"{LINE}<v A", ">y</v>")),
    (CUES, "marks", repeated(MARKS, f"{LINE}<v A", ">y</v>")),
    (LISTS, "many people", numbered("Nom@ Prenom@\n")),
    (LISTS, "many rows", numbered("a@;b;c\n")),
    (LISTS, "many columns", repeated("a;", "name;role\n")),
    (LISTS, "a head of many columns", repeated("a;", "name;")),
    (LISTS, "a quote never closed", repeated("a\n", 'name,role\n"')),
    (LISTS, "a short quote never closed", repeated('"a"",', "name,role\n")),
    (LISTS, "one endless cell", repeated("a ", "name\n")),
    (LISTS, "empty lines", repeated("\n", "name")),
    (LISTS, "marks", repeated(MARKS, "name\n")),
    (LISTS, "marks in the head", repeated(MARKS)),
    (("typed agenda",), "many points", numbered("@. Motion M-@ : titre\n")),
    (("typed agenda",), "a table of many points", numbered("@;Motion M-@ : titre\n")),
    (("typed agenda",), "codes", repeated("PR-1 ", "number;title\n1;")),
    (JSON, "deep lists", repeated("[")),
    (JSON, "deep objects", repeated('{"a":')),
    (JSON, "lists of lists", repeated("[],", "[", "1]")),
    (JSON, "objects", repeated("{},", "[", "1]")),
    (JSON, "one endless text", repeated("a ", '[{"start": 1, "title": "', '"}]')),
    (JSON, "many keys", lambda s: "{" + numbered('"k@": 1,')(s) + '"text": "a"}'),
    (JSON, "one endless number", repeated("9", '[{"start": ', "}]")),
    (JSON, "escapes", repeated("\\ud800", '[{"number": 1, "start": 1, "title": "', '"}]')),
    (
        ("captions",),
        "many records",
        lambda s: "[" + numbered('{"start": @, "end": @.5, "speaker": "Nom@"},')(s) + "{}]",
    ),
    (
        ("captions",),
        "many people at once",
        lambda s: (
            '[{"start": 1, "end": 2, "users": [' + numbered('{"username": "Nom@"},')(s) + "{}]}]"
        ),
    ),
    (
        ("agenda", "typed agenda"),
        "many points",
        lambda s: "[" + numbered('{"number": @, "title": "Titre"},')(s) + "{}]",
    ),
    (("jsonl",), "many sittings", numbered('{"text": "Oui.", "session": "s@"}\n')),
    (("jsonl",), "many points", numbered('{"text": "Oui.", "item": "s@"}\n')),
    (("jsonl",), "many speakers", numbered('{"text": "Oui.", "speaker": "M. A@ B@"}\n')),
    (WORDS, "many speakers", numbered("M. A@ B@ : oui.\n\n")),
    (WORDS, "many speakers of one name", numbered("M. Rochat B@ : oui.\n\nM. Rochat : non.\n\n")),
    (WORDS, "many offices", numbered("La présidente administrative, Nom@ : oui.\n\n")),
    (WORDS, "bare names", numbered("Ab Cd@ : oui.\nAb Cd@ : non.\n")),
    (WORDS, "one endless paragraph", repeated("et\n")),
    (WORDS, "one endless line", repeated("M. A : ")),
    (WORDS, "an endless name", repeated("A", "M. ")),
    (WORDS, "names without end", repeated("A'", "M. ")),
    (WORDS, "particles without end", repeated("d'", "M. ")),
    (WORDS, "offices without end", repeated(" municipal", "Le maire")),
    (WORDS, "initials without end", repeated("A.-", "M. ")),
    (WORDS, "stars", repeated("*")),
    (WORDS, "brackets", repeated("[VS", "M. A : ")),
    (WORDS, "many points", numbered("@. Motion M-@\n\nM. A : oui.\n\n")),
    (
        WORDS,
        "points that fall",
        lambda s: "\n\n".join(f"{n}. M-{n}" for n in range(s // 16, 0, -1)),
    ),
    (WORDS, "headings", numbered("# T@\n\n")),
    (WORDS, "spaces", repeated(" ", "#", "x")),
    (WORDS, "lists", repeated("1. a\n")),
    (WORDS, "spaces in a number", repeated(" ", "1", "x")),
    (WORDS, "marks", repeated(MARKS, "M. ", " : oui.")),
    (WORDS, "empty lines", repeated("\n", "a")),
    (("tei",), "deep elements", repeated("<u>")),
    (("tei",), "many elements", repeated("<u>a</u>", "<TEI><text><body>", "</body></text></TEI>")),
    (("tei",), "empty elements", repeated("<p/>", "<TEI><text><body>", "</body></text></TEI>")),
    (
        ("tei",),
        "many attributes",
        lambda s: "<TEI><text><body><u " + numbered('a@="" ')(s) + ">a</u></body></text></TEI>",
    ),
    (
        ("tei",),
        "one endless text",
        repeated("a ", "<TEI><text><body><u>", "</u></body></text></TEI>"),
    ),
    (("tei",), "one endless tag", repeated("a", "<TEI><")),
    (("tei",), "a comment never closed", repeated("-", "<TEI><!-")),
    (("tei",), "a section never closed", repeated("]]", "<TEI><![CDATA[")),
    (("tei",), "references", repeated("&#65;", "<TEI><text><body><u>", "</u></body></text></TEI>")),
    (
        ("tei",),
        "many persons",
        lambda s: (
            "<TEI><teiHeader>"
            + numbered('<person xml:id="p@"><persName>N@</persName></person>')(s)
            + "</teiHeader><text><body><u>a</u></body></text></TEI>"
        ),
    ),
    (
        ("tei",),
        "many speakers",
        lambda s: "<TEI><text><body>" + numbered('<u who="#p@">a</u>')(s) + "</body></text></TEI>",
    ),
]
CASES = [
    pytest.param(reader, make, id=f"{reader}: {shape}")
    for readers, shape, make in SHAPES
    for reader in readers
]


@pytest.fixture
def without_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stops a file before it is read would hide how the reading grows."""
    for module in (agenda_text, captions, glossary, formats, inbox, office_files, roster):
        for name, value in list(vars(module).items()):
            if isinstance(value, Most):
                monkeypatch.setattr(module, name, replace(value, size=2**40))
    monkeypatch.setattr(roster, "MOST_PEOPLE", 2**40)
    monkeypatch.setattr(agenda_lines, "MOST_ITEMS", 2**40)
    monkeypatch.setattr(captions, "MOST_CUES", 2**40)


def _seconds(read: Callable[[Path], object], path: Path) -> float:
    """Processor seconds of a reading, without what collecting everybody's garbage takes."""
    gc.disable()
    began = process_time()
    try:
        with suppress(BadInput):
            read(path)
        return process_time() - began
    finally:
        gc.enable()


def _peak(read: Callable[[Path], object], path: Path) -> int:
    tracemalloc.start()
    try:
        with suppress(BadInput):
            read(path)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.usefixtures("without_limits")
@pytest.mark.parametrize(("reader", "make"), CASES)
def test_a_file_four_times_as_large_takes_no_more_than_five_times_as_much(
    tmp_path: Path, reader: str, make: Callable[[int], str]
) -> None:
    small, large = tmp_path / "small", tmp_path / "large"
    small.write_text(make(SMALL), "utf-8")
    large.write_text(make(LARGE), "utf-8")
    read = READERS[reader]
    _seconds(read, small)  # what is compiled or imported once
    spent, more = _seconds(read, small), _seconds(read, large)
    for _ in range(11):  # the best of twelve, where a busy machine came between
        if more <= MOST_TIMES * max(spent, LEAST_S):
            break
        spent, more = min(spent, _seconds(read, small)), min(more, _seconds(read, large))
    assert more <= MOST_TIMES * max(spent, LEAST_S)
    # Counting bytes takes five times as long as reading: of a half, it tells as much.
    small.write_text(make(SMALL // 2), "utf-8")
    large.write_text(make(LARGE // 2), "utf-8")
    assert _peak(read, large) <= MOST_TIMES * _peak(read, small)


@pytest.mark.parametrize("read", [fold, id_of, unescaped])
@pytest.mark.parametrize("piece", [MARKS, "&#9", "&#", "&amp", "\u0f73", "ﷺ", "İ", "œ—’"])
def test_a_text_of_one_heap_takes_a_time_that_grows_with_it(
    read: Callable[[str], str], piece: str
) -> None:
    def spent(size: int) -> float:
        began = process_time()
        read("a" + piece * size)
        return process_time() - began

    few, many = SMALL // 2, LARGE // 2
    assert min(spent(many) for _ in range(3)) <= MOST_TIMES * max(
        LEAST_S, min(spent(few) for _ in range(3))
    )


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("e\u0301cole", "ecole"),
        ("x" + "\u0301" * 30, "x"),
        ("Ω\u0345", "ωι"),
        ("—" * 90, "-" * 90),
        ("a" + MARKS * 90, "a"),
    ],
)
def test_marks_are_folded_as_ever_and_more_of_them_than_any_text_has_as_well(
    text: str, folded: str
) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize("digits", ["9" * 4_301, "0" * 5_000 + "9" * 8, "1114112"])
def test_a_reference_to_no_character_is_the_sign_for_that_in_a_name(
    tmp_path: Path, digits: str
) -> None:
    path = tmp_path / "a.vtt"
    path.write_text(f"{LINE}<v Nadia &#{digits}; &#233;>oui</v>\n")
    assert [cue.participant for cue in read_captions(path)] == ["Nadia \ufffd é"]


# --- a most of its own --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reader", "text", "told"),
    [
        ("captions", lambda: LINE * 600_000, "dépasse 16 Mo, trop pour des sous-titres"),
        ("captions", lambda: "0:00.0-->0:01.0\n" * 200_001, "plus de 200000 sous-titres"),
        ("captions", lambda: "[" + '{"ts":1},' * 200_001 + "{}]", "plus de 200000 sous-titres"),
        ("roster", lambda: "name\n" + "a" * 2**20, "dépasse 1 Mo, trop pour une liste"),
        ("typed roster", lambda: numbered("Nom@\n")(100_000), "2000 au plus"),
        ("roster", lambda: "name\n" + "a" * 201, "ligne 2 : « aaa"),
        ("agenda", lambda: " " * 2**20 + "[]", "dépasse 1 Mo, trop pour un ordre du jour"),
        ("agenda", lambda: "[" + "{}," * 300 + "{}]", "a 301 points, 300 au plus"),
        ("typed agenda", lambda: numbered("@. M-@\n")(5_000), "300 au plus"),
        (
            "agenda",
            lambda: '[{"number": 1, "title": "' + "a" * 2_001 + '"}]',
            "plus de 2000 signes : raccourcissez",
        ),
        ("glossary", lambda: "a" * (2**20 + 1), "dépasse 1 Mo, trop pour un glossaire"),
        ("session.json", lambda: " " * 2**16 + "{}", "dépasse 64 Ko, trop pour un session.json"),
        ("txt", lambda: "a " * (2**23 + 1), "dépasse 16 Mo, trop pour le texte d'une séance"),
        ("tei", lambda: "<TEI>" + "<p/>" * 2_000_001, "trop d'éléments"),
        ("txt", lambda: numbered("M. A@ B@ : oui.\n\n")(60_000), "sous plus de 2000 noms"),
    ],
)
def test_what_is_too_large_is_reported_with_its_most_and_what_to_do(
    tmp_path: Path, reader: str, text: Callable[[], str], told: str
) -> None:
    path = tmp_path / "séance"
    path.write_text(text(), "utf-8")
    with pytest.raises(BadInput, match=told):
        READERS[reader](path)


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/api/ask", 2**16),
        ("/bureau/api/seances/x/changes", 2**20),
        ("/bureau/apporter/x/modifier", 2 * 2**20),
        ("/bureau/seances/x/ordre-du-jour", 2 * 2**20),
        ("/bureau/modele", 8 * 2**20),
        ("/bureauapi", 2**16),
        ("/bureau/apporter/x", None),
        ("/bureau/api/apporter/x/fichiers/y", None),
    ],
)
def test_every_address_has_a_most_but_those_that_write_files_to_the_disk(
    path: str, most: int | None
) -> None:
    assert most_at(path) == most


# --- apart --------------------------------------------------------------------------------------


def _swell() -> int:
    return len(bytearray(2 << 30))


def _pid() -> int:
    return os.getpid()


def test_a_file_that_swells_its_reader_ends_as_one_sentence_of_that_file(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(BadInput, match=r"« réunion\.vtt » n'a pas pu être lu"):
        read_apart(_swell, size=SMALL_BYTES + 1, source="réunion.vtt")
    capfd.readouterr()


def test_a_large_file_is_read_by_another_process_and_a_small_one_by_this() -> None:
    assert read_apart(_pid, size=SMALL_BYTES + 1, source="x") != os.getpid()
    assert read_apart(_pid, size=SMALL_BYTES, source="x") == os.getpid()


def test_what_is_read_apart_is_what_is_read_here(tmp_path: Path) -> None:
    path = tmp_path / "a.vtt"
    path.write_text(numbered(f"@\n{LINE}Nadia Keller@: x\n\n")(2 * SMALL_BYTES))
    assert read_apart(read_captions, path, size=path.stat().st_size, source="a") == read_captions(
        path
    )
    path.write_text("9" * 2 * SMALL_BYTES)
    with pytest.raises(BadInput, match=r"« a\.vtt » ne contient aucun sous-titre"):
        read_apart(read_captions, path, size=path.stat().st_size, source="a.vtt")


def test_a_reader_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    script = (
        "from pathlib import Path; from ingest.audio.sandbox import read_apart\n"
        "from tests.ingest.documents.test_outside import wait_for_ever\n"
        f"read_apart(wait_for_ever, Path({str(told)!r}), size=10**6, source='x')"
    )
    with subprocess.Popen([sys.executable, "-c", script], cwd=SAMPLES.parent) as parent:
        while not told.exists() or not told.read_text():
            assert parent.poll() is None
            time.sleep(0.05)
        parent.send_signal(signal.SIGKILL)
    child = int(told.read_text())
    until(lambda: gone(child))


def wait_for_ever(told: Path) -> None:
    told.write_text(str(os.getpid()))
    time.sleep(600)


# --- anything at all ----------------------------------------------------------------------------

VALID = {
    "captions": [
        'WEBVTT\n\n12 "Nadia Keller" (3816592896)\n00:00:01.000 --> 00:00:02.000\nBonjour\n\n',
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Nadia Keller>Bonjour &amp; merci</v>\n\n",
        "1\n00:00:01,000 --> 00:00:02,000\nNadia Keller: Bonjour &#233;\n\n",
        '[{"start": 1.5, "end": "00:00:02.000", "speaker": {"name": "Nadia Keller"}}]',
        '{"timeline": [{"ts": "00:00:01.000", "users": [{"username": "Nadia Keller"}]}]}',
        '[{"timestamp": [0.0, 2.5], "speaker_name": "Nadia"}, {"startMs": 3000, "duration": 2}]',
    ],
    "roster": ['name,role,group\n"Keller, Nadia",Conseillère,Verts\n', "nom;groupe\nA B;PLR\n"],
    "agenda": ['[{"number": "1", "title": "Motion", "object": "M-414", "start_ms": 1000}]'],
    "typed agenda": [
        "1. Motion M-414 : des arbres\n2) Pétition\n",
        "numéro;titre\n1;Motion (M 4)\n",
    ],
    "glossary": ["terme;formes orales;remarque\nSIG;s i g | les cigs;Services industriels\n"],
    "session.json": [
        '{"title": "x", "date": "2025-03-11", "parts": [{"file": "a", "captions": "b"}]}'
    ],
    "txt": [
        "# Séance\n\n1. Motion M-414\n\n**M. Rochat (PLR) :** Merci.\n\nLa présidente. Au vote.\n"
    ],
    "jsonl": ['{"text": "Merci.", "speaker": "M. Rochat", "date": "11.03.2025", "item": "M-1"}\n'],
    "tei": [
        '<?xml version="1.0"?><TEI><teiHeader><person xml:id="a"><persName>A</persName></person>'
        '</teiHeader><text><body><head n="1">T</head><u who="#a"><seg>Oui <note>x</note></seg></u>'
        "</body></text></TEI>"
    ],
}
VALID |= {"typed roster": VALID["roster"], "srt": VALID["captions"], "vtt": VALID["captions"]}
PIECES = [
    *(
        "&#" + "9" * 5_000 + ";",
        "&#xD800;",
        "\\ud800",
        "\0",
        "\ufeff",
        "\r",
        "\x1c",
        "\u2028",
        "\x85",
    ),
    *("1" * 5_000, "-->", "<v ", '"', "[" * 2_000, '{"a":' * 2_000, "NaN", "Infinity", "1e999"),
    *(
        "<!ENTITY a 'b'>",
        "<!DOCTYPE a [",
        "]]>",
        "٣",
        "²",
        "-",
        "e\u0301" * 40,
        "𝟙",
        "null",
        "true",
    ),
]


def mutated(valid: str, seed: int) -> bytes:
    """A valid file, some of it taken out, doubled, or replaced by what readers stumble over."""
    random = Random(seed)
    for _ in range(random.randint(1, 4)):
        first, last = sorted(random.choices(range(len(valid) + 1), k=2))
        middle = random.choice(["", valid[first:last] * 2, *PIECES])
        last = random.choice([first, min(last, first + 8)])
        valid = valid[:first] + middle + valid[last:]
    return valid.encode("utf-8", random.choice(["surrogatepass", "replace"]))


FUZZED = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60
)


def _only_bad_input(reader: str, path: Path, content: bytes) -> None:
    path.write_bytes(content)
    try:
        READERS[reader](path)
    except BadInput as error:
        message = str(error)
        message.encode("utf-8")
        assert len(message) < 1_000
    except UnicodeDecodeError:
        assert reader.startswith("typed")  # what is typed is text already


@pytest.mark.parametrize("reader", READERS)
@FUZZED
@given(
    content=st.binary(max_size=300)
    | st.text(max_size=300).map(lambda t: t.encode("utf-8", "replace"))
)
def test_of_any_bytes_a_reader_says_nothing_but_what_is_wrong_with_them(
    tmp_path: Path, reader: str, content: bytes
) -> None:
    _only_bad_input(reader, tmp_path / "x", content)


@pytest.mark.parametrize("reader", READERS)
@settings(FUZZED, max_examples=200)
@given(which=st.integers(0, 99), seed=st.integers(0, 2**32))
def test_of_a_spoilt_file_a_reader_says_nothing_but_what_is_wrong_with_it(
    tmp_path: Path, reader: str, which: int, seed: int
) -> None:
    valid = VALID[reader]
    _only_bad_input(reader, tmp_path / "x", mutated(valid[which % len(valid)], seed))


HEAD = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n'


def _form(body: bytes, kind: str = "multipart/form-data; boundary=b") -> dict[str, str]:
    async def sent() -> AsyncGenerator[bytes]:
        for at in range(0, max(1, len(body)), 2**16):
            yield body[at : at + 2**16]

    async def choose(_name: str, filename: str) -> Text:
        return Text(filename)

    request = Request({"type": "http", "headers": [(b"content-type", kind.encode("latin-1"))]})
    request.stream = sent  # type: ignore[method-assign]
    return asyncio.run(read_form(request, choose))


@FUZZED
@given(
    body=st.lists(
        st.sampled_from([HEAD, b"--b", b"--b--", b"\r\n", b"\r", b"--", b"; filename=x", b":"])
        | st.binary(max_size=20)
    ).map(b"".join),
    kind=st.just("multipart/form-data; boundary=b")
    | st.text(st.characters(max_codepoint=255), max_size=80).map(
        lambda text: f"multipart/form-data; boundary={text}"
    ),
)
@example(body=b"--b\r\n" + b"x" * 100_000, kind="multipart/form-data; boundary=b")
@example(body=b"", kind="multipart/form-data; boundary=")
def test_of_any_form_nothing_comes_but_its_fields_or_what_is_wrong(body: bytes, kind: str) -> None:
    try:
        fields = _form(body, kind)
    except BadInput:
        return
    assert all(isinstance(text, str) for text in fields.values())


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (HEAD + b"x" * (MOST_TEXT + 1), "« a » est trop long"),
        ((HEAD + b"x" * MOST_TEXT + b"\r\n") * 3, "trop longs tous ensemble"),
        ((HEAD + b"\r\n") * 2_001, "trop de champs"),
        (b"--b\r\nX: " + b"x" * 2**20, "n'est pas arrivé en entier"),
    ],
)
def test_a_form_takes_no_more_memory_than_its_fields_may(body: bytes, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        _form(body)


@pytest.mark.parametrize("piece", [b"\r", b"\r\n", b"-", b"\r\n--", b"\r\n--b ", b"x"])
def test_a_form_of_one_shape_takes_a_time_that_grows_with_it(piece: bytes) -> None:
    def spent(size: int) -> float:
        began = process_time()
        with suppress(BadInput):
            _form(HEAD.replace(b'"a"', b'"f"; filename="f"') + piece * (size // len(piece)))
        return process_time() - began

    few, many = (min(spent(size) for _ in range(3)) for size in (SMALL, LARGE))
    assert many <= MOST_TIMES * max(few, LEAST_S)
