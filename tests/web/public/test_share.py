"""What other sites get of a session's words: pages to embed, pictures, oEmbed, cards, and CORS."""

import html
import re
from collections.abc import Iterator
from io import BytesIO

import av
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from api.deps import Deps
from ingest.archive import audit
from ingest.archive.redactions import RedactionReason
from ingest.archive.repository import Archive
from ingest.editing.changes import Changes
from ingest.editing.edits import TextEdit
from ingest.redaction.redact import RedactionRequest
from ingest.transcript import Span
from search.index.withdraw import redact_passage
from tests.support.small_site import COST, HIDDEN, PUBLISHED, small_deps, text_of
from web.app import create_app

SAID = "?t=6000-8780&r=1"
FRAME = f"/extrait/{PUBLISHED}{SAID}"
PAGE = f"/seances/{PUBLISHED}{SAID}"


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, Archive]]:
    deps: Deps = small_deps(tmp_path_factory.mktemp("share"))
    with TestClient(create_app(deps)) as client:
        yield client, deps.published.archive


def test_a_frame_has_the_words_their_source_and_sound_and_any_site_may_show_it(
    client: TestClient,
) -> None:
    frame = client.get(FRAME)
    text = text_of(frame.text)
    assert f"«\xa0{COST}\xa0»" in text and "Claire Fontanet" in text
    assert "séance du mardi 11 mars 2025, 0:00:06" in text
    assert "frame-ancestors *" in frame.headers["content-security-policy"]
    assert "<script" not in frame.text
    loaded = re.findall(r'<link rel="stylesheet" href="([^"]+)"', frame.text)
    assert len(frame.content) + sum(len(client.get(css).content) for css in loaded) < 15_000
    sound = html.unescape(re.findall(r'<source src="([^"]+)"', frame.text)[0])
    assert client.get(sound).headers["content-type"].startswith("audio/")


@pytest.mark.parametrize("t", ["", "?t=6000", "?t=9000-9500", "?t=x"])
def test_a_frame_without_words_is_refused(client: TestClient, t: str) -> None:
    assert client.get(f"/extrait/{PUBLISHED}{t}").status_code in (404, 422)


def test_a_link_is_shown_by_its_words_and_their_picture(client: TestClient) -> None:
    cards = dict(re.findall(r'<meta property="og:(\S+)" content="([^"]*)">', client.get(PAGE).text))
    assert cards["title"] == f"« {COST} »"
    assert cards["description"].startswith("Claire Fontanet. ")
    picture = client.get(html.unescape(cards["image"]))
    assert Image.open(BytesIO(picture.content)).size == (1200, 630)
    again = client.get(
        html.unescape(cards["image"]), headers={"If-None-Match": picture.headers["etag"]}
    )
    assert again.status_code == 304


def test_a_video_has_the_sound_with_its_length_and_a_picture(client: TestClient) -> None:
    video = client.get(f"/extrait/{PUBLISHED}/video.mp4{SAID}")
    assert "Claire%20Fontanet.mp4" in video.headers["content-disposition"]
    with av.open(BytesIO(video.content)) as file:
        picture, sound = file.streams.video[0], file.streams.audio[0]
        assert (picture.codec_context.name, sound.codec_context.name) == ("h264", "aac")
        for stream in (picture, sound):  # 80 ms more at each side, in whole frames
            assert float(stream.duration * stream.time_base) == pytest.approx(2.94, abs=0.15)
    assert client.get(f"/extrait/{PUBLISHED}/video.mp4?t=9000-9500").status_code == 404


def test_oembed_tells_how_to_show_our_links_and_no_others(client: TestClient) -> None:
    page = client.get(PAGE).text
    told = re.findall(r'application/json\+oembed" href="([^"]+)"', page)[0]
    answer = client.get(html.unescape(told) + "&maxwidth=300").json()
    assert (answer["version"], answer["type"], answer["width"]) == ("1.0", "rich", 300)
    frame = html.unescape(re.findall(r'src="([^"]+)"', answer["html"])[0])
    assert client.get(frame).text == client.get(FRAME).text
    for other in (
        f"http://elsewhere{PAGE}",
        "http://testserver/apropos",
        "x",
        "http://[",
        *hidden_pages(),
    ):
        assert client.get("/oembed", params={"url": other}).status_code == 404, other
    url = f"http://testserver{PAGE}"
    assert client.get("/oembed", params={"url": url, "format": "xml"}).status_code == 501


@pytest.mark.parametrize("path", [PAGE, FRAME])
def test_a_link_to_a_revision_that_never_was_shows_the_words_of_now(
    client: TestClient, path: str
) -> None:
    later = client.get(path.replace("r=1", f"r={2**63}"))
    assert later.status_code == 200 and COST in text_of(later.text)


def hidden_pages() -> Iterator[str]:
    for session in HIDDEN:
        yield f"http://testserver/seances/{session}?t=1000-2000"
        yield f"http://testserver/extrait/{session}?t=1000-2000"


def test_a_shared_link_follows_its_words_and_tells_of_corrections(
    own: tuple[TestClient, Archive],
) -> None:
    client, archive = own
    Changes(archive).make(PUBLISHED, 1, "a", TextEdit(turn=1, text=f"Oui. {COST}"))
    assert f"«\xa0{COST}\xa0»" in text_of(client.get(FRAME).text)
    Changes(archive).make(PUBLISHED, 2, "a", TextEdit(turn=1, text=COST.replace("deux", "trois")))
    frame = text_of(client.get(FRAME).text)
    assert "trois millions" in frame and "deux" not in frame and "a été corrigé depuis" in frame


def test_a_link_tells_the_words_that_it_named_only_if_they_were_public_and_nothing_near_is_closed(
    own: tuple[TestClient, Archive],
) -> None:
    client, archive = own

    def said_as(revision: int, number: str) -> None:
        edit = TextEdit(turn=1, text=COST.replace("deux", number))
        Changes(archive).make(PUBLISHED, revision, "a", edit)

    def told(revision: int) -> str:
        return text_of(client.get(PAGE.replace("r=1", f"r={revision}")).text)

    said_as(1, "trois")
    with archive.begin() as db:
        audit.record(db, "a", "session.publish", PUBLISHED)
    said_as(2, "quatre")
    assert "deux" not in told(1) and "quatre millions" in told(1)
    assert "avant cette correction" in told(2) and "trois millions" in told(2)
    assert "trois" not in told(3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("api.views.excerpt._MOST_SHARED", 1)  # as of a link to hours of speech
        assert "trois" not in told(2) and "corrigé depuis" in told(2)
    redact_passage(
        archive, PUBLISHED, RedactionRequest(Span(15_000, 15_500), RedactionReason.IN_CAMERA, "a")
    )
    assert "trois" not in told(2) and "quatre millions" in told(2)


def test_of_words_that_were_redacted_a_shared_link_says_so_and_no_more(
    own: tuple[TestClient, Archive],
) -> None:
    client, archive = own
    picture = client.get(f"/extrait/{PUBLISHED}/image.png{SAID}").content
    redact_passage(
        archive, PUBLISHED, RedactionRequest(Span(7_000, 9_000), RedactionReason.IN_CAMERA, "a")
    )
    for address in (FRAME, f"/oembed?url=http://testserver/seances/{PUBLISHED}%3Ft=6000-8780"):
        told = client.get(address).text
        assert "publics" in told and not re.search("crédit|demandé|Fontanet|<audio", told)
    assert client.get(f"/extrait/{PUBLISHED}/image.png{SAID}").content != picture
    assert client.get(f"/extrait/{PUBLISHED}/video.mp4{SAID}").status_code in (404, 503)


def test_any_site_may_read_what_is_published_and_nothing_else(client: TestClient) -> None:
    origin = {"Origin": "https://journal.example"}
    sound = f"/api/sessions/{PUBLISHED}/audio.mp3"
    for path in ("/api/sessions", sound, f"/extrait/{PUBLISHED}/image.png{SAID}"):
        headers = client.get(path, headers=origin).headers
        assert headers["access-control-allow-origin"] == "*"
        assert headers["cross-origin-resource-policy"] == "cross-origin"
        assert "access-control-allow-credentials" not in headers
    posted = client.post("/api/ask", json={"question": "Combien ?"}, headers=origin)
    for answer in (posted, client.get("/", headers=origin), client.get("/seances", headers=origin)):
        assert "access-control-allow-origin" not in answer.headers
