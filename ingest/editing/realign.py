"""Finds out when the words that people typed are said, and writes that as a change of its own.

    turns with guesses -> their sound -> alignment -> a change by the machine, a few turns at a time

May be killed at any moment and run again: what is not written is still a guess. Where a person
goes on correcting meanwhile, their words win, and the job that their change asked for follows.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.archive import repository
from ingest.archive.audit import MACHINE
from ingest.archive.blobs import Blobs, office_sound
from ingest.archive.change_log import ChangeKind, check_session, revision, since
from ingest.archive.splices import Splice, same
from ingest.asr.align import Aligner
from ingest.audio.encode import SAMPLE_RATE
from ingest.audio.excerpt import excerpt
from ingest.editing.changes import Changes, Drawn, SessionStanding
from ingest.editing.timing import Listen, Room, retimed
from ingest.transcript import Span, Turn, Word

_AT_ONCE = 6  # turns: an editor sees the words fall into place every few seconds


def realign(
    changes: Changes,
    blobs: Blobs,
    aligner: Callable[[], Aligner],
    session_id: str,
    go_on: Callable[[], None] = lambda: None,
) -> int:
    """Time the typed words of a session; how many turns that concerned.

    `go_on` is called before each turn, and may raise to stop. Raises `NotFound`.
    """
    base, waiting = _waiting(changes, session_id)
    sound = office_sound(blobs, session_id, "opus") if waiting else None
    with blobs.local(sound) if sound else nullcontext() as path:
        for first in range(0, len(waiting), _AT_ONCE):
            done = []
            for turn, room in waiting[first : first + _AT_ONCE]:
                go_on()
                if path is None:  # nothing to listen to: the guesses are all there will ever be
                    done.append(replace(turn, words=tuple(map(_known, turn.words))))
                else:
                    done.append(retimed(turn, room, _listening(path), aligner()))
            _write(changes, session_id, base, done)
    return len(waiting)


def _known(word: Word) -> Word:
    return replace(word, guessed=False)


def _waiting(changes: Changes, session_id: str) -> tuple[int, list[tuple[Turn, Room]]]:
    """The turns with guesses, how far each may reach, and the revision at which that is so."""
    with changes.archive.engine.connect() as db:
        check_session(db, session_id)
        standing = SessionStanding(db, session_id, revision(db, session_id))
        turns = repository.current_turns(db, session_id)
        waiting = []
        for at, turn in enumerate(turns):
            if any(word.guessed for word in turn.words):
                before = turns[at - 1] if at else None
                after = turns[at + 1] if at + 1 < len(turns) else None
                waiting.append((turn, standing.room(turn, before, after)))
    return standing.now, waiting


def _write(changes: Changes, session_id: str, base: int, done: Sequence[Turn]) -> None:
    """Write new times for the turns that still say the same."""
    with changes.archive.begin() as db:
        later = since(db, session_id, base)
        standing = SessionStanding(db, session_id, revision(db, session_id), later)
        now = {turn.id: turn for turn in standing.turns([turn.id for turn in done])}
        splices = []
        for turn in done:
            if turn.id in standing.altered:
                continue
            here = now[turn.id]
            if same((here,), (turn,)) and here.words != turn.words:
                splices.append(Splice(here.index, (here,), (replace(here, words=turn.words),)))
        if splices:
            of = max(splice.before[0].revision for splice in splices) - 1
            changes.write(
                db, session_id, MACHINE, ChangeKind.ALIGN, Drawn(tuple(splices)), of or None
            )


def _listening(sound: Path) -> Listen:
    def listen(span: Span) -> NDArray[np.float32]:
        samples = excerpt(sound, span.start_ms, span.end_ms, SAMPLE_RATE)
        return samples.astype(np.float32) / 32768.0

    return listen
