"""Who may read a session, for programs of the office: publish it, withhold a passage, give it back.

The pages do the same (`web.office.publish`, `web.office.redact`). Destroying is left to people.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from api.problems import problem_of
from api.routes import AtDesk, Clerk, WholeText
from api.routes.editing import sent
from ingest.archive import redactions
from ingest.archive.redactions import Redaction, RedactionReason
from ingest.jobs import queue
from ingest.redaction.held import Held, HeldBack, held, sentence
from ingest.transcript import Session, Span
from search.index.publish import order
from search.index.withdraw import give_back, withhold

router = APIRouter(
    prefix="/bureau/api/seances/{session_id}/publication",
    include_in_schema=False,
    route_class=WholeText,
)


class Order(BaseModel):
    """A publishing: `public` are seals of what is in camera and may be public.

    `without_times`: points that have no time stay so, and what may be of them has no point;
    `wordless` says yes to one of a session in which no word was heard.
    """

    public: list[Annotated[str, Field(max_length=64)]] = Field(default=[], max_length=1_000)
    wordless: bool = False
    without_times: bool = False


class Stretch(BaseModel):
    """A passage, in milliseconds of the session, or words of one without sound."""

    start_ms: Annotated[int, Field(ge=0)]
    end_ms: Annotated[int, Field(ge=1)]


@router.get("")
def state(session_id: str, desk: AtDesk, account: Clerk) -> Response:
    """Its status, what is in camera and not settled, what is withheld, the last publishing."""
    session = desk.archive.session(session_id)
    with desk.archive.engine.connect() as db:
        return sent(_state(db, session))


def _state(db: Connection, session: Session) -> dict[str, Any]:
    job = queue.newest(db, session.id, queue.JobKind.PUBLISH)
    rows = redactions.of_session(db, session.id)
    return {
        "status": session.status,
        "held": _held(held(db, session), session),
        "withheld": [_kept(row) for row in rows if row.why is RedactionReason.WITHHELD],
        "publishing": {"state": job.state, "error": job.error} if job else None,
    }


def _held(some: Sequence[Held], session: Session) -> list[dict[str, Any]]:
    return [
        {
            "seal": one.seal,
            "told": sentence(one, session),
            "stretches": [asdict(span) for span in one.left],
        }
        for one in some
    ]


def _kept(row: Redaction) -> dict[str, Any]:
    return {
        "passage": row.id,
        **asdict(row.span),
        "sound_is_ready": row.has(redactions.RedactionStage.MP3),
    }


@router.post("")
def publish(session_id: str, asked: Order, desk: AtDesk, account: Clerk) -> Response:
    """Order its publishing. What is in camera is withheld; without a time it is refused (409)."""
    try:
        number = order(
            desk.archive,
            session_id,
            asked.public,
            account.login,
            asked.wordless,
            without_times=asked.without_times,
        )
    except HeldBack as refusal:
        told = asdict(problem_of(refusal, "")) | {"held": _held(refusal.held, refusal.session)}
        return sent(told, 409, "application/problem+json")
    return sent({"job": number}, 202)


@router.post("/passages")
def keep(session_id: str, asked: Stretch, desk: AtDesk, account: Clerk) -> Response:
    """Keep a passage for the office alone."""
    span = Span(asked.start_ms, asked.end_ms)
    kept = withhold(desk.archive, session_id, span, account.login)
    desk.exports.forget(session_id)
    return sent(_kept(kept), 201)


@router.delete("/passages/{passage}")
def give(
    session_id: str, passage: Annotated[int, Path(ge=1)], desk: AtDesk, account: Clerk
) -> Response:
    """Let readers have it again."""
    given = give_back(desk.archive, session_id, passage, account.login)
    desk.exports.forget(session_id)
    return sent({"passage": given.id, **asdict(given.span)})
