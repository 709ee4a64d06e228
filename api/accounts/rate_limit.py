"""How often something may be tried: counted in SQL, so that a restart or a second process changes
nothing. What is counted is named by a hash: no address or login is kept.

An attempt is counted before it is made: a thousand at once are no way round. One that is refused
here is not counted, so that a limit ends by itself, however often one tries meanwhile.
"""

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, func, insert, select

from api.accounts.schema import attempts
from ingest.archive.schema import now
from ingest.errors import UserError

if TYPE_CHECKING:
    from starlette.requests import Request

LONGEST = timedelta(hours=1)  # of any limit: older attempts are deleted
MOST = 100_000  # rows, however many attempts a flood makes: the oldest go
_MINUTE_S = 60  # shorter waits are given in seconds


@dataclass(frozen=True)
class Limit:
    """At most `count` attempts within a time, `LONGEST` at most."""

    name: str
    count: int
    within: timedelta

    def of(self, *key: object) -> "Use":
        """The limit as it holds for one address, one login, ..."""
        return Use(self, key)


@dataclass(frozen=True)
class Use:
    """A limit, and for whom."""

    limit: Limit
    key: tuple[object, ...]

    @property
    def stored(self) -> str:
        """The name under which attempts are counted: a hash."""
        return hashlib.sha256(repr((self.limit.name, self.key)).encode()).hexdigest()


class TooMany(UserError):
    """Tried too often. `headers` for HTTP tell programs when to come back."""

    def __init__(self, wait: timedelta) -> None:
        self.wait_s = max(1, ceil(wait.total_seconds()))
        super().__init__(f"Trop d'essais : attendez {_in_words(self.wait_s)}, puis recommencez.")

    @property
    def headers(self) -> dict[str, str]:
        """`Retry-After`, RFC 9110 section 10.2.3."""
        return {"Retry-After": str(self.wait_s)}


def admit(db: Connection, *uses: Use) -> Sequence[int]:
    """Count one attempt for each; ids to `forgive`. Raises `TooMany`, and counts nothing then."""
    moment = now()
    wait = max((_wait(db, use, moment) for use in uses), default=timedelta())
    if wait > timedelta():
        raise TooMany(wait)
    newest = select(func.max(attempts.c.id)).scalar_subquery()
    db.execute(
        delete(attempts).where(
            (attempts.c.at < moment - LONGEST) | (attempts.c.id <= newest - MOST)
        )
    )
    made = (db.execute(insert(attempts).values(key=use.stored, at=moment)) for use in uses)
    return [int((one.inserted_primary_key or (0,))[0]) for one in made]


def forgive(db: Connection, ids: Sequence[int], *uses: Use) -> None:
    """Take attempts back, and all those that some limits counted: it was the right person."""
    stored = [use.stored for use in uses]
    db.execute(delete(attempts).where(attempts.c.id.in_(ids) | attempts.c.key.in_(stored)))


def address_of(host: str | None) -> str:
    """What stands for one client: an IPv4 address, or the /64 that an IPv6 client has whole."""
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return host or "?"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def client_of(request: "Request") -> str:
    """What stands for the client that sent a request."""
    return address_of(request.client.host if request.client else None)


def _wait(db: Connection, use: Use, moment: datetime) -> timedelta:
    """How long until one more attempt is within the limit."""
    counted = (
        select(attempts.c.at)
        .where(attempts.c.key == use.stored, attempts.c.at > moment - use.limit.within)
        .order_by(attempts.c.at.desc())
        .offset(use.limit.count - 1)
        .limit(1)
    )
    oldest = db.execute(counted).scalar_one_or_none()
    return oldest + use.limit.within - moment if oldest else timedelta()


def _in_words(seconds: int) -> str:
    if seconds < _MINUTE_S:
        return f"{seconds} seconde{'s' if seconds > 1 else ''}"
    minutes = ceil(seconds / _MINUTE_S)
    return f"{minutes} minute{'s' if minutes > 1 else ''}"
