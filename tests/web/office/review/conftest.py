"""A session under review, and the clerks who come to it, each in a browser of their own."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from fastapi import FastAPI
from jinja2 import Environment
from playwright.sync_api import Browser

from ingest.settings import Settings
from tests.support.browser import serving_app
from tests.support.review_site import Arrive, Clerk, clerk_at, review_app
from web.site import build_site


@pytest.fixture(scope="session")
def page_templates() -> Environment:
    """Compiled once: all that tests of the review share, beside the browser."""
    return build_site(Settings(_env_file=None)).templates


@pytest.fixture
def app(tmp_path: Path, page_templates: Environment) -> FastAPI:
    """The site with the session."""
    return review_app(tmp_path, page_templates)


@pytest.fixture
def arrive(chromium: Browser, app: FastAPI) -> Iterator[Arrive]:
    """Clerks come to the session."""
    with serving_app(app) as address:
        yield partial(clerk_at, chromium, address, app)


@pytest.fixture
def clerk(arrive: Arrive) -> Iterator[Clerk]:
    """One of them."""
    with arrive() as clerk:
        yield clerk
