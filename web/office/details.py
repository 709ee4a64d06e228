"""What is said of a session, changed; a draft seen as its readers will, or deleted for good."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from api.answers.clip import FORMATS
from api.exports.attendance import rename
from api.routes.audio import Extension, listening_key
from api.routes.blobs import sent_blob
from api.routes.editing import sent
from api.views.excerpt import excerpt_of, read_moment
from api.views.session import session_view, transcript_view
from ingest.archive import redactions
from ingest.archive.change_log import revision
from ingest.archive.remainder import open_part
from ingest.documents.roster import Membership
from ingest.editing.details import change_details, details_of, read_details, renamed, seal
from ingest.errors import BadInput, Conflict, NotFound
from ingest.intake.form import Mistakes, as_csv
from ingest.redaction.held import held, stretches
from ingest.redaction.redact import parted
from ingest.transcript import Session, Status, Transcript, Withheld, numbered
from search.index.withdraw import erase_session
from web.office.page import NOT_KEPT, AsClerk, Office, see_other, session_address
from web.public.session import shown
from web.site import READ

router = APIRouter(prefix="/bureau/seances/{session_id}", include_in_schema=False)
_LONGEST_LIST = 200_000  # characters: more than `ingest.documents.roster` takes
Short = Annotated[str, Form(max_length=1_000)]  # a title's lines, several times over


@router.api_route("/details", methods=READ, response_class=HTMLResponse)
def details(session_id: str, office: AsClerk, fait: str = "") -> HTMLResponse:
    """The form, as the session is."""
    session = office.desk.archive.session(session_id)
    return _page(office, session, _typed(session), done=bool(fait))


@router.post("/details")
def save(
    session_id: str,
    office: AsClerk,
    base: Short,
    title: Short = "",
    date: Short = "",
    body: Short = "",
    roster: Annotated[str, Form(max_length=_LONGEST_LIST)] = "",
) -> Response:
    """Keep what is typed; what is wrong is told beside its field."""
    typed = {"title": title, "date": date, "body": body, "roster": roster, "base": base}
    session = office.desk.archive.session(session_id)
    try:
        made = read_details(typed)
        change_details(office.desk.changes, session_id, base, made, office.account.login)
        with office.desk.archive.begin() as db:
            rename(db, session_id, dict(renamed(session.roster, made.roster)))
    except Mistakes as mistakes:
        return _page(office, session, typed, mistakes.fields, mistakes)
    except Conflict as conflict:
        now = typed | {"base": seal(details_of(session))}
        return _page(office, session, now, error=conflict)
    office.desk.exports.forget(session_id)
    return see_other(f"{session_address(session_id, 'details')}?fait=garde")


def _typed(session: Session) -> dict[str, str]:
    now = details_of(session)
    return {
        "title": now.title,
        "date": now.date.isoformat(),
        "body": now.body,
        "roster": as_csv(map(Membership, now.roster)) if now.roster else "",
        "base": seal(now),
    }


def _page(
    office: Office,
    session: Session,
    typed: Mapping[str, str],
    wrong: Mapping[str, str] | None = None,
    error: Exception | None = None,
    *,
    done: bool = False,
) -> HTMLResponse:
    return office.page(
        "office/details.html",
        error,
        session=session_view(session),
        status=session.status,
        typed=typed,
        wrong=wrong or {},
        now=_typed(session) if isinstance(error, Conflict) else None,
        done=done,
    )


@router.post("/supprimer")
def delete(session_id: str, office: AsClerk, certain: Annotated[str, Form()] = "") -> Response:
    """Delete a draft for good: words, sound, all that was made of it."""
    session = office.desk.archive.session(session_id)
    if session.status is not Status.DRAFT:
        raise BadInput("Seul un brouillon se supprime : retirez d'abord la séance.")
    if certain != "oui":
        wanted = BadInput("Cochez la case qui confirme : rien n'a été supprimé.")
        return _page(office, session, _typed(session), error=wanted)
    erase_session(office.desk.archive, session_id, office.account.login)
    office.desk.exports.forget(session_id)
    return see_other("/bureau")


# --- as a reader ------------------------------------------------------------------------------


@router.api_route("/apercu", methods=READ, response_class=HTMLResponse)
def preview(session_id: str, office: AsClerk, t: str | None = None) -> HTMLResponse:
    """The page as readers will have it, less what will be withheld from them."""
    session, transcript, number = _as_published(office, session_id)
    here = session_address(session_id, "apercu")
    moment = read_moment(t)
    said = excerpt_of(session, transcript, number, moment, quoted=None)
    values = shown(session, transcript, moment, said, number)
    sound = {form: f"{here}/son.{form}" for form in Extension} if session.has_audio else {}
    values["links"] = replace(
        values["links"], audio_opus=sound.get(Extension.OPUS), audio_mp3=sound.get(Extension.MP3)
    )
    values["session"] = replace(values["session"], page=here)
    site = replace(office.site, page="/")  # the office has no address in other languages
    body = site.render(
        "session.html",
        preview=here,
        back=session_address(session_id),
        quoted=None,
        corrected=None,
        **values,
    )
    return HTMLResponse(body, headers=NOT_KEPT)


@router.get("/apercu/texte")
def text(session_id: str, office: AsClerk) -> Response:
    """The words of that page with their times, which its script follows."""
    session, transcript, _ = _as_published(office, session_id)
    return sent(asdict(transcript_view(session, transcript)))


@router.api_route("/apercu/son.{extension}", methods=READ)
def sound(session_id: str, extension: Extension, office: AsClerk, request: Request) -> Response:
    """What readers hear, once all that is withheld is silent in it."""
    blobs = office.desk.blobs
    blob = blobs.find(listening_key(session_id, extension))
    if blob is None:
        raise NotFound(f"La séance « {session_id} » n'a pas de fichier d'écoute {extension}.")
    with office.desk.archive.engine.connect() as db:
        redactions.check_sound(db, session_id, extension, office=True)
    return sent_blob(request, blobs, blob, FORMATS[extension].media_type, NOT_KEPT)


def _as_published(office: Office, session_id: str) -> tuple[Session, Transcript, int]:
    """A session, what would be left of its words if it were published now, and its revision."""
    archive = office.desk.archive
    session, whole = archive.session(session_id), archive.transcript(session_id)
    with archive.engine.connect() as db:
        kept = [Withheld(s.start_ms, s.end_ms) for s in stretches(held(db, session))]
        number = revision(db, session_id)
    turns = whole.turns
    for span in kept:
        after = {splice.first: splice.after for splice in parted(turns, span)}
        turns = numbered(one for at, turn in enumerate(turns) for one in after.get(at, (turn,)))
    closed = tuple(sorted((*whole.closed, *kept), key=lambda span: span.start_ms))
    return session, open_part(replace(whole, turns=turns, closed=closed)), number
