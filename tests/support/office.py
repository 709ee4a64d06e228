"""A site with its office over the small archive, and a person signed in."""

from dataclasses import replace
from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient
from pwdlib.hashers.argon2 import Argon2Hasher

from api.accounts import accounts, cookies, sessions
from api.accounts.oidc_accounts import Elsewhere
from api.accounts.passwords import Passwords
from api.accounts.roles import Role
from api.deps import Deps
from api.desk import Desk
from ingest.archive.repository import open_archive
from tests.support.small_site import small_deps
from web.app import create_app


def quick_passwords() -> Passwords:
    """The same code as the product's, at a hundredth of the work."""
    return Passwords(Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1))


def small_office(root: Path) -> FastAPI:
    """The whole site, office included, over a small archive below `root`."""
    deps = small_deps(root)
    settings = deps.settings.model_copy(update={"data": root, "backups": root / "backups"})
    deps = replace(deps, settings=settings)
    return create_app(
        deps, Desk(settings, deps.published.archive, deps.blobs, passwords=quick_passwords())
    )


def empty_office(deps: Deps, root: Path, elsewhere: Elsewhere | None = None) -> FastAPI:
    """An office with an archive of its own, in which nothing is: for tests of accounts alone."""
    archive = open_archive(f"sqlite:///{root}/accounts.sqlite")
    settings = deps.settings.model_copy(update={"data": root})
    deps = replace(deps, settings=settings)
    desk = Desk(settings, archive, deps.blobs, passwords=quick_passwords(), elsewhere=elsewhere)
    return create_app(deps, desk)


def desk_of(browser: TestClient) -> Desk:
    """The desk of the site that a browser of the tests visits."""
    assert isinstance(browser.app, FastAPI)
    desk: Desk = browser.app.state.desk
    return desk


def signed_in(app: FastAPI, login: str = "greffe", role: Role = Role.CLERK) -> TestClient:
    """A browser in which an account of that role has signed in."""
    desk: Desk = app.state.desk
    with desk.archive.begin() as db:
        known = accounts.find(db, login)
        account = known.account if known else accounts.add(db, "tests", login, login.title(), role)
        accounts.set_role(db, "tests", account, role)
        token = sessions.start(db, account.id)
    browser = TestClient(app, raise_server_exceptions=False, follow_redirects=False)
    browser.cookies.set(cookies.SESSION, token)
    return browser
