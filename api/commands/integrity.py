"""`verbatim verify`: is all that is kept whole, and is nothing left of what must be gone?"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING

from sqlalchemy.exc import DatabaseError

from ingest import integrity
from ingest.archive.backup import DATABASE
from ingest.database.engine import is_postgresql, sqlite_file
from ingest.errors import MediaUnreachable
from ingest.integrity import Finding, Progress
from ingest.redaction.proof import Pattern, Trace, pattern, traces, traces_in_blobs, traces_in_rows
from search.engine.chroma import IndexBusy, Part
from search.engine.synced import EMBEDDED, WATCH_S, held
from search.integrity import in_chroma, searched

if TYPE_CHECKING:
    from api.product import Product

_HITS = 50  # passages looked through for a phrase; chosen, not measured


def findings(product: "Product", progress: Progress = lambda _: None) -> Iterator[Finding]:
    """Read everything back; what is not as it must be."""
    archive, data = product.archive, product.settings.data
    progress(DATABASE)
    yield from _as_far_as_it_can_be_read(DATABASE, integrity.database(archive))
    heard = integrity.sessions(archive, product.blobs, progress)
    yield from _as_far_as_it_can_be_read("séances", heard)
    kept = integrity.files(archive, data, product.blobs)
    yield from _as_far_as_it_can_be_read("fichiers", kept)
    progress("recherche")
    yield from _as_far_as_it_can_be_read("recherche", searched(archive, product.embedder))
    yield from _chroma(product, progress)


def _chroma(product: "Product", progress: Progress) -> Iterator[Finding]:
    """The store of vectors, where the city wants one, unless `serve` on this machine holds it."""
    where = product.settings.chroma
    given = (product.settings.data, product.embedder, where)
    if held(*given) is None:
        return
    progress("Chroma")
    try:
        found = _compared(product, held(*given))
        if found and where != EMBEDDED:  # what was published just now comes within moments
            sleep(2 * WATCH_S)
            found = _compared(product, held(*given))
    except IndexBusy:
        progress("Chroma n'est pas relu : `verbatim serve` le tient. Arrêtez-le pour le relire.")
    else:
        yield from found


def _compared(product: "Product", parts: Iterable[Part] | None) -> list[Finding]:
    compared = in_chroma(product.archive, product.embedder, parts or ())
    return list(_as_far_as_it_can_be_read("Chroma", compared))


def _as_far_as_it_can_be_read(where: str, some: Iterator[Finding]) -> Iterator[Finding]:
    """A torn database fails in many ways; what else can be read is read all the same."""
    try:
        yield from some
    except MediaUnreachable as error:
        yield Finding(where, "son illisible", str(error))
    except (DatabaseError, ValueError, TypeError, LookupError) as error:
        yield Finding(where, f"illisible ({type(error).__name__})", integrity.RESTORE)


def no_trace(product: "Product", phrases: Sequence[str]) -> Iterator[Trace]:
    """Where phrases are left: in any byte of the data, or in what readers are answered.

    Raises `BadInput` for a phrase that cannot be looked for.
    """
    patterns = [pattern(phrase) for phrase in phrases]
    yield from kept_traces(product, patterns)
    answered = (_answered(product, *both) for both in zip(phrases, patterns, strict=True))
    yield from dict.fromkeys(trace for several in answered for trace in several)


def kept_traces(product: "Product", patterns: Sequence[Pattern]) -> Iterator[Trace]:
    """Where phrases are left in any byte of the data, of an object, or in any row of PostgreSQL."""
    for place in _places(product):
        yield from traces(place, patterns)
    if product.settings.media:
        yield from traces_in_blobs(product.blobs, patterns)
    if is_postgresql(product.archive.engine.url):  # its files are the server's
        yield from traces_in_rows(product.archive, patterns)


def _places(product: "Product") -> list[Path]:
    """The data directory, and the database's where it is another."""
    data = product.settings.data.absolute()
    file = sqlite_file(product.settings.database_url)
    database = file.absolute().parent if file else data
    return [data] if database.is_relative_to(data) else [data, database]


def _answered(product: "Product", phrase: str, wanted: Pattern) -> Iterator[Trace]:
    for hit in product.search(phrase, _HITS):
        if wanted.is_said(hit.passage.text):
            yield Trace(hit.passage.session, "recherche")
    for citation in product.ask(phrase).answer.citations:
        if wanted.is_said(citation.quote):
            yield Trace(citation.session, "réponse")
