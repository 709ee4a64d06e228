"""Feeds by their own rules: Atom (RFC 4287), RSS 2.0 with iTunes, Podcasting 2.0."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from io import BytesIO
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from lxml import etree
from PIL import Image

from ingest.archive.repository import Archive
from ingest.editing.changes import Changes
from ingest.editing.edits import TextEdit
from ingest.settings import Settings
from tests.support.small_site import CANARY, COST, PUBLISHED, small_deps
from web.app import create_app

ATOM, ITUNES = "{http://www.w3.org/2005/Atom}", "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
PODCAST = "{https://podcastindex.org/namespace/1.0}"
ATOMS = (
    "/flux/seances.atom",
    "/flux/passages.atom",
    "/flux/passages.atom?personne=Claire+Fontanet",
)


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, Archive]]:
    deps = small_deps(tmp_path_factory.mktemp("feeds"))
    with TestClient(create_app(deps)) as client:
        yield client, deps.published.archive


def read(client: TestClient, address: str) -> etree._Element:
    answer = client.get(address)
    assert answer.status_code == 200 and CANARY not in answer.text
    return etree.fromstring(answer.content)


@pytest.mark.parametrize("address", ATOMS)
def test_atom_has_what_its_standard_asks_for(client: TestClient, address: str) -> None:
    feed = read(client, address)
    assert feed.tag == f"{ATOM}feed"
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == 1
    for element in (feed, *entries):
        for name in ("id", "title", "updated"):
            assert len(element.findall(ATOM + name)) == 1, name
        assert re.match(r"(https?://|urn:uuid:)", element.findtext(f"{ATOM}id"))
        assert datetime.fromisoformat(element.findtext(f"{ATOM}updated")).tzinfo
        for link in element.findall(f"{ATOM}link"):
            target = link.get("href")
            assert client.get(target).status_code == 200, target
    assert feed.find(f"{ATOM}author/{ATOM}name").text
    own = feed.find(f"{ATOM}link[@rel='self']").get("href")
    assert client.get(own).content == client.get(address).content


def test_a_podcast_has_what_its_apps_ask_for(client: TestClient) -> None:
    channel = read(client, "/flux/podcast.xml").find("channel")
    for name in (
        "title",
        "link",
        "description",
        "language",
        f"{ITUNES}author",
        f"{ITUNES}explicit",
    ):
        assert channel.findtext(name), name
    assert UUID(channel.findtext(f"{PODCAST}guid")).version == 5
    cover = client.get(channel.find(f"{ITUNES}image").get("href"))
    assert Image.open(BytesIO(cover.content)).size == (1400, 1400)
    (item,) = channel.findall("item")
    sound = item.find("enclosure")
    assert sound.get("type") == "audio/mpeg"
    assert int(sound.get("length")) == len(client.get(sound.get("url")).content)
    assert parsedate_to_datetime(item.findtext("pubDate")).date().isoformat() == "2025-03-11"
    assert item.findtext(f"{ITUNES}duration") == "20"
    assert [one.text for one in item.findall(f"{PODCAST}person")] == ["Claire Fontanet"]
    for one in item.findall(f"{PODCAST}transcript"):
        kept = client.get(one.get("url"))
        assert kept.headers["content-type"].startswith(one.get("type"))
        assert kept.headers["access-control-allow-origin"] == "*"
    chapters = client.get(item.find(f"{PODCAST}chapters").get("url"))
    assert chapters.headers["content-type"].startswith("application/json+chapters")
    times = [(one["startTime"], one["title"]) for one in chapters.json()["chapters"]]
    assert times == [(0.0, "1. Communications"), (5.5, "2. Piste cyclable")]


def test_an_entry_outlives_corrections_and_tells_of_them(own: tuple[TestClient, Archive]) -> None:
    client, archive = own

    def entry(name: str) -> str:
        told: str = read(client, "/flux/seances.atom").findtext(f"{ATOM}entry/{ATOM}{name}")
        return told

    def guid() -> str:
        told: str = read(client, "/flux/podcast.xml").findtext("channel/item/guid")
        return told

    before = entry("id"), guid(), entry("updated")
    Changes(archive).make(PUBLISHED, 1, "a", TextEdit(turn=1, text=f"Oui. {COST}"))
    assert (entry("id"), guid()) == before[:2]
    assert datetime.fromisoformat(entry("updated")) > datetime.fromisoformat(before[2])


def test_odd_signs_of_a_title_leave_a_feed_whole(own: tuple[TestClient, Archive]) -> None:
    client, archive = own
    with archive.begin() as db:
        db.exec_driver_sql("UPDATE sessions SET title = ?", ("A & <b>\x01\ufffe",))
    title = read(client, "/flux/seances.atom").findtext(f"{ATOM}entry/{ATOM}title")
    assert title == "A & <b>"


def test_without_an_address_there_is_no_feed_and_no_page_names_one(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    deps = replace(small_deps(tmp_path_factory.mktemp("x")), settings=Settings(_env_file=None))
    with TestClient(create_app(deps)) as client:
        for address in ("/flux/podcast.xml", *ATOMS):
            assert client.get(address).status_code == 404
        assert "/flux/" not in client.get("/seances").text
