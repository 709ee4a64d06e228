"""Which of the kept votes a question is about: by the object it names, or by its words.

Knows nothing of answers. People and groups in the filters are looked for among the words, since a
vote often does not say whose motion it is.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from sqlalchemy import Row, Select, and_, or_, select

from ingest.archive import schema as t
from ingest.archive.published import Published
from search.filters import EVERYTHING, Filters, Outcome
from search.language.idf import idf
from search.language.stems import stems
from search.query.parsed import Query
from search.query.vocabulary import code_key
from search.votes.amendments import KIND, amendments_in
from search.votes.store import open_votes, table, vote_of, votes
from search.votes.tallies import codes_in
from search.votes.vote import COMMISSION, Subject, Vote

ENOUGH = 0.5
"""A score from which a vote is what was asked for; less is likeness of a few words."""

_NOT_THAT = 0.4  # for a vote on the object itself when its amendment was asked for, and the like
_UNNUMBERED = 0.7  # for one of many amendments with a number, none of which was given
_NAMED = 0.8  # for a vote on what a question names in full: "la motion de rejet préalable"
_SUBJECT, _PLENARY = 0.3, 0.1  # preferred among votes that are as near

_ASKING = frozenset(
    stems(
        "vote votes voté voter votation résultat score oui non voix abstention accepter acceptée "
        "accepté refuser refusé refusée rejeter rejeté rejetée adopter adopté adoptée approuver "
        "approuvé approuvée passer passé passée classer classé classée retirer retiré retirée "
        "reporter reporté renvoyer renvoyé renvoyée majorité unanimité unanime décision décider "
        "décidé conseil conseiller municipal commune issue sort séance moment finalement monsieur "
        "madame dire dit contre été administratif final gagner scrutin adoption sort devenir "
        "devenu result outcome voted accepted rejected adopted happened council "
        "abstimmung ergebnis resultat angenommen abgelehnt stimmen wurde resultado votacion "
        "votazione risultato identique série numéro pour voix votant"
    )
)
_SUBJECTS = {
    stem: subject
    for words, subject in (
        ("amendement sous-amendement amdt amendment", Subject.AMENDMENT),
        ("article", Subject.ARTICLE),
        ("urgence", Subject.URGENCY),
        ("considération matière immédiate", Subject.ENTRY),
        ("renvoi", Subject.REFERRAL),
        ("ajournement", Subject.POSTPONEMENT),
        ("procès-verbal", Subject.MINUTES),
    )
    for stem in stems(words)
}


_OBJECTS = frozenset(
    stems("objet objets motion proposition pétition résolution projet point points texte")
)
_CODED = {
    stem: code
    for word, code in (
        ("motion", "m"),
        ("proposition", "pr"),
        ("pétition", "p"),
        ("résolution", "r"),
    )
    for stem in stems(word)
}
_LISTING = frozenset(
    stems("liste lister listez décisions votes scrutins prises objets tous toutes")
)
_DECIDED = {
    Outcome.ACCEPTED: "accept adopt approuv pass",
    Outcome.REFUSED: "refus rejet balay",
    Outcome.FILED: "class",
    Outcome.WITHDRAWN: "retir",
    Outcome.COMMITTEE: "renvoy envoy",
    Outcome.EXECUTIVE: "renvoy envoy",
    Outcome.POSTPONED: "report ajourn",
}


@dataclass(frozen=True)
class AskedVote:
    """A vote that may be the one asked for; `score` is 0..1, 1 for an object that was named."""

    vote: Vote
    score: float


class Decisions(Protocol):
    """The decisions that an answer may tell: `KeptVotes` has those of published sessions."""

    def about(self, query: Query) -> Sequence[AskedVote]:
        """Those that a query is about, best first."""

    def within(self, query: Query) -> Sequence[Vote]:
        """All within a query's filters, newest first, where it is about none in particular."""

    def on(self, session: str, item: str) -> Sequence[Vote]:
        """All on one point of a session's agenda, by its title, as they were said."""


@dataclass(frozen=True)
class KeptVotes:
    """The votes kept of published sessions."""

    published: Published

    def about(self, query: Query) -> tuple[AskedVote, ...]:
        """See `vote_asked`."""
        return vote_asked(self.published, query.wording, query.filters)

    def within(self, query: Query) -> tuple[Vote, ...]:
        """See `all_decided`."""
        return all_decided(self.published, query)

    def on(self, session: str, item: str) -> tuple[Vote, ...]:
        """See `votes`."""
        return votes(self.published, Filters(sessions=(session,), items=(item,)))


def vote_asked(
    published: Published, topic: str, filters: Filters = EVERYTHING, limit: int = 5
) -> tuple[AskedVote, ...]:
    """The votes of published sessions that a question is about, best first, all with a score.

    `topic` may be the whole question. When it or the filters name objects, or it amendments by
    their numbers, only theirs are candidates; otherwise what weighs is the share of the topic's
    rare words that belong to a vote: its words, its point of the agenda, its mover, what was said
    when it was taken up. Among equals the object itself comes before its amendments and procedure,
    and the newest first.
    """
    objects, amendments = filters.objects or codes_in(topic), amendments_in(topic)
    whole = ". ".join((topic, *filters.people, *filters.groups))
    asked = [stem for stem in dict.fromkeys(stems(whole)) if stem not in _ASKING]
    wanted = replace(filters, objects=objects, people=(), groups=())
    with published.archive.engine.connect() as db:
        rows = db.execute(open_votes(wanted, *_KEYS)).all()
        amendments = amendments or _by_numbers(rows, topic, asked)
        if amendments:
            rows = [row for row in rows if any(f" {code} " in row.codes for code in amendments)]
        ranked = _ranked(
            rows, asked, frozenset(stems(whole)), by_object=bool(objects or amendments)
        )[:limit]
        kept = _whole(db.execute(_of([row for _, row in ranked])).all())
    return tuple(AskedVote(kept[row.session_id, row.position], score) for score, row in ranked)


def all_decided(published: Published, query: Query) -> tuple[Vote, ...]:
    """« Qu'est-ce qui a été accepté en avril ? »: what was decided within filters, newest first.

    Nothing where the question is about something: then `vote_asked` finds it. An outcome, a kind of
    object (« Quelles motions... ») and a subject (« Quels amendements... ») that are named leave
    out the others, and so do committees' own votes.
    """
    words = frozenset(stems(query.wording))
    about = frozenset(stems(query.sentence or query.topic)) - _ASKING - _LISTING - _OBJECTS
    listed = bool(query.filters or words & (_LISTING | _OBJECTS | _SUBJECTS.keys()))
    if about - _SUBJECTS.keys() or not listed:
        return ()
    outcomes = [
        o for o, said in _DECIDED.items() if any(w.startswith((*said.split(),)) for w in words)
    ]
    found = votes(published, query.filters, outcomes)
    return tuple(vote for vote in found if vote.body != COMMISSION and _of_kind(vote, words))


def _of_kind(vote: Vote, words: frozenset[str]) -> bool:
    """Is a vote on one of the kinds of things that are named, if any are?"""
    subjects = {_SUBJECTS[stem] for stem in words if stem in _SUBJECTS}
    if subjects:
        return vote.subject in subjects
    kinds = words & _CODED.keys()
    code = code_key(vote.object or "").rstrip("0123456789")
    named = kinds & frozenset(stems(vote.noun)) or code in {_CODED[kind] for kind in kinds}
    return not kinds or (vote.subject is Subject.OBJECT and bool(named))


_KEYS = (
    *(table.c.session_id, table.c.position, table.c.stems, table.c.subject, table.c.body),
    *(table.c.codes, table.c.noun),
    t.sessions.c.date,
)


def _ranked(
    rows: Sequence[Row[Any]], asked: Sequence[str], topic: frozenset[str], *, by_object: bool
) -> list[tuple[float, Row[Any]]]:
    subjects = {_SUBJECTS[stem] for stem in asked if stem in _SUBJECTS}
    # Looking for a few stems in each row costs a tenth of splitting it into its own.
    words = [_found(asked, f" {row.stems} ") for row in rows]
    weights = _weights(asked, words)
    ranked = []
    for row, said in zip(rows, words, strict=True):
        alike = _coverage(weights, said)
        score = 1.0 if by_object else alike
        if subjects and row.subject not in subjects:
            score *= _NOT_THAT
        if not by_object and f" {KIND}" in row.codes:
            score *= _UNNUMBERED
        if row.subject == Subject.OBJECT and _is_named(row.noun, topic):
            score = max(score, _NAMED + alike / 10)
        right = row.subject in (subjects or {Subject.OBJECT})
        rank = score + alike * by_object + _SUBJECT * right + _PLENARY * (row.body != COMMISSION)
        if score > 0:
            ranked.append((rank, row.date, row.position, score, row))
    ranked.sort(key=lambda one: one[:3], reverse=True)
    return [(score, row) for *_, score, row in ranked]


_NUMBER = re.compile(r"(?<![\d.,'])\d{1,5}(?![\d.,'%])")


def _by_numbers(rows: Sequence[Row[Any]], topic: str, asked: Sequence[str]) -> tuple[str, ...]:
    """`résultat scrutin 1816 1817`: amendments by their numbers alone.

    Two numbers that were decided together; or a single one, if nothing else is asked about.
    """
    codes = [f"{KIND}{int(number)}" for number in _NUMBER.findall(topic)]
    least = 1 if all(stem.isdigit() for stem in asked) else 2
    for row in rows:
        here = tuple(code for code in codes if f" {code} " in row.codes)
        if len(here) >= least:
            return here
    return ()


def _is_named(noun: str, topic: frozenset[str]) -> bool:
    """Does a question hold all that tells this kind of object from others: `rejet préalable`?"""
    telling = frozenset(stems(noun)) - _OBJECTS
    return len(telling) > 1 and telling <= topic


def _found(asked: Sequence[str], said: str) -> tuple[str, ...]:
    return tuple(stem for stem in asked if f" {stem} " in said)


def _weights(asked: Sequence[str], words: Sequence[Sequence[str]]) -> dict[str, float]:
    """How rare each stem of the topic is among the votes; one that none has weighs most."""
    times = Counter(stem for said in words for stem in said)
    return {stem: idf(len(words), times[stem]) for stem in asked}


def _coverage(weights: Mapping[str, float], said: Iterable[str]) -> float:
    total = sum(weights.values())
    return sum(weights[stem] for stem in said) / total if total else 0.0


def _of(rows: Sequence[Row[Any]]) -> Select[Any]:
    places = (
        and_(table.c.session_id == row.session_id, table.c.position == row.position) for row in rows
    )
    return select(*table.c).where(or_(False, *places))


def _whole(rows: Iterable[Row[Any]]) -> dict[tuple[str, int], Vote]:
    return {(row.session_id, row.position): vote_of(row) for row in rows}
