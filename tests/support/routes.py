"""Every route of a site, as it is served: what walks them all cannot forget one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI


@dataclass(frozen=True, order=True)
class Served:
    """One method of one address; `path` has its parameters in braces."""

    path: str
    method: str


def all_routes(app: FastAPI) -> Iterator[Served]:
    """Routes in the order of their installation; what is mounted (static files) is not one."""
    for route in app.routes:
        contexts = getattr(route, "effective_route_contexts", None)
        served: list[Any] = contexts() if contexts else [route]
        for one in served:
            for method in sorted(getattr(one, "methods", None) or ()):
                yield Served(one.path, method)
