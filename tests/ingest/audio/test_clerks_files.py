"""Recordings as clerks have them: every microphone is heard, damage and what is cut are told."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ingest.audio.decode import Decoded, Pcm, decode
from ingest.audio.line import FileLine
from ingest.audio.mix import Mixer
from ingest.errors import BadInput
from ingest.transcript import Span
from tests.support.media import (
    RATE,
    Samples,
    cut,
    noise,
    overwrite,
    silence,
    speech,
    write_channels,
    write_streams,
)


def _read(path: Path, stream: int = 0) -> tuple[Samples, FileLine]:
    line = FileLine(path, stream)
    return np.concatenate([samples for samples, _ in line.pieces()]), line


def _level(samples: Samples) -> float:
    """Decibels."""
    return float(10 * np.log10(np.mean((samples / 32_768.0) ** 2) + 1e-12))


@pytest.mark.parametrize(("channels", "live"), [(2, 0), (2, 1), (3, 2), (6, 3), (6, 5), (16, 9)])
@pytest.mark.parametrize("hiss", [None, -60.0])
def test_a_voice_on_any_one_channel_is_heard_at_its_level(
    channels: int, live: int, hiss: float | None, tmp_path: Path
) -> None:
    voice = speech()
    others = [silence(voice) if hiss is None else noise(voice, hiss, n) for n in range(channels)]
    others[live] = voice
    mixed, line = _read(write_channels(tmp_path / "table.wav", others))
    assert _level(mixed) == pytest.approx(_level(voice), abs=0.5)
    assert len(mixed) == len(voice)
    assert not line.is_inverted


def test_a_voice_that_spills_into_other_microphones_keeps_its_level(tmp_path: Path) -> None:
    voice = speech()
    spilt = [noise(voice, -60.0, n) + voice // 10 for n in range(8)]
    spilt[4] = voice
    mixed, _ = _read(write_channels(tmp_path / "table.wav", spilt))
    assert _level(mixed) == pytest.approx(_level(voice), abs=1.5)


def test_soft_and_loud_microphones_are_both_heard_at_their_levels(tmp_path: Path) -> None:
    voice = speech()
    half = len(voice) // 2
    loud, soft = voice.copy(), voice // 8
    loud[half:], soft[:half] = 0, 0
    hiss = [noise(voice, -70.0, n) for n in range(4)]
    mixed, _ = _read(write_channels(tmp_path / "table.wav", [loud, *hiss, soft]))
    assert _level(mixed[:half]) == pytest.approx(_level(loud[:half]), abs=0.5)
    assert _level(mixed[half:]) == pytest.approx(_level(soft[half:]), abs=1.0)


def test_one_voice_on_both_channels_is_not_doubled(tmp_path: Path) -> None:
    mixed, _ = _read(write_channels(tmp_path / "stéréo.wav", [speech(), speech()]))
    assert _level(mixed) == pytest.approx(_level(speech()), abs=0.1)


def test_two_loud_voices_at_once_are_not_clipped() -> None:
    loud = np.random.default_rng(3).uniform(-0.95, 0.95, (2, RATE)).astype(np.float32)
    mixed = Mixer().mix(loud)
    assert np.abs(mixed).max() <= 1.0


@pytest.mark.parametrize("hiss", [None, -55.0])
def test_inverted_channels_are_heard_and_told(hiss: float | None, tmp_path: Path) -> None:
    voice = speech()
    other = -voice if hiss is None else -voice + noise(voice, hiss)
    path = write_channels(tmp_path / "inversé.wav", [voice, other])
    mixed, line = _read(path)
    assert _level(mixed) == pytest.approx(_level(voice), abs=0.5)
    assert line.is_inverted
    assert any("inverse" in note for note in _decode(tmp_path, path).notes)


def _decode(folder: Path, *files: Path, streams: tuple[int, ...] = ()) -> Decoded:
    target = folder / "decoded"
    target.mkdir(exist_ok=True)
    return decode(files, target, 3_600_000, lambda _: None, streams)


def test_the_stream_that_is_asked_for_is_decoded(tmp_path: Path) -> None:
    path = write_streams(tmp_path / "deux.mp4", [silence(speech()), speech()])
    assert np.abs(_read(path, 0)[0]).max() == 0
    assert _level(_read(path, 1)[0]) == pytest.approx(_level(speech()), abs=0.5)
    with pytest.raises(BadInput, match=r"2 piste.*la piste 3"):
        _read(path, 2)


@pytest.mark.parametrize("container", ["mp4", "matroska", "avi"])
def test_a_picture_longer_than_the_sound_is_no_truncation(container: str, tmp_path: Path) -> None:
    path = write_streams(tmp_path / f"a.{container}", [speech()], container, picture_s=30)
    assert len(_read(path)[0]) / RATE == pytest.approx(20.0, abs=0.1)


@pytest.mark.parametrize(
    ("name", "container", "codec", "options"),
    [
        ("a.mp4", "mp4", "aac", {}),
        ("tete.mp4", "mp4", "aac", {"movflags": "faststart"}),
        ("a.mp3", "mp3", "libmp3lame", {}),
        ("a.wav", "wav", "pcm_s16le", {}),
        ("a.avi", "avi", "libmp3lame", {}),
        ("a.aiff", "aiff", "pcm_s16be", {}),
        ("a.caf", "caf", "pcm_s16le", {}),
        ("a.mkv", "matroska", "aac", {}),
        ("a.flv", "flv", "libmp3lame", {}),
    ],
)
def test_a_recording_cut_in_half_is_noticed(
    name: str, container: str, codec: str, options: dict[str, str], tmp_path: Path
) -> None:
    rate = 44_100 if container == "flv" else RATE
    given = {"container": container, "codec": codec, "options": options, "rate": rate}
    whole = write_streams(tmp_path / name, [speech()], **given)  # type: ignore[arg-type]
    assert len(_read(whole)[0]) / RATE == pytest.approx(20.0, abs=0.2)
    with pytest.raises(BadInput, match=f"{name}.*tronqué"):
        _read(cut(whole))


@pytest.mark.parametrize("announced", [0, 0xFFFFFFFF, 0x7FFFF024])
def test_a_wave_file_whose_length_was_never_written_is_read_to_its_end(
    announced: int, tmp_path: Path
) -> None:
    path = write_channels(tmp_path / "enregistreur.wav", [speech()])
    content = bytearray(path.read_bytes())
    content[4:8] = content[40:44] = announced.to_bytes(4, "little")
    path.write_bytes(content)
    assert len(_read(path)[0]) / RATE == pytest.approx(20.0, abs=0.1)


@pytest.mark.parametrize("first", ["mono", "stereo"])
@pytest.mark.parametrize("rate", [48_000, 44_100])
def test_parts_of_different_kinds_glued_into_one_mp3_are_all_heard(
    first: str, rate: int, tmp_path: Path
) -> None:
    parts = []
    for layout in (first, "mono" if first == "stereo" else "stereo"):
        written = write_streams(
            tmp_path / f"{layout}.mp3",
            [speech()],
            "mp3",
            "libmp3lame",
            layout=layout,
            rate=rate if layout == "mono" else 48_000,
        )
        parts.append(written.read_bytes())
    glued = tmp_path / "collé.mp3"
    glued.write_bytes(b"".join(parts))
    mixed, _ = _read(glued)
    assert len(mixed) / RATE == pytest.approx(40.0, abs=0.3)
    # A voice that was put on two channels is 3 dB lower on each.
    assert _level(mixed[22 * RATE :]) == pytest.approx(_level(speech()[2 * RATE :]) - 1.5, abs=2.5)


def _loudness(samples: Samples) -> NDArray[np.float64]:
    """Of every twentieth of a second."""
    power = np.mean(samples.reshape(-1, RATE // 20).astype(np.float64) ** 2, axis=1)
    return np.asarray(np.sqrt(power))


@pytest.mark.parametrize("seed", [1, None])
@pytest.mark.parametrize(
    ("name", "container", "codec", "longest_ms"),
    [
        ("a.m4a", "mp4", "aac", 4_000),
        ("a.mkv", "matroska", "aac", 9_000),
        ("a.mp3", "mp3", "libmp3lame", 4_000),
        ("a.ogg", "ogg", "libopus", 5_000),
        ("a.flac", "flac", "flac", 3_000),
    ],
)
def test_damage_in_the_middle_is_silent_told_and_moves_nothing(
    name: str, container: str, codec: str, longest_ms: int, seed: int | None, tmp_path: Path
) -> None:
    path = write_streams(tmp_path / name, [speech(40)], container, codec)
    before, _ = _read(path)
    after, line = _read(overwrite(path, 25_000, seed))
    assert len(after) / RATE == pytest.approx(len(before) / RATE, abs=0.3)
    (damaged,) = line.damaged
    assert 15_000 < damaged.start_ms < damaged.end_ms < 29_000
    assert damaged.end_ms - damaged.start_ms < longest_ms
    at = (damaged.start_ms * 48 + 480, damaged.end_ms * 48 - 480)
    assert np.abs(after[slice(*at)]).max() < 400  # the codec's own ringing at most
    # What follows is where it was: the same sound at the same time.
    late = slice(30 * RATE, 38 * RATE)
    assert np.corrcoef(_loudness(before[late]), _loudness(after[late]))[0, 1] > 0.9


@pytest.mark.parametrize("seed", range(1, 4))
def test_two_damages_and_one_that_reaches_the_end_leave_the_rest(seed: int, tmp_path: Path) -> None:
    path = write_streams(tmp_path / "a.m4a", [speech(40)])
    content = bytearray(path.read_bytes())
    end = content.rfind(b"moov") - 4
    for at in (100_000, 300_000, end - 9_000):  # random bytes may have the decoder change its kind
        content[at : at + 9_000] = np.random.default_rng(seed + at).bytes(9_000)
    path.write_bytes(content)
    mixed, line = _read(path)
    assert len(mixed) / RATE == pytest.approx(40.0, abs=0.3)
    assert len(line.damaged) == 3
    assert sum(one.end_ms - one.start_ms for one in line.damaged) < 4_000
    late = slice(30 * RATE, 38 * RATE)
    assert np.corrcoef(_loudness(speech(40)[late]), _loudness(mixed[late]))[0, 1] > 0.9


def test_damage_is_a_stretch_of_the_session_line(tmp_path: Path) -> None:
    first = write_streams(tmp_path / "1.m4a", [speech()])
    second = overwrite(write_streams(tmp_path / "2.m4a", [speech(40)]), 25_000)
    decoded = _decode(tmp_path, first, second)
    (damaged,) = decoded.damaged
    assert 30_000 < damaged.start_ms < 60_000
    assert np.abs(Pcm(decoded.pcm).read(damaged.start_ms + 20, damaged.end_ms - 20)).max() < 0.01
    assert any("abîmé" in note for note in decoded.notes)


def test_a_file_without_damage_has_none(tmp_path: Path) -> None:
    for name, container, codec in (("a.mp4", "mp4", "aac"), ("a.ogg", "ogg", "libopus")):
        path = write_streams(tmp_path / name, [speech()], container, codec, picture_s=0)
        assert _read(path)[1].damaged == ()


@pytest.mark.parametrize(
    ("name", "container", "codec", "rate"),
    [
        ("a.avi", "avi", "libmp3lame", 48_000),
        ("a.ts", "mpegts", "aac", 48_000),
        ("a.mpg", "mpeg", "mp2", 48_000),
        ("a.flv", "flv", "libmp3lame", 44_100),
        ("a.caf", "caf", "pcm_s16le", 48_000),
        ("a.wma", "asf", "wmav2", 44_100),
        ("a.amr", "amr", "amr_nb", 8_000),
    ],
)
def test_what_the_decoder_reads_is_accepted(
    name: str, container: str, codec: str, rate: int, tmp_path: Path
) -> None:
    path = write_streams(tmp_path / name, [speech()], container, codec, rate=rate)
    mixed, _ = _read(path)
    assert len(mixed) / RATE == pytest.approx(20.0, abs=0.3)
    assert _level(mixed) == pytest.approx(_level(speech()), abs=3.0)


def test_any_other_format_is_told_with_what_to_do(tmp_path: Path) -> None:
    path = write_streams(tmp_path / "a.au", [speech()], "au", "pcm_s16be")
    with pytest.raises(BadInput, match=r"a\.au.*format non accepté : convertissez-le en MP4"):
        _read(path)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("ordre.mp4", "1. Ouverture de la séance\n".encode() * 40, "est un texte"),
        ("notes.mp3", "Procès-verbal de la séance\r\n".encode("cp1252") * 9, "est un texte"),
        ("liste.wav", "nom;groupe\n".encode("utf-16") * 30, "est un texte"),
        ("page.mp4", b"\n<!DOCTYPE html><html><body>Connexion</body></html>", "page web"),
        ("pv.mp3", b"%PDF-1.7\n" + bytes(range(256)) * 9, "document PDF"),
        ("pv.m4a", b"PK\x03\x04" + bytes(range(256)) * 9, "document ou une archive"),
        ("bruit.mp4", bytes(range(7, 256)) * 200, "pas un enregistrement lisible"),
    ],
)
def test_what_is_no_recording_is_told_as_what_it_is(
    name: str, content: bytes, told: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadInput, match=told):
        _decode(tmp_path, path)


def test_a_tenth_of_a_second_is_told_as_such(tmp_path: Path) -> None:
    path = write_channels(tmp_path / "court.wav", [speech()[:4_800]])
    with pytest.raises(BadInput, match=r"court\.wav.*0,1 s de son"):
        _decode(tmp_path, path)


def test_a_mark_tells_of_damage_and_notes_again(tmp_path: Path) -> None:
    from ingest.audio.decode import decode_once

    path = overwrite(write_streams(tmp_path / "a.m4a", [speech(40)]), 25_000)
    folder = tmp_path / "decoded"
    folder.mkdir()
    first = decode_once(folder, lambda: _decode(tmp_path, path))
    assert decode_once(folder, lambda: pytest.fail("it is there")) == first
    assert isinstance(first.damaged[0], Span)
