"""How minutes or a transcript become a session without sound: read, named, placed, kept.

    file -> documents (text_formats) -> a session each: words in a row, speakers, points -> archive

A word is what stands between white space, unchanged; the time line counts words. A session and its
text are written in one transaction, a draft; what is kept already changes nothing. Knows no model.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Protocol

from ingest.archive.repository import Archive
from ingest.audio.sandbox import read_apart
from ingest.documents.agenda import agenda_times
from ingest.documents.request import id_of
from ingest.errors import BadInput, Conflict
from ingest.french_dates import day_written
from ingest.intake.rosters import members_of
from ingest.languages import language_of
from ingest.text import fold
from ingest.text_import.document import Document, TextParagraph, TextPoint
from ingest.text_import.formats import Form, read_documents
from ingest.text_import.speaker_names import Directory
from ingest.transcript import (
    AgendaItem,
    Evidence,
    Generator,
    ImportedText,
    Person,
    Session,
    Speaker,
    Transcript,
    Turn,
    Word,
)

VERSION = "1"
BODY = "Conseil municipal"
_LONGEST_WORD = 2_000  # characters: more is no text
_MOST_WORDS = 1_000_000  # a hundred hours of speech: each word takes 200 bytes of memory
_WHY = "nommé par le texte importé"


@dataclass(frozen=True)
class TextRequest:
    """Texts to import, and what the clerk says of all of them.

    What is None is taken from each text, or else from its file's name; without a `roster` those who
    were members of the body on the day are known by name. `titled` makes the title of
    a session from its date where nothing else gives one. `bodies` spells out what a file shortens
    (S: Conseil des États).
    """

    files: tuple[Path, ...]
    titled: Callable[[date], str]
    title: str | None = None
    day: date | None = None
    body: str | None = None
    bodies: dict[str, str] = field(default_factory=dict)
    id: str | None = None
    roster: tuple[Person, ...] = ()
    agenda: tuple[AgendaItem, ...] = ()
    form: Form = Form.AUTO


@dataclass(frozen=True)
class Imported:
    """A session of the archive, and whether this import made it.

    Of a new one, also how many people speak in it, and what could not be read of its text.
    """

    session: Session
    new: bool
    speakers: int = 0
    skipped: tuple[str, ...] = ()


class Reader(Protocol):
    """Reads the texts of a file, as `read_documents`. Raises `BadInput`."""

    def __call__(self, path: Path, form: Form, /) -> tuple[Document, ...]:
        """The text of each of its sessions."""


def read_limited(path: Path, form: Form, /) -> tuple[Document, ...]:
    """The same in a limited child, unless the file is small: for a stranger's, in a server."""
    size = path.stat().st_size
    return read_apart(read_documents, path, form, size=size, source=path.name)


def import_texts(
    request: TextRequest, archive: Archive, read: Reader = read_documents
) -> tuple[Imported, ...]:
    """Keep the session of every text, as a draft; those that are kept already are left as they are.

    Everything is read and checked before anything is kept. Raises `BadInput` for a text that cannot
    be read or dated, `Conflict` for one that has changed since it was imported under the same id.
    """
    documents = [
        (path, document) for path in request.files for document in read(path, request.form)
    ]
    if request.id and len(documents) > 1:
        raise BadInput(
            f"--id ne vaut que pour une séance, et il y en a {len(documents)} : retirez-le."
        )
    found: list[tuple[Session, Transcript | None, Document]] = []
    taken: set[str] = set()
    for path, document in documents:
        if known := archive.session_of_text(document.digest):
            found.append((archive.session(known), None, document))
            taken.add(known)
            continue
        made = _make(request, archive, path, document)
        _check_free(archive, made[0].id, taken)
        taken.add(made[0].id)
        found.append((*made, document))
    for session, transcript, _ in found:
        if transcript:
            archive.save(session, transcript)
    return tuple(
        Imported(session, True, len(transcript.speakers), document.skipped)
        if transcript
        else Imported(session, False)
        for session, transcript, document in found
    )


def _check_free(archive: Archive, session_id: str, taken: Collection[str]) -> None:
    if archive.status(session_id) is None and session_id not in taken:
        return
    raise Conflict(
        f"La séance « {session_id} » existe déjà, avec un autre contenu. Si c'est une autre séance,"
        " donnez-lui un autre --id ou un autre --title ; si le texte a été corrigé, retirez"
        f" l'ancienne (verbatim withdraw {session_id}) et importez-le sous un autre --id."
    )


def _make(
    request: TextRequest, archive: Archive, path: Path, document: Document
) -> tuple[Session, Transcript]:
    """The session and the transcript of a document."""
    when = request.day or document.day or _date_in(path.stem)
    if when is None:
        raise BadInput(f"« {document.name} » ne dit pas sa date : donnez --date AAAA-MM-JJ.")
    given = document.body or request.body or BODY
    body = request.bodies.get(given, given)
    title = request.title or document.title or request.titled(when)
    for text in (title, body):
        if not text.strip() or text != text.encode("utf-8", "replace").decode("utf-8"):
            raise BadInput(f"Le titre ou l'organe {text!r} est vide, ou n'est pas en UTF-8.")
    named = id_of(document.key or document.body or request.title or document.title or path.stem)
    session_id = request.id or (
        named if named.startswith(when.isoformat()) else f"{when.isoformat()}-{named}"
    )
    said = [entry for entry in document.entries if isinstance(entry, TextParagraph)]
    roster = request.roster or _members(archive, body, when)
    directory = Directory(roster, [entry.person for entry in said if entry.person])
    turns, starts, speakers = _placed(document, directory)
    words = turns[-1].words[-1].end_ms
    session = Session(
        id=session_id,
        title=title,
        date=when,
        body=body,
        agenda=_agenda(request.agenda, starts, turns),
        roster=directory.people,
        text=ImportedText(document.digest, words),
    )
    generator = Generator("texte importé", "", VERSION, {"source": path.name})
    return session, Transcript(session_id, speakers, turns, (), generator)


def _members(archive: Archive, body: str, day: date) -> tuple[Person, ...]:
    with archive.engine.connect() as db:
        return members_of(db, body, day)


def _date_in(stem: str) -> date | None:
    found = re.search(r"(?<!\d)(?:19|20)\d\d-?\d\d-?\d\d(?!\d)", stem)
    return day_written(found[0]) if found else None


@dataclass(frozen=True)
class _Start:
    """A point of the text, and the word with which it begins; None: nothing stands below it."""

    point: TextPoint
    at: int | None


def _placed(
    document: Document, directory: Directory
) -> tuple[tuple[Turn, ...], list[_Start], tuple[Speaker, ...]]:
    """Paragraphs as turns on one row of words, and where the points begin on it."""
    turns: list[Turn] = []
    starts: list[_Start] = []
    labels: dict[str, str] = {}
    at = 0
    for entry in document.entries:
        if isinstance(entry, TextPoint):
            if starts and starts[-1].at == at:
                starts[-1] = _Start(starts[-1].point, None)
            starts.append(_Start(entry, at))
            continue
        words = tuple(_words(entry.text, at, document.name))
        if not words:
            continue
        name = directory.name(entry.person) if entry.person else None
        label = labels.setdefault(name, f"S{len(labels) + 1}") if name else None
        turns.append(
            Turn(len(turns), label, words, language=entry.language or language_of(entry.text))
        )
        at += len(words)
        if at > _MOST_WORDS:
            raise BadInput(
                f"« {document.name} » a plus de {_MOST_WORDS} mots, trop pour une séance :"
                " partagez-le en plusieurs fichiers."
            )
    if not turns:
        raise BadInput(f"« {document.name} » ne contient aucune parole.")
    if starts and starts[-1].at == at:
        starts[-1] = _Start(starts[-1].point, None)
    speakers = (Speaker(label, name, Evidence.CLERK, 1.0, _WHY) for name, label in labels.items())
    return tuple(turns), starts, tuple(speakers)


def _words(text: str, first: int, name: str) -> Iterator[Word]:
    for at, word in enumerate(text.split(), first):
        if len(word) > _LONGEST_WORD:
            raise BadInput(
                f"« {name} » contient un mot de {len(word)} signes (« {word[:30]}… ») :"
                " est-ce bien du texte ?"
            )
        yield Word(at, at + 1, word, 1.0)


def _agenda(
    given: Sequence[AgendaItem], starts: Sequence[_Start], turns: tuple[Turn, ...]
) -> tuple[AgendaItem, ...]:
    """The clerk's agenda, placed by the text's headings and by what is said; or else the text's."""
    if not given:
        return tuple(
            AgendaItem(s.point.number or str(n), s.point.title, s.point.object, s.at)
            for n, s in enumerate(starts, 1)
        )
    placed = []
    for item in given:
        there = (s.at for s in starts if s.at is not None and _is(item, s.point))
        start = item.start_ms if item.start_ms is not None else next(there, None)
        placed.append(AgendaItem(item.number, item.title, item.object, start))
    return agenda_times(turns, tuple(placed))


def _is(item: AgendaItem, point: TextPoint) -> bool:
    """Does a heading of the text name this item of the clerk's agenda?"""
    same = item.object is not None and item.object == point.object
    return same or item.number == point.number or fold(item.title) == fold(point.title)
