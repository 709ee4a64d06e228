"""Reading back what is searched: passages, full text, vectors, votes. Changes nothing."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from sqlalchemy import Connection, case, func, select
from sqlalchemy.exc import DatabaseError

from ingest.archive import schema as t
from ingest.archive.remainder import open_part
from ingest.archive.repository import Archive
from ingest.integrity import Finding
from ingest.jobs import queue
from ingest.transcript import Status, Transcript
from search.engine.chroma import IndexBroken, IndexBusy, Part
from search.engine.vectors import find_themselves
from search.index import store
from search.index.passages import context
from search.index.sentence_vectors import sentence_vectors
from search.language.sentences import sentences
from search.language.stems import exact_stems
from search.passage import Embedder, Vectors
from search.votes import store as vote_store

_PUBLISH = "Publiez-la de nouveau : verbatim publish {id}"
_REINDEX = "Refaites l'index : verbatim reindex"
_ANEW = (
    "Arrêtez `verbatim serve`, effacez le dossier « index » des données, ou la collection du "
    "serveur de Chroma, et relancez-le : il la refait"
)
_FOLLOWS = (
    "`verbatim serve` met Chroma à jour à son démarrage, puis toutes les quelques secondes : "
    f"relisez ensuite. Si cela reste : {_ANEW[0].lower()}{_ANEW[1:]}"
)
_AWAY = (
    "Les questions se comparent en mémoire, et rien ne manque aux lecteurs ; faites voir à "
    "l'informatique VERBATIM_CHROMA, puis relisez"
)
_NEAR = 1e-3  # Chroma keeps single precision: a cosine is off by 1e-6, another vector's by far more
_AGAIN = "Signalez-le ; après une mise à jour, publiez-la de nouveau : verbatim publish {id}"


def searched(archive: Archive, embedder: Embedder) -> Iterator[Finding]:
    """All that readers' searches and answers rest on."""
    with archive.engine.connect() as db:
        yield from full_text(db)
        waiting = set(db.execute(select(queue.table.c.subject).where(
            queue.table.c.state.in_(queue.WAITING))).scalars())  # fmt: skip
        open_now = set(db.execute(select(t.sessions.c.id).where(
            t.sessions.c.status == Status.PUBLISHED)).scalars())  # fmt: skip
        kept = set(db.execute(select(store.passages.c.session_id).distinct()).scalars())
    for session_id in sorted(kept - open_now):
        yield Finding(session_id, "n'est pas publiée, mais se cherche", "Retirez-la de nouveau : "
                      f"verbatim withdraw {session_id}")  # fmt: skip
    for session_id in sorted(open_now - waiting):  # what waits for a job is not made anew yet
        yield from one_session(archive, session_id, embedder)


def full_text(db: Connection) -> Iterator[Finding]:
    """Does each passage have as many stems as were written, and does the index count them all?"""
    p = store.passages.c
    spaces = func.length(p.stems) - func.length(func.replace(p.stems, " ", ""))
    is_whole = p.length == case((p.stems == "", 0), else_=spaces + 1)
    passages = db.execute(select(func.count(p.key))).scalar_one()
    whole = db.execute(select(func.count(p.key)).where(is_whole)).scalar_one()
    if not whole == passages == store.counts(db).passages:
        yield Finding("recherche", f"{whole} textes pour {passages} passages", _REINDEX)


def one_session(archive: Archive, session_id: str, embedder: Embedder) -> Iterator[Finding]:
    """A published session: passages and votes are its words, vectors are whole."""
    transcript = open_part(archive.transcript(session_id))
    yield from unread(archive, session_id)
    advice = _PUBLISH.format(id=session_id)
    with archive.engine.connect() as db:
        rows = db.execute(select(store.passages).where(store.passages.c.session_id == session_id))
        passages = rows.all()
        votes = db.execute(select(vote_store.table).where(
            vote_store.table.c.session_id == session_id)).all()  # fmt: skip
        vectors = store.vectors(db, embedder.name, [row.id for row in passages])
        said = db.execute(select(sentence_vectors).where(
            sentence_vectors.c.session_id == session_id)).all()  # fmt: skip
    if any(turn.words for turn in transcript.turns) and not passages:
        yield Finding(session_id, "est publiée, mais ne se cherche pas", advice)
    for row in passages:
        if row.text not in _text(transcript, row.first_turn, row.last_turn):
            yield Finding(f"{session_id}, passage {row.key}", "n'est pas ce qui est écrit", advice)
    for row in votes:
        if row.said not in _text(transcript, row.turn, row.turn):
            yield Finding(f"{session_id}, vote {row.position + 1}", "n'est pas ce qui est écrit",
                          advice)  # fmt: skip
    yield from _vectors(session_id, list(vectors.values()), len(passages), embedder)
    for row in said:
        held = len(row.vectors) // (2 * embedder.dimension)
        for turn in transcript.between(row.turn, row.turn):
            if row.embedder == embedder.name and held != len(tuple(sentences(turn))):
                where = f"{session_id}, intervention {turn.index + 1}"
                yield Finding(where, "ses phrases n'ont pas leurs vecteurs", advice)


def unread(archive: Archive, session_id: str) -> Iterator[Finding]:
    """What of a published session a fault of ours keeps from being found as it should be."""
    advice = _AGAIN.format(id=session_id)
    with archive.engine.connect() as db:
        bare, voteless = store.without_stems(db, session_id), vote_store.is_unread(db, session_id)
    if bare:
        session, transcript = archive.session(session_id), archive.transcript(session_id)
    for passage in bare:
        if _should_have_stems(f"{context(passage, transcript, session)} {passage.text}"):
            at = transcript.places[passage.first_turn]
            place = f"{session_id}, passage de l'intervention {at + 1}"
            yield Finding(place, "ne se trouve pas par ses mots", advice)
    if voteless:
        yield Finding(session_id, "ses votes n'ont pas pu être lus", advice)


# --- Chroma -------------------------------------------------------------------------------------


def in_chroma(archive: Archive, embedder: Embedder, parts: Iterable[Part]) -> Iterator[Finding]:
    """Are the vectors in Chroma those of the database? Raises `IndexBusy`."""
    known: set[str] = set()
    others: list[str] = []
    try:
        for ids, vectors in parts:
            known.update(ids)
            others += _others(archive, embedder, ids, vectors)
    except (IndexBusy, DatabaseError):
        raise
    except IndexBroken as error:
        yield Finding("Chroma", str(error), _ANEW)
        return
    except Exception as error:  # its client fails in many ways
        yield Finding("Chroma", f"ne répond pas ({type(error).__name__} : {error})", _AWAY)
        return
    with archive.engine.connect() as db:
        wanted = set(store.ids(db, embedder.name))
    yield from _some(wanted - known, "manquent", _FOLLOWS)
    yield from _some(known - wanted, "ne sont pas, ou plus, dans la base", _FOLLOWS)
    yield from _some(others, "ne sont pas ceux de la base", _ANEW)


def _others(
    archive: Archive, embedder: Embedder, ids: Sequence[str], vectors: Vectors
) -> Iterator[str]:
    """Ids whose vector is another than the database's."""
    with archive.engine.connect() as db:
        kept = store.vectors(db, embedder.name, ids)
    for id_, vector in zip(ids, vectors, strict=True):
        own = kept.get(id_)
        if own is not None and not (own.shape == vector.shape and own @ vector > 1 - _NEAR):
            yield id_


def _some(ids: Iterable[str], what: str, advice: str) -> Iterator[Finding]:
    if listed := sorted(ids):
        yield Finding("Chroma", f"{len(listed)} vecteur(s) {what}, dont {listed[0]}", advice)


def _should_have_stems(text: str) -> bool:
    """A passage of function words alone has none; one that cannot be read should have some."""
    try:
        return bool(exact_stems(text))
    except Exception:
        return True


def _text(transcript: Transcript, first: int, last: int) -> str:
    return " ".join(turn.text for turn in transcript.between(first, last))


def _vectors(
    session_id: str, vectors: list[np.ndarray], passages: int, embedder: Embedder
) -> Iterator[Finding]:
    """Each passage has one vector of this model, of its length, that finds itself."""
    whole = [v for v in vectors if v.shape == (embedder.dimension,) and np.isfinite(v).all()]
    lost = 0
    if whole:
        lost = int((~find_themselves(np.stack(whole).astype(np.float16))).sum())
    if len(whole) - lost != passages:
        what = f"{len(whole) - lost} vecteurs justes pour {passages} passages"
        yield Finding(session_id, what, _REINDEX)
