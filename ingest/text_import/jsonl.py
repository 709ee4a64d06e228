"""Speeches one a line, in JSON: the form in which parliaments and researchers hand out debates.

One file may hold many sessions, parted by a session's name or else by date and body. The names
of fields vary: each has the aliases of `FIELDS`, whatever their case. A field of language is left:
where it was looked at, it was wrong of 4 speeches in 10. Raises `BadInput` that names the line.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ingest.errors import BadInput, shown
from ingest.french_dates import day_written
from ingest.text import fold
from ingest.text_import.document import Document, Entry, TextParagraph, TextPoint, paragraphs, tidy
from ingest.transcript import Person

FIELDS: Mapping[str, tuple[str, ...]] = {
    "text": ("text", "texte", "speech", "content"),
    "session": ("session", "session_id", "seance", "sitting", "meeting"),
    "date": ("date", "session_date", "jour", "day"),
    "body": ("body", "organe", "council", "conseil", "chamber"),
    "title": ("session_title", "titre_seance", "meeting_title"),
    "speaker": ("speaker", "speaker_name", "orateur", "oratrice", "intervenant", "nom", "name"),
    "role": ("role", "fonction", "function"),
    "group": ("group", "groupe", "party", "parti", "fraction"),
    "number": ("item_number", "point_number", "numero_point"),
    "item": (
        *("item", "item_title", "agenda_item", "point", "sujet", "topic", "business_title_fr"),
        *("business_title", "business_title_de"),
    ),
    "object": ("object", "objet", "business_number", "affaire"),
}
"""A field and the names under which it is found, the first one that has a value first."""


@dataclass
class _Session:
    """What was read of one session so far."""

    key: str | None
    title: str | None
    day: date | None
    body: str | None
    line: int
    digest: Any = field(default_factory=hashlib.sha256)
    entries: list[Entry] = field(default_factory=list)
    point: TextPoint | None = None


def read(name: str, text: str) -> tuple[Document, ...]:
    """The sessions of a file, in the order in which they begin. `name` is the file's."""
    sessions: dict[tuple[object, ...], _Session] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            _take(_speech(name, number, line), name, number, line, sessions)
    documents = tuple(
        Document(
            digest=session.digest.hexdigest(),
            name=f"{name}, ligne {session.line}",
            entries=tuple(session.entries),
            key=session.key,
            title=session.title,
            day=session.day,
            body=session.body,
        )
        for session in sessions.values()
        if any(isinstance(entry, TextParagraph) for entry in session.entries)
    )
    if not documents:
        raise BadInput(f"« {name} » ne contient aucune parole : il faut un champ « text » rempli.")
    return documents


def _take(
    speech: dict[str, str],
    name: str,
    number: int,
    line: str,
    sessions: dict[tuple[object, ...], _Session],
) -> None:
    """Put a speech into its session, under its point."""
    key, body = tidy(speech["session"]) or None, tidy(speech["body"]) or None
    day = day_written(speech["date"]) if speech["date"] else None
    if speech["date"] and day is None:
        raise BadInput(
            f"« {name} », ligne {number} : la date « {shown(speech['date'])} » ne se lit pas :"
            " écrivez AAAA-MM-JJ."
        )
    known = (key,) if key else (day, body)
    title = tidy(speech["title"]) or None
    session = sessions.setdefault(known, _Session(key, title, day, body, number))
    session.digest.update(line.strip().encode() + b"\n")
    item = tidy(speech["item"]) or tidy(speech["object"])
    if item:
        point = TextPoint(item, tidy(speech["number"]) or None, tidy(speech["object"]) or None)
        if point != session.point:
            session.entries.append(point)
            session.point = point
    session.entries += _paragraphs(speech)


def _paragraphs(speech: dict[str, str]) -> Sequence[TextParagraph]:
    who = tidy(speech["speaker"])
    person = Person(who, tidy(speech["role"]), tidy(speech["group"])) if who else None
    return [TextParagraph(text, person) for text in paragraphs(speech["text"])]


def _speech(name: str, number: int, line: str) -> dict[str, str]:
    """The fields of one line as text, empty where it has none."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        raise BadInput(
            f"« {name} », ligne {number} : ce n'est pas du JSON. Il faut une intervention par"
            " ligne, entre { et }."
        ) from None
    if not isinstance(found, dict):
        raise BadInput(
            f"« {name} », ligne {number} : il faut un objet JSON, entre {{ et }}, par intervention."
        )
    given = {fold(key).replace(" ", "_").replace("-", "_"): value for key, value in found.items()}
    if not any(alias in given for alias in FIELDS["text"]):
        raise BadInput(
            f"« {name} », ligne {number} : le champ « text » manque"
            f" (lu : {', '.join(map(shown, list(given)[:8])) or 'rien'})."
        )
    return {field: _value(given, field, name, number) for field in FIELDS}


def _value(given: dict[str, Any], field: str, name: str, number: int) -> str:
    for alias in FIELDS[field]:
        value = given.get(alias)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if value is not None and not isinstance(value, str):
            raise BadInput(
                f"« {name} », ligne {number} : le champ « {alias} » doit être du texte"
                f" (lu : {shown(value)})."
            )
        if value and value.strip():
            return value
    return ""
