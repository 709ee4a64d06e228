"""The pages of subjects, as readers, feeds' readers and crawlers get them."""

from dataclasses import replace

from fastapi.testclient import TestClient

from api.deps import Deps
from tests.support.small_site import CANARY, PUBLISHED
from web.app import create_app

PAGE = "/sujets/credit-demande"


def test_each_subject_leads_to_the_exact_words_that_name_it(client: TestClient) -> None:
    assert f'href="{PAGE}"' in client.get("/sujets").text
    assert f'href="{PAGE}"' not in client.get("/sujets", params={"mots": "piscine"}).text
    page = client.get(PAGE).text
    assert "<strong>crédit demandé</strong>" in page
    assert f"/seances/{PUBLISHED}?t=" in page
    assert 'href="/objets/PR-12"' in page
    assert CANARY not in page


def test_sessions_objects_and_people_lead_to_their_subjects(client: TestClient) -> None:
    for page in (f"/seances/{PUBLISHED}", "/objets/PR-12"):
        assert f'href="{PAGE}"' in client.get(page).text, page


def test_a_subject_has_one_address_and_others_none(client: TestClient) -> None:
    moved = client.get("/sujets/Cr%C3%A9dit%20demand%C3%A9", follow_redirects=False)
    assert (moved.status_code, moved.headers["location"]) == (308, PAGE)
    assert client.get("/sujets/rossignol").status_code == 404
    assert client.get("/de/sujets").status_code == 200


def test_a_subject_is_followed_by_feed_and_by_mail(deps: Deps) -> None:
    settings = deps.settings.model_copy(
        update={
            "address": "https://seances.test",
            "smtp": "smtp://localhost",
            "mail_from": "a@b.test",
        }
    )
    with TestClient(create_app(replace(deps, settings=settings))) as client:
        page = client.get(PAGE).text
        assert 'href="/alertes?sur=mot&amp;quoi=cr%C3%A9dit+demand%C3%A9"' in page
        assert f'type="application/atom+xml" href="{PAGE}.atom"' in page
        feed = client.get(f"{PAGE}.atom")
        assert feed.headers["content-type"].startswith("application/atom+xml")
        assert feed.text.count("<entry>") == 1
        assert f"https://seances.test/seances/{PUBLISHED}?t=" in feed.text
        assert f"<loc>https://seances.test{PAGE}</loc>" in client.get("/sitemap.xml").text
