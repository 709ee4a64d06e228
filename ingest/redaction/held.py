"""What of a session is not published by itself: what is in camera, neither redacted nor released.

A point is held from its time to the next one's, if its title or the chair says that it is closed;
an announced stretch between the chair's words. Publishing withholds both, and is refused while a
point, or a closing that the chair announced for later, has no time (`search.index.publish`). A
release is a person's act, logged, and holds for the point as it stands: another title or time, and
it is asked for again.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    ForeignKey,
    String,
    Table,
    Text,
    cast,
    func,
    insert,
    or_,
    select,
)

from ingest.archive import audit, redactions
from ingest.archive import schema as t
from ingest.archive.remainder import TIMED_ANEW_MS
from ingest.archive.repository import turn
from ingest.documents.agenda import points_named
from ingest.documents.in_camera import HINTS, Announced, Notice, announced, is_marked, notices
from ingest.errors import BadInput, Conflict
from ingest.text import clock
from ingest.transcript import AgendaItem, Erased, Session, Span, Word, merge_spans

table = Table(
    "releases",
    t.metadata,
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("seal", String, primary_key=True),
    Column("by", String, nullable=False),
    Column("at", DateTime, nullable=False),
)
# A silence this short between what was redacted and an edge holds no word: clocks are typed to the
# second, and turns begin a little after their point. Words in it are held all the same.
_SILENCE_MS = 2_000
# A list of forty sessions took 4 s to read, and twenty years of them are some thousand.
_MOST_HEARD = 2_000


@dataclass(frozen=True)
class _Said:
    """What was announced in a session: stretches in camera, and those to come."""

    stretches: tuple[Announced, ...]
    notices: tuple[Notice, ...]


_heard: dict[tuple[object, ...], _Said] = {}


@dataclass(frozen=True)
class Held:
    """A point or a stretch, and what is `left` of it to redact.

    `name` is the point's number or the stretch's clock. A point without a time has nothing `left`:
    it is somewhere in `between`, and announced stretches there are where it may be. A closing that
    was announced for later, of no point, is like one, without a title. `said_ms`: when the chair
    says so, where a title does not.
    """

    seal: str
    name: str
    title: str
    left: tuple[Span, ...]
    between: Span | None = None
    announced: tuple[Span, ...] = ()
    lifted: bool = True
    said_ms: int | None = None

    @property
    def is_notice(self) -> bool:
        """Is it a closing that was announced for later, of no point?"""
        return self.between is not None and not self.title and self.said_ms is not None


class HeldBack(Conflict):
    """A session cannot be published while some of it is `held`."""

    def __init__(self, session: Session, held: Sequence[Held]) -> None:
        told = " ".join(f"{sentence(one, session)}." for one in held)
        super().__init__(
            f"{told} Rien n'a été publié : donnez un temps à ce qui est à huis clos, qui sera alors"
            " réservé au bureau, ou confirmez qu'il peut être public."
        )
        self.session, self.held = session, tuple(held)


def check(db: Connection, session: Session) -> None:
    """Raise `HeldBack` for a session that may not be published as it is."""
    if some := held(db, session):
        raise HeldBack(session, some)


def held(db: Connection, session: Session) -> tuple[Held, ...]:
    """What of a session is in camera and neither redacted nor released: points, then stretches."""
    return _held(db, session, _announced(db, session))


def stretches(some: Sequence[Held]) -> tuple[Span, ...]:
    """What is left of them to redact, by start; those that share sound or words are one."""
    return merge_spans((span for one in some for span in one.left), gap_ms=-1)


def is_held(db: Connection, session: Session) -> bool:
    """Is anything held? For lists: what was announced is read again where a turn has changed."""
    c = t.turns.c
    state = select(func.count(), func.sum(c.revision), func.max(c.id))
    row = db.execute(state.where(c.session_id == session.id)).one()
    key = (str(db.engine.url), session.id, session.duration_ms, *row)
    if key not in _heard:
        if len(_heard) >= _MOST_HEARD:
            _heard.clear()
        _heard[key] = _announced(db, session)
    return bool(_held(db, session, _heard[key]))


def _held(db: Connection, session: Session, said: _Said) -> tuple[Held, ...]:
    closed = redactions.spans(redactions.of_session(db, session.id))
    seals = _seals(db, session.id)
    found = (
        *_points(session, said, closed),
        *(
            Held(_seal(s), clock_of(s.start_ms, session), "", (s,), lifted=lifted)
            for s, lifted in ((one.span, one.lifted) for one in said.stretches)
        ),
    )
    open_ = [one for one in found if one.seal not in seals]
    touched = any(
        c.overlap_ms(s.start_ms, s.end_ms) for one in open_ for s in one.left for c in closed
    )
    words = _words(db, session.id) if touched else ()
    left = [replace(one, left=_left(one.left, closed, words, session)) for one in open_]
    return tuple(one for one in left if one.left or one.between)


def _announced(db: Connection, session: Session) -> _Said:
    """By the turns that may announce something: to read all of them takes a second a session."""
    text = cast(t.turns.c.words, Text)
    written = (json.dumps(hint)[1:-1] for hint in HINTS)  # as JSON writes them
    hints = or_(*(text.icontains(hint, autoescape=True) for hint in written))
    query = select(t.turns).where(t.turns.c.session_id == session.id, hints)
    turns = [turn(row) for row in db.execute(query)]
    return _Said(announced(turns, session.duration_ms), notices(turns))


def _words(db: Connection, session_id: str) -> tuple[Word, ...]:
    query = select(t.turns.c.words).where(t.turns.c.session_id == session_id)
    return tuple(Word(*word) for words in db.execute(query).scalars() for word in words)


def _points(session: Session, said: _Said, closed: Sequence[Span]) -> Iterator[Held]:
    """The points that are in camera, and the closings announced for later that are none of them."""
    named = [(one, points_named(one.text, session, one.at_ms)) for one in said.notices]
    said_ms: dict[int, int | None] = {
        at: one.at_ms for one, places in reversed(named) for at in places
    }
    said_ms |= {at: None for at, item in enumerate(session.agenda) if is_marked(item.title)}
    stretches = [one.span for one in said.stretches]
    for at, said_at in sorted(said_ms.items()):
        item = session.agenda[at]
        name = item.number or str(at + 1)
        if span := point_span(item, session):
            yield Held(_seal(item, span), name, item.title, (span,), said_ms=said_at)
            continue
        start_ms = max((i.start_ms or 0 for i in session.agenda[:at]), default=0)
        between = Span(start_ms, _next(session.agenda[at + 1 :], start_ms, session))
        near = tuple(s for s in stretches if s.overlap_ms(between.start_ms, between.end_ms))
        if not (near and all(_less(s, closed) == () for s in near)):
            yield Held(_seal(item, between), name, item.title, (), between, near, said_ms=said_at)
    kept = [span for span in closed if not isinstance(span, Erased)]
    starts = [session.agenda[at].start_ms for at in said_ms]
    known = [one.end_ms for one in (*stretches, *kept)]
    known += [session.duration_ms if at is None else at for at in starts]
    yield from _to_come([one for one, places in named if not places], known, session)


def _to_come(some: Sequence[Notice], known: Sequence[int], session: Session) -> Iterator[Held]:
    """Closings that were announced for later and are not known: `known` are those there are."""
    for one in some:
        if one.at_ms >= max(known, default=0):
            between = Span(one.at_ms, session.duration_ms)
            name = clock_of(one.at_ms, session)
            yield Held(_seal(between), name, "", (), between, said_ms=one.at_ms)


def point_span(item: AgendaItem, session: Session) -> Span | None:
    """What belongs to a point of the agenda: from its time to the next one's; None without a time.

    Points numbered below it (5.1 below 5) belong to it.
    """
    if item.start_ms is None:
        return None
    below = f"{item.number.rstrip('. ')}."
    others = [i for i in session.agenda if not (item.number and i.number.startswith(below))]
    return Span(item.start_ms, _next(others, item.start_ms, session))


def _next(agenda: Sequence[AgendaItem], after_ms: int, session: Session) -> int:
    """When the first point after a moment is taken up, or else the session ends."""
    starts = (item.start_ms for item in agenda if item.start_ms is not None)
    return min((start for start in starts if start > after_ms), default=session.duration_ms)


def _less(span: Span, closed: Sequence[Span]) -> tuple[Span, ...]:
    """What is left of a stretch without those that are redacted, which are in order and apart."""
    left, start_ms = [], span.start_ms
    for one in closed:
        if one.end_ms > start_ms and one.start_ms < span.end_ms:
            left.append(Span(start_ms, one.start_ms))
            start_ms = one.end_ms
    return tuple(s for s in (*left, Span(start_ms, span.end_ms)) if s.start_ms < s.end_ms)


def _left(
    spans: Sequence[Span], closed: Sequence[Span], words: Sequence[Word], session: Session
) -> tuple[Span, ...]:
    """What is left to redact: all that holds a word, and all sound that is more than an edge."""
    return tuple(
        piece
        for span in spans
        for piece in _less(span, closed)
        if piece == span
        or (session.is_recorded and piece.end_ms - piece.start_ms > _SILENCE_MS)
        or any(piece.touches(word) for word in words)
    )


def _seal(*what: AgendaItem | Span) -> str:
    """A digest of what is released: it holds for nothing else."""
    told = [{k: v for k, v in asdict(one).items() if k != "until_ms"} for one in what]
    content = json.dumps(told, ensure_ascii=False)
    return sha256(content.encode()).hexdigest()[:16]


def _seals(db: Connection, session_id: str) -> set[str]:
    """The seals of what was released of a session."""
    mine = select(table.c.seal).where(table.c.session_id == session_id)
    return set(db.execute(mine).scalars())


# --- releasing ---------------------------------------------------------------------------------


def release(db: Connection, session: Session, some: Sequence[Held], by: str) -> None:
    """Note that points and stretches that are held may be public as they stand, and who says so."""
    for one in {one.seal: one for one in some}.values():  # a point that is listed twice has one
        values = {"session_id": session.id, "seal": one.seal, "by": by, "at": t.now()}
        db.execute(insert(table).values(values))
        audit.record(db, by, "session.release", f"{session.id}, {one.name}")


def released(db: Connection, session: Session) -> tuple[Span, ...]:
    """The announced stretches that may be public, as a person said."""
    seals = _seals(db, session.id)
    spans = (one.span for one in _announced(db, session).stretches)
    return tuple(span for span in spans if _seal(span) in seals)


def release_again(db: Connection, session: Session, before: Sequence[Span], by: str) -> None:
    """Let announced stretches be public that were so `before` the same words were timed anew."""
    same = [
        one
        for one in held(db, session)
        if not one.title and any(_is_timed_anew(span, one.left) for span in before)
    ]
    release(db, session, same, by)


def _is_timed_anew(span: Span, left: Sequence[Span]) -> bool:
    return len(left) == 1 and (
        max(abs(left[0].start_ms - span.start_ms), abs(left[0].end_ms - span.end_ms))
        <= TIMED_ANEW_MS
    )


def named(some: Sequence[Held], names: Sequence[str]) -> tuple[Held, ...]:
    """Those of what is held that are named. Raises `BadInput` for a name of none, or of several."""
    chosen = []
    for name in names:
        fitting = [one for one in some if one.name == name.strip()]
        if len(fitting) != 1:
            known = ", ".join(one.name for one in some) or "rien"
            what = "désigne plusieurs points" if fitting else "n'est pas retenu à huis clos"
            raise BadInput(f"« {name[:40]} » {what} ; ce qui l'est : {known}.")
        chosen.append(fitting[0])
    return tuple(dict.fromkeys(chosen))


# --- as it is told -----------------------------------------------------------------------------


def clock_of(at_ms: int, session: Session) -> str:
    """A place as it is shown: a clock, or the number of a word."""
    return clock(at_ms) if session.is_recorded else str(at_ms)


def exact(at_ms: int, session: Session) -> str:
    """A place as it is typed, to the millisecond: no word at an edge is missed or lost."""
    if not session.is_recorded:
        return str(at_ms)
    return f"{clock(at_ms)},{at_ms % 1000:03}" if at_ms % 1000 else clock(at_ms)


def sentence(one: Held, session: Session) -> str:
    """What is held, from when to when, or where it may be, without a full stop."""
    said = "" if one.said_ms is None else clock_of(one.said_ms, session)
    if one.is_notice:
        return (
            f"Un huis clos est annoncé à {said} pour plus tard, et aucun n'est entendu ensuite :"
            " s'il a eu lieu, réservez-en le passage au bureau"
        )
    closed = f"est annoncé à huis clos ({said})" if said else "est à huis clos"
    if one.between:
        return f"Le point {one.name} « {one.title} » {closed} et n'a pas de temps : " + _where(
            one, session
        )
    stretches = " et ".join(_from_to(span, session) for span in one.left)
    if one.title:
        return f"Le point {one.name} « {one.title} » {closed}, {stretches}"
    end = "" if one.lifted else ", sans que sa levée le soit"
    return f"Un huis clos est annoncé dans la séance, {stretches}{end}"


def _where(one: Held, session: Session) -> str:
    between = one.between or Span(0, session.duration_ms)
    first, last = (_edge(at, session) for at in (between.start_ms, between.end_ms))
    near = " et ".join(_from_to(span, session) for span in one.announced)
    said = f" (un huis clos y est annoncé {near})" if near else ""
    return f"il se trouve entre {first} et {last}{said} ; donnez-lui son temps dans l'ordre du jour"


def _edge(at_ms: int, session: Session) -> str:
    at = clock_of(at_ms, session)
    points = [item for item in session.agenda if item.start_ms == at_ms]
    if points and points[-1].number:
        return f"le point {points[-1].number} ({at})"
    if at_ms in (0, session.duration_ms):
        return "la fin" if at_ms else "le début"
    return at


def _from_to(span: Span, session: Session) -> str:
    first, last = clock_of(span.start_ms, session), clock_of(span.end_ms, session)
    return f"de {first} à {last}" if session.is_recorded else f"du mot {first} au mot {last}"
