"""The editor's routes: what a clerk reads, changes and takes back, and learns of others."""

from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from api.accounts.roles import Role
from ingest.archive import audit
from ingest.archive.redactions import RedactionReason
from ingest.jobs import queue
from ingest.redaction.redact import RedactionRequest
from ingest.transcript import Span
from search.index.withdraw import redact_passage
from tests.support.office import signed_in, small_office
from tests.support.small_site import CANARY, COST, HIDDEN, PUBLISHED

HERE = f"/bureau/api/seances/{PUBLISHED}"
OPENING = "Bonsoir à toutes et à tous."


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    return small_office(tmp_path)


@pytest.fixture
def clerk(app: FastAPI) -> TestClient:
    return signed_in(app)


@pytest.fixture
def other(app: FastAPI) -> TestClient:
    return signed_in(app, "adjointe")


def edit(browser: TestClient, base: int, kind: str, **values: object) -> httpx2.Response:
    return browser.post(f"{HERE}/changes", json={"base": base, "edit": {"kind": kind, **values}})


def document(browser: TestClient) -> dict[str, Any]:
    told: dict[str, Any] = browser.get(f"{HERE}/document").json()
    return told


def texts(turns: list[dict[str, Any]]) -> list[str]:
    return [" ".join(word[2] for word in turn["words"]) for turn in turns]


def said(browser: TestClient) -> list[str]:
    return texts(document(browser)["turns"])


def followed(turns: list[dict[str, Any]], delta: dict[str, Any]) -> list[dict[str, Any]]:
    """The turns that a page has after a delta."""
    now = list(turns)
    for splice in delta["splices"]:
        now[splice["first"] : splice["first"] + splice["removed"]] = splice["turns"]
    return now


def waiting(app: FastAPI) -> list[tuple[str, str]]:
    query = select(queue.table.c.kind, queue.table.c.subject).order_by(queue.table.c.id)
    with app.state.desk.archive.engine.connect() as db:
        return [tuple(row) for row in db.execute(query)]


def test_a_document_holds_all_that_a_clerk_needs(clerk: TestClient) -> None:
    found = document(clerk)
    assert found["revision"] == 1
    assert found["turns"][1]["words"][0] == [6000, 6380, "Le", 0.9, None]
    shown = [s["shown"] for s in found["speakers"]]
    assert shown == ["Claire Fontanet", "Intervenant·e non identifié·e 1"]
    assert found["people"] == ["Claire Fontanet"]
    assert not found["can_undo"] and not found["can_redo"] and found["reviewed"] is None


@pytest.mark.parametrize(
    "path", ["document", "changes?since=1", "history", "audio.opus", "changes", "undo", "terms"]
)
def test_only_clerks_see_and_change(app: FastAPI, path: str) -> None:
    nobody = TestClient(app, raise_server_exceptions=False, follow_redirects=False)
    reader = signed_in(app, "lectrice", Role.READER)
    for browser, status in ((nobody, 401), (reader, 403)):
        method = "POST" if path in {"changes", "undo", "terms"} else "GET"
        answer = browser.request(method, f"{HERE}/{path}", json={"base": 1} if method else None)
        assert answer.status_code == status
        assert "problem+json" in answer.headers["content-type"]


def test_the_sound_of_a_draft_is_heard_by_clerks_in_pieces(clerk: TestClient) -> None:
    draft = next(iter(HIDDEN))
    session = clerk.get(f"/bureau/api/seances/{draft}/document").json()["session"]
    answer = clerk.get(session["audio_opus"], headers={"Range": "bytes=0-99"})
    assert answer.status_code == 206 and len(answer.content) == 100
    assert "private" in answer.headers["cache-control"]


def test_a_corrected_text_keeps_the_times_of_its_words(clerk: TestClient) -> None:
    done = edit(clerk, 1, "text", turn=1, text="Le crédit voté est de deux millions.").json()
    (splice,) = done["splices"]
    assert done["revision"] == 2 and done["can_undo"]
    (turn,) = splice["turns"]
    assert turn["revision"] == 2
    assert turn["words"][2][2:] == ["voté", 1.0, None]
    assert turn["words"][3] == [7200, 7580, "est", 0.9, None]


def test_a_change_of_words_is_timed_and_what_is_published_is_published_anew(
    app: FastAPI, clerk: TestClient
) -> None:
    edit(clerk, 1, "text", turn=1, text="Le crédit voté est de deux millions.")
    edit(clerk, 2, "text", turn=1, text="Le crédit voté est de trois millions.")
    assert waiting(app) == [("align", PUBLISHED), ("publish", PUBLISHED)]


def test_what_changes_nothing_is_no_change(app: FastAPI, clerk: TestClient) -> None:
    assert edit(clerk, 1, "text", turn=1, text=f"  {COST} ").json()["revision"] == 1
    assert edit(clerk, 1, "replace", find="rien de tel", by="x").json()["revision"] == 1
    same = edit(clerk, 1, "speaker", turn=1, person="claire  fontanet", everywhere=False)
    assert same.json()["revision"] == 1 and waiting(app) == []


def test_turns_are_split_merged_and_their_boundary_is_moved(clerk: TestClient) -> None:
    edit(clerk, 1, "split", turn=1, word=3)
    assert said(clerk) == [OPENING, "Le crédit demandé", "est de deux millions."]
    edit(clerk, 2, "boundary", turn=1, word=2)
    assert said(clerk)[1:] == ["Le crédit", "demandé est de deux millions."]
    edit(clerk, 3, "boundary", turn=2, word=1, into="previous")
    assert said(clerk)[1:] == ["Le crédit demandé", "est de deux millions."]
    edit(clerk, 4, "merge", turn=0)
    assert said(clerk) == [f"{OPENING} Le crédit demandé", "est de deux millions."]
    turns = document(clerk)["turns"]
    assert [turn["index"] for turn in turns] == [0, 1]
    assert [turn["revision"] for turn in turns] == [5, 4]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("split", {"turn": 1, "word": 0}),
        ("split", {"turn": 1, "word": 7}),
        ("merge", {"turn": 1}),
        ("boundary", {"turn": 0, "word": 6}),
        ("boundary", {"turn": 0, "word": 2, "into": "previous"}),
        ("text", {"turn": 9, "text": "x"}),
        ("text", {"turn": -1, "text": "x"}),
        ("text", {"turn": 1, "text": "x" * 3000}),
        ("replace", {"find": "  ", "by": "x"}),
        ("speaker", {"turn": 1, "person": "x" * 200, "everywhere": True}),
        ("dance", {"turn": 1}),
    ],
)
def test_what_cannot_be_done_is_reported_and_changes_nothing(
    clerk: TestClient, kind: str, values: dict[str, Any]
) -> None:
    answer = edit(clerk, 1, kind, **values)
    assert answer.status_code == 422 and answer.json()["detail"]
    assert document(clerk)["revision"] == 1 and said(clerk) == [OPENING, COST]


def test_an_unknown_revision_or_session_is_reported(clerk: TestClient) -> None:
    assert edit(clerk, 7, "merge", turn=0).status_code == 422
    assert clerk.get(f"{HERE}/changes?since=0").status_code == 422
    assert clerk.get("/bureau/api/seances/nulle/document").status_code == 404


def test_a_turn_without_words_goes_and_comes_back(clerk: TestClient) -> None:
    edit(clerk, 1, "text", turn=0, text=" ")
    assert said(clerk) == [COST]
    clerk.post(f"{HERE}/undo", json={"base": 2})
    assert said(clerk) == [OPENING, COST]


def test_a_speaker_is_changed_here_or_everywhere(clerk: TestClient) -> None:
    done = edit(clerk, 1, "speaker", turn=0, person="Jean Invité", everywhere=False).json()
    assert done["splices"][0]["turns"][0]["speaker"] == "C1"
    assert {s["label"]: s["person"] for s in done["speakers"]} == {
        "C1": "Jean Invité",
        "S1": "Claire Fontanet",
        "S1.2": None,
    }
    done = edit(clerk, 2, "speaker", turn=0, person="Claire Fontanet", everywhere=False).json()
    assert done["splices"][0]["turns"][0]["speaker"] == "S1"
    done = edit(clerk, 3, "speaker", turn=1, person="Anne Autre", everywhere=True).json()
    assert done["splices"] == []
    assert {s["label"]: s["person"] for s in done["speakers"]}["S1"] == "Anne Autre"
    for base in (4, 5, 6):
        clerk.post(f"{HERE}/undo", json={"base": base})
    found = document(clerk)
    assert [turn["speaker"] for turn in found["turns"]] == ["S1.2", "S1"]
    assert {s["label"] for s in found["speakers"]} == {"S1", "S1.2"}


def test_find_and_replace_shows_first_what_it_does(clerk: TestClient) -> None:
    asked = {"find": "à", "by": "pour", "whole_words": True, "match_case": False}
    shown = clerk.post(f"{HERE}/replace/preview", json=asked).json()
    assert shown["count"] == 2 and shown["revision"] == 1
    after = "Bonsoir pour toutes et pour tous."
    assert shown["matches"] == [{"turn": 0, "start_ms": 1000, "before": OPENING, "after": after}]
    assert document(clerk)["revision"] == 1
    edit(clerk, 1, "replace", **asked)
    assert said(clerk)[0] == "Bonsoir pour toutes et pour tous."


def test_names_are_replaced_too_where_that_is_asked(clerk: TestClient) -> None:
    asked = {"find": "fontanet", "by": "Fontannet"}
    shown = clerk.post(f"{HERE}/replace/preview", json=asked).json()
    assert shown["speakers"] == [
        {"label": "S1", "before": "Claire Fontanet", "after": "Claire Fontannet"}
    ]
    done = edit(clerk, 1, "replace", **asked, names=["S1"]).json()
    assert "Claire Fontannet" in {s["person"] for s in done["speakers"]}


def test_a_name_is_left_out_of_a_replacement(clerk: TestClient) -> None:
    edit(clerk, 1, "speaker", turn=0, person="Luc Fontanet", everywhere=True)
    asked = {"find": "Fontanet", "by": "Fontannet"}
    done = edit(clerk, 2, "replace", **asked, names=["S1.2"]).json()
    assert {s["person"] for s in done["speakers"]} == {"Claire Fontanet", "Luc Fontannet"}
    assert edit(clerk, 3, "replace", **asked).json()["revision"] == 3


def test_two_clerks_at_once_learn_of_each_other(clerk: TestClient, other: TestClient) -> None:
    edit(clerk, 1, "split", turn=0, word=2)
    kept = edit(other, 1, "text", turn=1, text="Le crédit est de deux millions.").json()
    assert len(kept["splices"]) == 2, "elsewhere: both stand"
    assert said(clerk) == ["Bonsoir à", "toutes et à tous.", "Le crédit est de deux millions."]
    refused = edit(clerk, 2, "text", turn=2, text="Le crédit demandé est de trois millions.")
    assert refused.status_code == 409
    problem = refused.json()
    assert "adjointe" in problem["detail"] and "intervention 3" in problem["detail"]
    assert texts(problem["delta"]["splices"][0]["turns"]) == ["Le crédit est de deux millions."]
    assert problem["delta"]["revision"] == 3
    assert said(clerk)[2] == "Le crédit est de deux millions."


def test_what_others_changed_is_asked_for(clerk: TestClient, other: TestClient) -> None:
    before = document(clerk)
    edit(other, 1, "replace", find="à", by="a")
    edit(other, 2, "split", turn=0, word=3)
    edit(other, 3, "speaker", turn=0, person="Anne Autre", everywhere=False)
    delta = clerk.get(f"{HERE}/changes?since=1").json()
    turns = followed(before["turns"], delta)
    now = document(clerk)["turns"]
    assert texts(turns) == texts(now)
    assert [t["revision"] for t in turns] == [t["revision"] for t in now]
    assert not delta["can_undo"]
    assert delta["own"] == []
    assert other.get(f"{HERE}/changes?since=2").json()["own"] == ["split", "speaker"]
    assert clerk.get(f"{HERE}/changes?since=4").json()["splices"] == []


def test_a_clerk_with_the_session_open_learns_what_a_redaction_left_of_it(
    app: FastAPI, clerk: TestClient, other: TestClient
) -> None:
    before = [document(clerk)]
    edit(other, 1, "text", turn=1, text=f"Bien. {COST}")
    before.append(document(clerk))
    edit(other, 2, "split", turn=0, word=2)
    redact_passage(
        app.state.desk.archive,
        PUBLISHED,
        RedactionRequest(Span(7_200, 7_580), RedactionReason.ERASED, "x"),
    )
    edit(other, 4, "merge", turn=0)
    now = document(clerk)
    assert texts(now["turns"]) == [OPENING, "Bien. Le crédit demandé", "de deux millions."]
    assert now["closed"] == [[7_200, 7_580]]
    for known in before:
        delta = clerk.get(f"{HERE}/changes?since={known['revision']}").json()
        turns = followed(known["turns"], delta)
        assert texts(turns) == texts(now["turns"])
        assert [t["revision"] for t in turns] == [t["revision"] for t in now["turns"]]
        assert (delta["closed"], delta["unheard"]) == (now["closed"], now["unheard"])
    added = edit(clerk, 5, "text", turn=1, text="Bien. Le crédit demandé oui.")
    assert added.status_code == 200 and said(clerk)[1] == "Bien. Le crédit demandé oui."


def test_each_takes_back_their_own_changes(clerk: TestClient, other: TestClient) -> None:
    edit(clerk, 1, "text", turn=0, text="Bonsoir.")
    edit(other, 2, "split", turn=1, word=2)
    undone = clerk.post(f"{HERE}/undo", json={"base": 3}).json()
    assert said(clerk) == [OPENING, "Le crédit", "demandé est de deux millions."]
    assert not undone["can_undo"] and undone["can_redo"]
    redone = clerk.post(f"{HERE}/redo", json={"base": 4}).json()
    assert said(clerk)[0] == "Bonsoir." and redone["can_undo"] and not redone["can_redo"]
    assert clerk.post(f"{HERE}/redo", json={"base": 5}).status_code == 409


def test_what_others_built_upon_is_not_taken_back(clerk: TestClient, other: TestClient) -> None:
    edit(clerk, 1, "text", turn=0, text="Bonsoir.")
    edit(other, 2, "text", turn=0, text="Bonsoir !")
    refused = clerk.post(f"{HERE}/undo", json={"base": 3})
    assert refused.status_code == 409 and "adjointe" in refused.json()["detail"]
    assert said(clerk)[0] == "Bonsoir\u00a0!"


def test_checked_turns_stay_checked_through_changes(clerk: TestClient) -> None:
    done = edit(clerk, 1, "check", turns=[1], checked=True).json()
    assert done["checked"] == [1] and done["revision"] == 1 and not done["can_undo"]
    assert edit(clerk, 1, "split", turn=0, word=2).json()["checked"] == [2]
    assert edit(clerk, 2, "split", turn=2, word=2).json()["checked"] == [2, 3]
    assert edit(clerk, 3, "merge", turn=1).json()["checked"] == [2]
    assert edit(clerk, 4, "check", turns=[2], checked=False).json()["checked"] == []


def test_a_review_is_finished_by_name_and_can_be_opened_again(
    app: FastAPI, clerk: TestClient
) -> None:
    refused = clerk.post(f"{HERE}/reviewed", json={"reviewed": True})
    assert refused.status_code == 409 and "ne sont pas relues" in refused.json()["detail"]
    assert document(clerk)["reviewed"] is None
    done = clerk.post(f"{HERE}/reviewed", json={"reviewed": True, "in_part": True}).json()
    assert done["reviewed"]["by"] == "Greffe" and done["reviewed"]["at"].endswith("Z")
    assert edit(clerk, 1, "split", turn=0, word=2).json()["reviewed"]
    done = clerk.post(f"{HERE}/reviewed", json={"reviewed": False}).json()
    assert done["reviewed"] is None
    with app.state.desk.archive.engine.connect() as db:
        actions = [entry.action for entry in audit.newest(db)]
    assert {"session.reviewed", "session.not_reviewed", "transcript.split"} <= set(actions)


def test_history_tells_who_changed_a_turn_and_what_it_was(
    clerk: TestClient, other: TestClient
) -> None:
    edit(clerk, 1, "text", turn=1, text="Le crédit est de deux millions.")
    edit(other, 2, "split", turn=0, word=2)
    edit(other, 3, "speaker", turn=2, person="Anne Autre", everywhere=False)
    found = clerk.get(f"{HERE}/history?turn=2").json()
    assert [(c["author"], c["kind"]) for c in found] == [
        ("adjointe", "speaker"),
        ("greffe", "text"),
    ]
    assert found[1]["before"] == [{"speaker": "Claire Fontanet", "text": COST}]
    assert [c["kind"] for c in clerk.get(f"{HERE}/history").json()] == ["speaker", "split", "text"]


def test_a_word_taught_is_kept_for_the_next_session(clerk: TestClient) -> None:
    asked = {"text": "Fontannet", "spoken": ["fontanette", "Fontannet"]}
    assert clerk.post(f"{HERE}/terms", json=asked).json()["spoken"] == ["fontanette"]
    clerk.post(f"{HERE}/terms", json={"text": "Fontannet", "spoken": ["fonta nait"]})
    found = document(clerk)["terms"]
    assert found == [{"text": "Fontannet", "spoken": ["fontanette", "fonta nait"]}]
    taken = clerk.post(f"{HERE}/terms", json={"text": "Autre", "spoken": ["Fontanette"]})
    assert taken.status_code == 422 and "Fontannet" in taken.json()["detail"]


def test_readers_see_corrections_at_once_and_drafts_never(app: FastAPI, clerk: TestClient) -> None:
    edit(clerk, 1, "text", turn=1, text="Le crédit demandé est de trois millions.")
    reader = TestClient(app)
    assert "trois millions" in reader.get(f"/seances/{PUBLISHED}").text
    assert "corrig" in reader.get(f"/seances/{PUBLISHED}?t=6000-8780&r=1").text
    for hidden in HIDDEN:
        assert CANARY not in reader.get(f"/bureau/api/seances/{hidden}/document").text


def test_readers_see_who_reviewed_the_text_and_when(app: FastAPI, clerk: TestClient) -> None:
    reader = TestClient(app)
    page, view = f"/seances/{PUBLISHED}", f"/api/sessions/{PUBLISHED}"
    assert "Transcription automatique" in reader.get(page).text
    assert reader.get(view).json()["reviewed"] is None
    everything = list(range(len(document(clerk)["turns"])))
    edit(clerk, 1, "check", turns=everything, checked=True)
    assert clerk.post(f"{HERE}/reviewed", json={"reviewed": True}).status_code == 200
    told = reader.get(page).text
    assert "Texte revu par Greffe le " in told and "Transcription automatique" not in told
    assert "procès-verbal officiel fait foi" in told
    found = reader.get(view).json()["reviewed"]
    assert found["by"] == "Greffe" and found["day"] in told


def test_what_was_reviewed_in_part_says_how_much(app: FastAPI, clerk: TestClient) -> None:
    reader, count = TestClient(app), len(document(clerk)["turns"])
    edit(clerk, 1, "check", turns=[0], checked=True)
    export = f"/seances/{PUBLISHED}/export"
    assert f"1 intervention sur {count} relue." in reader.get(f"{export}.txt").text
    clerk.post(f"{HERE}/reviewed", json={"reviewed": True, "in_part": True})
    told = reader.get(f"/seances/{PUBLISHED}").text
    assert f"(1 intervention sur {count} relue)" in told and "revu en partie" in told
    assert "Texte relu" not in told
    assert f"1 intervention sur {count} relue, le reste" in reader.get(f"{export}.txt").text
    assert reader.get(f"{export}.json").json()["reading"] == {"read": 1, "turns": count}
    edit(clerk, 1, "check", turns=[0], checked=False)
    assert f"0 intervention sur {count} relue, le reste" in reader.get(f"{export}.txt").text
