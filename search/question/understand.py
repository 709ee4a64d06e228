"""Understand a question: what is asked about, which kind of answer, and which filters it names.

Pure, for any string. Precision first: a filter that nobody asked for hides the answer, so a name or
a date is a filter only where the question says so, and words that are no filter are searched for.

What is hard and what is soft. A person or party whose words are asked for, a sitting, a body and
the time at which something was said are hard: that is what was asked. An object is soft: it is
spoken of under other points too, and points have no times where nobody announced them. A person is
soft where only the order of keywords tells ("Fontanet éclairage"). The words of soft chips stay in
the topic.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from search.filters import EVERYTHING, Filters
from search.folded import Folded, Stretch
from search.languages import language_of
from search.question.dated import said_when
from search.question.groups import groups_in
from search.question.intents import asked_outcome, intent_of
from search.question.named import body_in, last_sitting, objects_in
from search.question.people import Mention, people_in
from search.question.speaking import Asked
from search.question.topic import SLOT, masked, query_of, topic_of
from search.question.understood import (
    UNLIMITED,
    Budget,
    Chip,
    Field,
    Intent,
    OutOfTime,
    Understood,
    period_value,
    unread,
)
from search.question.when import Lead, When
from search.vocabulary import Vocabulary
from search.vote_phrases import Outcome

__all__ = ["Chip", "Field", "Intent", "Outcome", "Understood", "understand"]

log = logging.getLogger(__name__)

_TOPIC_ALONE = frozenset(
    {Intent.SAID, Intent.WHEN_DISCUSSED, Intent.AGAINST, Intent.FAVOUR, Intent.OPEN}
)
_SLOTS = re.compile(rf"{SLOT}\s*")
_THE_SITTING = re.compile(
    r"(?:(?:pendant|lors de|durant|dans|a|de|au cours de|during|at) )?(?:la |cette |le |au )?"
    r"(?:seance|session|conseil municipal|conseil|plenum|reunion|sitting|meeting)"
    r"(?: (?:ordinaire|extraordinaire|pleniere|publique))? ?$"
)


@dataclass(frozen=True)
class _Read:
    """A filter, and the stretch of the question that it was read from."""

    chip: Chip
    stretch: Stretch


def understand(
    question: str,
    vocabulary: Vocabulary,
    today: date,
    *,
    filters: Filters = EVERYTHING,
    removed: frozenset[str] = frozenset(),
    alone: bool = True,
    budget: Budget = UNLIMITED,
) -> Understood:
    """What a question asks. `removed` are the keys of chips that the reader took away.

    `alone`: no question came before, so words that only ask are searched for where there are no
    others. Where a fault of ours stops it, or the `budget` is spent before, all the words of the
    question are searched for.
    """
    try:
        return _understood(question, vocabulary, today, filters, removed, alone, budget)
    except OutOfTime:
        log.warning("A question of %d characters took too long to read.", len(question))
    except Exception:
        log.exception("A question of %d characters is searched for by its words.", len(question))
    return unread(question, filters, removed)


def _understood(
    question: str,
    vocabulary: Vocabulary,
    today: date,
    filters: Filters,
    removed: frozenset[str],
    alone: bool,
    budget: Budget,
) -> Understood:
    folded = Folded.of(question)
    people = people_in(folded, vocabulary, budget)
    read = _apart(_read(folded, people, vocabulary, today, budget), removed)
    cut = [r.stretch for r in read if not r.chip.soft]
    plain = masked(folded.text, cut)
    somebody = any(r.chip.field in (Field.PERSON, Field.GROUP) and not r.chip.soft for r in read)
    budget.check()
    intent = intent_of(_SLOTS.sub("", plain), somebody=somebody)
    budget.check()
    topic = topic_of(folded, cut) or ("" if cut or not alone else question.strip())
    outcome, unanimous = asked_outcome(plain)
    return Understood(
        question=question,
        topic=topic,
        query=topic if intent in _TOPIC_ALONE else query_of(folded, cut) or topic,
        intent=intent,
        chips=tuple(r.chip for r in read),
        explicit=filters,
        removed=removed,
        language=language_of(question),
        asked_outcome=outcome,
        asked_unanimous=unanimous,
        unknown_objects=tuple(_unknown_objects(folded, vocabulary)),
        unknown_people=tuple(folded.typed(m.name.whole) for m in people if _unknown(m)),
        homonyms=tuple(name for m in people for name in _homonyms(m)),
    )


def _apart(read: Iterable[_Read], removed: frozenset[str]) -> list[_Read]:
    """Without what the reader took away; what was read first keeps its words for itself."""
    kept: list[_Read] = []
    for one in read:
        if one.chip.key in removed or any(one.chip.key == other.chip.key for other in kept):
            continue
        if not any(
            one.stretch.overlaps(other.stretch) and one.stretch != other.stretch for other in kept
        ):
            kept.append(one)
    return sorted(kept, key=lambda r: r.stretch)


def _read(
    question: Folded,
    people: Sequence[Mention],
    vocabulary: Vocabulary,
    today: date,
    budget: Budget,
) -> Iterator[_Read]:
    """Every filter that a question names, what may take words from others first."""
    yield from _sittings(question, vocabulary)
    yield from _people(question, people)
    budget.check()
    yield from _groups(question, vocabulary)
    budget.check()
    yield from _bodies(question, vocabulary)
    budget.check()
    yield from _objects(question, vocabulary)
    budget.check()
    nameless = masked(question.text, (mention.name.whole for mention in people))  # Keller: no verb
    for when in said_when(nameless, vocabulary, today):
        budget.check()
        yield from _dates(question, when, vocabulary)


def _sittings(question: Folded, vocabulary: Vocabulary) -> Iterator[_Read]:
    named = last_sitting(question, vocabulary)
    if named:
        for session in vocabulary.sessions:
            if session.id in named.values:
                yield _of(question, named.stretch, Field.SESSION, session.id, session.title)


def _people(question: Folded, people: Iterable[Mention]) -> Iterator[_Read]:
    for mention in people:
        if mention.asked and len(mention.members) == 1:
            (member,) = mention.members
            soft = mention.asked is Asked.PERHAPS
            yield _of(
                question, mention.name.whole, Field.PERSON, member.name, member.name, soft=soft
            )


def _groups(question: Folded, vocabulary: Vocabulary) -> Iterator[_Read]:
    for party in groups_in(question, vocabulary):
        if party.asked:
            for group in vocabulary.by_family[party.family]:
                soft = party.asked is Asked.PERHAPS
                yield _of(question, party.whole, Field.GROUP, group, group, soft=soft)


def _bodies(question: Folded, vocabulary: Vocabulary) -> Iterator[_Read]:
    named = body_in(question, vocabulary)
    if named:
        for body in named.values:
            yield _of(question, named.stretch, Field.BODY, body, body)


def _objects(question: Folded, vocabulary: Vocabulary) -> Iterator[_Read]:
    titles = dict(vocabulary.objects)
    for named in objects_in(question, vocabulary):
        for code in named.values:
            label = titles[code][0] if len(titles[code]) == 1 else code
            yield _of(question, named.stretch, Field.OBJECT, code, label, soft=True)


def _dates(question: Folded, when: When, vocabulary: Vocabulary) -> Iterator[_Read]:
    """A period; the sitting itself where « la séance du 11 mars » is the only one of its day."""
    stretch = Stretch(when.start, when.end)
    since, until = when.period.since, when.period.until
    sitting = _THE_SITTING.search(question.text[: when.start])
    if sitting and when.lead in (Lead.OF, Lead.NONE):
        stretch = Stretch(sitting.start(), when.end)
        on_day = vocabulary.on(since, until) if since and since == until else ()
        if len(on_day) == 1:
            yield _of(question, stretch, Field.SESSION, on_day[0].id, on_day[0].title)
            return
    yield _of(question, stretch, Field.PERIOD, period_value(since, until), when.period.label)


def _of(
    question: Folded, stretch: Stretch, field: Field, value: str, label: str, *, soft: bool = False
) -> _Read:
    chip = Chip(field, value, label, question.typed(stretch).strip(), soft=soft)
    return _Read(chip, stretch)


def _unknown_objects(question: Folded, vocabulary: Vocabulary) -> Iterator[str]:
    for named in objects_in(question, vocabulary):
        if not named.values:
            yield re.sub(r"(?<=[a-z])(?=\d)", "-", named.key).upper()


def _unknown(mention: Mention) -> bool:
    return mention.asked is Asked.YES and not mention.members


def _homonyms(mention: Mention) -> tuple[str, ...]:
    several = mention.asked and len(mention.members) > 1
    return tuple(member.name for member in mention.members) if several else ()
