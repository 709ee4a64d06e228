"""Decoding: one time line out of any accepted file, and one clear sentence for any other."""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from ingest.audio.decode import Decoded, Pcm, decode, decode_once
from ingest.audio.encode import Encoder, frame_of
from ingest.errors import BadInput
from tests.conftest import tone

WriteAudio = Callable[..., Path]
HOUR_MS = 3_600_000

SDP = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"


def _decode(folder: Path, *files: Path, max_ms: int = HOUR_MS) -> Decoded:
    target = folder / "decoded"
    target.mkdir(exist_ok=True)
    return decode(tuple(files), target, max_ms, lambda fraction: None)


def _pitch(samples: np.ndarray, rate: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * rate / len(samples))


@pytest.mark.parametrize(
    "name", ["a.wav", "a.mp3", "a.flac", "a.ogg", "a.m4a", "a.mp4", "a.webm", "a.mkv"]
)
def test_every_accepted_format_gives_the_same_time_line(
    name: str, write_audio: WriteAudio, tmp_path: Path
) -> None:
    source = np.concatenate([tone(440, 1.0), tone(880, 1.0)])
    decoded = _decode(tmp_path, write_audio(name, source))
    pcm = Pcm(decoded.pcm)
    assert decoded.durations_ms[0] == pytest.approx(2000, abs=70)
    assert _pitch(pcm.read(200, 800), 16_000) == pytest.approx(440, abs=5)
    assert _pitch(pcm.read(1200, 1800), 16_000) == pytest.approx(880, abs=5)


def test_listening_files_keep_the_time_line(write_audio: WriteAudio, tmp_path: Path) -> None:
    silence = np.zeros(48_000, np.int16)
    decoded = _decode(tmp_path, write_audio("a.wav", np.concatenate([silence, tone(440, 1.0)])))
    for path in (decoded.opus, decoded.mp3):
        again = tmp_path / path.suffix[1:]
        again.mkdir()
        heard = Pcm(decode((path,), again, HOUR_MS, lambda fraction: None).pcm).read(0, 2100)
        onset_ms = int(np.argmax(np.abs(heard) > 0.05)) / 16
        assert onset_ms == pytest.approx(1000, abs=30)


def test_parts_follow_each_other(write_audio: WriteAudio, tmp_path: Path) -> None:
    first, second = write_audio("1.wav", tone(440, 1.5)), write_audio("2.flac", tone(880, 0.5))
    decoded = _decode(tmp_path, first, second)
    assert decoded.durations_ms == (1500, 500)
    assert _pitch(Pcm(decoded.pcm).read(1550, 1950), 16_000) == pytest.approx(880, abs=5)


def test_a_gap_in_the_clock_becomes_silence(tmp_path: Path) -> None:
    path = tmp_path / "gap.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libopus", rate=48_000, layout="mono")
        for start in (0, 3):
            for n in range(50):
                frame = frame_of(tone(440, 0.02), 48_000, start * 48_000 + n * 960)
                container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    decoded = _decode(tmp_path, path)
    pcm = Pcm(decoded.pcm)
    assert pcm.duration_ms == pytest.approx(4000, abs=60)
    assert np.abs(pcm.read(1500, 2800)).max() < 0.01
    assert np.abs(pcm.read(3200, 3800)).max() > 0.1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notes.mp3", "Ceci n'est pas un son, mais un texte assez long. " * 50),
        ("liste.mp3", "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nsecret.wav\n#EXT-X-ENDLIST"),
        ("liste.mp4", "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n"),
        ("liste.m3u8", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nliste.mp3\n"),
        ("concat.wav", "ffconcat version 1.0\nfile secret.wav\n"),
        ("concats.wav", "ffconcat version 1.0\nfile concat.wav\n"),
        ("direct.wav", f"{SDP}m=audio 5004 RTP/AVP 0\na=rtpmap:0 PCMU/8000\n"),
        ("direct.sdp", f"{SDP}m=audio 5004 RTP/AVP 0\na=rtpmap:0 PCMU/8000\n"),
        (
            "dash.m4a",
            '<MPD><Period><AdaptationSet mimeType="audio/mp4"><Representation id="1">'
            "<BaseURL>secret.wav</BaseURL></Representation></AdaptationSet></Period></MPD>",
        ),
        ("rtsp.mov", "RTSPtext\nrtsp://127.0.0.1:9/x\n"),
        ("smil.mov", 'SMILtext<smil><audio src="secret.wav"/></smil>'),
        ("liste.pls", "[playlist]\nFile1=secret.wav\n"),
        ("liste.asx", '<asx><entry><ref href="secret.wav"/></entry></asx>'),
    ],
)
def test_what_is_not_a_recording_is_refused_by_name(
    name: str, content: str, write_audio: WriteAudio, tmp_path: Path
) -> None:
    write_audio("secret.wav", tone(440, 1.0))  # what a playlist would read if we let it
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(BadInput, match=name):
        _decode(tmp_path, path)


@pytest.mark.parametrize(
    "name", ["concat:secret.wav|b.wav", "data:audio.wav", "-i.wav", "a\n%d.wav"]
)
def test_a_name_is_a_name_and_no_address(
    name: str, write_audio: WriteAudio, tmp_path: Path
) -> None:
    path = write_audio("a.wav", tone(440, 1.0)).rename(tmp_path / name)
    assert _decode(tmp_path, path).durations_ms == (1_000,)


def test_hours_of_silence_that_take_no_room_are_counted_like_any_others(tmp_path: Path) -> None:
    path = tmp_path / "vide.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libopus", rate=48_000, layout="mono")
        for hour in range(3):  # a moment of each, with nothing in between but the clock
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 960), np.int16), "s16", "mono")
            frame.sample_rate, frame.pts = 48_000, hour * 3_500 * 48_000
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert path.stat().st_size < 5_000
    with pytest.raises(BadInput, match="trop long"):
        _decode(tmp_path, path, max_ms=60_000)


def test_a_picture_without_sound_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "muet.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=5)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for _ in range(5):
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(BadInput, match="pas de piste audio"):
        _decode(tmp_path, path)


def test_a_recording_that_is_too_long_is_refused(write_audio: WriteAudio, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="trop long"):
        _decode(tmp_path, write_audio("a.wav", tone(440, 2.0)), max_ms=1000)


@pytest.mark.parametrize("name", ["a.flac", "a.mkv"])
def test_a_truncated_recording_is_not_taken_for_a_whole_one(
    name: str, write_audio: WriteAudio, tmp_path: Path
) -> None:
    path = write_audio(name, tone(440, 20.0))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 3])
    with pytest.raises(BadInput, match="tronqué"):
        _decode(tmp_path, path)


def test_a_damaged_recording_is_read_as_far_as_it_goes(
    write_audio: WriteAudio, tmp_path: Path
) -> None:
    path = write_audio("a.mp3", tone(440, 4.0))
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 2000] = bytes(2000)
    path.write_bytes(content)
    assert sum(_decode(tmp_path, path).durations_ms) > 2000


def test_decoding_is_not_done_twice(write_audio: WriteAudio, tmp_path: Path) -> None:
    made = []

    def decode_all() -> Decoded:
        made.append(1)
        return _decode(tmp_path, write_audio("a.wav", tone(440, 0.5)))

    folder = tmp_path / "decoded"
    folder.mkdir()
    assert decode_once(folder, decode_all) == decode_once(folder, decode_all)
    assert len(made) == 1
    (folder / "listen.opus").unlink()
    decode_once(folder, decode_all)
    assert len(made) == 2


def test_encoder_takes_pieces_of_any_length(tmp_path: Path) -> None:
    path = tmp_path / "pieces.ogg"
    encoder = Encoder(path, "ogg", "libopus", 48_000, 24_000)
    for length in (1, 479, 481, 10_000, 37_039):
        encoder.write(tone(440, 1.0)[:length])
    encoder.close()
    decoded = _decode(tmp_path, path)
    assert sum(decoded.durations_ms) == pytest.approx(1000, abs=25)
