"""The Model Context Protocol, over HTTP at `/mcp` and over standard input, by the official SDK.

Read only: `Tools`, and nothing else. Each request stands alone, so that any process answers it and
nothing is kept of who asks. The SDK takes a second to import: it is when first needed.
"""

import logging
from collections.abc import Callable
from functools import wraps
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from api.accounts.gate import SMALL, is_cross_site
from api.accounts.roles import NotAllowed
from api.assistants.tools import Tools
from api.deps import Deps
from api.problems import TooLong
from api.routes.allowance import admit_assistant
from api.routes.http import site_of
from ingest.errors import UserError

if TYPE_CHECKING:
    from mcp.server import MCPServer

P = ParamSpec("P")
T = TypeVar("T")
PATH = "/mcp"
_HOSTS = 4  # that one site is reached by, where its address is not set
_INSTRUCTIONS = (
    "Ce qui a été dit dans les séances publiées de : {city}. Chaque citation est mot pour mot ce "
    "qui a été dit : reprenez-la telle quelle, avec son orateur, sa date et son lien (`page`). "
    "Quand `state` n'est pas « answer », dites que les séances n'y répondent pas."
)


def mcp_server(deps: Deps, site: str) -> "MCPServer[Any]":
    """The server of a site at an address, without a transport."""
    from mcp.server import MCPServer
    from mcp.types import ToolAnnotations

    logging.basicConfig(format="%(message)s")  # else the SDK sets the root logger up, at INFO
    server: MCPServer[Any] = MCPServer(
        "verbatim",
        title=f"Verbatim, {deps.settings.city}",
        instructions=_INSTRUCTIONS.format(city=deps.settings.city),
        website_url=site,
        version=version("verbatim-council"),
        log_level="WARNING",
        subscriptions=False,
    )
    tools = Tools(deps, site)
    offered: tuple[Callable[..., object], ...] = (
        *(tools.ask, tools.search, tools.sessions, tools.read_session),
        *(tools.votes, tools.persons, tools.cite),
    )
    hints = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
    for tool in offered:
        server.add_tool(_explained(tool), annotations=hints)
    return server


def _explained(tool: Callable[P, T]) -> Callable[P, T]:
    """A tool whose refusals reach the assistant as they are worded."""
    from mcp.server.mcpserver.exceptions import ToolError

    @wraps(tool)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return tool(*args, **kwargs)
        except UserError as error:
            raise ToolError(str(error)) from error

    return call


class McpEndpoint:
    """Answers POST at `/mcp` (streamable HTTP, stateless, JSON). A plain ASGI application."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._servers: dict[str, MCPServer[Any]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Raises `NotAllowed` for a page of another site,
        what `admit_assistant` does, and `TooLong`."""
        from mcp.server.transport_security import TransportSecuritySettings

        request = Request(scope)
        if is_cross_site(request.method, request.headers):
            raise NotAllowed("Cette adresse répond à des programmes, non aux pages d'autres sites.")
        admit_assistant(request)
        server = self._server(site_of(request))
        server.streamable_http_app(
            json_response=True,
            stateless_http=True,
            # The gate has looked at where it comes from, and knows a site by any of its names.
            transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
        )
        manager = server.session_manager
        is_too_long = False
        try:
            async with manager.run():
                await manager.handle_request(scope, receive, send)
        except* TooLong:  # the SDK's tasks raise what happens in them as a group
            is_too_long = True
        if is_too_long:
            raise TooLong(SMALL)

    def _server(self, site: str) -> "MCPServer[Any]":
        if site not in self._servers:
            if len(self._servers) >= _HOSTS:  # hosts are what requests claim
                self._servers.clear()
            self._servers[site] = mcp_server(self._deps, site)
        return self._servers[site]
