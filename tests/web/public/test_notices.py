"""What readers are told of the machine, its errors, the law and accessibility."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.deps import Deps
from ingest.errors import BadInput
from ingest.settings import Settings
from tests.support import paths
from web.app import create_app
from web.public.notices import MEASURED, PAGES, rgaa, sheet_markdown, state_counts
from web.site import Site, build_site


def test_every_share_told_is_the_one_that_was_measured() -> None:
    baseline = json.loads((paths.ROOT / "tests/eval/baseline.json").read_text("utf-8"))
    told = {name: dict(shares) for name, shares in MEASURED.items()}
    assert told == {
        name: {one: baseline[name][one] for one in shares} for name, shares in told.items()
    }


def test_the_sheet_of_the_documentation_is_the_page() -> None:
    committed = (paths.ROOT / "docs/fiche.md").read_text("utf-8")
    assert committed == sheet_markdown(build_site(Settings(_env_file=None)))


def _rgaa_markdown(site: Site) -> str:
    """The list of criteria as docs/rgaa.md has it."""
    text, counts = site.text, state_counts(rgaa())
    parts = [f"# {text('rgaa.title')}", text("rgaa.lead"), text("rgaa.counts", **counts)]
    head = " | ".join(text(f"rgaa.{name}") for name in ("criterion", "state", "evidence"))
    for number, theme in enumerate(rgaa(), 1):
        rows = (
            f"| {one.number} {one.title} | {text(f'rgaa.state.{one.state}')} | {one.evidence} |"
            for one in theme.criteria
        )
        table = "\n".join((f"| {head} |", "|---|---|---|", *rows))
        parts += [f"## {number}. {theme.title}", table]
    return "\n\n".join(parts) + "\n"


def test_the_list_of_criteria_is_whole_and_names_tests_that_exist(client: TestClient) -> None:
    site = build_site(Settings(_env_file=None))
    assert (paths.ROOT / "docs/rgaa.md").read_text("utf-8") == _rgaa_markdown(site)
    of_themes = [len(theme.criteria) for theme in rgaa()]
    assert of_themes == [9, 2, 3, 13, 8, 2, 5, 10, 4, 14, 13, 11, 12]  # RGAA 4.1: 106 in all
    every = [one for theme in rgaa() for one in theme.criteria]
    assert {one.state for one in every} <= {"C", "NC", "NA"} and all(one.evidence for one in every)
    named = {name for one in every for name in re.findall(r"test_\w+\.py", one.evidence)}
    assert named <= {path.name for path in (paths.ROOT / "tests").rglob("test_*.py")}
    assert 'href="/accessibilite/rgaa"' in client.get("/accessibilite").text


@pytest.mark.parametrize("page", PAGES)
def test_each_page_says_where_to_write(client: TestClient, page: str) -> None:
    answer = client.get(page)
    assert answer.status_code == 200 and "secrétariat" in answer.text
    assert f'href="{page}" aria-current="page"' in answer.text


def test_a_citys_own_texts_are_shown(deps: Deps, tmp_path: Path) -> None:
    notice, statement = tmp_path / "mentions.txt", tmp_path / "rgaa.txt"
    notice.write_text("Imprimé <ici>.\n\n# Hébergement\n\nUne cave\nde la ville.", "utf-8")
    statement.write_text("Totalement conforme.", "utf-8")
    settings = deps.settings.model_copy(
        update={"contact": "info@rivemont.ch", "legal_notice": notice, "accessibility": statement}
    )
    with TestClient(create_app(replace(deps, settings=settings))) as anyone:
        legal, access = (anyone.get(page).text for page in ("/mentions", "/accessibilite"))
    assert '<a href="mailto:info@rivemont.ch">info@rivemont.ch</a>' in legal
    assert "<h2>Précisions</h2>\n<p>Imprimé &lt;ici&gt;.</p>" in legal
    assert "<h2>Hébergement</h2>\n<p>Une cave de la ville.</p>" in legal
    assert "Totalement conforme." in access and "Partiellement" not in access


@pytest.mark.parametrize("name", ["legal_notice", "accessibility"])
def test_a_text_that_is_not_there_is_refused_at_the_start(tmp_path: Path, name: str) -> None:
    settings = Settings(_env_file=None).model_copy(update={name: tmp_path / "absent.txt"})
    with pytest.raises(BadInput, match=f"VERBATIM_{name.upper()}.*n'est pas un fichier"):
        build_site(settings)
