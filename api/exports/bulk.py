"""All that is published in one file, a session at a time: memory holds one, however many there are.

A session that is withdrawn while the file is made is not in it. Reads through a `Published` alone.
"""

import zipfile
from collections.abc import Iterator
from datetime import date
from io import RawIOBase

from api.exports.exports import Form, export_bytes, script_for
from api.exports.script import Script
from api.exports.standards.house import House
from api.exports.standards.parlamint import ParlaMintCorpus, check
from ingest.archive.published import Published
from ingest.errors import NotFound

_File = tuple[str, bytes]  # its name and what is in it
_FORMS = (Form.JSON, Form.TXT)  # of each session in a ZIP: for programs, and for people


def as_lines(published: Published, house: House) -> Iterator[bytes]:
    """JSONL: each session as it is exported in JSON, newest first, a line each."""
    for script in _scripts(published):
        yield export_bytes(script, Form.JSON, house)


def as_zip(published: Published, house: House, about: str) -> Iterator[bytes]:
    """A ZIP with two files of each session, and what it is in `LISEZMOI.txt`."""
    yield from _zipped(_files(published, house, about))


def _files(published: Published, house: House, about: str) -> Iterator[_File]:
    yield "LISEZMOI.txt", about.encode()
    for script in _scripts(published):
        for form in _FORMS:
            yield f"{script.session.id}.{form}", export_bytes(script, form, house)


def as_corpus(published: Published, house: House, made: date) -> Iterator[bytes]:
    """A ZIP with a ParlaMint corpus: a component a session, and at last the root, which counts.

    Raises `BadInput` where the city does not suit ParlaMint, `NotFound` without a session, at once.
    """
    check(house)
    if not published.count():
        raise NotFound("Aucune séance n'est publiée : ParlaMint n'a pas de corpus vide.")
    return _zipped(_corpus(published, house, made))


def _corpus(published: Published, house: House, made: date) -> Iterator[_File]:
    corpus = ParlaMintCorpus(house, made)
    for script in _scripts(published):
        yield corpus.add(script)
    if corpus.has_sessions:  # the last one may have been withdrawn meanwhile
        yield corpus.root()


def _zipped(files: Iterator[_File]) -> Iterator[bytes]:
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files:
            archive.writestr(name, body)
            yield sink.taken()
    yield sink.taken()


def _scripts(published: Published) -> Iterator[Script]:
    for session in published.sessions():
        try:
            known, transcript = published.session(session.id), published.transcript(session.id)
            script = script_for(published.archive, known, transcript, Form.JSON)
        except NotFound:
            continue
        yield script


class _Sink(RawIOBase):
    """A file that cannot be sought in, of which what was written is taken away at once."""

    def __init__(self) -> None:
        super().__init__()
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes, /) -> int:  # type: ignore[override]
        self._written += data
        return len(data)

    def taken(self) -> bytes:
        """What was written since it was last asked."""
        written = bytes(self._written)
        self._written.clear()
        return written
