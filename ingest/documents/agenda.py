"""When each item of the agenda is taken up, from what is said: "Nous passons au point trois".

Knows how items are announced, by number, by object ("la pétition trois" is P-3) or by title, with
numbers in words or digits. Does not know who chairs, and guesses nothing: an item that was not
clearly announced keeps no time, and times never contradict the order of the agenda.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from text_to_num import alpha2digit

from ingest.documents.in_camera import unmarked
from ingest.text import fold, sentence_ranges
from ingest.transcript import AgendaItem, Session, Turn

_TAKES_UP = re.compile(
    r"\b(?:nous|on|je|j) (?:en )?(?:passons|passe|prenons|prend|prends|traitons|traite|abordons"
    r"|aborde|commencons|commence|continuons|continue|poursuivons|terminons|termine|finissons"
    r"|reprenons|reprend|restons|venons|arrivons|attaquons|ouvre|ouvrons|enchainons|appelle)\b"
    r"|\b(?:point|objet) suivant\b|\b(?:prochain|premier|dernier) (?:point|objet)\b"
    r"|^(?:le |au )?point (?:numero )?\d"
)
_VOTES = re.compile(r"\b(?:vote|votation|voix|refuse\w*|accepte\w*)\b")
# "PR-12" is spoken with its kind, its letters, or both.
KINDS = {
    "PR": "proposition",
    "PRD": "projet de deliberation",
    "P": "petition",
    "M": "motion",
    "R": "resolution",
    "QE": "question ecrite",
    "IE": "interpellation ecrite",
    "I": "interpellation",
    "IN": "initiative",
}
_CODE = re.compile(  # longer numbers are none of objects
    r"(?<![A-Za-z])([A-Za-z]++)\s*+(?:-\s*+)?(\d{1,9})(?!\d)"
)
_SAYS_LITTLE = re.compile(
    r".{1,3}|dans|pour|avec|sans|sous|leurs?|cette|proposition|petition|motion|resolution"
    r"|projet|deliberation|question|point|objet"
)
_TITLE_SHARE = 0.6
# text2num leaves these two, of which one is an article: "sur ce point un collègue ..."
_SMALL = re.compile(
    r"\b(points?|objets?) (deux|un(?=$| (?:et|de|du|a|est|sera|seront|qui|nous|on)\b))\b"
)


@dataclass(frozen=True)
class _Said:
    """An announcement: folded words, numbers in digits, and when they begin."""

    start_ms: int
    text: str


def agenda_times(turns: tuple[Turn, ...], agenda: tuple[AgendaItem, ...]) -> tuple[AgendaItem, ...]:
    """The agenda, in its order, with a `start_ms` for each item that was clearly announced.

    Times that are given stay; those proposed increase with the order of the items.
    """
    said = tuple(_announcements(turns))
    heard = [_candidates(item, said, *_bounds(agenda, at)) for at, item in enumerate(agenda)]
    timed = (
        item if start_ms is None else replace(item, start_ms=start_ms)
        for item, start_ms in zip(agenda, _longest_in_order(heard), strict=True)
    )
    return bounded(turns, tuple(timed))


def bounded(
    turns: Sequence[Turn], agenda: Sequence[AgendaItem], untaken: Collection[int] = ()
) -> tuple[AgendaItem, ...]:
    """The agenda, each point with where one that has no time may begin after it, if one may.

    `untaken` are the places in the agenda of points that a clerk says were not taken up.
    """
    return tuple(
        replace(item, until_ms=_until(turns, agenda, at, untaken)) for at, item in enumerate(agenda)
    )


def _until(
    turns: Sequence[Turn], agenda: Sequence[AgendaItem], at: int, untaken: Collection[int]
) -> int | None:
    """Where a point that has no time may begin, of those that follow one which has."""
    start_ms = agenda[at].start_ms
    if start_ms is None:
        return None
    after = takewhile(lambda n: agenda[n].start_ms is None, range(at + 1, len(agenda)))
    missing = [agenda[n] for n in after if n not in untaken]
    later = (i.start_ms for i in agenda if i.start_ms is not None and i.start_ms > start_ms)
    return _may_begin(turns, start_ms, min(later, default=None), missing) if missing else None


def _may_begin(
    turns: Sequence[Turn], start_ms: int, end_ms: int | None, missing: Sequence[AgendaItem]
) -> int | None:
    """The first moment after a point's opening at which the chair may go on to another.

    That is where a sentence takes something up, or names one that is missing; or else where who
    opened the point speaks again after others did: an announcement may be worded in any way.
    """
    tests = [test for item in missing for test in _tests(item)]
    opening: Turn | None = None
    others = False
    for turn in turns:
        if not turn.words or turn.end_ms <= start_ms:
            continue
        for n, sentence in enumerate(_sentences(turn)):
            if sentence.start_ms <= start_ms or opening is None:
                opening = turn
                continue
            if end_ms is not None and sentence.start_ms >= end_ms:
                return None
            again = n == 0 and others and turn.speaker in (opening.speaker, None)
            if again or _opens(sentence.text) or any(test(sentence.text) for test in tests):
                return sentence.start_ms
        unknown = opening is not None and opening.speaker is None
        others = others or unknown or (opening is not None and turn.speaker != opening.speaker)
    return None


def _opens(normal: str) -> bool:
    """Does a sentence take something up, and not only to the vote?"""
    return bool(_TAKES_UP.search(normal)) and not _VOTES.search(normal)


def _bounds(agenda: Sequence[AgendaItem], at: int) -> tuple[float, float]:
    """Between which given times an item must start."""
    before = [item.start_ms for item in agenda[:at] if item.start_ms is not None]
    after = [item.start_ms for item in agenda[at + 1 :] if item.start_ms is not None]
    return max(before, default=-1), min(after, default=float("inf"))


def _announcements(turns: Sequence[Turn]) -> Iterator[_Said]:
    """Sentences that take something up, in the order they are said.

    With the next one where that goes on: "Nous passons au point suivant. La motion sept …".
    """
    for turn in turns:
        sentences = list(_sentences(turn))
        for sentence, following in zip(sentences, [*sentences[1:], None], strict=True):
            if not _opens(sentence.text):
                continue
            goes_on = following is not None and not _TAKES_UP.search(following.text)
            more = f" {following.text}" if following and goes_on else ""
            yield _Said(sentence.start_ms, sentence.text + more)


def _sentences(turn: Turn) -> Iterator[_Said]:
    for sentence in sentence_ranges(turn.words):
        words = turn.words[sentence.start : sentence.stop]
        yield _Said(words[0].start_ms, _normal(" ".join(word.text for word in words)))


def _normal(text: str) -> str:
    """Folded words and numbers in digits, one space apart: "pétition n° vingt et un" ends in 21."""
    digits = alpha2digit(text.lower().replace("-", " "), "fr")
    words = " ".join(re.findall(r"[a-z]+|\d+", fold(digits)))
    words = re.sub(r"\b(?:numero|no|n) (?=\d|un\b|deux\b)", "", words)
    return _SMALL.sub(lambda match: f"{match[1]} {1 if match[2] == 'un' else 2}", words)


# --- points that a sentence speaks of ----------------------------------------------------------

_LISTED = r"(?:\d+|et|ou|puis|a|au|aux|le|l|les|points?|objets?)\b"
_NUMBERS = re.compile(rf"\b(?:points?|objets?) (\d+(?: {_LISTED})*)")
_ONWARD = re.compile(
    r"\b(?:des|a partir d[eu]?|(apres)) (?:(?:le|l|la|les) )?(?:points?|objets?)\b"
)
_THIS = re.compile(r"\bc(?:e|et|ette) (?:point|objet|dossier|sujet|affaire)\b")
_NEXT = re.compile(r"\b(?:(?:point|objet) suivant|prochain (?:point|objet))\b")
_LAST = re.compile(r"\bdernier (?:point|objet)\b")


def points_named(text: str, session: Session, at_ms: int) -> tuple[int, ...]:
    """Places in the agenda of the points that a sentence, said at a moment, speaks of.

    By number ("les points 7 et 8", "dès le point 7"), by object or by title; else as "ce point",
    "le point suivant", "le dernier point". None where that is not certain.
    """
    agenda, normal = session.agenda, _normal(text)
    named = _numbered(normal, agenda)
    if named and (onward := _ONWARD.search(normal)):
        return tuple(range(min(named) + bool(onward[1]), len(agenda)))
    named |= {
        at
        for at, item in enumerate(agenda)
        if any(test and test(normal) for test in (_by_object(item), _by_title(item)))
    }
    return tuple(sorted(named or _pointed_at(normal, session, at_ms)))


def _numbered(normal: str, agenda: Sequence[AgendaItem]) -> set[int]:
    """The points whose numbers are listed, 7.2 before 7; from one to another in "7 à 9"."""
    numbers = {tuple(_normal(item.number).split()): at for at, item in enumerate(agenda)}
    found: set[int] = set()
    for listed in _NUMBERS.finditer(normal):
        words, at, last, up_to = listed[1].split(), 0, None, False
        while at < len(words):
            length = next((n for n in (3, 2, 1) if tuple(words[at : at + n]) in numbers), 0)
            if length:
                place = numbers[tuple(words[at : at + length])]
                found |= {place, *(range(last, place) if up_to and last is not None else ())}
                last, up_to = place, False
            up_to = up_to or words[at] in ("a", "au", "aux")
            at += length or 1
    return found


def _pointed_at(normal: str, session: Session, at_ms: int) -> set[int]:
    """The point under discussion, the one after it or the last, where a sentence says so."""
    agenda = session.agenda
    if agenda and _LAST.search(normal):
        return {len(agenda) - 1}
    current = session.agenda_item_at(at_ms)
    step = 1 if _NEXT.search(normal) else 0 if _THIS.search(normal) else None
    if current is None or step is None:
        return set()
    return {agenda.index(current) + step} & set(range(len(agenda)))


# --- how points are named ----------------------------------------------------------------------


def _candidates(item: AgendaItem, said: Sequence[_Said], after: float, before: float) -> list[int]:
    """Starts at which an item without a given time may have been taken up."""
    if item.start_ms is not None:
        return []
    tests = _tests(item)
    return [
        s.start_ms
        for s in said
        if after < s.start_ms < before and any(test(s.text) for test in tests)
    ]


def _tests(item: AgendaItem) -> list[Callable[[str], bool]]:
    return [test for test in (_by_object(item), _by_number(item), _by_title(item)) if test]


def _by_number(item: AgendaItem) -> Callable[[str], bool]:
    number = _normal(item.number)
    pattern = re.compile(rf"\bpoint {re.escape(number)}\b(?! (?:de la|du|des) )")
    return lambda text: bool(number and pattern.search(text))


def _by_object(item: AgendaItem) -> Callable[[str], bool] | None:
    code = _CODE.search(item.object or "")
    if code is None:
        return None
    letters, number = code[1].upper(), int(code[2])
    names = [r"\b" + " ?".join(letters.lower())]
    if kind := KINDS.get(letters):
        names.append(rf"{kind}(?: {letters.lower()})?")  # no \b: "l'amotion onze" is heard too
    pattern = re.compile(rf"(?:{'|'.join(names)}) ?0*{number}\b")
    return lambda text: bool(pattern.search(text))


def _by_title(item: AgendaItem) -> Callable[[str], bool]:
    """Most of the words that matter, two of them at least."""
    title = {w for w in _normal(unmarked(item.title)).split() if not _SAYS_LITTLE.fullmatch(w)}
    least = max(2, round(_TITLE_SHARE * len(title) + 0.4))
    return lambda text: len(title & set(text.split())) >= least


def _longest_in_order(heard: Sequence[Sequence[int]]) -> tuple[int | None, ...]:
    """One start or none for each item: as many as can increase with the items, the soonest."""
    chains: dict[int, tuple[int, tuple[int | None, ...]]] = {0: (-1, ())}  # by count: end, starts
    for starts in heard:
        longer = {count: (end, (*chain, None)) for count, (end, chain) in chains.items()}
        for count, (end, chain) in chains.items():
            start = min((start for start in starts if start > end), default=None)
            if start is not None and start < longer.get(count + 1, (start + 1,))[0]:
                longer[count + 1] = (start, (*chain, start))
        chains = longer
    return chains[max(chains)][1]
