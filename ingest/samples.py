"""The sample sessions as requests, read from the folders that `samples/README.md` describes."""

import json
from datetime import date
from pathlib import Path

from ingest.documents.agenda_text import read_agenda
from ingest.documents.captions import read_captions
from ingest.documents.request import Request
from ingest.documents.roster import read_roster
from ingest.errors import BadInput


def sample_requests(folder: Path) -> list[Request]:
    """One request for each subfolder that holds a `session.json`, in order of name."""
    found = sorted(folder.glob("*/session.json"))
    if not found:
        raise BadInput(f"« {folder} » ne contient aucune séance d'exemple (*/session.json).")
    return [_request(path) for path in found]


def _request(path: Path) -> Request:
    about, here = json.loads(path.read_text("utf-8")), path.parent
    return Request(
        files=tuple(here / part["file"] for part in about["parts"]),
        title=about["title"],
        date=date.fromisoformat(about["date"]),
        body=about["body"],
        id=about["id"],
        roster=read_roster(here / "roster.csv"),
        agenda=read_agenda(here / "agenda.json"),
        captions=tuple(
            read_captions(here / part["captions"]) if part.get("captions") else ()
            for part in about["parts"]
        ),
    )
