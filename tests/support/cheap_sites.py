"""What all sites of a run share: the types of their routes, their templates once compiled.

A site is made for most tests of a page. What it is made of is the same each time.
"""

from collections.abc import Callable
from types import CodeType

from fastapi.routing import _IncludedRouter
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from starlette.routing import BaseRoute

from api.catalogue import SOURCE
from ingest.settings import Settings
from web.site import Site, build_site


def built_once() -> Callable[[_IncludedRouter, BaseRoute], object]:
    """FastAPI's own way to prepare a route, done once for each route and prefix."""
    build = _IncludedRouter._build_effective_context
    built: dict[tuple[int, str], tuple[BaseRoute, object]] = {}

    def once(router: _IncludedRouter, route: BaseRoute) -> object:
        key = id(route), router.include_context.prefix
        if key not in built:
            built[key] = route, build(router, route)  # which keeps the route, and so its number
        return built[key][1]

    return once


class Compiled(BytecodeCache):
    """Templates that an earlier site compiled."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """What the same source became."""
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        assert bucket.code
        self._codes[bucket.key, bucket.checksum] = bucket.code


def compiled_once() -> Callable[..., Site]:
    """`build_site`, whose sites of one language compile a template once."""
    compiled: dict[tuple[str, str], Compiled] = {}  # constants go through a language's filters

    def build(settings: Settings, language: str = SOURCE) -> Site:
        site = build_site(settings, language)
        languages = language, settings.language
        site.templates.bytecode_cache = compiled.setdefault(languages, Compiled())
        return site

    return build
