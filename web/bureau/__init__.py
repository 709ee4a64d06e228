"""The clerk's office: every page under `/bureau`. Each is behind an account, but the way in."""

from urllib.parse import quote

from fastapi import FastAPI, Request

from web.bureau import home


def install(app: FastAPI) -> None:
    """Add the office to a site. `app.state.desk` is there already."""
    for part in (home,):
        app.include_router(part.router)


def way_in(request: Request) -> str:
    """Where to sign in, and come back from to the page that was asked for."""
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"/bureau/connexion?vers={quote(asked, safe='/')}"
