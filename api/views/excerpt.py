"""An interval of a published session that a link names: its words as they stand now, and by whom.

Knows how links write moments. A link made on an earlier revision is followed to where its words
stand; they are those of today. What it named is shown beside them if it was public and nothing near
it was closed since.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from api.views.link_history import Fate, Quoted, quoted_since
from api.views.links import Links, links
from api.views.wording import Erasure, Who, erasure, nameless, who
from ingest.archive.published import Published
from ingest.archive.schema import SQL_MAX
from ingest.errors import BadInput
from ingest.transcript import AgendaItem, Session, Span, Transcript, Word

_INTERVAL = re.compile(r"(\d{1,9})-(\d{1,9})")  # milliseconds, as links have them
# An instant of a link; older ones have no unit. Up to four figures are typed by hand: seconds.
_INSTANT = re.compile(r"(\d{1,9})ms|(\d{5,9})")
_CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d{2})")
_UNITS = re.compile(r"(?:(\d{1,2})h)?(?:(\d{1,4})m(?:in)?)?(?:(\d{1,4})s?)?")  # 1h02m03s, 1m30, 90


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


def read_moment(t: str | None) -> Moment | None:
    """The moment that `?t=` names: 12000-15000 or 12000ms, or as people write it: 26s, 0:26-0:30.

    Raises `BadInput` for anything else. No link of ours names an empty interval, or one that ends
    before it starts.
    """
    if not t:
        return None
    written = t.strip().lower()
    if match := _INTERVAL.fullmatch(written):
        ends: list[int | None] = [int(match[1]), int(match[2])]
    else:
        ends = [_instant_ms(end.strip()) for end in written.split("-", 1)]
    start, end = ends[0], ends[-1]
    if start is not None and end is not None and (start < end or len(ends) == 1):
        return Moment(start, end if len(ends) > 1 else None)
    raise BadInput(
        f"Le moment « {t[:40]} » ne se lit pas : écrivez t=1m30, t=0:01:30 ou t=90s "
        "(ou des millisecondes, du début à la fin : t=12000-15000)."
    )


def _instant_ms(written: str) -> int | None:
    """An instant as links or people write it; None where it is none."""
    if match := _INSTANT.fullmatch(written):
        return int(match[1] or match[2])
    match = _CLOCK.fullmatch(written) or _UNITS.fullmatch(written)
    if match is None or not any(match.groups()):
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 1000


def followed(
    published: Published, session_id: str, moment: Moment | None, revision: int | None
) -> tuple[Moment | None, Quoted | None]:
    """Where the words stand now that an interval named in a revision, and what became of them."""
    if moment is None or moment.end_ms is None or not revision or revision < 0:
        return moment, None
    past = published.past(session_id, min(revision, SQL_MAX))
    quoted = quoted_since(past.turns, past.changes, moment.start_ms, moment.end_ms)
    if not past.was_public:  # a draft's words were never anyone's to share
        quoted = replace(quoted, words=())
    return Moment(quoted.start_ms, quoted.end_ms), quoted


_NEAR_MS = 60_000  # words that were typed have guessed times, some seconds off
_MOST_SHARED = 300  # words: two minutes of speech; a session before its corrections is no quotation


def as_shared(quoted: Quoted | None, transcript: Transcript) -> str:
    """The words that a link named, as they stood then and were corrected since; "" if not to tell.

    Nothing is told where anything near them is redacted or withheld, then or now, nor of more words
    than are quoted: all that was corrected would be read so.
    """
    if quoted is None or not 0 < len(quoted.words) <= _MOST_SHARED:
        return ""
    first_ms = min(quoted.start_ms, *(word.start_ms for word in quoted.words))
    last_ms = max(quoted.end_ms, *(word.end_ms for word in quoted.words))
    near = Span(first_ms - _NEAR_MS, last_ms + _NEAR_MS)
    if any(near.overlap_ms(span.start_ms, span.end_ms) for span in transcript.closed):
        return ""
    return " ".join(word.text for word in quoted.words)


@dataclass(frozen=True)
class Speech:
    """Words of one turn, and who says them."""

    who: Who
    words: tuple[Word, ...]
    language: str | None

    @property
    def text(self) -> str:
        """The words as they are quoted."""
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True)
class Excerpt:
    """Words of a published session as they stand now. `item` is the point under which they begin.

    `corrected` is the day of their last correction since the link was made, if there was one;
    `sound_erased` when their sound was erased; `closed`: some of what it named is not public any
    more. Its words are not here.
    """

    session: Session
    start_ms: int
    end_ms: int
    revision: int
    speeches: tuple[Speech, ...]
    item: AgendaItem | None
    links: Links
    corrected: date | None
    sound_erased: Erasure | None
    closed: bool

    @property
    def text(self) -> str:
        """The words alone."""
        return " ".join(speech.text for speech in self.speeches)

    @property
    def names(self) -> str:
        """Who speaks, each once, in order."""
        return ", ".join(dict.fromkeys(speech.who.name for speech in self.speeches))


def excerpt(
    published: Published, session_id: str, moment: Moment, revision: int | None = None
) -> Excerpt:
    """The words of an interval, none where nothing is said or it is not public.

    Raises `NotFound` for a session that is not published, `BadInput` for an instant.
    """
    session = published.session(session_id)
    transcript, current = published.transcript_at(session_id)
    now, quoted = followed(published, session_id, moment, revision)
    said = excerpt_of(session, transcript, current, now, quoted)
    if said is None:
        raise BadInput("Un extrait a un début et une fin : donnez t=12000-15000.")
    return said


def excerpt_of(
    session: Session,
    transcript: Transcript,
    revision: int,
    moment: Moment | None,
    quoted: Quoted | None,
) -> Excerpt | None:
    """The same of a transcript that is read already, followed; None without an interval."""
    if moment is None or moment.end_ms is None:
        return None
    closed = any(moment.holds(span.start_ms, span.end_ms) for span in transcript.closed)
    corrected = quoted.at if quoted and quoted.fate is Fate.CORRECTED else None
    return Excerpt(
        session=session,
        start_ms=moment.start_ms,
        end_ms=moment.end_ms,
        revision=revision,
        speeches=() if closed else tuple(_speeches(session, transcript, moment)),
        item=session.agenda_item_at(moment.start_ms),
        links=links(session, moment.start_ms, moment.end_ms, revision),
        corrected=corrected,
        sound_erased=erasure(session),
        closed=closed,
    )


def _speeches(session: Session, transcript: Transcript, moment: Moment) -> Iterator[Speech]:
    numbers = nameless((turn.speaker for turn in transcript.turns), transcript.speakers)
    for turn in transcript.turns:
        said = tuple(word for word in turn.words if moment.holds(word.start_ms, word.end_ms))
        if said:
            person = who(session, transcript.person(turn), numbers.get(turn.speaker or ""))
            yield Speech(person, said, turn.language)
