"""A transcript that was heard anew takes the place of the one that stands, and nothing is lost.

    what stands + what is heard now -> the new words, what people changed made again -> one log

All of it is one transaction: readers of a published session never see the new words without what is
withheld of them, nor without the corrections. What could not be carried over is put on the list of
what a clerk is to hear.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, func, select, update

from ingest.archive import audit, redactions, repository
from ingest.archive import schema as t
from ingest.archive.change_log import ChangeKind, Hearing, Hearings, Voices, as_heard, check_session
from ingest.archive.redactions import Redaction, RedactionReason
from ingest.archive.remainder import beside, doubts, masked, unheard_beside, widened, withheld
from ingest.archive.repository import Archive, read_transcript
from ingest.archive.splices import apply
from ingest.documents.agenda_store import agenda_of, bound
from ingest.editing import carry, progress
from ingest.editing.changes import Changes, Drawn
from ingest.errors import BadInput
from ingest.jobs import queue
from ingest.redaction import held
from ingest.redaction.redact import parted
from ingest.transcript import (
    Doubt,
    Evidence,
    ReviewItem,
    Span,
    Speaker,
    Transcript,
    Turn,
    numbered,
)
from search.index.publish import GoOn, freely
from search.index.store import follow
from search.index.withdraw import withhold_anew
from search.votes.carry import carry_verdicts, verdicts_on
from search.votes.verdicts import table as verdicts


@dataclass(frozen=True)
class CarriedOver:
    """How much of what people did stands on the new words, and how much is left to a clerk.

    `widened`: withheld passages that are longer now, for a word at their edge is timed otherwise.
    """

    corrections: int = 0
    corrections_left: int = 0
    voices: int = 0
    voices_left: int = 0
    votes: int = 0
    votes_left: int = 0
    read: int = 0
    read_left: int = 0
    widened: int = 0


@dataclass(frozen=True)
class AtStake:
    """What people did to a session that is to be heard again."""

    corrections: int
    voices: int
    votes: int
    read: int
    points: int
    withheld: int


def at_stake(archive: Archive, session_id: str) -> AtStake:
    """Count what a new hearing has to carry over. Raises `NotFound`."""
    with archive.engine.connect() as db:
        now = read_transcript(db, session_id)
        heard = as_heard(db, session_id, (ChangeKind.AGAIN,))
        mine = select(func.count()).where(verdicts.c.session_id == session_id)
        return AtStake(
            corrections=len(carry.corrections(heard, now.turns)),
            voices=sum(speaker.evidence is Evidence.CLERK for speaker in now.speakers),
            votes=db.execute(mine).scalar_one(),
            read=len(progress.checked(db, session_id)),
            points=sum(point.confirmed for point in agenda_of(db, session_id)),
            withheld=len(withheld(now.closed)),
        )


@dataclass(frozen=True)
class Anew:
    """A transcript heard anew, the one that stood `before`, and the account that asked for it.

    `kind` says what was done: all transcribed again, or voices alone told apart. `destroyed` are
    the passages of which nothing was in the sound.
    """

    heard: Transcript
    before: Transcript
    destroyed: tuple[Span, ...]
    kind: ChangeKind
    by: str
    most_voices: int | None = None


def replace_transcript(archive: Archive, anew: Anew, go_on: GoOn = freely) -> CarriedOver:
    """Put what was heard anew in the place of what stands, with what people did to that.

    Raises `NotFound`, and `BadInput` where a passage was destroyed meanwhile: the new words may
    hold what was said there, and nothing of them is kept.
    """
    session_id = anew.heard.session
    changes = Changes(archive, (follow,))
    with archive.begin() as db:
        go_on(db)
        session = repository.session(db, check_session(db, session_id))
        now, marks = read_transcript(db, session_id), progress.checked(db, session_id)
        if destroyed(db, session_id) != anew.destroyed:
            raise BadInput(
                "Un passage de cette séance a été retiré pendant la transcription : relancez-la."
            )
        judged, in_camera = verdicts_on(db, session_id), held.held(db, session)
        released = held.released(db, session)
        plan = _planned(db, now, anew)
        _write(db, changes, now, plan, anew)
        held.release_again(db, session, released, anew.by)
        withhold_anew(db, archive, session_id, in_camera, anew.by)
        bound(db, session_id)
        votes = carry_verdicts(db, session_id, judged)
        still = progress.checked(db, session_id)
        _settle(db, plan, votes.left, anew, is_read=len(still) == len(plan.turns))
        audit.record(db, anew.by, f"session.{anew.kind}", session_id)
    return replace(
        plan.carried,
        votes=votes.done,
        votes_left=len(votes.left),
        read=len(still),
        read_left=len(marks - still),
    )


def destroyed(db: Connection, session_id: str) -> tuple[Span, ...]:
    """The passages of a session of which nothing is kept."""
    return tuple(one.span for one in redactions.of_session(db, session_id) if one.is_destroyed)


@dataclass(frozen=True)
class _Plan:
    """What is to stand: `raw` as it was heard, then `turns` with what people did.

    `given` are voices that are heard only where people say so; `longer`: withheld passages.
    """

    raw: tuple[Turn, ...]
    turns: tuple[Turn, ...]
    speakers: tuple[Speaker, ...]
    given: tuple[Speaker, ...]
    hearing: Hearing
    longer: tuple[tuple[Redaction, Span], ...]
    carried: CarriedOver


def _planned(db: Connection, now: Transcript, anew: Anew) -> _Plan:
    known = {speaker.label: speaker for speaker in now.speakers}
    heard_by_voice = as_heard(db, now.session, (ChangeKind.AGAIN, ChangeKind.VOICES))
    people = carry.voicing(heard_by_voice, now.turns, known)
    settled = {
        label: speaker
        for label, speaker in known.items()
        if speaker.evidence is Evidence.CLERK or label in people.united
    }
    names = carry.claims(anew.heard.turns, now.turns, known, settled)
    turns, speakers = carry.renamed(anew.heard.turns, anew.heard.speakers, names, settled)
    raw = _without(turns, anew.destroyed)

    if anew.kind is ChangeKind.AGAIN:
        people_wrote = carry.corrections(as_heard(db, now.session, (ChangeKind.AGAIN,)), now.turns)
    else:  # the words are those of `before`, corrected perhaps while the job ran
        people_wrote = carry.corrections(anew.before.turns, now.turns, are_settled=True)
    carried = carry.with_corrections(raw, people_wrote)
    made = list(carry.with_given(carried.turns, [s for s in people.given if s.label in known]))
    longer = _longer(db, now, made)
    for _, span in longer:
        apply(made, parted(made, span))

    labels = {turn.speaker for turn in made}
    lost = [s for label, s in settled.items() if label not in labels]
    asked = [*(one.to_review() for one in carried.left), *_voices_lost(lost, now)]
    return _Plan(
        raw=raw,
        turns=numbered(made),
        speakers=speakers,
        given=tuple(s for s in now.speakers if s.label in labels - {s.label for s in speakers}),
        hearing=_hearing(anew, asked),
        longer=longer,
        carried=CarriedOver(
            corrections=carried.done,
            corrections_left=len(carried.left),
            voices=len(settled) - len(lost),
            voices_left=len(lost),
            widened=sum(span != one.span for one, span in longer),
        ),
    )


def _without(turns: Sequence[Turn], spans: Sequence[Span]) -> tuple[Turn, ...]:
    """The turns, with no word of what was destroyed."""
    return numbered(turn for turn in masked(turns, spans) if turn.words)


def _longer(
    db: Connection, now: Transcript, made: Sequence[Turn]
) -> tuple[tuple[Redaction, Span], ...]:
    """Each withheld passage, and what is to be withheld of the new words."""
    before, after = ([word for turn in turns for word in turn.words] for turns in (now.turns, made))
    kept = (
        one for one in redactions.of_session(db, now.session) if one.why is RedactionReason.WITHHELD
    )
    return tuple((one, widened(one.span, before, after)) for one in kept)


def _voices_lost(lost: Sequence[Speaker], now: Transcript) -> Iterator[ReviewItem]:
    """Where a voice was heard that people had named, and that is not heard any more."""
    for speaker in lost:
        own = [turn for turn in now.turns if turn.speaker == speaker.label]
        if own:
            longest = max(own, key=lambda turn: turn.end_ms - turn.start_ms)
            reason = f"la voix de {speaker.person or speaker.label} ne s'y distingue plus"
            yield ReviewItem(longest.start_ms, longest.end_ms, Doubt.CARRY, reason)


def _hearing(anew: Anew, asked: Sequence[ReviewItem]) -> Hearing:
    """The new doubts and what a clerk is asked, without any mention of a destroyed passage."""
    review, unheard_spans = anew.heard.review, anew.heard.unheard
    for span in anew.destroyed:
        review, unheard_spans = doubts(review, beside(span)), unheard_beside(unheard_spans, span)
    return Hearing(anew.heard.generator, unheard_spans, tuple(sorted((*review, *asked))))


def _write(db: Connection, changes: Changes, now: Transcript, plan: _Plan, anew: Anew) -> None:
    """Two changes, as heard and as carried over: the next hearing tells them apart."""
    hearings = Hearings(Hearing(now.generator, now.unheard, now.review), plan.hearing)
    voices = Voices(
        tuple(s for s in now.speakers if s not in plan.speakers),
        tuple(s for s in plan.speakers if s not in now.speakers),
    )
    heard = Drawn(carry.splices(now.turns, plan.raw), voices, hearings)
    changes.write(db, now.session, anew.by, anew.kind, heard)
    stands = repository.current_turns(db, now.session)
    carried = Drawn(carry.splices(stands, plan.turns, now.turns), Voices((), plan.given))
    if carried:
        changes.write(db, now.session, anew.by, ChangeKind.CARRY, carried)
    for one, span in plan.longer:
        if span != one.span:
            redactions.widen(db, one, span)
            queue.add(db, queue.JobKind.CLOSE, now.session, anew.by)


def _settle(
    db: Connection, plan: _Plan, votes: Sequence[ReviewItem], anew: Anew, *, is_read: bool
) -> None:
    """What follows from the new words for the session itself: its list, its hint, its review."""
    review = tuple(sorted((*plan.hearing.review, *votes)))
    repository.replace_hearing(db, anew.heard.session, **vars(replace(plan.hearing, review=review)))
    unread = {} if is_read else {"reviewed_by": None, "reviewed_at": None}
    this = t.sessions.c.id == anew.heard.session
    db.execute(update(t.sessions).where(this).values(most_voices=anew.most_voices, **unread))
