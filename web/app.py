"""The whole site as one application: the API, the pages, the static files.

Errors below /api stay problem details; everywhere else they are pages.
"""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

from api.app import create_app as create_api
from api.deps import Deps
from api.problems import problem_of, problem_response, report
from ingest.errors import OurError, UserError
from ingest.settings import Settings
from web import browse, chat, pages
from web.site import STATIC, Site, VersionedFiles, build_site


def create_app(deps: Deps) -> FastAPI:
    """The site over the given parts."""
    app = create_api(deps)
    app.state.site = build_site(deps.settings)
    for part in (chat, browse, pages):
        app.include_router(part.router)
    app.mount("/static", VersionedFiles(directory=STATIC))
    for error in (UserError, OurError, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(error, _error_response)
    return app


def from_settings() -> FastAPI:
    """The site that this machine's settings describe, its models loaded, for ASGI servers."""
    from api.wiring import Product

    product = Product(Settings())
    product.warm()
    return create_app(product.deps())


def _error_response(request: Request, error: Exception) -> Response:
    if request.url.path.startswith("/api/"):
        return problem_response(request, error)
    problem = problem_of(error, request.url.path)
    report(request, error, problem.status)
    site: Site = request.app.state.site
    body = site.render("error.html", problem=problem)
    return HTMLResponse(body, problem.status, headers={"Cache-Control": "no-store"})
