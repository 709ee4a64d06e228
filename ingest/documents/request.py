"""What a clerk hands over to have a session made, and the checks that come before any slow work."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from itertools import zip_longest
from pathlib import Path

from ingest.archive.blobs import sha256
from ingest.archive.repository import Archive
from ingest.documents.captions import Cue
from ingest.documents.glossary import Term
from ingest.errors import BadInput, Conflict
from ingest.text import clock, without_heaps
from ingest.transcript import AgendaItem, Person, Recording, pause_ms


@dataclass(frozen=True)
class Request:
    """The recordings of one session, in order, and what is known of it.

    `captions` holds the platform's cues of each part, times relative to that part. `starts_at` is
    when the first parts began by the clock. `participants` names whose track each file is, when the
    files are not parts, one after the other, but one for each participant, all from the start.
    `glossary` holds the city's own words. `streams` says which stream of sound to take of a file
    that has several, from 0; None: the one in which somebody speaks. `most_voices`: no more people
    speak than that, if a clerk says so.
    """

    files: tuple[Path, ...]
    title: str
    date: date
    body: str = "Conseil municipal"
    id: str | None = None
    roster: tuple[Person, ...] = ()
    agenda: tuple[AgendaItem, ...] = ()
    captions: tuple[tuple[Cue, ...], ...] = ()
    starts_at: tuple[time, ...] = ()
    participants: tuple[str, ...] = ()
    glossary: tuple[Term, ...] = ()
    streams: tuple[int | None, ...] = ()
    most_voices: int | None = None

    def __post_init__(self) -> None:
        if len(self.starts_at) > (1 if self.participants else len(self.files)):
            raise BadInput(f"{len(self.starts_at)} heures de début : une par partie au plus.")
        for text in (self.title, self.body):
            if not text.strip() or text != text.encode("utf-8", "replace").decode("utf-8"):
                raise BadInput(f"Le titre ou l'organe {text!r} est vide, ou n'est pas en UTF-8.")
        if self.most_voices is not None:
            check_voices(self.most_voices)


MOST_VOICES = 500
"""More than any assembly has: a larger hint is a slip of the hand."""


def check_voices(most: int) -> None:
    """Raise `BadInput` for a number of voices that cannot be."""
    if not 1 <= most <= MOST_VOICES:
        raise BadInput(f"{most} voix au plus ? Donnez un nombre de 1 à {MOST_VOICES}, ou rien.")


def fingerprints(files: Sequence[Path]) -> tuple[str, ...]:
    """SHA-256 of each recording; `BadInput` for a file that is absent, empty or given twice."""
    for path in files:
        if not path.is_file():
            raise BadInput(f"Le fichier « {path} » n'existe pas : vérifiez son nom.")
        if path.stat().st_size == 0:
            raise BadInput(f"« {path.name} » est vide : a-t-il été copié en entier ?")
    hashes = tuple(sha256(path) for path in files)
    if not hashes or len(set(hashes)) < len(hashes):
        raise BadInput("Donnez un enregistrement, ou plusieurs parties différentes.")
    return hashes


def already_kept(archive: Archive, hashes: Sequence[str]) -> str | None:
    """Id of the session made of exactly these recordings; `Conflict` if only some are known."""
    known = {archive.session_of_recording(digest) for digest in hashes} - {None}
    if not known:
        return None
    owner = str(min(str(session) for session in known))
    if len(known) == 1 and tuple(p.id for p in archive.session(owner).parts) == tuple(hashes):
        return owner
    raise Conflict(
        f"Une partie de ces enregistrements appartient déjà à la séance « {owner} » : "
        "donnez toutes ses parties, dans le même ordre, ou d'autres fichiers."
    )


def session_id(archive: Archive, request: Request) -> str:
    """The id asked for, which must be free, or one made from date and title, which always is."""
    if request.id is not None:
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,79}", request.id):
            raise BadInput(
                f"L'identifiant « {request.id} » ne convient pas : lettres minuscules sans accent, "
                "chiffres et tirets, 80 au plus."
            )
        if archive.status(request.id) is not None:
            raise Conflict(f"La séance « {request.id} » existe déjà : choisissez un autre --id.")
        return request.id
    base = f"{request.date.isoformat()}-{id_of(request.title)}"
    numbered = (base if n == 1 else f"{base}-{n}" for n in range(1, 1000))
    return next(name for name in numbered if archive.status(name) is None)


def id_of(text: str) -> str:
    """A text as part of an id: lower case letters without accents, digits, hyphens."""
    plain = unicodedata.normalize(
        "NFKD", without_heaps(text).lower().replace("œ", "oe").replace("æ", "ae")
    )
    ascii_text = plain.encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")[:60].strip("-") or "seance"


def place_parts(
    request: Request, hashes: Sequence[str], durations_ms: Sequence[int]
) -> tuple[Recording, ...]:
    """Recordings on the session's time line: one after the other, or all from its start.

    Raises `BadInput` for a part that begins by the clock before the one before it has ended.
    """
    parts: list[Recording] = []
    given = zip_longest(hashes, durations_ms, request.starts_at)
    for number, (digest, duration, starts_at) in enumerate(given, 1):
        before = parts[-1] if parts and not request.participants else None
        part = Recording(digest, before.end_ms if before else 0, duration, starts_at)
        if before and (pause := pause_ms(before, part)) is not None and pause < 0:
            raise BadInput(
                f"La partie {number} commencerait à {starts_at}, {clock(-pause)} avant la fin "
                f"de la partie {number - 1} : vérifiez l'ordre des fichiers et --start-at."
            )
        parts.append(part)
    return tuple(parts)


def place_cues(request: Request, parts: Sequence[Recording]) -> tuple[Cue, ...]:
    """The captions of all parts, on the session's time line; what lies beyond its part is left out.

    Raises `BadInput` for captions that mostly do: they belong to another recording.
    """
    cues: list[Cue] = []
    for number, (given, part) in enumerate(zip(request.captions, parts, strict=False), 1):
        inside = [cue for cue in given if cue.start_ms < part.duration_ms]
        if 2 * len(inside) < len(given):
            last = clock(max(cue.end_ms for cue in given))
            raise BadInput(
                f"Les sous-titres de la partie {number} vont jusqu'à {last}, l'enregistrement "
                f"jusqu'à {clock(part.duration_ms)} : sont-ce les siens, dans la bonne unité ?"
            )
        cues += (_placed(cue, part) for cue in inside)
    return tuple(cues)


def _placed(cue: Cue, part: Recording) -> Cue:
    end_ms = min(cue.end_ms, part.duration_ms)
    return replace(cue, start_ms=cue.start_ms + part.offset_ms, end_ms=end_ms + part.offset_ms)
