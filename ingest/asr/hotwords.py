"""Words that a recogniser should expect: who may speak, what is discussed, the city's own words.

Knows how little room Whisper leaves for them and what comes first when not all fit. Does not know
a model or its tokenizer. Measured, they are not worth it on the packaged model, which then leaves
out whole sentences (D-039): they are for larger ones.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from ingest.documents.glossary import Term
from ingest.phonetics import surnames
from ingest.text import fold
from ingest.transcript import AgendaItem, Person, Span

LIMIT = 480
"""Characters: Whisper keeps 223 tokens, and a token of French surnames is 2.2 letters or more."""
_A_FEW = 3  # people who share a role that sets them apart: those speak more often than members do
_CODE = re.compile(r"\b[A-Z]{1,4} ?-? ?\d+\b")
_RARE = re.compile(r"\b(?!^)[A-ZÀ-Þ][\w’'-]{3,}")  # capitals inside a title: places, institutions


def hints(
    roster: Sequence[Person],
    glossary: Sequence[Term] = (),
    items: Sequence[AgendaItem] = (),
    limit: int = LIMIT,
) -> str:
    """Words for `Transcriber.words(hints=...)`, separated by commas, `limit` characters at most.

    First the people whom the items name, then those who hold a role that few others hold (the
    chair, the executive), the glossary, the items' codes and proper names, then everybody else.
    """
    chosen: list[str] = []
    room = limit
    for word in dict.fromkeys(_by_use(roster, glossary, items)):
        cost = len(word) + 2 * bool(chosen)
        if cost <= room:
            chosen.append(word)
            room -= cost
    return ", ".join(chosen)


def items_in(window: Span, agenda: Sequence[AgendaItem]) -> tuple[AgendaItem, ...]:
    """The items that are, or may be, under discussion in a window; all where no times are given."""
    timed = [item for item in agenda if item.start_ms is not None]
    if not timed:
        return tuple(agenda)
    ends = [item.start_ms for item in timed[1:]] + [None]
    return tuple(
        item
        for item, end_ms in zip(timed, ends, strict=True)
        if (item.start_ms or 0) < window.end_ms and (end_ms is None or end_ms > window.start_ms)
    )


def _by_use(
    roster: Sequence[Person], glossary: Sequence[Term], items: Sequence[AgendaItem]
) -> Iterator[str]:
    """Every word that may be hinted, the most useful first; some more than once."""
    titles = " ".join(fold(item.title) for item in items)
    names = {p: called[0] for p in roster if (called := surnames(p.spellings[0]))}
    shared = Counter(fold(person.role) for person in roster)
    yield from (n for n in names.values() if re.search(rf"\b{re.escape(fold(n))}\b", titles))
    yield from (n for p, n in names.items() if p.role and shared[fold(p.role)] <= _A_FEW)
    yield from (term.text for term in glossary)
    yield from _of_items(items)
    yield from names.values()


def _of_items(items: Iterable[AgendaItem]) -> Iterator[str]:
    for item in items:
        if item.object:
            yield item.object
        yield from _CODE.findall(item.title)
        yield from _RARE.findall(_CODE.sub("", item.title))
