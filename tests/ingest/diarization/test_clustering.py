"""Vectors grouped into voices: how many, which is whose. No model: a voice is a direction."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ingest.diarization.clustering import cluster

Vectors = NDArray[np.float32]


def spoken(order: NDArray[np.int64], scatter: float, seed: int = 0, alike: float = 0.5) -> Vectors:
    """Unit vectors of voices in this order: `alike` is the cosine between two voices' means.

    `scatter` is the length of the noise around a voice's mean, of length one.
    """
    random = np.random.default_rng(seed)
    own = np.linalg.qr(random.normal(size=(192, order.max() + 2)))[0].T
    means = np.sqrt(1 - alike) * own[1:] + np.sqrt(alike) * own[0]
    noise = random.normal(size=(len(order), 192)) * scatter / np.sqrt(192)
    vectors = (means[order] + noise).astype(np.float32)
    unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


@pytest.mark.parametrize("scatter", [0.3, 0.5, 0.7])
def test_one_threshold_serves_a_clean_microphone_and_a_poor_room(scatter: float) -> None:
    order = np.repeat([0, 1, 0, 2, 3, 0], [20, 30, 10, 8, 40, 5])
    np.testing.assert_array_equal(cluster(spoken(order, scatter)), order)


def test_one_voice_is_one_voice_however_noisy() -> None:
    assert cluster(spoken(np.zeros(400, np.int64), 0.8)).max() == 0


def test_two_voices_nearer_than_any_fixed_distance_stay_two() -> None:
    order = np.repeat(np.tile([0, 1], 10), 6)
    vectors = spoken(order, 0.5, alike=0.85)
    assert 1 - (vectors[order == 0] @ vectors[order == 1].T).mean() < 0.35
    np.testing.assert_array_equal(cluster(vectors, phrases=np.arange(120) // 6), order)


def test_where_at_most_two_speak_the_nearest_of_three_are_one() -> None:
    order = np.repeat([0, 1, 2, 0, 1, 2], 20)
    vectors = spoken(order, 0.4, alike=0.2)
    vectors[order == 2] = vectors[order == 2] + 0.3 * vectors[order == 1]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    np.testing.assert_array_equal(cluster(vectors), order)
    np.testing.assert_array_equal(cluster(vectors, most=2), order > 0)
    np.testing.assert_array_equal(cluster(vectors, most=9), cluster(vectors))


def test_phrases_of_one_voice_are_one_voice_though_cut_at_every_pause() -> None:
    vectors = spoken(np.zeros(120, np.int64), 0.7)
    assert cluster(vectors, phrases=np.arange(120) // 4).max() == 0


def test_voices_are_numbered_as_they_appear_and_a_cough_is_no_voice() -> None:
    labels = cluster(spoken(np.repeat([2, 0, 2, 1, 0], [20, 30, 10, 1, 9]), 0.1))
    assert set(labels[:20]) == set(labels[50:60]) == {0}
    assert set(labels[20:50]) == set(labels[61:]) == {1}
    assert labels.max() == 1


def test_what_is_heard_only_where_voices_change_is_no_voice() -> None:
    order = np.tile(np.repeat([0, 2, 1, 2], [6, 2, 6, 2]), 10)  # 2: windows that straddle a change
    assert cluster(spoken(order[:-2], 0.2)).max() == 1


def test_one_word_between_two_pauses_heard_often_is_a_voice() -> None:
    order = np.tile(np.repeat([0, 1], [6, 1]), 10)
    stretches = np.repeat(np.arange(20), np.tile([6, 1], 10))
    np.testing.assert_array_equal(cluster(spoken(order, 0.2), stretches), order)


def test_forty_voices_in_two_hours_are_forty() -> None:
    random = np.random.default_rng(1)
    order = np.repeat(random.integers(0, 40, 750), random.integers(4, 20, 750))
    labels = cluster(spoken(order, 0.5))
    assert labels.max() == 39
    assert len(set(zip(order.tolist(), labels.tolist(), strict=True))) == 40


@given(st.integers(1, 40), st.integers(0, 5), st.integers(0, 100))
def test_every_window_has_a_voice_and_numbers_have_no_gaps(n: int, most: int, seed: int) -> None:
    order = np.random.default_rng(seed).integers(0, most + 1, n)
    labels = cluster(spoken(order, 0.5, seed))
    assert len(labels) == n
    assert set(labels.tolist()) == set(range(labels.max() + 1))
