"""What a sub-folder of the watched folder says of its sitting. Reading alone."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.arriving.arrival import Details, natural
from ingest.arriving.typed import NONE
from ingest.errors import BadInput, shown
from ingest.roster import MOST_AGENDA, MOST_ROSTER, Most, json_text, read_text

_SOUND = (
    *(".wav", ".w64", ".mp3", ".mp4", ".m4a", ".m4v", ".mov", ".mkv", ".webm", ".ogg", ".oga"),
    *(".opus", ".flac", ".aac", ".aif", ".aiff"),
)
_CAPTIONS = (".vtt", ".srt")
_AGENDAS = ("agenda.json", "agenda.csv", "agenda.txt", "ordre-du-jour.csv", "ordre-du-jour.txt")
_ROSTERS = ("roster.csv", "membres.csv", "liste.csv")
# A line for each part and its captions: of 64 KiB there are 600.
_MOST_ABOUT = Most(2**16, "un session.json", "n'y laissez que ce que montrent les exemples.")
_DATED = re.compile(r"(\d{4}-\d{2}-\d{2})[\s_-]*(.*)", re.DOTALL)


def files_in(place: Path) -> list[Path]:
    """Regular files only: a link could lead anywhere."""
    found = (p for p in place.iterdir() if not p.name.startswith(".") and not p.is_symlink())
    return sorted((p for p in found if p.is_file()), key=lambda path: natural(path.name))


@dataclass(frozen=True)
class Told:
    """What a folder says of its sitting: parts in order, with their captions if it says which."""

    details: Details
    parts: tuple[tuple[Path, Path | None], ...]
    loose: tuple[Path, ...] = ()

    @property
    def files(self) -> list[Path]:
        """All that is to be brought, the parts first and in order."""
        captions = [captions for _, captions in self.parts if captions]
        return [*(part for part, _ in self.parts), *captions, *self.loose]

    def captioned(self, ids: Mapping[Path, str]) -> dict[str, str]:
        """Which file captions which part; nothing where names have to tell."""
        if not any(captions for _, captions in self.parts):
            return {}
        return {ids[part]: ids[told] if told else NONE for part, told in self.parts}


def read_folder(place: Path) -> Told:
    """What a folder says, and the files to bring. Raises `BadInput`."""
    files = files_in(place)
    by_name = {path.name.lower(): path for path in files}
    about = _about(by_name.get("session.json"))
    named = _DATED.fullmatch(place.name)
    parts: list[tuple[Path, Path | None]]
    parts = [(path, None) for path in files if path.suffix.lower() in _SOUND]
    loose = [path for path in files if path.suffix.lower() in _CAPTIONS]
    if told := about.get("parts"):
        parts, loose = [_part(files, part) for part in told], []
    details = Details(
        title=json_text(about.get("title")) or (named[2].strip() if named else ""),
        date=json_text(about.get("date")) or (named[1] if named else ""),
        body=json_text(about.get("body")) or "Conseil municipal",
        id=json_text(about.get("id")) or "",
        roster=_text(by_name, _ROSTERS, MOST_ROSTER),
        agenda=_text(by_name, _AGENDAS, MOST_AGENDA),
        ordered=True,
    )
    if not details.date:
        raise BadInput(
            f"La date de « {place.name} » manque : commencez le nom du dossier par la date, par "
            "exemple « 2025-05-13 Conseil municipal », ou ajoutez un session.json."
        )
    return Told(details, tuple(parts), tuple(loose))


def _about(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        about = json.loads(read_text(path, _MOST_ABOUT))
    except (ValueError, RecursionError):
        raise BadInput("« session.json » ne se lit pas : corrigez sa ponctuation.") from None
    parts = about.get("parts", []) if isinstance(about, dict) else None
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise BadInput("« session.json » doit être un objet { … } comme celui des exemples.")
    return dict(about)


def _part(files: Sequence[Path], part: dict[str, Any]) -> tuple[Path, Path | None]:
    captions = _named(files, part, "captions") if part.get("captions") else None
    return _named(files, part, "file"), captions


def _named(files: Sequence[Path], part: dict[str, Any], what: str) -> Path:
    name = part.get(what)
    path = next((path for path in files if path.name == name), None)
    if path is None:
        raise BadInput(f"« {shown(name)} », que session.json nomme, n'est pas dans le dossier.")
    return path


def _text(by_name: dict[str, Path], names: tuple[str, ...], most: Most) -> str:
    found = next((by_name[name] for name in names if name in by_name), None)
    return read_text(found, most) if found else ""
