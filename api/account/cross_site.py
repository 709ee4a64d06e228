"""Is a request that changes something sent by a page of another site? Stateless, as browsers tell.

Every browser of the last years says where a request comes from: `Sec-Fetch-Site` (2023 at the
latest, over https and on localhost), and before and elsewhere `Origin`, on every request that is
not a GET or HEAD. No page's script can set either. A form needs no hidden token then, which could
leak, expire while a clerk types, or be forgotten in one form of fifty. Programs send neither;
nobody can make them act in somebody's name, so they pass. The same rules, at more length:
https://words.filippo.io/csrf, and `CrossOriginProtection` in Go's net/http.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_PORTS = {"http": 80, "https": 443}


def is_cross_site(method: str, headers: Mapping[str, str]) -> bool:
    """Does a page of another origin, a neighbour's subdomain included, send it?"""
    if method in SAFE:
        return False
    if came := headers.get("sec-fetch-site"):
        return came not in ("same-origin", "none")  # none: typed, or a bookmark
    if origin := headers.get("origin"):
        return not _same_host(origin, headers.get("host", ""))
    return False


def _same_host(origin: str, host: str) -> bool:
    # "null" (a sandboxed frame, a file) has no host, and is nobody's own.
    try:
        ours, theirs = urlsplit(f"//{host}"), urlsplit(origin)
        default = _PORTS.get(theirs.scheme)
        ports = (ours.port or default, theirs.port or default)
    except ValueError:
        return False
    return theirs.hostname is not None and theirs.hostname == ours.hostname and ports[0] == ports[1]
