"""Minutes as a document: what is in it, and what a clerk's own template may and may not do."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from docx import Document

from api.exports.minutes import Minutes, check, documented, fill
from api.exports.minutes_content import minutes
from api.exports.minutes_store import drop, keep, own_template, samples, template
from api.exports.minutes_template import default_template
from api.exports.script import Script
from ingest.errors import BadInput
from ingest.settings import Settings
from ingest.transcript import ImportedText, Reviewed
from tests.api.exports.test_exports import hostile as hostile  # noqa: PLC0414  (a fixture)
from tests.api.exports.test_exports import whole as whole  # noqa: PLC0414  (a fixture)
from tests.support.paths import GOLDEN

pytestmark = pytest.mark.usefixtures("filled_here")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data=tmp_path, city="Rivemont")


def text_of(document: bytes) -> str:
    read = Document(BytesIO(document))
    parts = [*read.paragraphs, *read.sections[0].footer.paragraphs]
    return "\n".join(paragraph.text for paragraph in parts)


def made_of(*paragraphs: str) -> bytes:
    """A template of these paragraphs."""
    document = Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    saved = BytesIO()
    document.save(saved)
    return saved.getvalue()


def test_our_minutes_tell_who_said_what_and_what_was_decided() -> None:
    text = text_of(fill(default_template(), minutes(whole(), "Rivemont", timecodes=True)))
    for told in (
        "Séance du mardi 11 mars 2025",
        "PLR : Julien Rochat (conseiller municipal)",
        "Ont pris la parole : Hélène Baudin, Julien Rochat",
        "2. Motion M-414 : des arbres [0:00:02]",
        "Julien Rochat, conseiller municipal (PLR) [0:00:05]\nMerci, Madame la présidente.",
        "[Passage à huis clos, 0:00:50]",
        "[Parole non transcrite, 0:00:40]",
        "Décision. La motion M-414 a été acceptée, par 42 oui contre 31 non.",
        "Transcription automatique, qui peut contenir des erreurs.",
        "Rivemont, Conseil municipal, séance du 11.03.2025, page",
    ):
        assert told in text, told
    assert "à vérifier" not in text and "{" not in text


def test_minutes_without_clocks_have_none() -> None:
    text = text_of(fill(default_template(), minutes(whole(), "Rivemont", timecodes=False)))
    assert not re.search(r"\d:\d\d:\d\d", text) and "[Passage à huis clos]" in text


def test_minutes_are_a_project_until_a_clerk_has_reviewed_them() -> None:
    given = whole()
    assert "Projet de procès-verbal" in text_of(fill(default_template(), of(given)))
    reviewed = replace(
        given.session, reviewed=Reviewed("Anne-Lise Grandjean", datetime(2025, 4, 1))
    )
    text = text_of(fill(default_template(), of(replace(given, session=reviewed))))
    assert "Projet" not in text and "revue par Anne-Lise Grandjean" in text


def test_minutes_of_an_imported_text_have_no_clocks() -> None:
    session = replace(whole().session, parts=(), text=ImportedText("a" * 64, 60))
    text = text_of(fill(default_template(), of(replace(whole(), session=session))))
    assert not re.search(r"\d:\d\d:\d\d", text) and "Procès-verbal, sans enregistrement." in text


def of(given: Script) -> Minutes:
    return minutes(given, "Rivemont", timecodes=True)


def test_names_that_look_like_tags_stay_text(hostile: Script) -> None:
    text = text_of(fill(default_template(), minutes(hostile, "R", timecodes=True)))
    assert 'Jean <b>-->"& {{ 7*7 }} =SUM(A1)' in text and "49" not in text


def test_every_field_is_documented_and_can_be_written(settings: Settings) -> None:
    told = documented()
    assert all(says for fields in told.values() for says in fields.values())
    assert list(told[""]) == list(Minutes.__dataclass_fields__)
    lists = {name for name, of in Minutes.__annotations__.items() if str(of).startswith("tuple")}
    assert lists <= {*told, "ordre_du_jour"}
    keep(settings, made_of(*(f"{{{{ {name} }}}}" for name in told[""] if name not in lists)))
    filled = text_of(fill(template(settings), samples("Rivemont")[0]))
    assert "Rivemont" in filled and "Prénom Nom" in filled


def test_the_citys_own_template_is_kept_used_and_given_up(settings: Settings) -> None:
    assert own_template(settings) is None and template(settings) == default_template()
    keep(settings, made_of("Commune de {{ ville }}"))
    assert text_of(fill(template(settings), samples("Rivemont")[0])) == "Commune de Rivemont\n"
    drop(settings)
    drop(settings)
    assert template(settings) == default_template()


def test_a_template_that_libreoffice_saved_is_filled(settings: Settings) -> None:
    """Made by LibreOffice 7.4: tags cut by bold, by a language and by a bookmark, in a list, in the
    rows of a table, in header and footer.
    """
    keep(settings, (GOLDEN / "minutes_libreoffice.docx").read_bytes())
    given = samples("Rivemont")[0]
    made = fill(template(settings), given)
    document = Document(BytesIO(made))
    section = document.sections[0]
    assert section.header.paragraphs[0].text == "Commune de Rivemont"
    assert section.footer.paragraphs[0].text.endswith(f", {given.date_courte}")
    told = [paragraph.text for paragraph in document.paragraphs]
    assert told[:2] == [f"Procès-verbal, {given.titre}", f"Séance du {given.date}"]
    assert told[2:-1] == [f"{one.nom}, {one.groupe}" for one in given.presents]
    rows = [tuple(cell.text for cell in row.cells) for row in document.tables[0].rows]
    assert rows == [(point.numero, point.titre) for point in given.points] and rows
    assert document.core_properties.author == "Rivemont"
    with ZipFile(BytesIO(made)) as package:
        assert package.namelist().count("docProps/core.xml") == 1


WRONG = {
    "{{ titer }}": "champ « titer »",
    "{% if not horaires and titer %}x{% endif %}": "champ « titer »",
    "{% for p in points %}{{ p.titer }}{% endfor %}": "champ « titer »",
    "{% for p in points %}{{ p.titre }}": "pas fermée",
    "{{ titre }}{% endif %}": "« endif » n'est pas attendue",
    "{{ titre | majuscule }}": "filtre « majuscule »",
    "{{ titre": "accolades",
    "{{ titre * 1000000 }}": "n'est pas permise",
    "{{ titre.upper() }}": "champ « upper »",
    "{{ titre.__class__.__mro__ }}": "champ « __class__ »",
    "{{ points.__len__ }}": "champ « __len__ »",
    "{{ lipsum() }}": "champ « lipsum »",
    "{% for i in range(9999999) %}x{% endfor %}": "champ « range »",
    "{% include '/etc/passwd' %}": "en inclure un autre",
    "{% import 'os' as os %}": "en inclure un autre",
}


@pytest.mark.parametrize(("tag", "told"), WRONG.items())
def test_a_wrong_tag_is_named_and_the_template_before_stays(
    settings: Settings, tag: str, told: str
) -> None:
    keep(settings, made_of("{{ titre }}"))
    before = template(settings)
    with pytest.raises(BadInput) as refused:
        keep(settings, made_of("{{ ville }}", tag))
    assert told in str(refused.value), refused.value
    assert template(settings) == before


def packed(change: Callable[[str, bytes], bytes | None], **more: bytes) -> bytes:
    """Our template with parts changed, left out or added."""
    saved = BytesIO()
    with (
        ZipFile(BytesIO(default_template())) as given,
        ZipFile(saved, "w", ZIP_DEFLATED) as made,
    ):
        for name in given.namelist():
            if (content := change(name, given.read(name))) is not None:
                made.writestr(name, content)
        for name, content in more.items():
            made.writestr(name, content)
    return saved.getvalue()


def same(_name: str, content: bytes) -> bytes:
    return content


def elsewhere(name: str, content: bytes) -> bytes:
    link = b'<Relationship Id="x1" Type="x/image" Target="http://x/a.png" TargetMode="External"/>'
    added = content.replace(b"</Relationships>", link + b"</Relationships>")
    return added if name.endswith("document.xml.rels") else content


def entities(name: str, content: bytes) -> bytes:
    doctype = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
    return doctype + content if name == "word/document.xml" else content


HARMFUL = {
    "not a zip": (b"%PDF-1.7", "n'est pas un document Word"),
    "no text": (packed(lambda n, c: None if n == "word/document.xml" else c), "Word"),
    "macros": (packed(same, **{"word/vbaProject.bin": b"x"}), "macros"),
    "elsewhere": (packed(elsewhere), "ailleurs"),
    "entities": (packed(entities), "DOCTYPE"),
    "bomb": (packed(same, **{"word/media/x.bin": b"0" * (61 << 20)}), "volumineux"),
    "large": (b"PK" + b"0" * (6 << 20), "5 Mo"),
    "broken": (packed(lambda n, c: c[:200] if n == "word/document.xml" else c), "rempli"),
}


@pytest.mark.parametrize("kind", HARMFUL)
def test_what_is_no_harmless_document_is_refused(settings: Settings, kind: str) -> None:
    given, told = HARMFUL[kind]
    with pytest.raises(BadInput, match=told):
        keep(settings, given)
    assert own_template(settings) is None


def test_its_properties_are_the_citys_and_the_sessions(settings: Settings) -> None:
    theirs = Document()
    theirs.core_properties.author = theirs.core_properties.last_modified_by = "Jean Dupont"
    theirs.core_properties.comments = "à revoir avec J."
    saved = BytesIO()
    theirs.save(saved)
    given = replace(samples("Rivemont")[0], titre="Séance " + "longue " * 60)
    for made in (fill(saved.getvalue(), given), fill(template(settings), given)):
        about = Document(BytesIO(made)).core_properties
        assert (about.author, about.last_modified_by) == ("Rivemont", "Rivemont")
        assert about.title.startswith("Séance longue") and about.comments == ""
        assert about.created is not None and about.created.year > 2013  # python-docx's own


def test_a_session_with_nothing_fills_our_template() -> None:
    empty = replace(whole(), chapters=())
    check(default_template(), (minutes(empty, "", timecodes=True),))
