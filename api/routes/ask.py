"""Ask a question: the whole answer as JSON, or piece by piece as server-sent events."""

import logging
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cache, partial
from typing import Annotated
from unicodedata import category

from fastapi import APIRouter, Depends, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool

from api.answers.answer import Verified, answer_key
from api.answers.citation import Citation, Sentence, Written
from api.deps import Deps
from api.problems import documented, problem_of
from api.routes import Parts, WholeText
from api.routes.allowance import use_allowance
from api.routes.examples import ANSWER
from api.routes.http import kept_by_nobody
from api.routes.turns import Made, Turns
from api.views.answer import AnswerView, answer_view, voice_numbers
from ingest.errors import BadInput
from search.filters import Filters
from search.query.followup import from_params
from search.query.parsed import READING_S, Budget, Query
from search.query.url import MAX_QUESTION, Params, params_of

log = logging.getLogger(__name__)
ANSWERS = Turns("de questions", patience_s=60)
"""Questions that are answered at once: those who came first have their words, not all late ones."""
router = APIRouter(tags=["réponses"], route_class=WholeText)


@dataclass(frozen=True, kw_only=True)
class Question(Filters):
    """A question in plain French, 500 characters at most, and what narrows it.

    Values of one filter are alternatives; dates (ISO 8601) are inclusive. `removed` are keys
    ("personne:Claire Fontanet") of filters read from the question that are to be left out, `before`
    the `asked.context` of the exchange that the question follows.
    """

    question: str
    removed: tuple[str, ...] = ()
    before: str = ""

    def params(self) -> Params:
        """The same as the parameters of an address."""
        return params_of(self.question, self, self.removed, self.before)


@dataclass(frozen=True)
class End:
    """The last event of an answer: what stands of it; the last `also` citations only come near.

    `sentences` are all that is left of the `sentence` events; `machine` says what was left out and
    why, and is None where the city has no language model.
    """

    question: str
    citations: int
    also: int
    sentences: tuple[Sentence, ...]
    machine: Written | None


def clean_question(text: str) -> str:
    """The question as text that can be stored and sent, without stray spaces.

    Control characters and what stands for half a character (`WholeText`) are no question.
    Raises `BadInput` when nothing is left, or too much.
    """
    readable = "".join(" " if c == "\ufffd" or category(c) in ("Cc", "Cs") else c for c in text)
    question = " ".join(readable.split())
    if not question:
        raise BadInput("La question est vide : écrivez ce que vous aimeriez retrouver.")
    if len(question) > MAX_QUESTION:
        raise BadInput(
            f"La question compte {len(question)} caractères : {MAX_QUESTION} au plus. "
            "Gardez l'essentiel."
        )
    return question


def answer(deps: Deps, query: Query) -> AnswerView:
    """The whole answer to a question, as readers see it."""
    return _written(deps, *quoted(deps, query))


def _written(deps: Deps, verified: Verified, view: AnswerView) -> AnswerView:
    """An answer with what a machine writes about it, where the city has one."""
    return with_writing(view, tuple(writing(deps, verified)))


def writing(deps: Deps, verified: Verified) -> Iterator[Sentence | Written]:
    """A machine's sentences about an answer, then how it went; nothing without a language model."""
    if deps.writer is None or verified.answer.refused:
        return
    try:
        query = verified.answer.query
        carried = any(chip.carried for chip in query.chips)  # « Et sur la piscine ? »: say of what
        question = f"{query.question} ({query.topic})" if carried else query.question
        yield from deps.writer.write(question, verified)
    except Exception:  # the quotations are the answer; whatever fails here takes nothing from it
        log.exception("writing")
        yield Written(0, (), "failed")


def with_writing(view: AnswerView, pieces: Sequence[Sentence | Written]) -> AnswerView:
    """The answer with what stands of the machine's sentences."""
    machine = next((piece for piece in pieces if isinstance(piece, Written)), None)
    if machine is None or machine.fallback:
        return replace(view, machine=machine)
    kept = tuple(piece for piece in pieces if isinstance(piece, Sentence))
    return replace(view, sentences=kept, machine=machine)


def quoted(deps: Deps, query: Query) -> tuple[Verified, AnswerView]:
    """The quotations that answer a question, verified, and as readers see them."""
    verified = deps.ask(query)
    published, numbers = deps.published, cache(partial(voice_numbers, deps.published))

    def number_of(citation: Citation) -> int | None:
        if citation.speaker:
            return None
        turn = published.turn(citation.session, citation.turn, citation.revision)
        return numbers(citation.session).get(turn.speaker or "")

    sessions, speakers = cache(published.session), cache(published.speakers)
    return verified, answer_view(verified, deps.vocabulary(), sessions, number_of, speakers)


async def in_turn(deps: Deps, query: Query, work: Callable[[], Made]) -> Made:
    """Do the work of answering a query when its turn comes; at once where the answer is kept."""
    if await run_in_threadpool(lambda: answer_key(query) in deps.kept()):
        return await run_in_threadpool(work)
    return await ANSWERS.make(work)


async def quoted_in_turn(deps: Deps, query: Query) -> tuple[Verified, AnswerView]:
    """What `quoted` gives, when its turn comes."""
    return await in_turn(deps, query, partial(quoted, deps, query))


def query_of(deps: Deps, params: Iterable[tuple[str, str]]) -> Query:
    """What an address asks of what is published now. Raises `BadInput` where it cannot be read."""
    given = [(name, clean_question(v) if name == "q" else v) for name, v in params]
    return from_params(given, deps.vocabulary(), date.today(), Budget.of(READING_S))


def _query(deps: Parts, request: Request, q: str) -> Query:
    """The question `q`, with the filters and the context that the address names beside it."""
    return query_of(deps, request.query_params.multi_items())


FromAddress = Annotated[Query, Depends(_query)]


@router.post(
    "/ask",
    dependencies=[Depends(kept_by_nobody), Depends(use_allowance)],
    responses={
        200: {"content": {"application/json": {"example": ANSWER}}},
        **documented(413, 422, 429),
    },
)
async def ask(body: Question, deps: Parts) -> AnswerView:
    """Answer a question with what was really said, or refuse and say why."""
    query = await run_in_threadpool(query_of, deps, body.params())
    verified, view = await quoted_in_turn(deps, query)
    return await run_in_threadpool(_written, deps, verified, view)


@router.get(
    "/ask/stream",
    response_class=EventSourceResponse,
    responses=documented(422, 429),
    dependencies=[Depends(kept_by_nobody), Depends(use_allowance)],
)
async def ask_stream(query: FromAddress, deps: Parts) -> AsyncIterator[ServerSentEvent]:
    """Events: each `citation`, each machine-written `sentence` once it is checked, then `end`.

    Or `refusal` alone; or `problem` if we fail. Only the sentences that `end` repeats stand.
    """
    try:
        verified, view = await quoted_in_turn(deps, query)
    except Exception as error:  # the status line has left already: the error is an event too
        log.exception("/api/ask/stream")
        yield ServerSentEvent(event="problem", data=asdict(problem_of(error, "/api/ask/stream")))
        return
    async for event in iterate_in_threadpool(events(view, writing(deps, verified))):
        yield event


def events(view: AnswerView, pieces: Iterator[Sentence | Written]) -> Iterator[ServerSentEvent]:
    """An answer as events."""
    if view.refused:
        yield ServerSentEvent(event="refusal", data=asdict(view))
        return
    for number, citation in enumerate(view.citations):
        yield ServerSentEvent(event="citation", id=str(number), data=asdict(citation))
    said = []
    for piece in pieces:
        said.append(piece)
        if isinstance(piece, Sentence):
            yield ServerSentEvent(event="sentence", data=asdict(piece))
    view = with_writing(view, said)
    end = End(view.question, len(view.citations), view.also, view.sentences, view.machine)
    yield ServerSentEvent(event="end", data=asdict(end))
