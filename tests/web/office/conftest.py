"""The office that most tests of a page sign in to; a module replaces the part that it is about."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.product import Product
from tests.support.office import signed_in
from tests.support.redaction_site import published_at
from web.app import create_app


@pytest.fixture
def product(tmp_path: Path) -> Product:
    """The parts of a site on which one session is published, with its sound."""
    return published_at(tmp_path / "data")


@pytest.fixture
def app(product: Product) -> FastAPI:
    """The site, office included."""
    return create_app(product.deps(), product.desk())


@pytest.fixture
def clerk(app: FastAPI) -> TestClient:
    """A browser in which a clerk has signed in."""
    return signed_in(app)
