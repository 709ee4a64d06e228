"""The form that brings a session in, without JavaScript: nothing typed is lost to a mistake."""

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.accounts.roles import Role
from api.desk import Desk
from api.product import Product
from ingest import pipeline
from ingest.intake import intake
from ingest.intake.form import read_request
from ingest.intake.intake import Arrival, ArrivalState, arrival, folder
from ingest.jobs import queue
from ingest.jobs.queue import JobKind, JobState
from tests.conftest import tone
from tests.support.media import short_sound
from tests.support.office import signed_in, small_office

FILLED = {"date": "2025-05-13", "body": "Conseil municipal", "title": "", "do": "save"}
ROSTER = "Claire Fontanet; conseillère; Les Verts\nMarc Girard; président;"


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    return small_office(tmp_path)


@pytest.fixture
def sound(write_audio: Callable[..., Path]) -> Path:
    return write_audio("séance partie 1.wav", tone(300, 2.0))


def fresh(clerk: TestClient) -> str:
    page = clerk.get("/bureau/apporter")
    assert page.status_code == 200
    address: str
    [address] = set(re.findall(r'action="(/bureau/apporter/\w+)"', page.text))
    return address


def post(clerk: TestClient, address: str, files: object = (), **fields: str):  # type: ignore[no-untyped-def]
    # An empty file field, as browsers send one: the form is multipart then.
    sent = [*files, ("roster_file", ("", b""))] if files else [("roster_file", ("", b""))]  # type: ignore[misc]
    return clerk.post(address, data=FILLED | fields, files=sent)


def see(app: FastAPI, address: str) -> Arrival:
    desk: Desk = app.state.desk
    with desk.archive.engine.connect() as db:
        return arrival(db, address.rsplit("/", 1)[1])


def errors(text: str) -> list[str]:
    found = re.findall(r'class="field-error"[^>]*>(.*?)</p>', text)
    return [html.unescape(one).replace("\xa0", " ") for one in found]


def test_only_clerks_bring_sessions(app: FastAPI) -> None:
    reader = signed_in(app, "lecteur", Role.READER)
    anyone = TestClient(app, follow_redirects=False)
    for path in ("/bureau/apporter", "/bureau/travaux"):
        assert reader.get(path).status_code == 403
        assert anyone.get(path).headers["location"].startswith("/bureau/connexion")
    address = f"/bureau/apporter/{'0' * 32}"
    assert reader.post(address).status_code == 403
    tus = {"Tus-Resumable": "1.0.0", "Upload-Length": "5"}
    assert reader.post(f"/bureau/api{address[7:]}/fichiers", headers=tus).status_code == 403


def test_a_session_is_sent_off_with_everything(
    app: FastAPI, clerk: TestClient, sound: Path
) -> None:
    address = fresh(clerk)
    with sound.open("rb") as content:
        answer = post(
            clerk,
            address,
            [("files", (sound.name, content, "audio/wav"))],
            roster=ROSTER,
            agenda="1. Accueil\n2. Piste (PR-12)",
            do="send",
        )
    assert (answer.status_code, answer.headers["location"]) == (303, address)
    found = see(app, address)
    desk: Desk = app.state.desk
    [part] = found.recordings
    assert part.name == sound.name and part.is_whole
    kept = folder(desk.settings.data, found.id) / part.id
    assert kept.read_bytes() == sound.read_bytes()
    with desk.archive.engine.connect() as db:
        job = queue.newest(db, found.id, JobKind.INGEST)
    assert job is not None and job.state is JobState.QUEUED and job.by == "greffe"
    page = clerk.get(address).text
    assert "Conseil municipal, séance du 13 mai 2025" in page and "En attente" in page


def test_nothing_typed_is_lost_to_a_mistake(app: FastAPI, clerk: TestClient, sound: Path) -> None:
    address = fresh(clerk)
    with sound.open("rb") as content:
        answer = post(
            clerk,
            address,
            [("files", (sound.name, content, "audio/wav"))],
            date="treize mai",
            body="",
            title="Ma séance",
            roster="Claire Fontanet\nClaire Fontanet",
            agenda="[{",
            id="Pas Bon",
            do="send",
        )
    assert answer.status_code == 422
    told = errors(answer.text)
    assert [one for one in told if "treize mai" in one]
    assert [one for one in told if "organe" in one]
    assert [one for one in told if "ligne 2" in one and "figure déjà" in one]
    assert [one for one in told if "JSON" in one]
    for typed in ('value="Ma séance"', "Claire Fontanet\nClaire Fontanet", "[{", 'value="Pas Bon"'):
        assert typed in answer.text
    assert sound.name in answer.text and "Arrivé en entier" in answer.text
    assert see(app, address).details.title == "Ma séance"
    right = {"title": "Ma séance", "roster": ROSTER, "agenda": "", "do": "send"}
    answer = post(clerk, address, id="Pas Bon", **right)
    assert answer.status_code == 422 and "« Pas Bon »" in " ".join(errors(answer.text))
    assert post(clerk, address, id="", **right).status_code == 303


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("roster_file", b"\0\1\2", "fichier texte"),
        ("roster_file", b"%PDF-1.7 ...", "ne garde pas les colonnes"),
        ("agenda_file", b"PK\3\4...", "est abîmé"),
        ("agenda_file", b" ", "est vide"),
        ("agenda_file", b"x" * 2_000_000, "dépasse 1 Mo"),
    ],
)
def test_a_file_that_is_no_list_is_reported_at_its_field(
    app: FastAPI, clerk: TestClient, name: str, content: bytes, told: str
) -> None:
    address = fresh(clerk)
    answer = post(clerk, address, [(name, ("liste.csv", content))], title="Gardé")
    assert answer.status_code == 422 and told in " ".join(errors(answer.text))
    assert see(app, address).details.title == "Gardé"


def test_a_list_given_as_a_file_can_be_read_and_changed(app: FastAPI, clerk: TestClient) -> None:
    address = fresh(clerk)
    windows = "nom;fonction\nRené Müller;président\n".encode("cp1252")
    post(clerk, address, [("roster_file", ("membres.csv", windows))])
    assert "René Müller;président" in clerk.get(address).text


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_a_list_with_any_line_ends_is_sent_off_by_the_first_click(
    app: FastAPI, clerk: TestClient, end: str
) -> None:
    address = fresh(clerk)
    post(clerk, address, title="Séance")
    page = Page(clerk, address)
    files = [
        ("roster_file", ("membres.csv", end.join(("Nom;Prénom", "Rey;Anne", "")).encode())),
        ("agenda_file", ("odj.txt", end.join(("1. Accueil", "2. Divers", "")).encode())),
    ]
    assert page.save(files).status_code == 303
    shown = Page(clerk, address)
    assert shown.fields["roster"] == "Nom;Prénom\nRey;Anne\n"
    # The script puts the text and its seal into the page that is open.
    page.fields |= {name: shown.fields[name] for name in ("roster", "agenda")}
    page.seals |= {f"was-{name}": shown.seals[f"was-{name}"] for name in ("roster", "agenda")}
    assert (
        page.save([("files", ("a.mp3", short_sound()))], do="send", date="2025-05-13").status_code
        == 303
    )


def test_what_was_understood_is_shown_and_what_is_wrong_said_at_once(
    app: FastAPI, clerk: TestClient
) -> None:
    address = fresh(clerk)
    post(clerk, address, title="Séance")
    page = Page(clerk, address)
    agenda = "ORDRE DU JOUR\n\n1 Ouverture\n2 18h30 Comptes (PR-12)"
    read = page.keeps_itself(agenda=agenda, roster="Nom;Prénom\nRey;Anne").text
    read = read.replace("\xa0", " ")
    assert "2 points compris" in read and "PR-12, prévu à 18:30" in read
    assert "« ORDRE DU JOUR »" in read and "1 personne comprise" in read and "Anne Rey" in read
    told = page.keeps_itself(agenda="[{", roster="Prénom\nAnne")
    assert told.status_code == 200
    assert [one for one in errors(told.text) if "JSON" in one]
    assert [one for one in errors(told.text) if "colonne « Nom »" in one]


def test_without_a_recording_nothing_is_sent_off(app: FastAPI, clerk: TestClient) -> None:
    address = fresh(clerk)
    answer = post(clerk, address, do="send")
    assert answer.status_code == 422 and "Ajoutez l'enregistrement" in " ".join(errors(answer.text))
    answer = post(clerk, address, [("files", ("vide.mp3", b""))], do="send")
    assert "« vide.mp3 » est vide" in " ".join(errors(answer.text))
    assert list(folder(app.state.desk.settings.data, see(app, address).id).iterdir()) == []


def test_parts_are_in_natural_order_and_can_be_moved_and_removed(
    app: FastAPI, clerk: TestClient
) -> None:
    address = fresh(clerk)
    for name in ("partie 10.mp3", "partie 2.mp3", "partie 1.mp3"):
        post(clerk, address, [("files", (name, name.encode()))])
    names = [part.name for part in see(app, address).recordings]
    assert names == ["partie 1.mp3", "partie 2.mp3", "partie 10.mp3"]
    first, second, third = (part.id for part in see(app, address).recordings)
    post(clerk, address, do=f"down:{first}")
    assert [p.id for p in see(app, address).recordings] == [second, first, third]
    post(clerk, address, do=f"up:{third}")
    post(clerk, address, [("files", ("partie 0.mp3", b"x"))])
    assert [p.name for p in see(app, address).recordings][:3] == [
        *("partie 2.mp3", "partie 10.mp3", "partie 1.mp3"),
    ]
    post(clerk, address, do=f"remove:{second}")
    assert second not in [part.id for part in see(app, address).recordings]
    assert not (folder(app.state.desk.settings.data, see(app, address).id) / second).exists()


def test_captions_find_their_part_and_can_be_given_to_another(
    app: FastAPI, clerk: TestClient
) -> None:
    address = fresh(clerk)
    files = [("files", (name, b"x")) for name in ("a.mp3", "b.mp3", "b.vtt")]
    post(clerk, address, files)
    a, b = (part.id for part in see(app, address).recordings)
    [vtt] = see(app, address).captions
    page = clerk.get(address).text
    assert _chosen(page, a) == "-" and _chosen(page, b) == vtt.id
    post(clerk, address, **{f"captions-{a}": vtt.id, f"captions-{b}": "-", f"start-{b}": "20h30"})
    page = clerk.get(address).text
    assert _chosen(page, a) == vtt.id and _chosen(page, b) == "-"
    told = errors(post(clerk, address, do="send", **{f"start-{b}": "20h30"}).text)
    assert [one for one in told if "heure de cette partie" in one]
    assert [one for one in told if "« b.vtt » ne contient aucun sous-titre" in one]


def test_what_captions_name_and_what_is_left_out_of_them_is_shown_at_once(
    clerk: TestClient,
) -> None:
    good = "00:00:01.000 --> 00:00:02.000\n<v Anne Girard (EXT)>Oui.</v>\n\n"
    bad = "00:00:09.000 --> 00:00:08.990\n<v Paul Rey>Non.</v>\n"
    files = [("a.vtt", good + bad), ("b.vtt", "rien")]
    address = fresh(clerk)
    answer = post(clerk, address, [("files", (name, text.encode())) for name, text in files])
    page = clerk.get(address).text.replace("\xa0", " ")
    assert answer.status_code == 303
    assert "1 participant : Anne Girard" in page
    assert "1 sous-titre laissé de côté" in page and "ligne 4" in page
    assert ["« b.vtt » ne contient aucun sous-titre" in one for one in errors(page)] == [True]


@pytest.mark.parametrize(
    ("captions", "told"),
    [
        ("00:00:01.000 --> 00:00:02.000\n" * 2**13, "ne nomme aucun participant"),
        ("[" * 2**18, "n'est pas un fichier de sous-titres"),
    ],
)
def test_captions_that_were_made_to_harm_are_reported_at_their_field(
    app: FastAPI, clerk: TestClient, sound: Path, captions: str, told: str
) -> None:
    address = fresh(clerk)
    files = [("files", ("a.wav", sound.read_bytes())), ("files", ("a.vtt", captions.encode()))]
    answer = post(clerk, address, files, do="send")
    assert answer.status_code == 422
    [error] = errors(answer.text)
    assert "« a.vtt »" in error and told in error
    assert see(app, address).state is ArrivalState.PREPARING


def test_the_office_takes_no_body_larger_than_any_page_sends(clerk: TestClient) -> None:
    answer = clerk.post("/bureau/glossaire", data={"text": "x" * 2**22})
    assert answer.status_code == 413 and "2 Mo au plus" in answer.text
    answer = clerk.post("/bureau/api/seances/x/undo", json={"base": 1, "more": "x" * 2**21})
    assert answer.status_code == 413 and answer.json()["detail"].count("1 Mo au plus") == 1


@pytest.mark.parametrize("body", ["[" * 100_000, '{"base": ' + "9" * 5_000 + "}"])
def test_json_that_cannot_be_read_is_reported_and_no_fault_of_ours(
    clerk: TestClient, body: str
) -> None:
    kind = {"content-type": "application/json"}
    answer = clerk.post("/bureau/api/seances/x/undo", content=body, headers=kind)
    assert answer.status_code in (400, 422)
    assert "renvoyez" in answer.json()["detail"] or "JSON" in answer.json()["detail"]


def _chosen(page: str, part: str) -> str:
    [select] = re.findall(rf'<select id="captions-{part}".*?</select>', page, re.DOTALL)
    chosen: list[str] = re.findall(r'value="([^"]+)" selected', select)
    return (chosen or ["-"])[0]


def test_a_list_given_with_a_session_is_offered_for_the_bodys_next(
    app: FastAPI, clerk: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk: Desk = app.state.desk
    product = Product(desk.settings)
    monkeypatch.setattr(pipeline, "ingest", lambda *_: desk.archive.session("2025-03-11"))
    monkeypatch.setitem(vars(product), "steps", None)
    first, next_ = fresh(clerk), fresh(clerk)
    post(
        clerk,
        first,
        [("files", ("a.mp3", short_sound()))],
        body="Commission des finances",
        roster=ROSTER,
    )
    place = folder(desk.settings.data, see(app, first).id)
    product.ingest(read_request(desk.archive, see(app, first), place), lambda *_: None)
    page = clerk.get("/bureau/apporter").text.replace("\xa0", " ")
    assert "Commission des finances" in page and "Marc Girard" in page
    post(clerk, next_, [("files", ("b.mp3", short_sound(1)))], body="commission des finances ")
    place = folder(desk.settings.data, see(app, next_).id)
    known = read_request(desk.archive, see(app, next_), place).roster
    assert [person.name for person in known] == ["Claire Fontanet", "Marc Girard"]
    post(clerk, next_, do="roster", body="Commission des finances")
    assert "Marc Girard; président" in see(app, next_).details.roster


def test_a_form_that_is_sent_twice_makes_one_arrival(app: FastAPI, clerk: TestClient) -> None:
    address = fresh(clerk)
    post(clerk, address, [("files", ("a.mp3", short_sound()))], do="send")
    assert post(clerk, address, do="send").status_code == 409
    desk: Desk = app.state.desk
    with desk.archive.engine.connect() as db:
        assert len(queue.jobs(db, tuple(JobState))) == 1


class Page:
    """The form as one browser shows it: it posts all of it, as it was or as it was changed."""

    def __init__(self, clerk: TestClient, address: str) -> None:
        self.clerk, self.address = clerk, address
        text = clerk.get(address).text
        self.seals = hidden(text)
        areas = re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>\n(.*?)</textarea>', text, re.DOTALL)
        inputs = re.findall(r'<input[^>]* name="(\w+)" value="([^"]*)"', text)
        self.fields = {name: html.unescape(value) for name, value in (*areas, *inputs)}

    def save(self, files: object = (), do: str = "save", **changed: str):  # type: ignore[no-untyped-def]
        """By the button."""
        self.fields |= changed
        sent = [*files, ("roster_file", ("", b""))]  # type: ignore[misc]
        data = self.seals | self.fields | {"do": do}
        return self.clerk.post(self.address, data=data, files=sent)

    def keeps_itself(self, **changed: str):  # type: ignore[no-untyped-def]
        """By the script: the list of files alone is shown anew, with the seals."""
        self.fields |= changed
        data = self.seals | self.fields | {"do": "save"}
        none = [("roster_file", ("", b""))]
        fragment = {"X-Fragment": "parts"}
        answer = self.clerk.post(self.address, data=data, files=none, headers=fragment)
        self.seals = hidden(answer.text)
        return answer


def hidden(text: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(was-[^"]+)" value="([^"]*)"', text))


@pytest.fixture
def two(clerk: TestClient) -> tuple[Page, Page]:
    address = fresh(clerk)
    post(clerk, address, title="Séance")
    return Page(clerk, address), Page(clerk, address)


def test_an_older_page_that_keeps_itself_leaves_what_another_clerk_typed(
    app: FastAPI, two: tuple[Page, Page]
) -> None:
    older, newer = two
    newer.keeps_itself(roster=ROSTER, agenda="1. Accueil")
    for changed in ({"title": "Une"}, {"title": "Deux", "date": "2025-05-14"}, {}):
        assert older.keeps_itself(**changed).status_code == 200
        kept = see(app, older.address).details
        assert (kept.roster, kept.agenda) == (ROSTER, "1. Accueil")
    assert (kept.title, kept.date) == ("Deux", "2025-05-14")
    assert older.save([("files", ("a.mp3", short_sound()))], do="send").status_code == 303
    assert see(app, older.address).details == kept


def test_a_field_that_two_clerks_changed_is_shown_with_both_texts(
    app: FastAPI, two: tuple[Page, Page]
) -> None:
    older, newer = two
    newer.save(agenda="1. Accueil")
    for _ in range(2):  # keeping itself, the page overwrites nothing
        told = older.keeps_itself(agenda="1. Ouverture", title="Ma séance")
        assert told.status_code == 422 and "pas encore gardé" in told.text
    kept = see(app, older.address).details
    assert (kept.agenda, kept.title) == ("1. Accueil", "Ma séance")
    page = older.save(do="send")
    assert page.status_code == 422 and ">\n1. Ouverture</textarea>" in page.text
    assert ["« 1. Accueil »" in one for one in errors(page.text)] == [True]
    older.seals = hidden(page.text)
    assert older.save(agenda="1. Accueil et ouverture").status_code == 303
    assert see(app, older.address).details.agenda == "1. Accueil et ouverture"


def test_a_body_that_was_only_proposed_is_kept_with_the_first_form(
    app: FastAPI, clerk: TestClient
) -> None:
    text = clerk.get("/bureau/apporter").text
    address: str
    [address] = set(re.findall(r'action="(/bureau/apporter/\w+)"', text))
    clerk.post(address, data=hidden(text) | FILLED, files=[("roster_file", ("", b""))])
    assert see(app, address).details.body == "Conseil municipal"


def test_what_was_begun_is_found_again_and_can_be_taken_back(
    app: FastAPI, clerk: TestClient
) -> None:
    address = fresh(clerk)
    post(clerk, address, [("files", ("a.mp3", short_sound()))], title="À finir")
    assert "À finir" in clerk.get("/bureau/apporter").text
    post(clerk, address, do="discard")
    assert clerk.get(address).status_code == 404
    assert not folder(app.state.desk.settings.data, address[-32:]).exists()


@pytest.mark.parametrize(
    "address", ["/bureau/apporter/../../x", "/bureau/apporter/abc", "/bureau/apporter/%2e%2e"]
)
def test_addresses_that_are_none(clerk: TestClient, address: str) -> None:
    assert clerk.get(address).status_code == 404
    assert clerk.post(address, data=FILLED).status_code in (404, 405)


def test_a_file_larger_than_allowed_is_reported_and_the_rest_is_kept(
    app: FastAPI, clerk: TestClient
) -> None:
    desk: Desk = app.state.desk
    object.__setattr__(desk.settings, "max_file_gib", 1e-6)
    address = fresh(clerk)
    answer = post(clerk, address, [("files", ("grand.mp4", b"x" * 5000))], title="Gardé")
    assert answer.status_code == 422
    assert "VERBATIM_MAX_FILE_GIB" in " ".join(errors(answer.text)) and "Gardé" in answer.text


@pytest.mark.parametrize("body", [b"", b"--x\r\nnothing", b"\0" * 100])
def test_a_form_that_is_cut_short_is_reported(clerk: TestClient, body: bytes) -> None:
    kind = {"content-type": "multipart/form-data; boundary=x"}
    assert clerk.post(f"/bureau/apporter/{'1' * 32}", content=body, headers=kind).status_code == 422
    assert clerk.post(f"/bureau/apporter/{'1' * 32}", data={"do": "send"}).status_code == 422


def test_how_a_job_goes_on_is_shown_and_can_be_changed(app: FastAPI, clerk: TestClient) -> None:
    from ingest.jobs.queue import claim

    address = fresh(clerk)
    post(clerk, address, [("files", ("a.mp3", short_sound()))], do="send")
    desk: Desk = app.state.desk
    lease = claim(desk.archive, "w", (JobKind.INGEST,))
    assert lease is not None
    found = {"duration_ms": 7_200_000, "words 0": 1234, "pace": {"words": 0.1}}
    lease.note("words", 0.5, found)
    page = clerk.get(address)
    for told in ("50 %", "Transcription des mots", "1\u202f234", "2 h", "minutes environ"):
        assert told in page.text.replace("\xa0", " "), told
    figures = clerk.get(f"/bureau/api{address[7:]}/avancement")
    assert figures.headers["x-state"].startswith("running") and "<html" not in figures.text
    assert "Transcription des mots, 50 %" in clerk.get("/bureau/travaux").text
    assert clerk.post(f"/bureau/travaux/{lease.job.id}/annuler").headers["location"] == address
    assert "arrêt demandé" in clerk.get(address).text
    lease.cancelled()
    assert "Relancer" in clerk.get(address).text
    clerk.post(f"/bureau/travaux/{lease.job.id}/relancer")
    lease = claim(desk.archive, "w", (JobKind.INGEST,))
    assert lease is not None
    lease.failed("« a.mp3 » n'est pas un enregistrement lisible.")
    assert "n&#39;est pas un enregistrement lisible" in clerk.get(address).text
    assert clerk.post(f"{address}/modifier").status_code == 303
    assert 'id="apport"' in clerk.get(address).text
    assert clerk.post("/bureau/travaux/999/annuler").status_code == 404


def test_a_job_whose_worker_died_is_not_shown_as_running(app: FastAPI, clerk: TestClient) -> None:
    from ingest.jobs.queue import claim, release

    address = fresh(clerk)
    post(clerk, address, [("files", ("a.mp3", short_sound()))], do="send")
    desk: Desk = app.state.desk
    lease = claim(desk.archive, "w", (JobKind.INGEST,))
    assert lease is not None
    lease.note("words", 0.5, {"duration_ms": 7_200_000})
    release(desk.archive, lambda owner: True)
    figures = clerk.get(f"/bureau/api{address[7:]}/avancement")
    assert figures.headers["x-state"].startswith("interrupted")
    assert "il reprend de lui-même" in figures.text and "minutes environ" not in figures.text
    for page in ("/bureau", "/bureau/travaux", address):
        told = clerk.get(page).text
        assert "à reprendre" in told and "En cours" not in told, page


def test_a_transcription_is_not_tried_again_while_its_session_is_changed(
    app: FastAPI, clerk: TestClient
) -> None:
    from ingest.jobs.queue import claim

    address = fresh(clerk)
    post(clerk, address, [("files", ("a.mp3", short_sound()))], do="send")
    desk: Desk = app.state.desk
    lease = claim(desk.archive, "w", (JobKind.INGEST,))
    assert lease is not None
    lease.failed("Le disque du serveur est plein.")
    clerk.post(f"{address}/modifier")
    post(clerk, address, [("files", ("b.mp3", short_sound(1)))])
    refused = clerk.post(f"/bureau/travaux/{lease.job.id}/relancer")
    assert refused.status_code == 409 and "en train de la modifier" in refused.text
    assert claim(desk.archive, "w", (JobKind.INGEST,)) is None
    post(clerk, address, do="send")
    assert claim(desk.archive, "w", (JobKind.INGEST,)) is not None


def test_a_session_that_is_done_leads_to_its_page(app: FastAPI, clerk: TestClient) -> None:
    from ingest.jobs.queue import claim

    address = fresh(clerk)
    post(clerk, address, [("files", ("a.mp3", short_sound()))], do="send")
    desk: Desk = app.state.desk
    lease = claim(desk.archive, "w", (JobKind.INGEST,))
    assert lease is not None
    lease.done(lambda db: intake.finish(db, address[-32:], "2025-03-11"))
    assert "/bureau/seances/2025-03-11" in clerk.get(address).text
    assert see(app, address).files  # kept until the session is published
