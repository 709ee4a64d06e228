"""Changing a transcript: each change whole or not at all, on what its author had before them.

    edit + the revision it was made on -> splices on what stands now -> log, turns, marks, jobs

Several people change one session at once. An edit names turns by their places on the revision that
its author had before them: here these become the turns' ids. Where others changed the very turns
meanwhile, it is refused (`Overtaken`) and nothing is lost. When words are said: `realign`.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

from sqlalchemy import Connection, func, select

from ingest.archive import audit, redactions, repository
from ingest.archive import schema as t
from ingest.archive.change_log import (
    NO_VOICES,
    Change,
    ChangeKind,
    Hearings,
    Voices,
    check_session,
    insert_change,
    one,
    revision,
    since,
    table,
    with_ids,
)
from ingest.archive.repository import Archive
from ingest.archive.schema import now
from ingest.archive.splices import Splice, inverted, same
from ingest.editing import progress
from ingest.editing.edits import (
    Replace,
    Reshaping,
    Voice,
    in_names,
    in_turns,
    named,
    read_name,
    voice_for,
)
from ingest.editing.timing import Room, retyped
from ingest.errors import BadInput, Conflict, NotFound
from ingest.jobs import queue
from ingest.transcript import Speaker, Status, Turn

HEARD_ANEW = (ChangeKind.AGAIN, ChangeKind.VOICES, ChangeKind.CARRY)
Edit = Reshaping | Voice | Replace
Follower = Callable[[Connection, str, Sequence[Splice]], None]
"""Keeps what is made of turns in step, within the transaction of a change."""


class Overtaken(Conflict):
    """Another person changed these very turns meanwhile."""


@dataclass(frozen=True)
class Drawn:
    """What an edit comes to on the turns as they stand now."""

    splices: tuple[Splice, ...] = ()
    voices: Voices = NO_VOICES
    hearings: Hearings | None = None

    def __bool__(self) -> bool:
        return bool(self.splices) or self.voices != NO_VOICES


@dataclass(frozen=True)
class SessionStanding:
    """A session as it stands within a transaction, and what was changed since an edit's base."""

    db: Connection
    session_id: str
    now: int
    later: tuple[Change, ...] = ()

    @cached_property
    def base(self) -> list[int]:
        """Ids of the turns in order, as they were before what was changed since."""
        query = select(t.turns.c.id).where(t.turns.c.session_id == self.session_id)
        ids = list(self.db.execute(query.order_by(t.turns.c.idx)).scalars())
        for change in reversed(self.later):
            for splice in reversed(inverted(change.splices)):
                ids[splice.first : splice.stop] = [turn.id for turn in splice.after]
        return ids

    @cached_property
    def altered(self) -> dict[int, str]:
        """Who was the first to change what a turn says since, by the turn's id."""
        return {
            turn.id: change.author
            for change in reversed(self.later)
            for splice in change.splices
            if splice.alters
            for turn in (*splice.before, *splice.after)
        }

    def named(self, touches: range) -> list[int]:
        """Ids of the turns that an edit touches, so far as there are any. Raises `Overtaken`."""
        ids = self.base[touches.start : touches.stop] if touches.start >= 0 else []
        for turn in ids:
            if turn in self.altered:
                raise overtaken(f"L'intervention {touches.start + 1}", self.altered[turn])
        return ids

    def touched(self, touches: range) -> tuple[Turn, ...]:
        """The turns that an edit touches, side by side. Raises `BadInput`, `Overtaken`."""
        turns = self.turns(self.named(touches))
        if len(turns) < len(touches):
            missing = touches.start if touches.start < 0 else touches.stop - 1
            raise BadInput(f"Il n'y a pas d'intervention {missing + 1} dans la séance.")
        if not are_neighbours(turns):  # a turn came back between them
            raise overtaken(f"L'intervention {touches.start + 1}", self.later[-1].author)
        return turns

    def turns(self, ids: Collection[int]) -> tuple[Turn, ...]:
        """The turns of these ids, in order; those that are gone are left out."""
        return repository.current_turns(self.db, self.session_id, t.turns.c.id.in_(ids))

    def speakers(self) -> tuple[Speaker, ...]:
        """The voices."""
        return repository.speakers(self.db, self.session_id)

    def check_voice(self, label: str) -> None:
        """Raise `Overtaken` if another person named this voice meanwhile."""
        for change in self.later:
            if any(s.label == label for s in (*change.voices.before, *change.voices.after)):
                raise overtaken(f"La voix {label}", change.author)

    def room(self, turn: Turn, before: Turn | None, after: Turn | None) -> Room:
        """How far a turn between these two may reach, without leaving its point of the agenda.

        Nor what readers get or do not get: one word beyond that edge would hide a turn, or show it.
        """
        parts = select(t.recordings).where(t.recordings.c.session_id == self.session_id)
        ends = [row.offset_ms + row.duration_ms for row in self.db.execute(parts)]
        items = select(t.agenda_items.c.start_ms).where(
            t.agenda_items.c.session_id == self.session_id
        )
        taken_up = [at for at in self.db.execute(items).scalars() if at is not None]
        redacted = [one.span for one in redactions.of_session(self.db, self.session_id)]
        edges = [*taken_up, *(at for span in redacted for at in (span.start_ms, span.end_ms))]
        begun = [at for at in edges if at <= turn.start_ms]
        to_come = [at for at in edges if at >= turn.end_ms]
        return Room(
            max([before.end_ms if before else 0, *begun]),
            min([after.start_ms if after else max(ends, default=0), *to_come]),
            heard=bool(ends),
        )


def are_neighbours(turns: Sequence[Turn]) -> bool:
    """Is there no other turn between these, which are in order?"""
    return not turns or turns[-1].index - turns[0].index < len(turns)


def overtaken(what: str, author: str) -> Overtaken:
    """The refusal that tells who was there first."""
    return Overtaken(
        f"{what} a été modifiée entre-temps par « {author} » : relisez ce qui s'y trouve,"
        " puis refaites votre correction si elle est encore utile."
    )


@dataclass(frozen=True)
class Changes:
    """The changes of an archive's sessions. `followers` keep other tables in step."""

    archive: Archive
    followers: tuple[Follower, ...] = ()

    def make(self, session_id: str, base: int, author: str, edit: Edit) -> int:
        """Make an edit that its author made on revision `base`; the session's revision after it.

        An edit that would change nothing makes no change. Raises `NotFound`, `BadInput`, and
        `Overtaken` where others changed the same.
        """
        with self.archive.begin() as db:
            check_session(db, session_id)
            at = revision(db, session_id)
            check_base(base, at)
            drawn = draw(edit, SessionStanding(db, session_id, at, since(db, session_id, base)))
            if not drawn:
                return at
            return self.write(db, session_id, author, ChangeKind(edit.kind), drawn)

    def name(self, session_id: str, label: str, person: str | None, author: str) -> Speaker:
        """Say who a voice is, wherever it speaks; None leaves it open. Raises `NotFound`."""
        with self.archive.begin() as db:
            check_session(db, session_id)
            known = {speaker.label: speaker for speaker in repository.speakers(db, session_id)}
            if label not in known:
                raise NotFound(
                    f"Aucune voix « {label} » dans « {session_id} ». `verbatim voices"
                    f" {session_id}` donne la liste."
                )
            given = named(label, person)
            if known[label] != given:
                voices = Voices((known[label],), (given,))
                self.write(db, session_id, author, ChangeKind.SPEAKER, Drawn((), voices))
            return given

    def unite(self, session_id: str, label: str, into: str, author: str) -> None:
        """Have all that one voice says be said by another. Raises `NotFound`, `BadInput`."""
        with self.archive.begin() as db:
            check_session(db, session_id)
            known = {speaker.label: speaker for speaker in repository.speakers(db, session_id)}
            for one in (label, into):
                if one not in known:
                    raise NotFound(f"Aucune voix « {one[:20]} » dans « {session_id} ».")
            if label == into:
                raise BadInput("Choisissez une autre voix, avec laquelle réunir celle-ci.")
            turns = repository.current_turns(db, session_id, t.turns.c.speaker == label)
            splices = tuple(
                Splice(turn.index, (turn,), (replace(turn, speaker=into),)) for turn in turns
            )
            gone = Voices((known[label],), ())
            self.write(db, session_id, author, ChangeKind.SPEAKER, Drawn(splices, gone))

    def write(
        self,
        db: Connection,
        session_id: str,
        author: str,
        kind: ChangeKind,
        drawn: Drawn,
        of: int | None = None,
    ) -> int:
        """Write a change with all that follows from it; the revision after it."""
        number = revision(db, session_id)
        splices = with_ids(db, session_id, drawn.splices)
        made = (splices, drawn.voices, drawn.hearings)
        insert_change(db, session_id, Change(number, now(), author, kind, of, *made))
        if kind not in HEARD_ANEW:  # what was read was other words
            progress.follow(db, session_id, splices)
        for keep_in_step in self.followers:
            keep_in_step(db, session_id, splices)
        audit.record(db, author, f"transcript.{kind}", session_id)
        if kind is not ChangeKind.ALIGN and _is_guessed(drawn.splices):
            queue.add(db, queue.JobKind.ALIGN, session_id, author)
        if check_session(db, session_id).status == Status.PUBLISHED:
            queue.add(db, queue.JobKind.PUBLISH, session_id, author)
        return number + 1


def check_base(base: int, now: int) -> None:
    """Raise `BadInput` for a revision that there is not."""
    if not 1 <= base <= now:
        raise BadInput(f"La révision {base} n'existe pas (de 1 à {now}) : rechargez la page.")


def _is_guessed(splices: Sequence[Splice]) -> bool:
    return any(word.guessed for s in splices for turn in s.after for word in turn.words)


# --- what an edit comes to ----------------------------------------------------------------------


def draw(edit: Edit, standing: SessionStanding) -> Drawn:
    """What an edit comes to now. Raises `BadInput`, `Overtaken`."""
    if isinstance(edit, Replace):
        return _replacing(edit, standing)
    if isinstance(edit, Voice):
        return _voice(edit, standing)
    return _reshaping(edit, standing)


def _reshaping(edit: Reshaping, standing: SessionStanding) -> Drawn:
    turns = standing.touched(edit.touches)
    first, stop = turns[0].index, turns[-1].index + 1
    beside = t.turns.c.idx.in_((first - 1, stop))
    around = repository.current_turns(standing.db, standing.session_id, beside)
    before = next((turn for turn in around if turn.index < first), None)
    after = next((turn for turn in around if turn.index >= stop), None)
    made = edit.made(turns, standing.room(turns[0], before, after))
    return Drawn((Splice(first, turns, made),)) if made != turns else Drawn()


def _voice(edit: Voice, standing: SessionStanding) -> Drawn:
    (turn,) = standing.touched(edit.touches)
    people = select(t.people.c.name).where(t.people.c.session_id == standing.session_id)
    person = read_name(edit.person, list(standing.db.execute(people).scalars()))
    speakers = standing.speakers()
    own = next((s for s in speakers if s.label == turn.speaker), None)
    if edit.everywhere and own:
        standing.check_voice(own.label)
        given = named(own, person)
        return Drawn((), Voices((own,), (given,))) if given != own else Drawn()
    if own and own.person == person:
        return Drawn()
    voice = voice_for(person, speakers)
    made = replace(turn, speaker=voice.label if voice else None)
    new = Voices((), (voice,)) if voice and voice not in speakers else NO_VOICES
    return Drawn((Splice(turn.index, (turn,), (made,)),), new) if made != turn else Drawn()


def _replacing(edit: Replace, standing: SessionStanding) -> Drawn:
    turns = repository.current_turns(standing.db, standing.session_id)
    wanted = _wanted(edit, standing)
    chosen = [turn for turn in turns if wanted is None or turn.id in wanted]
    splices = []
    for found in in_turns(edit, chosen):
        at = found.turn.index
        if author := standing.altered.get(found.turn.id):
            raise overtaken(f"L'intervention {at + 1}", author)
        before = turns[at - 1] if at else None
        after = turns[at + 1] if at + 1 < len(turns) else None
        made = retyped(found.turn, found.text, standing.room(found.turn, before, after))
        if made != found.turn:
            splices.append(Splice(at, (found.turn,), (made,) if made else ()))
    return Drawn(tuple(splices), _renamed(edit, standing))


def _wanted(edit: Replace, standing: SessionStanding) -> frozenset[int] | None:
    """Ids of the turns that were chosen; None for all."""
    if edit.turns is None:
        return None
    named = (standing.named(range(turn, turn + 1)) for turn in edit.turns)
    return frozenset(chain.from_iterable(named))


def _renamed(edit: Replace, standing: SessionStanding) -> Voices:
    chosen = [speaker for speaker in standing.speakers() if speaker.label in edit.names]
    found = tuple(in_names(edit, chosen))
    for voice in found:
        standing.check_voice(voice.speaker.label)
    return Voices(
        tuple(voice.speaker for voice in found),
        tuple(named(voice.speaker, voice.name or None) for voice in found),
    )


# Taking back one's own changes, newest first, and making them again.


@dataclass(frozen=True)
class Stacks:
    """A person's changes that stand, and those taken back: (change, the one that did it last)."""

    done: tuple[tuple[int, int], ...] = ()
    undone: tuple[tuple[int, int], ...] = ()


def stacks(db: Connection, session_id: str, author: str) -> Stacks:
    """What a person can take back or make again, the newest last.

    Nothing from before a redaction: it could bring back what was said there.
    """
    closings = select(func.max(table.c.number)).where(
        table.c.session_id == session_id, table.c.kind == ChangeKind.CLOSE
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
        if kind == ChangeKind.UNDO:
            done.pop()
            undone.append((of, number))
        elif kind == ChangeKind.REDO:
            undone.pop()
            done.append((of, number))
        else:
            done.append((number, number))
            undone = []
    return Stacks(tuple(done), tuple(undone))


def undo(changes: Changes, session_id: str, base: int, author: str) -> int:
    """Take back one's newest change; the revision after it. Raises `Conflict`, `NotFound`.

    A new transcription goes with what was carried over to it.
    """
    with changes.archive.begin() as db:
        check_session(db, session_id)
        check_base(base, revision(db, session_id))
        done = stacks(db, session_id, author).done
        if not done:
            raise Conflict("Il n'y a rien à annuler : aucune de vos modifications n'est en place.")
        at = _taken_back(changes, db, session_id, author, ChangeKind.UNDO, done[-1])
        if one(db, session_id, done[-1][0]).kind is ChangeKind.CARRY:
            at = _taken_back(changes, db, session_id, author, ChangeKind.UNDO, done[-2])
        return at


def redo(changes: Changes, session_id: str, base: int, author: str) -> int:
    """Make again what one took back last; the revision after it. Raises `Conflict`, `NotFound`."""
    with changes.archive.begin() as db:
        check_session(db, session_id)
        check_base(base, revision(db, session_id))
        undone = stacks(db, session_id, author).undone
        if not undone:
            raise Conflict("Il n'y a rien à rétablir : vous n'avez rien annulé depuis.")
        at = _taken_back(changes, db, session_id, author, ChangeKind.REDO, undone[-1])
        if undone[1:] and one(db, session_id, undone[-2][0]).kind is ChangeKind.CARRY:
            at = _taken_back(changes, db, session_id, author, ChangeKind.REDO, undone[-2])
        return at


def _taken_back(
    changes: Changes,
    db: Connection,
    session_id: str,
    author: str,
    kind: ChangeKind,
    what: tuple[int, int],
) -> int:
    of, newest = what
    change = one(db, session_id, newest)
    later = since(db, session_id, newest + 1)
    standing = SessionStanding(db, session_id, revision(db, session_id), later)
    splices = tuple(_taken_back_here(splice, standing) for splice in inverted(change.splices))
    voices = _voices_back(change, splices, standing)
    hearings = change.hearings.inverted() if change.hearings else None
    return changes.write(db, session_id, author, kind, Drawn(splices, voices, hearings), of)


def _taken_back_here(splice: Splice, standing: SessionStanding) -> Splice:
    """The inverse of a change's splice, on the turns as they are now."""
    here = standing.turns([turn.id for turn in splice.before])
    if not same(here, splice.before) or not are_neighbours(here):
        raise _built_upon(standing)
    first = here[0].index if here else _gap(splice, standing)
    return Splice(first, here, splice.after)


def _gap(splice: Splice, standing: SessionStanding) -> int:
    """The place at which turns that are gone come back: before the turn that was next.

    Of two neighbours that went, each comes back on its side of the other, as their times tell.
    """
    turns = repository.outlines(standing.db, standing.session_id)
    places = {turn.id: place for place, turn in enumerate(turns)}
    next_ones = (places[turn] for turn in standing.base[splice.first :] if turn in places)
    place = next(next_ones, len(turns))
    came_back = {
        turn.id
        for change in standing.later
        for later in change.splices
        if not later.before
        for turn in later.after
    }
    at_ms = splice.after[0].start_ms if splice.after else 0
    while place and turns[place - 1].id in came_back and turns[place - 1].start_ms >= at_ms:
        place -= 1
    return place


def _voices_back(change: Change, splices: tuple[Splice, ...], standing: SessionStanding) -> Voices:
    """The inverse of what a change did to voices. One that others speak with by now stays."""
    known = {speaker.label: speaker for speaker in standing.speakers()}
    back = change.voices.inverted()
    if any(known.get(speaker.label) != speaker for speaker in back.before):
        raise _built_upon(standing)
    old = {speaker.label for speaker in back.after}
    kept = {s.label for s in back.before if s.label not in old and _speaks(s, splices, standing)}
    return Voices(tuple(s for s in back.before if s.label not in kept), back.after)


def _speaks(speaker: Speaker, splices: tuple[Splice, ...], standing: SessionStanding) -> bool:
    """Is the voice heard in turns other than those that are replaced?"""
    mine = t.turns.c.session_id == standing.session_id, t.turns.c.speaker == speaker.label
    found = standing.db.execute(select(func.count()).where(*mine)).scalar_one()
    gone = sum(turn.speaker == speaker.label for s in splices for turn in s.before)
    return bool(found > gone)


def _built_upon(standing: SessionStanding) -> Overtaken:
    author = next((c.author for c in reversed(standing.later)), "")
    return Overtaken(
        f"Cette modification ne s'annule plus : « {author} » a modifié depuis ce qu'elle touche."
        " Corrigez le passage directement."
    )
