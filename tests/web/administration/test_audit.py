"""The log of what was done, and that an account can always manage the others."""

import re
from pathlib import Path

import pytest

from api.accounts import accounts
from api.accounts.roles import Role
from api.catalogue import catalogue
from api.deps import Deps
from api.desk import Desk
from ingest.archive import audit, reports, statistics
from ingest.archive.change_log import ChangeKind
from ingest.archive.reports import ReportPlace
from ingest.editing.edits import TextEdit
from ingest.editing.progress import mark
from ingest.transcript import Span
from tests.api.accounts.test_sign_in import browser, enter, person
from tests.support import paths
from tests.support.office import empty_office, signed_in, small_office
from tests.support.small_site import PUBLISHED, text_of
from web.site import LOCALE


def test_the_last_who_manages_stays(deps: Deps, tmp_path: Path) -> None:
    app = empty_office(deps, tmp_path)
    chief = signed_in(app, "chef", Role.ADMINISTRATOR)
    with app.state.desk.archive.begin() as db:
        mine = accounts.of_login(db, "chef").account.id
    told = [
        chief.post(f"/bureau/comptes/{mine}/fermer"),
        chief.post(f"/bureau/comptes/{mine}/role", data={"role": "clerk"}),
    ]
    assert [r.status_code for r in told] == [409, 409]
    assert "dernier compte" in told[0].text
    assert chief.get("/bureau/comptes").status_code == 200


def test_the_log_says_who_did_what_and_cannot_be_changed(deps: Deps, tmp_path: Path) -> None:
    app = empty_office(deps, tmp_path)
    person(app, "paul")
    client = browser(app)
    enter(client, "paul")
    client.post("/bureau/deconnexion")
    with app.state.desk.archive.engine.connect() as db:
        newest = audit.newest(db, 2)
    assert [(e.who, e.action) for e in newest] == [
        ("paul", "account.sign_out"),
        ("paul", "account.sign_in.password"),
    ]
    for query in ("UPDATE audit SET who = 'autre'", "DELETE FROM audit"):
        with pytest.raises(Exception, match="only added to"), app.state.desk.archive.begin() as db:
            db.exec_driver_sql(query)
    chief = signed_in(app, "chef", Role.ADMINISTRATOR)
    page = chief.get("/bureau/journal").text
    assert "Connexion par mot de passe" in page


def test_every_act_that_is_logged_has_words() -> None:
    root, texts = paths.ROOT, catalogue("fr", LOCALE).texts
    areas = "account|session|arrival|agenda|term|vote|template|job|data|report"
    acts = re.compile(rf'"((?:{areas})\.(?!csv|json|txt)[a-z_.]+)"')
    parts = [root / part for part in ("ingest", "search", "api", "web")]
    sources = [path.read_text("utf-8") for part in parts for path in part.rglob("*.py")]
    logged = {act for text in sources if "audit" in text for act in acts.findall(text)}
    logged |= {f"transcript.{kind}" for kind in ChangeKind} | {
        f"account.role.{role}" for role in Role
    }
    assert len(logged) > 30
    assert not {act for act in logged if f"audit.{act}" not in texts}


def test_the_log_is_read_a_page_at_a_time(deps: Deps, tmp_path: Path) -> None:
    app = empty_office(deps, tmp_path)
    chief = signed_in(app, "chef", Role.ADMINISTRATOR)
    with app.state.desk.archive.begin() as db:
        for number in range(250):
            audit.record(db, "greffe", "session.publish", f"seance-{number}")
    seen, page = [], chief.get("/bureau/journal").text
    while True:
        seen += re.findall(r"seance-(\d+)", page)
        older = re.findall(r'href="(/bureau/journal\?avant=\d+)"', page)
        if not older:
            break
        page = chief.get(older[0]).text
    assert seen == [str(number) for number in reversed(range(250))]
    for wrong in ("0", "x", "9" * 30):
        assert chief.get(f"/bureau/journal?avant={wrong}").status_code == 422


def test_figures_by_year_count_what_was_published_read_and_corrected(tmp_path: Path) -> None:
    app = small_office(tmp_path)
    desk: Desk = app.state.desk
    before, after = TextEdit(turn=0, text="Bonsoir à tous."), TextEdit(turn=0, text="Bonsoir.")
    for base, edit in enumerate((before, after), 1):
        desk.changes.make(PUBLISHED, base, "greffe", edit)
    with desk.archive.begin() as db:
        mark(db, PUBLISHED, [1], "greffe", done=True)
        reports.add(db, ReportPlace(PUBLISHED, Span(6_000, 8_780), 3), "faux", "", None)
    with desk.archive.engine.connect() as db:
        (year,) = statistics.by_year(db)
    assert (year.year, year.sessions, year.sound_ms) == (2025, 1, 20_000)
    assert (year.turns, year.read, year.corrections, year.reports) == (2, 1, 2, 1)
    chief = signed_in(app, "chef", Role.ADMINISTRATOR)
    assert "1 sur 2" in text_of(chief.get("/bureau/journal/chiffres").text)
    assert signed_in(app).get("/bureau/journal/chiffres").status_code == 403
