"""Published sessions as files to keep: one in any form, or all of them at once.

Reads through `deps.published` alone. Exports of drafts: `web.office.minutes`.
"""

from datetime import date
from typing import Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response, StreamingResponse

from api.deps import Deps
from api.exports.bulk import as_corpus, as_lines, as_zip
from api.exports.exports import (
    MEDIA_TYPES,
    Form,
    export_bytes,
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
from api.routes.allowance import use_allowance
from api.routes.http import REVALIDATE, attachment, etag_of, matches, unchanged
from web.site import READ, OnSite

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
    name = attachment(f"{session_id}.{wanted}")
    return Response(
        body, headers=name | {"ETag": etag, **REVALIDATE}, media_type=MEDIA_TYPES[wanted]
    )


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


@router.api_route("/api/archive.{kind}", methods=READ, dependencies=[Depends(use_allowance)])
def archive(kind: Literal["jsonl", "zip", "parlamint.zip"], deps: Parts, site: OnSite) -> Response:
    """All published sessions in one file: a line of JSON each, a ZIP of JSON and text, a corpus."""
    house = house_of(deps.settings, Form.JSON)
    licence = deps.settings.data_licence
    if kind == "jsonl":
        made, media_type = as_lines(deps.published, house), "application/jsonl"
    elif kind == "parlamint.zip":
        made, media_type = as_corpus(deps.published, house, date.today()), "application/zip"
    else:
        about = [deps.settings.city, site.text("llms.summary"), site.text("llms.rules")]
        about += [site.text("llms.licence", licence=licence)] if licence else []
        made = as_zip(deps.published, house, "\n\n".join(about) + "\n")
        media_type = "application/zip"
    name = {"Content-Disposition": f'attachment; filename="seances.{kind}"'}
    return StreamingResponse(made, headers=name | REVALIDATE, media_type=media_type)
