"""Rules of retention: what they erase and when, what holds stop, what is left for readers."""

import tarfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from fastapi.testclient import TestClient

from api.accounts.roles import Role
from api.assistants.tools import Tools
from api.commands.integrity import findings
from api.commands.keeping import commands as keeping
from api.product import Product
from api.redaction import order_due
from api.worker.worker import Worker
from ingest.archive import audit, retention, schema
from ingest.archive.backup import back_up
from ingest.archive.redactions import RedactionReason
from ingest.archive.retention import months_after
from ingest.editing.details import change_details, details_of, seal
from ingest.errors import Conflict, NotFound
from ingest.intake import intake, uploads
from ingest.intake.intake import ArrivalState
from ingest.jobs.queue import JobKind, claim
from ingest.redaction.redact import RedactionRequest
from search.index.withdraw import erase_session, redact_passage
from tests.support.office import signed_in
from tests.support.redaction_site import OTHER, SECRET_SPAN, SITTING, published_at
from tests.support.small_site import text_of
from web.administration.retention import _sources
from web.app import create_app

PAGE = "/bureau/conservation"
BODY = "Conseil municipal"
RULE = {"organe": BODY, "duree": "1", "unite": "ans"}
ERASED = "règle de conservation"


@pytest.fixture
def product(tmp_path: Path) -> Product:
    return published_at(tmp_path / "data", address="https://seances.example")


@pytest.fixture
def chief(product: Product) -> TestClient:
    return signed_in(create_app(product.deps(), product.desk()), "chef", Role.ADMINISTRATOR)


@pytest.fixture
def anyone(chief: TestClient) -> TestClient:
    return TestClient(chief.app, raise_server_exceptions=False)


def acts(product: Product) -> list[tuple[str, str, str]]:
    with product.archive.engine.connect() as db:
        entries = audit.newest(db)
    return [(e.who, e.action, e.what) for e in entries if e.action.startswith(("ret", "sound"))]


def months_ago(product: Product, days: int = 40) -> None:
    """Have the rules, and the sessions, be there for so long."""
    then = schema.now() - timedelta(days=days)
    with product.archive.begin() as db:
        db.execute(retention.rule_table.update().values(at=then))
        db.execute(schema.sessions.update().values(created_at=then))


def falls_due(product: Product, by: str = "chef") -> None:
    with product.archive.begin() as db:
        retention.set_rule(db, BODY, 12, by)
    months_ago(product)


def sound_in_backup(product: Product, target: Path) -> set[str]:
    """The sessions of which a backup that is made now holds sound."""
    back_up(product.archive, product.settings.data, product.blobs, target, lambda what: None)
    with tarfile.open(target) as tar:
        return {name.split("/")[1] for name in tar.getnames() if name.startswith("media/")}


def text(browser: TestClient, address: str) -> str:
    return " ".join(text_of(browser.get(address).text).split())


def test_months_are_counted_to_the_same_day_or_the_last_of_a_month() -> None:
    assert months_after(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert months_after(date(2025, 12, 31), 2) == date(2026, 2, 28)
    assert months_after(date(2025, 3, 11), 120) == date(2035, 3, 11)
    assert months_after(date(9990, 1, 1), 1200) == date.max


def test_a_rule_is_confirmed_once_its_effect_is_read_and_announced_a_month_ahead(
    product: Product, chief: TestClient
) -> None:
    assert "Aucune règle" in text(chief, PAGE)
    for wrong in (
        {"duree": "x"},
        {"duree": "0"},
        {"duree": "101"},
        {"duree": "9" * 5000},
        {"organe": ""},
    ):
        refused = chief.post(f"{PAGE}/regle", data=RULE | wrong | {"certain": "oui"})
        assert refused.status_code == 422, wrong
    asked = chief.post(f"{PAGE}/regle", data=RULE)
    assert asked.status_code == 200 and not acts(product), "nothing is set yet"
    assert "Le son de 2 séances déjà là" in text_of(asked.text)
    assert "son effacé après 1 an." in text_of(asked.text)
    with product.archive.begin() as db:
        retention.hold(db, OTHER, None, "recours", "greffe")
    assert "Le son de 1 séance déjà là" in text_of(chief.post(f"{PAGE}/regle", data=RULE).text)
    assert chief.post(f"{PAGE}/suspendre/1/lever").status_code == 303
    assert chief.post(f"{PAGE}/regle", data={**RULE, "certain": "oui"}).status_code == 303
    with product.archive.engine.connect() as db:
        listed = retention.due(db)
    assert {one.on for one in listed} == {schema.now().date() + timedelta(days=30)}
    order_due(product.archive, date.today())
    assert claim(product.archive, "w", [JobKind.ERASE_SOUND]) is None, "a month is left to object"
    assert "effacé 1 an après la séance" in text(chief, PAGE)
    assert "Le son sera effacé le" in text(chief, f"/bureau/seances/{SITTING}")
    assert chief.post(f"{PAGE}/regle", data={**RULE, "duree": ""}).status_code == 303
    rules = [what for _, action, what in acts(product) if action == "retention.rule"]
    assert rules == [f"{BODY} : sans limite", f"{BODY} : 12 mois"]


def test_clerks_hold_and_administrators_set_rules_and_lift(
    product: Product, chief: TestClient
) -> None:
    clerk = signed_in(chief.app, "greffe")  # type: ignore[arg-type]
    assert clerk.get(PAGE).status_code == 200
    assert clerk.post(f"{PAGE}/regle", data=RULE).status_code == 403
    assert clerk.post(f"{PAGE}/suspendre", data={"seance": SITTING}).status_code == 422
    hold = {"seance": SITTING, "motif": "recours 2026-114"}
    assert clerk.post(f"{PAGE}/suspendre", data=hold).status_code == 303
    assert "recours 2026-114" in text(clerk, PAGE)
    assert clerk.post(f"{PAGE}/suspendre/1/lever").status_code == 403
    assert chief.post(f"{PAGE}/suspendre/1/lever").status_code == 303
    assert acts(product) == [
        ("chef", "retention.lift", SITTING),
        ("greffe", "retention.hold", SITTING),
    ]


@pytest.mark.parametrize("held", [{"session_id": SITTING, "body": None}, {"body": BODY}])
def test_what_is_held_is_neither_erased_nor_redacted_nor_deleted(
    product: Product, held: dict[str, Any]
) -> None:
    falls_due(product)
    with product.archive.begin() as db:
        retention.hold(db, held.get("session_id"), held["body"], "recours", "greffe")
    order_due(product.archive, date.today())
    Worker(product).work("short")
    assert not product.redactor.erase_sound(SITTING, "greffe", date.today())
    assert product.archive.session(SITTING).has_audio
    with pytest.raises(Conflict, match="conservation légale"):
        erase_session(product.archive, SITTING)
    with pytest.raises(Conflict, match="conservation légale"):
        redact_passage(
            product.archive,
            SITTING,
            RedactionRequest(SECRET_SPAN, RedactionReason.ERASED, "greffe"),
        )
    with product.archive.begin() as db:
        retention.lift(db, 1, "chef")
        (one,) = retention.due(db, SITTING)
    assert one.on == schema.now().date() + timedelta(days=30), "announced anew"


def test_a_session_of_another_body_or_day_has_its_month_of_notice_and_a_hold_keeps_its_body(
    product: Product,
) -> None:
    falls_due(product)

    def change(**values: Any) -> None:
        details = details_of(product.archive.session(SITTING))
        made = replace(details, **values)
        assert change_details(product.changes, SITTING, seal(details), made, "greffe")

    change(date=date(1990, 1, 1))
    assert not product.redactor.erase_sound(SITTING, "machine", date.today())
    with product.archive.begin() as db:
        retention.hold(db, None, BODY, "recours", "greffe")
        with pytest.raises(NotFound):
            retention.hold(db, None, "Conseil municipale", "recours", "greffe")
    with pytest.raises(Conflict, match="conservation légale"):
        change(body="Commission")
    change(title="Séance ordinaire")


def test_the_worker_erases_what_falls_due_and_the_words_stay(
    product: Product, chief: TestClient, anyone: TestClient, tmp_path: Path
) -> None:
    media = tmp_path / "data" / "media"
    before = product.published.transcript(SITTING)
    cited = f"/seances/{SITTING}?t=4500-6000&r=1"
    sound = f"/api/sessions/{SITTING}/audio.mp3"
    assert anyone.get(sound).status_code == 200
    falls_due(product)
    order_due(product.archive, date.today())
    order_due(product.archive, date.today())
    worker = Worker(product)
    assert worker.work("short") and worker.work("short")
    assert list(media.iterdir()) == [] and not list(findings(product, lambda what: None))
    erased = [("machine", "sound.erase", one) for one in (SITTING, OTHER)]
    assert sorted(acts(product)[:-1]) == erased
    # Readers
    assert product.published.transcript(SITTING) == before
    assert ERASED in text(anyone, cited) and "data-opus" not in anyone.get(cited).text
    assert ERASED in text(anyone, f"/extrait/{SITTING}?t=4500-6000")
    assert ERASED in anyone.get(sound).json()["detail"]
    for media_file in ("clip.mp3?start_ms=4500&end_ms=6000", "audio.opus"):
        assert anyone.get(f"/api/sessions/{SITTING}/{media_file}").status_code == 404
    assert anyone.get(f"/extrait/{SITTING}/video.mp4?t=4500-6000").status_code == 404
    assert SITTING not in anyone.get("/flux/podcast.xml").text
    answer = anyone.get("/", params={"q": "Qui a dit que le crédit demandé est voté ?"}).text
    assert ERASED in answer and "data-clip" not in answer and "crédit" in answer
    kept = anyone.get(f"/seances/{SITTING}/export.json").json()
    assert kept["session"]["has_audio"] is False and kept["session"]["duration_ms"] == 20_000
    assert kept["session"]["sound_erased"] == date.today().isoformat()
    for form in ("txt", "vtt", "tei.xml", "jsonld", "akn.xml", "popolo.json", "docx"):
        exported = anyone.get(f"/seances/{SITTING}/export.{form}")
        assert exported.status_code == 200 and "audio.mp3" not in exported.text, form
    assert ERASED in anyone.get(f"/seances/{SITTING}/export.txt").text
    told = Tools(product.deps(), "").ask("Qui a dit que le crédit demandé est voté ?")
    assert [(one.sound, bool(one.start)) for one in told.citations[:1]] == [(None, True)]
    # The office
    for part in ("", "/relecture", "/votes", "/voix", "/ordre-du-jour", "/publication", "/apercu"):
        page = chief.get(f"/bureau/seances/{SITTING}{part}")
        assert page.status_code == 200 and "<source" not in page.text, part
    assert chief.get(f"/bureau/api/seances/{SITTING}/audio.mp3").status_code == 404
    assert "Sons effacés" in text(chief, PAGE)


def test_the_command_line_lists_what_falls_due_and_erases_it(
    product: Product,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("VERBATIM_DATA", str(tmp_path / "data"))
    falls_due(product)

    def told(*arguments: str) -> str:
        typer.main.get_command(keeping)([*arguments], standalone_mode=False)
        return capsys.readouterr().out

    listed = told("retention", "--dry-run")
    assert SITTING in listed and OTHER in listed and product.archive.session(SITTING).has_audio
    assert told("retention") == listed and told("retention") == ""
    assert not product.archive.session(SITTING).has_audio
    assert ("console", "sound.erase", SITTING) in acts(product)


def test_recordings_of_a_session_that_is_held_are_kept_though_it_is_published(
    product: Product,
) -> None:
    arrival = intake.new_id()
    with product.archive.begin() as db:
        intake.begin(db, arrival, "greffe")
        intake.add_file(db, arrival, "conseil.mp4", 10)
        db.execute(intake.arrivals.update().values(state=ArrivalState.DONE, session_id=SITTING))
        retention.hold(db, SITTING, None, "recours", "greffe")
        (listed,) = _sources(db, product.settings, {SITTING: "Séance"})
        assert listed.until is None
    uploads.drop_sources(product.archive, product.settings.data, keep_days=0)
    with product.archive.begin() as db:
        assert intake.arrival(db, arrival).files
        retention.lift(db, 1, "chef")
    uploads.drop_sources(product.archive, product.settings.data, keep_days=0)
    with product.archive.engine.connect() as db:
        assert not intake.arrival(db, arrival).files, "it is published"


def test_an_erasure_that_was_killed_is_ended_by_the_next(product: Product, tmp_path: Path) -> None:
    falls_due(product)
    with product.archive.begin() as db:
        assert retention.mark_erased(db, SITTING, "machine", date.today())
    (finding,) = findings(product, lambda what: None)
    assert finding.where == SITTING and "son effacé" in finding.what
    assert sound_in_backup(product, tmp_path / "between.tar") == {OTHER}
    assert product.redactor.erase_sound(SITTING, "machine", date.today())
    assert not (tmp_path / "data" / "media" / SITTING).exists()
    assert sound_in_backup(product, tmp_path / "after.tar") == {OTHER}
    assert [one for one in acts(product) if one[1] == "sound.erase"] == [
        ("machine", "sound.erase", SITTING)
    ]
