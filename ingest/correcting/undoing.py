"""Taking back one's own changes, newest first, and making them again.

What others changed elsewhere stays, and the log keeps everything: to take back is a change as well.
A change that others built upon is not taken back.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from ingest import tables as t
from ingest.correcting.change_rows import (
    Change,
    Kind,
    Voices,
    check_session,
    one,
    revision,
    since,
    table,
)
from ingest.correcting.changes import Changes, Drawn, Overtaken, Standing, check_base
from ingest.correcting.splices import Place, Splice, follow, inverted, landed, same
from ingest.errors import Conflict
from ingest.transcript import Speaker


@dataclass(frozen=True)
class Stacks:
    """A person's changes that stand, and those taken back: (change, the one that did it last)."""

    done: tuple[tuple[int, int], ...] = ()
    undone: tuple[tuple[int, int], ...] = ()


def stacks(db: Connection, session_id: str, author: str) -> Stacks:
    """What a person can take back or make again, the newest last.

    Nothing from before a passage was taken out: it could bring back what was said there.
    """
    closings = select(func.max(table.c.number)).where(
        table.c.session_id == session_id, table.c.kind == Kind.CLOSE
    )
    since_then = table.c.number > func.coalesce(closings.scalar_subquery(), 0)
    query = (
        select(table.c.number, table.c.kind, table.c.of)
        .where(table.c.session_id == session_id, table.c.author == author, since_then)
        .order_by(table.c.number)
    )
    done: list[tuple[int, int]] = []
    undone: list[tuple[int, int]] = []
    for number, kind, of in db.execute(query):
        if kind == Kind.UNDO:
            done.pop()
            undone.append((of, number))
        elif kind == Kind.REDO:
            undone.pop()
            done.append((of, number))
        else:
            done.append((number, number))
            undone = []
    return Stacks(tuple(done), tuple(undone))


def undo(changes: Changes, session_id: str, base: int, author: str) -> int:
    """Take back one's newest change; the revision after it. Raises `Conflict`, `NotFound`."""
    with changes.archive.begin() as db:
        check_session(db, session_id)
        check_base(base, revision(db, session_id))
        done = stacks(db, session_id, author).done
        if not done:
            raise Conflict("Il n'y a rien à annuler : aucune de vos modifications n'est en place.")
        return _taken_back(changes, db, session_id, author, Kind.UNDO, done[-1])


def redo(changes: Changes, session_id: str, base: int, author: str) -> int:
    """Make again what one took back last; the revision after it. Raises `Conflict`, `NotFound`."""
    with changes.archive.begin() as db:
        check_session(db, session_id)
        check_base(base, revision(db, session_id))
        undone = stacks(db, session_id, author).undone
        if not undone:
            raise Conflict("Il n'y a rien à rétablir : vous n'avez rien annulé depuis.")
        return _taken_back(changes, db, session_id, author, Kind.REDO, undone[-1])


def _taken_back(
    changes: Changes,
    db: Connection,
    session_id: str,
    author: str,
    kind: Kind,
    what: tuple[int, int],
) -> int:
    of, newest = what
    change = one(db, session_id, newest)
    later = since(db, session_id, newest + 1)
    standing = Standing(db, session_id, revision(db, session_id), later)
    splices = tuple(_taken_back_here(splice, standing) for splice in inverted(change.splices))
    voices = _voices_back(change, splices, standing)
    return changes.write(db, session_id, author, kind, Drawn(splices, voices), of)


def _taken_back_here(splice: Splice, standing: Standing) -> Splice:
    """The inverse of a change's splice, on the turns as they stand now."""
    at_ms = splice.after[0].start_ms if splice.after else 0
    if splice.before:
        turns = [Place(n, n + 1) for n in range(splice.first, splice.stop)]
    else:
        turns = [Place(splice.first, splice.first)]
    found = [_stands(place, standing.later, at_ms) for place in turns]
    place = Place(found[0].first, found[-1].stop)
    here = standing.turns(place)
    if not same(here, splice.before):
        raise _built_upon(standing)
    return Splice(place.first, here, splice.after)


def _stands(place: Place, later: Sequence[Change], at_ms: int) -> Place:
    """Where a turn stands after what was changed since. What was taken back did nothing to it."""
    ended = _endings(later)
    at = 0
    while at < len(later):
        change = later[at]
        moved = follow(place, change.splices, at_ms)
        end = ended.get(at)
        if end is not None and (back := _come_back(place, change, later[end])):
            place, at = back, end
        else:
            place = moved
        at += 1
    return place


def _endings(later: Sequence[Change]) -> dict[int, int]:
    """Which of some changes were taken back, and which ones did it, by their places in the row."""
    ended: dict[int, int] = {}
    did: dict[int, int] = {}
    for at, change in enumerate(later):
        if change.kind in (Kind.UNDO, Kind.REDO) and change.of is not None:
            if change.of in did:
                ended[did[change.of]] = at
            did[change.of] = at
        else:
            did[change.number] = at
    return ended


def _come_back(place: Place, change: Change, back: Change) -> Place | None:
    """Where turns that a change replaced stand once it was taken back; None for any others."""
    places = landed(back.splices)
    for splice, at in zip(change.splices, places, strict=True):
        within = splice.first <= place.first and place.stop <= splice.stop
        if within and place.first < splice.stop and (place.stop > splice.first):
            first = at + place.first - splice.first
            return Place(first, first + place.stop - place.first)
    return None


def _voices_back(change: Change, splices: tuple[Splice, ...], standing: Standing) -> Voices:
    """The inverse of what a change did to voices. One that others speak with by now stays."""
    known = {speaker.label: speaker for speaker in standing.speakers()}
    back = change.voices.inverted()
    if any(known.get(speaker.label) != speaker for speaker in back.before):
        raise _built_upon(standing)
    old = {speaker.label for speaker in back.after}
    kept = {s.label for s in back.before if s.label not in old and _speaks(s, splices, standing)}
    return Voices(tuple(s for s in back.before if s.label not in kept), back.after)


def _speaks(speaker: Speaker, splices: tuple[Splice, ...], standing: Standing) -> bool:
    """Is the voice heard in turns other than those that are replaced?"""
    mine = t.turns.c.session_id == standing.session_id, t.turns.c.speaker == speaker.label
    found = standing.db.execute(select(func.count()).where(*mine)).scalar_one()
    gone = sum(turn.speaker == speaker.label for s in splices for turn in s.before)
    return bool(found > gone)


def _built_upon(standing: Standing) -> Overtaken:
    author = next((c.author for c in reversed(standing.later)), "")
    return Overtaken(
        f"Cette modification ne s'annule plus : « {author} » a modifié depuis ce qu'elle touche."
        " Corrigez le passage directement."
    )
