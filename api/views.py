"""What a reader sees of a session, a turn or a citation: names, dates and links, ready to show.

Pure: everything is computed from what was already read, and the API and the web show the same. Does
not check quotations (that is `api.answer`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from api.addresses import Links, links, session_page
from api.answer import Verified
from api.answering.citation import Citation
from api.answering.written import Sentence, Written
from api.asked_views import NO_HELP, AskedView, HelpView, asked_view, help_view
from api.wording import Who, day, extent, hour, length, local, who
from ingest.text import clock
from ingest.transcript import AgendaItem, Reviewed, Session, Speaker, Turn, pause_ms
from search.retrieve import Hit
from search.vocabulary import Vocabulary


@dataclass(frozen=True)
class AgendaView:
    """A point of the agenda. `start` is a clock time; both times are None until it is placed."""

    number: str
    title: str
    object: str | None
    start_ms: int | None
    start: str | None

    @property
    def label(self) -> str:
        """The title, with the object's code when the title does not say it."""
        named = not self.object or self.object in self.title
        return self.title if named else f"{self.title} ({self.object})"


@dataclass(frozen=True)
class PartView:
    """Where a later part of the recording begins, at what hour, and after what pause if known."""

    number: int
    start_ms: int
    start: str
    at: str | None
    pause: str | None


@dataclass(frozen=True)
class ReviewedView:
    """Who has read the transcript while listening, and when: a date and the same in words."""

    by: str
    on: str
    day: str


@dataclass(frozen=True)
class SessionView:
    """A published session in a list. `date` is ISO 8601, `day` the same in words.

    Without sound, `duration_ms` is None and `duration` a number of words; everywhere, places named
    `start_ms` and `end_ms` then count words, and have no clock beside them. `reviewed` is None
    while the text is the machine's alone.
    """

    id: str
    title: str
    body: str
    date: str
    day: str
    has_audio: bool
    duration_ms: int | None
    duration: str
    agenda: tuple[AgendaView, ...]
    parts: tuple[PartView, ...]
    page: str
    reviewed: ReviewedView | None


@dataclass(frozen=True)
class CitationView:
    """A verified quotation with all that a reader needs to judge it.

    `start` and `end` are clocks, None without sound. `language` is a code (de) where it is known.
    """

    quote: str
    language: str | None
    who: Who
    session: str
    session_title: str
    body: str
    date: str
    day: str
    agenda: AgendaView | None
    turn: int
    revision: int
    start_ms: int
    end_ms: int
    start: str | None
    end: str | None
    has_audio: bool
    reference: str
    links: Links


@dataclass(frozen=True)
class AnswerView:
    """An answer as it is shown, and how its question was understood.

    Refused: `why` says so and `help` where to look further; citations, if there are any, come
    `near` without surely answering, or are what
    was said instead of what the question takes for granted.
    `sentences` are machine-written, their sources positions in `citations`; `machine` says how the
    writing went, and is None where no language model was asked.
    """

    question: str
    refused: bool
    why: str | None
    sentences: tuple[Sentence, ...]
    citations: tuple[CitationView, ...]
    asked: AskedView
    near: bool = False
    help: HelpView = NO_HELP
    machine: Written | None = None


@dataclass(frozen=True)
class PassageView:
    """A passage that a search found, best first."""

    text: str
    who: tuple[Who, ...]
    session: str
    session_title: str
    date: str
    day: str
    agenda: AgendaView | None
    start_ms: int
    end_ms: int
    start: str | None
    end: str | None
    has_audio: bool
    score: float
    found_by: tuple[str, ...]
    links: Links


# --- views ------------------------------------------------------------------------------------


def clock_in(session: Session, at_ms: int) -> str | None:
    """A place as a clock time, None where there is no sound to find it in."""
    return clock(at_ms) if session.has_audio else None


def agenda_view(item: AgendaItem, session: Session) -> AgendaView:
    """A point of the agenda with its clock time."""
    start = None if item.start_ms is None else clock_in(session, item.start_ms)
    return AgendaView(item.number, item.title, item.object, item.start_ms, start)


def session_view(session: Session) -> SessionView:
    """A session in a list."""
    return SessionView(
        id=session.id,
        title=session.title,
        body=session.body,
        date=session.date.isoformat(),
        day=day(session.date),
        has_audio=session.has_audio,
        duration_ms=session.duration_ms if session.has_audio else None,
        duration=extent(session),
        agenda=tuple(agenda_view(item, session) for item in session.agenda),
        parts=tuple(_later_parts(session)),
        page=session_page(session.id),
        reviewed=_reviewed(session.reviewed) if session.reviewed else None,
    )


def _reviewed(reviewed: Reviewed) -> ReviewedView:
    on = local(reviewed.at).date()
    return ReviewedView(reviewed.by, on.isoformat(), day(on))


def _later_parts(session: Session) -> Iterator[PartView]:
    for number, (before, part) in enumerate(pairwise(session.parts), 2):
        if part.offset_ms:  # tracks of one sitting all begin with it
            pause = pause_ms(before, part)
            yield PartView(
                number=number,
                start_ms=part.offset_ms,
                start=clock(part.offset_ms),
                at=hour(part.starts_at) if part.starts_at else None,
                pause=length(pause) if pause else None,
            )


def citation_view(citation: Citation, session: Session, number: int | None = None) -> CitationView:
    """A citation with its session; `number` is the voice's, for when it bears no name."""
    speaker = who(session, citation.speaker, number)
    item = session.agenda_item_at(citation.start_ms)
    interval = (citation.start_ms, citation.end_ms)
    return CitationView(
        quote=citation.quote,
        language=citation.language,
        who=speaker,
        session=session.id,
        session_title=session.title,
        body=session.body,
        date=session.date.isoformat(),
        day=day(session.date),
        agenda=agenda_view(item, session) if item else None,
        turn=citation.turn,
        revision=citation.revision,
        start_ms=citation.start_ms,
        end_ms=citation.end_ms,
        start=clock_in(session, citation.start_ms),
        end=clock_in(session, citation.end_ms),
        has_audio=session.has_audio,
        reference=_reference(citation, session, speaker, item),
        links=links(session, *interval, citation.revision),
    )


def _reference(citation: Citation, session: Session, speaker: Who, item: AgendaItem | None) -> str:
    name = f"{speaker.name} ({speaker.office})" if speaker.office else speaker.name
    topic = f", point {item.number}, {item.title}" if item else ""
    at = clock_in(session, citation.start_ms)
    where = f"{session.body}, séance du {day(session.date)}{topic}{f', {at}' if at else ''}"
    return f"« {citation.quote} »\n{name}, {where}."


def answer_view(
    verified: Verified,
    vocabulary: Vocabulary,
    session_of: Callable[[str], Session],
    number_of: Callable[[Citation], int | None],
) -> AnswerView:
    """An answer for readers; `number_of` tells apart the voices without a name."""
    answer = verified.answer
    citations = tuple(
        citation_view(c, session_of(c.session), number_of(c)) for c in answer.citations
    )
    return AnswerView(
        question=answer.question,
        refused=answer.refused,
        why=answer.why,
        sentences=answer.sentences,
        citations=citations,
        asked=asked_view(answer.asked, vocabulary, _speakers(answer.citations)),
        near=answer.near,
        help=help_view(answer.help, answer.asked, vocabulary),
    )


def _speakers(citations: Iterable[Citation]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(c.speaker for c in citations if c.speaker))


def passage_view(
    hit: Hit,
    session: Session,
    turns: Iterable[Turn],
    speakers: Iterable[Speaker],
    numbers: Mapping[str, int],
) -> PassageView:
    """A search result with its session and those who speak in it, each once."""
    passage = hit.passage
    item = session.agenda_item_at(passage.start_ms)
    persons = {speaker.label: speaker.person for speaker in speakers}
    labels = (turn.speaker or "" for turn in turns)
    voices = (who(session, persons.get(label), numbers.get(label)) for label in labels)
    return PassageView(
        text=passage.text,
        who=tuple(dict.fromkeys(voices)),
        session=session.id,
        session_title=session.title,
        date=session.date.isoformat(),
        day=day(session.date),
        agenda=agenda_view(item, session) if item else None,
        start_ms=passage.start_ms,
        end_ms=passage.end_ms,
        start=clock_in(session, passage.start_ms),
        end=clock_in(session, passage.end_ms),
        has_audio=session.has_audio,
        score=hit.score,
        found_by=hit.found_by,
        links=links(session, passage.start_ms, passage.end_ms),
    )
