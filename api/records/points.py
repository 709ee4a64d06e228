"""Under which points of their agendas turns are said, without reading whole sessions."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import select

from ingest.archive import schema as t
from ingest.archive.published import Published
from ingest.archive.speaking import SpokenTurn
from ingest.transcript import AgendaItem, Session, Status


def with_points(
    published: Published, turns: Sequence[SpokenTurn]
) -> Iterator[tuple[SpokenTurn, AgendaItem | None]]:
    """Each turn with its point, None where that is not certain."""
    agendas = _agendas(published, {turn.session.id for turn in turns})
    sessions = {
        held.id: Session(held.id, held.title, held.date, agenda=tuple(agendas[held.id]))
        for held in {turn.session for turn in turns}
    }
    for turn in turns:
        yield turn, sessions[turn.session.id].agenda_item_at(turn.start_ms)


def _agendas(published: Published, sessions: Collection[str]) -> dict[str, list[AgendaItem]]:
    """The points of sessions that have a time."""
    points = t.agenda_items.c
    columns = (points.number, points.title, points.object, points.start_ms, points.until_ms)
    query = (
        select(points.session_id, *columns)
        .join(t.sessions)
        .where(t.sessions.c.status == Status.PUBLISHED, points.session_id.in_(sessions))
        .where(points.start_ms.is_not(None))
        .order_by(points.session_id, points.position)
    )
    found = defaultdict(list)
    with published.archive.engine.connect() as db:
        for session_id, *item in db.execute(query):
            found[session_id].append(AgendaItem(*item))
    return found
