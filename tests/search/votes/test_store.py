"""Votes are kept for published sessions only, and the one that is meant is found."""

from datetime import date

import pytest
from sqlalchemy import text

from ingest.archive.published import Published
from ingest.archive.repository import Archive
from ingest.transcript import AgendaItem, Status
from search.filters import Filters, Outcome
from search.index.publish import publish
from search.index.withdraw import withdraw
from search.query.parsed import Chip, Field, Intent, Query
from search.votes.confirm import refresh
from search.votes.lookup import ENOUGH, all_decided, vote_asked
from search.votes.store import votes
from search.votes.vote import Subject
from tests.support.council_votes import council
from tests.support.small_council import CHAIR
from tests.support.word_embedder import WordEmbedder

POOL = AgendaItem("2", "Proposition PR-18 : rénovation de la piscine de la Prairie", "PR-18", 0)
NOISE = AgendaItem(
    "3", "Pétition P-5 : fermeture des terrasses à vingt-trois heures", "P-5", 10_000
)
POOL_VOTES = (
    "Nous votons sur l'amendement de Monsieur Rochat. Il est refusé par 43 non contre 28 oui. "
    "Je mets aux voix la proposition PR-18. Elle est acceptée par 65 voix contre 8 et quatre "
    "abstentions."
)
NOISE_VOTE = (
    "Nous prenons la pétition 5 sur le bruit. La pétition 5 est classée par 39 oui contre 35 non."
)
TREES = "La motion 414 est acceptée à l'unanimité."


@pytest.fixture
def published(archive: Archive, embedder: WordEmbedder) -> Archive:
    """Two sessions: the piscine and the noise in April, the trees in March."""
    archive.save(*council((CHAIR, TREES), session_id="mars"))
    april = council(
        (CHAIR, POOL_VOTES), (CHAIR, NOISE_VOTE), session_id="avril", agenda=(POOL, NOISE),
        day=date(2025, 4, 8),
    )  # fmt: skip
    archive.save(*april)
    for session_id in ("mars", "avril"):
        publish(archive, session_id, embedder)
    return archive


def outcomes(archive: Archive, filters: Filters) -> list[tuple[str | None, Outcome]]:
    return [(vote.object, vote.outcome) for vote in votes(Published(archive), filters)]


def test_votes_come_back_as_they_were_found_newest_session_first(published: Archive) -> None:
    found = votes(Published(published))
    assert [vote.object for vote in found] == ["PR-18", "PR-18", "P-5", "M-414"]
    amendment, pool, *_ = found
    assert amendment.mover == "Julien Rochat"
    assert (pool.yes, pool.no, pool.abstentions, pool.unanimous) == (65, 8, 4, False)
    words = published.turn("avril", pool.turn, pool.revision).words
    run = words[pool.first_word : pool.last_word + 1]
    assert " ".join(word.text for word in run) == pool.said
    assert (run[0].start_ms, run[-1].end_ms) == (pool.start_ms, pool.end_ms)


def test_filters_narrow_votes(published: Archive) -> None:
    assert outcomes(published, Filters(objects=("P-5",))) == [("P-5", Outcome.FILED)]
    assert outcomes(published, Filters(until=date(2025, 3, 31))) == [("M-414", Outcome.ACCEPTED)]
    assert outcomes(published, Filters(people=("Julien Rochat",))) == [("PR-18", Outcome.REFUSED)]
    assert outcomes(published, Filters(groups=("PLR",))) == [("PR-18", Outcome.REFUSED)]
    assert outcomes(published, Filters(items=(NOISE.title,))) == [("P-5", Outcome.FILED)]
    assert outcomes(published, Filters(sessions=("mars",), objects=("P-5",))) == []
    assert len(votes(Published(published), outcomes=(Outcome.ACCEPTED,))) == 2


def test_what_is_redacted_has_no_votes(published: Archive) -> None:
    published.set_status("mars", Status.IN_CAMERA)
    assert outcomes(published, Filters(sessions=("mars",))) == []
    assert vote_asked(Published(published), "motion 414") == ()
    withdraw(published, "avril")
    assert votes(Published(published)) == ()
    with published.engine.connect() as db:
        kept = db.execute(text("SELECT DISTINCT session_id FROM votes")).scalars().all()
    assert kept == ["mars"]


def test_sessions_published_before_votes_were_kept_are_filled_in(published: Archive) -> None:
    assert refresh(published) == 0
    with published.begin() as db:
        db.execute(text("DELETE FROM votes"))
        db.execute(text("UPDATE votes_read SET rules = 0 WHERE session_id = 'avril'"))
        db.execute(text("DELETE FROM votes_read WHERE session_id = 'mars'"))
    assert refresh(published) == 2
    assert len(votes(Published(published))) == 4
    assert refresh(published) == 0


ASKED = (
    ("Quel a été le vote sur la PR-18 ?", "PR-18", Subject.OBJECT),
    ("resultat vote piscine", "PR-18", Subject.OBJECT),
    ("L'amendement de Rochat a passé ?", "PR-18", Subject.AMENDMENT),
    ("L'amendement à la PR-18 a-t-il été refusé ?", "PR-18", Subject.AMENDMENT),
    ("Par combien de voix la pétition contre le bruit a-t-elle été classée ?", "P-5",
     Subject.OBJECT),
    ("La motion quatre cent quatorze a-t-elle été acceptée ou refusée ?", "M-414", Subject.OBJECT),
    ("Les arbres de la rue des Lilas ont-ils été acceptés ?", "M-414", Subject.OBJECT),
)  # fmt: skip


@pytest.mark.parametrize(("question", "code", "subject"), ASKED, ids=[a[0] for a in ASKED])
def test_the_vote_that_is_asked_for_comes_first(
    published: Archive, question: str, code: str, subject: Subject
) -> None:
    best = vote_asked(Published(published), question)[0]
    assert (best.vote.object, best.vote.subject) == (code, subject)
    assert best.score >= ENOUGH


def test_a_person_among_the_filters_is_looked_for_among_the_words(published: Archive) -> None:
    best = vote_asked(Published(published), "amendement", Filters(people=("Julien Rochat",)))[0]
    assert best.vote.mover == "Julien Rochat"
    by_session = vote_asked(Published(published), "amendement", Filters(sessions=("mars",)))
    assert all(asked.score < ENOUGH for asked in by_session)


def test_what_was_never_voted_is_not_found(published: Archive) -> None:
    assert all(
        a.score < ENOUGH
        for a in vote_asked(Published(published), "Le vote sur le stade de football ?")
    )
    assert vote_asked(Published(published), "Quel a été le vote sur la motion 99 ?") == ()


APRIL = Chip(Field.PERIOD, "2025-04-01/2025-04-30", "avril 2025", "en avril")


@pytest.mark.parametrize(
    ("question", "topic", "decided"),
    [
        ("Qu'est-ce qui a été accepté en avril ?", "a été accepté", ["PR-18"]),
        ("Qu'a-t-on refusé en avril ?", "", ["PR-18"]),  # its amendment
        ("Quels objets ont été votés en avril ?", "objets votés", ["PR-18", "PR-18", "P-5"]),
        ("Quelle pétition a été classée en avril ?", "pétition classée", ["P-5"]),
        ("La piscine a-t-elle été acceptée en avril ?", "la piscine", []),
    ],
)
def test_all_that_was_decided_is_listed_where_nothing_in_particular_is_asked_about(
    published: Archive, question: str, topic: str, decided: list[str]
) -> None:
    asked = Query(question, topic, topic, Intent.VOTE, chips=(APRIL,))
    found = all_decided(Published(published), asked)
    assert [vote.object for vote in found] == decided


def test_what_was_decided_at_all_is_not_listed(published: Archive) -> None:
    asked = Query("Qu'est-ce qui a été accepté ?", "a été accepté", intent=Intent.VOTE)
    assert all_decided(Published(published), asked) == ()


def test_decisions_of_one_kind_that_ended_alike_are_listed(published: Archive) -> None:
    def listed(question: str) -> list[str | None]:
        query = Query(question, "", intent=Intent.VOTE)
        return [vote.object for vote in all_decided(Published(published), query)]

    assert listed("Quelles pétitions ont été classées ?") == ["P-5"]
    assert listed("Quelles motions ont été acceptées ?") == ["M-414"]
    assert listed("Quelles motions ont été refusées ?") == []


BALLOTS = (
    (None, "(Les amendements identiques nos 1816, 1817 et 2363 ne sont pas adoptés.)"),
    (None, "(L'amendement n° 1900 n'est pas adopté.)"),
    (None, "(L'amendement n° 8 est retiré.)"),
)
BY_NUMBER = (
    ("résultat du vote 1816 1817 2363", "amendements n° 1816, 1817, 2363"),
    ("resultat scrutin 1900", "amendement n° 1900"),
    ("Quel a été le résultat du scrutin sur l'amendement n° 1817 ?",
     "amendements n° 1816, 1817, 2363"),
    ("What happened to amendment 8?", "amendement n° 8"),
    ("combien de voix pour l'amendement 9", None),
)  # fmt: skip


@pytest.mark.parametrize(("question", "noun"), BY_NUMBER)
def test_an_amendment_is_found_by_its_number_and_no_other_is(
    archive: Archive, embedder: WordEmbedder, question: str, noun: str | None
) -> None:
    opened = (CHAIR, "Monsieur Rochat, vous avez la parole."), ("S2", "Merci.")
    archive.save(*council(*opened, *BALLOTS))
    publish(archive, "s", embedder)
    found = vote_asked(Published(archive), question)
    assert [a.vote.noun for a in found if a.score > ENOUGH][:1] == ([noun] if noun else [])


@pytest.mark.parametrize(
    ("question", "topic", "decided"),
    [
        ("Quelles pétitions ont été classées ?", "pétitions", {"P-5"}),
        ("Quelles pétitions ont été refusées ?", "pétitions", set()),
        ("Quels amendements ont été refusés ?", "amendements", {"PR-18"}),
    ],
)
def test_a_list_holds_what_was_decided_so_of_the_kind_that_is_named(
    published: Archive, question: str, topic: str, decided: set[str]
) -> None:
    asked = Query(question, topic, topic, Intent.VOTE)
    found = all_decided(Published(published), asked)
    assert {vote.object for vote in found} == decided
