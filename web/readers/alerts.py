"""Alerts by mail: the form that asks for one, and the page from which it is confirmed and ended.

Nothing is confirmed or ended by opening a link: mail programs open them before people do.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.accounts.schema import LONGEST_TOKEN
from api.readers.alerts import LONGEST, AlertBox, AlertKind, read_subject
from api.routes import Parts
from api.routes.http import PRIVATE
from ingest.errors import NotFound, UserError
from web.readers.report_form import Client
from web.site import READ, OnSite, Site

router = APIRouter(include_in_schema=False)
HERE = "/alertes"
Field = Annotated[str, Form()]
Key = Annotated[str, Query(alias="cle", max_length=LONGEST_TOKEN)]


def _open(deps: Parts) -> AlertBox:
    if not deps.alerts.is_open:
        raise NotFound("Ce site n'envoie pas d'alertes par courriel.")
    return deps.alerts


Box = Annotated[AlertBox, Depends(_open)]


@router.api_route(HERE, methods=READ, response_class=HTMLResponse)
def form(box: Box, site: OnSite, sur: str = "", quoi: str = "") -> HTMLResponse:
    """The form: on what an alert is, and to which address."""
    return _form(site, (sur, quoi[:LONGEST], ""))


@router.post(HERE)
def ask(
    client: Client,
    box: Box,
    deps: Parts,
    site: OnSite,
    sur: Field = "",
    quoi: Field = "",
    courriel: Field = "",
) -> Response:
    """Have a request to confirm sent; the answer tells nothing of the address's other alerts."""
    try:
        kind = AlertKind(sur) if sur in tuple(AlertKind) else AlertKind.WORD
        subject = read_subject(kind, quoi, deps.vocabulary())
        box.ask_for(kind, subject, courriel, client, site.text.language)
    except UserError as error:
        return _form(site, (sur, quoi, courriel), error)
    return RedirectResponse(f"{HERE}/demandee", 303, PRIVATE)


@router.api_route(f"{HERE}/demandee", methods=READ, response_class=HTMLResponse)
def asked(box: Box, site: OnSite) -> HTMLResponse:
    """The page on the mail that is sent next."""
    return _page(site, "asked")


@router.api_route(f"{HERE}/suivi", methods=READ, response_class=HTMLResponse)
def one(box: Box, site: OnSite, token: Key = "") -> HTMLResponse:
    """An alert, to be confirmed or ended."""
    return _page(site, "one", alert=box.read(token))


@router.post(f"{HERE}/confirmer", response_class=HTMLResponse)
def confirm(client: Client, box: Box, site: OnSite, token: Key = "") -> HTMLResponse:
    """Confirm an alert."""
    return _page(site, "confirmed", alert=box.confirm(token))


@router.post(f"{HERE}/arreter", response_class=HTMLResponse)
def end(client: Client, box: Box, site: OnSite, token: Key = "") -> HTMLResponse:
    """End an alert."""
    box.end(token)
    return _page(site, "ended")


@router.post(f"{HERE}/tout-arreter", response_class=HTMLResponse)
def end_all(client: Client, box: Box, site: OnSite, token: Key = "") -> HTMLResponse:
    """End all alerts of an address. Mail programs send this one themselves (RFC 8058)."""
    box.end_all(token)
    return _page(site, "ended")


def _form(site: Site, typed: tuple[str, str, str], error: UserError | None = None) -> HTMLResponse:
    return _page(site, "form", error, typed=typed, kinds=tuple(AlertKind), longest=LONGEST)


def _page(site: Site, step: str, error: UserError | None = None, **values: object) -> HTMLResponse:
    return site.form_page("alerts.html", error, step=step, **values)
