"""The HTTP routes, one file a concept. Each is a thin wrapper over a function that tests call."""

from typing import Annotated

from fastapi import Depends, Request

from api.deps import Deps


def _deps(request: Request) -> Deps:
    deps: Deps = request.app.state.deps
    return deps


Parts = Annotated[Deps, Depends(_deps)]
