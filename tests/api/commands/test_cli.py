"""The command: exit codes, one clear sentence for a mistake, JSON that is the dataclass itself."""

import io
import json
import sys
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from api import cli
from api.answers.answer import Answer
from api.commands.french import agreed
from api.product import Product
from ingest.archive import audit
from ingest.archive.checkpoints import again_id, job_id
from ingest.archive.repository import open_archive
from ingest.errors import Corrupt
from ingest.settings import Settings
from tests.conftest import small_session
from tests.support.closed_site import AGENDA, draft
from tests.support.redaction_site import SITTING
from tests.support.word_embedder import WordEmbedder

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command in a folder of its own; returns exit code, output and messages."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VERBATIM_DATA", str(tmp_path / "data"))

    def call(*arguments: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["verbatim", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        code: object = 0
        try:
            cli.main()
        except SystemExit as end:
            code = end.code
        printed = capsys.readouterr()
        return int(str(code or 0)), printed.out, " ".join(printed.err.split())

    return call


@pytest.fixture
def kept(tmp_path: Path) -> str:
    """A draft in the data directory; its id."""
    settings = Settings(data=tmp_path / "data", _env_file=None)
    session, transcript = small_session(texts=["Bonjour à tous.", "L'école coûte cher."])
    open_archive(settings.database_url).save(session, transcript)
    return session.id


MISTAKES = [
    (["ingest", "absent.mp4", "--title", "T", "--date", "2025-01-01"], "absent.mp4"),
    (["ingest", "texte.mp3", "--title", "T", "--date", "2025-01-01"], "texte.mp3"),
    (["ingest", "texte.mp3", "--title", "T", "--date", "hier"], "AAAA-MM-JJ"),
    (
        ["ingest", "texte.mp3", "--title", "T", "--date", "2025-01-01", "--roster", "non.csv"],
        "non.csv",
    ),
    (["publish", "absente"], "absente"),
    (["withdraw", "absente"], "absente"),
    (["export", "absente"], "absente"),
    (["review", "absente"], "absente"),
    (["export", "absente", "--format", "odt"], "odt"),
    (["demo", "vide"], "vide"),
    (["publish"], "Il manque 'sessions'."),
    (["publish", "--tout"], "L'option --tout n'existe pas."),
    (["asq"], "La commande 'asq' n'existe pas. Plutôt 'ask' ?"),
    (["ask", "--jsno"], "L'option --jsno n'existe pas."),
    (["search", "école", "--limit"], "L'option '--limit' attend une valeur."),
    (["search", "école", "--limit", "0"], "'--limit' ne convient pas : au moins 1."),
]


@pytest.mark.parametrize(("arguments", "told"), MISTAKES)
def test_a_mistake_is_one_sentence_and_code_2(
    arguments: list[str], told: str, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "texte.mp3").write_text("ce n'est pas un son " * 100)
    code, out, err = run(*arguments)
    assert code == 2
    assert told in err.replace("\n", " ")
    assert "Erreur" in err and "Traceback" not in err
    assert out == ""
    assert run("sessions", "--json")[1].strip() == "[]"


def test_a_help_is_in_french(run: Run) -> None:
    for asked in (["--help"], ["user", "--help"], ["search", "--help"], ["publish", "--help"], []):
        code, out, err = run(*asked)
        assert (code, err) == (0 if asked else 2, "")
        assert "Montrer cette aide." in out
        for english in ("COMMAND ", "Show", "default", "required", "Commands"):
            assert english not in out


@pytest.mark.parametrize("typed", ["- la motion 3 ?", "-la motion", "--- et l'école ?"])
def test_a_question_may_begin_with_a_dash(typed: str, run: Run) -> None:
    assert run("votes", typed) == (0, "Aucun vote n'a été trouvé.\n", "")


@pytest.mark.parametrize(
    ("typed", "is_yes"), [("oui", True), ("O", True), ("", False), ("n", False)]
)
def test_what_is_without_return_is_asked_in_french(
    typed: str, is_yes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed + "\n"))
    assert agreed("Continuer ?") is is_yes


def test_our_own_failure_is_code_1(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_self: Product, _id: str, **_more: object) -> None:
        raise Corrupt("L'archive se contredit.")

    monkeypatch.setattr(Product, "publish", fail)
    code, _, err = run("publish", "x")
    assert (code, err) == (1, "Erreur : L'archive se contredit.")


def test_sessions_lists_drafts(run: Run, kept: str) -> None:
    code, out, _ = run("sessions")
    assert code == 0
    assert kept in out and "brouillon" in out
    (session,) = json.loads(run("sessions", "--json")[1])
    assert session["status"] == "draft" and session["date"] == "2025-03-11"


def test_sessions_tells_of_transcriptions_that_wait_and_of_nothing_else(
    run: Run, kept: str, tmp_path: Path
) -> None:
    work = tmp_path / "data" / "work"
    for other in ("copie-1a2b", "silence-3c", "wave-4d"):  # of sound that is read or redacted
        (work / other).mkdir(parents=True)
    assert run("sessions")[2] == ""
    job = job_id(["a"], None)
    for folder in (job, again_id(kept, job)):
        (work / folder).mkdir()
    assert "2 transcription(s) en cours ou interrompue(s)" in run("sessions")[2]


@pytest.fixture
def closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Product:
    """A draft with a point in camera, in the data that commands open."""
    monkeypatch.setattr(Product, "embedder", WordEmbedder())
    return draft(tmp_path / "data", *AGENDA)


def test_a_point_in_camera_is_kept_for_the_office_and_given_back(run: Run, closed: Product) -> None:
    code, out, err = run("publish", SITTING, "--json")
    assert code == 0 and json.loads(out)["status"] == "published"
    assert f"verbatim reopen {SITTING} --from 0:00:07" in err.replace("\n", " ")
    assert "Untel" not in run("export", SITTING, "--format", "txt")[1]
    assert run("reopen", SITTING, "--from", "0:00:09")[0] == 2
    assert run("reopen", SITTING, "--from", "7")[0] == 0
    assert "Untel" in run("export", SITTING, "--format", "txt")[1]


def test_a_point_can_be_kept_or_be_public_by_its_number(run: Run, closed: Product) -> None:
    assert run("close", SITTING, "--point", "7", "--keep")[0] == 2
    code, out, _ = run("close", SITTING, "--point", "3", "--keep", "--json")
    assert code == 0 and json.loads(out)["span"]["start_ms"] == 10_000
    assert run("publish", SITTING, "--public-point", "3")[0] == 2
    assert run("publish", SITTING, "--public-point", "2")[0] == 0
    text = run("export", SITTING, "--format", "txt")[1]
    assert "Untel" in text and "piscine" not in text


def test_a_question_may_lean_on_those_before(run: Run, closed: Product) -> None:
    run("publish", SITTING)
    before = "Qu'a dit Claire Fontanet sur la piscine ?"

    def people(*arguments: str, stdin: str = "") -> list[list[str]]:
        lines = run("ask", *arguments, "--json", stdin=stdin)[1]
        chips = [one["asked"]["chips"] for one in values_of(lines)]
        return [[chip["value"] for chip in some if chip["field"] == "personne"] for some in chips]

    assert people("Et la crèche ?") == [[]]
    assert people("Et la crèche ?", "--after", before) == [["Claire Fontanet"]]
    typed = f"{before}\nEt la crèche ?\n"
    assert people(stdin=typed) == [["Claire Fontanet"], []]
    assert people("--follow", stdin=typed) == [["Claire Fontanet"], ["Claire Fontanet"]]


def values_of(text: str) -> list[dict[str, Any]]:
    """The JSON values that a command printed, one after the other."""
    found, at = [], 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        value, end = json.JSONDecoder().raw_decode(text, at)
        found.append(value)
        at = end
    return found


def test_points_without_a_time_are_asked_for(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Product, "embedder", WordEmbedder())
    draft(tmp_path / "data", AGENDA[0], replace(AGENDA[2], start_ms=None))
    code, _, err = run("publish", SITTING)
    assert code == 2 and "Sans temps dans la séance : « 3 Piscine »" in err
    assert f"verbatim publish {SITTING} --without-times" in err
    assert run("publish", SITTING, "--without-times")[0] == 0
    assert run("publish", SITTING)[0] == 0  # what readers see stays so


def test_a_point_in_camera_without_a_time_is_refused_with_what_settles_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Product, "embedder", WordEmbedder())
    draft(tmp_path / "data", AGENDA[0], replace(AGENDA[1], start_ms=None))
    code, _, err = run("publish", SITTING)
    assert code == 2 and "Le point 2 « Recours (huis clos) » est à huis clos" in err
    assert f"verbatim publish {SITTING} --public-point 2" in err
    code, out, err = run("publish", SITTING, "2025-01-01-absente", "--json")
    assert code == 2 and json.loads(out) == []
    assert SITTING in err and "2025-01-01-absente" in err


def test_a_session_is_exported_as_data_text_or_a_document(
    run: Run, kept: str, tmp_path: Path
) -> None:
    transcript = json.loads(run("export", kept)[1])
    assert transcript["session"]["id"] == kept
    assert transcript["turns"][0]["words"][0] == [0, 300, "Bonjour", 0.9]
    assert run("export", kept, "--json")[1] == run("export", kept)[1]
    assert "[0:00:00]" in run("export", kept, "--format", "txt", "--timecodes")[1]
    file = tmp_path / "pv.docx"
    assert run("export", kept, "--format", "docx", "--output", str(file))[0] == 0
    assert file.read_bytes().startswith(b"PK")
    assert run("export", kept, "--output", str(tmp_path / "non" / "pv.txt"))[0] == 2


def test_a_clerks_word_on_a_voice_beats_all_else(run: Run, kept: str) -> None:
    code, out, _ = run("voices", kept)
    assert code == 0 and "S1" in out
    assert run("name", kept, "S1", "Zoé Inconnue")[0] == 2
    assert run("name", kept, "S9", "Claire Fontanet")[0] == 2
    code, out, _ = run("name", kept, "S1", "Claire Fontanet", "--json")
    assert code == 0
    told = json.loads(out)
    assert (told["person"], told["evidence"], told["confidence"]) == ("Claire Fontanet", "clerk", 1)
    assert "Claire Fontanet" in run("voices", kept)[1]
    assert run("name", kept, "S1", "")[0] == 0
    assert json.loads(run("voices", kept, "--json")[1])[0]["person"] is None


def test_everything_is_saved_and_restored_elsewhere(
    run: Run, kept: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _, err = run("backup", "un.tar")
    assert code == 1 and f"media/{kept}/listen" in err  # its sound is not there
    sound = tmp_path / "data" / "media" / kept
    sound.mkdir(parents=True)
    for form in ("opus", "mp3"):
        (sound / f"listen.{form}").write_bytes(form.encode())
    code, _, err = run("backup", "un.tar")
    assert code == 0 and "2 fichiers et la base" in err
    assert json.loads(run("backup", "deux.tar", "--json")[1])["files"] == 2
    code, _, err = run("backup", "un.tar")
    assert code == 2 and "existe déjà" in err
    code, _, err = run("restore", "un.tar")
    assert code == 2 and "n'est pas vide" in err
    assert run("restore", "trois.tar")[0] == 2
    monkeypatch.setenv("VERBATIM_DATA", str(tmp_path / "ailleurs"))
    code, _, err = run("restore", "un.tar")
    assert code == 0 and "verbatim verify" in err
    assert (tmp_path / "ailleurs" / "media" / kept / "listen.mp3").read_bytes() == b"mp3"
    (session,) = json.loads(run("sessions", "--json")[1])
    assert session["id"] == kept
    url = Settings(data=tmp_path / "ailleurs", _env_file=None).database_url
    with open_archive(url).engine.connect() as db:
        [newest] = audit.newest(db, 1)
    assert (newest.who, newest.action, newest.what) == ("console", "data.restore", "un.tar")


def test_proxies_on_other_machines_are_believed_once_they_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert cli.server_config().forwarded_allow_ips == "127.0.0.1"
    monkeypatch.setenv("VERBATIM_PROXIES", "10.0.0.5, 10.1.0.0/16")
    assert cli.server_config().forwarded_allow_ips == "10.0.0.5, 10.1.0.0/16"


def test_not_everybody_is_believed_to_be_a_proxy(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERBATIM_PROXIES", "*")
    code, _, err = run("serve", "--port", "0")
    assert code == 2 and "VERBATIM_PROXIES" in err


@pytest.mark.models
def test_a_text_in_which_nobody_speaks_is_told_and_not_published(run: Run, tmp_path: Path) -> None:
    bad = "00:00:09.000 --> 00:00:08.000\nperdu\n"
    cue = "00:00:01.000 --> 00:00:02.000\nBonsoir.\n\n00:00:02.000 --> 00:00:03.000\nMerci.\n\n"
    (tmp_path / "2024-05-14.vtt").write_text(cue + bad)
    code, out, err = run("import", "2024-05-14.vtt", "--publish", "--json")
    assert (code, json.loads(out)[0]["status"]) == (0, "draft")
    assert "0 intervenant" in err and "ligne 7" in err and "00:00:08.000" in err


def test_questions_from_standard_input_one_answer_a_line(run: Run, kept: str) -> None:
    assert run("publish", kept)[0] == 0
    questions = "Que dit-on de l'école ?\nCombien coûte l'école ?\n\n"
    code, out, _ = run("ask", "--json", stdin=questions)
    assert code == 0
    answers = [json.loads(line) for line in out.splitlines()]
    assert [a["state"] for a in answers] == ["answer", "nothing", "nothing"]
    names = {field.name for field in fields(Answer)}
    assert set(answers[0]) == names - {"query"} | {"asked", "refused", "near"}
    assert answers[0]["citations"][0]["quote"] == "L'école coûte cher."
    code, out, _ = run("search", "école")
    assert code == 0 and "L'école coûte cher." in out
    assert run("ask", "école " * 200)[0] == 2  # too long here as well
    assert run("withdraw", kept)[0] == 0
    assert json.loads(run("ask", "Combien coûte l'école ?", "--json")[1])["refused"]


def test_a_password_is_taken_from_standard_input_and_never_from_the_command_line(
    run: Run, kept: str, tmp_path: Path
) -> None:
    for address in ("postgresql+psycopg://a:secret@h/b", "postgresql+psycopg://h/b?password=x"):
        code, _, told = run("migrate", "--to", address)
        assert code == 2 and "VERBATIM_MIGRATE_TO" in told and "secret" not in told
    other = f"sqlite:///{tmp_path}/autre.sqlite"
    code, _, told = run("migrate", "--to", "-", stdin=f"{other}\n")
    assert code == 0 and "copiées et relues" in told
    assert open_archive(other).status(kept) is not None
