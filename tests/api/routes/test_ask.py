"""Whose turn it is to be answered."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import anyio
import pytest
from fastapi.testclient import TestClient

from api.answers.answer import answer_key
from api.routes.ask import ANSWERS, in_turn
from api.routes.turns import AT_ONCE
from search.query.parsed import Query
from tests.support.small_site import small_deps

KEPT, NEW = Query("Combien ?", "combien"), Query("Quand ?", "quand")


def test_what_is_kept_waits_for_nobody(tmp_path: Path) -> None:
    deps = replace(small_deps(tmp_path), kept=lambda: {answer_key(KEPT): "kept"})
    over, told = Event(), list[str]()

    async def ask(query: Query, word: str) -> None:
        await in_turn(deps, query, lambda: told.append(word))

    async def all_ask() -> None:
        async with anyio.create_task_group() as asking:
            for _ in range(AT_ONCE):
                asking.start_soon(ANSWERS.make, over.wait)
            while ANSWERS.taken < AT_ONCE:
                await anyio.sleep(0)
            asking.start_soon(ask, NEW, "new")
            await ask(KEPT, "kept")
            assert told == ["kept"]
            over.set()

    anyio.run(all_ask)
    assert told == ["kept", "new"]


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("/?q=Combien+co%C3%BBte+le+pont+%3F", None),
        ("/flux?q=Combien+co%C3%BBte+le+tram+%3F", None),
        ("/api/ask/stream?q=Combien+co%C3%BBte+le+parc+%3F", None),
        ("/api/ask", {"question": "Combien coûte la gare ?"}),
        (
            "/v1/chat/completions",
            {"messages": [{"role": "user", "content": "Combien coûte la place ?"}]},
        ),
    ],
)
def test_a_page_and_each_interface_but_mcp_takes_its_turn(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, address: str, body: dict[str, Any] | None
) -> None:
    turns = list[int]()
    make = ANSWERS.make

    async def counted(work: Callable[[], object]) -> object:
        turns.append(1)
        return await make(work)

    monkeypatch.setattr(ANSWERS, "make", counted)
    told = client.post(address, json=body) if body else client.get(address)
    assert told.status_code == 200
    assert turns == [1]
