"""Where things are read and heard: the one place that knows the addresses of pages and media."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from api.answers.clip import LONGEST_CLIP_MS
from ingest.text import folded_words
from ingest.transcript import Session
from ingest.written_names import is_collective
from search.votes.tallies import code_of


@dataclass(frozen=True)
class Links:
    """Where to read and hear an interval. The clips hold that interval and nothing else.

    They are None for an interval that is too long to be cut out, and everything to hear is None for
    a session without sound.
    """

    page: str
    audio_opus: str | None
    audio_mp3: str | None
    clip_opus: str | None
    clip_mp3: str | None

    @property
    def download(self) -> str | None:
        """The clip as a file to keep, named after who speaks and when."""
        return f"{self.clip_mp3}&download=1" if self.clip_mp3 else None


def session_page(session_id: str) -> str:
    """Address of a session's page."""
    return f"/seances/{quote(session_id, safe='')}"


def moment_page(session_id: str, start_ms: int, end_ms: int, revision: int | None = None) -> str:
    """Address of an interval on its session's page; `revision` tells later readers of changes."""
    named = "" if revision is None else f"&r={revision}"
    return f"{session_page(session_id)}?t={start_ms}-{end_ms}{named}#extrait"


def slug(name: str) -> str:
    """What addresses call a person or a party: the words of its name, without accents.

    >>> slug("Élodie d'Arve (PS)")
    'elodie-d-arve-ps'
    """
    return "-".join(folded_words(name))


def person_page(name: str) -> str:
    """Address of a person's page; "" for what is no person's name: « Plusieurs députés »."""
    return "" if is_collective(name) else _below("personnes", slug(name))


def party_page(name: str) -> str:
    """Address of a party's page; "" for a name without a letter."""
    return _below("partis", slug(name))


def object_page(code: str) -> str:
    """Address of an object's page: one for all the ways in which its code is written."""
    return _below("objets", code_of(code))


def topic_page(name: str) -> str:
    """Address of a subject's page."""
    return _below("sujets", slug(name))


def _below(folder: str, name: str) -> str:
    return f"/{folder}/{quote(name, safe='')}" if name else ""


def report_page(session_id: str, start_ms: int, end_ms: int, revision: int | None = None) -> str:
    """Address of the form on which a reader reports an error in an interval."""
    named = {"seance": session_id, "t": f"{start_ms}-{end_ms}"}
    return "/signaler?" + urlencode(named if revision is None else {**named, "r": revision})


def whole_sound(session_id: str) -> str:
    """Address of the whole sound of a session that has some, as MP3."""
    return f"{_media(session_id)}/audio.mp3"


def _media(session_id: str) -> str:
    return f"/api/sessions/{quote(session_id, safe='')}"


def links(session: Session, start_ms: int, end_ms: int, revision: int | None = None) -> Links:
    """Everything an interval can be read and heard at (W3C media fragments, in seconds)."""
    page = moment_page(session.id, start_ms, end_ms, revision)
    if not session.has_audio:
        return Links(page, None, None, None, None)
    base = _media(session.id)
    fragment = f"#t={start_ms / 1000:.3f},{end_ms / 1000:.3f}"
    interval = f"?start_ms={start_ms}&end_ms={end_ms}"
    short = end_ms - start_ms <= LONGEST_CLIP_MS
    return Links(
        page=page,
        audio_opus=f"{base}/audio.opus{fragment}",
        audio_mp3=f"{whole_sound(session.id)}{fragment}",
        clip_opus=f"{base}/clip.opus{interval}" if short else None,
        clip_mp3=f"{base}/clip.mp3{interval}" if short else None,
    )
