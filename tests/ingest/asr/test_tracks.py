"""One file per participant: whose they are, one line for all, no echo in another's mouth."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ingest.asr.tracks import decode_tracks, interleave, own_speech, participant_of
from ingest.audio.decode import Pcm
from ingest.errors import BadInput
from ingest.transcript import Span, Turn, Word
from tests.conftest import tone, words

RATE = 16_000


@pytest.mark.parametrize(
    ("name", "participant"),
    [
        ("audioClaireFontanet21234567890.m4a", "Claire Fontanet"),
        ("audioJeanMarcDelcourt11234567890.m4a", "Jean Marc Delcourt"),
        ("Claire Fontanet.wav", "Claire Fontanet"),
        ("claire_fontanet-2.mp3", "claire fontanet"),
        ("audio.m4a", "audio"),
        ("Salle du conseil.m4a", "Salle du conseil"),
        ("Élise N'Diaye.ogg", "Élise N'Diaye"),
        ("1234.wav", "1234"),
        ("01 - Claire Fontanet.wav", "Claire Fontanet"),
    ],
)
def test_a_file_is_named_after_its_participant(name: str, participant: str) -> None:
    assert participant_of(Path(name)) == participant


def test_tracks_begin_together_and_their_sum_is_heard(
    write_audio: Callable[..., Path], tmp_path: Path
) -> None:
    files = (write_audio("a.wav", tone(300, 3.0)), write_audio("b.wav", tone(400, 2.0)))
    decoded = decode_tracks(files, tmp_path, 60_000, lambda fraction: None)
    assert decoded.durations_ms == (3_000, 2_000)
    together = Pcm(decoded.pcm)
    first, second = (Pcm(decoded.track(n)) for n in range(2))
    assert together.duration_ms == first.duration_ms == second.duration_ms == 3_000
    assert np.abs(second.read(2_100, 3_000)).max() < 0.01
    heard = np.abs(np.fft.rfft(together.read(500, 1_500)))
    assert heard[300] > 0.3 * heard.max() and heard[400] > 0.3 * heard.max()


def test_a_track_that_is_too_long_or_empty_is_reported(
    write_audio: Callable[..., Path], tmp_path: Path
) -> None:
    files = (write_audio("a.wav", tone(300, 3.0)), write_audio("b.wav", tone(400, 0.1)))
    with pytest.raises(BadInput, match=r"b\.wav"):
        decode_tracks(files, tmp_path, 60_000, lambda fraction: None)
    with pytest.raises(BadInput, match=r"a\.wav.*trop long"):
        decode_tracks(files, tmp_path, 1_000, lambda fraction: None)


def _track(path: Path, *loud: tuple[int, int, float], seconds: int = 12) -> Pcm:
    """Noise between two milliseconds, at a level, over very little of it everywhere."""
    noise = np.random.default_rng(7).standard_normal(seconds * RATE)
    level = np.full(seconds * RATE, 1e-4)
    for start, end, value in loud:
        level[start * RATE // 1000 : end * RATE // 1000] = value
    (np.clip(noise * level, -1, 1) * 32767).astype("<i2").tofile(path)
    return Pcm(path)


def test_what_a_loudspeaker_says_is_not_its_owners(tmp_path: Path) -> None:
    """A speaks, B answers softly; each hears the other 20 dB lower; C only ever listens."""
    a = _track(tmp_path / "a", (0, 4000, 0.1), (5000, 8000, 0.003))
    b = _track(tmp_path / "b", (0, 4000, 0.01), (5000, 8000, 0.03))
    c = _track(tmp_path / "c", (0, 4000, 0.02), (5000, 8000, 0.004))
    everything = (Span(0, 4000), Span(5000, 8000))
    own = own_speech([a, b, c], [everything] * 3)
    assert own == ((Span(0, 4000),), (Span(5000, 8000),), ())


def test_two_who_speak_at_once_are_both_kept(tmp_path: Path) -> None:
    a = _track(tmp_path / "a", (0, 6000, 0.1))
    b = _track(tmp_path / "b", (0, 6000, 0.004), (2000, 4000, 0.05), (8000, 9000, 0.05))
    own = own_speech([a, b], [(Span(0, 6000),), (Span(0, 6000), Span(8000, 9000))])
    assert own == ((Span(0, 6000),), (Span(2000, 4000), Span(8000, 9000)))


def test_what_two_microphones_hear_alike_is_kept_once_without_a_speaker() -> None:
    """A speaker without a track of his own, heard by both microphones beside him."""
    a = Turn(0, "P1", words("Le groupe libéral votera tout de même.", 1_000))
    b = Turn(0, "P2", words("Le groupe libéral voterat où de même.", 1_100))
    c = Turn(0, "P3", words("Je ne suis pas du tout de cet avis.", 1_000))
    turns, twice = interleave([[a], [b], [c]])
    assert [(t.speaker, t.text) for t in turns] == [(None, a.text), ("P3", c.text)]
    assert twice == (Span(a.start_ms, a.end_ms),)


def test_turns_of_two_tracks_follow_each_other_by_whole_sentences() -> None:
    def said(label: str, *words: tuple[int, str]) -> Turn:
        return Turn(0, label, tuple(Word(at, at + 400, text, 0.9) for at, text in words))

    a = said("P1", (0, "Je"), (500, "parle"), (1500, "encore."), (3000, "Merci."))
    b = said("P2", (1000, "Bravo."), (2000, "Oui."))
    turns, twice = interleave([[a], [b]])
    assert twice == ()
    assert [(t.index, t.speaker, t.text) for t in turns] == [
        (0, "P1", "Je parle encore."),
        (1, "P2", "Bravo. Oui."),
        (2, "P1", "Merci."),
    ]
