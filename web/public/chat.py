"""The chat: a question, its query, and its answer, in one page or piece by piece.

Everything works without JavaScript: `/?q=` answers in the page, and `/flux` sends the same pieces
one by one to htmx. An exchange has one address, which says what it followed and what narrows it.
"""

import logging
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Annotated
from urllib.parse import parse_qsl, quote, urlencode
from uuid import uuid4

from fastapi import APIRouter, Depends, Request
from fastapi import Query as Parameter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool

from api.answers.answer import Verified
from api.answers.citation import Sentence, Written
from api.catalogue import SOURCE, Catalogue
from api.deps import Deps
from api.problems import problem_of
from api.routes import Parts
from api.routes.ask import clean_question, in_turn, query_of, quoted, writing
from api.routes.http import PRIVATE, kept_by_nobody
from api.views.answer import AnswerView, AskedView, asked_view
from api.views.session import session_view
from ingest.documents.in_camera import is_marked
from ingest.errors import BadInput, VerbatimError
from ingest.transcript import AgendaItem, Session
from search.engine.retrieve import Finder
from search.filters import EVERYTHING, Filters
from search.query.parsed import Intent, Query
from search.query.url import Params, filter_params, filters_from, to_params
from search.query.vocabulary import Vocabulary
from web.public.filter_panel import Panel, panel_of, together
from web.public.follow_ups import follow_ups
from web.site import READ, OnSite, Site

# What a form of the site asks: the parameters of an address, from what a reader filled in.


AGAIN = "encore"
_LONGEST = 8_000  # characters of an exchange's address; what is longer is not one of ours
_DAYS = frozenset({"du", "au"})


def question_in(params: Iterable[tuple[str, str]]) -> str | None:
    """The question of an address as it is written there, None where there is no field for it."""
    return next((value for name, value in params if name == "q"), None)


def narrowed(params: Params) -> str | None:
    """The address (a query string) of the standing exchange within newly chosen filters.

    None where the request is for something else. Raises `BadInput` for a date that cannot be read.
    """
    standing = _standing(params)
    chosen = filter_params(_chosen_alone(params))
    if not (chosen and standing) or len(standing) > _LONGEST:
        return None
    days = _DAYS if any(name in _DAYS for name, _ in chosen) else frozenset()
    kept = [(name, value) for name, value in parse_qsl(standing) if name not in days]
    return urlencode(list(dict.fromkeys((*kept, *chosen))))


def _standing(params: Params) -> str:
    """The address (a query string) of the exchange that a form follows, "" where there is none."""
    return next((value for name, value in params if name == AGAIN), "")


def browsed(params: Params) -> str | None:
    """The filters (a query string) that are chosen without any question; None where one is asked.

    Raises `BadInput` for a date that cannot be read.
    """
    chosen = _chosen_alone(params)
    return urlencode(filter_params(chosen)) if chosen else None


def _chosen_alone(params: Params) -> Filters:
    """The filters chosen without a question."""
    return filters_from([] if (question_in(params) or "").strip() else params)


# Questions that a newcomer may start from, made from what the published sessions were about.


COUNT = 5  # example questions: they fill a phone's first screen


def example_questions(sessions: tuple[Session, ...], text: Catalogue) -> tuple[str, ...]:
    """One question each for the newest points in public that are not routine."""
    titles = Counter(item.title for s in sessions for item in s.agenda)
    points = [item for s in sessions for item in s.agenda if not is_marked(item.title)]
    items = [item for item in points if titles[item.title] == 1]
    items.sort(key=lambda item: item.object is None)  # stable: objects first, newest first
    return tuple(
        text(f"example.{n % 2}", topic=_topic(item)) for n, item in enumerate(items[:COUNT])
    )


# What few councils speak of, in French: the first that none did here is an example as well.
_RARE = ("téléphérique", "zoo", "aéroport")


def undiscussed(finder: Finder, text: Catalogue) -> tuple[str, ...]:
    """A question on what was never said, which shows how that is told; none where all was.

    In French alone: asked in another language, it may be answered by what has other words.
    """
    words = _RARE if text.language == SOURCE else ()
    rare = (n for n, word in enumerate(words) if finder.unsaid(word))
    return tuple(text(f"example.rare.{n}") for n in islice(rare, 1))


def _topic(item: AgendaItem) -> str:
    """What an item is about, without its number: « piste » of « PR-12 : piste »."""
    head, separator, tail = item.title.partition(" : ")
    names_object = item.object is not None and item.object in head
    topic = tail if separator and names_object else item.title
    return topic[:1].upper() + topic[1:]


# Questions that a reader may go on with, before it is known whether they have an answer.


_PARTIES = 2  # asked about: those of which most passages speak of the topic


def next_questions(
    verified: Verified, vocabulary: Vocabulary, parties: Iterable[str], text: Catalogue
) -> Iterator[str]:
    """How a conversation may go on, in the order in which it is worth trying.

    `parties` speak of the topic, who does so more than of all else first.
    """
    answer, intent = verified.answer, verified.answer.query.intent
    members = (vocabulary.person(citation.speaker or "") for citation in answer.bearing)
    heard = {group for member in members if member for group in member.groups}
    others = [party for party in parties if party in vocabulary.groups and party not in heard]
    for party in others[:_PARTIES]:
        yield _about_party(party, text)
    if intent is not Intent.WHO:
        yield text("next.who")
    if intent is not Intent.WHY:
        yield text("next.why")
    if intent is not Intent.VOTE and answer.decision is None:
        yield text("next.vote")
    if intent is not Intent.WHEN_DISCUSSED:
        yield text("next.when")


def _about_party(party: str, text: Catalogue) -> str:
    """« Et les Verts ? », « Et le Centre ? », « Et le groupe PS ? »: as the name allows."""
    if re.match(r"(?:les?|la|groupe) |l['’]", party, re.IGNORECASE):
        return text("next.party.whole", party=party[:1].lower() + party[1:])
    several = party[-1:] in ("s", "x") and " " not in party
    return text("next.party.several" if several else "next.party", party=party)


log = logging.getLogger(__name__)
router = APIRouter(include_in_schema=False)
_ID = r"^e[0-9a-f]{12}$"
EXAMPLES_FROM = 4  # newest sessions; looking at all would cost three queries each


@dataclass(frozen=True)
class Exchange:
    """A query of the conversation. `id` is unique on the page.

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


def _exchange(request: Request, deps: Deps, query: Query) -> Exchange:
    origin = str(request.base_url).rstrip("/")
    view = asked_view(query, deps.vocabulary())
    return Exchange(f"e{uuid4().hex[:12]}", query.question, view, origin)


def _parsed(deps: Deps, params: Params) -> Query:
    """What a form or an address asks. Raises `BadInput` where that is nothing."""
    clean_question(question_in(params) or "")
    return query_of(deps, params)


def _panel(deps: Deps, query: Query | None, picked: Filters = EVERYTHING) -> Panel:
    """What narrows a question further, or a first one, given what is picked so far."""
    filters = query.filters if query else EVERYTHING
    topic = (query.topic or None) if query else None
    facets = deps.finder.facets(topic, together(filters, picked))
    return panel_of(facets, deps.vocabulary(), filters, picked)


# --- in one page ------------------------------------------------------------------------------


@router.api_route("/", methods=READ, response_class=HTMLResponse)
async def chat(deps: Parts, site: OnSite, request: Request) -> Response:
    """The chat; with `?q=`, the question and its whole answer."""
    params = request.query_params.multi_items()
    question = question_in(params)
    query, problem = None, None
    try:
        for page, address in (("/", narrowed(params)), ("/parcourir", browsed(params))):
            if address:
                return RedirectResponse(f"{page}?{address}", 303, headers=PRIVATE)
        if question is not None:
            query = await run_in_threadpool(_parsed, deps, params)
    except BadInput as error:
        problem = str(error)
    told: dict[str, object] = {"exchange": None, "view": None}
    if query:
        told = await in_turn(deps, query, partial(_answered, deps, request, query))

    def rendered() -> str:
        return site.render(
            "chat.html",
            problem=problem or (_notice(deps, site) if query else None),
            unsent=question if problem else "",
            panel=_panel(deps, query),
            **told,
            **_welcome(deps, site, query),
        )

    body = await run_in_threadpool(rendered)
    return HTMLResponse(body, 422 if problem else 200, headers=PRIVATE)


def _answered(deps: Deps, request: Request, query: Query) -> dict[str, object]:
    return {"exchange": _exchange(request, deps, query), "view": quoted(deps, query)[1]}


def _examples(deps: Deps, site: Site, newest: tuple[Session, ...]) -> tuple[str, ...]:
    """Questions to begin with; the last one has no answer, where there is such a one."""
    discussed = example_questions(newest, site.text)
    rare = undiscussed(deps.finder, site.text) if discussed else ()
    return (*discussed[: COUNT - len(rare)], *rare)


def _welcome(deps: Deps, site: Site, query: Query | None) -> dict[str, object]:
    """What a newcomer sees below the field."""
    newest = () if query else deps.published.sessions(EXAMPLES_FROM)
    return {
        "examples": [(e, quote(e)) for e in _examples(deps, site, newest)],
        "sessions": deps.published.count() if newest else 0,
        "latest": session_view(newest[0]) if newest else None,
    }


@router.get("/filtres", response_class=HTMLResponse)
def filter_fields(deps: Parts, site: OnSite, request: Request) -> HTMLResponse:
    """The fields of the filters, each counted within what is picked in the others."""
    params = request.query_params.multi_items()
    standing = _standing(params)
    query = _parsed(deps, parse_qsl(standing[:_LONGEST])) if standing else None
    picked = filters_from(params)
    panel = _panel(deps, query, picked)
    body = site.render(
        "stream/fields.html", panel=panel, use="refine" if query else "home", picked=picked
    )
    return HTMLResponse(body, headers=PRIVATE)


# --- piece by piece ---------------------------------------------------------------------------


@router.get("/flux", response_class=EventSourceResponse, dependencies=[Depends(kept_by_nobody)])
async def stream(deps: Parts, site: OnSite, request: Request) -> AsyncIterator[ServerSentEvent]:
    """A question's answer as fragments of the chat page, each as soon as it is known."""
    try:
        query, exchange, opening = await run_in_threadpool(_opened, deps, site, request)
    except BadInput as error:
        yield _fragment(site.render("stream/notice.html", notice=str(error)))
        return
    yield opening
    try:
        verified, fragments = await in_turn(
            deps, query, partial(_told, deps, site, exchange, query)
        )
    except Exception as error:  # the answer has begun: the reader learns of it in its place
        log.exception("/flux")
        detail = problem_of(error, "/flux").detail
        yield _fragment(site.render("stream/failure.html", exchange=exchange, detail=detail))
        return
    for fragment in fragments:
        yield fragment
    async for fragment in iterate_in_threadpool(_after_answer(deps, site, exchange, verified)):
        yield fragment


def _opened(deps: Deps, site: Site, request: Request) -> tuple[Query, Exchange, ServerSentEvent]:
    """What is asked, and how its exchange begins. Raises `BadInput`."""
    params = request.query_params.multi_items()
    standing = narrowed(params)
    query = _parsed(deps, parse_qsl(standing) if standing else params)
    exchange = _exchange(request, deps, query)
    return query, exchange, _fragment(site.render("stream/question.html", exchange=exchange))


def _told(
    deps: Deps, site: Site, exchange: Exchange, query: Query
) -> tuple[Verified, list[ServerSentEvent]]:
    """An answer, and its fragments of the page."""
    verified, view = quoted(deps, query)
    fragments = list(_answer_fragments(site, exchange, view, _panel(deps, query)))
    if notice := _notice(deps, site):
        fragments.append(_fragment(site.render("stream/notice.html", notice=notice)))
    return verified, fragments


def _notice(deps: Deps, site: Site) -> str | None:
    """What is to be known of every answer given now: that older sessions are still being read."""
    return None if deps.finder.is_whole else site.text("chat.reading")


@router.get(
    "/flux/suite", response_class=EventSourceResponse, dependencies=[Depends(kept_by_nobody)]
)
def stream_after(
    deps: Parts, site: OnSite, request: Request, e: Annotated[str, Parameter(pattern=_ID)]
) -> Iterator[ServerSentEvent]:
    """What comes after an answer that a page shows already, as exchange `e`."""
    try:
        query = _parsed(deps, request.query_params.multi_items())
        exchange = replace(_exchange(request, deps, query), id=e)
        verified = deps.ask(query)
    except VerbatimError as error:  # the page has its answer
        log.warning("/flux/suite: %s", type(error).__name__)
        return
    yield from _after_answer(deps, site, exchange, verified)


def _after_answer(
    deps: Deps, site: Site, exchange: Exchange, verified: Verified
) -> Iterator[ServerSentEvent]:
    """Questions to go on with, then what a machine writes."""

    def questions() -> Iterator[str]:
        parties = _parties_by_topic(deps, verified.answer.query)
        return next_questions(verified, deps.vocabulary(), parties, site.text)

    offered = follow_ups(deps, verified, site.text.language, questions)
    if found := [(q.question, urlencode(to_params(q))) for q in offered]:
        yield _fragment(site.render("stream/follow_ups.html", exchange=exchange, questions=found))
    yield from _by_machine(deps, site, exchange, verified)


def _parties_by_topic(deps: Deps, query: Query) -> Iterator[str]:
    """The parties that speak of a question's topic: who does so more than of all else first.

    The chair's party has most passages of every topic. Counted when the first one is taken: most
    answers under load are not followed by questions.
    """
    of_topic, of_all = (
        {count.value: count.passages for count in deps.finder.facets(topic, query.filters).groups}
        for topic in (query.topic or None, None)
    )
    yield from sorted(of_topic, key=lambda party: -of_topic[party] / of_all.get(party, 1))


def _by_machine(
    deps: Deps, site: Site, exchange: Exchange, verified: Verified
) -> Iterator[ServerSentEvent]:
    """What a language model adds, where a city has one: sentences, and a follow-up made whole."""
    answer = verified.answer
    if deps.writer is not None and not answer.refused:
        yield from _machine_fragments(site, exchange, writing(deps, verified))
    whole = deps.writer.rewrite(answer.query) if deps.writer else None
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
    if view.decision:
        yield _fragment(site.render("stream/decision.html", exchange=exchange, view=view))
    for number, c in enumerate(view.citations, 1):
        if view.also and number == len(view.citations) - view.also + 1:
            yield _fragment(site.render("stream/also.html", exchange=exchange, view=view))
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
