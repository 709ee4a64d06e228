"""Typed words are put where they are said: between known words, and only where that can be."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ingest.archive.blobs import DirectoryBlobs
from ingest.archive.change_log import ChangeKind, since
from ingest.archive.repository import Archive
from ingest.asr.align import PlacedWord, _places
from ingest.audio.excerpt import excerpt
from ingest.editing.changes import Changes, undo
from ingest.editing.edits import TextEdit
from ingest.editing.realign import realign
from ingest.editing.timing import Room, retimed, retyped
from ingest.transcript import Span, Turn, Word
from tests.conftest import small_session, turn
from tests.support.small_site import tones

ROOM = Room(0, 120_000)


@dataclass
class Said:
    """An aligner that knows when each word is said; `heard` are the stretches it was given."""

    at: dict[str, int] = field(default_factory=dict)
    heard: list[Span] = field(default_factory=list)
    texts: list[Sequence[str]] = field(default_factory=list)

    def listen(self, span: Span) -> NDArray[np.float32]:
        self.heard.append(span)
        return np.zeros((span.end_ms - span.start_ms) * 16, dtype=np.float32)

    def align(self, audio: NDArray[np.float32], words: Sequence[str]) -> list[PlacedWord]:
        self.texts.append(words)
        start = self.heard[-1].start_ms if self.heard else 0
        return [PlacedWord(self.at[w] - start, self.at[w] - start + 250) for w in words]


def typed(text: str, new: str) -> Turn:
    done = retyped(turn(0, "S1", text), new, ROOM)
    assert done is not None and any(word.guessed for word in done.words)
    return done


def starts(done: Turn) -> list[int]:
    return [word.start_ms for word in done.words]


def test_a_typed_word_goes_where_it_is_said_and_no_other_moves() -> None:
    said = Said({"un": 50, "six": 390, "deux": 470, "trois": 640, "quatre": 900})
    done = retimed(typed("un trois quatre", "un deux trois quatre"), ROOM, said.listen, said)
    assert starts(done) == [0, 280, 300, 600], "held back by the next known word"
    said.at["deux"] = 180
    done = retimed(typed("un trois quatre", "un deux trois quatre"), ROOM, said.listen, said)
    assert starts(done) == [0, 180, 300, 600]
    assert not any(word.guessed for word in done.words)
    assert done.words[1].end_ms == 300 and done.words[2] == Word(300, 600, "trois", 0.9)


def test_what_cannot_be_is_not_believed() -> None:
    before = typed("un trois quatre", "un deux trois quatre")
    guessed = starts(before)
    for at in (
        {"un": 0, "deux": 5_000, "trois": 300, "quatre": 600},  # beyond its neighbours
        {"un": 4_000, "deux": 4_300, "trois": 4_600, "quatre": 5_000},  # all astray
    ):
        done = retimed(before, ROOM, Said(at).listen, Said(at))
        assert starts(done) == guessed and not any(word.guessed for word in done.words)


def test_a_long_turn_is_read_in_pieces_of_which_only_changed_ones_are_heard() -> None:
    words = [f"m{n}" for n in range(300)]  # 90 s
    before = retyped(
        turn(0, "S1", " ".join(words)), " ".join([*words[:200], "x", *words[200:]]), ROOM
    )
    assert before is not None
    said = Said({w: 300 * n for n, w in enumerate(words)} | {"x": 60_000 - 90})
    done = retimed(before, ROOM, said.listen, said)
    (span,) = said.heard
    assert span.end_ms - span.start_ms <= 30_000 and span.start_ms < 60_000 < span.end_ms
    assert done.words[200].start_ms == 60_000 - 90


def test_a_word_at_the_edge_may_go_beyond_the_turn_but_not_into_the_next() -> None:
    edge = turn(1, "S1", "un deux", 5_000)
    room = Room(3_000, 6_000)
    before = retyped(edge, "zéro un deux trois", room)
    assert before is not None
    said = Said({"zéro": 4_100, "un": 5_000, "deux": 5_300, "trois": 5_990})
    done = retimed(before, room, said.listen, said)
    assert starts(done) == [4_100, 5_000, 5_300, 5_980]
    assert said.heard[0].start_ms >= 3_000 and said.heard[0].end_ms <= 6_000


@given(st.lists(st.integers(-500, 3_000), min_size=6, max_size=6), st.data())
def test_whatever_is_heard_times_follow_each_other(at: list[int], data: st.DataObject) -> None:
    new = data.draw(st.lists(st.sampled_from(["a", "b", "c", "d", "e", "f"]), min_size=1))
    before = retyped(turn(0, "S1", "a b c"), " ".join(new), ROOM)
    assert before is not None
    said = Said(dict(zip("abcdef", at, strict=True)))
    done = retimed(before, ROOM, said.listen, said)
    assert starts(done) == sorted(starts(done)) and done.text == before.text
    assert all(word.start_ms < word.end_ms for word in done.words)
    known = {(w.start_ms, w.text) for w in before.words if not w.guessed}
    assert known <= {(w.start_ms, w.text) for w in done.words}


def test_words_begin_where_their_first_piece_does() -> None:
    pairs = [(0, 0), (0, 4), (1, 5), (1, 6), (2, 10), (2, 11), (3, 20)]
    assert _places(pairs, [1, 2], 500) == [PlacedWord(25, 125), PlacedWord(125, 425)]
    assert _places(pairs, [1, 4], 500) == []


# --- as the worker does it ------------------------------------------------------------------------


@pytest.fixture
def changes(archive: Archive) -> Changes:
    session, transcript = small_session("s", ("un trois quatre", "cinq six"))
    archive.save(session, transcript)
    return Changes(archive)


@pytest.fixture
def blobs(tmp_path: Path) -> DirectoryBlobs:
    tones(tmp_path / "media" / "s" / "listen.opus", "ogg", "libopus")
    return DirectoryBlobs(tmp_path / "media")


@dataclass
class Even:
    """An aligner that spreads words evenly; `also` is done meanwhile."""

    also: list[TextEdit] = field(default_factory=list)
    changes: Changes | None = None

    def align(self, audio: NDArray[np.float32], words: Sequence[str]) -> list[PlacedWord]:
        while self.also and self.changes:
            self.changes.make("s", 2, "b", self.also.pop())
        each = len(audio) // 16 // len(words)
        return [PlacedWord(n * each, (n + 1) * each) for n in range(len(words))]


def test_the_machine_times_what_was_typed_as_a_change_of_its_own(
    changes: Changes, blobs: DirectoryBlobs
) -> None:
    changes.make("s", 1, "a", TextEdit(turn=0, text="un deux trois quatre"))
    assert realign(changes, blobs, Even, "s") == 1
    assert realign(changes, blobs, Even, "s") == 0, "nothing is left to do"
    with changes.archive.engine.connect() as db:
        last = since(db, "s", 1)[-1]
    assert (last.author, last.kind, last.of) == ("machine", ChangeKind.ALIGN, 1)
    found = changes.archive.transcript("s").turns[0]
    assert found.revision == 3 and not any(word.guessed for word in found.words)
    undo(changes, "s", 3, "a")
    assert changes.archive.transcript("s").turns[0].text == "un trois quatre"


def test_who_goes_on_correcting_meanwhile_keeps_their_words(
    changes: Changes, blobs: DirectoryBlobs
) -> None:
    changes.make("s", 1, "a", TextEdit(turn=0, text="un deux trois quatre"))
    busy = Even([TextEdit(turn=0, text="autre chose encore")], changes)
    realign(changes, blobs, lambda: busy, "s")
    found = changes.archive.transcript("s").turns[0]
    assert found.text == "autre chose encore" and any(word.guessed for word in found.words)
    realign(changes, blobs, Even, "s")
    assert not any(w.guessed for w in changes.archive.transcript("s").turns[0].words)


def test_a_job_that_is_stopped_goes_on_later(changes: Changes, blobs: DirectoryBlobs) -> None:
    changes.make("s", 1, "a", TextEdit(turn=0, text="un deux trois quatre"))

    def stop() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        realign(changes, blobs, Even, "s", stop)
    assert realign(changes, blobs, Even, "s") == 1


def test_without_a_sound_file_guesses_stay_and_are_not_tried_again(
    changes: Changes, tmp_path: Path
) -> None:
    changes.make("s", 1, "a", TextEdit(turn=0, text="un deux trois quatre"))
    before = changes.archive.transcript("s").turns[0]
    nowhere = DirectoryBlobs(tmp_path / "nothing")
    assert realign(changes, nowhere, Even, "s") == 1 and realign(changes, nowhere, Even, "s") == 0
    words = tuple(replace(word, guessed=False) for word in before.words)
    assert changes.archive.transcript("s").turns[0].words == words


def test_an_excerpt_is_exact(blobs: DirectoryBlobs) -> None:
    sound = blobs.find("s/listen.opus")
    assert sound is not None
    with blobs.local(sound) as path:
        samples = excerpt(path, 5_200, 5_800, 16_000).astype(float)
    assert len(samples) == 600 * 16
    peak = np.argmax(np.abs(np.fft.rfft(samples))) * 16_000 / len(samples)
    assert abs(peak - (300 + 50 * 5)) < 2
