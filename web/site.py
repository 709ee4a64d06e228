"""What every page shares: templates, the texts of its language, the city's name."""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from api.catalogue import SOURCE, Catalogue, address_in, catalogue
from api.problems import headers_of, problem_of
from api.views.links import report_page
from ingest.errors import BadInput
from ingest.settings import Settings
from web.assets import asset
from web.filters import filters_of
from web.languages import LANGUAGES, in_language
from web.theme import monogram_svg, theme_css

_HERE = Path(__file__).parent
LOCALE = _HERE / "locale"
READ = ["GET", "HEAD"]
PICTURES = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
}


@dataclass(frozen=True)
class Site:
    """Renders templates in the city's name, in one language.

    `page` is the address that is asked for, without its language.
    """

    settings: Settings
    text: Catalogue
    templates: Environment
    page: str = "/"

    def render(self, template: str, **values: object) -> str:
        """A template as text, whose links stay within the language."""
        made = self.templates.get_template(template).render(asked_page=self.page, **values)
        return in_language(made, self.text.language)

    def form_page(
        self, template: str, error: Exception | None = None, **values: object
    ) -> HTMLResponse:
        """A form as a response that no cache keeps. An `error` decides its status, and is shown."""
        problem = problem_of(error, "") if error else None
        status, detail = (problem.status, problem.detail) if problem else (200, "")
        body = self.render(template, error=detail, **values)
        return HTMLResponse(body, status, headers_of(error))


def site_of_request(request: Request) -> Site:
    """The site in the language that a request's address names, French where it names none."""
    language = getattr(request.state, "language", SOURCE)
    site: Site = request.app.state.site
    if language != SOURCE:
        site = request.app.state.translated[language]
    return replace(site, page=_address(request) if request.method in READ else "/")


def _address(request: Request) -> str:
    """The address that is asked for, within this site: two slashes would name another."""
    path = "/" + quote(request.scope["path"].lstrip("/"))
    return f"{path}?{request.url.query}" if request.url.query else path


OnSite = Annotated[Site, Depends(site_of_request)]


def build_site(settings: Settings, language: str = SOURCE) -> Site:
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
    text = catalogue(language, LOCALE)
    templates = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals.update(
        address_in=address_in,
        alerts=settings.smtp is not None and settings.reading == "public",
        asset=partial(asset, theme=theme_css(settings.colour)),
        city=settings.city,
        followed=settings.address is not None and settings.reading == "public",
        has_logo=settings.logo is not None,
        languages=[(code, catalogue(code, LOCALE)("language")) for code in LANGUAGES],
        monogram=monogram_svg(settings.city, settings.colour),
        report_page=report_page,
        said_in=lambda code: catalogue(code)("spoken"),
        restricted=settings.reading == "accounts",
        site_address=settings.address or "",
        spoken_language=settings.language,
        t=text,
    )
    templates.filters.update(filters_of(text, settings.language))
    return Site(settings, text, templates)


def _check_logo(path: Path) -> None:
    known = path.suffix.lower() in PICTURES
    if not known or not path.is_file():
        problem = "n'est pas un fichier" if known else "n'est pas une image"
        raise BadInput(
            f"VERBATIM_LOGO = « {path} » {problem} : "
            "donnez le chemin d'un SVG ou d'un PNG, ou retirez ce réglage."
        )
