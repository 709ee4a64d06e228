"""Which requests of programs are admitted: how many a minute, and with which key.

They are counted in memory, for each client's address, where an answer takes work: asking,
searching, conversing. Pages are not counted. Sign-in has limits of its own, which outlive a restart
(`api.accounts.rate_limit`).
"""

from collections import Counter
from datetime import timedelta
from hmac import compare_digest
from threading import Lock
from time import monotonic

from fastapi import Request

from api.accounts.rate_limit import TooMany, client_of
from api.accounts.roles import NotSignedIn
from api.deps import Deps

_MINUTE_S = 60.0  # `requests_per_minute`, by the clock


class Allowance:
    """At most `most` requests of one address within a minute of the clock; 0: any number."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._used: Counter[str] = Counter()
        self._until = 0.0

    def use(self, address: str) -> None:
        """Count a request. Raises `TooMany`, until the minute is over."""
        with self._lock:
            now = monotonic()
            if now >= self._until:
                self._used.clear()
                self._until = now + _MINUTE_S
            self._used[address] += 1
            if 0 < self._most < self._used[address]:
                raise TooMany(timedelta(seconds=self._until - now))


def use_allowance(request: Request) -> None:
    """Count a request of its client, as a dependency of a route or called by itself."""
    allowance: Allowance = request.app.state.allowance
    allowance.use(client_of(request))


def admit_assistant(request: Request) -> None:
    """Check the city's key, where it has one, and count the request.

    Raises `NotSignedIn` without that key, and `TooMany`.
    """
    deps: Deps = request.app.state.deps
    key = deps.settings.assistants_key
    sent = request.headers.get("authorization", "").removeprefix("Bearer ").encode()
    if key is not None and not compare_digest(sent, key.get_secret_value().encode()):
        raise NotSignedIn("Il faut la clé de la ville : Authorization: Bearer CLÉ.")
    use_allowance(request)
