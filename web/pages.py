"""The pages to read: sessions, one session, about; and the city's colour and mark.

Each page shows what the API's own functions return. Where questions are asked: `web.chat`; where
passages are looked through: `web.browse`.
"""

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

from api.addresses import links
from api.quoted_since import quoted_since
from api.routes import Parts
from api.routes.caching import REVALIDATE, conditional
from api.taking_out.exports import forms
from api.transcript_views import repairs
from api.views import session_view
from api.wording import day
from web.reading import Moment, extract, read_moment, sections
from web.site import PICTURES, READ, OnSite
from web.theme import monogram_svg, theme_css

router = APIRouter(include_in_schema=False)

# --- sessions ---------------------------------------------------------------------------------


@router.api_route("/seances", methods=READ, response_class=HTMLResponse)
def session_list(deps: Parts, site: OnSite) -> HTMLResponse:
    """Published sessions, newest first."""
    sessions = [session_view(s) for s in deps.published.sessions()]
    return HTMLResponse(site.render("sessions.html", sessions=sessions), headers=REVALIDATE)


@router.api_route("/seances/{session_id}", methods=READ, response_class=HTMLResponse)
def session_page(
    session_id: str, deps: Parts, site: OnSite, t: str | None = None, r: int | None = None
) -> HTMLResponse:
    """A session to read and hear; `?t=` marks a moment as quoted in revision `?r=`.

    The words are marked where they stand now; were they corrected since, the page says so.
    """
    session = deps.published.session(session_id)
    transcript, revision = deps.published.transcript_at(session_id)
    moment, quoted = read_moment(t), None
    if moment and moment.end_ms and r and r > 0:
        since = deps.published.changes(session_id, r)
        changes = [change for change in since if change.number < revision]  # none later than these
        quoted = quoted_since(transcript.turns, changes, moment.start_ms, moment.end_ms)
        moment = Moment(quoted.start_ms, quoted.end_ms)
    body = site.render(
        "session.html",
        session=session_view(session),
        sections=sections(session, transcript, moment, revision),
        extract=extract(session, transcript, moment, revision),
        quoted=quoted,
        corrected=day(quoted.at) if quoted and quoted.at else None,
        links=links(session, 0, session.duration_ms),
        repairs=tuple(repairs(transcript)),
        generator=transcript.generator,
        forms=forms(session),
    )
    return HTMLResponse(body, headers=REVALIDATE)


@router.api_route("/apropos", methods=READ, response_class=HTMLResponse)
def about(deps: Parts, site: OnSite) -> HTMLResponse:
    """What this is, how quotations are verified, what becomes of questions."""
    return HTMLResponse(
        site.render("about.html", writes=deps.write is not None), headers=REVALIDATE
    )


# An SVG may hold scripts and forms. On our pages it is a picture; opened by itself, it stays one.
_A_PICTURE = {
    "Content-Security-Policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "frame-ancestors 'none'; sandbox"
}

# --- the city's marks -------------------------------------------------------------------------


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
    return FileResponse(path, headers=REVALIDATE | _A_PICTURE, media_type=kind)
