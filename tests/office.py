"""A site with its office over the small archive, and somebody signed in."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient
from pwdlib.hashers.argon2 import Argon2Hasher

from api import accounts, cookies, logins
from api.auth import Role
from api.desk import Desk
from api.passwords import Passwords
from tests.small_site import small_deps
from web.app import create_app


def quick_passwords() -> Passwords:
    """The same code as the product's, at a hundredth of the work."""
    return Passwords(Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1))


def small_office(root: Path) -> FastAPI:
    """The whole site, office included, over a small archive below `root`."""
    deps = small_deps(root)
    settings = deps.settings.model_copy(update={"data": root})
    return create_app(
        deps, Desk(settings, deps.published.archive, deps.blobs, passwords=quick_passwords())
    )


def signed_in(app: FastAPI, login: str = "greffe", role: Role = Role.CLERK) -> TestClient:
    """A browser in which somebody of that role has signed in."""
    desk: Desk = app.state.desk
    with desk.archive.begin() as db:
        known = accounts.find(db, login)
        account = known.account if known else accounts.add(db, "tests", login, login.title(), role)
        accounts.set_role(db, "tests", account, role)
        token = logins.start(db, account.id)
    browser = TestClient(app, raise_server_exceptions=False, follow_redirects=False)
    browser.cookies.set(cookies.SESSION, token)
    return browser
