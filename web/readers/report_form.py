"""The form on which a reader reports an error in a passage, without an account or a script."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.accounts.gate import is_cross_site
from api.accounts.rate_limit import TooMany, client_of
from api.accounts.roles import NotAllowed
from api.deps import Deps
from api.readers.reports import LONGEST, ReportedPassage, passage
from api.routes import Parts
from api.routes.http import PRIVATE
from api.views.answer import voice_numbers
from api.views.excerpt import read_moment
from api.views.links import moment_page
from api.views.session import session_view
from api.views.wording import clock_in, who
from ingest.archive.schema import SQL_MAX
from ingest.errors import BadInput, UserError
from ingest.transcript import Span
from web.site import READ, OnSite, Site

router = APIRouter(include_in_schema=False)
HERE = "/signaler"
_SHOWN = 400  # characters of a long passage: enough to know it again
Field = Annotated[str, Form()]


def own_form(request: Request) -> str:
    """The client that sent a form of this site. Raises `NotAllowed` for another site's form."""
    if is_cross_site(request.method, request.headers):
        raise NotAllowed("Cette demande vient d'une page d'un autre site : rien n'a été fait.")
    return client_of(request)


Client = Annotated[str, Depends(own_form)]


@router.api_route(HERE, methods=READ, response_class=HTMLResponse)
def form(
    deps: Parts,
    site: OnSite,
    seance: str = "",
    t: str = "",
    r: Annotated[int | None, Query(ge=1, le=SQL_MAX)] = None,
) -> HTMLResponse:
    """The form, below the passage that it is about."""
    return _page(site, deps, _read(deps, seance, t, r))


@router.post(HERE)
def send(
    client: Client,
    deps: Parts,
    site: OnSite,
    seance: Field = "",
    t: Field = "",
    r: Annotated[int | None, Form(ge=1, le=SQL_MAX)] = None,
    faux: Field = "",
    dit: Field = "",
    courriel: Field = "",
) -> Response:
    """Keep the report; an error in it is shown above what was typed."""
    about = _read(deps, seance, t, r)
    try:
        email = courriel if deps.settings.smtp else ""
        deps.reports.put(about.place, faux, dit, email, client, site.text.language)
    except (BadInput, TooMany) as error:
        return _page(site, deps, about, (faux, dit, courriel), error)
    return RedirectResponse(f"{HERE}/recu", 303, PRIVATE)


@router.api_route(f"{HERE}/recu", methods=READ, response_class=HTMLResponse)
def received(site: OnSite) -> HTMLResponse:
    """What becomes of a report."""
    return HTMLResponse(site.render("report_received.html"))


def _read(deps: Deps, session_id: str, t: str, revision: int | None) -> ReportedPassage:
    moment = read_moment(t)
    if moment is None or moment.end_ms is None:
        raise BadInput("Choisissez d'abord le passage, sur la page de la séance.")
    return passage(deps.published, session_id, Span(moment.start_ms, moment.end_ms), revision)


def _page(
    site: Site,
    deps: Deps,
    about: ReportedPassage,
    typed: tuple[str, str, str] = ("", "", ""),
    error: UserError | None = None,
) -> HTMLResponse:
    place, label = about.place, about.turn.speaker or ""
    session = deps.published.session(place.session)
    persons = {one.label: one.person for one in deps.published.speakers(session.id)}
    number = voice_numbers(deps.published, session.id).get(label)
    return site.form_page(
        "report.html",
        error,
        session=session_view(session),
        who=who(session, persons.get(label), number),
        at=clock_in(session, place.span.start_ms),
        words=about.words[:_SHOWN],
        is_cut=len(about.words) > _SHOWN,
        place=place,
        page=moment_page(session.id, place.span.start_ms, place.span.end_ms, place.revision),
        longest=LONGEST,
        mails=deps.settings.smtp is not None,
        typed=typed,
    )
