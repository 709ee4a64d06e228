"""The HTTP API as one application: /api, /v1 and /mcp, typed problems, security headers.

Everything it shows is read through `deps.published`. It knows nothing of pages (see `web.app`).
"""

import re
from importlib.metadata import version

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.assistants import completions, mcp_server
from api.deps import Deps
from api.problems import install_problems
from api.routes import ask, audio, health, search, sessions, votes
from api.routes.allowance import Allowance
from api.routes.http import LimitedBodies, forget_host
from api.routes.multipart import Utf8Forms
from ingest.settings import Settings

# One origin, no inline code or style: a transcript that contains markup stays text.
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; object-src 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # Other sites learn nothing. Ours must be: with "no-referrer" a browser sends `Origin: null`
    # with our own forms, and over plain http nothing else says that they are ours (`cross_site`).
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

# Sound, pictures and documents are packed already. 6 of 9: as small as at 9, in less time.
_PACKED = (
    *DEFAULT_EXCLUDED_CONTENT_TYPES,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
)
_LEVEL = 6
# What any other site's scripts may read: what is published, by reading alone. The wildcard never
# goes with a reader's cookies (Fetch standard), so that where accounts are needed nothing is read.
_SHARED = re.compile(
    r"/(api/|oembed$|extrait/|flux/\w+\.|seances/[^/]+/(export\.|chapitres)"
    r"|decisions\.csv$|calendrier\.ics$)"
)
SHARED_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Accept-Ranges, Content-Range, ETag, Retry-After",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


class SecurityHeaders:
    """Puts `SECURITY_HEADERS` on every response, errors included; `SHARED_HEADERS` on some."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and complete the start of its response."""

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if scope["method"] in ("GET", "HEAD") and _SHARED.match(scope["path"]):
                    headers.update(SHARED_HEADERS)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                forget_host(scope, headers)
            await send(message)

        await self._app(scope, receive, complete)


class Application(FastAPI):
    """FastAPI whose error 500, made outside all middleware, carries the headers as well."""

    def build_middleware_stack(self) -> ASGIApp:
        """The usual stack inside `SecurityHeaders`."""
        return SecurityHeaders(super().build_middleware_stack())


def _licence(settings: Settings) -> dict[str, str] | None:
    """The licence of what is published, as OpenAPI names it; None where the city names none."""
    if settings.data_licence is None:
        return None
    url = settings.data_licence_url
    return {"name": settings.data_licence} | ({"url": url} if url else {})


def create_app(deps: Deps) -> FastAPI:
    """The API over the given parts. Reads no setting but those in `deps`."""
    app = Application(
        title="Verbatim",
        summary="Ce qui a été dit au conseil, mot pour mot, et le son exact.",
        version=version("verbatim-council"),
        openapi_url="/api/openapi.json",
        docs_url=None,  # FastAPI's page loads scripts from another origin
        redoc_url=None,
        license_info=_licence(deps.settings),
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.deps = deps
    app.state.allowance = Allowance(deps.settings.requests_per_minute)
    install_problems(app)
    app.add_middleware(GZipMiddleware, compresslevel=_LEVEL, exclude_content_types=_PACKED)
    app.add_middleware(LimitedBodies)
    app.add_middleware(Utf8Forms)
    for part in (ask, search, votes, sessions, audio, health):
        app.include_router(part.router, prefix="/api")
    app.include_router(completions.router, prefix="/v1")
    endpoint = mcp_server.McpEndpoint(deps)
    app.router.routes.append(Route(mcp_server.PATH, endpoint, methods=["POST"]))
    return app
