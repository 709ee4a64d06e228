"""A published session as a file to keep: captions, text, data, voices, minutes.

Reads through `deps.published` alone. Exports of drafts: `web.office.minutes`.
"""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.deps import Deps
from api.exports.exports import (
    Form,
    export_bytes,
    file_response,
    house_of,
    read_form,
    script_for,
    seal,
)
from api.exports.kept_exports import KeptExports
from api.exports.script import Script
from api.exports.standards.house import House
from api.exports.transcript_json import schema
from api.routes import Parts
from api.routes.http import REVALIDATE, etag_of, matches, unchanged
from web.site import READ

router = APIRouter(include_in_schema=False)


@router.api_route("/seances/{session_id}/export.{form}", methods=READ)
def export_session(
    session_id: str, form: str, deps: Parts, request: Request, horaires: bool = False
) -> Response:
    """A published session; `?horaires=1` puts clocks into text and minutes."""
    wanted = read_form(form)
    house = house_of(deps.settings, wanted)
    script, sealed = _sealed(deps, session_id, wanted, house)
    variant = f".horaires.{wanted}" if horaires else f".{wanted}"
    etag = etag_of(sealed + variant.encode())
    if matches(request, etag):
        return unchanged(etag)

    def make() -> bytes:
        return export_bytes(script, wanted, house, timecodes=horaires)

    if wanted is Form.DOCX:  # made in a second or two; the others in less than their seal
        body = KeptExports(deps.settings.data).document(
            session_id, sealed, make, lambda: _sealed(deps, session_id, wanted, house)[1], variant
        )
    else:
        body = make()
    return file_response(script, wanted, body, {"ETag": etag, **REVALIDATE})


def _sealed(deps: Deps, session_id: str, form: Form, house: House) -> tuple[Script, bytes]:
    """A published session as it stands now, and the seal of what is made of it."""
    session = deps.published.session(session_id)
    transcript = deps.published.transcript(session_id)
    script = script_for(deps.published.archive, session, transcript, form)
    return script, seal(script, form, house)


@router.api_route("/api/schemas/transcript.json", methods=READ)
def transcript_schema() -> Response:
    """The JSON Schema of a session exported as JSON."""
    return Response(schema(), headers=REVALIDATE, media_type="application/schema+json")
