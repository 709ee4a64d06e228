"""Sound that recognisers lose their place in, as the packaged model hears it."""

from collections import Counter

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from ingest.asr.whisper import WhisperTranscriber
from ingest.audio.encode import SAMPLE_RATE
from ingest.settings import Settings
from ingest.text import fold
from ingest.transcript import Span, Word
from tests.support.media import RATE, speech

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def whisper() -> WhisperTranscriber:
    return WhisperTranscriber(Settings(_env_file=None))


def _heard_by(whisper: WhisperTranscriber, sound: NDArray[np.float32]) -> list[Word]:
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(threshold=0.25, min_silence_duration_ms=300, speech_pad_ms=200)
    per_ms = SAMPLE_RATE // 1000
    found = get_speech_timestamps(sound, options)
    spans = [Span(one["start"] // per_ms, one["end"] // per_ms) for one in found]
    return list(whisper.words(sound, spans))


def _sixteen(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    frame = av.AudioFrame.from_ndarray(samples[np.newaxis], "s16", "mono")
    frame.sample_rate = RATE
    pieces = av.AudioResampler("s16", "mono", SAMPLE_RATE).resample(frame)
    line = np.concatenate([piece.to_ndarray()[0] for piece in pieces])
    return np.asarray(line / 32_768, np.float32)


def test_the_last_word_before_a_long_pause_ends_with_its_sound(
    whisper: WhisperTranscriber,
) -> None:
    said = _sixteen(speech())  # "... bonsoir." ends at 1,989 ms, the next sentence begins at 2,480
    at = 2_235 * SAMPLE_RATE // 1000
    pause = np.zeros(4 * SAMPLE_RATE, np.float32)
    words = _heard_by(whisper, np.concatenate([said[:at], pause, said[at : 8 * SAMPLE_RATE]]))
    before = [word for word in words if word.start_ms < 4_000]
    after = [word for word in words if word.start_ms >= 4_000]
    assert fold(before[-1].text).startswith("bonsoir")
    assert before[-1].end_ms < 1_989 + 1_000
    assert after[0].start_ms > 6_480 - 1_000


def test_speech_that_was_clipped_hard_leaves_no_loop_that_is_believed(
    whisper: WhisperTranscriber,
) -> None:
    sound = _sixteen(speech(70))
    hiss = np.random.default_rng(0).normal(0, 0.03, len(sound))
    clipped = np.asarray(np.clip((sound + hiss) * 30, -0.99, 0.99), np.float32)
    words = _heard_by(whisper, clipped)
    texts = [fold(word.text).strip(" .,") for word in words]
    runs = Counter(tuple(texts[n : n + 8]) for n in range(len(texts) - 7))
    assert max(runs.values()) == 1  # no eight words twice (D-214)
    assert len(words) > 60
