"""What the site says of itself, to readers, browsers and crawlers; the city's colour and mark."""

from xml.sax.saxutils import escape

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

from api.catalogue import address_in
from api.records.topics import topic_lines
from api.routes import Parts
from api.routes.http import REVALIDATE, conditional
from api.views.links import object_page, party_page, person_page, session_page
from ingest.errors import NotFound
from web.languages import LANGUAGES
from web.public import notices
from web.site import PICTURES, READ, OnSite
from web.theme import monogram_svg, theme_css

router = APIRouter(include_in_schema=False)
_PAGES = (
    *("/", "/seances", "/calendrier", "/sujets", "/objets", "/personnes"),
    *("/decisions", "/organes"),
    *("/apropos", "/api", *notices.PAGES),
)
# An SVG may hold scripts and forms. On our pages it is a picture; opened by itself, it stays one.
_AS_PICTURE = {
    "Content-Security-Policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "frame-ancestors 'none'; sandbox"
}


@router.api_route("/apropos", methods=READ, response_class=HTMLResponse)
def about(deps: Parts, site: OnSite) -> HTMLResponse:
    """What this is, how quotations are verified, what becomes of questions."""
    return HTMLResponse(
        site.render("about.html", writes=deps.writer is not None), headers=REVALIDATE
    )


@router.api_route("/theme.css", methods=READ)
def theme(site: OnSite, request: Request) -> Response:
    """The city's colour."""
    return conditional(request, theme_css(site.settings.colour).encode(), "text/css")


@router.api_route("/favicon.svg", methods=READ)
def favicon(site: OnSite, request: Request) -> Response:
    """The city's initial in its colour."""
    svg = monogram_svg(site.settings.city, site.settings.colour)
    return conditional(request, svg.encode(), "image/svg+xml")


@router.api_route("/logo", methods=READ)
def logo(site: OnSite, request: Request) -> Response:
    """The city's logo, or its initial when no file is set."""
    path = site.settings.logo
    if path is None:
        return favicon(site, request)
    kind = PICTURES[path.suffix.lower()]
    return FileResponse(path, headers=REVALIDATE | _AS_PICTURE, media_type=kind)


@router.api_route("/sitemap.xml", methods=READ)
def sitemap(deps: Parts, request: Request) -> Response:
    """The pages of published sessions, and those that are always there (sitemaps.org 0.9).

    Its addresses must be whole, and caches keep it: a request's own host does not go into it.
    """
    site = deps.settings.address
    if site is None:
        raise NotFound("Ce site n'a pas de plan : son adresse (VERBATIM_ADDRESS) n'est pas réglée.")
    vocabulary = deps.vocabulary()
    pages = (
        *_PAGES,
        *(session_page(session.id) for session in vocabulary.sessions),
        *dict.fromkeys(object_page(code) for code, _ in vocabulary.objects),
        *(line.page for line in topic_lines(deps.published, deps.subjects)),
        *dict.fromkeys(person_page(m.name) for m in vocabulary.people if m.roles or m.groups),
        *dict.fromkeys(party_page(group) for group in vocabulary.groups),
    )
    urls = "".join(f"<url><loc>{escape(site + page)}</loc></url>\n" for page in pages)
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{urls}</urlset>\n'
    )
    return conditional(request, body.encode(), "application/xml")


@router.api_route("/robots.txt", methods=READ)
def robots(deps: Parts, request: Request) -> Response:
    """Everything may be read but the office, forms, and what is made for each question."""
    site = deps.settings.address
    body = "User-agent: *\nDisallow: /bureau\nDisallow: /api/\n"
    forms = (address_in(code, form) for code in LANGUAGES for form in ("/signaler", "/alertes"))
    body += "".join(f"Disallow: {form}\n" for form in forms)
    if site is not None:
        body += f"\nSitemap: {site}/sitemap.xml\n"
    return conditional(request, body.encode(), "text/plain; charset=utf-8")
