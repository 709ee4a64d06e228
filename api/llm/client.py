"""A language model that a city runs or rents: messages in, a stream of text out.

Any endpoint that speaks OpenAI's chat completions will do (Ollama, vLLM, llama.cpp's server, a
sovereign cloud). Whatever goes wrong on the way has a name (`Trouble`), and all of it ends within
the time allowed: a reader never waits for a model longer than the city said. Knows nothing of
questions or passages; nothing is logged of what was sent, of what came back or of the key.
"""

import asyncio
import logging
import queue
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from enum import StrEnum
from threading import BoundedSemaphore, Event, Thread
from typing import TYPE_CHECKING, Any, Literal, Protocol

import httpx2

from ingest.errors import OurError

if TYPE_CHECKING:
    import openai

MOST_TOKENS = 600  # in an answer of four sentences there are about 250
_MOST_BYTES = 512 * 1024  # of a response as it comes in; 600 tokens weigh about 150 kB as events
_AT_ONCE = 8  # readers whose answers are being written; the others get quotations alone
_CONNECT_S = 3.0  # as a browser's reader would wait: a machine that is there answers in a second
_UNDERSTANDS_LESS = (400, 404, 415, 422)  # what endpoints say to a parameter they do not know

_log = logging.getLogger(__name__)


class Trouble(StrEnum):
    """Why an endpoint gave no answer, or no whole one."""

    DOWN = "down"  # no connection, or it broke
    SLOW = "slow"  # no first word, no next word or no end within its time
    RUDE = "rude"  # an HTTP error
    GARBLED = "garbled"  # not a stream of events
    ENDLESS = "endless"  # more than any answer may weigh
    BUSY = "busy"  # too many readers at once


class Unanswered(OurError):
    """The endpoint gave no answer. `why` says what happened."""

    def __init__(self, why: Trouble) -> None:
        super().__init__(f"Le modèle de langage n'a pas répondu ({why}) : voyez VERBATIM_LLM_URL.")
        self.why = why


@dataclass(frozen=True)
class Message:
    """One message of a chat."""

    role: Literal["system", "user"]
    content: str


class LLM(Protocol):
    """Messages to text."""

    def stream(
        self, messages: Sequence[Message], shape: Mapping[str, object] | None = None
    ) -> Generator[str, None, None]:
        """The answer in pieces, as they come. Close the generator to stop it early.

        `shape` is a JSON schema that the text should follow; not every endpoint applies one. Raises
        `Unanswered`, perhaps after some pieces.
        """
        ...


@dataclass(frozen=True)
class Patience:
    """How long to wait, in seconds: for the first word, for each next one, and for all of it."""

    first_s: float
    next_s: float
    total_s: float

    @classmethod
    def of(cls, total_s: float) -> "Patience":
        """Half of the time may pass before the first word: a small machine reads slowly."""
        return cls(total_s / 2, total_s / 4, total_s)


@dataclass(frozen=True)
class OpenAIEndpoint:
    """A model behind an OpenAI-compatible address, such as http://127.0.0.1:11434/v1.

    One request for each answer, and a plainer one if the endpoint at once refuses the first as
    it stands: never a retry that makes a reader wait twice.
    """

    url: str
    model: str
    key: str = field(default="", repr=False)
    patience: Patience = field(default_factory=lambda: Patience.of(20))
    _free: BoundedSemaphore = field(
        default_factory=lambda: BoundedSemaphore(_AT_ONCE), repr=False, compare=False
    )
    _plain: Event = field(default_factory=Event, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Import the client now, which takes half a second, and only where there is a model."""
        import openai  # noqa: F401

    def stream(
        self, messages: Sequence[Message], shape: Mapping[str, object] | None = None
    ) -> Generator[str, None, None]:
        """The answer in pieces, as they come."""
        if not self._free.acquire(blocking=False):
            raise Unanswered(Trouble.BUSY)
        inbox: queue.SimpleQueue[str | Trouble | None] = queue.SimpleQueue()
        left = Event()
        # A thread with a loop of its own, for asyncio alone can cut off an endpoint that sends
        # one byte a second. It ends within `total_s` whatever the endpoint does.
        reading = Thread(target=self._run, args=(messages, shape, inbox.put, left), daemon=True)
        reading.start()
        deadline = time.monotonic() + self.patience.total_s + 1
        try:
            while (piece := _take(inbox, deadline)) is not None:
                if isinstance(piece, Trouble):
                    raise Unanswered(piece)
                yield piece
        finally:
            left.set()

    def _run(
        self,
        messages: Sequence[Message],
        shape: Mapping[str, object] | None,
        put: Callable[[str | Trouble | None], None],
        left: Event,
    ) -> None:
        try:
            put(asyncio.run(self._read(messages, shape, put, left)))
        except Exception as error:  # whatever an endpoint makes a client stumble over
            _log.warning("language model: %s", type(error).__name__)
            put(Trouble.GARBLED)
        finally:
            self._free.release()

    async def _read(
        self,
        messages: Sequence[Message],
        shape: Mapping[str, object] | None,
        put: Callable[[str], None],
        left: Event,
    ) -> Trouble | None:
        import openai

        try:
            async with (
                asyncio.timeout(self.patience.total_s),
                self._client() as client,
                aclosing(self._pieces(client, messages, shape)) as pieces,
            ):
                async for piece in pieces:
                    if left.is_set():
                        break
                    put(piece)
        except (TimeoutError, openai.APITimeoutError):
            return Trouble.SLOW
        except openai.APIStatusError as error:
            _log.warning("language model: HTTP %d", error.status_code)
            return Trouble.RUDE
        except (openai.APIConnectionError, httpx2.HTTPError, OSError) as error:
            return Trouble.ENDLESS if _too_much(error) else Trouble.DOWN
        except (openai.OpenAIError, ValueError, TypeError, AttributeError):
            return Trouble.GARBLED
        return None

    def _client(self) -> "openai.AsyncOpenAI":
        import openai

        patience = self.patience
        wait = httpx2.Timeout(patience.total_s, connect=min(_CONNECT_S, patience.total_s))
        client = openai.AsyncOpenAI(
            base_url=self.url,
            api_key=self.key or "none",
            max_retries=0,
            timeout=wait,
            # Passages go to the address that the city named, and nowhere else: no redirections,
            # no proxies taken from the environment.
            http_client=httpx2.AsyncClient(
                transport=_Bounded(), timeout=wait, follow_redirects=False, trust_env=False
            ),
        )
        client.organization = client.project = None  # taken from the environment otherwise
        return client

    async def _pieces(
        self,
        client: "openai.AsyncOpenAI",
        messages: Sequence[Message],
        shape: Mapping[str, object] | None,
    ) -> AsyncGenerator[str, None]:
        """The text of the answer. Each wait is bounded; `_read` bounds their sum."""
        async with asyncio.timeout(self.patience.first_s) as waiting:
            events = await self._open(client, messages, shape)
            async with events:
                async for event in events:
                    waiting.reschedule(asyncio.get_running_loop().time() + self.patience.next_s)
                    if text := _text_of(event):
                        yield text

    async def _open(
        self,
        client: "openai.AsyncOpenAI",
        messages: Sequence[Message],
        shape: Mapping[str, object] | None,
    ) -> "openai.AsyncStream[Any]":
        import openai

        create: Any = client.chat.completions.create
        sent = [{"role": message.role, "content": message.content} for message in messages]
        if not self._plain.is_set():
            options = {"temperature": 0, "max_tokens": MOST_TOKENS, **_format(shape)}
            try:
                return _events(
                    await create(model=self.model, messages=sent, stream=True, **options)
                )
            except openai.APIStatusError as error:
                if error.status_code not in _UNDERSTANDS_LESS:
                    raise
                _log.info("language model: tried again without a schema or a temperature")
        events = _events(
            await create(
                model=self.model, messages=sent, stream=True, max_completion_tokens=MOST_TOKENS
            )
        )
        self._plain.set()  # only once it is known that the plain request is understood
        return events


def _take(
    inbox: "queue.SimpleQueue[str | Trouble | None]", deadline: float
) -> str | Trouble | None:
    try:
        return inbox.get(timeout=max(0.0, deadline - time.monotonic()))
    except queue.Empty:
        return Trouble.SLOW


def _format(shape: Mapping[str, object] | None) -> dict[str, object]:
    if shape is None:
        return {}
    schema = {"name": "reponse", "strict": True, "schema": shape}
    return {"response_format": {"type": "json_schema", "json_schema": schema}}


def _events(stream: "openai.AsyncStream[Any]") -> "openai.AsyncStream[Any]":
    kind = stream.response.headers.get("content-type", "")
    if not kind.startswith("text/event-stream"):
        raise ValueError(f"not a stream of events: {kind[:40]!r}")
    return stream


def _text_of(event: Any) -> str:
    """The text that one event adds; the client checks no types, and endpoints send anything."""
    choices = getattr(event, "choices", None)
    delta = getattr(choices[0], "delta", None) if choices else None
    text = getattr(delta, "content", None)
    return text if isinstance(text, str) else ""


# --- bounded responses ------------------------------------------------------------------------


class _TooMuch(httpx2.ReadError):
    """A response heavier than any answer."""


class _Bounded(httpx2.AsyncHTTPTransport):
    """HTTP whose responses may weigh `_MOST_BYTES`: an endless line is cut as any other."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await super().handle_async_request(request)
        assert isinstance(response.stream, httpx2.AsyncByteStream)  # noqa: S101
        response.stream = _BoundedStream(response.stream)
        return response


class _BoundedStream(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        weight = 0
        async for block in self._stream:
            weight += len(block)
            if weight > _MOST_BYTES:
                raise _TooMuch(f"more than {_MOST_BYTES} bytes")
            yield block

    async def aclose(self) -> None:
        await self._stream.aclose()


def _too_much(error: BaseException) -> bool:
    return isinstance(error, _TooMuch) or isinstance(error.__cause__, _TooMuch)
