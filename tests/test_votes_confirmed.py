"""What a clerk says of a vote holds for its words, wherever they stand, and for no others."""

from dataclasses import replace

import pytest

from ingest.archive import Archive
from ingest.published import Published
from ingest.transcript import Span
from search.index import publish
from search.vote_store import votes
from search.vote_verdicts import Verdict, digest, forget_near, give, judged
from search.vote_verdicts import table as verdicts
from search.votes import Vote
from tests.council_votes import CHAIR, council, heard
from tests.word_embedder import WordEmbedder

REFUSED = "L'amendement est refusé par 40 non contre 30 oui."
TEXT = f"Au vote. {REFUSED} Au vote. {REFUSED} Au vote. La motion 414 est acceptée à l'unanimité."


@pytest.fixture
def kept(archive: Archive, embedder: WordEmbedder) -> Archive:
    archive.save(*council((CHAIR, TEXT)))
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


def test_a_verdict_keeps_no_word_of_the_sitting(kept: Archive) -> None:
    say(kept, 0, Verdict.CONFIRMED)
    with kept.engine.connect() as db:
        (row,) = db.execute(verdicts.select())
    assert row.said == digest(REFUSED)
    assert "amendement" not in str(tuple(row))


def test_closing_a_passage_forgets_what_was_said_of_its_votes(kept: Archive) -> None:
    say(kept, 0, Verdict.CONFIRMED)
    first = found()[0]
    with kept.begin() as db:
        forget_near(db, "s", Span(first.end_ms - 10, first.end_ms))
        assert not db.execute(verdicts.select()).all()
