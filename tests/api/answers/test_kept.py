"""Answers that are kept: not weighed twice, and never older than the archive."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from api.answers.calibration import Features
from api.answers.citation import Candidate, Quote
from api.answers.evidence import Support
from api.answers.kept import KeptAnswers
from api.answers.quotations import Sources
from ingest.archive import audit
from ingest.archive.published import Published
from ingest.archive.repository import Archive
from ingest.transcript import Status
from search.passage import Passage
from search.query.parsed import Query
from tests.conftest import small_session
from tests.support.small_site import FakeDecisions, FakeFinder

TEXT = "Le crédit demandé est de 2 400 000 francs."
ASKED = Query("Combien ?", "combien")


@dataclass
class Asked:
    """Answers, and how often something was weighed for them."""

    archive: Archive
    generation: int = 0
    weighed: list[Query] = field(default_factory=list)

    def sources(self, published: Published) -> Sources:
        passage = Passage("p", "seance-1", 0, 0, 0, 9_000, TEXT)

        def weigh(asked: Query, candidates: Sequence[Candidate]) -> Support:
            self.weighed.append(asked)
            best = [Quote("seance-1", said, 0, 8) for one in candidates for said in one.turns]
            return Support(tuple(best), bool(best), Features())

        return Sources(published, FakeFinder(passage), FakeDecisions(), weigh)


@pytest.fixture
def asked(archive: Archive) -> Asked:
    archive.save(*small_session(texts=[TEXT]))
    archive.set_status("seance-1", Status.PUBLISHED)
    return Asked(archive)


@pytest.fixture
def answers(asked: Asked) -> KeptAnswers:
    return KeptAnswers(asked.archive, asked, asked.sources)


def test_the_same_question_is_weighed_once(asked: Asked, answers: KeptAnswers) -> None:
    first = answers(ASKED)
    assert [c.quote for c in first.answer.citations] == [TEXT]
    assert answers(ASKED) == first
    answers(Query("Quand ?", "quand"))
    assert len(asked.weighed) == 2


def test_any_act_has_it_weighed_again(asked: Asked, answers: KeptAnswers) -> None:
    answers(ASKED)
    with asked.archive.begin() as db:
        audit.record(db, "greffe", "vote.confirmed", "seance-1")
    answers(ASKED)
    assert len(asked.weighed) == 2


def test_what_comes_to_search_later_is_found(asked: Asked, answers: KeptAnswers) -> None:
    answers(ASKED)  # while a published session was still being read, say
    asked.generation += 1
    answers(ASKED)
    assert len(asked.weighed) == 2


def test_a_kept_answer_is_held_against_the_archive(asked: Asked, answers: KeptAnswers) -> None:
    answers(ASKED)
    asked.archive.set_status("seance-1", Status.IN_CAMERA)  # by an act that no log knows of
    assert answers(ASKED).answer.refused
