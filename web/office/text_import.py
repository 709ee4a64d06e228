"""Old minutes, and other texts without a recording, brought in from the browser.

Each file is a session: a draft that says that it is a text, is looked over and published as any
other. Reading and placing them is `ingest.text_import`'s.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from api.views.session import session_view
from ingest.archive import audit
from ingest.documents.office_files import MOST_DOCUMENT
from ingest.editing.details import LONGEST
from ingest.errors import BadInput, UserError
from ingest.french_dates import read_date
from ingest.intake.form import default_title
from ingest.intake.rosters import bodies
from ingest.text_import.importer import BODY, Imported, TextRequest, import_texts, read_limited
from web.office.page import AsClerk, Office, is_larger
from web.site import READ

router = APIRouter(prefix="/bureau/importer", include_in_schema=False)
_ACCEPTED = (".docx", ".odt", ".pdf", ".txt", ".md", ".jsonl", ".xml", ".tei", ".srt", ".vtt")
_FIELDS = ("date", "organe", "titre")
_MOST_FILES = 12  # a year of a council that meets monthly
_LONGEST_NAME = 60  # characters, 240 bytes at most: a disk's names have 255
_MOST_BYTES = 4 * MOST_DOCUMENT.size  # of all files together: they wait on the disk


@router.api_route("", methods=READ, response_class=HTMLResponse)
def form(office: AsClerk) -> HTMLResponse:
    """An empty form."""
    return _page(office, dict.fromkeys(_FIELDS, ""))


@router.post("")
async def bring(request: Request, office: AsClerk) -> Response:
    """Make a draft of each file, or of none where one cannot be read."""
    if is_larger(request, _MOST_BYTES):
        too_large = BadInput("Ces fichiers sont trop grands ensemble : donnez-les en deux fois.")
        return await run_in_threadpool(_page, office, dict.fromkeys(_FIELDS, ""), too_large)
    async with request.form(max_files=_MOST_FILES, max_fields=len(_FIELDS) + 1) as given:
        typed = {name: " ".join(str(given.get(name, "")).split())[:LONGEST] for name in _FIELDS}
        files = [
            (file.filename or "", await file.read())
            for file in given.getlist("fichiers")
            if isinstance(file, UploadFile) and file.filename
        ]
    return await run_in_threadpool(_bring, office, typed, files)


def _bring(
    office: Office, typed: Mapping[str, str], files: Sequence[tuple[str, bytes]]
) -> HTMLResponse:
    archive = office.desk.archive
    try:
        if not files:
            raise BadInput("Choisissez le fichier d'un procès-verbal.")
        body = typed["organe"] or BODY
        with TemporaryDirectory(prefix="verbatim-") as folder:
            request = TextRequest(
                files=tuple(_written(Path(folder), at, *file) for at, file in enumerate(files)),
                titled=partial(default_title, body),
                title=typed["titre"] or None,
                day=read_date(typed["date"]) if typed["date"] else None,
                body=body,
            )
            made = import_texts(request, archive, read_limited)
    except UserError as error:
        return _page(office, typed, error)
    with archive.begin() as db:
        for one in made:
            if one.new:
                audit.record(db, office.account.login, "session.import", one.session.id)
    return _page(office, dict.fromkeys(_FIELDS, ""), made=made)


def _written(folder: Path, at: int, name: str, content: bytes) -> Path:
    """A file on the disk under the clerk's name for it, which may tell the session's date."""
    shown = Path(name.replace("\\", "/").replace("\0", "")).name.strip()[-_LONGEST_NAME:]
    path = folder / str(at) / (shown if shown.strip(".") else "texte")
    path.parent.mkdir()
    path.write_bytes(content)
    return path


def _page(
    office: Office,
    typed: Mapping[str, str],
    error: UserError | None = None,
    made: Sequence[Imported] = (),
) -> HTMLResponse:
    with office.desk.archive.engine.connect() as db:
        known = bodies(db)
    return office.page(
        "office/text_import.html",
        error,
        typed=typed,
        bodies=known,
        usual=BODY,
        accepted=",".join(_ACCEPTED),
        most=_MOST_FILES,
        made=[(one, session_view(one.session)) for one in made],
    )
