"""Twenty years of a council's sessions, of any size: real debates, repeated with variation.

Words, speakers, parties and vectors are those of real speeches (the samples', without data). Each
copy loses one word in ten, takes others from elsewhere, and its vector moves a little: no two are
alike, and they are as crowded as where a council comes back to its subjects for twenty years.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.random import Generator as Chance

from ingest.archive.repository import Archive
from ingest.documents.roster import read_roster
from ingest.transcript import Generator, Session, Status, Transcript
from search.index import store
from search.language.stems import stems
from search.passage import About, Embedder, Passage, Vectors
from tests.eval.samples import SAMPLES, reference

PASSAGES_A_SITTING = 150  # of two and a half hours
YEARS = 20
_FIRST_DAY = date(2005, 1, 11)
_WORDS = 120
_FEWEST = 30
_NOISE = 0.01  # a copy's cosine with its original is 0.98
_MARKS = re.compile(r"\[[A-Z ]+\d*\]")
_QUESTIONS = 150


@dataclass(frozen=True)
class Said:
    """A passage of a real speech."""

    text: str
    about: About


@dataclass(frozen=True, eq=False)
class Material:
    """Real passages and questions (sentences of theirs), with their vectors."""

    said: tuple[Said, ...]
    vectors: Vectors
    questions: tuple[str, ...]
    asked: Vectors


def material(data: Path | None, embedder: Embedder, scratch: Path) -> Material:
    """Real passages, embedded once: the vectors are kept in the scratch folder."""
    said = tuple(_swiss(data) if data else _samples())
    chance = np.random.default_rng(1)
    questions = tuple(_question(said[n].text, chance) for n in chance.permutation(len(said)))
    questions = tuple(question for question in questions if question)[:_QUESTIONS]
    texts = [one.text for one in said]
    key = hashlib.sha256(repr((embedder.name, texts, questions)).encode()).hexdigest()[:16]
    kept = scratch / f"vectors-{key}.npz"
    if not kept.is_file():
        scratch.mkdir(parents=True, exist_ok=True)
        vectors, asked = embedder.documents(texts), embedder.queries(list(questions))
        np.savez(kept, vectors=vectors, asked=asked)
    loaded = np.load(kept)
    return Material(said, loaded["vectors"], questions, loaded["asked"])


def _swiss(data: Path) -> Iterator[Said]:
    for line in (data / "debates" / "swiss_jura.jsonl").read_text("utf-8").splitlines():
        raw = json.loads(line)
        about = About(
            item=raw["business_title_fr"] or "",
            object=raw["business_number"] or "",
            people=(raw["speaker"],) if raw["speaker"] else (),
            parties=(raw["party"],) if raw["party"] else (),
        )
        yield from (Said(text, about) for text in _cut(_MARKS.sub(" ", raw["text"])))


def _samples() -> Iterator[Said]:
    for folder in sorted(path for path in SAMPLES.iterdir() if (path / "reference.json").is_file()):
        parties = {person.name: person.group for person in read_roster(folder / "roster.csv")}
        for said in reference(folder.name):
            name = said.span.label
            about = About(folder.name, "", (name,), tuple(filter(None, [parties.get(name)])))
            yield from (Said(text, about) for text in _cut(said.text))


def _cut(text: str) -> Iterator[str]:
    words = text.split()
    for start in range(0, len(words), _WORDS):
        if start == 0 or len(words) - start >= _FEWEST:
            yield " ".join(words[start : start + _WORDS])


def _question(text: str, chance: Chance) -> str:
    """A sentence of a passage, or nothing."""
    sentences = [s.strip() for s in re.split(r"[.?!]", text) if 6 < len(s.split()) < 30]
    return str(chance.choice(sentences)) if sentences else ""


# --- the archive --------------------------------------------------------------------------------


def sittings(count: int, passages: int) -> Iterator[tuple[Session, range]]:
    """Published sessions without recordings, and which passages each has, oldest first."""
    for n in range(count):
        day = _FIRST_DAY + timedelta(days=n * YEARS * 365 // count)
        body = "Conseil des États" if n % 3 else "Conseil national"
        session = Session(f"{day}-{n}", f"Séance {n}", day, body, status=Status.PUBLISHED)
        yield session, range(passages * n // count, passages * (n + 1) // count)


def build(archive: Archive, made_of: Material, passages: int) -> Vectors:
    """Write sessions; passage n has n as its id, in hexadecimal. Vectors, (passages, dimension)."""
    chance = np.random.default_rng(0)
    words = [stems(f"{one.about.item} {one.text}") for one in made_of.said]
    vectors = np.empty((passages, made_of.vectors.shape[1]), dtype=np.float32)
    count = max(1, passages // PASSAGES_A_SITTING)
    for session, rows in sittings(count, passages):
        which = list(_runs(len(rows), len(made_of.said), chance))
        vectors[rows] = _moved(made_of.vectors[which], chance)
        write(archive, session, rows, made_of, words, which, vectors[rows], chance)
    return vectors


def write(
    archive: Archive,
    session: Session,
    rows: range,
    made_of: Material,
    words: Sequence[Sequence[str]],
    which: Sequence[int],
    vectors: Vectors,
    chance: Chance,
) -> None:
    """Write one session, of copies of the passages `which`."""
    archive.save(session, Transcript(session.id, (), (), (), Generator("", "", "", {})))
    entries = [
        store.PassageEntry(
            Passage(f"{row:032x}", session.id, n, n, n, n + 1, made_of.said[of].text),
            vectors[n],
            tuple(_varied(words[of], words[int(chance.integers(len(words)))], chance)),
            made_of.said[of].about,
        )
        for n, (row, of) in enumerate(zip(rows, which, strict=True))
    ]
    with archive.begin() as db:
        store.insert_entries(db, entries, "bench")


def _runs(count: int, among: int, chance: Chance) -> Iterator[int]:
    """Runs of passages that follow each other, as speeches do."""
    left = count
    while left:
        first, length = int(chance.integers(among)), min(left, int(chance.integers(3, 12)))
        yield from ((first + n) % among for n in range(length))
        left -= length


def _moved(vectors: Vectors, chance: Chance) -> Vectors:
    moved = vectors + _NOISE * chance.standard_normal(vectors.shape, dtype=np.float32)
    return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), dtype=np.float32)


def _varied(words: Sequence[str], others: Sequence[str], chance: Chance) -> Iterator[str]:
    kept = chance.random(len(words)) >= 0.1
    yield from (word for word, keep in zip(words, kept, strict=True) if keep)
    yield from others[: len(words) // 10]
