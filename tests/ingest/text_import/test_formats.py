"""Texts without sound: read in each format, named, placed on a line of words, kept whole."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.archive.repository import Archive
from ingest.errors import BadInput, Conflict
from ingest.languages import language_of
from ingest.text_import.document import Document, TextParagraph, TextPoint, tidy
from ingest.text_import.formats import Form, read_documents
from ingest.text_import.importer import Imported, TextRequest, import_texts
from ingest.text_import.speaker_names import Directory
from ingest.transcript import AgendaItem, Evidence, Person, Session, Status, Transcript
from tests.support import paths
from tests.support.office_documents import pdf, word

MINUTES = """Procès-verbal de la séance

Ordre du jour

1. Communications
2. Proposition PR-12
3. Divers

1. Communications

**La présidente.** Bonsoir à toutes et à tous. Nous avons reçu
deux lettres.

Elles sont au secrétariat.

2. Proposition PR-12 du Conseil administratif, crédit de 2 400 000 francs.

Mme Claire Fontanet (PS). Trois raisons nous convainquent :

1. La sécurité des élèves

2. Le climat

Nous voterons cette proposition.

(Applaudissements.)

M. Rochat (PLR) : C'est trop cher : nous refusons.
Mme Fontanet : Je m'étonne de cette position.

Mise aux voix, la proposition est acceptée par 41 oui contre 27 non.

La parole n'est plus demandée.

3. Divers

Intervention de M. le conseiller administratif Delcourt

Je vous remercie de vos questions.
"""
TEI = """<?xml version="1.0" encoding="UTF-8"?>
<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><fileDesc>
<titleStmt><title>Séance ordinaire</title></titleStmt></fileDesc><profileDesc>
<settingDesc><setting><date when="2024-05-14">14 mai</date></setting></settingDesc>
<particDesc><listPerson><person xml:id="FC"><persName><surname>Fontanet</surname>
<forename>Claire</forename></persName></person></listPerson></particDesc></profileDesc></teiHeader>
<text><body><div><head n="2">Motion M-7 : les arbres</head>
<note type="speaker">La présidente :</note><u who="#inconnue"><seg>Vous avez la parole.</seg></u>
<u who="#FC"><seg xml:lang="fr">Merci <note>rires</note> beaucoup.</seg><seg>Je conclus.</seg></u>
<note>Vote : 41 oui.</note></div></body></text></TEI>"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return path

    return write


def request(*files: Path, **values: object) -> TextRequest:
    return TextRequest(files, titled=lambda day: f"Séance {day}", **values)  # type: ignore[arg-type]


def kept(archive: Archive, *files: Path, **values: object) -> tuple[Session, Transcript]:
    """The one session of some files, as the archive gives it back."""
    ((found),) = import_texts(request(*files, **{"day": date(2024, 5, 14), **values}), archive)
    return archive.session(found.session.id), archive.transcript(found.session.id)


def speeches(document: Document) -> list[TextParagraph]:
    """The entries of a document in which nothing else stands."""
    said = [entry for entry in document.entries if isinstance(entry, TextParagraph)]
    assert len(said) == len(document.entries)
    return said


def who_says(transcript: Transcript) -> list[tuple[str | None, str]]:
    return [(transcript.person(turn), turn.text) for turn in transcript.turns]


def test_minutes_give_the_speakers_and_what_is_no_speech(
    archive: Archive, write: Callable[[str, str], Path]
) -> None:
    session, transcript = kept(archive, write("pv.txt", MINUTES))
    assert who_says(transcript) == [
        (None, "Procès-verbal de la séance"),
        (None, "Ordre du jour"),
        (None, "1. Communications"),
        (None, "2. Proposition PR-12"),
        (None, "3. Divers"),
        ("La présidente", "Bonsoir à toutes et à tous. Nous avons reçu deux lettres."),
        ("La présidente", "Elles sont au secrétariat."),
        ("Claire Fontanet", "Trois raisons nous convainquent :"),
        ("Claire Fontanet", "1. La sécurité des élèves"),
        ("Claire Fontanet", "2. Le climat"),
        ("Claire Fontanet", "Nous voterons cette proposition."),
        (None, "(Applaudissements.)"),
        ("M. Rochat", "C'est trop cher : nous refusons."),
        ("Claire Fontanet", "Je m'étonne de cette position."),
        (None, "Mise aux voix, la proposition est acceptée par 41 oui contre 27 non."),
        (None, "La parole n'est plus demandée."),
        ("M. Delcourt", "Je vous remercie de vos questions."),
    ]
    assert [(i.number, i.object) for i in session.agenda] == [
        ("1", None),
        ("2", "PR-12"),
        ("3", None),
    ]
    assert session.agenda_item_at(transcript.turns[10].start_ms) == session.agenda[1]
    assert session.person("Claire Fontanet") == Person("Claire Fontanet", "", "PS")
    assert session.person("M. Delcourt") == Person("M. Delcourt", "conseiller administratif")
    assert {s.evidence for s in transcript.speakers} == {Evidence.CLERK}


def test_a_word_of_a_text_is_one_step_of_its_time_line(
    archive: Archive, write: Callable[[str, str], Path]
) -> None:
    session, transcript = kept(archive, write("pv.txt", MINUTES))
    words = [word for turn in transcript.turns for word in turn.words]
    assert [(w.start_ms, w.end_ms) for w in words] == [(n, n + 1) for n in range(len(words))]
    assert session.duration_ms == len(words)
    assert (session.has_audio, session.parts, session.status) == (False, (), Status.DRAFT)


def test_the_clerks_lists_say_who_is_meant_and_what_the_points_are(
    archive: Archive, write: Callable[[str, str], Path]
) -> None:
    roster = (
        Person("Julien Rochat", "conseiller municipal"),
        Person("Hélène Baudin", "présidente"),
        Person("Antoine Delcourt"),
    )
    agenda = (AgendaItem("2", "Piste cyclable", "PR-12"), AgendaItem("9", "Absent"))
    session, transcript = kept(archive, write("pv.txt", MINUTES), roster=roster, agenda=agenda)
    names = dict.fromkeys(name for name, _ in who_says(transcript) if name)
    assert list(names) == ["Hélène Baudin", "Claire Fontanet", "Julien Rochat", "Antoine Delcourt"]
    assert session.person("Julien Rochat") == Person("Julien Rochat", "conseiller municipal", "PLR")
    assert [(i.title, i.start_ms) for i in session.agenda] == [
        ("Piste cyclable", transcript.turns[7].start_ms),
        ("Absent", None),
    ]


def test_names_before_a_colon_count_when_they_come_back(write: Callable[[str, str], Path]) -> None:
    text = "Julien Rochat : Oui.\nClaire Fontanet : Je dis ceci : non.\nOUI : 41\nNON : 27\n"
    (document,) = read_documents(write("pv.txt", text + text))
    assert [(e.person.name if e.person else None, e.text) for e in speeches(document)][:2] == [
        ("Julien Rochat", "Oui."),
        ("Claire Fontanet", "Je dis ceci : non. OUI : 41 NON : 27"),
    ]
    (alone,) = read_documents(write("pv2.txt", "Ordre du jour : le budget.\nNotez ceci : rien."))
    assert [e.person for e in speeches(alone)] == [None]


def test_what_minutes_report_has_no_speaker(write: Callable[[str, str], Path]) -> None:
    text = "Mme Fontanet : Bonsoir.\n\nM. Rochat (PLR) estime que non.\n\nMme Keller s'y oppose.\n"
    (document,) = read_documents(write("pv.txt", text))
    assert [e.person for e in speeches(document)] == [Person("Mme Fontanet"), None, None]


def test_what_is_told_between_quoted_speeches_is_put_in_nobodys_mouth(
    write: Callable[[str, str], Path],
) -> None:
    text = (
        "M. Rochat (PLR) : Le pont coûte cher.\n\n"
        "Mme Keller nous dit le contraire, et je la comprends.\n\n"
        "Mme Keller demande si les piétons passeront.\n\n"
        "M. Delcourt, conseiller administratif, répond que oui.\n\n"
        "Mme Fontanet (PS) : Merci.\n\nM. Rochat (PLR) : De rien.\n"
    )
    (document,) = read_documents(write("pv.txt", text))
    assert [e.person.name if e.person else None for e in speeches(document)] == [
        *("M. Rochat", "M. Rochat", None, None, "Mme Fontanet", "M. Rochat")
    ]


def test_printed_minutes_have_paragraphs_and_lose_what_repeats_on_each_page(
    tmp_path: Path,
) -> None:
    pages = [
        (
            "Rivemont, Conseil municipal",
            f"La réfection est {kind}.",
            "M. Rochat (PLR) : Le pont des Tilleuls coûtera neuf cent mille francs à la com-",
            "mune, dit la vice-",
            "présidente, et nous ne pouvons attendre.",
            f"Mme Fontanet (PS) : Je soutiens la réfection {kind} de ce pont, que les gens",
            f"Page {number} / 3",
        )
        for number, kind in enumerate(("utile", "urgente", "attendue"), 1)
    ]
    path = tmp_path / "2019-05-14 pv.pdf"
    path.write_bytes(pdf(*pages[0], more=pages[1:]))
    (document,) = read_documents(path)
    said = [entry.text for entry in speeches(document)]
    assert said[1].endswith("à la commune, dit la vice-présidente, et nous ne pouvons attendre.")
    assert not any("Page" in text or "Conseil municipal" in text for text in said)


def speech(**fields: object) -> str:
    return json.dumps({"date": "20240514", "text": "Bonjour.", **fields}, ensure_ascii=False) + "\n"


def test_speeches_are_grouped_into_sessions_whatever_their_fields_are_called(
    archive: Archive, write: Callable[[str, str], Path]
) -> None:
    lines = (
        speech(council="S", speaker="Vara Céline", party="G", business_title_fr="Loi")
        + speech(
            council="N", Orateur="X", texte="[VS][GZ]\nUn.[NB]Deux [...][PAGE 12]\nTrois", text=None
        )
        + "\n"
        + speech(
            council="S", speaker="Stark Jakob", party="V", business_title_fr="Loi", objet="22.085"
        )
    )
    path = write("debats.jsonl", lines)
    found = import_texts(request(path, bodies={"S": "Conseil des États"}), archive)
    assert [(i.session.id, i.session.body) for i in found] == [
        ("2024-05-14-s", "Conseil des États"),
        ("2024-05-14-n", "N"),
    ]
    assert who_says(archive.transcript("2024-05-14-n")) == [("X", "Un. Deux [...] Trois")]
    assert found[0].session.agenda == (
        AgendaItem("1", "Loi", None, 0),
        AgendaItem("2", "Loi", "22.085", 1),
    )
    assert found[0].session.roster == (
        Person("Vara Céline", "", "G"),
        Person("Stark Jakob", "", "V"),
    )


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "ligne 2"),
        ("[1]", "ligne 2"),
        ('{"texte brut": "x"}', "« text » manque"),
        ('{"text": 1.5}', "doit être du texte"),
        ('{"text": "x", "date": "hier"}', "« hier » ne se lit pas"),
        ('{"text": "x", "date": "2024-02-31"}', "ligne 2"),
        ("[" * 100_000, "ligne 2"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_kept(
    archive: Archive, write: Callable[[str, str], Path], line: str, told: str
) -> None:
    with pytest.raises(BadInput, match=told):
        import_texts(request(write("d.jsonl", speech() + line)), archive)
    assert archive.sessions() == ()


def test_subtitles_keep_their_words_and_the_names_they_give(
    archive: Archive, write: Callable[[str, str], Path]
) -> None:
    vtt = (
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Claire Fontanet>Bonsoir &amp; <i>bonne</i> nuit"
        "</v>\n\n00:02.000 --> 00:03.000\n<v Claire Fontanet>à tous.</v>\n\n"
        "00:04.000 --> 00:05.000\n<v Julien Rochat>Merci.</v>\n"
    )
    _, transcript = kept(archive, write("s.vtt", vtt))
    assert who_says(transcript) == [
        ("Claire Fontanet", "Bonsoir & bonne nuit à tous."),
        ("Julien Rochat", "Merci."),
    ]
    srt = (
        "1\n00:00:01,000 --> 00:00:02,000\nIl dit ceci : non.\n\n"
        "2\n00:00:09,000 --> 00:00:10,000\nBon.\n"
    )
    _, transcript = kept(archive, write("autre.srt", srt))
    assert who_says(transcript) == [(None, "Il dit ceci : non."), (None, "Bon.")]


def test_tei_gives_utterances_their_persons_and_notes_none(
    archive: Archive, write: Callable[[str, str], Path]
) -> None:
    session, transcript = kept(archive, write("s.xml", TEI), day=None)
    assert (session.title, session.date) == ("Séance ordinaire", date(2024, 5, 14))
    assert session.agenda == (AgendaItem("2", "Motion M-7 : les arbres", "M-7", 0),)
    assert who_says(transcript) == [
        ("La présidente", "Vous avez la parole."),
        ("Claire Fontanet", "Merci beaucoup."),
        (None, "rires"),
        ("Claire Fontanet", "Je conclus."),
        (None, "Vote : 41 oui."),
    ]


SPOKEN = """<TEI><teiHeader/><text><body><div><head>1. Accueil</head>
<sp who="#x"><speaker>Mme Anne Rey (PS) :</speaker><p>Bonsoir. <stage>Rires</stage></p></sp>
<stage>Applaudissements.</stage>
<sp><speaker>La présidente</speaker>Merci.</sp>
<p><speaker>M. Roy.</speaker> Je conclus.</p></div></body></text></TEI>"""


def test_tei_of_plays_gives_the_speakers_too(
    archive: Archive, write: Callable[[str, str], Path]
) -> None:
    session, transcript = kept(archive, write("pv.xml", SPOKEN))
    assert who_says(transcript) == [
        ("Anne Rey", "Bonsoir."),
        (None, "Rires"),
        (None, "Applaudissements."),
        ("La présidente", "Merci."),
        ("M. Roy", "Je conclus."),
    ]
    assert session.person("Anne Rey") == Person("Anne Rey", "", "PS")


CLOCKED = [
    "00:00:45 {0}\nBonjour à tous.\n\n00:01:10 {1}\nMerci.\n\n00:01:20 {2}\nOui.\n",
    "[00:00:45] {0} : Bonjour à tous.\n[00:01:10] {1} : Merci.\n[00:01:20] {2} : Oui.\n",
    "{0} 00:00:45\nBonjour à tous.\n{1} 00:01:10\nMerci.\n{2} 00:01:20\nOui.\n",
    "{0}   0:45\nBonjour à tous.\n\n{1}   1:10\nMerci.\n\n{2}   1:20\nOui.\n",
    "(00:45) - {0}\nBonjour à tous.\n\n(01:10) - {1}\nMerci.\n\n(01:20) - {2}\nOui.\n",
    "0:45 - 1:10\n{0}\nBonjour à tous.\n\n1:10 - 1:20\n{1}\nMerci.\n\n1:20 - 1:30\n{2}\nOui.\n",
    "{0}\n0:45 - 1:10\nBonjour à tous.\n\n{1}\n1:10 - 1:20\nMerci.\n\n{2}\n1:20 - 1:30\nOui.\n",
    "00:00:45\n{0}\nBonjour à tous.\n\n00:01:10\n{1}\nMerci.\n\n00:01:20\n{2}\nOui.\n",
    "00:00:45.120 --> 00:00:50.000 {0}\nBonjour à tous.\n\n00:01:10 --> 00:01:11 {1}\nMerci.\n"
    "\n00:01:20 --> 00:01:21 {2}\nOui.\n",
]


@pytest.mark.parametrize("text", CLOCKED)
def test_times_beside_names_are_no_words_and_the_names_speak(
    archive: Archive, write: Callable[[str, str], Path], text: str
) -> None:
    named = text.format("Anne Girard", "Paul Rey (PLR)", "Intervenant 2")
    session, transcript = kept(archive, write("pv.txt", named))
    assert who_says(transcript) == [
        ("Anne Girard", "Bonjour à tous."),
        ("Paul Rey", "Merci."),
        (None, "Oui."),
    ]
    assert session.person("Paul Rey") == Person("Paul Rey", "", "PLR")


def test_a_transcript_in_word_is_read_as_text(archive: Archive, tmp_path: Path) -> None:
    lines = "Anne Girard   0:45", "Bonjour à tous.", "Paul Rey   1:10", "Merci.", "Je conclus."
    (tmp_path / "réunion.docx").write_bytes(word(*lines))
    _, transcript = kept(archive, tmp_path / "réunion.docx")
    assert who_says(transcript) == [
        ("Anne Girard", "Bonjour à tous."),
        ("Paul Rey", "Merci."),
        ("Paul Rey", "Je conclus."),
    ]


def test_an_hour_that_minutes_tell_stays(write: Callable[[str, str], Path]) -> None:
    text = "La séance est ouverte.\n\n20:15 Mme Rey quitte la salle.\n\nM. Roy : Bonsoir.\n"
    (document,) = read_documents(write("pv.txt", text))
    assert [said.text for said in speeches(document)][1] == "20:15 Mme Rey quitte la salle."
    bare = "00:00:01 bonjour à tous\n00:00:05 et bienvenue\n00:00:09 voici\n"
    (document,) = read_documents(write("b.txt", bare))
    assert [said.text for said in speeches(document)] == ["bonjour à tous et bienvenue voici"]


def test_our_own_text_with_times_is_read_back(write: Callable[[str, str], Path]) -> None:
    text = (paths.ROOT / "tests/golden/sitting.txt").read_text("utf-8")
    (document,) = read_documents(write("pv.txt", text))
    said = [one for one in document.entries if isinstance(one, TextParagraph) and one.person]
    assert [one.person and one.person.name for one in said][:3] == [
        *("Hélène Baudin", "Hélène Baudin", "Julien Rochat"),
    ]
    assert not any("0:00" in one.text for one in said)


@pytest.mark.parametrize(
    ("first", "second", "people"),
    [
        ("Anne Martin Dupont", "Anne Martin", ["Anne Martin Dupont", "Anne Martin"]),
        ("Anne Martin", "Anne Martin Dupont", ["Anne Martin", "Anne Martin Dupont"]),
        ("Luc Roy et Eva Sand", "Luc Roy", ["Luc Roy et Eva Sand", "Luc Roy"]),
        ("Luc Roy et Eva Sand", "M. Roy", ["Luc Roy et Eva Sand", "M. Roy"]),
        ("Anne Martin Dupont", "Mme Martin Dupont", ["Anne Martin Dupont"]),
        ("Anne Martin Dupont", "Mme Dupont", ["Anne Martin Dupont"]),
        ("Anne Martin", "Martin Anne", ["Anne Martin"]),
    ],
)
def test_a_name_within_another_is_another_person(
    first: str, second: str, people: list[str]
) -> None:
    directory = Directory((), [Person(first), Person(second)])
    assert list(dict.fromkeys(directory.name(Person(one)) for one in (first, second))) == people


def test_namesakes_of_the_clerks_list_are_told_apart_by_their_group() -> None:
    roster = (
        Person("Jean Dupont (PLR)", "", "PLR"),
        Person("Jean Dupont (PS)", "", "PS"),
        Person("Marie Rey", "", "PS", "Marie Favre"),
    )
    directory = Directory(roster, [])
    assert directory.name(Person("M. Jean Dupont", "", "PS")) == "Jean Dupont (PS)"
    assert directory.name(Person("M. Dupont", "", "PLR")) == "Jean Dupont (PLR)"
    assert directory.name(Person("Jean Dupont")) == "Jean Dupont"
    assert directory.name(Person("Mme Favre")) == "Marie Rey"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Oui. (Applaudissements.) Non.", ["Oui.", None, "Non."]),
        ("Nous voulons (rires) agir. Non.", ["Nous voulons agir. Non.", None]),
        ("Oui [Vifs applaudissements sur les bancs de gauche].", ["Oui.", None]),
        ("(Brouhaha) Je conclus.", [None, "Je conclus."]),
        ("Oui. (M. Rey se lève.) Non.", ["Oui.", None, "Non."]),
        ("Le crédit (voir l'annexe 3) est bon.", ["Le crédit (voir l'annexe 3) est bon."]),
        ("L'article 3 [nouveau] suffit ; oui.", ["L'article 3 [nouveau] suffit ; oui."]),
    ],
)
def test_stage_directions_within_a_speech_stand_apart(
    write: Callable[[str, str], Path], text: str, parts: list[str | None]
) -> None:
    for name, written in (("pv.txt", f"M. Roy : {text}"), ("a.vtt", f"{CUE}<v M. Roy>{text}</v>")):
        (document,) = read_documents(write(name, written))
        assert [one.text if one.person else None for one in speeches(document)] == parts


CUE = "00:00:01.000 --> 00:00:09.000\n"


@pytest.mark.parametrize(
    ("xml", "told"),
    [
        ('<!DOCTYPE T [<!ENTITY a "ha">]><T>&a;</T>', "entités XML"),
        ('<!DOCTYPE T [<!ENTITY a SYSTEM "file:///etc/passwd">]><T>&a;</T>', "entités XML"),
        ('<!DOCTYPE T SYSTEM "tei.dtd"><T>&eacute;</T>', "entités XML"),
        ("<TEI>\n<text></TEI>", "ligne 2"),
        ("<TEI/>", "aucune parole"),
        ("<a>" * 5_000, "emboîtements"),
    ],
)
def test_xml_that_is_no_debate_or_is_an_attack_is_refused(
    write: Callable[[str, str], Path], xml: str, told: str
) -> None:
    with pytest.raises(BadInput, match=told):
        read_documents(write("s.xml", xml))


def test_a_text_that_is_kept_already_changes_nothing_and_a_changed_one_is_refused(
    archive: Archive, write: Callable[[str, str], Path]
) -> None:
    path = write("2024-05-14-pv.txt", MINUTES)
    (first,) = import_texts(request(path), archive)
    (again,) = import_texts(request(path, title="Autre", day=date(2001, 1, 1)), archive)
    assert (first.new, again) == (True, Imported(first.session, new=False))
    path.write_text(MINUTES + "\nUn mot de plus.\n", "utf-8")
    with pytest.raises(Conflict, match="verbatim withdraw 2024-05-14-pv"):
        import_texts(request(path), archive)
    assert [s.id for s in archive.sessions()] == ["2024-05-14-pv"]


def test_when_one_session_of_a_file_cannot_be_kept_none_is(
    archive: Archive, write: Callable[[str, str], Path]
) -> None:
    import_texts(request(write("a.jsonl", speech(session="b"))), archive)
    both = write("b.jsonl", speech(session="a") + speech(session="b", text="Autre chose."))
    with pytest.raises(Conflict):
        import_texts(request(both), archive)
    assert len(archive.sessions()) == 1


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("pv.txt", " \n\n ", "aucun texte"),
        ("pv.txt", "%PDF-1.7 ...", "texte brut"),
        ("pv.txt", "a" * 5_000, "est-ce bien du texte"),
        ("pv.srt", "rien", "aucun sous-titre"),
        ("d.jsonl", "\n", "aucune parole"),
    ],
)
def test_what_holds_no_text_is_refused_in_a_sentence(
    archive: Archive, write: Callable[[str, str], Path], name: str, text: str, told: str
) -> None:
    with pytest.raises(BadInput, match=told):
        kept(archive, write(name, text))


def test_a_text_without_a_date_asks_for_one(
    archive: Archive, write: Callable[[str, str], Path]
) -> None:
    with pytest.raises(BadInput, match="--date"):
        import_texts(request(write("pv.txt", "Bonjour.")), archive)


@given(st.text(max_size=300))
def test_any_string_is_text_and_none_of_its_visible_signs_is_lost(text: str) -> None:
    line = tidy(text)
    assert " ".join(line.split()) == line
    assert tidy(line) == line or "[" in text  # a mark may stand within the pieces of another
    line.encode("utf-8")


@pytest.mark.parametrize("form", [Form.TXT, Form.JSONL, Form.SRT, Form.VTT, Form.TEI])
@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_no_string_breaks_a_reader(
    tmp_path_factory: pytest.TempPathFactory, form: Form, text: str
) -> None:
    path = tmp_path_factory.mktemp("texts") / "x"
    path.write_bytes(text.encode())
    try:
        (document, *_) = read_documents(path, form)
    except BadInput:
        return
    assert all(isinstance(entry, TextParagraph | TextPoint) for entry in document.entries)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Je vous invite à soutenir la minorité de la commission, qui est sage.", "fr"),
        ("Ich bitte Sie, den Antrag der Minderheit zu unterstützen.", "de"),
        ("Nein.", None),
        ("", None),
    ],
)
def test_the_language_is_known_by_common_words_or_not_at_all(
    text: str, language: str | None
) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "18:30 Ouverture\nElle est ouverte.\n18:45 Budget 2026\nIl est présenté.\n19:10 Pause",
        "18:30 Ouverture\n\nLa séance est ouverte.\n\n19:10 Procès-verbal\n\nIl est approuvé.",
        "Ouverture : 18 h 30, par la présidente.\n\nDivers : rien.\n\nDivers : rien encore.",
    ],
)
def test_a_heading_beside_an_hour_speaks_nothing(
    write: Callable[[str, str], Path], text: str
) -> None:
    (document,) = read_documents(write("pv.txt", text))
    assert {one.person for one in speeches(document)} == {None}
