"""Clerks correct and publish while server and worker are killed by SIGKILL at random moments."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import func, select

from api.accounts import cookies
from api.commands.integrity import findings
from api.product import Product
from ingest.archive import audit, change_log
from ingest.editing.edits import Split, TextEdit
from ingest.jobs import queue
from ingest.jobs.queue import JobState
from ingest.transcript import ImportedText, Status
from search.index import store
from search.votes import store as vote_store
from tests.support.council_votes import REPORTER, council
from tests.support.lexicon import STRESS
from tests.support.office_process import Child, Nursery, nursery, product_at
from tests.support.small_council import CHAIR

SESSION, TURNS = "s", 8
ROUNDS, KILLS = (4, 12) if STRESS else (1, 2)  # one death each in every run
HERE = f"/bureau/api/seances/{SESSION}"
PAGE = f"/bureau/seances/{SESSION}/publication"
PATIENCE_S = 400
Edit = TextEdit | Split


def speech(n: int) -> str:
    words = " ".join(f"mot{n}x{word}" for word in range(30))
    return f"Orateur {n} dit {words}. La motion {400 + n} est acceptée à l'unanimité."


def corrections(turn: int) -> tuple[Edit, ...]:
    """A word written otherwise, and the turn parted: made twice, either would show."""
    text = speech(turn).replace("dit", f"corrigé{turn}")
    return TextEdit(turn=turn, text=text), Split(turn=turn, word=8)


EDITS = [edit for turn in reversed(range(TURNS)) for edit in corrections(turn)]


def opened(root: Path) -> Product:
    """A data directory in which there is one draft, without sound."""
    made = product_at(root)
    said = [(CHAIR if n % 2 else REPORTER, speech(n)) for n in range(TURNS)]
    session, transcript = council(*said)
    words = max(turn.end_ms for turn in transcript.turns)
    made.archive.save(replace(session, text=ImportedText("e" * 64, words)), transcript)
    return made


class Office:
    """A server and a worker that are killed now and then; others take their places."""

    def __init__(self, product: Product, born: Nursery) -> None:
        self.product = product
        self.killed = {"serve": 0, "work": 0}
        self.address, self.token = "", ""
        self._living: dict[str, Child] = {}
        self._born = born
        self._over = threading.Event()
        for kind in self.killed:
            self._start(kind)

    def _start(self, kind: str) -> None:
        child = self._living[kind] = self._born.start(kind, self.product.settings.data)
        if child.told:
            self.address, self.token = child.told

    def _kill_now_and_then(self) -> None:
        for kill in range(KILLS):
            if self._over.wait(random.uniform(0.1, 0.6) * (1 + self._deaths())):
                return
            kind = list(self.killed)[kill % len(self.killed)]
            self._living[kind].kill()
            self.killed[kind] += 1
            self._start(kind)

    def _deaths(self) -> int:
        """Of workers at one job: it is left alone the longer the more there were."""
        most = select(func.max(queue.table.c.attempts)).where(
            queue.table.c.state == JobState.RUNNING
        )
        with self.product.archive.engine.connect() as db:
            return db.execute(most).scalar() or 0

    def __enter__(self) -> "Office":
        return self

    def __exit__(self, *_: object) -> None:
        for child in self._living.values():
            child.kill()

    @contextmanager
    def in_danger(self) -> Iterator[None]:
        """While inside, one or the other is killed at random, so many times at most."""
        self._over.clear()
        killer = threading.Thread(target=self._kill_now_and_then)
        killer.start()
        try:
            yield
        finally:
            self._over.set()
            killer.join()

    def ask(self, path: str, **body: object) -> httpx.Response | None:
        """One request to whichever server there is; None where no answer came."""
        with suppress(httpx.HTTPError), httpx.Client(timeout=30) as client:
            client.cookies.set(cookies.SESSION, self.token)
            method = "POST" if body or path.startswith(PAGE) else "GET"
            form = {"sans_temps": "oui"} if path.startswith(PAGE) else None
            return client.request(method, self.address + path, json=body or None, data=form)
        return None

    def until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def insist(self, path: str, **body: object) -> httpx.Response:
        """The same request until it is answered."""
        deadline = time.monotonic() + PATIENCE_S
        while (answer := self.ask(path, **body)) is None:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return answer

    def edit(self, edit: Edit) -> None:
        """As the page does: what was not answered is sent again, if it did not get through."""
        base = self.insist(f"{HERE}/document").json()["revision"]
        body = {"base": base, "edit": asdict(edit)}
        while (answer := self.ask(f"{HERE}/changes", **body)) is None:
            known = self.insist(f"{HERE}/changes?since={base}").json()
            if any(comes_of(made, edit) for made in known["splices"]):
                return
        assert answer.status_code == 200, answer.text

    def publish(self) -> None:
        assert self.insist(f"{PAGE}/publier").status_code == 303
        self.until(lambda: self.product.archive.status(SESSION) is Status.PUBLISHED)
        self.until(lambda: not self.has(*queue.WAITING))

    def has(self, *states: JobState) -> bool:
        with self.product.archive.engine.connect() as db:
            return bool(queue.jobs(db, states))


def comes_of(made: dict[str, Any], edit: Edit) -> bool:
    """Is a change since the edit was sent that edit? The machine's never part a turn."""
    return made["first"] == edit.turn and len(made["turns"]) == (2 if edit.kind == "split" else 1)


def test_nothing_is_lost_or_done_twice_when_server_and_worker_are_killed(tmp_path: Path) -> None:
    product = opened(tmp_path / "killed")
    edits = iter(EDITS)
    with nursery() as born, Office(product, born) as office:
        for _ in range(ROUNDS):
            with office.in_danger():
                assert office.insist(f"{PAGE}/retirer").status_code == 303
                for _ in range(len(EDITS) // ROUNDS // 2):
                    office.edit(next(edits))
                office.publish()
                for _ in range(len(EDITS) // ROUNDS // 2):
                    office.edit(next(edits))
        office.until(lambda: not office.has(*queue.WAITING))
        assert all(office.killed.values()) and not office.has(JobState.FAILED)

    undisturbed = opened(tmp_path / "undisturbed")
    for number, edit in enumerate(EDITS, 1):
        undisturbed.changes.make(SESSION, number, "greffe", edit)
    undisturbed.publish(SESSION, without_times=True)
    assert made_by_clerks(product) == made_by_clerks(undisturbed) == [e.kind for e in EDITS]
    assert searched(product) == searched(undisturbed)
    with product.archive.engine.connect() as db:
        actions = list(db.execute(select(audit.table.c.action)).scalars())
    assert actions.count("session.publish") == ROUNDS
    assert list(findings(product)) == []


def made_by_clerks(product: Product) -> list[str]:
    with product.archive.engine.connect() as db:
        made = change_log.since(db, SESSION, 1)
    return [change.kind for change in made if change.author == "greffe"]


def searched(product: Product) -> list[tuple[object, ...]]:
    """The passages and the votes, as readers are answered from them."""
    p, v = store.passages.c, vote_store.table.c
    queries = (
        select(p.id, p.first_turn, p.last_turn, p.text, p.vector).order_by(p.start_ms),
        select(v.turn, v.first_word, v.last_word, v.said, v.object).order_by(v.position),
    )
    with product.archive.engine.connect() as db:
        found = [tuple(row) for query in queries for row in db.execute(query)]
    assert len(found) > TURNS
    return found
