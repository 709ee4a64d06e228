"""The pages of published sessions: their list, and one to read and hear.

A session is shown as sections, one for each point of the agenda, with turns and gaps in order, and
marks the interval that a link names; above them is drawn who speaks when. Shows what the API's own
functions return.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.exports.exports import Form, forms, house_of
from api.exports.script import TurnPart, beginnings, parted
from api.exports.standards.house import House
from api.records.topics import topics_of
from api.routes import Parts
from api.routes.http import REVALIDATE
from api.views.excerpt import Excerpt, Moment, as_shared, excerpt_of, followed, read_moment
from api.views.links import links
from api.views.session import (
    AgendaView,
    ClosedView,
    PartView,
    TurnView,
    UnheardView,
    agenda_view,
    repairs,
    session_view,
    transcript_view,
)
from api.views.wording import Who, length
from ingest.transcript import Session, Span, Transcript
from web.public.excerpt import shared
from web.public.paging import PageNumber, paged
from web.site import READ, OnSite

router = APIRouter(include_in_schema=False)
PER_PAGE = 30  # sessions: half a year of a council's
WIDTH = 1000  # units of a lane, which is as wide as the page lets it be
_THINNEST = 2  # units: a bar that can be seen on a phone
_MOST = 9  # lanes, so that the table fits a screen


@dataclass(frozen=True)
class LaneTurn:
    """A turn as a lane needs it; `id` is the element that holds its words."""

    who: Who
    span: Span
    id: str


@dataclass(frozen=True)
class Lane:
    """Bars as an SVG path, and the same told. Without `who`: the `voices` that share a lane."""

    who: Who | None
    voices: int
    path: str
    duration: str
    share: int
    turns: int
    first: str


@dataclass(frozen=True)
class ReadTurn:
    """A turn on the page, or the part of one that belongs to one point of the agenda.

    `first_word` is the place in the turn of the part's first. `quoted` is what the link names,
    empty for most turns. `start` is a clock, None without sound. `goes_on`: its speaker was named
    just above, for a text has a turn for each paragraph. `is_first`: of that voice.
    """

    id: str
    index: int
    first_word: int
    who: Who
    start_ms: int
    end_ms: int
    start: str | None
    language: str | None
    before: str
    quoted: str
    after: str
    cited: bool
    anchor: bool
    goes_on: bool = False
    is_first: bool = False


@dataclass(frozen=True)
class ReadClosed:
    """A redaction; `anchor` where a link leads to it."""

    closed: ClosedView
    start_ms: int
    anchor: bool


Entry = ReadTurn | ReadClosed | UnheardView | PartView


@dataclass(frozen=True)
class Section:
    """A point of the agenda, or None before the first, with what was said under it, in order.

    `is_unsure`: it is not certain under which point.
    """

    item: AgendaView | None
    entries: tuple[Entry, ...]
    is_unsure: bool = False

    @property
    def voices(self) -> tuple[ReadTurn, ...]:
        """The first turn here of each voice, in order."""
        first: dict[Who, ReadTurn] = {}
        for entry in self.entries:
            if isinstance(entry, ReadTurn):
                first.setdefault(entry.who, entry)
        return tuple(first.values())


def sections(
    session: Session, transcript: Transcript, moment: Moment | None
) -> tuple[Section, ...]:
    """The whole session, cut where a point of the agenda is taken up. Each placed point has one."""
    spoken = tuple(turn for turn in transcript.turns if turn.words)
    begun = beginnings(spoken, session.agenda, transcript.closed)
    entries = _read(session, transcript, tuple(parted(spoken, begun)), moment)
    said: list[list[Entry]] = [[] for _ in range(len(begun) + 1)]
    starts = [point.start_ms for point in begun]
    for entry in entries:
        said[bisect_right(starts, entry.start_ms)].append(entry)
    items = (None, *(agenda_view(b.item, session) if b.item else None for b in begun))
    every = (
        Section(
            item,
            tuple(under) if session.is_recorded else tuple(_paragraphs(under)),
            is_unsure=item is None and n > 0,
        )
        for n, (item, under) in enumerate(zip(items, said, strict=True))
    )
    return tuple(section for section in every if section.item or section.entries)


def _paragraphs(entries: list[Entry]) -> Iterator[Entry]:
    """The turns of a text, those marked whose speaker goes on after a paragraph."""
    before: Who | None = None
    for entry in entries:
        if isinstance(entry, ReadTurn):
            yield replace(entry, goes_on=True) if entry.who == before else entry
            before = entry.who
        else:
            yield entry
            before = None


def _read(
    session: Session,
    transcript: Transcript,
    parts: tuple[TurnPart, ...],
    moment: Moment | None,
) -> list[Entry]:
    shown = transcript_view(session, replace(transcript, turns=tuple(p.turn for p in parts)))
    times = [(turn.start_ms, turn.end_ms) for turn in shown.turns]
    cited = [n for n, time in enumerate(times) if moment and moment.holds(*time)]
    closed = [_read_closed(one, moment, anchor=not cited) for one in shown.closed]
    if (
        moment and not cited and not any(one.anchor for one in closed)
    ):  # an instant between two turns: the next one
        cited = [n for n, (start, _) in enumerate(times) if start >= moment.start_ms][:1]
    read = [
        _read_turn(turn, part.first_word, moment, is_cited=n in cited, anchor=n in cited[:1])
        for n, (part, turn) in enumerate(zip(parts, shown.turns, strict=True))
    ]
    first = {turn.who: n for n, turn in reversed(list(enumerate(read)))}
    turns = (replace(turn, is_first=first[turn.who] == n) for n, turn in enumerate(read))
    entries: list[Entry] = [*shown.session.parts, *turns, *closed, *shown.unheard]
    return sorted(entries, key=lambda entry: entry.start_ms)


def _read_closed(closed: ClosedView, moment: Moment | None, *, anchor: bool) -> ReadClosed:
    here = moment is not None and moment.holds(closed.start_ms, closed.end_ms)
    return ReadClosed(closed, closed.start_ms, anchor and here)


def _read_turn(
    turn: TurnView,
    first_word: int,
    moment: Moment | None,
    *,
    is_cited: bool,
    anchor: bool,
) -> ReadTurn:
    before, quoted, after = _split(turn, moment) if is_cited else (turn.text, "", "")
    return ReadTurn(
        id=f"tour-{turn.index}-{first_word}" if first_word else f"tour-{turn.index}",
        index=turn.index,
        first_word=first_word,
        who=turn.who,
        start_ms=turn.start_ms,
        end_ms=turn.end_ms,
        start=turn.start,
        language=turn.language,
        before=before,
        quoted=quoted,
        after=after,
        cited=is_cited,
        anchor=anchor,
    )


def _split(turn: TurnView, moment: Moment | None) -> tuple[str, str, str]:
    """The turn's text before, in and after the interval; joined, they are the text again."""
    if moment is None or moment.end_ms is None:
        return turn.text, "", ""
    inside = [n for n, (start, end, *_) in enumerate(turn.words) if moment.holds(start, end)]
    if not inside:
        return turn.text, "", ""
    texts = [text for _, _, text, _ in turn.words]
    start = len(" ".join(texts[: inside[0]])) + (inside[0] > 0)
    end = len(" ".join(texts[: inside[-1] + 1]))
    return turn.text[:start], turn.text[start:end], turn.text[end:]


@router.api_route("/seances", methods=READ, response_class=HTMLResponse)
def session_list(deps: Parts, site: OnSite, number: PageNumber = 1) -> HTMLResponse:
    """Published sessions with their agendas, newest first."""
    page = paged(deps.vocabulary().sessions, number, PER_PAGE, "/seances")
    sessions = [session_view(deps.published.session(one.id)) for one in page.items]
    body = site.render("sessions.html", sessions=sessions, page=page)
    return HTMLResponse(body, headers=REVALIDATE)


@router.api_route("/seances/{session_id}", methods=READ, response_class=HTMLResponse)
def session_page(
    session_id: str,
    deps: Parts,
    site: OnSite,
    t: str | None = None,
    r: int | None = None,
) -> HTMLResponse:
    """A session to read and hear; `?t=` marks a moment as quoted in revision `?r=`.

    The words are marked where they stand now; were they corrected since, the page says so, and what
    they were.
    """
    session = deps.published.session(session_id)
    transcript, revision = deps.published.transcript_at(session_id)
    moment, quoted = followed(deps.published, session_id, read_moment(t), r)
    said = excerpt_of(session, transcript, revision, moment, quoted)
    body = site.render(
        "session.html",
        shared=shared(said, site) if said else None,
        quoted=quoted,
        corrected=quoted.at if quoted else None,
        as_shared=as_shared(quoted, transcript),
        topics=topics_of(deps.subjects, deps.vocabulary(), [one.title for one in session.agenda]),
        **shown(session, transcript, moment, said, revision, house_of(deps.settings, Form.TEI)),
    )
    return HTMLResponse(body, headers=REVALIDATE)


def shown(
    session: Session,
    transcript: Transcript,
    moment: Moment | None,
    said: Excerpt | None,
    revision: int,
    house: House | None = None,
) -> dict[str, Any]:
    """What the page of a session shows of it; `said` is what a link names, if an interval."""
    read = sections(session, transcript, moment)
    return {
        "session": session_view(session),
        "sections": read,
        "extract": said if said and said.end_ms <= session.duration_ms else None,
        "links": links(session, 0, session.duration_ms),
        "repairs": tuple(repairs(transcript)),
        "forms": forms(session, house),
        "revision": revision,
        "lanes": _lanes(read, session),
    }


def _lanes(read: Sequence[Section], session: Session) -> tuple[Lane, ...]:
    """Who speaks when; nothing without sound, where times count words."""
    if not session.is_recorded:
        return ()
    entries = (entry for section in read for entry in section.entries)
    turns = (entry for entry in entries if isinstance(entry, ReadTurn))
    spoken = [LaneTurn(turn.who, Span(turn.start_ms, turn.end_ms), turn.id) for turn in turns]
    return lanes(spoken, session.duration_ms)


def lanes(spoken: Sequence[LaneTurn], duration_ms: int) -> tuple[Lane, ...]:
    """A lane for each voice, who speaks longest first. `share` is in percent of all speech."""
    by_voice: dict[Who, list[LaneTurn]] = {}
    for turn in spoken:
        by_voice.setdefault(turn.who, []).append(turn)
    ordered = sorted(by_voice.items(), key=lambda voice: -_length_ms(voice[1]))
    total = _length_ms(spoken)
    own = ordered if len(ordered) <= _MOST else ordered[: _MOST - 1]
    made = [_lane(who, 1, turns, duration_ms, total) for who, turns in own]
    if rest := ordered[len(own) :]:
        turns = sorted((t for _, said in rest for t in said), key=lambda t: t.span)
        made.append(_lane(None, len(rest), turns, duration_ms, total))
    return tuple(made)


def _lane(
    who: Who | None, voices: int, turns: Sequence[LaneTurn], duration_ms: int, total_ms: int
) -> Lane:
    spoken_ms = _length_ms(turns)
    return Lane(
        who=who,
        voices=voices,
        path=_path(turns, duration_ms),
        duration=length(spoken_ms),
        share=round(100 * spoken_ms / max(total_ms, 1)),
        turns=len(turns),
        first=turns[0].id,
    )


def _length_ms(turns: Iterable[LaneTurn]) -> int:
    return sum(turn.span.end_ms - turn.span.start_ms for turn in turns)


def _path(turns: Sequence[LaneTurn], duration_ms: int) -> str:
    """Bars in units of a lane; those that touch are one, so that a long session stays light."""
    bars: list[tuple[int, int]] = []
    for turn in turns:
        start, end = (
            round(WIDTH * at / duration_ms) for at in (turn.span.start_ms, turn.span.end_ms)
        )
        end = max(end, start + _THINNEST)
        if bars and start <= bars[-1][1] + 1:
            bars[-1] = (bars[-1][0], max(end, bars[-1][1]))
        else:
            bars.append((start, end))
    return "".join(f"M{start} 0h{end - start}v1H{start}z" for start, end in bars)
