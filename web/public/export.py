"""A published sitting as a file to keep: captions, text, data, voices, minutes.

Reads through `deps.published` alone. What the office takes out of a draft: `web.office.minutes`.
"""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.deps import Deps
from api.exports.exports import (
    MEDIA_TYPES,
    Form,
    House,
    disposition,
    read_form,
    seal,
    taken_out,
    written_down,
)
from api.exports.kept_exports import KeptExports
from api.exports.minutes_store import template
from api.exports.script import Script
from api.exports.transcript_json import schema
from api.routes import Parts
from api.routes.http import REVALIDATE, etag_of, matches, unchanged
from ingest.settings import Settings
from web.site import READ

router = APIRouter(include_in_schema=False)


@router.api_route("/seances/{session_id}/export.{form}", methods=READ)
def take_out(
    session_id: str, form: str, deps: Parts, request: Request, horaires: bool = False
) -> Response:
    """A published sitting; `?horaires=1` puts clocks into text and minutes."""
    wanted = read_form(form)
    house = house_of(deps.settings, wanted)
    given, sealed = _sealed(deps, session_id, wanted, house)
    variant = f".horaires.{wanted}" if horaires else f".{wanted}"
    etag = etag_of(sealed + variant.encode())
    if matches(request, etag):
        return unchanged(etag)

    def make() -> bytes:
        return taken_out(given, wanted, house, timecodes=horaires)

    if wanted is Form.DOCX:  # made in a second or two; the others in less than their seal
        body = KeptExports(deps.settings.data).document(
            session_id, sealed, make, lambda: _sealed(deps, session_id, wanted, house)[1], variant
        )
    else:
        body = make()
    return file_response(given, wanted, body, {"ETag": etag, **REVALIDATE})


def _sealed(deps: Deps, session_id: str, form: Form, house: House) -> tuple[Script, bytes]:
    """A published sitting as it stands now, and the seal of what is made of it."""
    session = deps.published.session(session_id)
    transcript = deps.published.transcript(session_id)
    given = written_down(deps.published.archive, session, transcript, form)
    return given, seal(given, form, house)


@router.api_route("/api/schemas/transcript.json", methods=READ)
def transcript_schema() -> Response:
    """What a sitting taken out as JSON looks like."""
    return Response(schema(), headers=REVALIDATE, media_type="application/schema+json")


def house_of(settings: Settings, form: Form) -> House:
    """What a form needs of the city."""
    return House(settings.city, template(settings) if form is Form.DOCX else b"")


def file_response(script: Script, form: Form, body: bytes, kept: dict[str, str]) -> Response:
    """A sitting as a file that browsers keep under its name."""
    headers = disposition(script.session.id, form) | kept
    return Response(body, headers=headers, media_type=MEDIA_TYPES[form])
