"""Changing a transcript: each change whole or not at all, on what its author had before them.

    edit + the revision it was made on -> splices on what stands now -> log, turns, marks, jobs

Several people change one session at once. An edit follows its turns through what others changed
meanwhile; where these changed the very turns, it is refused (`Overtaken`) and nothing is lost. How
a change is taken back: `undoing`; when words are said: `realign`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, select

from ingest import audit, jobs, rows
from ingest import tables as t
from ingest.archive import Archive
from ingest.correcting import checked
from ingest.correcting.change_rows import (
    NO_VOICES,
    Change,
    Kind,
    Voices,
    check_session,
    insert_change,
    revision,
    since,
)
from ingest.correcting.edits import Reshaping, Voice, named, read_name, voice_for
from ingest.correcting.replacing import Replace, in_names, in_turns
from ingest.correcting.retyped import Room, retyped
from ingest.correcting.splices import Place, Splice, altered_by, follow
from ingest.errors import BadInput, Conflict, NotFound
from ingest.tables import now
from ingest.transcript import Speaker, Status, Turn

Edit = Reshaping | Voice | Replace
Follower = Callable[[Connection, str, Sequence[Splice]], None]
"""Keeps a table that names turns by their place in step, within the transaction of a change."""


class Overtaken(Conflict):
    """Somebody else changed these very turns meanwhile."""


@dataclass(frozen=True)
class Drawn:
    """What an edit comes to on the turns as they stand now."""

    splices: tuple[Splice, ...] = ()
    voices: Voices = NO_VOICES

    def __bool__(self) -> bool:
        return bool(self.splices) or self.voices != NO_VOICES


@dataclass(frozen=True)
class Standing:
    """A session as it stands within a transaction, and what was changed since an edit's base."""

    db: Connection
    session_id: str
    now: int
    later: tuple[Change, ...] = ()

    def place(self, touches: range) -> Place:
        """Where the turns that an edit touches stand now. Raises `Overtaken` if they changed."""
        place = Place(touches.start, touches.stop)
        for change in self.later:
            place = follow(place, change.splices)
            if place.altered:
                raise overtaken(f"Le tour {touches.start + 1}", change.author)
        return place

    def turns(self, place: Place) -> tuple[Turn, ...]:
        """The turns at a place."""
        if place.first == place.stop:
            return ()
        here = t.turns.c.idx.between(place.first, place.stop - 1)
        return rows.current_turns(self.db, self.session_id, here)

    def speakers(self) -> tuple[Speaker, ...]:
        """The voices."""
        return rows.speakers(self.db, self.session_id)

    def check_voice(self, label: str) -> None:
        """Raise `Overtaken` if somebody else named this voice meanwhile."""
        for change in self.later:
            if any(s.label == label for s in (*change.voices.before, *change.voices.after)):
                raise overtaken(f"La voix {label}", change.author)

    def room(self, turn: Turn, before: Turn | None, after: Turn | None) -> Room:
        """How far a turn between these two may reach, without leaving its point of the agenda."""
        parts = select(t.recordings).where(t.recordings.c.session_id == self.session_id)
        ends = [row.offset_ms + row.duration_ms for row in self.db.execute(parts)]
        items = select(t.agenda_items.c.start_ms).where(
            t.agenda_items.c.session_id == self.session_id
        )
        taken_up = [at for at in self.db.execute(items).scalars() if at is not None]
        begun = [at for at in taken_up if at <= turn.start_ms]
        to_come = [at for at in taken_up if at >= turn.end_ms]
        return Room(
            max([before.end_ms if before else 0, *begun]),
            min([after.start_ms if after else max(ends, default=0), *to_come]),
            heard=bool(ends),
        )


def overtaken(what: str, author: str) -> Overtaken:
    """The refusal that tells who was there first."""
    return Overtaken(
        f"{what} a été modifié entre-temps par « {author} » : relisez ce qui s'y trouve,"
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
            drawn = draw(edit, Standing(db, session_id, at, since(db, session_id, base)))
            if not drawn:
                return at
            return self.write(db, session_id, author, Kind(edit.kind), drawn)

    def name(self, session_id: str, label: str, person: str | None, author: str) -> Speaker:
        """Say who a voice is, wherever it speaks; None leaves it open. Raises `NotFound`."""
        with self.archive.begin() as db:
            check_session(db, session_id)
            known = {speaker.label: speaker for speaker in rows.speakers(db, session_id)}
            if label not in known:
                raise NotFound(
                    f"Aucune voix « {label} » dans « {session_id} ». `verbatim voices"
                    f" {session_id}` donne la liste."
                )
            given = named(label, person)
            if known[label] != given:
                voices = Voices((known[label],), (given,))
                self.write(db, session_id, author, Kind.SPEAKER, Drawn((), voices))
            return given

    def write(
        self,
        db: Connection,
        session_id: str,
        author: str,
        kind: Kind,
        drawn: Drawn,
        of: int | None = None,
    ) -> int:
        """Write a change with all that follows from it; the revision after it."""
        number = revision(db, session_id)
        change = Change(number, now(), author, kind, of, drawn.splices, drawn.voices)
        insert_change(db, session_id, change)
        for keep_in_step in (checked.follow, *self.followers):
            keep_in_step(db, session_id, drawn.splices)
        audit.record(db, author, f"transcript.{kind}", session_id)
        if kind is not Kind.ALIGN and _is_guessed(drawn.splices):
            jobs.add(db, jobs.Kind.ALIGN, session_id, author)
        if check_session(db, session_id).status == Status.PUBLISHED:
            jobs.add(db, jobs.Kind.PUBLISH, session_id, author)
        return number + 1


def check_base(base: int, now: int) -> None:
    """Raise `BadInput` for a revision that there is not."""
    if not 1 <= base <= now:
        raise BadInput(f"La révision {base} n'existe pas (de 1 à {now}) : rechargez la page.")


def _is_guessed(splices: Sequence[Splice]) -> bool:
    return any(word.guessed for s in splices for turn in s.after for word in turn.words)


# --- what an edit comes to ----------------------------------------------------------------------


def draw(edit: Edit, standing: Standing) -> Drawn:
    """What an edit comes to now. Raises `BadInput`, `Overtaken`."""
    if isinstance(edit, Replace):
        return _replacing(edit, standing)
    if isinstance(edit, Voice):
        return _voice(edit, standing)
    return _reshaping(edit, standing)


def _reshaping(edit: Reshaping, standing: Standing) -> Drawn:
    place = standing.place(edit.touches)
    around = standing.turns(Place(max(0, place.first - 1), place.stop + 1))
    turns = tuple(turn for turn in around if place.first <= turn.index < place.stop)
    _check_there(turns, place, edit.touches)
    before = around[0] if around[0] is not turns[0] else None
    after = around[-1] if around[-1] is not turns[-1] else None
    made = edit.made(turns, standing.room(turns[0], before, after))
    return Drawn((Splice(place.first, turns, made),)) if made != turns else Drawn()


def _check_there(turns: Sequence[Turn], place: Place, touches: range) -> None:
    if touches.start < 0 or len(turns) < place.stop - place.first:
        missing = touches.start if touches.start < 0 else touches.stop - 1
        raise BadInput(f"Il n'y a pas de tour {missing + 1} dans la séance.")


def _voice(edit: Voice, standing: Standing) -> Drawn:
    place = standing.place(edit.touches)
    turns = standing.turns(place)
    _check_there(turns, place, edit.touches)
    (turn,) = turns
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
    return Drawn((Splice(place.first, turns, (made,)),), new) if made != turn else Drawn()


def _replacing(edit: Replace, standing: Standing) -> Drawn:
    turns = rows.current_turns(standing.db, standing.session_id)
    wanted = _wanted(edit, standing)
    chosen = [turn for turn in turns if wanted is None or turn.index in wanted]
    altered = altered_by([change.splices for change in standing.later])
    splices = []
    for found in in_turns(edit, chosen):
        at = found.turn.index
        if at in altered:
            author = next(c.author for c in reversed(standing.later) if c.splices)
            raise overtaken(f"Le tour {at + 1}", author)
        before = turns[at - 1] if at else None
        after = turns[at + 1] if at + 1 < len(turns) else None
        made = retyped(found.turn, found.text, standing.room(found.turn, before, after))
        if made != found.turn:
            splices.append(Splice(at, (found.turn,), (made,) if made else ()))
    return Drawn(tuple(splices), _renamed(edit, standing))


def _wanted(edit: Replace, standing: Standing) -> frozenset[int] | None:
    """Where the turns that were chosen stand now; None for all."""
    if edit.turns is None:
        return None
    return frozenset(standing.place(range(turn, turn + 1)).first for turn in edit.turns)


def _renamed(edit: Replace, standing: Standing) -> Voices:
    chosen = [speaker for speaker in standing.speakers() if speaker.label in edit.names]
    found = tuple(in_names(edit, chosen))
    for voice in found:
        standing.check_voice(voice.speaker.label)
    return Voices(
        tuple(voice.speaker for voice in found),
        tuple(named(voice.speaker, voice.name or None) for voice in found),
    )
