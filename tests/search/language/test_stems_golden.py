"""What is said in two ways is found by either, and what only looks alike is told apart."""

import pytest

from search.language.stems import stems
from tests.support import paths

GOLDEN = paths.GOLDEN


def rows(name: str) -> list[list[str]]:
    lines = (GOLDEN / name).read_text("utf-8").splitlines()
    return [line.split("\t") for line in lines if line.strip() and not line.startswith("#")]


@pytest.mark.parametrize("ways", rows("french_same.tsv"), ids=lambda ways: ways[0])
def test_ways_of_saying_the_same_are_one(ways: list[str]) -> None:
    expected = stems(ways[0])
    assert {way: stems(way) for way in ways} == dict.fromkeys(ways, expected)


@pytest.mark.parametrize("row", rows("french_different.tsv"), ids=" / ".join)
def test_what_looks_alike_stays_apart(row: list[str]) -> None:
    one, other, *both = row
    assert set(stems(one)) & set(stems(other)) <= set(" ".join(both).split())
    assert stems(one) != stems(other)
