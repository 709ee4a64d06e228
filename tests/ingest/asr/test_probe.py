"""What is in a file is told at once: its length, in which stream somebody speaks, what is wrong."""

from pathlib import Path

import numpy as np
import pytest

from ingest.asr.probe import choose_streams, probe_file
from tests.conftest import tone
from tests.support.media import (
    RATE,
    cut,
    silence,
    speech,
    write_channels,
    write_streams,
)


def test_length_channels_and_speech_are_told(tmp_path: Path) -> None:
    sound = probe_file(write_channels(tmp_path / "a.wav", [speech(), speech()]))
    assert sound.duration_ms == pytest.approx(20_000, abs=50)
    (stream,) = sound.streams
    assert stream.channels == 2
    assert stream.is_spoken and not stream.is_silent
    assert sound.notes() == () and sound.problem == ""


@pytest.mark.parametrize("container", ["mp4", "matroska"])
def test_of_several_streams_the_one_with_speech_is_chosen(container: str, tmp_path: Path) -> None:
    voice = speech()
    music = tone(440, len(voice) / RATE)
    path = write_streams(tmp_path / f"a.{container}", [music, silence(voice), voice], container)
    sound = probe_file(path)
    assert sound.chosen == 2
    assert choose_streams((path,), ()) == (2,)
    assert choose_streams((path,), (0,)) == (0,)
    assert "la piste 3" in " ".join(sound.notes())


def test_of_two_streams_with_speech_the_first_is_taken_and_told(tmp_path: Path) -> None:
    interpreter = np.roll(speech(), 8 * RATE)
    sound = probe_file(write_streams(tmp_path / "salle.mp4", [speech(), interpreter]))
    assert sound.chosen == 0
    assert all(stream.is_spoken for stream in sound.streams)
    assert "2 pistes son : la piste 1" in sound.notes()[0]


def test_speech_late_in_a_long_recording_is_found(tmp_path: Path) -> None:
    waiting = np.zeros(100 * RATE, np.int16)  # longer than what is listened to whole
    long = np.concatenate([waiting, *[speech()] * 2])
    sound = probe_file(write_streams(tmp_path / "long.mp3", [long], "mp3", "libmp3lame"))
    assert sound.duration_ms == pytest.approx(140_000, abs=500)
    assert sound.streams[0].is_spoken


@pytest.mark.parametrize(
    ("samples", "told"),
    [(silence(speech()), "que du silence"), (tone(440, 20.0), "Aucune parole")],
)
def test_a_recording_without_speech_is_usable_and_told(
    samples: "np.ndarray[tuple[int], np.dtype[np.int16]]", told: str, tmp_path: Path
) -> None:
    sound = probe_file(write_streams(tmp_path / "a.m4a", [samples]))
    assert sound.problem == ""
    assert told in " ".join(sound.notes())


def test_inverted_channels_are_told(tmp_path: Path) -> None:
    sound = probe_file(write_channels(tmp_path / "a.wav", [speech(), -speech()]))
    assert sound.is_inverted and sound.streams[0].is_spoken
    assert "inverse" in " ".join(sound.notes())


@pytest.mark.parametrize("options", [{}, {"movflags": "faststart"}])
def test_a_cut_mp4_is_told_before_it_is_decoded(options: dict[str, str], tmp_path: Path) -> None:
    path = cut(write_streams(tmp_path / "coupé.mp4", [speech(40)], options=options))
    assert "tronqué" in probe_file(path).problem


def test_each_fault_has_its_own_sentence(tmp_path: Path) -> None:
    text, short = tmp_path / "notes.mp3", tmp_path / "court.wav"
    text.write_text("Ordre du jour de la séance.\n" * 30)
    write_channels(short, [speech()[: RATE // 10]])
    other = write_streams(tmp_path / "a.au", [speech()], "au", "pcm_s16be")
    broken = cut(write_streams(tmp_path / "coupé.mp4", [speech()]))
    told = [probe_file(path).problem for path in (text, short, other, broken)]
    for words, problem in zip(
        ("texte", "0,1 s", "format non accepté", "tronqué"), told, strict=True
    ):
        assert words in problem
    assert len(set(told)) == len(told)
