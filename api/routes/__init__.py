"""The HTTP routes, one file a concept. Each is a thin wrapper over a function that tests call.

Here stands what they declare: the parts they read with; the office's desk, and the account that may
use it. `Clerk` is what a route of the API declares, `needs` what the pages use. A page's visitor
who is not signed in is sent to sign in, a program gets 401, and an account without the right 403.
"""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute

from api.accounts.roles import Account, NotSignedIn, Role, needed
from api.deps import Deps
from api.desk import Desk


def _deps(request: Request) -> Deps:
    deps: Deps = request.app.state.deps
    return deps


Parts = Annotated[Deps, Depends(_deps)]


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


AtDesk = Annotated[Desk, Depends(_desk)]


def account_of(request: Request) -> Account | None:
    """The account that is signed in, if any. Put there by the gate."""
    account: Account | None = getattr(request.state, "account", None)
    return account


def needs(role: Role) -> Callable[[Request], Account]:
    """A dependency that gives the account, if it has the role."""

    def account(request: Request) -> Account:
        found = account_of(request)
        if found is None:
            raise NotSignedIn("Connectez-vous pour continuer.")
        return needed(found, role)

    return account


Clerk = Annotated[Account, Depends(needs(Role.CLERK))]


class WholeText(APIRoute):
    """For routes that read JSON, which may hold half of a character (a lone surrogate).

    Such text can be neither stored nor sent: U+FFFD takes its place, as it does in addresses and
    forms. The one boundary where that is done: every route with a JSON body is of this class.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The usual handler, which is handed JSON that is whole."""
        handle = super().get_route_handler()

        async def whole(request: Request) -> Response:
            return await handle(_WholeRequest(request.scope, request.receive))

        return whole


class _WholeRequest(Request):
    async def json(self) -> Any:
        return whole_text(await super().json())


def whole_text(value: Any) -> Any:
    """Some JSON whose texts and keys are Unicode: U+FFFD in place of each lone surrogate."""
    if isinstance(value, str):
        paired = value.encode("utf-16", "surrogatepass")
        return value if value.isascii() else paired.decode("utf-16", "replace")
    if isinstance(value, list):
        return [whole_text(one) for one in value]
    if isinstance(value, dict):
        return {whole_text(key): whole_text(one) for key, one in value.items()}
    return value
