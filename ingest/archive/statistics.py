"""What was published, read and corrected, year by year: counts, without a word or a name.

Questions are not in it: nothing is kept of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Integer, Select, cast, extract, func, select

from ingest.archive import reports
from ingest.archive import schema as t
from ingest.archive.change_log import ChangeKind
from ingest.archive.change_log import table as changes
from ingest.transcript import Status

_BY_HAND = (
    ChangeKind.TEXT,
    ChangeKind.REPLACE,
    ChangeKind.SPEAKER,
    ChangeKind.SPLIT,
    ChangeKind.MERGE,
    ChangeKind.BOUNDARY,
)


@dataclass(frozen=True)
class YearFigures:
    """The published sessions of one year.

    `turns` are all interventions, `read` those that a person read while listening; `corrections`
    are the changes that people made, be they undone since or not.
    """

    year: int
    sessions: int
    sound_ms: int
    turns: int
    read: int
    corrections: int
    reports: int


def by_year(db: Connection) -> Sequence[YearFigures]:
    """The figures of each year with a published session, newest first."""
    ends = t.recordings.c.offset_ms + t.recordings.c.duration_ms
    by_session = select(t.recordings.c.session_id, func.max(ends).label("ms"))
    lengths = by_session.group_by(t.recordings.c.session_id).subquery()
    sessions = _each(db, _counted(func.count()))
    sound = _each(db, _counted(func.sum(lengths.c.ms)).join(lengths))
    turns = _each(db, _counted(func.count()).join(t.turns))
    read = _each(db, _counted(func.count()).join(t.turns).join(t.checked, t.is_checked))
    made = _each(db, _counted(func.count()).join(changes).where(changes.c.kind.in_(_BY_HAND)))
    reported = _each(db, _counted(func.count()).join(reports.table))
    return [
        YearFigures(
            year=year,
            sessions=sessions[year],
            sound_ms=sound.get(year, 0),
            turns=turns.get(year, 0),
            read=read.get(year, 0),
            corrections=made.get(year, 0),
            reports=reported.get(year, 0),
        )
        for year in sorted(sessions, reverse=True)
    ]


def _counted(what: ColumnElement[int]) -> Select[int, int]:
    """Something counted for each year of the published sessions."""
    year = cast(extract("year", t.sessions.c.date), Integer)
    published = t.sessions.c.status == Status.PUBLISHED
    return select(year, what).select_from(t.sessions).where(published).group_by(year)


def _each(db: Connection, query: Select[int, int]) -> dict[int, int]:
    return {int(year): int(number) for year, number in db.execute(query)}
