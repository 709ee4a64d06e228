"""Published sessions and their transcripts. A session that is not published does not exist here."""

from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter

from api.problems import documented
from api.routes import Parts
from api.routes.examples import SESSION
from api.routes.http import REVALIDATE, conditional
from api.views.session import SessionView, TranscriptView, session_view, transcript_view

router = APIRouter(prefix="/sessions", tags=["séances"])
_TRANSCRIPT = TypeAdapter(TranscriptView)


@router.get("")
def sessions(deps: Parts, response: Response) -> tuple[SessionView, ...]:
    """Published sessions, newest first."""
    response.headers.update(REVALIDATE)
    return tuple(session_view(s) for s in deps.published.sessions())


@router.get(
    "/{session_id}",
    responses={200: {"content": {"application/json": {"example": SESSION}}}, **documented(404)},
)
def session(session_id: str, deps: Parts, response: Response) -> SessionView:
    """A session: title, date, duration, agenda."""
    response.headers.update(REVALIDATE)
    return session_view(deps.published.session(session_id))


@router.get("/{session_id}/transcript", response_model=TranscriptView, responses=documented(404))
def transcript(session_id: str, deps: Parts, request: Request) -> Response:
    """Every turn with its words (start_ms, end_ms, text, confidence)."""
    view = transcript_view(
        deps.published.session(session_id), deps.published.transcript(session_id)
    )
    return conditional(request, _TRANSCRIPT.dump_json(view), "application/json")
