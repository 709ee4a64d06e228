"""Ask a question: the whole answer as JSON, or its citations one by one as server-sent events."""

import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache, partial
from typing import Annotated
from unicodedata import category

from fastapi import APIRouter, Depends
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.citation import Citation
from api.deps import Deps
from api.problems import documented, problem_of
from api.routes import Parts
from api.routes.caching import kept_by_nobody
from api.routes.examples import ANSWER
from api.views import AnswerView, answer_view
from api.wording import nameless
from ingest.errors import BadInput
from ingest.published import Published

log = logging.getLogger(__name__)
router = APIRouter(tags=["réponses"])
MAX_QUESTION = 500


@dataclass(frozen=True)
class Question:
    """A question in plain French, 500 characters at most."""

    question: str


@dataclass(frozen=True)
class End:
    """The last event of an answer."""

    question: str
    citations: int
    sentences: tuple[str, ...]


def clean_question(text: str) -> str:
    """The question as text that can be stored and sent, without stray spaces.

    JSON may hold half a character (a lone surrogate) and control characters: they are no question.
    Raises `BadInput` when nothing is left, or too much.
    """
    readable = "".join(" " if category(c) in ("Cc", "Cs") else c for c in text)
    question = " ".join(readable.split())
    if not question:
        raise BadInput("La question est vide : écrivez ce que vous aimeriez retrouver.")
    if len(question) > MAX_QUESTION:
        raise BadInput(
            f"La question compte {len(question)} caractères : {MAX_QUESTION} au plus. "
            "Gardez l'essentiel."
        )
    return question


def answer(deps: Deps, question: str) -> AnswerView:
    """The answer to a clean question, as readers see it."""
    verified = deps.ask(question)
    published, numbers = deps.published, cache(partial(voice_numbers, deps.published))

    def number_of(citation: Citation) -> int | None:
        if citation.speaker:
            return None
        turn = published.turn(citation.session, citation.turn, citation.revision)
        return numbers(citation.session).get(turn.speaker or "")

    return answer_view(verified, cache(published.session), number_of)


def voice_numbers(published: Published, session_id: str) -> dict[str, int]:
    """The numbers of a session's voices that nobody has named, the same on every page."""
    return nameless(published.voices(session_id), published.speakers(session_id))


def _question_of_query(q: str) -> str:
    return clean_question(q)


@router.post(
    "/ask",
    dependencies=[Depends(kept_by_nobody)],
    responses={200: {"content": {"application/json": {"example": ANSWER}}}, **documented(422)},
)
def ask(body: Question, deps: Parts) -> AnswerView:
    """Answer a question with what was really said, or refuse and say why."""
    return answer(deps, clean_question(body.question))


@router.get(
    "/ask/stream",
    response_class=EventSourceResponse,
    responses=documented(422),
    dependencies=[Depends(kept_by_nobody)],
)
def ask_stream(
    question: Annotated[str, Depends(_question_of_query)], deps: Parts
) -> Iterator[ServerSentEvent]:
    """Events: `citation` for each one, then `end`; or `refusal` alone; or `problem` if we fail."""
    try:
        view = answer(deps, question)
    except Exception as error:  # the status line has left already: the error is an event too
        log.exception("/api/ask/stream")
        yield ServerSentEvent(event="problem", data=asdict(problem_of(error, "/api/ask/stream")))
        return
    yield from events(view)


def events(view: AnswerView) -> Iterator[ServerSentEvent]:
    """An answer as events."""
    if view.refused:
        yield ServerSentEvent(event="refusal", data={"question": view.question, "why": view.why})
        return
    for number, citation in enumerate(view.citations):
        yield ServerSentEvent(event="citation", id=str(number), data=asdict(citation))
    end = End(view.question, len(view.citations), view.sentences)
    yield ServerSentEvent(event="end", data=asdict(end))
