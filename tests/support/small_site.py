"""A site over a small real archive: one published session, and two that must not show anywhere.

Fakes answer and search, so that tests of routes and pages need no model.
"""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path

import av
import numpy as np

from api.answers.answer import Answer, Verified, refusal
from api.answers.citation import Citation
from api.deps import Deps
from ingest.archive.blobs import DirectoryBlobs
from ingest.archive.published import Published
from ingest.archive.repository import open_archive
from ingest.settings import Settings
from ingest.transcript import (
    AgendaItem,
    Evidence,
    Generator,
    Person,
    Recording,
    Session,
    Span,
    Speaker,
    Status,
    Transcript,
    Turn,
    Word,
)
from search.engine.topics import Topic, phrases
from search.filters import EVERYTHING, Facets, Filters
from search.index.vocabulary_cache import CachedVocabulary
from search.passage import Hit, Passage
from search.query.parsed import Query
from search.votes.lookup import AskedVote
from search.votes.vote import Vote

RATE = 48_000
PUBLISHED = "2025-03-11"
CANARY = "rossignol"
VOICES = ("S1.2", "S1")  # a label says nothing of who speaks first
COST = "Le crédit demandé est de deux millions."
HIDDEN = {"2025-06-01-brouillon": Status.DRAFT, "2025-06-02-huis-clos": Status.IN_CAMERA}


def said(text: str, start_ms: int, each_ms: int = 400) -> tuple[Word, ...]:
    return tuple(
        Word(start_ms + n * each_ms, start_ms + (n + 1) * each_ms - 20, word, 0.9)
        for n, word in enumerate(text.split())
    )


def sitting(session_id: str, *texts: str) -> tuple[Session, Transcript]:
    turns = tuple(Turn(n, VOICES[n], said(text, 1000 + 5000 * n)) for n, text in enumerate(texts))
    session = Session(
        id=session_id,
        title="Séance de mars",
        date=date(2025, 3, 11),
        parts=(Recording(session_id.ljust(64, "0"), 0, 20_000),),
        agenda=(
            AgendaItem("1", "Communications", None, 0),
            AgendaItem("2", "Piste cyclable", "PR-12", 5_500),
        ),
        roster=(Person("Claire Fontanet", "conseillère municipale", "PS"),),
    )
    speakers = (
        Speaker("S1", "Claire Fontanet", Evidence.CHAIR, 0.9),
        Speaker("S1.2", None),
    )
    generator = Generator("fake", "fake", "1", {})
    return session, Transcript(session_id, speakers, turns, (Span(16_000, 17_500),), generator)


def text_of(markup: str) -> str:
    """What a page or a piece of one says, less its tags."""
    return html.unescape(re.sub(r"<[^>]+>", "", markup))


def tones(path: Path, container: str, codec: str) -> None:
    """20 s; second n is a pure tone of 300 + 50 n Hz."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_tones(container, codec))


@cache  # what takes longest of a small site
def _tones(container: str, codec: str) -> bytes:
    seconds = np.arange(RATE) / RATE
    wave = np.concatenate([np.sin(2 * np.pi * (300 + 50 * n) * seconds) for n in range(20)])
    samples = (0.3 * 32767 * wave).astype(np.int16).reshape(1, -1)
    file = BytesIO()
    with av.open(file, "w", format=container) as out:
        stream = out.add_stream(codec, rate=RATE, layout="mono", bit_rate=32_000)
        resampler = av.AudioResampler(format=stream.format, layout="mono", rate=RATE)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, 0
        for block in (*resampler.resample(frame), None):
            out.mux(stream.encode(block))
    return file.getvalue()


def citation(session: str = PUBLISHED, turn: int = 1) -> Citation:
    return Citation(session, 1, turn, 6000, 8780, "Claire Fontanet", COST)


def fake_ask(asked: Query) -> Verified:
    question = asked.question
    if CANARY in question:
        hidden = next(iter(HIDDEN))
        return Verified(Answer(asked, (citation(hidden, 0),)))
    if "?" not in question:
        return Verified(refusal(asked, "Je n'ai rien trouvé."))
    opening = Citation(PUBLISHED, 1, 0, 1000, 1780, None, "Bonsoir à")
    return Verified(Answer(asked, (citation(), opening)))


def passages() -> tuple[Passage, ...]:
    """One of each session, the hidden ones too, as a stale index might give."""
    ids = (PUBLISHED, *HIDDEN)
    return tuple(Passage(f"p{n}", s, 0, 1, 1000, 8780, COST) for n, s in enumerate(ids))


class FakeFinder:
    """Finds the same `passages`, whatever is asked and whatever narrows it."""

    def __init__(self, *passages: Passage) -> None:
        self._passages = passages

    def find(self, query: Query, limit: int) -> tuple[Hit, ...]:
        return tuple(Hit(p, 1.0, ("dense",), 0.9, 0.8) for p in self._passages)[:limit]

    def browse(
        self, filters: Filters = EVERYTHING, limit: int = 20, offset: int = 0
    ) -> tuple[Passage, ...]:
        return self._passages[offset : offset + limit]

    @property
    def is_whole(self) -> bool:
        return True

    def unsaid(self, text: str) -> frozenset[str]:
        """Everything is said somewhere."""
        return frozenset()

    def tied(self, text: str, times: int) -> frozenset[str]:
        """Nothing is tied to what it does not say."""
        return frozenset()

    def topics(self, titles: Iterable[str]) -> Mapping[str, tuple[Topic, ...]]:
        """Each title names what `COST` says."""
        return {title: phrases("Crédit demandé") for title in titles}

    def saying(self, stems: Sequence[str], limit: int) -> tuple[Passage, ...]:
        return self._passages[:limit]

    def facets(self, question: str | None = None, filters: Filters = EVERYTHING) -> Facets:
        return Facets(passages=0)


@dataclass(frozen=True)
class FakeDecisions:
    """Has these votes within any filters, and none about any query."""

    votes: tuple[Vote, ...] = ()

    def about(self, query: Query) -> tuple[AskedVote, ...]:
        return ()

    def on(self, session: str, item: str) -> tuple[Vote, ...]:
        return ()

    def within(self, query: Query) -> tuple[Vote, ...]:
        return self.votes


def small_deps(root: Path) -> Deps:
    """Everything a site needs, kept below `root`; sound included."""
    archive = open_archive(f"sqlite:///{root}/archive.sqlite")
    archive.save(*sitting(PUBLISHED, "Bonsoir à toutes et à tous.", COST))
    archive.set_status(PUBLISHED, Status.PUBLISHED)
    for hidden, status in HIDDEN.items():
        session, transcript = sitting(hidden, f"Le {CANARY} chante à huis clos.")
        archive.save(replace(session, title=f"Séance {CANARY}"), transcript)
        archive.set_status(hidden, status)
    for session_id in (PUBLISHED, *HIDDEN):
        tones(root / "media" / session_id / "listen.opus", "ogg", "libopus")
        tones(root / "media" / session_id / "listen.mp3", "mp3", "libmp3lame")
    blobs = DirectoryBlobs(root / "media")
    published = Published(archive)
    return Deps(
        settings=Settings(_env_file=None, address="http://testserver"),
        published=published,
        blobs=blobs,
        vocabulary=CachedVocabulary(published),
        ask=fake_ask,
        finder=(finder := FakeFinder(*passages())),
        subjects=finder,
    )
