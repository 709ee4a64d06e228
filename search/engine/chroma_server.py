"""Vectors in a Chroma server, or in Chroma's distributed deployment: for many serving processes.

Each of them follows SQL; what two write at once is the same. What is dropped is deleted there, and
leaves the server's disk when Chroma compacts its files: the server must be the city's own.
"""

from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from search.engine.chroma import SETTINGS, Part, new_rows
from search.passage import Vectors

_PORTS = {"http": 8000, "https": 443}  # Chroma's own, and the protocol's
_AT_ONCE = 1_000  # vectors in a request, 2 MB as JSON: a server's limit is met at 5,000 and more
_PATIENCE_S = 30.0  # a search takes milliseconds, a thousand vectors a second


def _sessions(client: Any) -> tuple[Any, Any]:
    """Chroma's HTTP sessions, which wait for ever and are never closed: no public parts."""
    return client._server._session, client._admin_client._server._session


class ServerIndex:
    """A collection of a server. Any call may raise what Chroma's client does: it may be away."""

    def __init__(self, address: str, collection: str) -> None:
        self._address = address
        self._name = collection

    @cached_property
    def _client(self) -> Any:
        import chromadb

        parts = urlsplit(self._address)
        client = chromadb.HttpClient(
            host=parts.hostname or "",
            port=parts.port or _PORTS[parts.scheme],
            ssl=parts.scheme == "https",
            settings=chromadb.Settings(anonymized_telemetry=False),
        )
        for session in _sessions(client):
            session.timeout = _PATIENCE_S
        return client

    @cached_property
    def _collection(self) -> Any:
        return self._client.get_or_create_collection(
            self._name, configuration=SETTINGS, embedding_function=None
        )

    def ids(self) -> frozenset[str]:
        """What it holds."""
        return frozenset(self._pages())

    def _pages(self) -> Iterator[str]:
        for first in range(0, self._collection.count(), _AT_ONCE):
            yield from self._collection.get(include=[], limit=_AT_ONCE, offset=first)["ids"]

    def read_back(self) -> Iterator[Part]:
        """What it holds, with its vectors."""
        for first in range(0, self._collection.count(), _AT_ONCE):
            some = self._collection.get(include=["embeddings"], limit=_AT_ONCE, offset=first)
            yield some["ids"], np.asarray(some["embeddings"], dtype=np.float32)

    def add(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Take in vectors of new ids."""
        new = new_rows((), ids)
        for first in range(0, len(new), _AT_ONCE):
            some = new[first : first + _AT_ONCE]
            self._collection.add(ids=[ids[row] for row in some], embeddings=vectors[some])

    def drop(self, ids: Collection[str]) -> None:
        """Delete vectors; see above on the server's disk. Unknown ids do not matter."""
        gone = sorted(ids)
        for first in range(0, len(gone), _AT_ONCE):
            self._collection.delete(ids=gone[first : first + _AT_ONCE])

    def clear(self) -> None:
        """Start again with nothing, in the same collection: other processes hold it too."""
        vars(self).pop("_collection", None)  # the server may have been made anew
        self.drop(self.ids())

    def search(self, vector: Vectors, limit: int) -> list[tuple[str, float]]:
        """The nearest ids with their cosines, nearest first."""
        if limit <= 0:
            return []
        found = self._collection.query(
            query_embeddings=vector[None, :], n_results=limit, include=["distances"]
        )
        (ids,), (distances,) = found["ids"], found["distances"]
        return [(id_, 1.0 - float(one)) for id_, one in zip(ids, distances, strict=True)]

    def close(self) -> None:
        """Let go of the connections."""
        if "_client" in vars(self):
            self._client.close()
            for session in _sessions(self._client):
                session.close()
