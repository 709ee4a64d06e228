"""A session as it is read: sections of the agenda, turns and gaps in order, a quoted interval.

Pure. Splits text at words, so that a mark never cuts one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from api.addresses import Links, links
from api.views import AgendaView, TurnView, UnheardView, agenda_view, transcript_view
from api.wording import Who
from ingest.errors import BadInput
from ingest.transcript import Session, Transcript


@dataclass(frozen=True)
class Moment:
    """What a link points at: an interval, or an instant when `end_ms` is None."""

    start_ms: int
    end_ms: int | None

    def holds(self, start_ms: int, end_ms: int) -> bool:
        """Does it share time with [start_ms, end_ms)?"""
        if self.end_ms is None:
            return start_ms <= self.start_ms < end_ms
        return start_ms < self.end_ms and self.start_ms < end_ms


@dataclass(frozen=True)
class ReadTurn:
    """A turn on the page. `quoted` is the part that the link names, empty for most turns."""

    index: int
    who: Who
    start_ms: int
    end_ms: int
    start: str
    before: str
    quoted: str
    after: str
    cited: bool
    anchor: bool


@dataclass(frozen=True)
class Section:
    """A point of the agenda, or None before the first, with what was said under it, in order."""

    item: AgendaView | None
    entries: tuple[ReadTurn | UnheardView, ...]


@dataclass(frozen=True)
class Extract:
    """The quoted interval of a page, with its sound."""

    moment: Moment
    links: Links
    corrected: bool


def read_moment(t: str | None) -> Moment | None:
    """The moment that `?t=` names: 12000 or 12000-15000. Raises `BadInput` for anything else."""
    if not t:
        return None
    found = re.fullmatch(r"(\d{1,9})(?:-(\d{1,9}))?", t)
    if found is None:
        raise BadInput(
            f"Le moment « {t[:40]} » ne se lit pas : on attend des millisecondes, "
            "comme t=12000 ou t=12000-15000."
        )
    start, end = int(found[1]), int(found[2]) if found[2] else None
    return Moment(start, end if end is None or end > start else None)


def extract(
    session: Session, transcript: Transcript, moment: Moment | None, revision: int | None
) -> Extract | None:
    """The sound of the interval a link names, and whether its words were corrected since."""
    if moment is None or moment.end_ms is None or moment.end_ms > session.duration_ms:
        return None
    turns = [t for t in transcript.turns if t.words and moment.holds(t.start_ms, t.end_ms)]
    corrected = revision is not None and any(t.revision != revision for t in turns)
    where = links(session.id, moment.start_ms, moment.end_ms)
    return Extract(moment, where, corrected)


def sections(
    session: Session, transcript: Transcript, moment: Moment | None
) -> tuple[Section, ...]:
    """The whole sitting, cut where a point of the agenda is taken up."""
    view = transcript_view(session, transcript)
    entries = _read(view.turns, view.unheard, moment)
    cut: list[tuple[AgendaView | None, list[ReadTurn | UnheardView]]] = []
    for entry in entries:
        item = session.agenda_item_at(entry.start_ms)
        shown = agenda_view(item) if item else None
        if not cut or cut[-1][0] != shown:
            cut.append((shown, []))
        cut[-1][1].append(entry)
    return tuple(Section(item, tuple(said)) for item, said in cut)


def _read(
    turns: tuple[TurnView, ...], unheard: tuple[UnheardView, ...], moment: Moment | None
) -> list[ReadTurn | UnheardView]:
    cited = [t.index for t in turns if moment and moment.holds(t.start_ms, t.end_ms)]
    if moment and not cited:  # an instant between two turns: the next one
        cited = [t.index for t in turns if t.start_ms >= moment.start_ms][:1]
    read = list(_read_turns(turns, cited, moment))
    return sorted([*read, *unheard], key=lambda entry: entry.start_ms)


def _read_turns(
    turns: tuple[TurnView, ...], cited: list[int], moment: Moment | None
) -> Iterator[ReadTurn]:
    for turn in turns:
        is_cited = turn.index in cited
        before, quoted, after = _split(turn, moment) if is_cited else (turn.text, "", "")
        yield ReadTurn(
            index=turn.index,
            who=turn.who,
            start_ms=turn.start_ms,
            end_ms=turn.end_ms,
            start=turn.start,
            before=before,
            quoted=quoted,
            after=after,
            cited=is_cited,
            anchor=is_cited and turn.index == cited[0],
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
