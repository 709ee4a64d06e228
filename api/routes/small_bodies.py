"""Routes that anybody may send something to: they read a little, and refuse the rest unread."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import HTTPException, Request, Response
from starlette.types import Message

from api.account.gate import SMALL
from api.routes import WholeText


class SmallBodies(WholeText):
    """Answers 413 once more than `SMALL` have come, whatever length was announced.

    FastAPI's own `max_body_size` would answer in plain English text.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The usual handler, which is handed a limited stream."""
        handle = super().get_route_handler()

        async def limited(request: Request) -> Response:
            left = SMALL

            async def receive() -> Message:
                nonlocal left
                message = await request.receive()
                left -= len(message.get("body", b""))
                if left < 0:
                    raise HTTPException(413)
                return message

            return await handle(Request(request.scope, receive))

        return limited
