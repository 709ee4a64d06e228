"""Fakes and fixtures. Fast tests use these; tests marked `models` ingest the real samples once."""

import os
import random
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from datetime import date
from functools import cache
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any

import hypothesis
import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import URL, Engine, create_engine
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

import ingest.archive.repository
import ingest.database.engine
from ingest.archive.repository import Archive, open_archive, opened
from ingest.audio.decode import Pcm
from ingest.audio.encode import Encoder
from ingest.database.engine import sqlite_file
from ingest.samples import sample_requests
from ingest.settings import Settings
from ingest.transcript import (
    AgendaItem,
    Generator,
    Person,
    Recording,
    Session,
    Span,
    Speaker,
    SpeakerSpan,
    Transcript,
    Turn,
    Word,
)
from tests.support import paths, postgres
from tests.support.waiting import PATIENCE_S

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from playwright.sync_api import Browser

    from api.deps import Deps
    from api.product import Product
    from search.engine.retrieve import Retriever
    from search.engine.synced import SyncedIndex
    from tests.support.browser import Visit
    from tests.support.word_embedder import WordEmbedder

SAMPLES = paths.ROOT / "samples"
# The same few examples in every run of `make test`, so that a failure is met again; many, and
# others each time, under `make stress`. No deadline: it would measure how busy the machine is.
hypothesis.settings.register_profile("test", max_examples=50, deadline=None, derandomize=True)
hypothesis.settings.register_profile("stress", max_examples=1_000, deadline=None)
SEED = int(
    os.environ.get("VERBATIM_SEED") or (os.getpid() if os.environ.get("VERBATIM_STRESS") else 0)
)
hypothesis.settings.load_profile("stress" if os.environ.get("VERBATIM_STRESS") else "test")
GENERATOR = Generator("whisper-base", "campplus-average-linkage", "0", {"beam": 5})


def words(text: str, start_ms: int = 0, each_ms: int = 300) -> tuple[Word, ...]:
    """Words that follow each other, `each_ms` long."""
    return tuple(
        Word(start_ms + n * each_ms, start_ms + (n + 1) * each_ms, word, 0.9)
        for n, word in enumerate(text.split())
    )


def turn(index: int, speaker: str | None, text: str, start_ms: int = 0) -> Turn:
    """A turn with evenly timed words."""
    return Turn(index, speaker, words(text, start_ms))


def small_session(
    session_id: str = "seance-1", texts: Sequence[str] = ("Bonjour à tous.",)
) -> tuple[Session, Transcript]:
    """A one-part session with one turn per text, spoken by S1 and S2 in turn."""
    turns, at = [], 0
    for index, text in enumerate(texts):
        turns.append(turn(index, f"S{index % 2 + 1}", text, at))
        at = turns[-1].end_ms + 500
    session = Session(
        session_id,
        "Séance d'essai",
        date(2025, 3, 11),
        parts=(Recording(f"hash-of-{session_id}", 0, at),),
        agenda=(AgendaItem("1", "Ouverture", None, 0),),
        roster=(Person("Claire Fontanet", "conseillère municipale", "Les Verts"),),
    )
    speakers = (Speaker("S1", "Claire Fontanet"), Speaker("S2"))
    return session, Transcript(session_id, speakers, tuple(turns), (), GENERATOR)


def pytest_report_header() -> str:
    """What `VERBATIM_SEED` must be for the same random choices again."""
    return f"seed of random choices: {SEED}"


@pytest.fixture(autouse=True)
def _seeded() -> None:
    random.seed(SEED)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first: no worker ends alone with it."""
    items.sort(key=_turn)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """How workers share the tests."""
    return ByFile(config, log)


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """A file's tests stay with one worker, for its site is made once for all of them.

    Files whose tests load PyTorch are one: that takes seven seconds of processor.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return "torch" if path in _TORCH else path


_LONGEST = ("tests/test_samples.py", "tests/web/test_journey.py")
_TORCH = (
    *("tests/api/answers/test_cross_encoder.py", "tests/search/index/test_embed.py"),
    "tests/train/test_cross_encoder.py",
)


@cache
def _needs_samples(path: str) -> bool:
    text = (paths.ROOT / path).read_text("utf-8")
    return "pytest.mark.models" in text and "product: " in text


def _turn(item: pytest.Item) -> int:
    """The longest files, what hears, browsers, what asks for the samples that the first ingests."""
    path = item.nodeid.partition("::")[0]
    if path in _LONGEST:
        return _LONGEST.index(path)
    hears, visits = (item.get_closest_marker(mark) for mark in ("models", "browser"))
    if hears and _needs_samples(path):
        return 4
    return 2 if hears else 3 if visits else 5


# Tests of what is written in SQL: those of them that take an `archive` run on both databases.
ON_BOTH_DATABASES = (
    *("ingest/archive/", "ingest/database/", "ingest/jobs/", "ingest/editing/test_changes.py"),
    *("ingest/redaction/", "search/index/test_publish.py", "search/votes/", "api/accounts/"),
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Have the contract of an archive hold on each database that it may be in."""
    path = metafunc.definition.path.relative_to(paths.ROOT / "tests").as_posix()
    if "archive" in metafunc.fixturenames and path.startswith(ON_BOTH_DATABASES):
        metafunc.parametrize("archive", ("sqlite", "postgresql"), indirect=True)


@pytest.fixture
def archive(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Archive]:
    """An empty archive of its own: in SQLite, where a test does not run on both databases."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield open_archive(f"sqlite:///{tmp_path / 'archive.sqlite'}")
        return
    with postgres.database() as url, opened(url) as archive:
        yield archive


@pytest.fixture
def embedder() -> "WordEmbedder":
    """A model of nothing but words."""
    from tests.support.word_embedder import WordEmbedder

    return WordEmbedder()


@pytest.fixture
def index(archive: Archive, tmp_path: Path, embedder: "WordEmbedder") -> Iterator["SyncedIndex"]:
    """The vector index of `archive`, as the product opens it."""
    from search.engine.synced import open_index

    opened = open_index(archive, tmp_path, embedder)
    assert opened
    yield opened
    opened.close()


@pytest.fixture
def retriever(archive: Archive, embedder: "WordEmbedder") -> "Retriever":
    """Finds in what `archive` publishes."""
    from search.engine.live import open_corpus
    from search.engine.retrieve import Retriever

    return Retriever(archive, embedder, open_corpus(archive, embedder))


_BROWSER = ExitStack()
_browsers: list["Browser"] = []  # one at most


@pytest.fixture(scope="module")
def chromium() -> "Browser":
    """A real browser. It stays for the visits of the modules after, each with its own cookies."""
    from tests.support.browser import launched

    if not _browsers:
        _browsers.append(_BROWSER.enter_context(launched()))
    return _browsers[0]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """End the browser before a test that uses none: while it is there no other event loop runs."""
    try:
        return (yield)
    finally:
        if _browsers and not (nextitem and nextitem.get_closest_marker("browser")):
            _browsers.clear()
            _BROWSER.close()


@pytest.fixture
def visit(chromium: "Browser", address: str, request: pytest.FixtureRequest) -> Iterator["Visit"]:
    """A fresh visit to the module's `address`.

    Fails afterwards if the console, the CSP or the network complained.
    """
    from tests.support.browser import visiting

    with visiting(chromium, address, **getattr(request, "param", {})) as visit:
        yield visit


def tone(hz: float, seconds: float, rate: int = 48_000) -> NDArray[np.int16]:
    """A sine, shape (n,)."""
    t = np.arange(int(seconds * rate)) / rate
    return (8000 * np.sin(2 * np.pi * hz * t)).astype(np.int16)


@pytest.fixture
def write_audio(tmp_path: Path) -> Callable[..., Path]:
    """Writes samples to a file, in the container and codec that its name asks for."""
    kinds = {
        ".wav": ("wav", "pcm_s16le", 48_000),
        ".mp3": ("mp3", "libmp3lame", 48_000),
        ".flac": ("flac", "flac", 48_000),
        ".ogg": ("ogg", "libopus", 48_000),
        ".m4a": ("mp4", "aac", 48_000),
        ".mp4": ("mp4", "aac", 48_000),
        ".webm": ("webm", "libopus", 48_000),
        ".mkv": ("matroska", "libopus", 48_000),
    }

    def write(name: str, samples: NDArray[np.int16]) -> Path:
        path = tmp_path / name
        encoder = Encoder(path, *kinds[path.suffix], 64_000)
        for at in range(0, len(samples), 4_800):
            encoder.write(samples[at : at + 4_800])
        encoder.close()
        return path

    return write


class FakeTranscriber:
    """Hears one word per second of speech; counts the windows it was given."""

    name = "fake"

    def __init__(self) -> None:
        self.windows = 0

    def words(
        self, audio: NDArray[np.float32], speech: Sequence[Span], hints: str = ""
    ) -> Iterator[Word]:
        self.windows += 1
        for span in speech:
            for n, at in enumerate(range(span.start_ms, span.end_ms - 999, 1_000)):
                yield Word(at, at + 900, f"mot{n}.", 0.9)


class FakeDiarizer:
    """One voice throughout."""

    name = "fake"

    def spans(
        self,
        pcm: Pcm,
        speech: Sequence[Span],
        report: Callable[[float], None],
        most: int | None = None,
    ) -> tuple[SpeakerSpan, ...]:
        report(1.0)
        return tuple(SpeakerSpan(s.start_ms, s.end_ms, "S1") for s in speech)


@pytest.fixture
def filled_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Templates of minutes are filled in this process: a child takes half a second to begin.

    In a child, as in earnest: `tests/api/exports/test_hostile_templates.py`.
    """
    from api.exports import minutes

    def here(task: Callable[..., Any], *args: object, **_: object) -> Any:
        return task(*args, lambda _: None)

    monkeypatch.setattr(minutes, "run_limited", here)


@pytest.fixture(scope="module")
def deps(tmp_path_factory: pytest.TempPathFactory) -> "Deps":
    """What a site over the small archive needs, one for each module of tests."""
    from tests.support.small_site import small_deps

    return small_deps(tmp_path_factory.mktemp("site"))


@pytest.fixture
def client(deps: "Deps") -> Iterator["TestClient"]:
    """A visitor of that site's pages, who is shown the errors that a reader would be."""
    from fastapi.testclient import TestClient

    from web.app import create_app

    with TestClient(create_app(deps), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> "Product":
    """The real product with the samples ingested by the real models, once for all workers.

    The first worker that asks for it ingests them, and the others get a copy of its data.
    `VERBATIM_TEST_DATA` keeps the result from run to run, for work on what comes after.
    """
    from filelock import FileLock

    from api.product import Product

    kept = os.environ.get("VERBATIM_TEST_DATA")
    data = Path(kept) if kept else tmp_path_factory.mktemp("samples") / "data"
    product = Product(Settings(data=data, _env_file=None))
    workers = "PYTEST_XDIST_WORKER" in os.environ
    run = tmp_path_factory.getbasetemp().parent if workers else tmp_path_factory.getbasetemp()
    shared = run / "ingested"
    with FileLock(f"{shared}.lock"):
        if shared.exists() and not kept:
            shutil.copytree(shared, data)
            return product
        for request in sample_requests(SAMPLES):
            session = product.ingest(request, lambda stage, fraction: None)
            product.publish(session.id)
        if workers and not kept:
            shutil.copytree(data, run / "copied")
            (run / "copied").rename(shared)
    return product


@pytest.fixture(scope="session", autouse=True)
def _cheap_archives(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What an archive of its own costs a test that is not about it.

    A new one begins as a copy of one that the migrations made. No test cuts the power, so none
    waits for the disk. Statements are compiled once for all archives, not once for each.
    """
    made = tmp_path_factory.mktemp("migrated") / "archive.sqlite"
    opened = open_archive(f"sqlite:///{made}").engine
    opened.dispose()
    repository = ingest.archive.repository
    database = ingest.database.engine
    migrate, first = repository._migrate, Lock()
    statements: dict[object, object] = {}

    def copied(engine: Engine) -> None:
        path = sqlite_file(engine.url)
        with first:
            if path and not path.exists():
                shutil.copyfile(made, path)
                return
        migrate(engine)

    def sharing(url: str | URL, **options: Any) -> Engine:
        engine = create_engine(url, **options)
        if options:  # PostgreSQL's
            return engine
        engine.dialect = opened.dialect  # what was compiled is found again by it
        engine.update_execution_options(compiled_cache=statements)
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repository, "_migrate", copied)
        patch.setattr(database, "create_engine", sharing)
        patch.setattr(database, "_PRAGMAS", (*database._PRAGMAS, "synchronous=OFF"))
        yield


@pytest.fixture(scope="session", autouse=True)
def _cheap_sites() -> Iterator[None]:
    """What a site of its own costs a test that is not about it: half a second of processor.

    FastAPI makes the types of all routes anew for each application, at its first request, and each
    compiles its templates. Ours differ in what routes and templates are given, not in them.
    """
    with pytest.MonkeyPatch.context() as patch:
        if "web.app" in sys.modules:  # tests of a run that load it later make a few at most
            from tests.support.cheap_sites import built_once, compiled_once

            patch.setattr("fastapi.routing._IncludedRouter._build_effective_context", built_once())
            patch.setattr("web.app.build_site", compiled_once())
        yield


@pytest.fixture(scope="session", autouse=True)
def _patient() -> Iterator[None]:
    """However busy the machine is, a question is read to its end, and a search waits for what was
    just published. Tests of little time bring a clock or a patience of their own."""
    from search.engine.live import LiveCorpus
    from search.query.parsed import Budget

    def patient(seconds: float, clock: Callable[[], float] = monotonic) -> Budget:
        return Budget(clock() + (PATIENCE_S if clock is monotonic else seconds), clock)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Budget, "of", staticmethod(patient))
        patch.setattr(LiveCorpus.now, "__defaults__", (PATIENCE_S,))
        yield


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's result never depends on the shell it runs in."""
    for name in ("VERBATIM_DATA", "VERBATIM_DATABASE", "VERBATIM_WHISPER", "VERBATIM_EMBEDDER"):
        with suppress(KeyError):
            monkeypatch.delenv(name)
