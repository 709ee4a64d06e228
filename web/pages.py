"""The pages: chat, sessions, one session, about; and the city's colour and mark.

Each page shows what the API's own functions return. Everything works without JavaScript: `/?q=`
answers in the page, and `/flux` sends the same pieces one by one to htmx.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import quote
from uuid import uuid4

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.addresses import links
from api.problems import problem_of
from api.routes import Parts
from api.routes.ask import asked_of, clean_question, quoted, writing
from api.routes.caching import PRIVATE, REVALIDATE, conditional, kept_by_nobody
from api.transcript_views import repairs
from api.views import AnswerView, session_view
from api.written import Sentence, Written
from ingest.errors import BadInput, VerbatimError
from web.examples import example_questions
from web.reading import extract, read_moment, sections
from web.site import Site
from web.theme import monogram_svg, theme_css

log = logging.getLogger(__name__)
router = APIRouter(include_in_schema=False)
_READ = ["GET", "HEAD"]
_ID = r"^e[0-9a-f]{12}$"
EXAMPLES_FROM = 4  # newest sessions; looking at all would cost three queries each


@dataclass(frozen=True)
class Exchange:
    """A question of the conversation, and where it can be shared. `id` is unique on the page.

    `origin` is the site's scheme and host, as this reader reached it: paper needs whole addresses.
    """

    id: str
    question: str
    page: str
    origin: str


def _site(request: Request) -> Site:
    site: Site = request.app.state.site
    return site


OnSite = Annotated[Site, Depends(_site)]


def _exchange(request: Request, question: str) -> Exchange:
    origin = str(request.base_url).rstrip("/")
    return Exchange(f"e{uuid4().hex[:12]}", question, f"/?q={quote(question)}", origin)


# --- the chat ---------------------------------------------------------------------------------


@router.api_route("/", methods=_READ, response_class=HTMLResponse)
def chat(deps: Parts, site: OnSite, request: Request, q: str | None = None) -> HTMLResponse:
    """The chat; with `?q=`, the question and its whole answer."""
    exchange, view, problem = None, None, None
    if q is not None:
        try:
            exchange = _exchange(request, clean_question(q))
            _, view = quoted(deps, asked_of(deps, request.query_params.multi_items()))
        except BadInput as error:
            exchange, problem = None, str(error)
    newest = () if exchange else deps.published.sessions(EXAMPLES_FROM)
    body = site.render(
        "chat.html",
        exchange=exchange,
        view=view,
        problem=problem,
        writes=deps.write is not None,
        unsent=q if problem else "",
        examples=[(e, quote(e)) for e in example_questions(newest, site.text)],
        sessions=deps.published.count() if newest else 0,
        latest=session_view(newest[0]) if newest else None,
    )
    return HTMLResponse(body, 422 if problem else 200, headers=PRIVATE)


@router.get("/flux", response_class=EventSourceResponse, dependencies=[Depends(kept_by_nobody)])
def stream(deps: Parts, site: OnSite, request: Request, q: str = "") -> Iterator[ServerSentEvent]:
    """A question's answer as fragments of the chat page, each as soon as it is known."""
    try:
        exchange = _exchange(request, clean_question(q))
    except BadInput as error:
        yield _fragment(site.render("stream/notice.html", notice=str(error)))
        return
    yield _fragment(site.render("stream/question.html", exchange=exchange))
    try:
        verified, view = quoted(deps, asked_of(deps, request.query_params.multi_items()))
    except Exception as error:  # the answer has begun: the reader is told in its place
        log.exception("/flux")
        detail = problem_of(error, "/flux").detail
        yield _fragment(site.render("stream/failure.html", exchange=exchange, detail=detail))
        return
    yield from _answer_fragments(site, exchange, view)
    if deps.write is not None and not view.refused:
        yield from _machine_fragments(site, exchange, writing(deps, verified))


@router.get(
    "/flux/redaction", response_class=EventSourceResponse, dependencies=[Depends(kept_by_nobody)]
)
def machine_stream(
    deps: Parts, site: OnSite, request: Request, q: str, e: Annotated[str, Query(pattern=_ID)]
) -> Iterator[ServerSentEvent]:
    """What a machine writes about an answer that a page shows already, as exchange `e`."""
    try:
        exchange = replace(_exchange(request, clean_question(q)), id=e)
        verified = deps.ask(asked_of(deps, request.query_params.multi_items()))
    except VerbatimError as error:  # the page has its answer
        log.warning("/flux/redaction: %s", type(error).__name__)
        return
    if deps.write is not None and not verified.answer.refused:
        yield from _machine_fragments(site, exchange, writing(deps, verified))


def _answer_fragments(
    site: Site, exchange: Exchange, view: AnswerView
) -> Iterator[ServerSentEvent]:
    for number, c in enumerate(view.citations, 1):
        html = site.render("stream/citation.html", exchange=exchange, c=c, number=number)
        yield _fragment(html)
    yield _fragment(site.render("stream/outcome.html", exchange=exchange, view=view))


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


# --- sessions ---------------------------------------------------------------------------------


@router.api_route("/seances", methods=_READ, response_class=HTMLResponse)
def session_list(deps: Parts, site: OnSite) -> HTMLResponse:
    """Published sessions, newest first."""
    sessions = [session_view(s) for s in deps.published.sessions()]
    return HTMLResponse(site.render("sessions.html", sessions=sessions), headers=REVALIDATE)


@router.api_route("/seances/{session_id}", methods=_READ, response_class=HTMLResponse)
def session_page(
    session_id: str, deps: Parts, site: OnSite, t: str | None = None, r: int | None = None
) -> HTMLResponse:
    """A session to read and hear; `?t=` marks a moment as quoted in revision `?r=`."""
    session = deps.published.session(session_id)
    transcript = deps.published.transcript(session_id)
    moment = read_moment(t)
    body = site.render(
        "session.html",
        session=session_view(session),
        sections=sections(session, transcript, moment),
        extract=extract(session, transcript, moment, r),
        links=links(session, 0, session.duration_ms),
        repairs=tuple(repairs(transcript)),
        generator=transcript.generator,
    )
    return HTMLResponse(body, headers=REVALIDATE)


@router.api_route("/apropos", methods=_READ, response_class=HTMLResponse)
def about(deps: Parts, site: OnSite) -> HTMLResponse:
    """What this is, how quotations are verified, what becomes of questions."""
    return HTMLResponse(
        site.render("about.html", writes=deps.write is not None), headers=REVALIDATE
    )


# --- the city's marks -------------------------------------------------------------------------


@router.api_route("/theme.css", methods=_READ)
def theme(site: OnSite, request: Request) -> Response:
    """The city's colour."""
    return conditional(request, theme_css(site.settings.colour).encode(), "text/css")


@router.api_route("/favicon.svg", methods=_READ)
def favicon(site: OnSite, request: Request) -> Response:
    """The city's initial in its colour."""
    svg = monogram_svg(site.settings.city, site.settings.colour)
    return conditional(request, svg.encode(), "image/svg+xml")


@router.api_route("/logo", methods=_READ)
def logo(site: OnSite, request: Request) -> Response:
    """The city's logo, or its initial when no file is set."""
    path = site.settings.logo
    return FileResponse(path, headers=REVALIDATE) if path else favicon(site, request)
