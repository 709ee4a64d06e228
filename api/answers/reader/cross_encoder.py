"""A city's own reader: any sentence-transformers CrossEncoder, by name or folder.

It orders the best runs, which it reads together with the question. How sure an answer is stays with
the figures: another model's scores are on a scale of their own, which nobody has calibrated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from api.answers.reader.figures import Asked, Matrix, Measured
from api.answers.reader.learned import Reader, Scores
from ingest.errors import ModelUnavailable
from search.query.parsed import Query

_READ = 12  # runs, of the sixty that are measured: a large model on two cores takes 0.1 s for each


@dataclass(frozen=True, eq=False)
class CrossEncoderReader:
    """Gives the best scores of `first` to the same runs, in the order of the model."""

    model: Any
    first: Reader

    def __call__(self, asked: Asked, runs: Sequence[Measured], rows: Matrix) -> Scores:
        """The log-odds that each run answers, shape (runs,)."""
        scores = self.first(asked, runs, rows).copy()
        best = np.argsort(-scores, kind="stable")[:_READ]
        question = asked.query.sentence or asked.query.topic
        if len(best):
            read = self.model.predict([(question, runs[n].text) for n in best.tolist()])
            scores[best[np.argsort(-np.asarray(read).ravel(), kind="stable")]] = scores[best]
        return scores

    def is_enough(self, query: Query, best: float, margin: float) -> bool:
        """As `first` says, whose scores these are."""
        return self.first.is_enough(query, best, margin)


def cross_encoder(model: str, first: Reader, threads: int = 0) -> CrossEncoderReader:
    """The model by name or folder. Raises `ModelUnavailable`."""
    import torch
    from sentence_transformers import CrossEncoder

    if threads:
        torch.set_num_threads(threads)
    try:
        return CrossEncoderReader(CrossEncoder(model, num_labels=1), first)
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelUnavailable(
            f"Le modèle de lecture « {model} » ne peut pas être chargé ({error}) : donnez à "
            "VERBATIM_READER un dossier, un nom ou « packaged »."
        ) from error
