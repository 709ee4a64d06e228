"""Pages that are kept: made once, and never older than the archive."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.deps import Deps
from ingest.database.engine import Commits
from ingest.transcript import Status
from tests.support.small_site import PUBLISHED, small_deps
from web.app import create_app
from web.site import Site


@pytest.fixture
def deps(tmp_path: Path) -> Deps:
    made = small_deps(tmp_path)
    return replace(made, version=Commits(made.published.archive.engine.url))


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The templates that are rendered."""
    names: list[str] = []
    render = Site.render

    def noted(site: Site, template: str, **values: object) -> str:
        names.append(template)
        return render(site, template, **values)

    monkeypatch.setattr(Site, "render", noted)
    return names


@pytest.fixture
def client(deps: Deps, rendered: list[str]) -> Iterator[TestClient]:
    with TestClient(create_app(deps)) as client:
        yield client


@pytest.mark.parametrize("path", ["/seances", f"/seances/{PUBLISHED}", "/en/seances", "/sujets"])
def test_a_page_is_made_once(client: TestClient, rendered: list[str], path: str) -> None:
    first, again = client.get(path), client.get(path)
    assert (again.text, again.headers) == (first.text, first.headers)
    assert len(rendered) == 1
    plain = client.get(path, headers={"accept-encoding": "identity"})
    assert plain.text == first.text and "content-encoding" not in plain.headers


def test_what_is_withdrawn_is_gone_with_the_next_request(client: TestClient, deps: Deps) -> None:
    page = f"/seances/{PUBLISHED}"
    assert client.get(page).status_code == client.get(page).status_code == 200
    deps.published.archive.set_status(PUBLISHED, Status.DRAFT)
    assert client.get(page).status_code == 404
    assert page not in client.get("/seances").text


def test_languages_questions_and_hosts_are_told_apart(client: TestClient) -> None:
    assert client.get("/seances").text != client.get("/de/seances").text
    asked = client.get("/", params={"q": "Combien coûte la piste ?"}).text
    assert asked != client.get("/").text
    assert client.get("/parcourir?organe=a").text != client.get("/parcourir").text
