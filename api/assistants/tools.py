"""Tools of an assistant over what is published: exact words, their place and links.

The same functions as the HTTP API's, with fewer fields: a language model pays for each. Knows no
protocol (`mcp_server`). Everything is read through `deps.published`; citations are checked.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Annotated

from pydantic import Field

from api.answers.citation import Quote
from api.deps import Deps
from api.routes.ask import Question, clean_question, query_of, quoted
from api.routes.search import find
from api.routes.votes import find_votes
from api.views.answer import CitationView, quote_reader
from api.views.session import agenda_view, session_view, transcript_view
from ingest.errors import BadInput, NotFound
from ingest.text import fold
from ingest.transcript import Session, Turn
from search.filters import Filters, Outcome
from search.query.vocabulary import Member

_SIGNS = " .,;:!?…«»\"“”()'’-\u00a0\u202f"
_LISTED = 20  # values that an error names: more are not read
_ALIKE = 5  # places where the same words were said

# More would fill an assistant's context for one question. Chosen, not measured.
Limit = Annotated[int, Field(ge=1, le=50)]


@dataclass(frozen=True)
class CitedWords:
    """Exact words, whose they are, when and where. `page` shows them, `sound` plays them alone.

    `start` and `end` are clocks of the recording, null of an imported text; `sound` is null there,
    and where it was erased since. `note` says in French what the words are to the answer, where
    they are not the answer itself. `unsure`: words that the transcription may have misheard.
    """

    quote: str
    speaker: str
    office: str
    session: str
    session_title: str
    date: str
    item: str | None
    start: str | None
    end: str | None
    page: str
    sound: str | None
    note: str | None = None
    unsure: tuple[str, ...] = ()


@dataclass(frozen=True)
class AnswerResult:
    """`state`: answer, near (nothing surely answers), instead (the question was wrong), or nothing.

    `message` says which, where it is no answer. `near` only comes near. `context` is the `before`
    of a follow-up question.
    """

    state: str
    message: str | None
    citations: tuple[CitedWords, ...]
    near: tuple[CitedWords, ...]
    decision: CitedWords | None
    context: str


@dataclass(frozen=True)
class FoundPassage:
    """A passage, best first, with all who speak in it."""

    text: str
    speakers: tuple[str, ...]
    session: str
    session_title: str
    date: str
    item: str | None
    start: str | None
    page: str
    sound: str | None


@dataclass(frozen=True)
class SessionLine:
    """A session in a list. `reviewed`: a person has read the transcript while listening."""

    id: str
    title: str
    body: str
    date: str
    duration: str
    reviewed: bool
    items: tuple[str, ...]
    page: str


@dataclass(frozen=True)
class ReadTurn:
    """What one speaker says, by its place in the session. `item`: the point of the agenda."""

    turn: int
    speaker: str
    item: str | None
    start: str | None
    text: str


@dataclass(frozen=True)
class SessionPages:
    """Some turns of a session in order; `next_turn` is where to read on, null at its end."""

    session: SessionLine
    turns: tuple[ReadTurn, ...]
    next_turn: int | None


@dataclass(frozen=True)
class VoteResult:
    """A decision that was announced: in a sentence of ours, and the words that announced it.

    `confirmed`: a clerk has checked it.
    """

    decision: str
    outcome: str
    object: str | None
    mover: str | None
    yes: int | None
    no: int | None
    abstentions: int | None
    confirmed: bool
    announced: CitedWords


@dataclass(frozen=True)
class PersonResult:
    """A speaker of the published sessions: roles and parties, the newest first."""

    name: str
    roles: tuple[str, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True)
class Tools:
    """The questions, over the parts of a site; `site` is its address, which links begin with."""

    deps: Deps
    site: str

    def ask(self, question: str, before: str = "") -> AnswerResult:
        """Answer a question in plain French with what was really said, or refuse and say why.

        Quote `citations` word for word, and give each one's `page`: never add facts to them.
        """
        query = query_of(self.deps, Question(question=question, before=before).params())
        _, view = quoted(self.deps, query)
        shown = tuple(cited(citation, self.site) for citation in view.citations)
        bearing = len(shown) - view.also
        return AnswerResult(
            state=view.state,
            message=view.why,
            citations=shown[:bearing],
            near=shown[bearing:],
            decision=cited(view.decision, self.site) if view.decision else None,
            context=view.asked.context,
        )

    def search(
        self,
        query: str,
        person: str | None = None,
        group: str | None = None,
        session: str | None = None,
        object: str | None = None,
        since: date | None = None,
        until: date | None = None,
        limit: Limit = 10,
    ) -> tuple[FoundPassage, ...]:
        """Passages that speak of something, best first. `object` is a code such as PR-12."""
        asked = Question(
            question=query,
            people=self._people(person),
            groups=_known(group, self.deps.vocabulary().groups, "Le groupe"),
            sessions=self._sessions(session),
            objects=self._objects(object),
            since=since,
            until=until,
        )
        return tuple(
            FoundPassage(
                text=passage.text,
                speakers=tuple(who.name for who in passage.who),
                session=passage.session,
                session_title=passage.session_title,
                date=passage.date,
                item=passage.agenda.label if passage.agenda else None,
                start=passage.start,
                page=self.site + passage.links.page,
                sound=_whole(self.site, passage.links.clip_mp3),
            )
            for passage in find(self.deps, query_of(self.deps, asked.params()), limit)
        )

    def sessions(
        self, since: date | None = None, until: date | None = None, limit: Limit = 20
    ) -> tuple[SessionLine, ...]:
        """Published sessions, newest first: id, title, date, points of the agenda."""
        within = (
            one
            for one in self.deps.published.sessions()
            if (since or one.date) <= one.date <= (until or one.date)
        )
        return tuple(self._line(one) for one in islice(within, limit))

    def read_session(self, session: str, from_turn: int = 0, turns: Limit = 40) -> SessionPages:
        """Read a session in order: who says what, `turns` turns from place `from_turn` on."""
        read = self.deps.published.session(session)
        view = transcript_view(read, self.deps.published.transcript(session))
        rest = [turn for turn in view.turns if turn.index >= from_turn]
        shown = tuple(
            ReadTurn(
                turn=turn.index,
                speaker=turn.who.name,
                item=_item(read, turn.start_ms),
                start=turn.start,
                text=turn.text,
            )
            for turn in rest[:turns]
        )
        following = rest[turns].index if len(rest) > turns else None
        return SessionPages(self._line(read), shown, following)

    def votes(
        self,
        session: str | None = None,
        object: str | None = None,
        outcome: Outcome | None = None,
        since: date | None = None,
        until: date | None = None,
        limit: Limit = 20,
    ) -> tuple[VoteResult, ...]:
        """Votes and decisions as the chair announced them, newest session first."""
        filters = Filters(
            sessions=self._sessions(session),
            objects=self._objects(object),
            since=since,
            until=until,
        )
        return tuple(
            VoteResult(
                decision=vote.told,
                outcome=vote.outcome,
                object=vote.object,
                mover=vote.mover,
                yes=vote.yes,
                no=vote.no,
                abstentions=vote.abstentions,
                confirmed=vote.confirmed,
                announced=cited(vote.citation, self.site),
            )
            for vote in find_votes(self.deps, filters, (outcome,) if outcome else (), limit)
        )

    def persons(self, name: str = "") -> tuple[PersonResult, ...]:
        """Who speaks in the published sessions; `name`: those whose name has these words."""
        wanted = fold(name).split()
        return tuple(
            PersonResult(member.name, member.roles, member.groups)
            for member in self._speakers()
            if all(word in fold(member.name) for word in wanted)
        )

    def cite(self, session: str, words: str) -> tuple[CitedWords, ...]:
        """Prove that words were said in a session: exactly as they stand, who said them, when.

        Signs, capitals and accents need not agree. An error says that they were not said.
        """
        wanted = [key for word in clean_question(words).split() if (key := _key(word))]
        read = self.deps.published.session(session)
        turns = self.deps.published.transcript(session).turns
        quotes = [quote for turn in turns for quote in _said(read.id, turn, wanted)]
        if not quotes:
            raise NotFound(
                f"Personne ne dit « {words} » d'un trait dans la séance « {session} » : "
                "cherchez un passage avec `search`, puis citez ses mots."
            )
        view = quote_reader(self.deps.published)
        return tuple(cited(view(quote), self.site) for quote in quotes[:_ALIKE])

    def _line(self, session: Session) -> SessionLine:
        view = session_view(session)
        return SessionLine(
            id=view.id,
            title=view.title,
            body=view.body,
            date=view.date,
            duration=view.duration,
            reviewed=view.reviewed is not None and view.reading.is_whole,
            items=tuple(f"{item.number}. {item.label}" for item in view.agenda),
            page=self.site + view.page,
        )

    def _speakers(self) -> Iterator[Member]:
        members = {member.name: member for member in self.deps.vocabulary().people}
        for name in self.deps.published.people():
            yield members.get(name, Member(name))

    def _people(self, name: str | None) -> tuple[str, ...]:
        return _known(name, [member.name for member in self._speakers()], "La personne")

    def _sessions(self, session: str | None) -> tuple[str, ...]:
        return () if session is None else (self.deps.published.session(session).id,)

    def _objects(self, code: str | None) -> tuple[str, ...]:
        return _known(code, [code for code, _ in self.deps.vocabulary().objects], "L'objet")


def cited(citation: CitationView, site: str) -> CitedWords:
    """A citation with links that begin with a site's address."""
    return CitedWords(
        quote=citation.quote,
        speaker=citation.who.name,
        office=citation.who.office,
        session=citation.session,
        session_title=citation.session_title,
        date=citation.date,
        item=citation.agenda.label if citation.agenda else None,
        start=citation.start,
        end=citation.end,
        page=site + citation.links.page,
        sound=_whole(site, citation.links.clip_mp3),
        note=citation.label,
        unsure=tuple(citation.quote[start:end] for start, end in citation.unsure),
    )


def _whole(site: str, path: str | None) -> str | None:
    return None if path is None else site + path


def _item(session: Session, at_ms: int) -> str | None:
    item = session.agenda_item_at(at_ms)
    return agenda_view(item, session).label if item else None


def _known(value: str | None, values: Sequence[str], what: str) -> tuple[str, ...]:
    """The one value that is meant, as it is written. Raises `BadInput` that names those there are.

    The whole value but for capitals and accents, or the only one that has all its words.
    """
    if value is None:
        return ()
    wanted = fold(value)
    same = [one for one in values if fold(one) == wanted]
    near = [one for one in values if all(word in fold(one) for word in wanted.split())]
    meant = same or near
    if len(meant) == 1:
        return (meant[0],)
    listed = ", ".join((meant or list(values))[:_LISTED]) or "rien de publié n'en a"
    raise BadInput(
        f"{what} « {value[:40]} » ne se trouve pas, ou n'est pas le seul. Valeurs : {listed}."
    )


def _key(word: str) -> str:
    """What two writings of a word share."""
    return fold(word).strip(_SIGNS)


def _said(session: str, turn: Turn, wanted: Sequence[str]) -> Iterable[Quote]:
    """The places of a turn where words follow each other, whatever signs stand between them."""
    heard = [(place, key) for place, word in enumerate(turn.words) if (key := _key(word.text))]
    keys = [key for _, key in heard]
    for at in range(len(keys) - len(wanted) + 1 if wanted else 0):
        if keys[at : at + len(wanted)] == wanted:
            yield Quote(session, turn, heard[at][0], heard[at + len(wanted) - 1][0])
