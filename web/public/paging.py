"""Long lists: what narrows them, which part is shown, and where the parts beside it are."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar
from urllib.parse import urlencode

from fastapi import Query as Parameter

Item = TypeVar("Item")
# What the addresses of lists share; an empty one is a field left as it was.
Year = Annotated[str, Parameter(alias="annee", pattern=r"^(\d{4})?$")]
Words = Annotated[str, Parameter(alias="mots", max_length=200)]
# Twenty years of sessions have 30,000 pages of passages (docs/scale.md): no list is longer.
PageNumber = Annotated[int, Parameter(alias="page", ge=1, le=100_000)]


@dataclass(frozen=True)
class Paged(Generic[Item]):
    """Some items of `count`; the addresses of the pages before and after, where there are any."""

    items: Sequence[Item]
    count: int
    before: str | None
    after: str | None


def paged(items: Sequence[Item], page: int, size: int, path: str, **params: object) -> Paged[Item]:
    """A page of items that are all there; `params` are the address's others, without the empty."""
    shown = items[(page - 1) * size : page * size]
    return part_of(shown, len(items), page, size, path, params.items())


def part_of(
    items: Sequence[Item],
    count: int,
    page: int,
    size: int,
    path: str,
    params: Collection[tuple[str, object]],
) -> Paged[Item]:
    """A page of which the items alone were read, of `count`; a name may be in several `params`."""

    def address(number: int) -> str:
        named = (*params, ("page", number if number > 1 else None))
        query = urlencode([(name, value) for name, value in named if value])
        return f"{path}?{query}" if query else path

    return Paged(
        items,
        count,
        address(page - 1) if page > 1 else None,
        address(page + 1) if page * size < count else None,
    )
