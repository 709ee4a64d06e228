"""What corrects a figure that was quoted: looked up when it is quoted, among what is published.

Nothing is kept for it: the passages in memory tell which few hold words of correction or the figure
itself, later in the debate or about the same object in a later session; those are read again from
the archive. What is withdrawn or redacted is gone from here in the same moment as from search.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from ingest.archive.published import Published
from ingest.errors import NotFound
from ingest.text import fold
from ingest.transcript import AgendaItem, Session, Turn
from search.engine.bm25 import Mask
from search.engine.corpus import Corpus
from search.engine.live import LiveCorpus
from search.engine.vectors import Rows
from search.facts.figures import Figure, Kind, figures, normal
from search.facts.statements import CorrectingStatement, is_cue, statements
from search.index import store
from search.language.sentences import Sentence, sentences
from search.language.stems import stems
from search.passage import Passage

_ADMITTING = tuple(dict.fromkeys(stems(
    "corriger corrigée correction rectifier rectification erratum trompé tromper erreur coquille "
    "faux fausse inexactitude erroné inexact incorrect exact périmé obsolète contrairement"
)))  # fmt: skip
_NEWER = tuple(dict.fromkeys(stems(
    "finalement final désormais dorénavant réévaluer réestimer actualiser revu revoir reporter "
    "repousser retarder décaler différer avancer prolonger ajourner nouveau nouvel nouvelle passer "
    "réalité présent porter ramener relever abaisser augmenter réduire dernier jour"
)))  # fmt: skip
"""Stems of which a passage that corrects holds one at least: see `search.facts.statements`."""

_FORMAL = frozenset(stems(
    "proposition motion pétition projet résolution délibération crédit objet point initiative "
    "interpellation question demande rapport"
))  # fmt: skip
_READ = 16  # passages that are read for a quotation: of later sessions, or that repeat its figure
# Share of the object's words that a later session must say, or its question before: of an object
# it speaks of in passing, and where the agenda has another one. Chosen, not measured.
_NAMED, _ELSEWHERE = 0.45, 0.8
_BEFORE = 2  # passages before an answer in which its question names the object
_CHAIN = 3  # corrections of corrections that are followed
_END = re.compile(r"(?<=[.!?…]) ")


@dataclass(frozen=True)
class WordRange:
    """Words `first_word` to `last_word` of a turn of a session, both included."""

    session: Session
    turn: Turn
    first_word: int
    last_word: int

    @property
    def text(self) -> str:
        """The words."""
        return self.turn.said(self.first_word, self.last_word)

    @property
    def start_ms(self) -> int:
        """Start of the first word."""
        return self.turn.words[self.first_word].start_ms

    @property
    def item(self) -> AgendaItem | None:
        """The point of the agenda that they were said at."""
        return self.session.agenda_item_at(self.start_ms)


@dataclass(frozen=True)
class FoundCorrection:
    """A statement that corrects, where it stands, and whether it does so in the same session."""

    place: WordRange
    statement: CorrectingStatement
    old: Figure

    @property
    def rank(self) -> tuple[date, bool, int]:
        """The later, the better; in one session, one that admits an error is the better."""
        return self.place.session.date, self.statement.admitted, self.place.start_ms


class CorrectionFinder:
    """Finds what corrects the figures of quoted words. Safe to share between threads."""

    def __init__(self, published: Published, corpus: LiveCorpus) -> None:
        self._published = published
        self._corpus = corpus
        self._cues: tuple[Corpus, Mask, Mask] | None = None

    def of(
        self, quoted: WordRange, kinds: Collection[Kind] = tuple(Kind)
    ) -> FoundCorrection | None:
        """The newest statement that corrects a figure of these words, of some kinds.

        What corrects may have been corrected in its turn.
        """
        newest = found = self._next(quoted, kinds)
        for _ in range(_CHAIN):
            if found is None or (found := self._next(found.place, (found.old.kind,))) is None:
                break
            newest = replace(found, old=newest.old) if newest else found
        return newest

    def _next(self, quoted: WordRange, kinds: Collection[Kind]) -> FoundCorrection | None:
        told = [
            one
            for text in _END.split(fold(quoted.text))
            for one in figures(normal(text))
            if not one.denied and one.kind in kinds
        ]
        if not told:
            return None
        corpus = self._corpus.now()
        if quoted.session.id not in corpus.columns.sessions:
            return None
        with self._published.archive.engine.connect() as db:
            key = store.key_at(db, quoted.session.id, quoted.start_ms)
        topic = _topic(quoted.item)
        found = [
            found
            for rows, same_debate in _rows(corpus, self._with_cues(corpus), quoted, key, told)
            for run, folded in self._runs(corpus, rows, quoted)
            if any(_judged(statements(_END.split(folded)), told, topic, same_debate=same_debate))
            for found in self._found(run, quoted, told, topic, same_debate=same_debate)
        ]
        return max(found, key=lambda one: one.rank, default=None)

    def _with_cues(self, corpus: Corpus) -> tuple[Mask, Mask]:
        """Rows with words of correction; kept until something is published or withdrawn."""
        kept = self._cues
        if kept is None or kept[0] is not corpus:
            admitting = _holding(corpus, _ADMITTING)
            self._cues = kept = corpus, admitting, admitting | _holding(corpus, _NEWER)
        return kept[1:]

    def _runs(self, corpus: Corpus, rows: Rows, quoted: WordRange) -> Iterator[tuple[Passage, str]]:
        """The published passages of rows that may correct, with what is said next; folded, too."""
        following = corpus.neighbours(rows, 1)
        keys = corpus.columns.keys
        wanted = keys[np.union1d(rows, following[following >= 0])].tolist()
        with self._published.archive.engine.connect() as db:
            passages = store.published_rows(db, wanted)
        start = quoted.turn.words[quoted.last_word].start_ms
        for row, after in zip(rows.tolist(), following.tolist(), strict=True):
            run, more = passages.get(keys[row]), passages.get(keys[after]) if after >= 0 else None
            if run is None or (run.session == quoted.session.id and run.end_ms <= start):
                continue
            if more and more.first_turn == run.last_turn:
                run = replace(run, text=f"{run.text} {more.text}", end_ms=more.end_ms)
            if is_cue(folded := fold(run.text)):
                yield run, folded

    def _found(
        self,
        run: Passage,
        quoted: WordRange,
        told: Sequence[Figure],
        topic: frozenset[str],
        *,
        same_debate: bool,
    ) -> Iterator[FoundCorrection]:
        """What corrects in a run, as words of its turns."""
        try:
            session = self._published.session(run.session)
            turns = self._published.turns(run.session, run.first_turn, run.last_turn)
        except NotFound:
            return
        start = quoted.turn.words[quoted.last_word].start_ms
        for turn in turns:
            bounds = _within(turn, run)
            texts = [fold(turn.said(one.first_word, one.last_word)) for one in bounds]
            for statement, old in _judged(statements(texts), told, topic, same_debate=same_debate):
                first, last = bounds[statement.first], bounds[statement.last]
                place = WordRange(session, turn, first.first_word, last.last_word)
                # nobody contradicts himself in one breath, unless he says so
                own = (session.id, turn.id) == (quoted.session.id, quoted.turn.id)
                later = session.id != quoted.session.id or place.start_ms > start
                if later and (statement.admitted or not own):
                    yield FoundCorrection(place, statement, old)


def _judged(
    told_later: Iterable[CorrectingStatement],
    told: Sequence[Figure],
    topic: frozenset[str],
    *,
    same_debate: bool,
) -> Iterator[tuple[CorrectingStatement, Figure]]:
    """The statements that correct a figure, each with the figure."""
    for statement in told_later:
        for old in told:
            if statement.corrects(old, topic, same_debate=same_debate):
                yield statement, old


def _rows(
    corpus: Corpus, cues: tuple[Mask, Mask], quoted: WordRange, key: int, told: Sequence[Figure]
) -> Iterator[tuple[Rows, bool]]:
    """Rows of the debate that may correct, then rows elsewhere that speak of the same object.

    `key` is that of the passage with the quoted words.
    """
    admitting, any_cue = cues
    repeated = _holding(corpus, _values(told))
    numbers, one = corpus.columns.values.of, corpus.columns.one
    item = quoted.item
    mine = one["sessions"] == numbers["sessions"][quoted.session.id]
    if item is not None:
        mine &= one["items"] == numbers["items"].get(item.title, -1)
    after = np.flatnonzero(mine & (corpus.columns.keys >= key))
    again = after[repeated[after] & ~admitting[after]][:_READ]
    yield np.union1d(after[admitting[after]], again), True
    if item is None or not (topic := _topic(item)):
        return
    coverage = corpus.lexical(corpus.weights(topic)).coverage
    rows = np.flatnonzero((any_cue | repeated) & ~mine)
    near, items = coverage[rows], one["items"]
    for step in range(1, _BEFORE + 1):
        before = corpus.neighbours(rows, -step)
        same = (before >= 0) & (items[before] == items[rows])
        near = np.maximum(near, np.where(same, coverage[before], 0))
    objects = numbers["objects"]
    alike = np.isin(one["objects"][rows], [objects.get(item.object or "", -1), objects.get("", -1)])
    fitting = (near >= np.where(alike, _NAMED, _ELSEWHERE)) & _later(corpus, rows, quoted)
    yield rows[fitting][np.argsort(-near[fitting], kind="stable")[:_READ]], False


def _later(corpus: Corpus, rows: Rows, quoted: WordRange) -> Mask:
    """Which rows are of the same session or of one with a later date."""
    of, this = corpus.columns.values.of["sessions"], quoted.session
    held = corpus.columns.sessions.values()
    late = [of[one.id] for one in held if one.id == this.id or one.date > this.date]
    return np.isin(corpus.columns.one["sessions"][rows], late)


def _topic(item: AgendaItem | None) -> frozenset[str]:
    """Stems of what a point of the agenda is about, less what kind of object it is."""
    if item is None:
        return frozenset()
    code = frozenset(stems(item.object or ""))
    return frozenset(s for s in stems(item.title) if not any(map(str.isdigit, s))) - _FORMAL - code


def _values(told: Sequence[Figure]) -> tuple[str, ...]:
    """Stems of the figures, as passages that repeat them to deny them hold them."""
    written = (
        figure.value.split("-")[1] if figure.kind is Kind.DATE else figure.value.split()[0]
        for figure in told
    )
    return tuple(stem for value in written for stem in stems(value))


def _holding(corpus: Corpus, wanted: Sequence[str]) -> Mask:
    """Which rows hold one of these stems."""
    holds = np.zeros(len(corpus), dtype=np.bool_)
    numbers = [corpus.vocabulary[stem] for stem in wanted if stem in corpus.vocabulary]
    at = 0
    for segment in corpus.segments:
        for number in numbers:
            holds[at + segment.postings.rows[segment.postings.of(number)]] = True
        at += len(segment)
    return holds


def _within(turn: Turn, run: Passage) -> tuple[Sentence, ...]:
    """The sentences of a turn that begin in a run of passages."""
    return tuple(
        one
        for one in sentences(turn)
        if run.start_ms <= turn.words[one.first_word].start_ms < run.end_ms
    )
