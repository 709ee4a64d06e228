"""A redaction whose process is killed: it holds all the same, and the next process finishes it."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.commands.integrity import findings, no_trace
from api.product import Product
from api.redaction import take_up
from api.worker.worker import Worker
from ingest.archive import redactions
from ingest.archive.redactions import RedactionReason, RedactionStage
from ingest.redaction.redact import RedactionRequest
from ingest.redaction.silence import loudest
from tests.support.redaction_site import (
    AFTER,
    OTHER,
    SECRET,
    SECRET_SPAN,
    SITTING,
    product_at,
    published_at,
)
from tests.support.waiting import PATIENCE_S
from web.app import create_app

# Its children are forked from one process that has imported the product: each would take seconds.
_CHILDREN = multiprocessing.get_context("forkserver")
_CHILDREN.set_forkserver_preload([__name__])
REDACTION = RedactionRequest(SECRET_SPAN, RedactionReason.IN_CAMERA, "greffe")


def die_in(module: str, name: str, when: str) -> None:
    """Have this process die in the named function: before it does anything, or right after."""
    where = import_module(module)
    holder, _, name = name.rpartition(":")
    where = getattr(where, holder) if holder else where
    true = getattr(where, name)

    def dying(*args: object, **kwargs: object) -> None:
        if when == "after":
            true(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(where, name, dying)


def _redact(root: Path, *step: str) -> None:
    die_in(*step)
    product_at(root).close(SITTING, REDACTION)


def _erase(root: Path, *step: str) -> None:
    die_in(*step)
    product_at(root).erase(SITTING)


def killed(work: Callable[..., None], root: Path, *step: str) -> None:
    """Do some work in a child that dies in a step of it."""
    child = _CHILDREN.Process(target=work, args=(root, *step))
    child.start()
    child.join(PATIENCE_S)
    assert child.exitcode == -signal.SIGKILL


STEPS = [
    ("ingest.redaction.silence", "_prove_packets", "before"),
    ("api.redaction", "silence_opus", "after"),
    ("ingest.archive.blobs", "DirectoryBlobs:put", "before"),
    ("ingest.archive.blobs", "DirectoryBlobs:put", "after"),
    ("ingest.archive.blobs", "DirectoryBlobs:swap", "after"),
    ("api.redaction", "mp3_of", "after"),
    ("api.product", "refresh", "before"),
    ("api.redaction", "scrub", "before"),
    ("api.redaction", "scrub", "after"),
    ("ingest.archive.redactions", "advance", "before"),
]


@pytest.mark.parametrize(("module", "name", "when"), STEPS)
def test_killed_anywhere_it_stays_redacted_and_is_finished(
    tmp_path: Path, module: str, name: str, when: str
) -> None:
    root = tmp_path / "data"
    published_at(root)
    killed(_redact, root, module, name, when)
    product = product_at(root)
    _nothing_of_it_is_public(product)
    take_up(product.archive)
    Worker(product).work("short")
    with product.archive.engine.connect() as db:
        assert [one.stage for one in redactions.of_session(db, SITTING)] == [RedactionStage.DONE]
    assert list(no_trace(product, [SECRET, "maladie grave"])) == []
    assert list(findings(product)) == []
    assert any(AFTER in hit.passage.text for hit in product.search("piscine municipale", 9))


def test_killed_before_its_words_are_gone_it_never_was(tmp_path: Path) -> None:
    root = tmp_path / "data"
    published_at(root)
    killed(_redact, root, "ingest.archive.redactions", "add", "after")
    product = product_at(root)
    with product.archive.engine.connect() as db:
        assert redactions.of_session(db, SITTING) == ()
    assert any(SECRET in turn.text for turn in product.archive.transcript(SITTING).turns)
    assert list(findings(product)) == []


def test_a_session_whose_erasing_was_killed_is_erased(tmp_path: Path) -> None:
    root = tmp_path / "data"
    published_at(root)
    killed(_erase, root, "ingest.archive.blobs", "DirectoryBlobs:delete", "before")
    product = product_at(root)
    assert (root / "media" / SITTING / "listen.opus").is_file()
    Worker(product).work("short")
    assert not (root / "media" / SITTING).exists() and (root / "media" / OTHER).exists()
    assert list(no_trace(product, [SECRET])) == []
    assert list(findings(product)) == []


def _nothing_of_it_is_public(product: Product) -> None:
    """Neither words nor the old sound, in whatever state the dead process left things."""
    api = f"/api/sessions/{SITTING}"
    with TestClient(create_app(product.deps()), raise_server_exceptions=False) as anyone:
        for address in (f"/seances/{SITTING}", f"{api}/transcript", f"{api}/export.vtt"):
            assert "Untel" not in anyone.get(address).text, address
        found = anyone.get("/api/search", params={"q": "Monsieur Untel souffre d'une maladie ?"})
        assert "Untel" not in found.text
        for form in ("opus", "mp3"):
            answer = anyone.get(f"{api}/audio.{form}", headers={"Range": "bytes=0-999999"})
            if answer.status_code == 503:
                assert answer.headers["retry-after"]
            else:  # it is the new one: what follows would not refuse it otherwise
                assert _is_silent(product.settings.data / "media" / SITTING / f"listen.{form}")
        clip = anyone.get(f"{api}/clip.opus", params={"start_ms": 7_000, "end_ms": 9_780})
        assert clip.status_code in (200, 503)
        if clip.status_code == 200:
            assert _is_silent(product.settings.data / "media" / SITTING / "listen.opus")


def _is_silent(path: Path) -> bool:

    return loudest(path, [SECRET_SPAN]) <= 2
