"""What a clerk says of a vote holds for its words, wherever they stand, and for no others."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from ingest.archive.published import Published
from ingest.archive.redactions import RedactionReason
from ingest.archive.repository import Archive
from ingest.redaction.redact import RedactionRequest
from ingest.transcript import Recording, Session, Span, Transcript
from search.index.publish import publish
from search.index.withdraw import redact_passage
from search.votes import confirm, store
from search.votes.confirm import Gone, Seen, judge, refresh
from search.votes.store import votes
from search.votes.verdicts import Verdict, digest, forget_near, give, judged
from search.votes.verdicts import table as verdicts
from search.votes.vote import Vote
from tests.support.council_votes import council, heard
from tests.support.small_council import CHAIR
from tests.support.word_embedder import WordEmbedder

REFUSED = "L'amendement est refusé par 40 non contre 30 oui."
TEXT = f"Au vote. {REFUSED} Au vote. {REFUSED} Au vote. La motion 414 est acceptée à l'unanimité."


@pytest.fixture
def kept(archive: Archive, embedder: WordEmbedder) -> Archive:
    session, transcript = council((CHAIR, TEXT))
    archive.save(replace(session, parts=(Recording("s" * 64, 0, 60_000),)), transcript)
    publish(archive, "s", embedder)
    return archive


def say(archive: Archive, n: int, verdict: Verdict | None) -> None:
    with archive.begin() as db:
        give(db, judged(db, "s", found())[n], verdict, "greffe")


def found() -> tuple[Vote, ...]:
    return heard((CHAIR, TEXT))


def told(archive: Archive, of: tuple[Vote, ...] | None = None) -> list[Verdict | None]:
    with archive.engine.connect() as db:
        return [one.verdict for one in judged(db, "s", of or found())]


def test_of_two_votes_in_the_same_words_the_one_that_is_meant(kept: Archive) -> None:
    say(kept, 0, Verdict.CONFIRMED)
    say(kept, 1, Verdict.REFUSED)
    assert told(kept) == [Verdict.CONFIRMED, Verdict.REFUSED, None]
    say(kept, 0, None)
    assert told(kept) == [None, Verdict.REFUSED, None]


def test_words_timed_anew_keep_their_verdict_and_corrected_words_ask_again(kept: Archive) -> None:
    say(kept, 1, Verdict.REFUSED)
    first, second, third = found()
    moved = tuple(replace(vote, start_ms=vote.start_ms + 80) for vote in found())
    assert told(kept, moved) == [None, Verdict.REFUSED, None]
    corrected = replace(second, said=second.said.replace("40", "41"))
    assert told(kept, (first, corrected, third))[1] is None


def test_a_vote_set_aside_is_not_found_and_a_confirmed_one_says_so(kept: Archive) -> None:
    say(kept, 1, Verdict.REFUSED)
    say(kept, 2, Verdict.CONFIRMED)
    publish(kept, "s", WordEmbedder())
    shown = [(vote.object, vote.confirmed) for vote in votes(Published(kept))]
    assert shown == [(found()[0].object, False), ("M-414", True)]


def test_a_verdict_keeps_no_word_of_the_session(kept: Archive) -> None:
    say(kept, 0, Verdict.CONFIRMED)
    with kept.engine.connect() as db:
        (row,) = db.execute(verdicts.select())
    assert row.said == digest(REFUSED)
    assert "amendement" not in str(tuple(row))


def closing_meanwhile(
    kept: Archive, monkeypatch: pytest.MonkeyPatch, module: object, name: str
) -> None:
    """The vote on the motion is redacted right after it was read."""
    vote = found()[2]
    begun: list[bool] = []

    read = getattr(module, name)

    def read_and_closed(session: Session, transcript: Transcript) -> object:
        told = read(session, transcript)
        if not begun:
            begun.append(True)
            span = Span(vote.start_ms, vote.end_ms)
            redact_passage(kept, "s", RedactionRequest(span, RedactionReason.IN_CAMERA, "greffe"))
        return told

    monkeypatch.setattr(module, name, read_and_closed)


def test_a_vote_redacted_while_it_is_judged_leaves_nothing(
    kept: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _, vote = found()
    closing_meanwhile(kept, monkeypatch, confirm, "votes")
    with pytest.raises(Gone):
        judge(kept, "s", Seen(vote.start_ms, digest(vote.said)), Verdict.CONFIRMED, "greffe")
    assert not kept_votes(kept, "motion")
    with kept.engine.connect() as db:
        assert not db.execute(verdicts.select()).all()
    judge(kept, "s", Seen(first.start_ms, digest(first.said)), Verdict.CONFIRMED, "greffe")
    assert kept_votes(kept, "amendement") and not kept_votes(kept, "motion")


def test_a_vote_that_is_there_is_judged_though_another_was_redacted_meanwhile(
    kept: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = found()[0]
    closing_meanwhile(kept, monkeypatch, confirm, "votes")
    judge(kept, "s", Seen(first.start_ms, digest(first.said)), Verdict.CONFIRMED, "greffe")
    assert kept_votes(kept, "amendement") and not kept_votes(kept, "motion")


def test_a_vote_redacted_while_votes_are_filled_in_is_not_kept(
    kept: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    with kept.begin() as db:
        store.delete_session(db, "s")
    closing_meanwhile(kept, monkeypatch, confirm, "record_or_none")
    refresh(kept)
    assert not kept_votes(kept, "motion")
    refresh(kept)
    assert kept_votes(kept, "amendement") and not kept_votes(kept, "motion")


def kept_votes(archive: Archive, word: str) -> list[str]:
    """The votes of the table that say a word."""
    with archive.engine.connect() as db:
        said = db.execute(select(store.table.c.said)).scalars()
        return [one for one in said if word in one]


def test_redacting_a_passage_forgets_what_was_said_of_its_votes(kept: Archive) -> None:
    say(kept, 0, Verdict.CONFIRMED)
    first = found()[0]
    with kept.begin() as db:
        forget_near(db, "s", Span(first.end_ms - 10, first.end_ms))
        assert not db.execute(verdicts.select()).all()
