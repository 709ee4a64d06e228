"""The editor's routes: what a clerk reads, changes and takes back, and is told of others."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.office import signed_in, small_office
from tests.small_site import PUBLISHED

HERE = f"/bureau/api/seances/{PUBLISHED}"


@pytest.fixture
def app(tmp_path: Path):
    return small_office(tmp_path)


@pytest.fixture
def clerk(app) -> TestClient:
    return signed_in(app)


def edit(browser: TestClient, base: int, kind: str, **values):
    return browser.post(f"{HERE}/changes", json={"base": base, "edit": {"kind": kind, **values}})


def texts(browser: TestClient) -> list[str]:
    turns = browser.get(f"{HERE}/document").json()["turns"]
    return [" ".join(word[2] for word in turn["words"]) for turn in turns]


def applied(document: dict, delta: dict) -> list[dict]:
    turns = list(document["turns"])
    for splice in delta["splices"]:
        turns[splice["first"] : splice["first"] + splice["removed"]] = splice["turns"]
    return turns


def test_a_document_holds_all_that_a_clerk_needs(clerk: TestClient) -> None:
    found = clerk.get(f"{HERE}/document").json()
    assert found["revision"] == 1
    assert found["turns"][1]["words"][0] == [6000, 6380, "Le", 0.9, None]
    shown = [s["shown"] for s in found["speakers"]]
    assert shown == ["Claire Fontanet", "Intervenant·e non identifié·e 1"]
        "Claire Fontanet",
        "Intervenant·e non identifié·e 1",
    ]
    assert found["people"] == ["Claire Fontanet"]
    assert not found["can_undo"] and not found["can_redo"] and found["reviewed"] is None


def test_a_corrected_text_keeps_the_times_of_its_words(clerk: TestClient) -> None:
    done = edit(clerk, 1, "text", turn=1, text="Le crédit voté est de deux millions.").json()
    (splice,) = done["splices"]
    assert done["revision"] == 2 and done["can_undo"]
    assert splice["turns"][0]["revision"] == 2
    words = splice["turns"][0]["words"]
    assert words[2][2] == "voté" and words[3][:3] == [7200, 7580, "est"]
