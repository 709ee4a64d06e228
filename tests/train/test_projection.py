"""Learning how questions are turned: on vectors made up for it."""

import numpy as np

from tests.train.projection import Debate, learn


def test_what_is_learned_brings_questions_nearer_to_what_answers_them() -> None:
    random = np.random.default_rng(1)
    passages = _unit(random.normal(size=(40, 16)))
    hidden = random.normal(size=(16, 16)) / 4  # what askers do to an answer's meaning
    questions = _unit(passages @ (np.eye(16) + hidden))
    answers = np.eye(40, dtype=np.bool_)
    added = learn([Debate(questions[:30], passages[:30], answers[:30, :30])])
    before = (questions[30:] * passages[30:]).sum()
    after = (_unit(questions[30:] + questions[30:] @ added) * passages[30:]).sum()
    assert after > before


def _unit(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)
