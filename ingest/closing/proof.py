"""Showing that words which were taken out are not in the rows of a session any more.

What is looked for are runs of them that the session does not say elsewhere. The bytes of the files
themselves: `ingest.closing.traces`.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Text, cast, select

from ingest.archive import Archive
from ingest.closing.trace_pattern import Pattern, any_in, pattern, readings, words_of
from ingest.tables import agenda_items, metadata
from ingest.transcript import AgendaItem, Transcript, Word

RUN = 5
_MOST = 40
_TITLE = 20  # words of a title that are looked for


@dataclass(frozen=True)
class Proof:
    """What was looked for (how many runs of words), in how many tables, and where it was found."""

    runs: int
    tables: int
    found: tuple[str, ...]


def runs(gone: Sequence[Word], kept: Transcript) -> tuple[Pattern, ...]:
    """Runs of the words that were taken out, such as are said nowhere in what is kept."""
    texts = [word.text for word in gone]
    size = min(RUN, len(texts))
    step = max(size, len(texts) // _MOST) if size else 1
    starts = [*range(0, len(texts) - size + 1, step)]
    if starts and starts[-1] != len(texts) - size:
        starts.append(len(texts) - size)
    phrases = (" ".join(texts[at : at + size]) for at in starts)
    said = " ".join(turn.text for turn in kept.turns)
    usable = (p for p in phrases if words_of(p) and all(w.isascii() for w in words_of(p)))
    return tuple(p for p in map(pattern, usable) if not p.is_said(said))


def said_elsewhere(
    archive: Archive, session_id: str, wanted: Sequence[Pattern]
) -> frozenset[Pattern]:
    """Which of these other sessions say as well: formulas of the chair, mostly."""
    turns = metadata.tables["turns"].c
    found: set[Pattern] = set()
    with archive.engine.connect() as db:
        rows = db.execute(select(cast(turns.words, Text)).where(turns.session_id != session_id))
        for (words,) in rows:
            read = list(readings(words.encode()))
            found |= {p for p in wanted if any(p.is_in(one) for one in read)}
    return frozenset(found)


def titles(archive: Archive, points: Sequence[AgendaItem]) -> tuple[Pattern, ...]:
    """Titles of the points that went, such as no other point of any session bears or holds."""
    with archive.engine.connect() as db:
        kept = [words_of(title) for title in db.execute(select(agenda_items.c.title)).scalars()]
    named = (words_of(point.title)[:_TITLE] for point in points)
    wanted = [pattern(" ".join(words)) for words in named if words and "".join(words).isascii()]
    return tuple(p for p in wanted if not any(p.is_said(" ".join(words)) for words in kept))


def prove(
    archive: Archive, session_id: str, gone: Sequence[Word], points: Sequence[AgendaItem] = ()
) -> Proof:
    """Read every row of a session, in every table, for what was taken out of it."""
    wanted = (*runs(gone, archive.transcript(session_id)), *titles(archive, points))
    tables = [table for table in metadata.tables.values() if "session_id" in table.c]
    found = []
    with archive.engine.connect() as db:
        for table in tables if wanted else ():
            rows = db.execute(select(table).where(table.c.session_id == session_id))
            if any(any_in(_said(row), wanted) for row in rows):
                found.append(table.name)
    return Proof(len(wanted), len(tables), tuple(found))


def _said(row: Iterable[object]) -> bytes:
    """A row's values as JSON, as the database keeps those that are lists."""
    return json.dumps(list(row), default=_other, ensure_ascii=False).encode("utf-8", "replace")


def _other(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
