"""Is a session still what was read of it? For what is made from that, and written later."""

from sqlalchemy import Connection, select

from ingest.archive import redactions
from ingest.archive import schema as t
from ingest.transcript import AgendaItem, Session, Transcript


def unchanged(db: Connection, session: Session, transcript: Transcript) -> bool:
    """Are status, agenda, words, names and what is redacted those that were read?

    Within a writing transaction they stay so until its end.
    """
    status = select(t.sessions.c.status).where(t.sessions.c.id == session.id)
    return (
        db.execute(status).scalar() == session.status
        and _agenda(db, session.id) == session.agenda
        and redactions.spans(redactions.of_session(db, session.id)) == transcript.closed
        and _revisions(db, session.id) == {turn.id: turn.revision for turn in transcript.turns}
        and _names(db, session.id) == {s.label: s.person for s in transcript.speakers}
    )


def _agenda(db: Connection, session_id: str) -> tuple[AgendaItem, ...]:
    a = t.agenda_items.c
    query = select(a.number, a.title, a.object, a.start_ms).where(a.session_id == session_id)
    return tuple(AgendaItem(*row) for row in db.execute(query.order_by(a.position)))


def _revisions(db: Connection, session_id: str) -> dict[int, int]:
    query = select(t.turns.c.id, t.turns.c.revision).where(t.turns.c.session_id == session_id)
    return {row.id: row.revision for row in db.execute(query)}


def _names(db: Connection, session_id: str) -> dict[str, str | None]:
    query = select(t.speakers.c.label, t.speakers.c.person)
    rows = db.execute(query.where(t.speakers.c.session_id == session_id))
    return {row.label: row.person for row in rows}
