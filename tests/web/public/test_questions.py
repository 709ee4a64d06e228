"""Questions and their answers, as a browser without JavaScript and as htmx gets them."""

import html
import re
from dataclasses import replace
from datetime import date

import pytest
from fastapi.testclient import TestClient

from api.answers.answer import Verified
from api.answers.refusals import latest
from api.catalogue import catalogue
from api.deps import Deps
from ingest.errors import ModelUnavailable
from ingest.transcript import AgendaItem, Session
from search.query.parsed import Query
from tests.support.small_site import COST, PUBLISHED, FakeFinder, text_of
from web.app import create_app
from web.public.chat import example_questions, undiscussed
from web.site import LOCALE


def test_a_question_is_answered_without_javascript(client: TestClient) -> None:
    page = client.get("/", params={"q": "Combien coûte la piste ?"})
    assert page.headers["cache-control"] == "no-store"
    text = text_of(page.text)
    assert f"«\N{NO-BREAK SPACE}{COST}\N{NO-BREAK SPACE}»" in text
    assert "Claire Fontanetconseillère municipale, PS" in text
    assert "Piste cyclable (PR-12)" in text
    assert "mardi 11 mars 2025, 0:00:06" in text
    assert "2 citations, conformes" in text
    clips = re.findall(r'<source src="([^"]+)"', page.text)
    assert len(clips) == 4
    assert all(client.get(html.unescape(clip)).status_code == 200 for clip in clips)


def test_paper_bears_an_address_that_can_be_typed(client: TestClient) -> None:
    address = f"http://testserver/seances/{PUBLISHED}?t=6000-8780&r=1#extrait"
    for url in ("/", "/flux"):
        page = client.get(url, params={"q": "Combien ?"}).text
        assert address in html.unescape(page), url


def test_a_refusal_is_plain_and_helps(client: TestClient) -> None:
    text = text_of(client.get("/", params={"q": "rien"}).text)
    assert "Je n'ai rien trouvé." in text
    assert "Essayez d’autres mots" in text


@pytest.mark.parametrize("question", ["", "   ", "a" * 501])
def test_a_question_that_cannot_be_asked_is_kindly_returned(
    client: TestClient, question: str
) -> None:
    page = client.get("/", params={"q": question})
    assert page.status_code == 422
    assert "La question" in page.text
    assert f'value="{question}"' in page.text
    assert "La question" in client.get("/flux", params={"q": question}).text


def test_the_stream_is_the_page_in_pieces(client: TestClient) -> None:
    stream = client.get("/flux", params={"q": "Combien coûte la piste ?"})
    assert stream.headers["content-type"].startswith("text/event-stream")
    assert "no-store" in stream.headers["cache-control"]
    pieces = stream.text.strip().split("\n\n")
    assert len(pieces) == 4
    assert "Combien coûte la piste\N{NO-BREAK SPACE}?" in pieces[0]
    assert COST in pieces[1]
    assert "<hx-partial" in pieces[2]
    assert "2 citations" in pieces[3]
    identifier = re.search(r'id="(e\w+)"', pieces[0])
    assert identifier
    assert f'hx-target="#{identifier[1]}-citations"' in pieces[1]


def test_a_failure_is_reported_in_the_stream_without_its_inside(deps: Deps) -> None:
    def fail(_: Query) -> Verified:
        raise ModelUnavailable("/secret/model.bin")

    app = create_app(replace(deps, ask=fail))
    with TestClient(app, raise_server_exceptions=False) as client:
        stream = client.get("/flux", params={"q": "Combien ?"})
        page = client.get("/", params={"q": "Combien ?"})
    assert "n'a pas pu répondre" in html.unescape(stream.text)
    assert "secret" not in stream.text + page.text
    assert page.status_code == 503


def test_what_was_asked_is_never_markup(client: TestClient) -> None:
    attack = '"><script src=//x></script><b>?'
    for url in ("/", "/flux"):
        assert "<script src=//x>" not in client.get(url, params={"q": attack}).text


def test_examples_come_from_what_was_discussed_in_public() -> None:
    first = Session(
        "a",
        "A",
        date(2025, 3, 11),
        agenda=(
            AgendaItem("1", "Divers", None, 0),
            AgendaItem("2", "Proposition PR-12 : piste cyclable", "PR-12", 10),
        ),
    )
    second = Session(
        "b",
        "B",
        date(2025, 4, 8),
        agenda=(
            AgendaItem("1", "Divers", None, 0),
            AgendaItem("2", "Budget : deuxième débat", None, 10),
            AgendaItem("3", "Motion M-7 : recours (huis clos)", "M-7", 20),
        ),
    )
    assert [one.title for one in latest((second,))] == ["Divers", "Budget : deuxième débat"]
    questions = example_questions((second, first), catalogue("fr", LOCALE))
    assert [q.replace("\N{NO-BREAK SPACE}", " ") for q in questions] == [
        "Piste cyclable : qu’a-t-on dit ?",
        "Budget : deuxième débat : quels arguments ?",
    ]
    assert example_questions((), catalogue("fr", LOCALE)) == ()


class Saying(FakeFinder):
    """Has everything said but these words."""

    def __init__(self, *unsaid: str) -> None:
        super().__init__()
        self._unsaid = unsaid

    def unsaid(self, text: str) -> frozenset[str]:
        return frozenset({text} & set(self._unsaid))


@pytest.mark.parametrize(
    ("unsaid", "asked"),
    [
        (("téléphérique", "zoo"), ("Un téléphérique est-il prévu ?",)),
        (("zoo",), ("Un zoo est-il prévu ?",)),
        ((), ()),
    ],
)
def test_one_example_is_of_what_was_never_said(
    unsaid: tuple[str, ...], asked: tuple[str, ...]
) -> None:
    assert undiscussed(Saying(*unsaid), catalogue("fr", LOCALE)) == asked
