"""The whole site as one application: the API, the pages, the static files.

Errors below `PROGRAMS` stay problem details; everywhere else they are pages.
"""

from dataclasses import replace

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from api.accounts.gate import Gate
from api.accounts.roles import NotSignedIn
from api.app import create_app as create_api
from api.catalogue import Catalogue
from api.deps import Deps
from api.desk import Desk
from api.problems import Problem, headers_of, problem_of, problem_response, report
from api.routes import editing, publication, uploads
from ingest.errors import OurError, UserError, as_ours
from ingest.settings import Settings
from web.administration import accounts, audit, backups, retention
from web.assets import STATIC, VersionedFiles
from web.kept_pages import KeptPages
from web.languages import LANGUAGES, Languages
from web.office import (
    agenda,
    details,
    glossary,
    home,
    intake,
    members,
    minutes,
    progress,
    publish,
    redact,
    review,
    sign_in,
    text_import,
    votes,
)
from web.public import (
    about,
    browse,
    calendar,
    chat,
    decisions,
    developers,
    excerpt,
    export,
    feeds,
    notices,
    records,
    session,
)
from web.readers import alerts, report_form, report_list
from web.site import READ, build_site, site_of_request
from web.theme import theme_css

PROGRAMS = ("/api/", "/bureau/api/", "/mcp", "/v1/")


def create_app(deps: Deps, desk: Desk | None = None) -> FastAPI:
    """The site over the given parts. Without a `desk` it has no office: readers' pages alone."""
    app = create_api(deps)
    app.state.site = build_site(deps.settings)
    app.state.translated = {code: build_site(deps.settings, code) for code in LANGUAGES[1:]}
    for part in (chat, browse, session, excerpt, records, decisions, calendar):
        app.include_router(part.router)
    for part in (feeds, about, notices, developers, export):
        app.include_router(part.router)
    for part in (report_form, alerts):
        app.include_router(part.router)
    app.add_middleware(KeptPages, version=deps.version)  # within the gate, and around what packs
    if desk is not None:
        _add_office(app, desk)
    app.add_middleware(Languages)
    app.mount("/static", VersionedFiles(STATIC, theme_css(deps.settings.colour)))
    for error in (UserError, OurError, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(error, _error_response)
    return app


def _add_office(app: FastAPI, desk: Desk) -> None:
    """Add the office to a site, behind its gate, which answers what it stops as any error."""
    app.state.desk = desk
    restricted = desk.settings.reading == "accounts"
    app.add_middleware(Gate, archive=desk.archive, refuse=_error_response, restricted=restricted)
    for part in (sign_in, home, accounts, audit, editing, review, intake, progress, uploads):
        app.include_router(part.router)
    for part in (agenda, votes, minutes, publish, redact, publication, details):
        app.include_router(part.router)
    for part in (glossary, members, text_import, report_list, backups, retention):
        app.include_router(part.router)


def from_settings() -> FastAPI:
    """The site that this machine's settings describe, its models loaded, for ASGI servers."""
    from api.product import FIRST_S, Product

    product = Product(Settings())
    senders = (product.postman(), product.webhooks())
    product.warm(FIRST_S)
    for sender in senders:
        if sender:
            sender.start()
    return create_app(product.deps(), product.desk())


def _error_response(request: Request, error: Exception) -> Response:
    if request.url.path.startswith(PROGRAMS):
        return problem_response(request, error)
    if isinstance(error, NotSignedIn) and "hx-request" in request.headers:
        # A piece of a page: the whole page, loaded again, leads to where one signs in.
        return Response(
            status_code=401, headers={"HX-Refresh": "true", "Cache-Control": "no-store"}
        )
    if isinstance(error, NotSignedIn) and request.method in READ:
        return RedirectResponse(
            sign_in.sign_in_address(request), 303, {"Cache-Control": "no-store"}
        )
    error = as_ours(error)
    problem = problem_of(error, request.url.path)
    report(request, error, problem.status)
    site = replace(site_of_request(request), page="/")  # no error tells which address it is of
    title, detail = _in_words(problem, site.text)
    body = site.render("error.html", status=problem.status, title=title, detail=detail)
    return HTMLResponse(body, problem.status, headers_of(error))


def _in_words(problem: Problem, text: Catalogue) -> tuple[str, str]:
    """The title and the detail of a problem. Details that name a value are French everywhere."""
    key = f"problem.{problem.type.rpartition(':')[2]}"
    return text.texts.get(key, problem.title), text.texts.get(f"{key}.detail", problem.detail)
