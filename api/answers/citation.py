"""A quotation: words of one turn, what a reader is shown of them, the proof that they were said.

A `Quote` points at words as they were read; a `Citation` is text with its source, and `check` holds
it against the archive as it is now. Knows nothing of how quotations are chosen.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from ingest.archive.published import Published
from ingest.errors import Corrupt, NotFound
from ingest.transcript import Session, Turn
from search.passage import Hit
from search.votes.vote import Vote

_SIGNS = ' \u00a0\u202f«»"“”()?!:;.,…'


@dataclass(frozen=True)
class Quote:
    """Words `first_word` to `last_word` of a turn of a session, both included.

    `strong` are the first and the last of those words that answer, where their form shows it.
    """

    session: str
    turn: Turn
    first_word: int
    last_word: int
    strong: tuple[int, int] | None = None

    @property
    def text(self) -> str:
        """The words."""
        return self.turn.said(self.first_word, self.last_word)

    def overlaps(self, other: "Quote") -> bool:
        """Do they share a word?"""
        same = (self.session, self.turn.id) == (other.session, other.turn.id)
        return same and self.first_word <= other.last_word and other.first_word <= self.last_word


def apart(quotes: Iterable[Quote]) -> Iterator[Quote]:
    """Quotes without those that share words with an earlier one."""
    kept: list[Quote] = []
    for quote in quotes:
        if not any(quote.overlaps(other) for other in kept):
            kept.append(quote)
            yield quote


def announcement(vote: Vote, published: Published) -> Quote:
    """The words that announce a vote. Raises `NotFound` where they are not said there any more."""
    turn = published.turn(vote.session, vote.turn, vote.revision)
    quote = Quote(vote.session, turn, vote.first_word, vote.last_word)
    if quote.text != vote.said:  # another turn stands there since the vote was read
        raise NotFound(f"L'intervention {vote.turn} a changé depuis.")
    return quote


@dataclass(frozen=True)
class Citation:
    """Words that were said: `quote` is an exact substring of one stored revision of one turn.

    `start_ms` and `end_ms` are those of its first and last word. `speaker` is a person's name, or
    None while the voice has no name. `turn` is an id, `index` the turn's
    place (None: the same number). `language` is the code of the words' language where the
    transcript tells it. `strong` are the characters [start, end) of `quote` that matter most.
    `label` says in French what the words do to another citation: that they correct it. `unsure` are
    the characters [start, end) of the words that may have been others.
    """

    session: str
    revision: int
    turn: int
    start_ms: int
    end_ms: int
    speaker: str | None
    quote: str
    language: str | None = None
    index: int | None = None
    strong: tuple[int, int] | None = None
    label: str | None = None
    unsure: tuple[tuple[int, int], ...] = ()

    @property
    def place(self) -> int:
        """The turn's place in its transcript, which readers see."""
        return self.turn if self.index is None else self.index


def names_of(published: Published, session: str) -> dict[str, str | None]:
    """The person that each voice of a published session belongs to, by label."""
    return {speaker.label: speaker.person for speaker in published.speakers(session)}


def cite(quote: Quote, names: Mapping[str, str | None]) -> Citation:
    """What a reader is shown of a quote; `names` are its session's people by voice."""
    turn = quote.turn
    words = turn.words[quote.first_word : quote.last_word + 1]
    start = turn.word_offsets[quote.first_word]
    end = turn.word_offsets[quote.last_word] + len(words[-1].text)
    return Citation(
        session=quote.session,
        revision=turn.revision,
        turn=turn.id,
        index=turn.index,
        start_ms=words[0].start_ms,
        end_ms=max(word.end_ms for word in words),
        speaker=names.get(turn.speaker or ""),
        quote=turn.text[start:end],
        language=turn.language,
        strong=_characters(quote),
        unsure=tuple(_doubtful(quote)),
    )


def _doubtful(quote: Quote) -> Iterator[tuple[int, int]]:
    """Where the words of a quote stand that may be others, without the signs around them."""
    offsets = quote.turn.word_offsets
    for n in range(quote.first_word, quote.last_word + 1):
        word = quote.turn.words[n]
        if word.doubtful and (core := word.text.strip(_SIGNS)):
            start = offsets[n] - offsets[quote.first_word] + word.text.index(core)
            yield start, start + len(core)


def _characters(quote: Quote) -> tuple[int, int] | None:
    """Where the words that matter most stand in a quote."""
    if quote.strong in (None, (quote.first_word, quote.last_word)):
        return None
    offsets, (first, last) = quote.turn.word_offsets, quote.strong or (0, 0)
    start = offsets[quote.first_word]
    return offsets[first] - start, offsets[last] + len(quote.turn.words[last].text) - start


def check(citation: Citation, published: Published) -> None:
    """Raise `NotFound` or `Corrupt` unless these words were said there, then, by that person.

    The session is published, the turn's revision is the current one, the quotation is a run of its
    whole words, and the times are those of the run's ends, within the session.
    """
    session = published.session(citation.session)
    (turn,) = published.turns(session.id, citation.turn, citation.turn) or (None,)
    if turn is None or (turn.revision, turn.index) != (citation.revision, citation.place):
        raise NotFound(f"L'intervention {citation.turn} a changé depuis.")
    if not any(_is_run(citation, turn, at) for at in range(len(turn.words))):
        raise Corrupt(f"« {citation.quote} » n'est pas dans l'intervention {citation.turn}.")
    if not 0 <= citation.start_ms < citation.end_ms <= session.duration_ms:
        raise Corrupt(f"{citation.start_ms}-{citation.end_ms} ms est hors de la séance.")
    if citation.speaker != names_of(published, session.id).get(turn.speaker or ""):
        raise Corrupt(
            f"« {citation.speaker} » n'est pas qui parle à l'intervention {citation.turn}."
        )


def _is_run(citation: Citation, turn: Turn, first: int) -> bool:
    """Is the quotation the run of whole words that starts at word `first`, at these times?"""
    at = turn.word_offsets[first]
    end = at + len(citation.quote)
    said = citation.quote and turn.text[at:end] == citation.quote
    if not said or turn.words[first].start_ms != citation.start_ms:
        return False
    run = [w for w, offset in zip(turn.words, turn.word_offsets, strict=True) if at <= offset < end]
    whole = end == turn.word_offsets[first + len(run) - 1] + len(run[-1].text)
    return whole and max(word.end_ms for word in run) == citation.end_ms


@dataclass(frozen=True)
class Candidate:
    """A passage that search found, with its session, its speakers' names and its turns."""

    hit: Hit
    session: Session
    names: Mapping[str, str | None]
    turns: tuple[Turn, ...]

    def only(self, people: Collection[str]) -> "Candidate":
        """The same with these people's turns alone."""
        spoken = (turn for turn in self.turns if self.names.get(turn.speaker or "") in people)
        return replace(self, turns=tuple(spoken))


class Flaw(StrEnum):
    """Why a sentence is left out."""

    UNREADABLE = "unreadable"
    UNSOURCED = "unsourced"
    LENGTH = "length"
    MARKUP = "markup"
    ORDERS = "orders"
    REPEATED = "repeated"
    QUOTE = "quote"
    DATE = "date"
    NUMBER = "number"
    NAME = "name"
    SPEAKER = "speaker"
    OUTCOME = "outcome"
    NEGATION = "negation"
    INVENTED = "invented"
    VOICE = "voice"
    POINTING = "pointing"


@dataclass(frozen=True)
class Sentence:
    """Machine-written text that its sources bear out: indices into the answer's citations."""

    text: str
    sources: tuple[int, ...]


@dataclass(frozen=True)
class Written:
    """How the writing went.

    `fallback` is None where the kept sentences stand; else nothing of them does, and it says why:
    the endpoint's `Trouble`; `mistrusted`: more was left out than kept; `silent`: nothing was
    written; `unreadable`: nothing of what was written could be read; `withheld`: no passage could
    be sent, or the question could not.
    """

    kept: int
    dropped: tuple[Flaw, ...]
    fallback: str | None
