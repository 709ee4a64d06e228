"""A question becomes a query: its topic, the kind of answer wanted, the filters that it names.

Pure, for any string. Precision first: a filter that was not meant hides the answer, so a name or
a date is a filter only where the question says so, and words that are no filter are searched for.

What is hard and what is soft. A person or party whose words are asked for, a session, a body and
the time at which something was said are hard: that is the question. An object is soft: it is
spoken of under other points too, and points have no times unless they were announced. A person is
soft where only the order of keywords tells ("Fontanet éclairage"). The words of soft chips stay in
the topic.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ingest.languages import question_language
from search.filters import EVERYTHING, Filters
from search.language.offsets import Folded, Stretch
from search.language.stems import stems
from search.query.date_filters import said_when
from search.query.dates import Lead, When
from search.query.entities import body_in, groups_in, last_session, objects_in
from search.query.intents import detail_of, intent_of, presumed_outcome
from search.query.outside import outside_of
from search.query.parsed import (
    UNLIMITED,
    Budget,
    Chip,
    Field,
    Intent,
    OutOfTime,
    Query,
    period_value,
    unread,
)
from search.query.people import Mention, people_in
from search.query.speech_acts import SAYS, WORDS_OF, Wanted
from search.query.vocabulary import Vocabulary
from search.query.wording import reading_of

# What is left of a question to search for, once filters and the words that only ask are cut out.


SLOT = "\ue000"
"""Stands for a filter's words, in a text that they were cut out of."""

_TOKEN = re.compile(rf"{SLOT}|[^\W_]+'?")
_START_WORDS = """
    que qu' qu quoi quel quelle quels quelles qui quand pourquoi comment combien ou est-ce est selon
    d'apres y depuis lequel laquelle lesquels et bonjour svp dis dites montre montrez moi trouve
    trouvez cherche cherchez liste listez resume resumez explique expliquez donne donnez je j' tout
    ce peux pouvez pourriez peut sait what who when why how did was is were does wer was wann warum
    ماذا wie hat como cuando por quem cosa quien chi come quando perche
"""
_ASKING_WORDS = """
    a ont on t il elle ils elles en y avait avaient est sont etait etaient ete se s' ce tout toute
    tous va vont faire fait eu bien deja donc alors exactement finalement aujourd'hui vraiment ne
    n' pas m' me vous te tu nous merci plait si savoir connaitre voudrais aimerais voulais
    souhaite veux aime dire lu entendu entendre ecouter lire retrouver trouver svp fut sera avez
    avons as contre pour favorable favorables opposants adversaires partisans hostile hostiles
    cher ca cela chez parmi much many about does do did say said think on hat war waren gegen ha
    detto sulla sul se opuso opos opposed ماذا قال قالت عن haben gesagt uber sagt dijo sobre disse
    la-dessus quelqu' un passe devenu devenue deviennent personne
"""
_ASKING_NOUNS = """
    position positions avis opinion propos intervention interventions declaration declarations
    arguments argument reponse discours point vue resultat resultats vote issue conseil municipal
    conseiller conseillers elus elu elue elues seance seances debat debats gens gemeinderat senora
    raison raisons passage passages extrait extraits moment
"""
_PREPOSITIONS = """
    sur a au aux de d' du des contre pour envers avec propos sujet concernant quant rapport question
    l' cours about of on uber zu zur zum sobre su di da do
"""
_START = frozenset(_START_WORDS.split())
_ASKING = frozenset(_ASKING_WORDS.split()) | _START
_NOUNS, _PREPOSITION = frozenset(_ASKING_NOUNS.split()), frozenset(_PREPOSITIONS.split())
_OTHERS = "d' federal national des constitutionnel superieur de europeen general scientifique"
_OTHER_COUNCILS = frozenset(_OTHERS.split())
_ARTICLES = frozenset(
    ["le", "la", "l'", "les", "du", "de", "des", "d'", "un", "une", "vos", "leur"]
)
_ASKING_VERB = re.compile(
    rf"(?:{SAYS}|cout(?:e|ent|era|erait|er|eraient|ait)|s'?oppos\w+|oppos\w+|refuse\w*|accepte\w*"
    r"|rejete\w*|adopte\w*|vote\w*|discute\w*|debattu\w*|decid\w*|aborde\w*|traite\w*|mentionne\w*)"
)
_OPENING = re.compile(
    r"\W*(?:(?:a partir de|depuis|jusqu'a) quand\b|a quelle (?:date|heure|seance)\b"
    r"|(?:a|de) combien\b"
    r"|(?:dans|lors de|pendant|a|au cours de) quel(?:le|les|s)? (?:seance|session|debat)s?\b"
    r"|par combien de voix\b|pour quelles? raisons?\b|combien de (?:temps|fois|voix)\b|de quoi\b"
    r"|en quelle annee\b|quel jour\b|quelles? seances?\b"
    rf"|(?:les |la |le |l'|toutes les |tous les )?{WORDS_OF} (?:de |d'|du |des )?{SLOT}"
    rf"|(?:les |le |l')?(?:resultats?|issue) (?:du |des )?votes?\b|votes? (?=sur|de|du)"
    rf"|o que\b|(?:a|ont|avons|avez|est)-(?:t-)?(?:on|il|ils|elle|elles|nous|vous)\b"
    rf"|(?:d'apres|selon|suivant)? ?{SLOT})"
)
_CLOSING = re.compile(
    r"(?:[ ,](?:pendant|lors d[eu]|durant|au cours d[eu]|dans|en|au|a) ?(?:le |la |l')?"
    r"(?:debat|seance|conseil municipal|conseil|moment du vote|plenum)s?"
    rf"|[ ,](?:(?:a|ont|est|sont) (?:ete )?)?"
    r"(?:dit|annonc|demand|vot|evoqu|donn|present|discut|depos|propos|decid)ee?s? ?"
    rf"{SLOT}"
    r"|[ -](?:a|ont|est|sont)(?:-t)?(?:-(?:il|elle|ils|elles))? (?:(?:bien|finalement|deja) )?"
    r"(?:(?:ete )?(?:accept|refus|adopt|rejet|class|vot)ee?s?(?: ou (?:\w+))?|passee?s?)"
    r"|[ ,](?:s'il (?:vous|te) plait|svp|merci))\W*$"
)
# Prepositions and articles left before a filter that was cut at the end, eight at most and never
# read twice: D-015.
_DANGLING = re.compile(
    rf"(?:(?<![ ,;:-])[ ,;:-]++(?:de|du|des|d'|en|par|a|au|sur|pour|et|ou|le|la|l'|les|que)){{1,8}}"
    rf" *{SLOT}\W*$"
)
_EDGES = " \t\n,;:.?!¿¡«»\"“”()[]-–—…'’/؟،"


# Words that ask where they stand: « ça va coûter combien », « il dit quoi », « selon le rapport ».
_INSIDE = re.compile(
    r"(?<![\w'-])(?:(?:(?:ca|cela|il|elle|ils|elles|on) )?(?:(?:va|vont|a|ont|peut|doit) )?"
    rf"(?:cout\w+|vaut|valent|{SAYS}) (?:quoi|combien)"
    r"|combien (?:(?:ca|cela|il|elle|ils|elles) )?(?:(?:va|vont) )?cout\w+"
    r"|c'(?:est|etait) (?:quand|combien|quoi|ou|qui)(?: (?:que|qui)\b| qu'|(?![\w'-]))"
    r"|(?:(?:on|il y|y) )?a combien (?:de |d')"
    r"|(?:selon|d'apres|according to|laut|gemass|segun|segundo|secondo)(?= (?!celle))"
    r")"
)
_COSTS = re.compile(r"\b(?:va |vont |a |ont )?cout(?:e|ent|er|era|eront|erait|ait|aient)\b")


def _inside(text: str) -> Iterator[Stretch]:
    """The words that ask and stand inside a folded question, or at its end."""
    yield from (Stretch(*match.span()) for match in _INSIDE.finditer(text))
    if "combien" in text:
        yield from (Stretch(*match.span()) for match in _COSTS.finditer(text))


def topic_of(question: Folded, cut: Sequence[Stretch]) -> str:
    """What a question is about, as it was typed; "" where all its words are filters or ask."""
    text = masked(question.text, cut)
    text = masked(text, _inside(text))
    start = _asking(text)
    end = len(text)
    while closing := _CLOSING.search(text, start, end):
        end = closing.start()
    if dangling := _DANGLING.search(text, start, end):
        end = dangling.start()
    kept = typed(question, text, Stretch(start, end))
    return kept if stems(kept) else ""


def query_of(question: Folded, cut: Sequence[Stretch]) -> str:
    """The question without its filters' words, whole otherwise."""
    text = masked(question.text, cut)
    return typed(question, text, Stretch(0, len(text)))


def masked(text: str, cut: Iterable[Stretch]) -> str:
    """A text of the same length in which what is cut is made of slots and spaces."""
    for stretch in cut:
        width = stretch.end - stretch.start
        text = text[: stretch.start] + (SLOT + " " * (width - 1))[:width] + text[stretch.end :]
    return text


def typed(question: Folded, text: str, kept: Stretch) -> str:
    """What was typed in a stretch, without what was cut out, tidied at its edges."""
    pieces = []
    for match in re.finditer(rf"[^{SLOT}]+", text[kept.start : kept.end]):
        piece = match.group()
        start = kept.start + match.start() + len(piece) - len(piece.lstrip())
        end = kept.start + match.start() + len(piece.rstrip())
        if start < end:
            pieces.append(question.typed(Stretch(start, end)))
    if kept.end == len(text) and question.unread:
        pieces.append(question.unread)
    return " ".join(" ".join(pieces).split()).strip(_EDGES)


def _asking(text: str) -> int:
    """Where the words that ask end."""
    opening = _OPENING.match(text)
    tokens = [m for m in _TOKEN.finditer(text) if not opening or m.start() >= opening.end()]
    if not opening and not (tokens and tokens[0].group() in _START):
        return 0
    at = 0
    while at < len(tokens):
        step = _asks(tokens, at)
        if not step:
            break
        at += step
    while at < len(tokens) and tokens[at].group() in _PREPOSITION and not _article(tokens, at):
        at += 1
    return tokens[at].start() if at < len(tokens) else len(text)


def _asks(tokens: Sequence[re.Match[str]], at: int) -> int:
    """How many words ask from here on, 0 if this one does not."""
    word = tokens[at].group()
    small = word in _ARTICLES | _PREPOSITION
    if _is_another(tokens, at) or (small and _is_another(tokens, at + 1)):
        return 0
    if word == SLOT or word in _ASKING or word in _NOUNS or _ASKING_VERB.fullmatch(word):
        return 1
    following = tokens[at + 1].group() if at + 1 < len(tokens) else ""
    return 2 if small and (following in _NOUNS or following == SLOT) else 0


def _is_another(tokens: Sequence[re.Match[str]], at: int) -> bool:
    """« Conseil d'État »: a body that is spoken of, not the one that spoke."""
    here = [token.group() for token in tokens[at : at + 2]]
    return len(here) > 1 and here[0] == "conseil" and here[1] in _OTHER_COUNCILS


def _article(tokens: Sequence[re.Match[str]], at: int) -> bool:
    """Is it the elided article of a topic (« l'éclairage »), rather than a preposition?"""
    return tokens[at].group() == "l'"


log = logging.getLogger(__name__)

_TOPIC_ALONE = frozenset(
    {Intent.SAID, Intent.WHEN_DISCUSSED, Intent.AGAINST, Intent.FAVOUR, Intent.OPEN}
)
_SLOTS = re.compile(rf"{SLOT}\s*")
_THE_SESSION = re.compile(
    r"(?:(?:pendant|lors de|durant|dans|a|de|au cours de|during|at) )?(?:la |cette |le |au )?"
    r"(?:seance|session|conseil municipal|conseil|plenum|reunion|sitting|meeting)"
    r"(?: (?:ordinaire|extraordinaire|pleniere|publique))? ?$"
)


@dataclass(frozen=True)
class _Read:
    """A filter, and the stretch of the question that it was read from."""

    chip: Chip
    stretch: Stretch


def parse(
    question: str,
    vocabulary: Vocabulary,
    today: date,
    *,
    filters: Filters = EVERYTHING,
    removed: frozenset[str] = frozenset(),
    budget: Budget = UNLIMITED,
) -> Query:
    """What a question asks by itself. `removed` are the keys of chips that the reader took away.

    Words that only ask are searched for where there are no others. Where a fault of ours stops it,
    or the `budget` is spent before, all the words of the question are searched for.
    """
    return standalone(
        read_in_context(
            question, vocabulary, today, filters=filters, removed=removed, budget=budget
        )
    )


def standalone(query: Query) -> Query:
    """A query that nothing came before: without a topic or a filter, its words are the topic."""
    if query.topic or any(not chip.soft for chip in query.chips):
        return query
    words = query.wording.strip()
    return replace(query, topic=words, sentence=query.sentence or words)


def read_in_context(
    question: str,
    vocabulary: Vocabulary,
    today: date,
    *,
    filters: Filters = EVERYTHING,
    removed: frozenset[str] = frozenset(),
    budget: Budget = UNLIMITED,
) -> Query:
    """A question as one of a conversation: its topic may be empty. Else like `parse`."""
    try:
        return _parsed(question, vocabulary, today, filters, removed, budget)
    except OutOfTime:
        log.warning("A question of %d characters took too long to read.", len(question))
    except Exception:
        log.exception("A question of %d characters is searched for by its words.", len(question))
    return unread(question, filters, removed)


def _parsed(
    question: str,
    vocabulary: Vocabulary,
    today: date,
    filters: Filters,
    removed: frozenset[str],
    budget: Budget,
) -> Query:
    reading = reading_of(question, vocabulary)
    budget.check()
    folded = Folded.of(reading.text)
    people = people_in(folded, vocabulary, budget)
    read = _apart(_read(folded, people, vocabulary, today, budget), removed)
    cut = [r.stretch for r in read if not r.chip.soft]
    plain = masked(folded.text, cut)
    somebody = any(r.chip.field in (Field.PERSON, Field.GROUP) and not r.chip.soft for r in read)
    budget.check()
    intent = intent_of(_SLOTS.sub("", plain), somebody=somebody)
    if reading.greets:
        intent = Intent.GREETING
    budget.check()
    topic = topic_of(folded, cut)
    outcome, unanimous = presumed_outcome(plain)
    return Query(
        question=question,
        topic=topic,
        sentence=topic if intent in _TOPIC_ALONE else query_of(folded, cut) or topic,
        intent=intent,
        chips=tuple(r.chip for r in read),
        explicit=filters,
        removed=removed,
        language=question_language(question),
        presumed_outcome=outcome,
        presumed_unanimous=unanimous,
        unknown_objects=tuple(_unknown_objects(folded, vocabulary)),
        unknown_people=tuple(folded.typed(m.name.whole) for m in people if _unknown(m)),
        homonyms=tuple(name for m in people for name in _homonyms(m)),
        mentioned=tuple(m.members[0].name for m in people if len(m.members) == 1),
        detail=detail_of(folded.text),
        outside=outside_of(folded, vocabulary, today),
        reading=reading.text if reading.text != question else "",
        repairs=reading.repairs,
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
    yield from _sessions(question, vocabulary)
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


def _sessions(question: Folded, vocabulary: Vocabulary) -> Iterator[_Read]:
    named = last_session(question, vocabulary)
    if named:
        for session in vocabulary.sessions:
            if session.id in named.values:
                yield _of(question, named.stretch, Field.SESSION, session.id, session.title)


def _people(question: Folded, people: Iterable[Mention]) -> Iterator[_Read]:
    for mention in people:
        if mention.wanted and len(mention.members) == 1:
            (member,) = mention.members
            soft = mention.wanted is Wanted.PERHAPS
            yield _of(
                question, mention.name.whole, Field.PERSON, member.name, member.name, soft=soft
            )


def _groups(question: Folded, vocabulary: Vocabulary) -> Iterator[_Read]:
    for party in groups_in(question, vocabulary):
        if party.wanted:
            for group in vocabulary.by_family[party.family]:
                soft = party.wanted is Wanted.PERHAPS
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
    """A period; the session itself where « la séance du 11 mars » is the only one of its day."""
    stretch = Stretch(when.start, when.end)
    since, until = when.period.since, when.period.until
    session = _THE_SESSION.search(question.text[: when.start])
    if session and when.lead in (Lead.OF, Lead.NONE):
        stretch = Stretch(session.start(), when.end)
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
    return mention.wanted is Wanted.YES and not mention.members


def _homonyms(mention: Mention) -> tuple[str, ...]:
    several = mention.wanted and len(mention.members) > 1
    return tuple(member.name for member in mention.members) if several else ()
