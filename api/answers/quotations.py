"""The quotations that answer a question best, or a refusal, without any language model.

Votes answer what was decided; for all else search proposes passages and `weigh` says which of their
sentences support an answer, and whether they support one at all. A question that takes for granted
what was decided otherwise gets what was said instead.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from api.answers import amendment_content
from api.answers.answer import Answer, State, refusal
from api.answers.answer_type import is_closed
from api.answers.citation import Candidate, Citation, Quote, announcement, apart, cite, names_of
from api.answers.corrections import Finder as CorrectionFinder
from api.answers.corrections import asked_before, corrected, corrections
from api.answers.evidence import Support, Weigher
from api.answers.premise import contradiction, is_denied, is_otherwise, undecided
from api.answers.refusals import (
    Help,
    help_from,
    latest,
    near_only,
    no_question,
    unknown_amendment,
    unknown_in,
    wording,
)
from api.answers.sheet import final, sheet
from api.answers.vote_sentences import decision_line
from api.answers.worded import Worded
from ingest.archive.published import Published
from ingest.errors import NotFound
from ingest.text import fold
from ingest.transcript import Turn
from search.engine.retrieve import Finder
from search.filters import EVERYTHING, Filters
from search.language.sentences import sentences
from search.language.stems import stems
from search.passage import Hit, Passage
from search.query.parsed import Intent, Query
from search.votes.amendments import amendments_in
from search.votes.lookup import ENOUGH, AskedVote, Decisions
from search.votes.under_debate import TIED_DEFENCE
from search.votes.vote import COMMISSION, Vote

# Answers have 2.1 on average (D-068); more than four are a list, no answer. Chosen, not measured.
MOST_QUOTATIONS = 4
_MOST_SHOWN = 3  # quotations, where what answers is filled up with what comes near
_HITS, _WEIGHED = 40, 8  # passages searched, and those whose sentences are weighed
_NEWEST = 2  # sessions whose points are offered where nothing is near
_LOOKED_AT = 8  # passages in which help is looked for after a refusal
_MOST_SESSIONS = 6  # that a question when something was discussed is answered with
_MOST_DECISIONS = 8  # that are listed where the query is about a period or a session
_OPENING_WORDS = (12, 60)  # how much of a speaker's words is shown when the query has no topic
# A question for a person, who may be another than the one named: « Qui répond à Mme Fontanet ? »
_WHO = re.compile(
    r"\b(?:qui|ki|who|whom|wer|wem|chi|quien(?:es)?|quem"
    r"|quel(?:le)?s? (?:elu|depute|orateur|conseill|intervenant|collegue)\w*)\b"
)
_VOTED = re.compile(
    r"\b(?:vot(?:e|es|ent|ait|aient|er)|abstenue?s?|voted|(?:ge)?stimmten?|votaron|votado|votato)\b"
)


@dataclass(frozen=True)
class Sources:
    """What answers are chosen from: published matter only.

    `weigh` says which sentences of the passages that are found support an answer, `corrections`
    what was said against a quoted figure since.
    """

    published: Published
    finder: Finder
    decisions: Decisions
    weigh: Weigher
    corrections: CorrectionFinder | None = None


class _Reading:
    """Published matter as an answer reads it; that each is read once is `kept.Snapshot`'s."""

    def __init__(self, published: Published) -> None:
        self.published = published
        self.session = published.session
        self.names = partial(names_of, published)

    def around(self, hits: Iterable[Hit]) -> Iterator[Candidate]:
        """What stands around each passage, read when iterated, without those withdrawn since."""
        for hit in hits:
            passage = hit.passage
            try:
                turns = self.turns(passage)
                session, names = self.session(passage.session), self.names(passage.session)
            except NotFound:
                continue
            yield Candidate(hit, session, names, turns)

    def turns(self, passage: Passage) -> tuple[Turn, ...]:
        """The turns of a passage. Raises `NotFound`."""
        return self.published.turns(passage.session, passage.first_turn, passage.last_turn)

    def announcements(self, votes: Iterable[Vote]) -> Iterator[Quote]:
        """The words that announce each vote, without those not said there any more."""
        for vote in votes:
            with suppress(NotFound):
                yield announcement(vote, self.published)

    def cited(self, quotes: Iterable[Quote]) -> tuple[Citation, ...]:
        """Quotes as readers are shown them, without those of sessions withdrawn since."""
        citations = []
        for quote in quotes:
            with suppress(NotFound):
                citations.append(cite(quote, self.names(quote.session)))
        return tuple(citations)


def make_answer(query: Query, sources: Sources) -> Answer:
    """The best quotations for a question, or a refusal."""
    if unasked := no_question(query):
        return refusal(query, unasked)
    reading = _Reading(sources.published)
    tells_votes = query.presumed_outcome or query.intent is Intent.VOTE
    known = tells_votes or amendments_in(query.question)
    votes = sources.decisions.about(query) if known else ()
    unknown = unknown_in(query) or unknown_amendment(query, sources.finder.unsaid)
    if refused := unknown or undecided(query, votes):
        help = _help(query, sources, reading)
        of_them = _naming(query.unknown_people, query, sources, reading) if unknown else ()
        state = State.NEAR if of_them else State.NOTHING
        return Answer(query, of_them, state, refused, help=help)
    instead = contradiction(
        query.presumed_outcome,
        votes,
        unanimous=query.presumed_unanimous,
        question=query.question,
    )
    if instead:
        quotes = reading.announcements([instead.vote])
        return Answer(query, reading.cited(quotes), State.INSTEAD, instead.sentence)
    if query.intent is Intent.VOTE:
        told = islice(sources.decisions.within(query), _MOST_DECISIONS)
        if citations := _labelled(_announced(told, reading), reading):
            return Answer(query, citations)
    if not query.topic and query.filters:
        return _openings(query, sources, reading)
    alone = _object(query, sources, reading) if query.is_about_objects_alone else None
    return alone or _quoted(query, votes if tells_votes else (), sources, reading)


def _naming(
    people: Sequence[str], query: Query, sources: Sources, reading: _Reading
) -> tuple[Citation, ...]:
    """What comes nearest, where it names people who did not speak; those words first."""
    surnames = frozenset(stems(" ".join(name.split()[-1] for name in people)))
    if not surnames:
        return ()
    near = sources.weigh(query, list(islice(_candidates(query, sources, reading), _WEIGHED))).near
    naming = {quote: bool(surnames & frozenset(stems(quote.text))) for quote in near}
    if not any(naming.values()):
        return ()
    first = sorted(near, key=lambda quote: not naming[quote])
    return _labelled(_corrected(query, first, sources), reading)


def _object(query: Query, sources: Sources, reading: _Reading) -> Answer | None:
    """« PR-12 », « Que demande la M-14 ? »: how its debate was opened, and the decision on it."""
    code = query.preferred.objects[0]
    found = sheet(code, sources.published, sources.finder, sources.decisions)
    if query.intent not in (Intent.OPEN, Intent.SAID) or not (found and found.opening):
        return None
    decided = _labelled(_announced(final(found.decisions), reading), reading)
    opened = _labelled(_corrected(query, [found.opening], sources), reading)
    if query.intent is Intent.SAID:  # what it asks for, before what became of it
        return Answer(query, (*opened, *decided))
    return Answer(query, (*decided, *opened))


def _quoted(
    query: Query, votes: Sequence[AskedVote], sources: Sources, reading: _Reading
) -> Answer:
    """An answer from votes, if the query is for a vote, and from the sentences that bear it."""
    decided = _decided(votes)
    quotes = list(reading.announcements(_same_object(decided)))
    defences = _defences(query, sources)
    candidates = list(islice(_candidates(query, sources, reading, defences), _WEIGHED))
    support = sources.weigh(query, candidates)
    is_defended = any(one.hit.passage.id in defences for one in candidates)
    if support.best and is_defended and amendment_content.is_alone(query):
        support = replace(support, best=support.near or support.best, enough=True)
    elif support.best and amendment_content.tells_fate(support.best[0].text, query):
        support = replace(support, enough=True)
    is_read = support.enough and not quotes
    if is_read and (otherwise := _otherwise(query, support, candidates, sources.finder)):
        shown = list(islice(apart((*support.best, *support.near)), _MOST_SHOWN))
        if cited := _labelled(_corrected(query, shown, sources), reading):
            return Answer(query, cited, State.NEAR, otherwise)
    if not (quotes or support.enough):
        if newest := _newest(query, sources, reading):
            return newest
        help = _help(query, sources, reading)
        voted = _voted(query, sources, reading)
        near = [q for q in support.near if not any(map(q.overlaps, voted))] or support.near
        if nearest := _labelled(_corrected(query, near, sources), reading):
            why = near_only(query, spoken_of=support.spoken_of)
            count = next(iter(_labelled(voted, reading)), None)
            return Answer(query, nearest, State.NEAR, why, decision=count, help=help)
        return refusal(query, help=help)
    if support.enough:
        quotes += _by_session(support.best) if _is_history(query) else support.best
    most = _MOST_SESSIONS if _is_history(query) else MOST_QUOTATIONS
    answering = _corrected(query, list(islice(apart(quotes), most)), sources)
    on_it = _decided_on(quotes[0], sources, reading)
    decision = _announced(on_it, reading)
    if told := [q for q in answering if any(map(q.overlaps, decision))]:
        answering |= {told[0]: answering[told[0]] or next(iter(decision.values()))}
        decision = {}
    elif is_closed(query) and _are_named(on_it, query):
        answering, decision = decision | answering, {}
    beside = () if decided else support.near
    shown = list(apart((*answering, *beside)))[: max(_MOST_SHOWN, len(answering))]
    more = _corrected(query, shown[len(answering) :], sources)
    more = {q: label for q, label in more.items() if not any(map(q.overlaps, answering))}
    also = _labelled(more, reading)
    return Answer(
        query,
        (*_labelled(answering, reading), *also),
        also=len(also),
        decision=next(iter(_labelled(decision, reading)), None),
    )


def _otherwise(
    query: Query, support: Support, candidates: Sequence[Candidate], finder: Finder
) -> str | None:
    """What to say where the best words are on another figure, person or subject; else None."""
    best = [quote.text for quote in support.best[:MOST_QUOTATIONS]]
    said = (turn.text for candidate in candidates for turn in candidate.turns)
    if is_otherwise(query, best, said):
        return wording("other_figure", query)
    if is_denied(query, best[0]):
        return wording("denied", query)
    if _is_unsaid(query, finder):
        return near_only(query, spoken_of=False)
    return near_only(query) if _is_anothers(query, support.best[0], candidates) else None


def _is_unsaid(query: Query, finder: Finder) -> bool:
    """Does a query name a person and a topic that is in no passage (« Fontanet casino »)?"""
    words = frozenset(stems(query.topic)).difference(stems(" ".join(query.mentioned)))
    is_keywords = query.intent is Intent.OPEN and query.language == "fr" and query.mentioned
    return bool(is_keywords and words) and words <= finder.unsaid(query.topic)


def _is_anothers(query: Query, best: Quote, candidates: Sequence[Candidate]) -> bool:
    """Is the best quotation neither by the person that a question names nor about that person?"""
    if not query.mentioned or query.filters.people or query.intent is Intent.VOTE:
        return False
    if _WHO.search(fold(query.wording)):
        return False
    names = next(one.names for one in candidates if one.session.id == best.session)
    surnames = {fold(name.split()[-1]) for name in query.mentioned}
    speaker = names.get(best.turn.speaker or "")
    return speaker not in query.mentioned and not any(s in fold(best.text) for s in surnames)


def _decided(votes: Iterable[AskedVote]) -> list[Vote]:
    """The votes that a query asks for surely enough, but those of committees."""
    return [v.vote for v in votes if v.score >= ENOUGH and v.vote.body != COMMISSION]


def _decided_on(quote: Quote, sources: Sources, reading: _Reading) -> Sequence[Vote]:
    """The last decision on what a quote is about, if any."""
    said_ms = quote.turn.words[quote.first_word].start_ms
    item = reading.session(quote.session).agenda_item_at(said_ms)
    return final(sources.decisions.on(quote.session, item.title) if item else ())


def _are_named(votes: Iterable[Vote], query: Query) -> bool:
    """Are votes on what a query in French names? In other languages no words are shared.

    « Y aura-t-il des repas végétariens à l'école ? » is not answered by the vote on a cycle track.
    """
    said = " ".join(f"{vote.item} {vote.said}" for vote in votes)
    return query.language != "fr" or not set(stems(query.topic)).isdisjoint(stems(said))


def _voted(query: Query, sources: Sources, reading: _Reading) -> dict[Quote, str | None]:
    """What was decided on a thing of which a query asks who voted for or against it.

    Those who vote by raising a hand are not named: how many they were is what is known.
    """
    wording = fold(query.wording)
    if not (_WHO.search(wording) and _VOTED.search(wording)):
        return {}
    return _announced(_decided(sources.decisions.about(query))[:1], reading)


def _announced(votes: Iterable[Vote], reading: _Reading) -> dict[Quote, str | None]:
    """The words that announce each vote, with what was decided in one line."""
    return {
        quote: Worded(decision_line(vote), "vote.line", told=vote)
        for vote in votes
        for quote in reading.announcements([vote])
    }


def _corrected(query: Query, quotes: Sequence[Quote], sources: Sources) -> dict[Quote, str | None]:
    """Quotes with their labels, each with what corrects the figures that the query is for."""
    if sources.corrections is None:
        return dict.fromkeys(apart(quotes))
    return corrected(sources.published, sources.corrections, quotes, query)


def _newest(query: Query, sources: Sources, reading: _Reading) -> Answer | None:
    """What is new in the period that is asked for: it corrects what was said before."""
    before = asked_before(query)
    if before is None or sources.corrections is None:
        return None
    support = sources.weigh(before, list(islice(_candidates(before, sources, reading), _WEIGHED)))
    # Figures suffice here: that the words correct others on the same thing bears them besides.
    sure = support.enough or support.margin >= 0
    quotes = list(islice(apart(support.best), MOST_QUOTATIONS)) if sure else []
    found = corrections(sources.published, sources.corrections, quotes, query)
    shown = {
        quote: label
        for n, one in found.items()
        if one.fits(query.filters)
        for quote, label in ((one.quote, one.label), (quotes[n], None))
    }
    return Answer(query, cited) if (cited := _labelled(shown, reading)) else None


def _labelled(quotes: Mapping[Quote, str | None], reading: _Reading) -> tuple[Citation, ...]:
    return tuple(
        replace(citation, label=label)
        for quote, label in quotes.items()
        for citation in reading.cited([quote])
    )


def _is_history(query: Query) -> bool:
    return query.intent is Intent.WHEN_DISCUSSED


def _by_session(best: Sequence[Quote]) -> list[Quote]:
    """The best quote of each session, the session of the weakest of them first."""
    return list({quote.session: quote for quote in reversed(best)}.values())[::-1]


def _same_object(votes: Sequence[Vote]) -> list[Vote]:
    """The votes on what the best one is about: its object or point, in its session."""
    if not votes:
        return []
    first = votes[0]
    same = (v for v in votes if v.session == first.session and v.item == first.item)
    return [v for v in same if v.noun == first.noun or v.object][:2]


def _candidates(
    query: Query, sources: Sources, reading: _Reading, defences: frozenset[str] | None = None
) -> Iterator[Candidate]:
    """Passages that search proposes, with the turns of those whose words are wanted.

    Of an amendment, the speech that defends it comes first, and alone where nothing else is asked;
    `defences` are the ids of its passages where they are known.
    """
    people, hits = frozenset(query.filters.people), sources.finder.find(query, _HITS)
    defences = _defences(query, sources) if defences is None else defences
    if defences:
        own = [hit for hit in hits if hit.passage.id in defences]
        others = [hit for hit in hits if hit.passage.id not in defences]
        hits = tuple(own) if own and amendment_content.is_alone(query) else (*own, *others)
    for candidate in reading.around(hits):
        spoken = candidate.only(people) if people else candidate
        if spoken.turns:
            yield spoken


def _defences(query: Query, sources: Sources) -> frozenset[str]:
    """The ids of passages that defend an amendment whose content is asked for."""
    named = (f"amendement {number}" for number in amendment_content.asked_for(query))
    return frozenset[str]().union(*(sources.finder.tied(words, TIED_DEFENCE) for words in named))


def _help(query: Query, sources: Sources, reading: _Reading) -> Help:
    """What search proposes regardless of the question's filters, and who has an answer to it."""
    free = replace(query, chips=(), explicit=EVERYTHING)
    found = help_from(list(reading.around(sources.finder.find(free, _LOOKED_AT))), query)
    people = tuple(name for name in found.people if _has_answer(free, name, sources, reading))
    if found.topics:
        return replace(found, people=people)
    return replace(found, people=people, latest=latest(sources.published.sessions(_NEWEST)))


def _has_answer(free: Query, person: str, sources: Sources, reading: _Reading) -> bool:
    """Would the same question, put to this person, be answered?"""
    of = replace(free, explicit=Filters(people=(person,)))
    return sources.weigh(of, list(islice(_candidates(of, sources, reading), _LOOKED_AT))).enough


def _openings(query: Query, sources: Sources, reading: _Reading) -> Answer:
    """« Qu'a dit Madame X ? » has no topic: how her newest speeches begin."""
    quotes = islice(_speeches(query, sources, reading), MOST_QUOTATIONS)
    citations = reading.cited(quotes)
    if citations:
        return Answer(query, citations)
    return refusal(query, help=Help(latest=latest(sources.published.sessions(_NEWEST))))


def _speeches(query: Query, sources: Sources, reading: _Reading) -> Iterator[Quote]:
    """The opening of each turn within a query's filters, newest session first, each turn once."""
    people, seen = query.filters.people, set[tuple[str, int]]()
    for passage in sources.finder.browse(query.filters, _HITS):
        try:
            turns, names = reading.turns(passage), reading.names(passage.session)
        except NotFound:
            continue
        for turn in turns:
            place = (passage.session, turn.id)
            if place in seen or (people and names.get(turn.speaker or "") not in people):
                continue
            if opening := _opening(turn):
                seen.add(place)
                yield Quote(passage.session, turn, *opening)


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
