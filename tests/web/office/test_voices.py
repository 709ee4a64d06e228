"""The panel of voices: heard, named, joined."""

import re

import pytest
from fastapi.testclient import TestClient

from api.product import Product
from ingest.editing.changes import undo
from tests.support.redaction_site import SITTING
from tests.support.small_site import text_of

PAGE = f"/bureau/seances/{SITTING}/voix"


def labels(product: Product) -> list[str | None]:
    return [turn.speaker for turn in product.archive.transcript(SITTING).turns]


def test_voices_are_listed_by_their_time_with_a_sample_and_who_they_are(clerk: TestClient) -> None:
    page = clerk.get(PAGE).text
    told = text_of(page)
    assert told.index("Claire Fontanet") < told.index("Hélène Baudin")
    assert "0:00:07 de parole" in told and "2 interventions" in told
    assert "conseillère, PS" in told and "appelée à 0:00:01" in told
    assert re.findall(r'data-from="(\d+)" data-to="(\d+)"', page)[0] == ("4500", "11980")


def test_a_voice_is_named_wherever_it_speaks(product: Product, clerk: TestClient) -> None:
    given = {"voix": "S1", "acte": "nommer", "personne": " zoé   perrin "}
    assert clerk.post(PAGE, data=given).headers["location"] == PAGE
    assert {one.label: one.person for one in product.archive.speakers(SITTING)}["S1"] == (
        "zoé perrin"
    )
    clerk.post(PAGE, data=given | {"personne": "claire fontanet"})  # as the list writes it
    assert text_of(clerk.get(PAGE).text).count("Autre voix du même nom") == 2
    clerk.post(PAGE, data=given | {"personne": ""})
    assert "Sans nom" in clerk.get(PAGE).text


def test_two_voices_are_joined_and_that_is_undone(product: Product, clerk: TestClient) -> None:
    before = labels(product)
    asked = {"voix": "S2", "acte": "reunir", "avec": "S1"}
    assert clerk.post(PAGE, data=asked).status_code == 303
    assert set(labels(product)) == {"S1"}
    assert [one.label for one in product.archive.speakers(SITTING)] == ["S1"]
    undo(product.changes, SITTING, 2, "greffe")
    assert labels(product) == before
    assert len(product.archive.speakers(SITTING)) == 2


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"voix": "S9", "acte": "reunir", "avec": "S1"}, 404),
        ({"voix": "S1", "acte": "reunir", "avec": "S1"}, 422),
        ({"voix": "S9", "acte": "nommer", "personne": "X"}, 404),
        ({"voix": "S1", "acte": "autre"}, 422),
    ],
)
def test_what_cannot_be_is_told(clerk: TestClient, asked: dict[str, str], status: int) -> None:
    assert clerk.post(PAGE, data=asked).status_code == status
