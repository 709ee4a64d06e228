"""A question that leans on the one before it: « Et en 2024 ? », « Qu'a-t-il répondu ? ».

By rules, with no language model. What is carried over becomes a chip marked `carried`, the topic
too, so that a reader sees it and can take it away. A whole question carries nothing: it has a topic
of its own, begins like a question, and points back at nothing.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import parse_qsl

from search.filters import EVERYTHING, Filters
from search.folded import Folded
from search.french import stems
from search.question.addressed import (
    ANSWERED,
    FIELDS,
    MAX_QUESTION,
    chips_of,
    context_of,
    filters_from,
    to_params,
)
from search.question.people import people_in
from search.question.periods import Period
from search.question.pointing import Pointing, pointing
from search.question.understand import understand
from search.question.understood import (
    UNLIMITED,
    Budget,
    Chip,
    Field,
    Intent,
    Understood,
    period_value,
)
from search.question.when import dates_in
from search.vocabulary import Vocabulary

__all__ = ["context_of", "from_params", "resolve", "to_params"]

log = logging.getLogger(__name__)

_LONGEST_CONTEXT = 8_000  # characters of an address; what is longer is not an exchange of ours
_PEOPLE, _TIMES = (Field.PERSON, Field.GROUP), (Field.PERIOD, Field.SESSION)
_OF_OTHERS = frozenset({Intent.WHO, Intent.AGAINST, Intent.FAVOUR, Intent.VOTE})
_ASKED = {
    Intent.WHY: "Pourquoi : {}",
    Intent.AMOUNT: "Combien coûte {}",
    Intent.HOW_MANY: "Combien : {}",
    Intent.WHEN: "Quand : {}",
    Intent.VOTE: "Résultat du vote : {}",
    Intent.AGAINST: "Qui s'oppose à {}",
    Intent.FAVOUR: "Qui soutient {}",
}
_DAY = timedelta(days=1)


def resolve(
    question: str,
    before: Understood,
    vocabulary: Vocabulary,
    today: date,
    *,
    filters: Filters = EVERYTHING,
    removed: frozenset[str] = frozenset(),
    answered: Sequence[str] = (),
    budget: Budget = UNLIMITED,
) -> Understood:
    """What a question asks after another one, or alone where the `budget` is spent before.

    `filters` and `removed` as for `understand`; `answered` are the people whose words answered the
    question before, the first one first.
    """
    whole = understand(question, vocabulary, today, filters=filters, removed=removed, budget=budget)
    whole = replace(whole, before=context_of(before, answered))
    back = pointing(Folded.of(question).text)
    now = _read(question, back, before, vocabulary, today, filters, removed, budget)
    if budget.spent or not _leans(back, now):
        return whole
    carried = [
        chip
        for chip in _carried(back, now, before, vocabulary, answered)
        if chip.key not in removed and not _chosen(chip, filters)
    ]
    return _together(replace(whole, chips=now.chips), back, now, before, carried)


def from_params(
    params: Iterable[tuple[str, str]],
    vocabulary: Vocabulary,
    today: date,
    budget: Budget = UNLIMITED,
) -> Understood:
    """The exchange that an address names. Raises `BadInput` for a date that cannot be read.

    People, sessions and the like that nobody knows are kept: they find nothing. Of a question or a
    topic `MAX_QUESTION` characters are read: no exchange of ours has more.
    """
    params = list(params)
    first = dict(reversed(params))
    question, filters = first.get("q", "")[:MAX_QUESTION], filters_from(params)
    removed = frozenset(value for key, value in params if key == "sans")
    context = first.get("avant", "")
    if context and len(context) <= _LONGEST_CONTEXT:
        inner = [(k, v) for k, v in parse_qsl(context) if k != "avant"]
        before = from_params(inner, vocabulary, today, budget)
        answered = [value for key, value in inner if key == ANSWERED and value]
        try:
            return resolve(
                question,
                before,
                vocabulary,
                today,
                filters=filters,
                removed=removed,
                answered=answered,
                budget=budget,
            )
        except Exception:
            log.exception("A question of %d characters is read by itself.", len(question))
    asked = understand(question, vocabulary, today, filters=filters, removed=removed, budget=budget)
    subject = first.get("sujet", "")[:MAX_QUESTION].strip()
    return _about(asked, subject, vocabulary, today, budget) if subject else asked


def _about(
    asked: Understood, subject: str, vocabulary: Vocabulary, today: date, budget: Budget
) -> Understood:
    """An exchange whose topic was carried into it: the address says what it was."""
    chip = Chip(Field.TOPIC, subject, subject, carried=True)
    if chip.key in asked.removed:
        return asked
    own = understand(asked.question, vocabulary, today, alone=False, budget=budget)
    return replace(asked, topic=subject, query=subject, chips=(*own.chips, chip))


# --- what it says by itself -----------------------------------------------------------------------


def _read(
    question: str,
    back: Pointing,
    before: Understood,
    vocabulary: Vocabulary,
    today: date,
    filters: Filters,
    removed: frozenset[str],
    budget: Budget,
) -> Understood:
    """The question read as a part of a conversation: after « et », a name or a date is a filter."""
    bare = question[Folded.of(question).at[back.opens] :] if back.opens else question
    bare = bare.rstrip(" ?!.\u202f\u00a0") if back.opens else bare
    now = understand(
        bare, vocabulary, today, filters=filters, removed=removed, alone=False, budget=budget
    )
    if back.opens:
        now = _dated(now, bare, before, vocabulary, today)
    return replace(now, topic=back.own(now.topic))


def _dated(
    now: Understood, bare: str, before: Understood, vocabulary: Vocabulary, today: date
) -> Understood:
    """A date right after « et » replaces the one before: « Et en 2024 ? », « Et avant ? »."""
    if now.only(Field.PERIOD) or now.only(Field.SESSION):
        return now
    folded = Folded.of(bare)
    relative = _beside(folded.text, before.filters)
    first = next(iter(dates_in(folded.text, today, vocabulary.dates)), None)
    if relative:
        period, end = relative, len(folded.text)
    elif first and first.start == 0:
        period, end = first.period, first.end
    else:
        return now
    chip = Chip(Field.PERIOD, period_value(period.since, period.until), period.label, bare.strip())
    rest = folded.original[folded.at[end] :].strip(" ,") if end < len(folded.at) else ""
    return replace(now, topic=rest if stems(rest) else "", chips=(*now.chips, chip))


def _beside(text: str, then: Filters) -> Period | None:
    """« Et avant ? », « Et après ? »: beside the period of the question before."""
    word = text.strip(" ?.!,")
    if word in ("avant", "auparavant", "plus tot") and then.since and then.since > date.min:
        return Period(None, then.since - _DAY)
    if word in ("apres", "depuis", "ensuite", "plus tard") and then.until and then.until < date.max:
        return Period(then.until + _DAY, None)
    return None


def _leans(back: Pointing, now: Understood) -> bool:
    """Does it need the question before to be understood?"""
    if not now.topic:
        return True
    return back.points or (bool(back.opens) and not back.asks)


# --- what it takes from the one before ------------------------------------------------------------


def _carried(
    back: Pointing,
    now: Understood,
    before: Understood,
    vocabulary: Vocabulary,
    answered: Sequence[str],
) -> Iterator[Chip]:
    """The chips that the question before hands on."""
    had = [*chips_of(before.filters, vocabulary), *(c for c in before.chips if c.soft)]
    named = any(chip.field in _PEOPLE for chip in now.chips)
    keeps_topic = not now.topic or back.aspect or back.to_topic
    if back.woman is not None and not named and now.intent is not Intent.VOTE:
        yield from _pronoun(back.woman, before, vocabulary, answered)
        named = True
    for chip in had:
        if chip.field in _PEOPLE:
            wanted = not named and now.intent not in _OF_OTHERS and not back.of_things
        elif chip.field in _TIMES:
            wanted = not any(own.field in _TIMES for own in now.chips)
        elif chip.field in (Field.OBJECT, Field.ITEM):
            wanted = keeps_topic and not now.only(Field.OBJECT)
        else:
            wanted = not now.only(chip.field)
        if wanted and chip.field is not Field.TOPIC:
            yield replace(chip, words="", carried=True)
    if keeps_topic and before.topic and not now.only(Field.OBJECT):
        yield Chip(Field.TOPIC, before.topic, before.topic, carried=True)


def _pronoun(
    woman: bool, before: Understood, vocabulary: Vocabulary, answered: Sequence[str]
) -> Iterator[Chip]:
    """« il », « elle »: the last person named whom it fits, or whose words answered."""
    named = [*before.filters.people[::-1], *before.preferred.people[::-1]]
    mentioned = [
        mention.members[0].name
        for mention in people_in(Folded.of(before.question), vocabulary)
        if len(mention.members) == 1
    ]
    for name in (*named, *answered, *mentioned[::-1]):
        member = vocabulary.person(name)
        if member is None or member.woman in (None, woman):
            yield Chip(Field.PERSON, name, name, carried=True)
            return


def _chosen(chip: Chip, filters: Filters) -> bool:
    """Did the reader choose something else of that kind?"""
    if chip.field is Field.PERIOD:
        return bool(filters.since or filters.until)
    return chip.field in FIELDS and bool(getattr(filters, FIELDS[chip.field]))


def _together(
    whole: Understood,
    back: Pointing,
    now: Understood,
    before: Understood,
    carried: Sequence[Chip],
) -> Understood:
    """The question with what it took over."""
    subject = next((chip.value for chip in carried if chip.field is Field.TOPIC), "")
    intent = _intent(back, now, before)
    own = "" if subject and back.aspect and intent is Intent.VOTE else now.topic
    topic = ", ".join(part for part in (subject, own) if part)
    known = {chip.key for chip in now.chips}
    chips = (*now.chips, *(chip for chip in carried if chip.key not in known))
    sentence = _ASKED.get(intent, "{}").format(topic) if topic else ""
    return replace(whole, topic=topic, query=sentence, intent=intent, chips=chips)


def _intent(back: Pointing, now: Understood, before: Understood) -> Intent:
    """That of the question before, unless this one asks for something of its own."""
    if back.only_how_much:
        return Intent.AMOUNT
    people = any(chip.field in _PEOPLE for chip in now.chips) or back.woman is not None
    if now.intent in (Intent.OPEN, Intent.SAID):
        if back.asks and now.intent is Intent.SAID:
            return Intent.SAID
        return Intent.SAID if people and before.intent in _OF_OTHERS else before.intent
    return now.intent
