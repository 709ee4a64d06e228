"""The clerk's office: every page under `/bureau`. Each is behind an account, but the way in."""

from urllib.parse import quote

from fastapi import FastAPI, Request

from api.account.gate import Gate, Refuse
from api.desk import Desk
from api.routes import desk_changes, desk_sound, uploads
from web.bureau import (
    account,
    accounts,
    agenda,
    agenda_pick,
    bringing,
    closing,
    home,
    invitation,
    journal,
    minutes,
    progress,
    publishing,
    review,
    sign_in,
    sign_in_elsewhere,
    taking_out,
    votes,
    words,
)


def install(app: FastAPI, desk: Desk, refuse: Refuse) -> None:
    """Add the office to a site, behind its gate; `refuse` makes the response to whom it stops."""
    restricted = desk.settings.reading == "accounts"
    app.add_middleware(Gate, archive=desk.archive, refuse=refuse, restricted=restricted)
    ways_in = (sign_in, sign_in_elsewhere, invitation)
    for part in (*ways_in, home, account, accounts, journal, desk_changes, desk_sound, review):
        app.include_router(part.router)
    for part in (bringing, progress, uploads):
        app.include_router(part.router)
    for part in (agenda, agenda_pick, votes, taking_out, minutes, publishing, closing, words):
        app.include_router(part.router)


def way_in(request: Request) -> str:
    """Where to sign in, and come back from to the page that was asked for."""
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"/bureau/connexion?vers={quote(asked, safe='/')}"
