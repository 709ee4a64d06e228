"""What search engines are told: the pages there are, and that the office is none of theirs."""

from xml.sax.saxutils import escape

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.addresses import session_page
from api.routes import Parts
from api.routes.caching import conditional
from ingest.settings import Settings
from web.site import READ

router = APIRouter(include_in_schema=False)
_PAGES = ("/", "/seances", "/apropos")


@router.api_route("/sitemap.xml", methods=READ)
def sitemap(deps: Parts, request: Request) -> Response:
    """The pages of published sittings, and those that are always there (sitemaps.org 0.9)."""
    site = _site(deps.settings, request)
    pages = (*_PAGES, *(session_page(session.id) for session in deps.published.sessions()))
    urls = "".join(f"<url><loc>{escape(site + page)}</loc></url>\n" for page in pages)
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{urls}</urlset>\n'
    )
    return conditional(request, body.encode(), "application/xml")


@router.api_route("/robots.txt", methods=READ)
def robots(deps: Parts, request: Request) -> Response:
    """Everything may be read but the office, and what is made for each question."""
    site = _site(deps.settings, request)
    body = f"User-agent: *\nDisallow: /bureau\nDisallow: /api/\n\nSitemap: {site}/sitemap.xml\n"
    return conditional(request, body.encode(), "text/plain; charset=utf-8")


def _site(settings: Settings, request: Request) -> str:
    """The site's own address, or the one that it was asked at."""
    return settings.address or str(request.base_url).rstrip("/")
