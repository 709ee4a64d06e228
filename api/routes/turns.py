"""Turns of costly work that is done anew for each request: few at once, the others wait.

Requests wait as coroutines: waiting in threads, they would take those of every other page. Does not
know what is made.
"""

from collections.abc import Callable
from typing import ClassVar, TypeVar

from anyio import CapacityLimiter, move_on_after
from starlette.concurrency import run_in_threadpool

from ingest.errors import InPreparation

# D-024: two are made at once, one waits its turn for ten seconds, and is then to try again in ten.
AT_ONCE, PATIENCE_S, RETRY_S = 2, 10, 10
Made = TypeVar("Made")


class Busy(InPreparation):
    """Too many ask at once."""

    headers: ClassVar = {"Retry-After": str(RETRY_S)}


class Turns:
    """The turns of one kind of work; `what` is asked for too often, in French."""

    def __init__(self, what: str, patience_s: float = PATIENCE_S) -> None:
        self._what = what
        self._patience_s = patience_s
        self._limit = CapacityLimiter(AT_ONCE)

    @property
    def taken(self) -> int:
        """How many are being made."""
        return self._limit.borrowed_tokens

    @property
    def is_idle(self) -> bool:
        """Is nothing being made?"""
        return self._limit.borrowed_tokens == 0

    async def make(self, work: Callable[[], Made]) -> Made:
        """Do the work in a thread, when its turn comes. Raises `Busy` when none comes."""
        with move_on_after(self._patience_s) as waiting:
            await self._limit.acquire()
        if waiting.cancelled_caught:
            raise Busy(
                f"Trop {self._what} sont demandés à la fois. Réessayez dans {RETRY_S} secondes."
            )
        try:
            return await run_in_threadpool(work)
        finally:
            self._limit.release()
