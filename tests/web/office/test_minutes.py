"""Votes judged one by one in the office, and the page of the city's own template of minutes."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient

from api.exports.minutes_template import default_template
from ingest.archive import audit
from ingest.transcript import Recording
from search.index.publish import publish
from search.index.withdraw import withdraw
from search.votes.confirm import judged_session
from search.votes.verdicts import Verdict, digest
from tests.api.exports.test_minutes import made_of
from tests.support.council_votes import council
from tests.support.office import desk_of, signed_in, small_office
from tests.support.small_council import CHAIR
from tests.support.word_embedder import WordEmbedder

pytestmark = pytest.mark.usefixtures("filled_here")

RESULT = "La motion 414 est refusée par 42 non contre 31 oui et 4 abstentions."
AMENDED = "L'amendement de Monsieur Rochat est accepté à l'unanimité."
VOTES = "/bureau/seances/v/votes"
TEMPLATE = "/bureau/modele"


@pytest.fixture
def clerk(tmp_path: Path) -> TestClient:
    app = small_office(tmp_path)
    session, transcript = council((CHAIR, f"Merci. {AMENDED} Au vote. {RESULT}"), session_id="v")
    session = replace(session, parts=(Recording("v" * 64, 0, 60_000),))
    app.state.desk.archive.save(session, transcript)
    publish(app.state.desk.archive, "v", WordEmbedder())
    return signed_in(app)


def say(clerk: TestClient, n: int, verdict: str, said: str | None = None) -> int:
    vote = judged_session(desk_of(clerk).archive, "v").votes[n].vote
    data = {"start_ms": vote.start_ms, "said": said or digest(vote.said), "verdict": verdict}
    return clerk.post(VOTES, data=data).status_code


def shown(clerk: TestClient) -> list[tuple[str, bool]]:
    return [(v["outcome"], v["confirmed"]) for v in clerk.get("/api/votes?session=v").json()]


def test_votes_are_shown_with_their_words_and_how_many_are_left(clerk: TestClient) -> None:
    page = clerk.get(VOTES).text
    assert RESULT in page and "2 restent à confirmer." in page
    assert "La motion M-414 a été refusée, par 42 non contre 31 oui et 4 abstentions." in page


def test_a_verdict_is_seen_by_readers_at_once_and_can_be_taken_back(clerk: TestClient) -> None:
    assert shown(clerk) == [("accepted", False), ("refused", False)]
    assert say(clerk, 0, "refused") == 303 and say(clerk, 1, "confirmed") == 303
    assert shown(clerk) == [("refused", True)]
    for form, told in {"txt": "[Décision", "json": '"confirmed":true'}.items():
        text = clerk.get(f"/seances/v/export.{form}").text
        assert text.count("Décision :") == (form == "txt") and told in text
        assert "amendement de Julien Rochat a été" not in text
    assert say(clerk, 0, "none") == 303
    assert shown(clerk) == [("accepted", False), ("refused", True)]
    with desk_of(clerk).archive.engine.connect() as db:
        acts = [entry.action for entry in audit.newest(db) if entry.what == "v"]
    assert [a for a in acts if a.startswith("vote.")] == [
        "vote.take_back", "vote.confirm", "vote.set_aside",
    ]  # fmt: skip


def test_a_verdict_outlives_publishing_anew_and_a_withdrawal(clerk: TestClient) -> None:
    archive = desk_of(clerk).archive
    say(clerk, 0, "refused")
    publish(archive, "v", WordEmbedder())
    assert shown(clerk) == [("refused", False)]
    withdraw(archive, "v")
    assert shown(clerk) == []
    assert judged_session(archive, "v").votes[0].verdict is Verdict.REFUSED
    assert "Écarté" in clerk.get(VOTES).text


def test_a_vote_whose_words_were_corrected_is_judged_anew(clerk: TestClient) -> None:
    assert say(clerk, 1, "confirmed", said="0" * 32) == 409
    assert shown(clerk) == [("accepted", False), ("refused", False)]
    assert say(clerk, 1, "boum") == 422
    assert TestClient(clerk.app, follow_redirects=False).get(VOTES).status_code == 303


def give(clerk: TestClient, content: bytes) -> httpx2.Response:
    return clerk.post(TEMPLATE, files={"modele": ("pv.docx", BytesIO(content))})


def test_a_template_is_given_used_downloaded_and_given_up(clerk: TestClient) -> None:
    assert "modèle du produit est utilisé" in clerk.get(TEMPLATE).text
    mine = made_of("Commune de {{ ville }}, {{ titre }}")
    assert give(clerk, mine).headers["location"] == f"{TEMPLATE}?fait=garde"
    assert "Votre modèle est utilisé" in clerk.get(f"{TEMPLATE}?fait=garde").text
    assert clerk.get(f"{TEMPLATE}/notre-modele.docx").content == mine
    assert clerk.get(f"{TEMPLATE}/modele.docx").content == default_template()
    before = clerk.get("/seances/v/export.docx")
    assert clerk.post(f"{TEMPLATE}/retirer").status_code == 303
    assert clerk.get(f"{TEMPLATE}/notre-modele.docx").status_code == 404
    assert clerk.get("/seances/v/export.docx").headers["etag"] != before.headers["etag"]
    assert clerk.get(f"{TEMPLATE}/exemple.docx").content.startswith(b"PK")


def test_a_wrong_template_is_reported_and_not_used(clerk: TestClient) -> None:
    wrong = give(clerk, made_of("{{ titer }}"))
    assert wrong.status_code == 422 and "« titer »" in wrong.text.replace("\xa0", " ")
    assert clerk.post(TEMPLATE).status_code == 422
    assert give(clerk, b"").status_code == 422
    assert give(clerk, b"0" * (7 << 20)).status_code == 422
    assert "modèle du produit est utilisé" in clerk.get(TEMPLATE).text
    assert "endfor" in clerk.get(TEMPLATE).text and "ordre_du_jour" in clerk.get(TEMPLATE).text
