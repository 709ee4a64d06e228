"""The quotations that answer a question best, or a refusal, without any language model.

Votes answer what was decided; for all else search proposes passages and `weigh` says which of their
sentences support an answer, and whether they support one at all. A question that takes for granted
what was decided otherwise is told what was said instead.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import islice

from api.answers.answer import Answer, Verified, refusal, verify
from api.answers.citation import Citation, cite, names_of
from api.answers.evidence import Evidence, Found, Weigher, voted
from api.answers.premise import contradiction
from api.answers.refusals import EMPTY, Help, help_from, near_only, unknown_in, why_not
from ingest.archive.published import Published
from ingest.errors import NotFound
from ingest.transcript import Turn
from search.engine.retrieve import Finder, Hit
from search.filters import EVERYTHING
from search.language.sentences import sentences
from search.query.parsed import Intent, Query
from search.votes.lookup import ENOUGH, AskedVote, Decisions
from search.votes.vote import COMMISSION, Vote

MOST_QUOTATIONS = 4
_MOST_NEAR = 2  # quotations that are shown as what comes nearest, where nothing surely answers
_HITS, _LOOKED_AT = 40, 8  # passages searched, and those whose sentences are weighed
_MOST_SITTINGS = 6  # that a question when something was discussed is answered with
_MOST_DECISIONS = 8  # that are listed where a period or a sitting is asked about
_OPENING_WORDS = (12, 60)  # how much of what somebody said is shown when no topic is asked


@dataclass(frozen=True)
class Sources:
    """What answers are chosen from: published matter only.

    `weigh` says which sentences of the passages that are found support an answer.
    """

    published: Published
    finder: Finder
    decisions: Decisions
    weigh: Weigher


def answer(query: Query, sources: Sources) -> Verified:
    """What a reader gets: an answer made, then verified."""
    return verify(make_answer(query, sources), sources.published)


def make_answer(query: Query, sources: Sources) -> Answer:
    """The best quotations for a question, or a refusal."""
    if not query.question.strip():
        return refusal(query, EMPTY)
    if unknown := unknown_in(query):
        return refusal(query, unknown, _help(query, sources))
    tells_votes = query.presumed_outcome or query.intent is Intent.VOTE
    votes = sources.decisions.about(query) if tells_votes else ()
    instead = contradiction(query.presumed_outcome, votes, unanimous=query.presumed_unanimous)
    if instead:
        told = _voted([instead.vote], sources.published)
        return replace(refusal(query, instead.sentence), citations=tuple(told))
    if query.intent is Intent.VOTE:
        decided = _voted(sources.decisions.within(query), sources.published)
        if cited := tuple(islice(decided, _MOST_DECISIONS)):
            return Answer(query, cited)
    if not query.topic and query.filters:
        return _opened(query, sources)
    return _quoted(query, votes, sources)


def _quoted(query: Query, votes: Sequence[AskedVote], sources: Sources) -> Answer:
    """An answer from votes, if a vote is asked for, and from the sentences that bear it."""
    decided = [v.vote for v in votes if v.score >= ENOUGH and v.vote.body != COMMISSION]
    cited = list(_voted(_same_object(decided), sources.published))
    found = list(islice(_found(query, sources), _LOOKED_AT))
    support = sources.weigh(query, found)
    names = {item.session.id: item.names for item in found}
    if not (cited or support.enough):
        refused = refusal(query, why_not(query), _help(query, sources))
        if not support.near:
            return refused
        best = (cite(evidence, names[evidence.session]) for evidence in support.best)
        nearest = tuple(islice(_apart(best), _MOST_NEAR))
        return replace(refused, why=near_only(query), citations=nearest, near=True)
    if support.enough:
        best_of = _by_sitting(support.best) if _is_history(query) else support.best
        cited += [cite(evidence, names[evidence.session]) for evidence in best_of]
    most = _MOST_SITTINGS if _is_history(query) else MOST_QUOTATIONS
    return Answer(query, tuple(islice(_apart(cited), most)))


def _is_history(query: Query) -> bool:
    return query.intent is Intent.WHEN_DISCUSSED


def _by_sitting(best: Sequence[Evidence]) -> list[Evidence]:
    """The best evidence of each sitting, in the order of what it is worth."""
    return list({evidence.session: evidence for evidence in reversed(best)}.values())[::-1]


def _same_object(votes: Sequence[Vote]) -> list[Vote]:
    """The votes on what the best one is about: its object or point, in its sitting."""
    if not votes:
        return []
    first = votes[0]
    return [v for v in votes if v.session == first.session and v.item == first.item][:2]


def _apart(cited: Iterable[Citation]) -> Iterator[Citation]:
    """Citations without those that share words with an earlier one."""
    kept: list[Citation] = []
    for citation in cited:
        if not any(_overlap(citation, other) for other in kept):
            kept.append(citation)
            yield citation


def _overlap(a: Citation, b: Citation) -> bool:
    same = (a.session, a.turn) == (b.session, b.turn)
    return same and a.start_ms < b.end_ms and b.start_ms < a.end_ms


# --- what was found, with what stands around it -------------------------------------------------


def _found(query: Query, sources: Sources) -> Iterator[Found]:
    """Passages that search found, with the turns of those whose words are asked for."""
    people = frozenset(query.filters.people)
    for item in _look_around(sources.finder.find(query, _HITS), sources.published):
        spoken = item.only(people) if people else item
        if spoken.turns:
            yield spoken


def _help(query: Query, sources: Sources) -> Help:
    """What was found regardless of the question's filters."""
    free = replace(query, chips=(), explicit=EVERYTHING)
    hits = sources.finder.find(free, _LOOKED_AT)
    return help_from(list(_look_around(hits, sources.published)), query)


def _look_around(hits: Sequence[Hit], published: Published) -> Iterator[Found]:
    """What stands around each passage, read when asked for, without those withdrawn meanwhile."""
    session_of, voices_of = cache(published.session), cache(partial(names_of, published))
    for hit in hits:
        passage = hit.passage
        try:
            turns = published.turns(passage.session, passage.first_turn, passage.last_turn)
            session, names = session_of(passage.session), voices_of(passage.session)
        except NotFound:
            continue
        yield Found(hit, session, names, turns)


# --- votes, and what is shown when no topic is asked --------------------------------------------


def _voted(votes: Iterable[Vote], published: Published) -> Iterator[Citation]:
    """The words that announce each vote."""
    for vote in votes:
        try:
            evidence, names = voted(vote, published), names_of(published, vote.session)
        except NotFound:
            continue
        yield cite(evidence, names)


def _opened(query: Query, sources: Sources) -> Answer:
    """« Qu'a dit Madame X ? » has no topic: how her newest speeches begin."""
    cited: dict[tuple[str, int], Citation] = {}
    people = frozenset(query.filters.people)
    for passage in sources.finder.browse(query.filters, _HITS):
        hit = Hit(passage, 0.0, (), 0.0, 0.0)
        for item in _look_around([hit], sources.published):
            for turn in (item.only(people) if people else item).turns:
                if (item.session.id, turn.id) not in cited and (opening := _opening(turn)):
                    evidence = Evidence(item.session.id, turn, *opening)
                    cited[item.session.id, turn.id] = cite(evidence, item.names)
        if len(cited) >= MOST_QUOTATIONS:
            break
    if not cited:
        return refusal(query, why_not(query))
    return Answer(query, tuple(islice(cited.values(), MOST_QUOTATIONS)))


def _opening(turn: Turn) -> tuple[int, int] | None:
    """The first sentences of a turn that say something; None for one that is a few words long."""
    least, most = _OPENING_WORDS
    if len(turn.words) < least:
        return None
    bounds = sentences(turn)
    last = bounds[0].last_word
    for sentence in bounds[1:]:
        if last + 1 >= least and sentence.last_word >= most:
            break
        last = sentence.last_word
    return 0, last
