"""A clip is the right stretch of sound, of the right length, softened at both ends."""

import io
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from api.answers.clip import LONGEST_CLIP_MS, PAD_MS, RATE, copied, cut
from ingest.errors import BadInput, Corrupt

SECONDS = 30


def frequency_of(second: int) -> int:
    return 300 + 50 * second


@pytest.fixture(scope="module")
def sitting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty seconds of listening file; each second is a tone of its own."""
    path = tmp_path_factory.mktemp("clip") / "listen.opus"
    seconds = np.arange(RATE) / RATE
    wave = [np.sin(2 * np.pi * frequency_of(n) * seconds) for n in range(SECONDS)]
    samples = (0.05 * 32767 * np.concatenate(wave)).astype(np.int16).reshape(1, -1)
    with av.open(str(path), "w", format="ogg") as out:
        stream = out.add_stream("libopus", rate=RATE, layout="mono", bit_rate=24_000)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, 0
        resampler = av.AudioResampler(format=stream.format, layout="mono", rate=RATE)
        for block in (*resampler.resample(frame), None):
            out.mux(stream.encode(block))
    return path


def heard(clip: bytes) -> NDArray[np.float64]:
    with av.open(io.BytesIO(clip)) as container:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        blocks = [
            block.to_ndarray()[0]
            for frame in container.decode(audio=0)
            for block in resampler.resample(frame)
        ]
    return np.concatenate(blocks) / 32768


def pitch(samples: NDArray[np.float64]) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * RATE / len(samples))


@pytest.mark.parametrize("extension", ["opus", "mp3"])
@pytest.mark.parametrize("second", [0, 7, 17, 28])
def test_a_clip_holds_the_sound_of_its_interval(sitting: Path, second: int, extension: str) -> None:
    start = second * 1000
    sound = heard(cut(sitting, start, start + 1000, SECONDS * 1000, extension))
    lead = (min(start, PAD_MS)) * RATE // 1000
    middle = sound[lead + RATE // 10 : lead + RATE * 9 // 10]
    assert pitch(middle) == pytest.approx(frequency_of(second), abs=3)


@pytest.mark.parametrize("extension", ["opus", "mp3"])
def test_a_clip_begins_and_ends_where_it_should(sitting: Path, extension: str) -> None:
    """Second 9 gives way to second 10 in the middle: the change is heard at 500 ms + the pad."""
    sound = heard(cut(sitting, 9500, 10_500, SECONDS * 1000, extension))
    assert len(sound) == pytest.approx((1000 + 2 * PAD_MS) * RATE // 1000, abs=RATE // 20)
    times = np.arange(len(sound)) / RATE
    window = RATE // 50

    def level(frequency: int) -> NDArray[np.float64]:
        demodulated = sound * np.exp(-2j * np.pi * frequency * times)
        return np.abs(np.convolve(demodulated, np.ones(window) / window, mode="same"))

    before, after = level(frequency_of(9)), level(frequency_of(10))
    change = int(np.argmax(after > before)) / RATE * 1000
    assert change == pytest.approx(500 + PAD_MS, abs=15)


def test_a_clip_never_leaves_the_session(sitting: Path) -> None:
    total = SECONDS * 1000
    first = heard(cut(sitting, 0, 500, total, "opus"))
    last = heard(cut(sitting, total - 500, total, total, "opus"))
    for sound in (first, last):
        assert len(sound) / RATE * 1000 == pytest.approx(500 + PAD_MS, abs=30)


def test_a_quiet_voice_is_made_as_loud_as_the_others_and_faded(sitting: Path) -> None:
    sound = heard(cut(sitting, 4000, 6000, SECONDS * 1000, "opus"))
    loudness = 20 * np.log10(np.sqrt(np.mean(sound**2)))
    assert loudness == pytest.approx(-20, abs=1)
    assert np.abs(sound[:100]).max() < 0.02
    assert np.abs(sound).max() < 1


@pytest.mark.parametrize(("start_ms", "end_ms"), [(5, 5), (10, 9), (-1, 5), (0, 30_001)])
def test_an_impossible_interval_is_refused(sitting: Path, start_ms: int, end_ms: int) -> None:
    with pytest.raises(BadInput, match="intervalle"):
        cut(sitting, start_ms, end_ms, SECONDS * 1000, "mp3")


def test_a_clip_longer_than_any_quotation_is_refused(sitting: Path) -> None:
    with pytest.raises(BadInput, match="90 s au plus"):
        cut(sitting, 0, LONGEST_CLIP_MS + 1, LONGEST_CLIP_MS * 2, "mp3")


def test_a_listening_file_shorter_than_its_session_is_reported(sitting: Path) -> None:
    with pytest.raises(Corrupt, match="ne contient pas l'intervalle"):
        cut(sitting, 50_000, 51_000, 60_000, "mp3")


@pytest.mark.parametrize("start_ms", [0, 30, 7_005, 17_000, 28_990])
def test_a_copied_interval_is_the_sitting_from_a_packet_before_it_on(
    sitting: Path, start_ms: int
) -> None:
    whole = heard(sitting.read_bytes())
    part = heard(copied(sitting, start_ms, start_ms + 1000, SECONDS * 1000))
    begin_ms = max(0, start_ms - PAD_MS) // 20 * 20  # as player.js reckons
    settled = RATE // 10 if begin_ms else 0
    rest = whole[begin_ms * RATE // 1000 :][settled : len(part)]
    assert len(rest) >= (start_ms + 1000 - begin_ms) * RATE // 1000 - settled
    assert np.abs(rest - part[settled : settled + len(rest)]).max() < 0.01
