"""Votes over HTTP: with their words, their links, and of what is published only."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from api.cli import app
from api.deps import Deps
from ingest.transcript import Recording
from search.index.publish import publish
from search.index.withdraw import withdraw
from tests.support.council_votes import council
from tests.support.small_council import CHAIR
from tests.support.small_site import small_deps
from tests.support.word_embedder import WordEmbedder

RESULT = "La motion 414 est refusée par 42 non contre 31 oui et 4 abstentions (à confirmer)."
AMENDED = "L'amendement de Monsieur Rochat est accepté à l'unanimité."


@pytest.fixture
def deps(tmp_path: Path) -> Deps:
    """A site with one session in which two things are decided."""
    deps = small_deps(tmp_path)
    session, transcript = council((CHAIR, f"Merci. {AMENDED} Au vote. {RESULT}"), session_id="v")
    session = replace(session, parts=(Recording("v" * 64, 0, 60_000),))
    deps.published.archive.save(session, transcript)
    publish(deps.published.archive, "v", WordEmbedder())
    return deps


@pytest.fixture
def client(deps: Deps) -> Iterator[TestClient]:
    with TestClient(create_app(deps)) as client:
        yield client


def test_a_vote_is_shown_with_the_words_that_tell_it(client: TestClient) -> None:
    (vote,) = client.get("/api/votes", params={"outcome": "refused"}).json()
    assert vote["told"] == (
        "La motion M-414 a été refusée, par 42 non contre 31 oui et 4 abstentions (à confirmer)."
    )
    assert (vote["yes"], vote["no"], vote["abstentions"]) == (31, 42, 4)
    citation = vote["citation"]
    assert citation["quote"] == RESULT
    assert citation["who"]["name"] == "Hélène Baudin"
    assert citation["links"]["page"].startswith("/seances/v?t=")
    assert citation["start_ms"] < citation["end_ms"]


def test_filters_are_alternatives_within_and_restrict_each_other(client: TestClient) -> None:
    def outcomes(**params: str | list[str]) -> list[str]:
        return [vote["outcome"] for vote in client.get("/api/votes", params=params).json()]

    assert outcomes() == ["accepted", "refused"]
    assert outcomes(outcome=["accepted", "filed"]) == ["accepted"]
    assert outcomes(object="m 414", mover="Julien Rochat") == ["accepted"]
    assert outcomes(session="v", since="2026-01-01") == []
    assert outcomes(object="M-4") == []


def test_what_does_not_exist_is_refused_in_french(client: TestClient) -> None:
    answer = client.get("/api/votes", params={"outcome": "maybe"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].startswith("outcome")


def test_a_withdrawn_session_has_no_votes(client: TestClient, deps: Deps) -> None:
    withdraw(deps.published.archive, "v")
    assert client.get("/api/votes").json() == []


def test_the_command_lists_votes_in_words_and_as_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deps: Deps
) -> None:
    monkeypatch.setenv("VERBATIM_DATA", str(tmp_path))
    plain = CliRunner().invoke(app, ["votes", "motion 414", "--outcome", "refused"])
    assert (plain.exit_code, RESULT in " ".join(plain.output.split())) == (0, True)
    (vote,) = json.loads(
        CliRunner()
        .invoke(app, ["votes", "--object", "M-414", "--outcome", "accepted", "--json"])
        .output
    )
    assert vote["mover"] == "Julien Rochat"


def test_words_that_were_corrected_since_are_not_quoted(client: TestClient, deps: Deps) -> None:
    with deps.published.archive.begin() as db:
        db.exec_driver_sql("UPDATE turns SET revision = 2 WHERE session_id = 'v'")
    assert client.get("/api/votes").json() == []
