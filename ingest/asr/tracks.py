"""One file per participant: whose each is, all of them on one line, and what is said into each.

Knows how a platform names such files ("audioClaireFontanet21234567890.m4a"). All tracks begin
together. A microphone also hears what comes out of the loudspeaker beside it: in each track only
the stretches that belong to its own participant are kept.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import combinations, groupby, zip_longest
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.fuzz import ratio

from ingest.audio.decode import Decoded, Outputs, Pcm, duration_ms, lines_of, notes_on
from ingest.audio.encode import LINE_RATE, SAMPLE_RATE, PcmWriter
from ingest.audio.line import FileLine, Piece
from ingest.audio.sandbox import ReportProgress
from ingest.text import fold, sentence_ranges
from ingest.transcript import Span, Turn, Word, merge_spans

# All of these hold for the simulated rooms of D-047; they were chosen there, not measured apart.
_HOP_MS = 100  # between two levels: shorter than any turn, longer than a syllable's rise and fall
_APART_DB = 8.0  # less between the two differences of a pair, and they are one
_MOST_DB = 30.0  # more is silence on one side
_SLACK = 0.3  # of the way between them that both sides of the middle leave to each other
_SMOOTH = 5  # tenths of a second over which loudness is averaged
_QUIETEST = 1e-5  # -100 dB: digital silence has a level too
_GAP_MS, _LEAST_MS = 400, 500  # a pause inside a phrase; less than this is no word
_ALONE_MS = 1_500  # what is shorter, and not half of the speech it is in, is the edge of another's
_BLOCK_MS = 600_000  # read at a time: 38 MB of samples, however long the track

_SAME_TEXT = 60.0  # of 100: two microphones make two mishearings of one sentence
_NEAREST = 40  # sentences back that may be said at the same time

Levels = NDArray[np.float32]
Sentence = tuple[str | None, tuple[Word, ...]]
"""A label, and what is said under it."""


def participant_of(path: Path) -> str:
    """Whose track a file is: "audioClaireFontanet21234567890.m4a" is Claire Fontanet's."""
    begun = re.sub(r"^audio[_-]?(?=[A-ZÀ-Þ])|^\d+[\s._-]+", "", path.stem)
    stem = re.sub(r"(?<![\d_-])[\d_-]+$", "", begun)
    apart = re.sub(r"(?<=[a-zß-ÿ])(?=[A-ZÀ-Þ])|[_\s]+", " ", stem)
    return apart.strip() or path.stem


def decode_tracks(
    files: tuple[Path, ...],
    folder: Path,
    max_ms: int,
    report: ReportProgress,
    streams: Sequence[int] = (),
) -> Decoded:
    """Decode tracks that begin together into `folder`: each by itself, and their sum.

    Meant for `sandbox.run_limited`. Raises `BadInput` for what cannot be read or is too long.
    """
    decoded = Decoded(folder, ())
    all_lines = lines_of(files, streams)
    total_bytes = sum(path.stat().st_size for path in files)
    lengths, reached = [0] * len(files), [0] * len(files)
    with ExitStack() as opened:
        outputs = opened.enter_context(Outputs(decoded))
        writers = [PcmWriter(decoded.track(number)) for number in range(len(files))]
        for writer in writers:
            opened.callback(writer.close)
        for read in zip_longest(*map(_seconds, all_lines), fillvalue=(np.zeros(0, np.int16), 0)):
            lengths = [n + len(line) for n, (line, _) in zip(lengths, read, strict=True)]
            lines = [_full(line, max(len(line) for line, _ in read)) for line, _ in read]
            for writer, line in zip(writers, lines, strict=True):
                writer.write(line)
            outputs.write(_sum(lines))
            outputs.check_length(files[int(np.argmax(lengths))], max_ms)
            reached = [max(n, at_byte) for n, (_, at_byte) in zip(reached, read, strict=True)]
            report(min(1.0, sum(reached) / total_bytes))
    report(1.0)
    durations = (duration_ms(path, 0, n) for path, n in zip(files, lengths, strict=True))
    return replace(
        decoded,
        durations_ms=tuple(durations),
        damaged=merge_spans(sorted(span for line in all_lines for span in line.damaged), 0),
        notes=tuple(note for line in all_lines for note in notes_on(line)),
    )


def _seconds(line: FileLine) -> Iterator[Piece]:
    """The samples of a file one second at a time (the last one shorter), with the byte reached."""
    held = np.zeros(0, np.int16)
    for samples, at_byte in line.pieces():
        held = np.concatenate([held, samples])
        while len(held) >= LINE_RATE:
            yield held[:LINE_RATE], at_byte
            held = held[LINE_RATE:]
    if len(held):
        yield held, line.path.stat().st_size


def _full(line: NDArray[np.int16], length: int) -> NDArray[np.int16]:
    return np.pad(line, (0, length - len(line)))


def _sum(lines: Sequence[NDArray[np.int16]]) -> NDArray[np.int16]:
    total = np.sum(lines, axis=0, dtype=np.int32)
    return np.clip(total, -(2**15), 2**15 - 1).astype(np.int16)


def own_speech(
    tracks: Sequence[Pcm], speech: Sequence[Sequence[Span]]
) -> tuple[tuple[Span, ...], ...]:
    """What of each track's speech is its participant's, and not another voice heard beside it.

    Between two microphones the difference in loudness has two values, one while either owner
    speaks; whatever their gains are, the middle tells whose a moment is. Near it both speak.
    """
    levels = [_levels(track) for track in tracks]
    own = [_mask(spans, len(level)) for spans, level in zip(speech, levels, strict=True)]
    spoken = [mask.copy() for mask in own]
    for a, b in combinations(range(len(tracks)), 2):
        lead = np.clip(levels[a] - levels[b], -_MOST_DB, _MOST_DB)
        soft, loud = _two_means(lead[spoken[a] | spoken[b]])
        middle, slack = (soft + loud) / 2, _SLACK * (loud - soft)
        if loud - soft < _APART_DB:  # one of them alone is heard by both microphones
            middle, slack = 0.0, 0.0
        own[a] &= lead >= middle - slack
        own[b] &= lead <= middle + slack
    return tuple(_stretches(mask, spans) for mask, spans in zip(own, speech, strict=True))


def _two_means(values: Levels) -> tuple[float, float]:
    """Centres of the two groups that values fall into, the lower one first."""
    if not len(values):
        return 0.0, 0.0
    low, high = np.percentile(values, (5, 95))
    for _ in range(20):
        upper = values > (low + high) / 2
        if upper.all() or not upper.any():
            break
        low, high = values[~upper].mean(), values[upper].mean()
    return float(low), float(high)


def _levels(track: Pcm) -> Levels:
    """Loudness of every tenth of a second, in decibels."""
    blocks = range(0, track.duration_ms, _BLOCK_MS)
    power = np.concatenate([_power(track.read(at, at + _BLOCK_MS)) for at in blocks])
    smooth = np.convolve(power, np.full(_SMOOTH, 1 / _SMOOTH), mode="same")
    return 10 * np.log10(np.maximum(smooth, _QUIETEST**2))


def _power(samples: NDArray[np.float32]) -> Levels:
    size = SAMPLE_RATE * _HOP_MS // 1000
    frames = np.pad(samples, (0, -len(samples) % size)).reshape(-1, size)
    power: Levels = (frames**2).mean(axis=1)
    return power


def _mask(spans: Sequence[Span], length: int) -> NDArray[np.bool_]:
    mask = np.zeros(length, np.bool_)
    for span in spans:
        mask[span.start_ms // _HOP_MS : -(-span.end_ms // _HOP_MS)] = True
    return mask


def _stretches(own: NDArray[np.bool_], speech: Sequence[Span]) -> tuple[Span, ...]:
    """The speech under a mask, its short gaps closed, and what is too short to be a word left out.

    A stretch of speech that is one's own but for its edges is kept whole; the edges of another's
    are left out.
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[0], own.astype(np.int8), [0]])))
    found = (Span(int(a) * _HOP_MS, int(b) * _HOP_MS) for a, b in edges.reshape(-1, 2))
    closed = [s for s in merge_spans(found, _GAP_MS) if s.end_ms - s.start_ms >= _LEAST_MS]
    inside = (
        Span(_snapped(s.start_ms, span.start_ms), _snapped(s.end_ms, span.end_ms))
        for span in speech
        for s in closed
        if s.overlap_ms(span.start_ms, span.end_ms)
        >= min(_ALONE_MS, max(_LEAST_MS, (span.end_ms - span.start_ms) // 2))
    )
    return merge_spans(inside, 0)


def _snapped(at_ms: int, edge_ms: int) -> int:
    return edge_ms if abs(at_ms - edge_ms) <= _GAP_MS else at_ms


def interleave(tracks: Sequence[Sequence[Turn]]) -> tuple[tuple[Turn, ...], tuple[Span, ...]]:
    """The turns of several tracks as one: whole sentences in the order in which they begin.

    Also the stretches heard alike on several tracks, most often a person in the room without one:
    what is said there is kept once, without a label. One track alone is left as it is.
    """
    if len(tracks) == 1:
        return tuple(tracks[0]), ()
    sentences = [
        (turn.speaker, turn.words[places.start : places.stop])
        for turns in tracks
        for turn in turns
        for places in sentence_ranges(turn.words)
    ]
    sentences.sort(key=lambda sentence: sentence[1][0].start_ms)
    kept, twice = _heard_once(sentences)
    runs = groupby(kept, key=lambda sentence: sentence[0])
    turns = tuple(
        Turn(index, label, tuple(word for _, words in run for word in words))
        for index, (label, run) in enumerate(runs)
    )
    return turns, twice


def _heard_once(sentences: Sequence[Sentence]) -> tuple[list[Sentence], tuple[Span, ...]]:
    """Sentences without their echoes: of two alike, the surer one is kept, without its label."""
    kept: list[Sentence] = []
    twice: dict[int, Span] = {}
    for label, words in sentences:
        near = range(max(0, len(kept) - _NEAREST), len(kept))
        echo = next((n for n in near if kept[n][0] != label and _alike(kept[n][1], words)), None)
        if echo is None:
            kept.append((label, words))
            continue
        surer = max(kept[echo][1], words, key=_mean_confidence)
        kept[echo] = (None, surer)
        twice[echo] = Span(surer[0].start_ms, surer[-1].end_ms)
    return kept, tuple(twice.values())


def _alike(a: Sequence[Word], b: Sequence[Word]) -> bool:
    """Do two sentences share half of their time, and most of their letters?"""
    spans = [Span(words[0].start_ms, words[-1].end_ms) for words in (a, b)]
    shorter = min(span.end_ms - span.start_ms for span in spans)
    if 2 * spans[0].overlap_ms(spans[1].start_ms, spans[1].end_ms) < shorter:
        return False
    texts = [fold(" ".join(word.text for word in words)) for words in (a, b)]
    return ratio(*texts) >= _SAME_TEXT


def _mean_confidence(words: Sequence[Word]) -> float:
    return sum(word.confidence for word in words) / len(words)
