"""What every page shares: templates, the catalogue of texts, the city's name, static files.

The texts of a language stand by key in `locale/fr.json`, and in `fr-*.json` beside it.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api.problems import headers_of, problem_of
from api.views.links import report_page
from ingest.errors import BadInput
from ingest.settings import Settings

_HERE = Path(__file__).parent
STATIC = _HERE / "static"
READ = ["GET", "HEAD"]
PICTURES = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
}


@dataclass(frozen=True)
class Catalogue:
    """Texts of one language. Called with a key, and the values that its text names."""

    language: str
    texts: dict[str, str]

    def __call__(self, key: str, **values: str | int) -> str:
        """The text of a key. Raises `KeyError` for a key the language lacks."""
        return self.texts[key].format(**values)

    def count(self, key: str, number: int) -> str:
        """The text of `key.one` or `key.many`, as French counts: 0 and 1 are singular."""
        return self(f"{key}.{'one' if number < 2 else 'many'}", n=number)  # noqa: PLR2004

    def who(self, author: str) -> str:
        """Who did something, as the log shows it: a login, or a part of the machine."""
        return self.texts.get(f"audit.who.{author}", author)


def load_catalogue(language: str = "fr") -> Catalogue:
    """The texts of a language that `locale/` has."""
    texts: dict[str, str] = {}
    folder = _HERE / "locale"
    for path in (folder / f"{language}.json", *sorted(folder.glob(f"{language}-*.json"))):
        texts |= json.loads(path.read_text(encoding="utf-8"))
    return Catalogue(language, texts)


def typeset(text: str) -> str:
    """Text whose French punctuation never begins a line. For display: quotations stay untouched."""
    return re.sub(r" (?=[:;?!»])|(?<=«) ", "\N{NO-BREAK SPACE}", text)


class VersionedFiles(StaticFiles):
    """Static files: kept for good when the address names a version, checked each time otherwise."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, with how long it may be kept."""
        response = await super().get_response(path, scope)
        lasting = scope["query_string"].startswith(b"v=")
        kept = "public, max-age=31536000, immutable" if lasting else "no-cache"
        response.headers["Cache-Control"] = kept
        return response


@dataclass(frozen=True)
class Site:
    """Renders templates in the city's name."""

    settings: Settings
    text: Catalogue
    templates: Environment

    def render(self, template: str, **values: object) -> str:
        """A template as text."""
        return self.templates.get_template(template).render(**values)

    def form_page(
        self, template: str, error: Exception | None = None, **values: object
    ) -> HTMLResponse:
        """A form as a response that no cache keeps. An `error` decides its status, and is shown."""
        problem = problem_of(error, "") if error else None
        status, detail = (problem.status, problem.detail) if problem else (200, "")
        body = self.render(template, error=detail, **values)
        return HTMLResponse(body, status, headers_of(error))


def _site(request: Request) -> Site:
    site: Site = request.app.state.site
    return site


OnSite = Annotated[Site, Depends(_site)]


def build_site(settings: Settings) -> Site:
    """The site of one city. Raises `BadInput` when its logo or its own texts are no such files."""
    if settings.logo is not None:
        _check_logo(settings.logo)
    for name in ("legal_notice", "accessibility"):
        path = getattr(settings, name)
        if path is not None and not path.is_file():
            raise BadInput(
                f"VERBATIM_{name.upper()} = « {path} » n'est pas un fichier : "
                "donnez le chemin d'un texte, ou retirez ce réglage."
            )
    text = load_catalogue()
    templates = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals.update(
        alerts=settings.smtp is not None and settings.reading == "public",
        asset=_asset,
        city=settings.city,
        followed=settings.address is not None and settings.reading == "public",
        has_logo=settings.logo is not None,
        report_page=report_page,
        restricted=settings.reading == "accounts",
        t=text,
    )
    templates.filters["typeset"] = typeset
    return Site(settings, text, templates)


def _check_logo(path: Path) -> None:
    known = path.suffix.lower() in PICTURES
    if not known or not path.is_file():
        problem = "n'est pas un fichier" if known else "n'est pas une image"
        raise BadInput(
            f"VERBATIM_LOGO = « {path} » {problem} : "
            "donnez le chemin d'un SVG ou d'un PNG, ou retirez ce réglage."
        )


@cache
def _asset(path: str) -> str:
    digest = hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:10]
    return f"/static/{path}?v={digest}"
