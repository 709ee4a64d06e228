"""What is searched: passages of whole sentences, cut from a transcript's turns.

Pure, but for a line in the log where a fault of ours is met: the same transcript always gives the
same passages with the same ids. Every word of every turn is in exactly one passage. Knows nothing
of models, indexes or the database.
"""

import hashlib
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import ceil

from ingest.transcript import AgendaItem, Session, Transcript, Turn, Word
from search.language.sentences import Sentence, sentences
from search.language.stems import exact_stems
from search.passage import About, Passage

log = logging.getLogger(__name__)

SHORT_TURN = 15  # words; a shorter turn may join its neighbour's passage
NOT_DEBATED: Mapping[int, str] = {}
LONGEST = 150  # words
AIM = 130  # words, once a speech has to be cut


@dataclass(frozen=True)
class _Piece:
    """One sentence of one turn: what passages are made of."""

    turn: Turn
    item: AgendaItem | None
    sentence: Sentence

    @property
    def words(self) -> tuple[Word, ...]:
        return self.turn.words[self.sentence.first_word : self.sentence.last_word + 1]


def passages(transcript: Transcript, session: Session) -> tuple[Passage, ...]:
    """Cut a session's transcript into passages, in the order of speech.

    One speaker a passage, save turns of fewer than `SHORT_TURN` words, which join the speech they
    announce or interrupt. A speech longer than `LONGEST` words is cut evenly at sentence ends.
    """
    return tuple(
        _passage(part, transcript, session)
        for _, of_item in groupby(_pieces(transcript, session), key=lambda piece: piece.item)
        for speech in _speeches(of_item)
        for part in _cut(speech)
    )


def context(passage: Passage, transcript: Transcript, session: Session) -> str:
    """What stands around a passage: its topic, its speakers, their roles and groups.

    It is searched together with the passage and never shown as something that was said.
    """
    names = _names(passage, transcript)
    people = [person for name in names if (person := session.person(name))]
    described = [word for person in people for word in (person.role, person.group)]
    return ". ".join(part for part in (topic(passage, session), *names, *described) if part)


def found_by(
    passage: Passage,
    transcript: Transcript,
    session: Session,
    debated: Mapping[int, str] = NOT_DEBATED,
) -> tuple[str, ...]:
    """The stems of a passage and of what stands around it; none where a fault of ours stops it.

    `debated` are words for what is under debate in a turn, by its id: who defends amendment 8 does
    not say its number.

    One passage does not keep a session from its readers: it is still found by what it means.
    `search.integrity` lists it.
    """
    turns = transcript.between(passage.first_turn, passage.last_turn)
    tied = dict.fromkeys(debated[turn.id] for turn in turns if turn.id in debated)
    around = ". ".join((context(passage, transcript, session), *tied))
    try:
        return (*exact_stems(around), *exact_stems(passage.text))
    except Exception:
        place = (session.id, passage.first_turn, passage.last_turn)
        log.exception("%s, turns %d to %d are published without their stems.", *place)
        return ()


def about(passage: Passage, transcript: Transcript, session: Session) -> About:
    """What a passage can be narrowed by."""
    item = session.agenda_item_at(passage.start_ms)
    names = _names(passage, transcript)
    people = [person for name in names if (person := session.person(name))]
    return About(
        item=item.title if item else "",
        object=(item.object if item else None) or "",
        people=names,
        parties=tuple(dict.fromkeys(person.group for person in people if person.group)),
    )


def _names(passage: Passage, transcript: Transcript) -> tuple[str, ...]:
    """Who speaks in a passage, in the order of speech; nobody whose name is open."""
    covered = transcript.between(passage.first_turn, passage.last_turn)
    return tuple(dict.fromkeys(name for turn in covered if (name := transcript.person(turn))))


def topic(passage: Passage, session: Session) -> str:
    """What a passage is about, according to the agenda, or else to the session's title.

    A speaker says "le crédit est de deux millions"; only the agenda says what for.
    """
    item = session.agenda_item_at(passage.start_ms)
    if item is None:
        return session.title
    return f"{item.title} {item.object}" if item.object else item.title


def _pieces(transcript: Transcript, session: Session) -> Iterator[_Piece]:
    for turn in transcript.turns:
        for sentence in sentences(turn):
            start_ms = turn.words[sentence.first_word].start_ms
            yield _Piece(turn, session.agenda_item_at(start_ms), sentence)


# --- speeches: what one person says, with the short turns around it ---------------------------


def _speeches(pieces: Iterable[_Piece]) -> Iterator[list[_Piece]]:
    """Group an agenda item's sentences: one speaker together, short turns with what follows."""
    speech: list[_Piece] = []
    waiting: list[_Piece] = []
    for _, of_one in groupby(pieces, key=_by_one):
        said = list(of_one)
        goes_on = bool(speech) and speech[-1].turn.speaker == said[0].turn.speaker
        if not goes_on and _count(said) < SHORT_TURN:
            waiting += said
        elif goes_on or not speech:
            speech, waiting = speech + waiting + said, []
        else:
            yield speech
            speech, waiting = waiting + said, []
    if speech or waiting:
        yield speech + waiting


def _by_one(piece: _Piece) -> tuple[str | None, int]:
    """What one person says in a row: a text has a turn for each of its paragraphs."""
    return piece.turn.speaker, piece.turn.id if piece.turn.speaker is None else 0


def _count(pieces: Iterable[_Piece]) -> int:
    return sum(len(piece.words) for piece in pieces)


def _cut(speech: Sequence[_Piece]) -> Iterator[list[_Piece]]:
    """Even parts of a speech, cut at sentence ends, none longer than `LONGEST` words."""
    total = _count(speech)
    aim = total / (1 if total <= LONGEST else ceil(total / AIM))
    part: list[_Piece] = []
    parts, seen = 1, 0
    for piece in speech:
        words = len(piece.words)
        too_long = _count(part) + words > LONGEST
        if part and (too_long or seen + words / 2 > aim * parts):
            yield part
            part, parts = [], parts + 1
        part.append(piece)
        seen += words
    yield part


# --- the passage itself -----------------------------------------------------------------------


def _passage(part: Sequence[_Piece], transcript: Transcript, session: Session) -> Passage:
    passage = Passage(
        id="",
        session=session.id,
        first_turn=part[0].turn.id,
        last_turn=part[-1].turn.id,
        start_ms=part[0].words[0].start_ms,
        end_ms=max(word.end_ms for piece in part for word in piece.words),
        text=" ".join(word.text for piece in part for word in piece.words),
    )
    return replace(passage, id=_identity(passage, part, context(passage, transcript, session)))


def _identity(passage: Passage, part: Sequence[_Piece], around: str) -> str:
    """The same words in the same place, of the same revisions and under the same names."""
    turns = [
        (p.turn.id, p.turn.revision, p.sentence.first_word, p.sentence.last_word) for p in part
    ]
    identity = repr((passage.session, turns, passage.text, around))
    return hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32]
