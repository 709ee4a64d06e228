"""What the editor of a transcript asks for and sends: JSON under `/bureau/api`, for clerks alone.

Thin: what a change is stands in `ingest.editing.changes`, what is shown of it in
`api.views.editor`.
"""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from api.accounts.roles import Account
from api.answers.clip import FORMATS
from api.desk import Desk
from api.problems import problem_of
from api.routes import AtDesk, Clerk, WholeText
from api.routes.audio import Extension
from api.routes.blobs import sent_blob
from api.routes.turns import Turns
from api.views.editor import delta, document, history, preview
from api.waveform import office_waveform
from ingest.archive import redactions
from ingest.archive.blobs import office_sound
from ingest.archive.change_log import check_session, revision, since
from ingest.archive.schema import SQL_MAX
from ingest.editing import learned_terms, progress
from ingest.editing.changes import Overtaken, SessionStanding, check_base, redo, undo
from ingest.editing.edits import Accept, Boundary, Merge, Replace, Split, TextEdit, Voice
from ingest.editing.review_progress import set_reviewed
from ingest.errors import NotFound

router = APIRouter(
    prefix="/bureau/api/seances/{session_id}", include_in_schema=False, route_class=WholeText
)


class Check(BaseModel):
    """Say that turns were checked; no change of the transcript."""

    kind: Literal["check"]
    turns: list[int] = Field(max_length=100_000)
    checked: bool


class Based(BaseModel):
    """The revision that the clerk's page shows."""

    base: int


class Asked(Based):
    """An edit, made on that revision."""

    edit: Annotated[
        TextEdit | Accept | Split | Merge | Boundary | Voice | Replace | Check,
        Field(discriminator="kind"),
    ]


class Look(BaseModel):
    """What a replacement would look for."""

    find: str
    by: str = ""
    whole_words: bool = True
    match_case: bool = False


class Taught(BaseModel):
    """A word to be written so from now on."""

    text: str
    spoken: list[str] = Field(default=[], max_length=50)


class Done(BaseModel):
    """Whether the review is finished; `in_part`: though turns are unread or doubts stand."""

    reviewed: bool
    in_part: bool = False


def sent(body: Any, status: int = 200, kind: str = "application/json") -> Response:
    """JSON that no cache keeps."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, {"Cache-Control": "no-store"}, media_type=kind)


@router.get("/document")
def whole(session_id: str, desk: AtDesk, account: Clerk) -> Response:
    """The whole transcript as it stands."""
    return sent(
        document(
            desk.archive,
            session_id,
            account.login,
            router.prefix.format(session_id=quote(session_id, safe="")),
        )
    )


@router.get("/changes")
def changed(
    session_id: str, desk: AtDesk, account: Clerk, since: Annotated[int, Query(le=SQL_MAX)]
) -> Response:
    """What others and the machine changed since a revision."""
    return sent(delta(desk.archive, session_id, since, account.login))


@router.post("/changes")
def change(
    session_id: str, asked: Asked, request: Request, desk: AtDesk, account: Clerk
) -> Response:
    """Make an edit. 409 with what stands now where another clerk was first."""

    def make() -> None:
        if isinstance(asked.edit, Check):
            _check(session_id, asked.base, asked.edit, desk, account)
        else:
            desk.changes.make(session_id, asked.base, account.login, asked.edit)

    return _answered(make, session_id, asked.base, request, desk, account)


def _check(session_id: str, base: int, edit: Check, desk: Desk, account: Account) -> None:
    with desk.archive.begin() as db:
        check_session(db, session_id)
        now = revision(db, session_id)
        check_base(base, now)
        standing = SessionStanding(db, session_id, now, since(db, session_id, base))
        there = [id_ for turn in edit.turns for id_ in standing.named(range(turn, turn + 1))]
        progress.mark(db, session_id, there, account.login, edit.checked)


def _answered(
    make: Callable[[], None],
    session_id: str,
    base: int,
    request: Request,
    desk: Desk,
    account: Account,
) -> Response:
    """The delta after a change; where another clerk was first, beside the problem."""
    try:
        make()
    except Overtaken as error:
        now = delta(desk.archive, session_id, base, account.login)
        problem = asdict(problem_of(error, request.url.path)) | {"delta": now}
        return sent(problem, 409, "application/problem+json")
    return sent(delta(desk.archive, session_id, base, account.login))


@router.post("/undo")
def take_back(
    session_id: str, asked: Based, request: Request, desk: AtDesk, account: Clerk
) -> Response:
    """Take back one's newest change."""

    def make() -> None:
        undo(desk.changes, session_id, asked.base, account.login)

    return _answered(make, session_id, asked.base, request, desk, account)


@router.post("/redo")
def make_again(
    session_id: str, asked: Based, request: Request, desk: AtDesk, account: Clerk
) -> Response:
    """Make again what one took back."""

    def make() -> None:
        redo(desk.changes, session_id, asked.base, account.login)

    return _answered(make, session_id, asked.base, request, desk, account)


@router.post("/replace/preview")
def look(session_id: str, asked: Look, desk: AtDesk, account: Clerk) -> Response:
    """What a replacement would change."""
    return sent(preview(desk.archive, session_id, Replace(**asked.model_dump())))


@router.post("/terms")
def teach(session_id: str, asked: Taught, desk: AtDesk, account: Clerk) -> Response:
    """Add a word to the glossary of the sessions to come."""
    with desk.archive.begin() as db:
        check_session(db, session_id)
        made = learned_terms.teach(db, asked.text, asked.spoken, account.login)
    return sent({"id": made.id, "text": made.term.text, "spoken": made.term.spoken})


@router.post("/reviewed")
def finish(session_id: str, asked: Done, desk: AtDesk, account: Clerk) -> Response:
    """Say that one has reviewed the session, or that it is not reviewed after all.

    409 where turns are unread or doubts stand, unless that is meant.
    """
    with desk.archive.begin() as db:
        set_reviewed(
            db, session_id, account.login, account.name, asked.reviewed, in_part=asked.in_part
        )
        at = revision(db, session_id)
    return sent(delta(desk.archive, session_id, at, account.login))


@router.get("/history")
def past(
    session_id: str,
    desk: AtDesk,
    account: Clerk,
    turn: Annotated[int | None, Query(ge=0, le=SQL_MAX)] = None,
) -> Response:
    """Who changed what, newest first; of one turn if one is given."""
    return sent(history(desk.archive, session_id, turn))


# The sound of a session in whatever state, for those who review it.


_WAVEFORMS = Turns("de formes du son")
_KEPT = {"Cache-Control": "private, no-cache"}  # asked for in pieces: the browser may keep them


@router.api_route("/audio.{extension}", methods=["GET", "HEAD"])
def audio(
    session_id: str, extension: Extension, desk: AtDesk, account: Clerk, request: Request
) -> Response:
    """The whole session. Answers `Range` and `If-Range` (206, 416)."""
    session = desk.archive.session(session_id)
    blob = office_sound(desk.blobs, session.id, extension)
    if blob is None:
        raise NotFound(f"La séance « {session.id} » n'a pas de fichier d'écoute {extension}.")
    with desk.archive.engine.connect() as db:
        redactions.check_sound(db, session.id, extension, office=True)
    return sent_blob(request, desk.blobs, blob, FORMATS[extension].media_type, _KEPT)


@router.api_route("/waveform", methods=["GET", "HEAD"])
async def waveform(session_id: str, desk: AtDesk, account: Clerk, request: Request) -> Response:
    """How loud the whole session is: see `ingest.audio.waveform`."""

    def make() -> Response:
        known = desk.archive.session(session_id).id
        with desk.archive.engine.connect() as db:
            redactions.check_sound(db, known, "opus", office=True)
        blob = office_waveform(desk.blobs, desk.settings.data, known)
        headers = {**_KEPT, "Content-Encoding": "gzip"}
        return sent_blob(request, desk.blobs, blob, "application/octet-stream", headers)

    return await _WAVEFORMS.make(make)
