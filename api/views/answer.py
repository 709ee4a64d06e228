"""What a reader sees of an answer: its query, citations and passages, or a refusal and help.

An answer's view is computed from what was already read and checked (by `api.answers.answer`), and
the API and the web show the same. Quotations outside an answer are checked here: `quote_reader`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, partial
from itertools import pairwise
from urllib.parse import urlencode

from api.answers.answer import Verified
from api.answers.citation import Citation, Quote, Sentence, Written, check, cite, names_of
from api.answers.refusals import Help, Topic
from api.views.links import Links, links, session_page
from api.views.session import AgendaView, agenda_view, point_label
from api.views.wording import Erasure, Who, clock_in, erasure, nameless, who
from ingest.archive.published import Published, Snapshot
from ingest.french_dates import day
from ingest.transcript import AgendaItem, Session, Speaker, Turn
from search.passage import Hit
from search.query.parsed import Chip, Field, Query
from search.query.url import chips_of, context_of, filter_params, filters_from, to_params
from search.query.vocabulary import Vocabulary


@dataclass(frozen=True)
class ChipView:
    """A filter as it is shown. `without` is the address (a query string) less this filter.

    `words` are those of the question that it was read from; `chosen`: the reader chose it beside
    the question; `carried`: it comes from the question before; `soft`: preferred, not required.
    """

    field: str
    value: str
    label: str
    words: str
    soft: bool
    carried: bool
    chosen: bool
    without: str


@dataclass(frozen=True)
class TopicView:
    """A point of the agenda that is near to the query's topic. `page` is its place in its session.

    `date` is its session's (ISO 8601), `day` the same in words; both are "" for a session that is
    not published any more.
    """

    title: str
    object: str | None
    session: str
    date: str
    day: str
    page: str

    @property
    def label(self) -> str:
        """The title, with the object's code when the title does not say it."""
        return point_label(self.title, self.object)


@dataclass(frozen=True)
class PersonView:
    """Another speaker who spoke of it; `query` asks the same of them (a query string)."""

    name: str
    query: str


@dataclass(frozen=True)
class HelpView:
    """Where a reader may look further after a refusal."""

    topics: tuple[TopicView, ...] = ()
    people: tuple[PersonView, ...] = ()
    latest: tuple[TopicView, ...] = ()


NO_HELP = HelpView()


@dataclass(frozen=True)
class AskedView:
    """The query of a question. `query` is the exchange's own address (a query string).

    `context` is what the next question says of this one, as its `avant`.
    """

    query: str
    context: str
    topic: str
    intent: str
    language: str
    chips: tuple[ChipView, ...]


def asked_view(query: Query, vocabulary: Vocabulary, answered: Sequence[str] = ()) -> AskedView:
    """A question for readers, with what narrows it: what they chose, then what was read.

    `answered` are the people whose words answer it, the first one first.
    """
    explicit = tuple(chips_of(query.explicit, vocabulary))
    twice = {chip.key for chip in explicit}
    chosen = (_chosen(chip, query) for chip in explicit)
    read = (_read(chip, query) for chip in query.chips if chip.key not in twice)
    return AskedView(
        query=urlencode(to_params(query)),
        context=context_of(query, answered),
        topic=query.topic,
        intent=str(query.intent),
        language=query.language,
        chips=(*chosen, *read),
    )


def help_view(offered: Help, query: Query, vocabulary: Vocabulary) -> HelpView:
    """What is near, with its addresses."""
    days = {session.id: session.date for session in vocabulary.sessions}
    return HelpView(
        topics=tuple(_topic(topic, days.get(topic.session)) for topic in offered.topics),
        latest=tuple(_topic(topic, days.get(topic.session)) for topic in offered.latest),
        people=tuple(PersonView(name, _asking(query, name)) for name in offered.people),
    )


def _chosen(chip: Chip, query: Query) -> ChipView:
    """A filter that was chosen; where the words say the same, both are taken away."""
    period = chip.field is Field.PERIOD
    left = filters_from(
        (name, value)
        for name, value in filter_params(query.explicit)
        if not (name in ("du", "au") if period else (name, value) == (chip.field, chip.value))
    )
    said = {read.key for read in query.chips if read.key == chip.key}
    without = replace(query, explicit=left, removed=query.removed | said)
    return _view(chip, urlencode(to_params(without)), chosen=True)


def _read(chip: Chip, query: Query) -> ChipView:
    without = replace(query, removed=query.removed | {chip.key})
    return _view(chip, urlencode(to_params(without)), chosen=False)


def _view(chip: Chip, without: str, *, chosen: bool) -> ChipView:
    return ChipView(
        field=str(chip.field),
        value=chip.value,
        label=chip.label,
        words=chip.words,
        soft=chip.soft,
        carried=chip.carried,
        chosen=chosen,
        without=without,
    )


def _topic(topic: Topic, on: date | None) -> TopicView:
    page = f"{session_page(topic.session)}?t={topic.start_ms}ms#extrait"
    when = (on.isoformat(), day(on)) if on else ("", "")
    return TopicView(topic.title, topic.object, topic.session, *when, page)


def _asking(query: Query, name: str) -> str:
    """The same question, of another speaker."""
    question = query.question
    for chip in query.only(Field.PERSON):
        question = question.replace(chip.words, name) if chip.words else question
    params = [(k, question if k == "q" else v) for k, v in _params_without_people(query)]
    return urlencode([*params, (str(Field.PERSON), name)])


def _params_without_people(query: Query) -> Iterator[tuple[str, str]]:
    read = {chip.key for chip in query.only(Field.PERSON) if not chip.soft}
    gone = replace(query, removed=query.removed | read)
    return (param for param in to_params(gone) if param[0] != Field.PERSON)


@dataclass(frozen=True)
class CitationView:
    """A verified quotation with all that a reader needs to judge it.

    `strong` are the characters [start, end) of `quote` that matter most, None where all do; `label`
    says what the words do to the citation after them ("Corrigé depuis, le 13 mai"); `unsure` are
    those of words that may have been others, none once a session was reviewed.
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
    sound_erased: Erasure | None
    reference: str
    links: Links
    strong: tuple[int, int] | None = None
    label: str | None = None
    unsure: tuple[tuple[int, int], ...] = ()

    @property
    def pieces(self) -> Iterator[tuple[str, bool, bool]]:
        """The quotation cut where a mark begins or ends: text, strong?, unsure?"""
        marks = [*self.unsure, *([self.strong] if self.strong else [])]
        edges = {0, len(self.quote), *(at for mark in marks for at in mark)}
        for start, end in pairwise(sorted(edges)):
            strong = self.strong is not None and self.strong[0] <= start < self.strong[1]
            unsure = any(first <= start < last for first, last in self.unsure)
            yield self.quote[start:end], strong, unsure


@dataclass(frozen=True)
class AnswerView:
    """An answer as it is shown, and the query of its question.

    `state` is "answer"; "near" or "instead", where the citations only come near, or are what was
    said instead of what the question takes for granted; or "nothing". In the last three (`refused`)
    `why` says so and `help` where to look further. The last `also` citations of an answer only come
    near. `decision` is what was decided on its object, in one line: its `label`.
    `sentences` are machine-written, their sources positions in `citations`; `machine` says how the
    writing went, and is None where no language model was asked.
    """

    question: str
    state: str
    refused: bool
    why: str | None
    sentences: tuple[Sentence, ...]
    citations: tuple[CitationView, ...]
    asked: AskedView
    near: bool = False
    also: int = 0
    decision: CitationView | None = None
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
    sound_erased: Erasure | None
    score: float
    found_by: tuple[str, ...]
    links: Links


def citation_view(
    citation: Citation,
    session: Session,
    number: int | None = None,
    speakers: Iterable[Speaker] = (),
) -> CitationView:
    """A citation with its session; `number` is the voice's, for when it bears no name.

    The session's `speakers` tell how a name is known.
    """
    speaker = who(session, citation.speaker, number, speakers)
    item = session.agenda_item_at(citation.start_ms)
    interval = (citation.start_ms, citation.end_ms)
    unsure = () if session.reviewed else citation.unsure
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
        turn=citation.place,
        revision=citation.revision,
        start_ms=citation.start_ms,
        end_ms=citation.end_ms,
        start=clock_in(session, citation.start_ms),
        end=clock_in(session, citation.end_ms),
        has_audio=session.has_audio,
        sound_erased=erasure(session),
        reference=_reference(citation, session, speaker, item, unsure),
        links=links(session, *interval, citation.revision),
        strong=citation.strong,
        label=citation.label,
        unsure=unsure,
    )


def _reference(
    citation: Citation,
    session: Session,
    speaker: Who,
    item: AgendaItem | None,
    unsure: Sequence[tuple[int, int]],
) -> str:
    """What is copied: the words, whose they are, and which figures are to be heard first."""
    name = f"{speaker.name} ({speaker.office})" if speaker.office else speaker.name
    topic = f", point {item.number}, {item.title}" if item else ""
    at = clock_in(session, citation.start_ms)
    where = f"{session.body}, séance du {day(session.date)}{topic}{f', {at}' if at else ''}"
    figures = [text for a, b in unsure if re.search(r"\d", text := citation.quote[a:b])]
    doubt = f"\nÀ vérifier à l'écoute : {', '.join(figures)}." if figures else ""
    return f"« {citation.quote} »\n{name}, {where}.{doubt}"


def answer_view(
    verified: Verified,
    vocabulary: Vocabulary,
    session_of: Callable[[str], Session],
    number_of: Callable[[Citation], int | None],
    speakers_in: Callable[[str], Iterable[Speaker]],
) -> AnswerView:
    """An answer for readers; `number_of` tells apart the voices without a name."""
    answer = verified.answer

    def shown(citation: Citation) -> CitationView:
        known = (session_of(citation.session), number_of(citation), speakers_in(citation.session))
        return citation_view(citation, *known)

    return AnswerView(
        question=answer.question,
        state=answer.state,
        refused=answer.refused,
        why=answer.why,
        sentences=answer.sentences,
        citations=tuple(map(shown, answer.citations)),
        asked=asked_view(answer.query, vocabulary, speakers_of(answer.citations)),
        near=answer.near,
        also=answer.also,
        decision=shown(answer.decision) if answer.decision else None,
        help=help_view(answer.help, answer.query, vocabulary),
    )


def speakers_of(citations: Iterable[Citation]) -> tuple[str, ...]:
    """The people whose words are quoted, the first one first."""
    return tuple(dict.fromkeys(c.speaker for c in citations if c.speaker))


def voice_numbers(published: Published, session_id: str) -> dict[str, int]:
    """The numbers of a session's voices without a name, the same on every page."""
    return nameless(published.voices(session_id), published.speakers(session_id))


def quote_reader(published: Published) -> Callable[[Quote], CitationView]:
    """Makes views of many quotations, each session read once.

    A quotation is held against the archive: its view raises `NotFound` where its session is not
    published any more, `Corrupt` where its words are not what is said there.
    """
    published = Snapshot(published.archive)
    session_of, speakers_in = published.session, published.speakers
    names, numbers = cache(partial(names_of, published)), cache(partial(voice_numbers, published))

    def view(quote: Quote) -> CitationView:
        citation = cite(quote, names(quote.session))
        check(citation, published)
        number = None if citation.speaker else numbers(quote.session).get(quote.turn.speaker or "")
        known = (session_of(quote.session), number, speakers_in(quote.session))
        return citation_view(citation, *known)

    return view


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
    speakers = tuple(speakers)
    persons = {speaker.label: speaker.person for speaker in speakers}
    labels = (turn.speaker or "" for turn in turns)
    voices = (who(session, persons.get(label), numbers.get(label), speakers) for label in labels)
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
        sound_erased=erasure(session),
        score=hit.score,
        found_by=hit.found_by,
        links=links(session, passage.start_ms, passage.end_ms),
    )
