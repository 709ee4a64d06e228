"""From speech to words: packs, their places, and what is heard twice."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import faster_whisper
import numpy as np
import pytest

from ingest.asr.whisper import WhisperTranscriber, batches, join_speech, packs
from ingest.audio.encode import SAMPLE_RATE
from ingest.settings import Settings
from ingest.transcript import Span, Word
from tests.bench.sounds import WORDLESS, Sound


def _noise(seconds: float) -> Sound:
    made = np.random.default_rng(0).normal(0, 0.1, int(seconds * SAMPLE_RATE))
    return made.astype(np.float32)


def test_packs_cover_all_speech_within_what_the_model_takes() -> None:
    for seconds in (0, 0.4, 29.99, 30, 30.1, 47, 600):
        audio = _noise(seconds)
        found = packs(audio)
        assert sum(p.end_ms - p.start_ms for p in found) == len(audio) * 1000 // SAMPLE_RATE
        assert all(0 < p.end_ms - p.start_ms <= 30_000 for p in found)
        assert all(a.end_ms == b.start_ms for a, b in pairwise(found))


def test_packs_are_cut_in_a_pause() -> None:
    audio = _noise(50)
    audio[int(26.5 * SAMPLE_RATE) : int(26.8 * SAMPLE_RATE)] = 0
    assert 26_500 <= packs(audio)[0].end_ms <= 26_800


def test_speech_is_joined_and_put_back_in_its_place() -> None:
    joined = join_speech(_noise(20), [Span(2_000, 3_000), Span(10_000, 12_000)])
    assert joined.chunks == (Span(1_800, 3_200), Span(9_800, 12_200))
    assert len(joined.audio) == 3_800 * SAMPLE_RATE // 1000
    assert joined.place(200, 600) == Span(2_000, 2_400)
    assert joined.place(1_600, 2_000) == Span(10_000, 10_400)
    assert joined.place(1_300, 1_900) == Span(9_800, 10_300)  # begins before the cut
    assert joined.around(Span(0, 3_800)) == Span(1_800, 12_200)


def test_speech_that_reaches_the_end_is_not_heard_beyond_it() -> None:
    assert join_speech(_noise(2), [Span(1_000, 2_000)]).chunks == (Span(800, 2_000),)
    assert len(join_speech(_noise(2), []).audio) == 0


def test_batches_keep_every_worker_busy() -> None:
    found = tuple(Span(n, n + 1) for n in range(21))
    assert [len(b) for b in batches(found, 2)] == [4, 4, 4, 4, 4, 1]
    assert [len(b) for b in batches(found[:3], 2)] == [2, 1]
    assert [len(b) for b in batches(found[:6], 2)] == [3, 3]
    assert batches((), 2) == []
    assert tuple(span for b in batches(found, 4) for span in b) == found


@dataclass
class _Library:
    """faster-whisper, as far as we use it: says what a test has it say, and keeps its calls."""

    at_once: Callable[[float, float], str]
    by_itself: str = ""
    heard_again: int = 0
    hotwords: Any = None

    def transcribe(self, audio: Sound, **asked: Any) -> tuple[Iterator[Any], None]:
        self.hotwords = asked["hotwords"]
        if "clip_timestamps" not in asked:
            self.heard_again += 1
            return iter([_segment(self.by_itself, 0, len(audio) / SAMPLE_RATE)]), None
        clips = [(clip["start"], clip["end"]) for clip in asked["clip_timestamps"]]
        return (_segment(self.at_once(a, b), a, b) for a, b in clips), None


def _segment(text: str, start: float, end: float) -> Any:
    texts = text.split()
    each = (end - start) / max(1, len(texts))
    heard = [
        SimpleNamespace(
            start=start + n * each, end=start + (n + 1) * each, word=f" {t}", probability=0.9
        )
        for n, t in enumerate(texts)
    ]
    return SimpleNamespace(seek=int(start * 100), words=heard, no_speech_prob=0.0, avg_logprob=-0.3)


@pytest.fixture
def hear(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., list[Word]]:
    """The words of a minute of speech, as a library tells them."""

    def words_by(library: _Library, hints: str = "") -> list[Word]:
        monkeypatch.setattr(faster_whisper, "WhisperModel", lambda *_, **__: library)
        monkeypatch.setattr(faster_whisper, "BatchedInferencePipeline", lambda model: model)
        settings = Settings(whisper="any", cache=tmp_path, threads=2)
        audio = _noise(60)
        return list(WhisperTranscriber(settings).words(audio, [Span(0, 60_000)], hints))

    return words_by


_FULL = " ".join(sha256(bytes([n])).hexdigest()[:6] for n in range(60))  # nothing repeats


def test_words_come_in_order_and_once(hear: Callable[..., list[Word]]) -> None:
    library = _Library(lambda start, _: f"à {start:.0f} " + _FULL)
    found = hear(library, "Rivemont, Fontanet")
    assert [w.text for w in found].count("à") == 3
    assert sorted(found, key=lambda w: w.start_ms) == found
    assert library.heard_again == 0 and library.hotwords == "Rivemont, Fontanet"


def test_what_was_dropped_is_heard_again_and_kept(hear: Callable[..., list[Word]]) -> None:
    library = _Library(lambda start, _: _FULL if start else "", "bonsoir " + _FULL)
    first = hear(library)[0]
    assert (first.start_ms, first.text) == (0, "bonsoir")
    assert library.heard_again == 1


def test_the_better_hearing_is_kept(hear: Callable[..., list[Word]]) -> None:
    loop = _Library(lambda start, _: _FULL if start else "de la rue " * 40, _FULL)
    assert "rue" not in {w.text for w in hear(loop)}
    worse = _Library(lambda start, _: _FULL if start else "la la la la la la la la la", "la")
    assert [w.text for w in hear(worse)].count("la") == 9


_FRENCH = "Le conseil municipal est d'avis que les crédits pour la place sont dans le budget. " * 3
_ENGLISH = "The council is of the opinion that the credits for this square are in the budget. " * 3


def test_what_is_written_in_another_language_is_heard_again(
    hear: Callable[..., list[Word]],
) -> None:
    drifting = _Library(lambda start, _: _FULL if start else _ENGLISH, _FRENCH)
    found = {w.text for w in hear(drifting)}
    assert "municipal" in found and "council" not in found
    really_said = _Library(lambda start, _: _FULL if start else _ENGLISH, _ENGLISH)
    assert " ".join(w.text for w in hear(really_said)).startswith(_ENGLISH)


def test_signs_alone_are_no_words(hear: Callable[..., list[Word]]) -> None:
    assert hear(_Library(lambda start, end: "… ? ...", "...")) == []


@pytest.mark.models
@pytest.mark.parametrize("kind", WORDLESS)
def test_nothing_is_heard_where_no_one_speaks(kind: str) -> None:
    from tests.bench.words import ours

    sound = WORDLESS[kind](90, np.random.default_rng(1))
    assert ours(Settings())(sound) == ""
