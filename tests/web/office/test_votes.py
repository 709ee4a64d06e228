"""What a clerk does on the page of votes: complete, correct, add, import, confirm all."""

import json
import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ingest.archive.redactions import RedactionReason
from ingest.editing.edits import TextEdit
from ingest.redaction.redact import RedactionRequest
from ingest.transcript import Recording, Span
from search.index.publish import publish
from search.index.withdraw import give_back, redact_passage, withhold
from search.votes.confirm import judged_session
from search.votes.verdicts import digest
from search.votes.verdicts import table as verdicts
from tests.support.council_votes import council
from tests.support.office import desk_of, signed_in, small_office
from tests.support.small_council import CHAIR
from tests.support.word_embedder import WordEmbedder

AMENDED = "L'amendement de Monsieur Rochat est accepté à l'unanimité."
RESULT = "La motion 414 est refusée, 47 ou 9 contre 9."
ENTRY = "Tout le monde lève la main, merci beaucoup."
VOTES = "/bureau/seances/v/votes"


@pytest.fixture
def clerk(tmp_path: Path) -> TestClient:
    app = small_office(tmp_path)
    said = f"Merci. {AMENDED} Au vote. {RESULT}"
    session, transcript = council((CHAIR, said), (CHAIR, ENTRY), session_id="v")
    session = replace(session, parts=(Recording("v" * 64, 0, 60_000),))
    app.state.desk.archive.save(session, transcript)
    publish(app.state.desk.archive, "v", WordEmbedder())
    return signed_in(app)


def key(clerk: TestClient, n: int) -> dict[str, Any]:
    read = judged_session(desk_of(clerk).archive, "v")
    seals = [digest(one.vote.said) for one in read.votes]
    others = [seal for seal in seals if seal != seals[n]]
    vote = read.votes[n].vote
    seen = {"start_ms": vote.start_ms, "said": seals[n], "others": others}
    return {**seen, "revision": read.revision, "verdict": "confirmed"}


def send(clerk: TestClient, n: int, **typed: Any) -> Any:
    return clerk.post(VOTES, data={**key(clerk, n), **typed})


def public(clerk: TestClient) -> list[dict[str, Any]]:
    return list(clerk.get("/api/votes?session=v").json())


def test_figures_are_typed_and_the_vote_is_told_with_them(clerk: TestClient) -> None:
    assert public(clerk)[1]["told"].endswith("refusée, chiffres à vérifier (à confirmer).")
    assert "Chiffres à vérifier" in clerk.get(VOTES).text
    sent = send(clerk, 1, outcome="refused", yes="9", no="47", abstentions="2")
    assert sent.status_code == 303
    told = "La motion M-414 a été refusée, par 47 non contre 9 oui et 2 abstentions."
    assert public(clerk)[1]["told"] == told
    publish(desk_of(clerk).archive, "v", WordEmbedder())
    assert public(clerk)[1]["told"] == told
    send(clerk, 1, verdict="none")
    assert public(clerk)[1]["no"] is None


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"outcome": "refused", "yes": "47", "no": "9"}, "ne donnent pas ce résultat"),
        ({"outcome": "accepted", "yes": "9", "no": "9"}, "ne donnent pas ce résultat"),
        ({"outcome": "accepted", "yes": "9"}, "ou aucun des deux"),
        ({"outcome": "accepted", "yes": "neuf", "no": "3"}, "n'est pas un nombre"),
        ({"outcome": "tied", "yes": "9", "no": "3"}, "ne donnent pas ce résultat"),
        ({"outcome": "accepted", "yes": "9", "no": "0", "names_yes": "Nadia Keller"}, "1 noms"),
        ({"outcome": "accepted", "names_yes": "Luc Roy", "names_no": "Luc Roy"}, "deux fois"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_not_kept(clerk: TestClient, typed: Any, message: str) -> None:
    sent = send(clerk, 1, **typed)
    assert sent.status_code == 422
    assert message in sent.text.replace("&#39;", "'").replace("’", "'")
    assert not public(clerk)[1]["confirmed"]


def test_another_rule_may_decide_and_is_said_to(clerk: TestClient) -> None:
    assert send(clerk, 1, outcome="refused", yes="47", no="9", by_rule="true").status_code == 303
    assert (public(clerk)[1]["yes"], public(clerk)[1]["no"]) == (47, 9)


def test_a_nominal_vote_counts_its_names_as_the_roster_has_them(clerk: TestClient) -> None:
    names = {"names_yes": "KELLER Nadia\nRochat, Julien\n", "names_no": "Patrick Lambert"}
    assert send(clerk, 1, outcome="accepted", **names).status_code == 303
    vote = public(clerk)[1]
    assert (vote["yes"], vote["no"]) == (2, 1)
    assert vote["ballots"]["yes"] == ["Nadia Keller", "Julien Rochat"]
    told = "Oui : Nadia Keller, Julien Rochat. Non : Patrick Lambert."
    assert f"[Vote nominal. {told}]" in clerk.get("/seances/v/export.txt").text
    (exported,) = (
        one for one in clerk.get("/seances/v/export.json").json()["votes"] if one["ballots"]["yes"]
    )
    assert exported["ballots"]["no"] == ["Patrick Lambert"]


def test_words_are_corrected_and_the_vote_confirmed_in_one_act(clerk: TestClient) -> None:
    right = "La motion 414 est refusée par 47 non contre 9 oui."
    sent = send(clerk, 1, words=right, outcome="refused", yes="9", no="47")
    assert sent.status_code == 303
    vote = public_after_publishing(clerk)[1]
    assert vote["citation"]["quote"] == right and vote["confirmed"] and vote["no"] == 47


def public_after_publishing(clerk: TestClient) -> list[dict[str, Any]]:
    publish(desk_of(clerk).archive, "v", WordEmbedder())
    return public(clerk)


def test_a_vote_whose_words_the_clerk_corrected_elsewhere_is_confirmed(clerk: TestClient) -> None:
    seen = key(clerk, 1)
    correct(clerk, "greffe")
    assert clerk.post(VOTES, data=seen).status_code == 303
    assert [one["confirmed"] for one in public_after_publishing(clerk)] == [False, True]


def test_a_vote_whose_words_another_person_corrected_is_read_again_first(
    clerk: TestClient,
) -> None:
    seen = key(clerk, 1)
    correct(clerk, "marie")
    sent = clerk.post(VOTES, data=seen)
    assert sent.status_code == 409 and "ont été corrigés entre-temps" in sent.text
    assert [one["confirmed"] for one in public_after_publishing(clerk)] == [False, False]


def test_the_vote_beside_is_not_confirmed_in_place_of_one_that_is_gone(clerk: TestClient) -> None:
    seen = key(clerk, 1)
    correct(clerk, "greffe", "Nous y reviendrons la semaine prochaine.")
    assert clerk.post(VOTES, data=seen).status_code == 409
    assert [one["confirmed"] for one in public_after_publishing(clerk)] == [False]


def correct(clerk: TestClient, by: str, result: str = "La motion 414 est refusée.") -> None:
    desk = desk_of(clerk)
    base = judged_session(desk.archive, "v").revision
    text = f"Merci. {AMENDED} Au vote. {result}"
    desk.changes.make("v", base, by, TextEdit(turn=0, text=text))


def test_words_that_tell_no_vote_any_more_keep_the_one_the_clerk_says(clerk: TestClient) -> None:
    sent = send(clerk, 1, words="Voilà qui est fait.", outcome="refused", yes="9", no="47")
    assert sent.status_code == 303
    votes = public_after_publishing(clerk)
    assert votes[1]["citation"]["quote"] == "Voilà qui est fait."
    assert (votes[1]["no"], votes[1]["confirmed"]) == (47, True)


def test_all_are_confirmed_but_those_to_be_checked(clerk: TestClient) -> None:
    read = judged_session(desk_of(clerk).archive, "v")
    shown = [f"{one.vote.start_ms}:{digest(one.vote.said)}" for one in read.votes]
    assert clerk.post(f"{VOTES}/tous", data={"vote": shown}).status_code == 303
    assert [one["confirmed"] for one in public(clerk)] == [True, False]
    assert clerk.post(f"{VOTES}/tous", data={"vote": ["x", "1"]}).status_code == 303


MISSED = {"at": "0:00:11", "noun": "urgence", "outcome": "accepted", "yes": "40", "no": "12"}


def add(clerk: TestClient, typed: dict[str, str] = MISSED) -> Any:
    """Add a vote, at the sentence that is offered for what `ENTRY` says."""
    page = clerk.post(f"{VOTES}/ajouter", data=typed).text
    (start,) = re.findall(rf'name="phrase" value="(\d+)" required> {ENTRY}', page)
    return clerk.post(f"{VOTES}/ajouter", data={**typed, "phrase": start})


def test_a_vote_that_was_missed_is_added_at_the_words_said_there(clerk: TestClient) -> None:
    asked = clerk.post(f"{VOTES}/ajouter", data=MISSED).text
    assert asked.count('name="phrase"') > 2 and 'value="0:00:11"' in asked and 'value="40"' in asked
    assert len(public(clerk)) == 2  # nothing is quoted that she has not chosen
    assert add(clerk).status_code == 303
    votes = public(clerk)
    assert votes[2]["told"] == "L'urgence a été acceptée, par 40 oui contre 12 non."
    assert votes[2]["citation"]["quote"] == ENTRY and votes[2]["confirmed"]
    assert public_after_publishing(clerk)[2]["told"] == votes[2]["told"]
    assert "Ajouté" in clerk.get(VOTES).text
    wrong = clerk.post(f"{VOTES}/ajouter", data={**MISSED, "at": "tout à la fin"})
    assert wrong.status_code == 422 and "ne se lit pas" in wrong.text
    assert send(clerk, 2, verdict="none").status_code == 303
    assert len(public(clerk)) == 2


def test_an_added_vote_asks_again_when_its_words_change(clerk: TestClient) -> None:
    add(clerk)
    desk = desk_of(clerk)
    base = judged_session(desk.archive, "v").revision
    desk.changes.make("v", base, "marie", TextEdit(turn=1, text="Tout le monde lève la main."))
    votes = public_after_publishing(clerk)
    assert votes[2]["told"].endswith("(à confirmer).")
    send(clerk, 2)
    assert public(clerk)[2]["told"] == "L'urgence a été acceptée, par 40 oui contre 12 non."


def test_redacting_the_words_of_an_added_vote_forgets_it(clerk: TestClient) -> None:
    add(clerk)
    added = judged_session(desk_of(clerk).archive, "v").votes[2].vote
    span = Span(added.start_ms, added.end_ms)
    redact_passage(
        desk_of(clerk).archive, "v", RedactionRequest(span, RedactionReason.IN_CAMERA, "greffe")
    )
    assert "urgence" not in json.dumps(public_after_publishing(clerk))
    with desk_of(clerk).archive.engine.connect() as db:
        assert not db.execute(verdicts.select()).all()


def test_an_added_vote_in_what_is_withheld_is_nowhere_until_it_is_given_back(
    clerk: TestClient,
) -> None:
    named = {**MISSED, "names_yes": "Nadia Keller", "yes": "", "no": ""}
    add(clerk, named)
    added = judged_session(desk_of(clerk).archive, "v").votes[2].vote
    assert "Nadia Keller" in json.dumps(public(clerk))
    span = Span(added.start_ms, added.end_ms)
    kept = withhold(desk_of(clerk).archive, "v", span, "greffe")
    assert "Nadia Keller" not in json.dumps(public_after_publishing(clerk))
    listed, held = clerk.get(VOTES).text.split('<h2 id="reserves">')
    assert added.said in held and added.said not in listed, "the office sees that it is kept"
    missed = clerk.post(f"{VOTES}/ajouter", data={**MISSED, "phrase": str(added.start_ms)})
    offered = f'name="phrase" value="{added.start_ms}"'
    assert missed.status_code == 200 and offered not in missed.text
    give_back(desk_of(clerk).archive, "v", kept.id, "greffe")
    assert "Nadia Keller" in json.dumps(public_after_publishing(clerk))


def test_a_vote_in_what_is_withheld_is_shown_to_the_office_alone(clerk: TestClient) -> None:
    archive = desk_of(clerk).archive
    amended, refused = (one.vote for one in judged_session(archive, "v").votes)
    assert "réservé" not in clerk.get(VOTES).text
    assert send(clerk, 0).status_code == 303
    before = key(clerk, 1)
    withhold(archive, "v", Span(refused.start_ms, refused.end_ms), "greffe")
    page = clerk.get(VOTES).text
    listed, held = page.split('<h2 id="reserves">')
    assert "1 vote à huis clos" in held and RESULT in held and "Rochat" in listed
    assert RESULT not in listed and "0 reste" in listed.replace("\xa0", " ")
    assert RESULT not in json.dumps(public_after_publishing(clerk))
    clerk.post(VOTES, data=before)
    assert [one.vote.said for one in judged_session(archive, "v").votes] == [amended.said]


# --- the voting system's file -----------------------------------------------------------------

TOTALS = "Système de vote;;\nObjet;Oui;Non;Abstentions\nM-414;9;47;2\nAmendement;5;0;0\n"
NAMES = "Nom;Prénom;Groupe;Vote\nKeller;Nadia;V;Oui\nROCHAT;Julien;PLR;Non\nLambert;Patrick;;\n"
GRID = "Membre,M-414,M-7\nNadia Keller,non,oui\nRochat Julien,non,abst.\nTotal,2,2\n"


def read(clerk: TestClient, text: str) -> Any:
    return clerk.post(f"{VOTES}/fichier", files={"resultats": ("v.csv", BytesIO(text.encode()))})


def kept(page: str) -> list[dict[str, Any]]:
    found = re.findall(r'name="kept" value="([^"]*)"', page)
    return [json.loads(one.replace("&#34;", '"').replace("&#39;", "'")) for one in found]


def test_the_voting_systems_file_is_shown_before_it_is_kept(clerk: TestClient) -> None:
    page = read(clerk, TOTALS).text
    assert [(one["yes"], one["no"]) for one in kept(page)] == [(9, 47), (5, 0)]
    chosen = re.findall(r'<option value="([^"]+)" selected>', page)
    assert len(chosen) == 1, "the amendment has neither number nor figures: the clerk chooses"
    assert not any(one["confirmed"] for one in public(clerk))
    given = {"kept": [json.dumps(one) for one in kept(page)], "vote": [chosen[0], ""]}
    assert clerk.post(f"{VOTES}/fichier/garder", data=given).status_code == 303
    assert [one["confirmed"] for one in public(clerk)] == [False, True]
    assert public(clerk)[1]["no"] == 47


@pytest.mark.parametrize(
    ("text", "sides"),
    [(NAMES, [(1, 1, 0)]), (GRID, [(0, 2, 0), (1, 0, 1)]),
     ("Scrutin\tNom\tChoix\nM-414\tNadia Keller\tPour\nM-7\tNadia Keller\tContre\n",
      [(1, 0, 0), (0, 1, 0)])],
)  # fmt: skip
def test_names_are_read_in_each_form_of_table(clerk: TestClient, text: str, sides: Any) -> None:
    found = kept(read(clerk, text).text)
    assert [(one["yes"], one["no"], one["abstentions"]) for one in found] == sides
    assert "Nadia Keller" in json.dumps([one["ballots"] for one in found])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Choisissez d'abord"),
        ("bla\nbla\n", "aucun résultat lu"),
        ("Nom;Vote\nKeller;peut-être\n", "ligne 2"),
        ("Nom;Vote\nKeller;-\n", "ligne 2"),
        ("Objet;Oui;Non\nM-414;quarante;3\n", "n'est pas un nombre de voix"),
        ("Nom;Vote\nKeller;oui\nKeller;non\n", "deux fois"),
        ("Nom;Vote\n" + "Keller;oui\n" * 10_000, "dépasse 64 Ko"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_relied_upon_is_refused(
    clerk: TestClient, text: str, message: str
) -> None:
    answer = read(clerk, text)
    assert answer.status_code == 422
    assert message in answer.text.replace("&#39;", "'").replace("’", "'").replace("\xa0", " ")


def test_two_results_do_not_go_to_one_vote(clerk: TestClient) -> None:
    vote = judged_session(desk_of(clerk).archive, "v").votes[1].vote
    one = json.dumps(kept(read(clerk, TOTALS).text)[0])
    target = f"{vote.start_ms}:{digest(vote.said)}"
    both = {"kept": [one, one], "vote": [target, target]}
    assert clerk.post(f"{VOTES}/fichier/garder", data=both).status_code == 422
    broken = {"kept": ["{", "[]"], "vote": [target, ""]}
    assert clerk.post(f"{VOTES}/fichier/garder", data=broken).status_code == 422
