"""The city's marks, and what the files of the pages promise."""

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.deps import Deps
from ingest.errors import BadInput
from tests.support import paths
from web.app import create_app
from web.filters import typeset
from web.theme import AA, DARK, LIGHT, Paper, contrast, initial, theme_css, tones

WEB = paths.WEB


@pytest.mark.parametrize(
    "colour", ["#9b1c31", "#ffffff", "#000000", "#ffe600", "#0b5cad", "#7f7f7f", "#00a651"]
)
@pytest.mark.parametrize("paper", [LIGHT, DARK])
def test_any_city_colour_stays_readable(colour: str, paper: Paper) -> None:
    found = tones(colour, paper)
    assert contrast(found.ink, paper.page) >= AA
    assert contrast(found.ink, paper.surface) >= AA
    assert contrast(found.on_fill, found.fill) >= AA
    assert contrast(found.fill, paper.page) >= 3
    assert found.ink in theme_css(colour)


def test_the_papers_are_those_of_the_pages() -> None:
    tokens = (WEB / "static" / "css" / "tokens.css").read_text("utf-8")
    colours = re.findall(r"--(?:paper|surface): (#\w+)", tokens)
    assert colours == [LIGHT.page, LIGHT.surface, DARK.page, DARK.surface]


def test_a_colour_that_is_readable_is_kept() -> None:
    assert tones("#9b1c31", LIGHT).fill == "#9b1c31"
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize(
    ("city", "letter"), [("Ville de Rivemont", "R"), ("Genève", "G"), ("1200", "V")]
)
def test_a_city_without_a_logo_has_its_initial(city: str, letter: str) -> None:
    assert initial(city) == letter


def test_a_logo_is_a_picture_and_nothing_else(deps: Deps, tmp_path: Path) -> None:
    logo = tmp_path / "logo.svg"
    logo.write_text('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
    settings = deps.settings.model_copy(update={"logo": logo})
    with TestClient(create_app(replace(deps, settings=settings))) as client:
        policy = client.get("/logo").headers["content-security-policy"]
        assert "default-src 'none'" in policy and "sandbox" in policy and "script" not in policy
    page = tmp_path / "logo.html"
    page.write_text("<script>alert(1)</script>")
    for wrong in (page, tmp_path / "absent.svg"):
        settings = deps.settings.model_copy(update={"logo": wrong})
        with pytest.raises(BadInput, match="VERBATIM_LOGO"):
            create_app(replace(deps, settings=settings))


def test_a_city_shows_its_name_colour_and_logo(deps: Deps, tmp_path: Path) -> None:
    logo = tmp_path / "logo.svg"
    logo.write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    settings = deps.settings.model_copy(
        update={"city": "Commune d'Aigle & Cie", "colour": "#0b5cad", "logo": logo}
    )
    with TestClient(create_app(replace(deps, settings=settings))) as client:
        assert "Commune d&#39;Aigle &amp; Cie" in client.get("/").text
        assert "#0b5cad" in client.get("/theme.css").text
        assert client.get("/logo").headers["content-type"].startswith("image/svg")


def test_a_logo_that_is_not_there_is_reported_at_the_start(deps: Deps, tmp_path: Path) -> None:
    settings = deps.settings.model_copy(update={"logo": tmp_path / "absent.svg"})
    with pytest.raises(BadInput, match=r"VERBATIM_LOGO = « .*absent\.svg »"):
        create_app(replace(deps, settings=settings))


def test_no_file_of_ours_names_another_origin() -> None:
    files = [*(WEB / "templates").rglob("*.html"), *(WEB / "static").rglob("*.*")]
    ours = [f for f in files if "vendor" not in f.parts]
    for file in ours:
        addresses = set(re.findall(r"(?:https?:)?//[a-z][^\s\"')]*", file.read_text("utf-8")))
        assert addresses <= {"http://www.w3.org/2000/svg"}, file


def test_vendored_files_are_what_they_claim() -> None:
    vendor = WEB / "static" / "vendor"
    claims = dict(
        line.split()[::-1] for line in (vendor / "vendor.sha256").read_text().splitlines()
    )
    found = {p.name for p in vendor.iterdir()} - {"vendor.sha256", "README.md"}
    assert found == set(claims)
    for name, claimed in claims.items():
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == claimed, name


def test_every_text_is_used_and_every_use_has_a_text() -> None:
    files = (WEB / "locale").glob("fr*.json")
    texts = {key: text for f in files for key, text in json.loads(f.read_text("utf-8")).items()}
    sources = [*(WEB / "templates").rglob("*.*"), *WEB.rglob("*.py")]
    source = "\n".join(path.read_text("utf-8") for path in sources)
    exact = set(re.findall(r"\b(?:t|text)\(f?[\"']([\w.]+)[\"'][,)]", source))
    counted = set(re.findall(r"\bt\.count\([\"']([\w.]+)[\"'],", source))
    # The keys of these families are put together from parts.
    families = {"nav", "about", "example", "filters", "status", "office"}
    families |= {"export", "audit", "role", "done", "review", "progress"}
    families |= {"how", "legal", "accessibility", "sheet", "rgaa", "notices", "decisions", "llms"}
    used = exact | {f"{key}.{form}" for key in counted for form in ("one", "other")}
    assert used <= set(texts), used - set(texts)
    chosen = set(re.findall(r"[\"']([\w.]+)[\"']", source))  # t("intake.spoken" if … else …)
    begun = tuple(re.findall(r"\bt(?:\.count)?\([\"']([\w.]+\.)[\"'] ~", source))
    unused = {
        key
        for key in set(texts) - used - chosen
        if key.split(".")[0] not in families and not key.startswith(begun)
    }
    assert not unused


def test_french_punctuation_never_begins_a_line() -> None:
    assert typeset("« Oui » : vraiment ?") == "«\xa0Oui\xa0»\xa0: vraiment\xa0?"


def test_modules_of_the_page_stay_small() -> None:
    for module in (WEB / "static" / "js").glob("*.js"):
        assert len(module.read_text("utf-8").splitlines()) <= 500, module
