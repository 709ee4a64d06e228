"""The clerk's office: every page under `/bureau`. Each is behind an account, but the way in."""

from urllib.parse import quote

from fastapi import FastAPI, Request

from api.accounts.gate import Gate, Refuse
from api.desk import Desk
from api.routes import editing, uploads
from web.office import (
    accounts,
    agenda,
    audit,
    glossary,
    home,
    intake,
    minutes,
    progress,
    publish,
    redact,
    review,
    sign_in,
    votes,
)


def install(app: FastAPI, desk: Desk, refuse: Refuse) -> None:
    """Add the office to a site, behind its gate; `refuse` makes the response to whom it stops."""
    restricted = desk.settings.reading == "accounts"
    app.add_middleware(Gate, archive=desk.archive, refuse=refuse, restricted=restricted)
    for part in (sign_in, home, accounts, audit, editing, review, intake, progress, uploads):
        app.include_router(part.router)
    for part in (agenda, votes, minutes, publish, redact, glossary):
        app.include_router(part.router)


def way_in(request: Request) -> str:
    """Where to sign in, and come back from to the page that was asked for."""
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"/bureau/connexion?vers={quote(asked, safe='/')}"
