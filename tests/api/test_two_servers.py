"""Two processes that serve one archive: what one does, the other tells with its next answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.product import Product
from tests.support import postgres
from tests.support.redaction_site import (
    BEFORE,
    OTHER,
    SECRET,
    SECRET_SPAN,
    SITTING,
    product_at,
    published_at,
)


@pytest.fixture(params=["sqlite", "postgresql"])
def servers(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Product, Product]]:
    """Two of one archive, in either database."""
    if request.param == "sqlite":
        yield published_at(tmp_path / "data"), product_at(tmp_path / "data")
        return
    with postgres.database() as url:
        one = published_at(tmp_path / "data", database=url)
        other = product_at(tmp_path / "data", database=url)
        yield one, other
        for product in (one, other):
            product.archive.engine.dispose()


def _quotes(product: Product, question: str) -> str:
    citations = product.ask(product.parse(question)).answer.citations
    return " ".join(citation.quote for citation in citations)


def test_a_passage_withheld_in_one_is_gone_from_the_other(servers: tuple[Product, Product]) -> None:
    one, other = servers
    question = "Qui souffre d'une maladie grave ?"
    assert SECRET in _quotes(other, question)
    assert SECRET in _quotes(other, question)  # kept by now
    one.withhold(SITTING, SECRET_SPAN)
    assert "Untel" not in _quotes(other, question)


def test_a_session_withdrawn_and_published_again(servers: tuple[Product, Product]) -> None:
    one, other = servers
    question = "Que dit-on du crédit demandé ?"
    assert BEFORE in _quotes(other, question)
    one.withdraw(SITTING)
    assert BEFORE not in _quotes(other, question)
    one.publish(SITTING)
    assert BEFORE in _quotes(other, question)
    assert {s.id for s in other.published.sessions()} == {SITTING, OTHER}
