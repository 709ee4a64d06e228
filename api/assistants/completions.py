"""OpenAI's chat completions: the product's own answer as an assistant's message, with its sources.

No language model is needed: the message is made of quotations, or says why there is none. What a
city's model writes comes after them, once all of it is checked. The messages before are the
exchanges that a follow-up leans on. Fields that steer a language model are ignored.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from time import time
from typing import Annotated, Any, Literal
from uuid import uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from api.answers.answer import Verified
from api.answers.citation import Sentence
from api.deps import Deps
from api.problems import documented
from api.routes import Parts, WholeText
from api.routes.allowance import admit_assistant
from api.routes.ask import Question, query_of, quoted_in_turn, with_writing, writing
from api.routes.http import PRIVATE, kept_by_nobody, site_of
from api.views.answer import AnswerView, CitationView
from ingest.errors import BadInput
from search.query.parsed import Query
from search.query.url import context_of

router = APIRouter(
    tags=["assistants"],
    route_class=WholeText,
    dependencies=[Depends(admit_assistant), Depends(kept_by_nobody)],
)
MODEL = "verbatim"
_NEAR = "Voici ce qui s'en approche :"
_ALSO = "Voici aussi ce qui s'en approche :"
_WRITTEN = "Rédigé par une machine à partir de ces citations, et vérifié :"
_SEE = "À lire : "
_EXCHANGES = 6  # that a follow-up may lean on: each is parsed again
_MOST_MESSAGES = 200  # of a conversation; the last ones alone matter. Chosen, not measured


@dataclass(frozen=True)
class Piece:
    """A part of a message's content; others than texts are ignored."""

    type: str
    text: str = ""


@dataclass(frozen=True)
class ChatMessage:
    """One message of a conversation."""

    role: Literal["user", "assistant", "system", "developer", "tool"]
    content: str | tuple[Piece, ...] | None = None

    @property
    def text(self) -> str:
        """What it says."""
        if isinstance(self.content, str):
            return self.content
        return " ".join(piece.text for piece in self.content or () if piece.type == "text")


@dataclass(frozen=True)
class Completion:
    """A conversation whose last message is a question: 500 characters at most, the user's."""

    messages: Annotated[tuple[ChatMessage, ...], Field(min_length=1, max_length=_MOST_MESSAGES)]
    model: str = MODEL
    stream: bool = False


@dataclass(frozen=True)
class Block:
    """A paragraph of the answer, and the citation that it shows, if it does."""

    text: str
    citation: CitationView | None = None


@router.get("/models")
def models(deps: Parts) -> dict[str, Any]:
    """The one model there is: the recorded sessions."""
    return {"object": "list", "data": [_model(deps)]}


@router.get("/models/{model}", responses=documented(422))
def model(model: str, deps: Parts) -> dict[str, Any]:
    """The model by its name."""
    _check_model(model)
    return _model(deps)


@router.post(
    "/chat/completions",
    response_model=None,
    responses={
        200: {"content": {"application/json": {}, "text/event-stream": {}}},
        **documented(401, 413, 422, 429),
    },
)
async def complete(
    body: Completion, deps: Parts, request: Request
) -> dict[str, Any] | StreamingResponse:
    """Answer the last message with what was really said; `annotations` are its sources."""
    _check_model(body.model)
    query = await run_in_threadpool(_query, deps, body.messages)
    verified, view = await quoted_in_turn(deps, query)
    site = site_of(request)
    paragraphs = _paragraphs(_blocks(deps, verified, view, site), site)
    head = {"id": f"chatcmpl-{uuid4().hex}", "created": int(time()), "model": MODEL}
    if body.stream:
        events = _events(head, paragraphs)
        return StreamingResponse(events, headers=PRIVATE, media_type="text/event-stream")
    content, annotations = "", []
    for text, sources in await run_in_threadpool(list, paragraphs):
        content += text
        annotations += sources
    message = {"role": "assistant", "content": content, "annotations": annotations}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {**head, "object": "chat.completion", "choices": [choice]}


def _check_model(name: str) -> None:
    if name != MODEL:
        raise BadInput(f"Le modèle « {name[:40]} » n'existe pas ici. Valeurs : {MODEL}.")


def _model(deps: Deps) -> dict[str, Any]:
    return {"id": MODEL, "object": "model", "created": 0, "owned_by": deps.settings.city}


def _query(deps: Deps, messages: Sequence[ChatMessage]) -> Query:
    """What the last message asks, given those before. Raises `BadInput` where it asks nothing."""
    if messages[-1].role != "user":
        raise BadInput("Le dernier message doit être la question : son « role » est « user ».")
    context = ""
    talk = [message for message in messages if message.role in ("user", "assistant")]
    for asked, reply in list(pairwise(talk))[-2 * _EXCHANGES :]:
        if asked.role == "user" and reply.role == "assistant":
            try:
                query = query_of(deps, Question(question=asked.text, before=context).params())
            except BadInput:  # too long to be a question: nothing leans on it
                continue
            context = context_of(query, _answering(deps, reply.text))
    return query_of(deps, Question(question=messages[-1].text, before=context).params())


def _answering(deps: Deps, reply: str) -> tuple[str, ...]:
    """The people whose words answered: those whom our reply names, the first one first."""
    at = {member.name: reply.find(member.name) for member in deps.vocabulary().people}
    return tuple(sorted((name for name, place in at.items() if place >= 0), key=at.__getitem__))


def _blocks(deps: Deps, verified: Verified, view: AnswerView, site: str) -> Iterator[Block]:
    """The answer, paragraph by paragraph, as the page shows it."""
    if view.refused and view.why:
        yield Block(view.why)
    if view.decision:
        yield _block(view.decision, site)
    if view.near and view.citations:
        yield Block(_NEAR)
    for number, citation in enumerate(view.citations):
        if number and number == len(view.citations) - view.also:
            yield Block(_ALSO)
        yield _block(citation, site)
    for topic in view.help.topics or view.help.latest:
        yield Block(f"{_SEE}{topic.label}\n{site}{topic.page}")
    sentences = with_writing(view, tuple(writing(deps, verified))).sentences
    if sentences:
        yield Block("\n".join((_WRITTEN, *map(_numbered, sentences))))


def _block(citation: CitationView, site: str) -> Block:
    label = f"{citation.label} :\n" if citation.label else ""
    return Block(f"{label}{citation.reference}\n{site}{citation.links.page}", citation)


def _numbered(sentence: Sentence) -> str:
    return f"{sentence.text} {''.join(f'[{source + 1}]' for source in sentence.sources)}"


def _paragraphs(blocks: Iterable[Block], site: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Each block as the content goes on with it, and its annotations within the whole content."""
    length = 0
    for block in blocks:
        text = f"\n\n{block.text}" if length else block.text
        length += len(text)
        yield text, _annotations(block, length - len(block.text), site)


def _annotations(block: Block, at: int, site: str) -> list[dict[str, Any]]:
    """Where a block's quotation stands in the content, and its source; `at` is where it begins."""
    cited = block.citation
    if cited is None:
        return []
    start = at + block.text.index(cited.quote)
    source = {
        "start_index": start,
        "end_index": start + len(cited.quote),
        "title": ", ".join(part for part in (cited.session_title, cited.start) if part),
        "url": f"{site}{cited.links.page}",
    }
    return [{"type": "url_citation", "url_citation": source}]


def _events(
    head: dict[str, Any], paragraphs: Iterable[tuple[str, list[dict[str, Any]]]]
) -> Iterator[str]:
    """The answer as server-sent events, a paragraph each."""

    def event(delta: dict[str, Any], finish: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        chunk = {**head, "object": "chat.completion.chunk", "choices": [choice]}
        return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"

    yield event({"role": "assistant", "content": ""})
    for text, annotations in paragraphs:
        yield event({"content": text} | ({"annotations": annotations} if annotations else {}))
    yield event({}, "stop")
    yield "data: [DONE]\n\n"
