"""What the published sessions name: people, groups, sessions, bodies, objects, agenda items.

Built from sessions alone, so that a question is only ever narrowed to what exists. Twenty years of
sessions repeat their rosters: each is read once. Knows nothing of questions.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Protocol

from ingest.phonetics import is_woman, letters, sound
from ingest.text import fold, folded_words
from ingest.transcript import Person, Session, bare_name
from ingest.written_names import is_collective
from search.language.codes import TYPES, with_codes
from search.language.numbers import normal_numbers
from search.language.parties import family_of_value
from search.language.stems import stems

_TITLE_WORD = re.compile(r"[^\W\d_]{5,}")
_CODE = re.compile(rf"\b(?:{'|'.join(TYPES)})\d{{1,4}}\b")
_LONGEST_NAME, _SHORTEST_MISSPELT = 8, 4  # words; letters


@dataclass(frozen=True)
class Member:
    """A person whom a query may name: all that the rosters say of them, over the years.

    `woman` is None where no role tells.
    """

    name: str
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    woman: bool | None = None
    also: tuple[str, ...] = ()

    @property
    def spellings(self) -> tuple[str, ...]:
        """The names under which the person is spoken of."""
        return (bare_name(self.name), *self.also)


@dataclass(frozen=True)
class KnownSession:
    """A session, as questions name it."""

    id: str
    title: str
    date: date
    body: str


class Words(Protocol):
    """The words of what is published: `search.engine.words` has them."""

    def knows(self, stem: str) -> bool:
        """Is it a stem of something published?"""

    def near(self, stem: str) -> Sequence[str]:
        """Published words whose stem is within two letters of this one, the commonest first."""


class NoWords:
    """Where nothing is known of the archive's words, nothing is repaired."""

    def knows(self, stem: str) -> bool:
        """Every word stays."""
        return True

    def near(self, stem: str) -> Sequence[str]:
        """None."""
        return ()


NO_WORDS = NoWords()


@dataclass(frozen=True)
class Vocabulary:
    """All that a question may be narrowed to. Make it with `vocabulary_of`.

    `sessions` are newest first; `objects` are the titles of the points that carry each code, in the
    archive's spelling; `items` the titles of all points, each once; `agendas` the codes of
    each session's objects in their order; `words` what was said at all.
    """

    people: tuple[Member, ...] = ()
    groups: tuple[str, ...] = ()
    sessions: tuple[KnownSession, ...] = ()
    bodies: tuple[str, ...] = ()
    objects: tuple[tuple[str, tuple[str, ...]], ...] = ()
    items: tuple[str, ...] = ()
    agendas: tuple[tuple[str, ...], ...] = ()
    words: Words = field(default=NO_WORDS, compare=False, repr=False)

    @cached_property
    def name_words(self) -> tuple[str, ...]:
        """The folded words of everybody's name, each once."""
        names = (name for member in self.people for name in member.spellings)
        return tuple(dict.fromkeys(word for name in names for word in folded_words(name)))

    @cached_property
    def role_stems(self) -> frozenset[str]:
        """The stems of all words of people's roles."""
        return frozenset(stem for m in self.people for role in m.roles for stem in stems(role))

    @cached_property
    def title_words(self) -> tuple[str, ...]:
        """The longer words of the points' titles, in lower case, each once."""
        words = (word for title in self.items for word in _TITLE_WORD.findall(title.lower()))
        return tuple(dict.fromkeys(words))

    @cached_property
    def by_name(self) -> Mapping[str, tuple[tuple[Member, int], ...]]:
        """People by each run of their names' words, with how much it tells.

        3: all the words, in either order; 2: the last ones, as surnames stand; 1: any others.
        """
        index: dict[str, dict[Member, int]] = {}
        for member in self.people:
            for name in member.spellings:
                for words, level in _runs(folded_words(name)):
                    known = index.setdefault(words, {})
                    known[member] = max(level, known.get(member, 0))
        return {words: tuple(known.items()) for words, known in index.items()}

    @cached_property
    def spellings(self) -> tuple[tuple[str, ...], tuple[str, ...], tuple[Member, ...]]:
        """Letters, sounds and bearer of each name or surname: what a misspelt one is held to."""
        bearers = [
            (name, member)
            for name, known in self.by_name.items()
            for member, level in known
            if level > 1 and len(letters(name)) >= _SHORTEST_MISSPELT
        ]
        return (
            tuple(letters(name) for name, _ in bearers),
            tuple(sound(name) for name, _ in bearers),
            tuple(member for _, member in bearers),
        )

    @cached_property
    def by_family(self) -> Mapping[str, tuple[str, ...]]:
        """The archive's spellings of each party, by `search.language.parties` family."""
        index: dict[str, list[str]] = {}
        for group in self.groups:
            index.setdefault(family_of_value(group), []).append(group)
        return {family: tuple(values) for family, values in index.items()}

    @cached_property
    def by_code(self) -> Mapping[str, tuple[str, ...]]:
        """The archive's spellings of each object's code, by `code_key`."""
        index: dict[str, list[str]] = {}
        for code, _ in self.objects:
            for key in {code_key(code), _plain(code)} - {""}:
                index.setdefault(key, []).append(code)
        return {key: tuple(codes) for key, codes in index.items()}

    @cached_property
    def dates(self) -> tuple[date, ...]:
        """The days on which there was a session, newest first, each once."""
        return tuple(sorted({session.date for session in self.sessions}, reverse=True))

    def on(self, since: date | None, until: date | None) -> tuple[KnownSession, ...]:
        """The sessions of a period, newest first."""
        return tuple(
            session
            for session in self.sessions
            if (since is None or since <= session.date) and (until is None or session.date <= until)
        )

    def person(self, name: str) -> Member | None:
        """The one who bears exactly this name."""
        key = " ".join(folded_words(bare_name(name)))
        return next((m for m, level in self.by_name.get(key, ()) if m.name == name), None)


def vocabulary_of(sessions: Iterable[Session], speakers: Iterable[str] = ()) -> Vocabulary:
    """What these sessions name. `speakers` are people who spoke, be they on a roster or not."""
    ordered = sorted(sessions, key=lambda s: (s.date, s.id), reverse=True)
    people = _people(dict.fromkeys(session.roster for session in ordered))
    known = {member.name for member in people}
    named = (name for name in dict.fromkeys(speakers) if name and not is_collective(name))
    others = (Member(name) for name in named if name not in known)
    titles: dict[str, dict[str, None]] = {}
    items: dict[str, None] = {}
    for item in dict.fromkeys(item for session in ordered for item in session.agenda):
        items[item.title] = None
        if item.object:
            titles.setdefault(item.object, {})[item.title] = None
    return Vocabulary(
        people=(*people, *others),
        groups=tuple(dict.fromkeys(group for member in people for group in member.groups)),
        sessions=tuple(KnownSession(s.id, s.title, s.date, s.body) for s in ordered),
        bodies=tuple(dict.fromkeys(session.body for session in ordered if session.body)),
        objects=tuple((code, tuple(named)) for code, named in titles.items()),
        items=tuple(items),
        agendas=tuple(
            tuple(dict.fromkeys(item.object for item in session.agenda if item.object))
            for session in ordered
        ),
    )


def code_key(text: str) -> str:
    """The canonical form of the first object code in a text, "" without one: `PR-12 A` -> `pr12`.

    >>> code_key("la motion quatre cent quatorze")
    'm414'
    """
    found = _CODE.search(with_codes(normal_numbers(fold(text))))
    return found.group() if found else ""


def _plain(code: str) -> str:
    """A code as it is written, without spaces: other councils have 23.221."""
    return re.sub(r"[^\w./]", "", fold(code))


def _runs(words: list[str]) -> Iterable[tuple[str, int]]:
    words = words[:_LONGEST_NAME]
    count = len(words)
    for first in range(count):
        for last in range(first + 1, count + 1):
            run = " ".join(words[first:last])
            yield run, 3 if last - first == count else 2 if last == count else 1
    for cut in range(1, count):  # "Rochat Julien", or a roster that has surnames first
        yield " ".join((*words[cut:], *words[:cut])), 3


def _people(rosters: Iterable[tuple[Person, ...]]) -> list[Member]:
    """Everybody on the rosters, in the order of the newest; roles and groups newest first."""
    known: dict[str, dict[Person, None]] = {}
    for roster in rosters:
        for person in roster:
            if is_collective(person.name):
                continue
            known.setdefault(person.name, {})[person] = None
    feminine = next((p for entries in known.values() for p in entries if is_woman(p, ())), None)
    witness = (feminine,) if feminine else ()
    return [_member(name, tuple(entries), witness) for name, entries in known.items()]


def _member(name: str, entries: tuple[Person, ...], witness: tuple[Person, ...]) -> Member:
    told = {is_woman(person, witness) for person in entries} - {None}
    return Member(
        name,
        tuple(dict.fromkeys(person.role for person in entries if person.role)),
        tuple(dict.fromkeys(person.group for person in entries if person.group)),
        told.pop() if len(told) == 1 else None,
        tuple(dict.fromkeys(person.also for person in entries if person.also)),
    )
