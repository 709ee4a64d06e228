"""The packaged embedder, for real: no network, unit vectors, French meanings, a ready answer."""

import socket
import subprocess
import sys

import numpy as np
import pytest

from ingest.errors import ModelUnavailable
from search.index.embed import ModelEmbedder
from tests.support import paths

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def embedder() -> ModelEmbedder:
    """Loaded with every way to the network closed: it must not even try."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the packaged model asked for the network")

    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("HF_HUB_OFFLINE", raising=False)
        patch.setattr(socket.socket, "connect", refuse)
        patch.setattr(socket, "getaddrinfo", refuse)
        made = ModelEmbedder(threads=2)
        made.queries(["Bonjour"])
    return made


def test_vectors_are_unit_and_of_the_named_dimension(embedder: ModelEmbedder) -> None:
    # The last is longer than the model reads at once.
    texts = ["Combien coûte la piste ?", "", "\0\ud800 😀", "mot " * 600]
    for vectors in (embedder.queries(texts), embedder.documents(texts)):
        assert vectors.shape == (4, embedder.dimension) and vectors.dtype == np.float32
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-4)
    assert embedder.documents([]).shape == (0, embedder.dimension)


def test_a_batch_gives_what_one_text_gives(embedder: ModelEmbedder) -> None:
    texts = [f"La motion numéro {n} est {'acceptée' if n % 2 else 'refusée'}." for n in range(40)]
    single = np.vstack([embedder.documents([text]) for text in texts[::8]])
    assert embedder.documents(texts)[::8] == pytest.approx(single, abs=2e-3)


def test_questions_and_passages_are_told_apart(embedder: ModelEmbedder) -> None:
    text = ["La piscine ferme en hiver."]
    assert float((embedder.queries(text) @ embedder.documents(text).T)[0, 0]) < 0.999


def test_a_paraphrase_is_nearer_than_another_subject(embedder: ModelEmbedder) -> None:
    question = embedder.queries(["Pourquoi les riverains se plaignent-ils du vacarme nocturne ?"])
    near, far = embedder.documents(
        ["Les habitants ne dorment plus à cause du bruit.", "Le budget de l'école est accepté."]
    )
    assert question[0] @ near > question[0] @ far + 0.02


def test_a_model_that_does_not_exist_is_named(tmp_path_factory: pytest.TempPathFactory) -> None:
    missing = str(tmp_path_factory.mktemp("no-model-here"))
    with pytest.raises(ModelUnavailable, match="no-model-here"):
        ModelEmbedder(missing)


def test_the_packaged_model_needs_no_torch() -> None:
    """Which takes each server and worker six seconds of processor and 400 MB."""
    code = (
        "import sys; from search.index.embed import ModelEmbedder; ModelEmbedder().queries(['?'])\n"
        "heavy = {'torch', 'sentence_transformers'} & set(sys.modules)\n"
        "sys.exit(f'loaded: {heavy}' if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=paths.ROOT, timeout=300)
