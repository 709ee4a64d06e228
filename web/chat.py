"""The chat: a question, how it was understood, and its answer, in one page or piece by piece.

Everything works without JavaScript: `/?q=` answers in the page, and `/flux` sends the same pieces
one by one to htmx. An exchange has one address, which says what it followed and what narrows it.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import parse_qsl, quote, urlencode
from uuid import uuid4

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.answer import Verified
from api.answering.written import Sentence, Written
from api.asked_views import AskedView, asked_view
from api.deps import Deps
from api.problems import problem_of
from api.routes import Parts
from api.routes.ask import asked_of, clean_question, quoted, writing
from api.routes.caching import PRIVATE, kept_by_nobody
from api.views import AnswerView, session_view
from ingest.errors import BadInput, VerbatimError
from search.filters import EVERYTHING
from search.question.addressed import Params
from search.question.understood import Understood
from web.asking import browsed, narrowed, question_in
from web.examples import example_questions
from web.narrowing import Panel, panel_of
from web.site import READ, OnSite, Site

log = logging.getLogger(__name__)
router = APIRouter(include_in_schema=False)
_ID = r"^e[0-9a-f]{12}$"
EXAMPLES_FROM = 4  # newest sessions; looking at all would cost three queries each


@dataclass(frozen=True)
class Exchange:
    """A question of the conversation, as it was understood. `id` is unique on the page.

    `origin` is the site's scheme and host, as this reader reached it: paper needs whole addresses.
    """

    id: str
    question: str
    asked: AskedView
    origin: str

    @property
    def page(self) -> str:
        """Where it can be shared."""
        return f"/?{self.asked.query}"


def _exchange(request: Request, deps: Deps, asked: Understood) -> Exchange:
    origin = str(request.base_url).rstrip("/")
    view = asked_view(asked, deps.vocabulary())
    return Exchange(f"e{uuid4().hex[:12]}", asked.question, view, origin)


def _understood(deps: Deps, params: Params) -> Understood:
    """What a form or an address asks. Raises `BadInput` where that is nothing."""
    clean_question(question_in(params) or "")
    return asked_of(deps, params)


def _panel(deps: Deps, asked: Understood | None) -> Panel:
    """What narrows a question further, or a first one."""
    filters = asked.filters if asked else EVERYTHING
    facets = deps.facets((asked.topic or None) if asked else None, filters)
    return panel_of(facets, deps.vocabulary(), filters)


# --- in one page ------------------------------------------------------------------------------


@router.api_route("/", methods=READ, response_class=HTMLResponse)
def chat(deps: Parts, site: OnSite, request: Request) -> Response:
    """The chat; with `?q=`, the question and its whole answer."""
    params = request.query_params.multi_items()
    question = question_in(params)
    asked, problem = None, None
    try:
        for page, query in (("/", narrowed(params)), ("/parcourir", browsed(params))):
            if query:
                return RedirectResponse(f"{page}?{query}", 303, headers=PRIVATE)
        asked = None if question is None else _understood(deps, params)
    except BadInput as error:
        problem = str(error)
    body = site.render(
        "chat.html",
        problem=problem,
        unsent=question if problem else "",
        writes=deps.write is not None,
        panel=_panel(deps, asked),
        **_answered(deps, request, asked),
        **_welcome(deps, site, asked),
    )
    return HTMLResponse(body, 422 if problem else 200, headers=PRIVATE)


def _answered(deps: Deps, request: Request, asked: Understood | None) -> dict[str, object]:
    if asked is None:
        return {"exchange": None, "view": None}
    exchange = _exchange(request, deps, asked)
    return {"exchange": exchange, "view": quoted(deps, asked)[1]}


def _welcome(deps: Deps, site: Site, asked: Understood | None) -> dict[str, object]:
    """What a newcomer sees below the field."""
    newest = () if asked else deps.published.sessions(EXAMPLES_FROM)
    return {
        "examples": [(e, quote(e)) for e in example_questions(newest, site.text)],
        "sessions": deps.published.count() if newest else 0,
        "latest": session_view(newest[0]) if newest else None,
    }


# --- piece by piece ---------------------------------------------------------------------------


@router.get("/flux", response_class=EventSourceResponse, dependencies=[Depends(kept_by_nobody)])
def stream(deps: Parts, site: OnSite, request: Request) -> Iterator[ServerSentEvent]:
    """A question's answer as fragments of the chat page, each as soon as it is known."""
    params = request.query_params.multi_items()
    try:
        standing = narrowed(params)
        asked = _understood(deps, parse_qsl(standing) if standing else params)
    except BadInput as error:
        yield _fragment(site.render("stream/notice.html", notice=str(error)))
        return
    exchange = _exchange(request, deps, asked)
    yield _fragment(site.render("stream/question.html", exchange=exchange))
    try:
        verified, view = quoted(deps, asked)
        panel = _panel(deps, asked)
    except Exception as error:  # the answer has begun: the reader is told in its place
        log.exception("/flux")
        detail = problem_of(error, "/flux").detail
        yield _fragment(site.render("stream/failure.html", exchange=exchange, detail=detail))
        return
    yield from _answer_fragments(site, exchange, view, panel)
    yield from _by_machine(deps, site, exchange, verified)


@router.get(
    "/flux/redaction", response_class=EventSourceResponse, dependencies=[Depends(kept_by_nobody)]
)
def machine_stream(
    deps: Parts, site: OnSite, request: Request, e: Annotated[str, Query(pattern=_ID)]
) -> Iterator[ServerSentEvent]:
    """What a machine writes about an answer that a page shows already, as exchange `e`."""
    try:
        asked = _understood(deps, request.query_params.multi_items())
        exchange = replace(_exchange(request, deps, asked), id=e)
        verified = deps.ask(asked)
    except VerbatimError as error:  # the page has its answer
        log.warning("/flux/redaction: %s", type(error).__name__)
        return
    yield from _by_machine(deps, site, exchange, verified)


def _by_machine(
    deps: Deps, site: Site, exchange: Exchange, verified: Verified
) -> Iterator[ServerSentEvent]:
    """What a language model adds, where a city has one: sentences, and a follow-up made whole."""
    answer = verified.answer
    if deps.write is not None and not answer.refused:
        yield from _machine_fragments(site, exchange, writing(deps, verified))
    whole = deps.rewrite(answer.asked) if deps.rewrite else None
    if whole:
        query = urlencode({"q": whole})
        yield _fragment(
            site.render("stream/rewritten.html", exchange=exchange, whole=whole, query=query)
        )


def _answer_fragments(
    site: Site, exchange: Exchange, view: AnswerView, panel: Panel
) -> Iterator[ServerSentEvent]:
    """What was said, then how it ends and what the next question starts from."""
    if view.refused and view.citations:
        yield _fragment(site.render("stream/premise.html", exchange=exchange, view=view))
    for number, c in enumerate(view.citations, 1):
        html = site.render("stream/citation.html", exchange=exchange, c=c, number=number)
        yield _fragment(html)
    yield _fragment(site.render("stream/outcome.html", exchange=exchange, view=view, panel=panel))


def _machine_fragments(
    site: Site, exchange: Exchange, pieces: Iterator[Sentence | Written]
) -> Iterator[ServerSentEvent]:
    """A box below the quotations, each sentence once checked; taken back if they do not stand."""
    yield _fragment(site.render("stream/machine.html", exchange=exchange))
    for piece in pieces:
        if isinstance(piece, Sentence):
            html = site.render("stream/sentence.html", exchange=exchange, said=piece)
        else:
            html = site.render("stream/written.html", exchange=exchange, fallback=piece.fallback)
        yield _fragment(html)


def _fragment(html: str) -> ServerSentEvent:
    return ServerSentEvent(raw_data=html)
