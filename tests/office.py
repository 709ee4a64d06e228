"""A site with its office over the small archive, and somebody signed in."""

from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from api.auth import Account, Role
from api.desk import Desk
from tests.small_site import small_deps
from web.app import create_app


def small_office(root: Path) -> FastAPI:
    """The whole site, office included, over a small archive below `root`."""
    deps = small_deps(root)
    settings = deps.settings.model_copy(update={"data": root})
    return create_app(deps, Desk(settings, deps.published.archive, deps.blobs))


def signed_in(app: FastAPI, login: str = "greffe", role: Role = Role.CLERK) -> TestClient:
    """A browser in which somebody of that role has signed in."""

    @app.middleware("http")
    async def put(request: Request, call_next):
        request.state.account = Account(1, login, login.title(), role)
        return await call_next(request)

    return TestClient(app, raise_server_exceptions=False, follow_redirects=False)
