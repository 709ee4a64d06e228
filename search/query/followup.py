"""A question that leans on the one before it: « Et en 2024 ? », « Qu'a-t-il répondu ? ».

By rules, with no language model. What is carried over becomes a chip marked `carried`, the topic
too, so that a reader sees it and can take it away. A whole question carries nothing: it has a topic
of its own, begins like a question, and points back at nothing.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from urllib.parse import parse_qsl

from ingest.text import fold
from search.filters import EVERYTHING, Filters
from search.language.offsets import Folded, Stretch
from search.language.stems import stems
from search.query.dates import dates_in
from search.query.entities import groups_in
from search.query.parse import parse, read_in_context, standalone, topic_of
from search.query.parsed import UNLIMITED, Budget, Chip, Field, Intent, Query, period_value
from search.query.people import people_in
from search.query.periods import Period
from search.query.speech_acts import SAYS, STANCE
from search.query.url import (
    ANSWERED,
    FIELDS,
    MAX_QUESTION,
    chips_of,
    context_of,
    filters_from,
    to_params,
)
from search.query.vocabulary import Vocabulary
from search.query.wording import reading_of

__all__ = ["context_of", "from_params", "resolve", "to_params"]

# How a question points back at what was said before it: « et », « il », « ce projet », « en ».


_OPENS = re.compile(
    r"\W*(?:(?:et|mais|ok|alors|sinon|and|und|y|e|what about|how about|was ist mit)\b[ ,]+)+"
    r"(?:(?:alors|aussi|si on parle|qu'en est-il|quid|chez|du cote|selon|pour ce qui est)\b[ ,]*"
    r"(?:d[eu]s? )?)?(?=\S)"
)
_ASKS = re.compile(
    r"(?:qu'|que |qui |quoi|quel|pourquoi|comment|quand|combien|ou |est-ce|y a|a-t-on|a-t-il"
    r"|a-t-elle|dans quel|a quel|depuis quand|de quoi|who|what|when|why|how|wer|was|wann|warum|wie)"
)
_ASKS_THEN = re.compile(rf", ?{_ASKS.pattern}")
_IMPERSONAL = re.compile(
    r"\b(?:y a(?:-t-il| t il)|y aura-t-il|faut-il|faudra-t-il|s'agit-il|s'est-il (?:passe|dit)"
    r"|reste-t-il|existe-t-il"
    r"|(?:est|sera|serait)-il (?:\w+ )?(?:prevu|possible|vrai|exact|question|normal|temps)"
    r"|il (?:y a|y aura|faut|faudra|fait|faisait|est|s'agit|pleut|existe|reste)|se passe-t-il)\b"
)
_OPENER = (
    r"(?:et |mais |alors )?(?:(?>combien d[e'] ?(?!quell?e?s? )\w+ |qu'|que |pourquoi |comment "
    r"|quand |ou |combien |quoi |est-ce qu'"
    r"|(?:a |de |par |pour |en |dans )?(?:quel|quelle|quels|quelles) \w+ )+)?"
)
_VERB_FIRST = re.compile(
    rf"\W*{_OPENER}(?:(?:ne |n'|l'|la |le |les |y |en |se |s'|lui |leur )*)(?P<verb>\w+)(?:-t)?-"
    r"(?P<who>il|elle|ils|elles)\b(?P<rest>.*)"
)
_PRONOUN_FIRST = re.compile(rf"\W*{_OPENER}(?P<who>il|elle|ils|elles) (?P<rest>.*)")
_STRESSED = re.compile(r"\W*(?:et|mais|selon|pour) (?P<who>lui|elle)\b\W*$")
_THIS = re.compile(
    r"\b(?:a ce (?:sujet|propos)|la-dessus|de (?:ca|cela)|sur ce (?:point|sujet)"
    r"|(?:ca|cela|celle-ci|celui-ci|celle-la|celui-la)\b"
    r"|(?:ce|cet|cette|ces) (?:meme )?(?:projet|motion|objet|proposition"
    r"|petition|credit|amendement|question|sujet|point|decision|mesure|montant|dossier|texte|vote"
    r"|chantier|idee|debat|initiative|resolution|somme|chiffre)s?(?:-ci|-la)?)"
)
_IT = re.compile(
    r"\b(?:qu'|qui |et qui |quand |pourquoi )en \w+|\by (?:a|ont|est)\b(?!-t-il| t)|\bs'y est\b"
    rf"|\b(?:l'a|l'ont|l'avez)-(?:t-)?(?:on|il|elle|ils|elles|vous)\b|\b(?:{SAYS}|quoi) d'autres?\b"
    r"|\bqui d'autre\b|\bles autres\b|\bqui (?:la |le |les |l')(?:corrig|contredi|souten|soutien"
    r"|defend|refus|propos|critiqu|demand|contest|financ|paie|vot)"
)
_ASPECT = re.compile(
    r"(?:les? |la |l'|quels? (?:est |sont )?(?:les? )?|quelle (?:est )?(?:la |l')?)?"
    r"(?:prix|couts?|montants?|budgets?|credits?|financement|tarifs?|delais?|dates?|calendrier|duree"
    r"|votes?|resultats?(?: du vote)?|raisons?|consequences?|arguments?"
    r"|opposants?|partisans?|issue|decision|amendements?|discussion"
    r"|debat|commission|reponses?|suites?|benefices?|risques?|avantages?|inconvenients?)"
)
_ANSWERED_BY = re.compile(rf"(?:{SAYS}|{STANCE})")
_NEXT = re.compile(
    r"\W*(?:et )?(?:pour )?(?:(?:la|le|celle|celui) )?"
    r"(?P<way>d'apres|suivante?|d'avant|precedente?)\W*"
)
# « Et celui de Mme Fontanet ? », « Et la deuxième raison ? »: another of what was asked about.
_ANOTHER = re.compile(
    r"(?P<that>(?:celui|celle|ceux|celles) (?:des? |du |d'))"
    r"|(?:la|le|les) (?:premiere?s?|deuxiemes?|secondes?|troisiemes?|quatriemes?)\b"
)
_OWN_POINTING = re.compile(
    r"(?:\b(?:il|elle|ils|elles)\b|-t\b|(?<=-)t(?=-))|\b(?:d'autres?|les autres|autres?|en|y)\b",
    re.IGNORECASE,
)
# « Qui d'autre en a parlé ? » asks for nothing of its own.
_ONLY_SAYS = re.compile(rf"(?:(?:a|ont|avait|avaient) )?(?:{SAYS})")
_PREPOSITION = re.compile(
    r"^(?:sur|pour|des?|du|concernant|a propos d[eu]s?|au sujet d[eu]s?|aux?|a|dans|avec|about"
    r"|zu[rm]?|uber|sobre|su)\s+|^d['’]",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Pointing:
    """What in a question points back.

    `opens` is where the question goes on after « et » (0 without); `asks`: it is worded as a
    question; `points`: by a pronoun or « ce projet »; `to_topic`: at what was spoken of, not at who
    spoke; `woman` is the gender of the one person that a pronoun means, None without one;
    `of_things`: its pronoun means a thing; `aspect`: it asks for one side of the topic (the price);
    `only_how_much`: « Combien ? » and nothing else. `next`: 1 for « Et la suivante ? », -1 for
    « Et la précédente ? », else 0; `that` is how long « celui de » is, where it opens.
    """

    opens: int
    asks: bool
    points: bool
    to_topic: bool
    woman: bool | None
    of_things: bool
    aspect: bool
    only_how_much: bool
    next: int
    that: int

    def own(self, topic: str) -> str:
        """What of a topic is not pointing: « sur la piscine » -> « la piscine »."""
        folded = Folded.of(topic)
        this = _THIS.search(folded.text)
        kept = "" if self.next else topic
        if this:
            start, end = folded.place(Stretch(*this.span()))
            kept = f"{topic[:start]} {topic[end:]}"
        if self.points:
            kept = _OWN_POINTING.sub(" ", kept)
        if self.that:
            kept = kept[self.that :]
        if self.opens:
            kept = _PREPOSITION.sub("", kept.strip())
        kept = " ".join(kept.replace("- -", " ").split()).strip(" ,-?")
        if self.points and _ONLY_SAYS.fullmatch(fold(kept)):
            return ""
        return kept if stems(kept) else ""


def pointing(text: str) -> Pointing:
    """How a folded question points back."""
    opening = _OPENS.match(text)
    bare = text[opening.end() :] if opening else text
    who, personal = _subject(text)
    stressed = _STRESSED.match(text)
    woman = None
    if stressed:
        woman = stressed["who"] == "elle"
    elif personal and not who.endswith("s"):
        woman = who == "elle"
    at_this = bool(_THIS.search(text) or _IT.search(text))
    beside = _NEXT.fullmatch(text)
    another = _ANOTHER.match(bare)
    return Pointing(
        opens=opening.end() if opening else 0,
        asks=bool(_ASKS.match(bare) or _ASKS_THEN.search(bare)),
        points=bool(who or stressed or at_this),
        to_topic=bool(at_this or another or (who and not personal)),
        woman=woman,
        of_things=bool(who and not personal),
        aspect=bool(opening and _ASPECT.fullmatch(bare.strip(" ?!."))),
        only_how_much=bool(re.fullmatch(r"\W*(?:et )?(?:a |pour )?combien\W*", text)),
        that=len(another["that"] or "") if another else 0,
        next=0 if not beside else -1 if beside["way"].startswith(("d'av", "prec")) else 1,
    )


def _subject(text: str) -> tuple[str, bool]:
    """The pronoun that is a question's subject, "" without, and whether it means a person."""
    if _IMPERSONAL.search(text):
        return "", False
    found = _VERB_FIRST.match(text)
    if found:
        rest = found["rest"].lstrip()
        says = _ANSWERED_BY.fullmatch(found["verb"]) or _ANSWERED_BY.match(rest)
        passive = re.match(r"(?:\w+ )?ete\b", rest)
        return found["who"], bool(says and not passive)
    found = _PRONOUN_FIRST.match(text)
    if found:
        rest = re.sub(r"^(?:ne |n'|l'|en |y |a |ont |est |avait )+", "", found["rest"])
        return found["who"], bool(_ANSWERED_BY.match(rest))
    return "", False


log = logging.getLogger(__name__)

_LONGEST_CONTEXT = 8_000  # characters of an address: no exchange that we write is longer
_PEOPLE, _TIMES = (Field.PERSON, Field.GROUP), (Field.PERIOD, Field.SESSION)
_OF_OTHERS = frozenset({Intent.WHO, Intent.AGAINST, Intent.FAVOUR, Intent.VOTE})
_OF_FACTS = frozenset({Intent.AMOUNT, Intent.HOW_MANY, Intent.WHEN})  # whoever states them
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
    before: Query,
    vocabulary: Vocabulary,
    today: date,
    *,
    filters: Filters = EVERYTHING,
    removed: frozenset[str] = frozenset(),
    answered: Sequence[str] = (),
    budget: Budget = UNLIMITED,
) -> Query:
    """What a question asks after another one, or alone where the `budget` is spent before.

    `filters` and `removed` as for `parse`; `answered` are the people whose words answered the
    question before, the first one first.
    """
    spoken = reading_of(question, vocabulary).text
    folded = Folded.of(spoken)
    back = pointing(folded.text)
    read = partial(
        read_in_context,
        vocabulary=vocabulary,
        today=today,
        filters=filters,
        removed=removed,
        budget=budget,
    )
    whole = read(question)
    now = whole
    if back.opens:  # after « et » a name or a date is a filter, which it is not in the whole
        bare = spoken[folded.at[back.opens] :].rstrip(" ?!.\u202f\u00a0")
        now = _dated(read(bare), bare, before, vocabulary, today)
    now = _of_that(back, replace(now, topic=back.own(now.topic)))
    whole = replace(standalone(whole), before=context_of(before, answered))
    polite = Intent.GREETING in (whole.intent, before.intent)
    if budget.spent or polite or not _leans(back, now):
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
) -> Query:
    """The exchange that an address names. Raises `BadInput` for a date that cannot be read.

    Unknown people, sessions and the like are kept: they find nothing. Of a question or a
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
    query = parse(question, vocabulary, today, filters=filters, removed=removed, budget=budget)
    subject = first.get("sujet", "")[:MAX_QUESTION].strip()
    return _about(query, subject) if subject else query


def _about(query: Query, subject: str) -> Query:
    """An exchange whose topic was carried into it: the address says what it was."""
    chip = Chip(Field.TOPIC, subject, subject, carried=True)
    if chip.key in query.removed:
        return query
    return replace(query, topic=subject, sentence=subject, chips=(*query.chips, chip))


# --- what it says by itself -----------------------------------------------------------------------


def _dated(now: Query, bare: str, before: Query, vocabulary: Vocabulary, today: date) -> Query:
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


def _of_that(back: Pointing, now: Query) -> Query:
    """« celui de Mme Fontanet » is hers, whoever speaks of it."""
    if not (back.that and now.mentioned):
        return now
    name = now.mentioned[0]
    chip = Chip(Field.PERSON, name, name, now.topic, soft=True)
    return replace(now, chips=(*now.chips, chip))


def _beside(text: str, then: Filters) -> Period | None:
    """« Et avant ? », « Et après ? »: beside the period of the question before."""
    word = text.strip(" ?.!,")
    if word in ("avant", "auparavant", "plus tot") and then.since and then.since > date.min:
        return Period(None, then.since - _DAY)
    if word in ("apres", "depuis", "ensuite", "plus tard") and then.until and then.until < date.max:
        return Period(then.until + _DAY, None)
    return None


def _leans(back: Pointing, now: Query) -> bool:
    """Does it need the question before to be understood?"""
    if not now.topic:
        return True
    return back.points or (bool(back.opens) and not back.asks)


# --- what it takes from the one before ------------------------------------------------------------


def _carried(
    back: Pointing,
    now: Query,
    before: Query,
    vocabulary: Vocabulary,
    answered: Sequence[str],
) -> Iterator[Chip]:
    """The chips that the question before hands on."""
    had = [*chips_of(before.filters, vocabulary), *(c for c in before.chips if c.soft)]
    named = any(chip.field in _PEOPLE for chip in now.chips) or bool(back.that and now.mentioned)
    keeps_topic = not now.topic or back.aspect or back.to_topic
    if back.next and (beside := _beside_object(back.next, before, vocabulary)):
        yield from beside
        return
    if back.woman is not None and not named and now.intent is not Intent.VOTE:
        yield from _pronoun(back.woman, before, vocabulary, answered)
        named = True
    for chip in had:
        if chip.field in _PEOPLE:
            facts = now.intent in _OF_FACTS and (now.topic or back.to_topic or back.aspect)
            others = now.intent in _OF_OTHERS or back.of_things
            wanted = not (named or facts or others)
        elif chip.field in _TIMES:
            wanted = not any(own.field in _TIMES for own in now.chips)
        elif chip.field in (Field.OBJECT, Field.ITEM):
            wanted = keeps_topic and not now.only(Field.OBJECT)
        else:
            wanted = not now.only(chip.field)
        if wanted and chip.field is not Field.TOPIC:
            yield replace(chip, words="", carried=True)
    topic = _without_people(before.topic, vocabulary) if named else before.topic
    if keeps_topic and topic and not now.only(Field.OBJECT):
        yield Chip(Field.TOPIC, topic, topic, carried=True)


def _without_people(topic: str, vocabulary: Vocabulary) -> str:
    """« le vote des socialistes sur la piscine », where others are asked for now."""
    folded = Folded.of(topic)
    named = [party.whole for party in groups_in(folded, vocabulary)]
    named += [mention.name.whole for mention in people_in(folded, vocabulary) if mention.members]
    kept = topic_of(folded, named)
    return kept or topic


def _beside_object(step: int, before: Query, vocabulary: Vocabulary) -> list[Chip]:
    """The object that comes after (or before) the one asked about, in its session's agenda."""
    codes = (*before.filters.objects, *before.preferred.objects)
    for agenda in vocabulary.agendas:
        at = agenda.index(codes[-1]) + step if codes and codes[-1] in agenda else -1
        if 0 <= at < len(agenda):
            code = agenda[at]
            return [
                Chip(Field.OBJECT, code, code, soft=True, carried=True),
                Chip(Field.TOPIC, code, code, carried=True),
            ]
    return []


def _pronoun(
    woman: bool, before: Query, vocabulary: Vocabulary, answered: Sequence[str]
) -> Iterator[Chip]:
    """« il », « elle »: the last person named whom it fits, or whose words answered."""
    named = [*before.filters.people[::-1], *before.preferred.people[::-1]]
    for name in (*named, *answered, *before.mentioned[::-1]):
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
    whole: Query,
    back: Pointing,
    now: Query,
    before: Query,
    carried: Sequence[Chip],
) -> Query:
    """The question with what it took over."""
    subject = next((chip.value for chip in carried if chip.field is Field.TOPIC), "")
    intent = _intent(back, now, before)
    own = "" if subject and back.aspect and intent is Intent.VOTE else now.topic
    topic = ", ".join(part for part in (subject, own) if part)
    known = {chip.key for chip in now.chips}
    chips = (*now.chips, *(chip for chip in carried if chip.key not in known))
    sentence = _ASKED.get(intent, "{}").format(topic) if topic else ""
    return replace(whole, topic=topic, sentence=sentence, intent=intent, chips=chips)


def _intent(back: Pointing, now: Query, before: Query) -> Intent:
    """That of the question before, unless this one asks for something of its own."""
    if back.only_how_much:
        return Intent.AMOUNT
    people = any(chip.field in _PEOPLE for chip in now.chips) or back.woman is not None
    people = people and not back.that  # what became of it is asked again, not what she said
    if now.intent in (Intent.OPEN, Intent.SAID):
        if back.asks and now.intent is Intent.SAID:
            return Intent.SAID
        return Intent.SAID if people and before.intent in _OF_OTHERS else before.intent
    return now.intent
