"""Questions to go on with: tried once, and only while nobody waits for an answer."""

from collections.abc import Hashable
from dataclasses import replace
from typing import Any

import anyio
import pytest

from api.answers.answer import Answer, Verified
from api.answers.citation import Citation
from api.deps import Deps
from api.routes.ask import ANSWERS
from search.query.parsed import Query
from tests.support.small_site import small_deps
from web.public.follow_ups import follow_ups

QUESTION = "Pourquoi ?"


@pytest.fixture
def asked() -> list[Query]:
    return []


@pytest.fixture
def deps(tmp_path: Any, asked: list[Query]) -> Deps:
    shelf: dict[Hashable, Any] = {}

    def answers(query: Query) -> Verified:
        asked.append(query)
        return Verified(Answer(query, (_said(10_000 * len(asked)),)))

    return replace(small_deps(tmp_path), ask=answers, kept=lambda: shelf)


def _said(start_ms: int) -> Citation:
    return Citation("seance-1", 0, 0, start_ms, start_ms + 900, "Claire Fontanet", "Oui.")


ANSWERED = Verified(Answer(Query("Combien ?", "combien"), (_said(0),)))


def test_they_are_tried_once_while_the_archive_stays_as_it_is(
    deps: Deps, asked: list[Query]
) -> None:
    first = follow_ups(deps, ANSWERED, "fr", lambda: [QUESTION])
    assert [query.question for query in first] == [QUESTION]
    assert follow_ups(deps, ANSWERED, "fr", lambda: [QUESTION]) == first
    assert len(asked) == 1


def test_whoever_asks_comes_first(deps: Deps, asked: list[Query]) -> None:
    def try_meanwhile() -> None:
        assert follow_ups(deps, ANSWERED, "fr", lambda: [QUESTION]) == ()

    anyio.run(ANSWERS.make, try_meanwhile)
    assert not asked
    assert follow_ups(deps, ANSWERED, "fr", lambda: [QUESTION])  # it was not kept as none
