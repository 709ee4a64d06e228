"""What search engines are told: the pages there are, and that the office is none of theirs."""

from xml.sax.saxutils import escape

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.routes import Parts
from api.routes.http import conditional
from api.views.links import session_page
from ingest.errors import NotFound
from web.site import READ

router = APIRouter(include_in_schema=False)
_PAGES = ("/", "/seances", "/apropos")


@router.api_route("/sitemap.xml", methods=READ)
def sitemap(deps: Parts, request: Request) -> Response:
    """The pages of published sittings, and those that are always there (sitemaps.org 0.9).

    Its addresses must be whole, and caches keep it: no host that a request names goes into it.
    """
    site = deps.settings.address
    if site is None:
        raise NotFound("Ce site n'a pas de plan : son adresse (VERBATIM_ADDRESS) n'est pas réglée.")
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
    site = deps.settings.address
    body = "User-agent: *\nDisallow: /bureau\nDisallow: /api/\n"
    if site is not None:
        body += f"\nSitemap: {site}/sitemap.xml\n"
    return conditional(request, body.encode(), "text/plain; charset=utf-8")
