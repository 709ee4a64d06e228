"""Names that were heard otherwise than they are spelt, put right: "Madame Fontané" is Fontanet.

Knows where a name is expected: after a title, beside a first name. Does not know voices, calls or
the recording. A repair keeps the word as heard, for a clerk to undo. What fits two people, or may
be a plain word, stays as it was heard: a wrong name is worse than a misspelt one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from rapidfuzz.distance import Levenshtein

from ingest.documents.glossary import Term
from ingest.phonetics import is_woman, letters, sound, surnames
from ingest.text import SENTENCE_END, fold
from ingest.transcript import AgendaItem, Doubt, Person, ReviewItem, Word

# --- how like two words are by ear and by eye -------------------------------------------------

_WORD = re.compile(
    r"(?P<opening>\W*)(?P<elision>(?:(?:[dlsnjmtc]|qu|jusqu|lorsqu|puisqu)['’])?)"
    r"(?P<core>(?:.*\w)?)(?P<closing>\W*)",
    re.IGNORECASE | re.DOTALL,
)
_STOPS = (*SENTENCE_END, ",", ";", ":", ")", "»")
_NEAR_BY_EAR, _NEAR_BY_EYE = 5, 7  # letters of the shortest name of which so much may be wrong


@dataclass(frozen=True)
class Piece:
    """A word taken apart: « (d'Fontané), » has an opening, an elision, a core and a closing."""

    opening: str
    elision: str
    core: str
    closing: str

    @property
    def stops(self) -> bool:
        """Punctuation closes it; that of "M." does not."""
        return self.closing.strip().endswith(_STOPS) and fold(self.core) != "m"

    @property
    def ends_sentence(self) -> bool:
        """A sentence ends with it."""
        return self.stops and self.closing.strip().endswith(SENTENCE_END)

    @property
    def capital(self) -> bool:
        """It is written as names are."""
        return self.core[:1].isupper()


@dataclass(frozen=True)
class Likeness:
    """Edits between what was heard and a name of `length` letters, in sounds and in letters."""

    sounds: int
    letters: int
    length: int

    @property
    def same(self) -> bool:
        """They sound alike, or differ in accents alone."""
        alike = self.sounds == 0 and self.letters <= max(3, self.length // 2)
        return alike or self.letters == 0

    @property
    def near(self) -> bool:
        """One may be the other, where a name is expected."""
        by_ear = self.sounds <= 1 and self.letters <= 3 and self.length >= _NEAR_BY_EAR  # noqa: PLR2004
        by_eye = self.sounds <= 2 and self.letters <= 2 and self.length >= _NEAR_BY_EYE  # noqa: PLR2004
        return self.same or by_ear or by_eye

    @property
    def remote(self) -> bool:
        """One may still be the other, where something else already tells whose name it is."""
        some = self.sounds <= 2 and self.letters <= 3 and self.length >= _NEAR_BY_EAR + 1  # noqa: PLR2004
        return self.near or some

    @property
    def cost(self) -> int:
        """How unlike they are: a sound weighs as much as two letters."""
        return 2 * self.sounds + self.letters


@lru_cache(maxsize=50_000)
def piece(text: str) -> Piece:
    """The parts of a word as a transcript holds it."""
    match = _WORD.fullmatch(text)
    return Piece(*match.groups()) if match else Piece("", "", text, "")


@lru_cache(maxsize=200_000)
def likeness(heard: str, name: str) -> Likeness:
    """How like a name is to what was heard; each may be several words."""
    spelt = letters(name)
    return Likeness(
        Levenshtein.distance(sound(heard), sound(name)),
        Levenshtein.distance(letters(heard), spelt),
        len(spelt),
    )


@dataclass(frozen=True)
class WordsHeard:
    """The words, each beside its pieces."""

    words: Sequence[Word]

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """The parts of each word."""
        return tuple(piece(word.text) for word in self.words)

    def unsure(self, at: int, count: int, limit: float) -> bool:
        """Is one of these words likely enough to be another?"""
        return any(word.confidence < limit for word in self.words[at : at + count])

    def runs(self, at: int, longest: int) -> Iterator[int]:
        """How many words may be one name: punctuation ends it."""
        for count in range(1, min(longest, len(self.words) - at) + 1):
            yield count
            if self.pieces[at + count - 1].stops:
                return

    def is_first_name(self, at: int) -> bool:
        """Does another word in capitals follow?"""
        following = self.pieces[at + 1] if at + 1 < len(self.pieces) else None
        return bool(following and following.capital and not self.pieces[at].stops)

    def text(self, at: int, count: int) -> str:
        """The words without what opens the first one and what closes the last one."""
        first, last = self.pieces[at], self.pieces[at + count - 1]
        inner = " ".join(word.text for word in self.words[at : at + count])
        return inner[len(first.opening) : len(inner) - len(last.closing)]

    def spellings(self, at: int, longest: int) -> Iterator[tuple[str, int, str]]:
        """What may be a name from here on: its text, its count of words, the elision before it."""
        for count in self.runs(at, longest):
            text, elision = self.text(at, count), self.pieces[at].elision
            yield text, count, ""
            if elision:
                yield text.removeprefix(elision), count, elision

    def around(self, at: int, count: int, text: str) -> str:
        """A text in place of the words, with the punctuation that was around them."""
        return self.pieces[at].opening + text + self.pieces[at + count - 1].closing


UNSURE = 0.9
"""Confidence (calibrated) under which a word may be another, where a name is expected."""
_VERY_UNSURE = 0.7  # the same where nothing but a capital says that it is a name
_MARGIN = 2  # how much dearer than the repair the next name must be
_LONGEST = 3  # words that one name is heard as, at most
_REACH = 6  # words from a title to the name, with a role between them
_LEAST = 4  # letters of a name that needs both a title and a capital to be known
_HALVES, _LONG = 2, 8  # words that one surname is heard as, and its letters, though no word is it
_LEAST_TERM = 6  # letters of a term that is known without a spoken form

_TITLES = {"madame": True, "mme": True, "monsieur": False, "mr": False, "m": False}
_ROLE = re.compile(
    r"le|la|l|vice|presidente?|conseillere?s?|conseille|administrati\w*|municipa\w*|nationale?"
    r"|maire|mairesse|deputee?|adjointe?|rapporteu\w*|syndi\w*|echevine?|magistrate?|collegue|cher"
    r"|chere"
)
_PLACES = re.compile(
    r"rues?|place|quai|avenue|chemin|route|ruelle|boulevard|pont|parc|ecole|college|stade|salle"
    r"|maison|hotel|fondation|gare|villa|ville|village|commune|quartier|lac|mont"
)
_DETERMINER = re.compile(r"les?|la|du|des|aux?|une?|en|ce|cette|ces|son|sa|notre")
_INFLECTION = re.compile(r"(?:e?s|x|ent|nt|e|er|ez|ee?s?)$")

Fix = tuple[tuple[int, str], ...]
"""What to write: each text in place of that many of the words heard. Empty: leave them."""


@dataclass(frozen=True)
class _Name:
    """A person's name as it is written; `woman` is what the role says, None where it is silent."""

    first: str
    last: str
    woman: bool | None


@dataclass(frozen=True)
class _Fit:
    """A text that may stand for so many of the words heard; `cost` is how unlike they are."""

    cost: int
    count: int
    text: str
    elision: str = ""
    first: str = ""
    """The first name, where one was heard before it."""

    def is_rival(self, other: "_Fit") -> bool:
        """Would it write another name?"""
        return letters(self.first + self.text) != letters(other.first + other.text)


def repair(
    words: Sequence[Word], roster: Sequence[Person], glossary: Sequence[Term] = ()
) -> tuple[Word, ...]:
    """The words, with names of the roster and terms of the glossary written as they are spelt.

    A repaired word keeps what was heard in `heard`. A name heard as several words ("d'elle cour")
    becomes one word, from the first one's start to the last one's end.
    """
    heard = WordsHeard(words)
    names = tuple(name for person in roster for name in _names(person, roster))
    repaired: list[Word] = []
    at = 0
    while at < len(words):
        fix = _term_at(heard, at, glossary) or _name_at(heard, at, names)
        for count, text in fix or ((1, words[at].text),):
            repaired.append(_put(words[at : at + count], text))
            at += count
    return tuple(repaired)


_NAME_IN = re.compile(r"(?<=[\w,] )(?:[dl]['’])?([A-ZÀ-Þ][\w'’-]*[a-zà-ÿ])")


def expected_terms(
    agenda: Sequence[AgendaItem], body: str, roster: Sequence[Person]
) -> tuple[Term, ...]:
    """Names that this session speaks of: in the agenda's titles, the body's name, the parties.

    Those with a capital inside a title, for a plain word has none there; none that is like a
    member's surname, which people bear more often than streets.
    """
    people = [last for person in roster for name in person.spellings for last in surnames(name)]
    parties = {person.group for person in roster if len(person.group.split()) == 1}
    found = (
        *(name for title in (*(i.title for i in agenda), body) for name in _NAME_IN.findall(title)),
        *sorted(party for party in parties if party[:1].isupper() and not party.isupper()),
    )
    return tuple(
        Term(name)
        for name in dict.fromkeys(found)
        if len(letters(name)) >= _LEAST_TERM
        and not any(likeness(name, last).near for last in people)
    )


def repairs_to_review(
    words: Sequence[Word], roster: Sequence[Person], expected: Sequence[Term] = ()
) -> tuple[ReviewItem, ...]:
    """Each repaired word, for a clerk to hear: what was heard, what is written, on whose word.

    >>> repairs_to_review([Word(0, 400, "Fontanet,", 0.4, "Fontané,")], ())[0].reason
    '« Fontané » entendu, « Fontanet » écrit (glossaire)'
    """
    names = [name for person in roster for name in person.spellings]
    parts = [part for name in names for part in (*name.split(), *surnames(name))]
    people = {letters(part) for part in parts}
    terms = {letters(term.text) for term in expected}
    return tuple(_to_review(word, people, terms) for word in words if word.heard is not None)


_BESIDE_FIGURES = ("oui", "non", "sans", "cest")  # `spoken_numbers` writes them, as `letters` does
_OBJECT = re.compile(r"(?:[A-Z]{1,4}[- ]?)\d+")


def _to_review(word: Word, people: set[str], terms: set[str]) -> ReviewItem:
    text, heard = (t.strip(" .,;:!?…«»()\u00a0") for t in (word.text, word.heard or ""))
    core = letters(piece(word.text).core)
    source = "nombre" if text[:1].isdigit() or core in _BESIDE_FIGURES else "glossaire"
    source = "ordre du jour" if _OBJECT.fullmatch(text) else source
    source = "ordre du jour, organe ou partis" if core in terms else source
    source = "liste des membres" if core in people else source
    reason = f"« {heard} » entendu, « {text} » écrit ({source})"
    return ReviewItem(word.start_ms, word.end_ms, Doubt.REPAIR, reason)


def _put(words: Sequence[Word], text: str) -> Word:
    if len(words) == 1 and text == words[0].text:
        return words[0]
    heard = " ".join(word.heard or word.text for word in words)
    confidence = min(word.confidence for word in words)
    return Word(words[0].start_ms, words[-1].end_ms, text, confidence, heard)


def _names(person: Person, roster: Sequence[Person]) -> Iterator[_Name]:
    woman = is_woman(person, roster)
    for name in person.spellings:
        called = surnames(name)
        taken = called[0].split() if called else ()
        first = " ".join(word for word in name.split() if word not in taken)
        for last in called:
            yield _Name(first, last.title() if last.isupper() else last, woman)


def _name_at(heard: WordsHeard, at: int, names: Sequence[_Name]) -> Fix:
    """What to write from this word on, if a name stands here."""
    core = heard.pieces[at].core
    if not core or fold(core) in _TITLES:
        return ()
    if titles := _titles_before(heard.pieces, at):
        woman = _TITLES.get(titles[0])
        named = [n for n in names if woman is None or n.woman in (None, woman)]
        full = _full_name(heard, at, named, titled=True)
        return full or (() if _is_known(core, names) else _surname(heard, at, named))
    if not heard.pieces[at].capital:
        return ()
    full = _full_name(heard, at, names, titled=False)
    return full or (() if _is_known(core, names) else _bare_name(heard, at, names))


def _titles_before(pieces: Sequence[Piece], at: int) -> tuple[str, ...]:
    """The title, or the role, under which a name stands at `at`: ("madame", "conseillere")."""
    found: list[str] = []
    for before in reversed(pieces[max(0, at - _REACH) : at]):
        word = fold(before.core)
        if before.stops or not (word in _TITLES or _ROLE.fullmatch(word)):
            break
        found.insert(0, word)
        if word in _TITLES:
            return tuple(found)
    role = next((place for place, w in enumerate(found) if w.startswith("conseille")), None)
    return () if role is None else tuple(found[role:])


def _is_known(core: str, names: Sequence[_Name]) -> bool:
    """Is it spelt as a name of the roster is already?"""
    return any(core.casefold() in (name.first.casefold(), name.last.casefold()) for name in names)


def _full_name(heard: WordsHeard, at: int, names: Sequence[_Name], *, titled: bool) -> Fix:
    """A first name and a surname that fit one person, both well or one well and one nearly."""
    if heard.pieces[at].stops or at + 1 >= len(heard.words):
        return ()
    fits = [
        _Fit(one.cost + other.cost, count, name.last, first=name.first)
        for last, count, elision in heard.spellings(at + 1, _LONGEST)
        for name in names
        if name.first and not elision
        for one in [likeness(heard.pieces[at].core, name.first)]
        for other in [likeness(last, name.last)]
        if _are_one(one, other, titled=titled) and (count == 1 or other.same)
    ]
    best = _alone(fits)
    if best is None or (best.cost > 1 and not heard.unsure(at, 1 + best.count, UNSURE)):
        return ()
    first = _Fit(0, 1, best.first, heard.pieces[at].elision)
    return _written(heard, at, first), _written(heard, at + 1, best)


def _are_one(first: Likeness, last: Likeness, *, titled: bool) -> bool:
    """Both nearly, one of them well where no title helps; or the first name to the letter."""
    if titled and first.letters == 0:
        return last.remote
    return first.near and last.near and (titled or first.same or last.same)


def _surname(heard: WordsHeard, at: int, names: Sequence[_Name]) -> Fix:
    """The surname that follows a title: misspelt, or another one of which the model is unsure."""
    fits = []
    for spelt, count, elision in heard.spellings(at, _LONGEST):
        plain = not spelt[:1].isupper() or count > 1
        near = not plain and heard.unsure(at, 1, UNSURE) and not heard.is_first_name(at)
        for name in names:
            like = likeness(spelt, name.last)
            same = like.same and (not plain or like.length > _LEAST)
            if same or (near and like.near) or (count == _HALVES and _halves(heard, at, like)):
                fits.append(_Fit(like.cost, count, name.last, elision))
    best = _alone(fits)
    return (_written(heard, at, best),) if best else ()


def _halves(heard: WordsHeard, at: int, like: Likeness) -> bool:
    """Do two unsure words in capitals sound like a long surname: "Barry Swill", Baeriswyl?"""
    long = like.length >= _LONG and like.sounds <= 1 and like.letters <= like.length // 2
    capitals = all(half.capital for half in heard.pieces[at : at + _HALVES])
    return long and capitals and heard.unsure(at, 1, UNSURE) and heard.unsure(at + 1, 1, UNSURE)


def _bare_name(heard: WordsHeard, at: int, names: Sequence[_Name]) -> Fix:
    """A surname that nothing announces but its capital, inside a sentence."""
    here, before = heard.pieces[at], heard.pieces[max(0, at - 3) : at]
    if not before or before[-1].ends_sentence or here.core.isupper():
        return ()
    if before[-1].capital and not before[-1].stops:
        return ()  # a first name that is not on the roster
    if fold(here.elision) == "l'" or _DETERMINER.fullmatch(fold(before[-1].core)):
        return ()  # "le Pérou": people have no article
    if not heard.unsure(at, 1, _VERY_UNSURE) or any(
        _PLACES.fullmatch(fold(p.core)) for p in before
    ):
        return ()
    likes = [(likeness(here.core, name.last), name.last) for name in names]
    sounding = [(like, last) for like, last in likes if like.same and like.length > _LEAST]
    best = _alone([_Fit(like.cost, 1, last, here.elision) for like, last in sounding])
    return (_written(heard, at, best),) if best else ()


def _alone(fits: Sequence[_Fit]) -> _Fit | None:
    """What fits best, if nothing that would write another name fits about as well."""
    ranked = sorted(fits, key=lambda fit: (fit.cost, fit.count))
    if not ranked:
        return None
    best = ranked[0]
    rival = next((fit for fit in ranked if fit.is_rival(best)), None)
    return best if rival is None or rival.cost - best.cost >= _MARGIN else None


def _written(heard: WordsHeard, at: int, fit: _Fit) -> tuple[int, str]:
    return fit.count, heard.around(at, fit.count, fit.elision + fit.text)


def _term_at(heard: WordsHeard, at: int, glossary: Sequence[Term]) -> Fix:
    """What to write from this word on, if it is a term of the glossary: a spoken form first."""
    if not glossary or not heard.pieces[at].core:
        return ()
    spelt = [(letters(text), count, elision) for text, count, elision in heard.spellings(at, 6)]
    for term in glossary:
        forms = {letters(form) for form in term.spoken}
        for text, count, elision in spelt:
            if text in forms:
                return (_written(heard, at, _Fit(0, count, term.text, elision)),)
    likely = [fit for term in glossary for fit in _misspelt(heard, at, term)]
    best = _alone(likely)
    return (_written(heard, at, best),) if best else ()


def _misspelt(heard: WordsHeard, at: int, term: Term) -> Iterator[_Fit]:
    """A term of which a sound or a letter was heard otherwise."""
    size = len(term.text.split())
    for spelt, count, elision in heard.spellings(at, size):
        like = likeness(spelt, term.text)
        placed = like.near and term.text[:1].isupper() and _is_placed(heard, at)
        close = like.same or placed or (like.sounds <= 1 and like.letters <= 1)
        named = term.text[:1].islower() or spelt[:1].isupper()
        if not (count == size and close and named and like.length >= _LEAST_TERM):
            continue
        if heard.unsure(at, count, _VERY_UNSURE) and not _inflected(spelt, term.text):
            text = term.text[:1].upper() + term.text[1:] if spelt[:1].isupper() else term.text
            yield _Fit(like.cost, count, text, elision)


def _is_placed(heard: WordsHeard, at: int) -> bool:
    """Does it follow a street, a school, a stadium: "la rue des", "le stade de"?"""
    before = [fold(here.core) for here in heard.pieces[max(0, at - 2) : at]]
    return any(_PLACES.fullmatch(word) for word in before)


def _inflected(heard: str, term: str) -> bool:
    """Is it the term itself, or the same plain word in another form: "cantons" for "canton"?"""
    if heard.casefold() == term.casefold():
        return True
    stems = {_INFLECTION.sub("", letters(text)) for text in (heard, term)}
    return term[:1].islower() and len(stems) == 1 and letters(heard) != letters(term)
