"""What every request of an assistant passes first: the city's key, where it has one; how many."""

from hmac import compare_digest

from fastapi import Request

from api.accounts.roles import NotSignedIn
from api.deps import Deps
from api.routes.allowance import use_allowance


def admit(request: Request) -> None:
    """Let a request pass. Raises `NotSignedIn` without the key that is set, and `TooMany`."""
    deps: Deps = request.app.state.deps
    key = deps.settings.assistants_key
    sent = request.headers.get("authorization", "").removeprefix("Bearer ").encode()
    if key is not None and not compare_digest(sent, key.get_secret_value().encode()):
        raise NotSignedIn("Il faut la clé de la ville : Authorization: Bearer CLÉ.")
    use_allowance(request)


def site_of(request: Request) -> str:
    """The address that links begin with: the site's own, or the one that was asked."""
    deps: Deps = request.app.state.deps
    return deps.settings.address or str(request.base_url).rstrip("/")
