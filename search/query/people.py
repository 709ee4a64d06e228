"""The people whom a question names: by title, first name, surname, misspelt or misheard, or role.

Finds where a name stands and who bears it; whether their words are wanted is for `speech_acts` to
say. A surname that two people bear decides nothing unless the first name, the title's gender or the
party tells them apart; a role (« la présidente de la commission sociale »), unless one person alone
bears it in the rosters, in that gender. No person is guessed where no name is expected.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz import fuzz
from rapidfuzz.process import extract

from ingest.french_dates import FOLDED_MONTHS, WEEKDAYS
from ingest.phonetics import letters, sound
from ingest.text import fold
from search.language.offsets import Folded, Stretch
from search.language.stems import stems
from search.query.entities import party_after, party_before
from search.query.parsed import UNLIMITED, Budget
from search.query.speech_acts import Name, Wanted, speaks, wants_words
from search.query.vocabulary import Member, Vocabulary

_ALIKE, _ALIKE_PLAIN, _MARGIN = 80.0, 88.0, 8.0
"""Least likeness (0..100) of a name with a title or capital, without; lead over the next person."""
_SHORTEST, _LONGEST = 4, 4  # letters of a name that may be misspelt; words of a name
_WORD = re.compile(r"[^\W_]+")
_INFINITIVE = re.compile(r"\w+(?:er|ir|re)")  # « que voulait savoir... » is not about M. Savary
_WITHIN = re.compile(r"[ '.’-]{1,2}")  # what may stand between the words of one name
_WOMAN = re.compile(
    r"\b(?:mme|mmes|madame|mesdames|mlle|mademoiselle|frau|mrs|ms|miss|senora|sra|senhora|signora"
    r"|presidente|conseillere|deputee|magistrate|mairesse|ministre elle|السيدة)\b"
)
_MAN = re.compile(
    r"\b(?:m|mr|mm|monsieur|messieurs|herrn?|mister|senor|sr|senhor|signor|president|conseiller"
    r"|depute|magistrat|السيد)\b"
)
_ROLE = (
    r"(?:(?:vice-)?president(?:e)?|conseill(?:er|ere)|depute(?:e)?|magistrate?|maire|mairesse|syndic"
    r"|syndique|municipale?|ministre|rapporteure?|rapporteuse|collegue)"
    r"(?: (?:municipale?|administrati(?:f|ve)|communale?|nationale?|general|generale|d'etat"
    r"|aux etats|de commission))?"
)
_TITLE = re.compile(
    r"(?:^|(?<=[\W_]))(?:(?:la |le |l'|el |il |the |[ao] (?=senhor))?"
    rf"(?:m|mr|mme|mmes|mm|monsieur|madame|mademoiselle|mlle|messieurs|mesdames|frau|herrn?"
    rf"|mrs|ms|miss|mister|dre?|senora?|sra?|senhora?|signora?|السيدة|السيد"
    rf"|{_ROLE})(?:\. ?| )){{1,4}}$"
)
_REACH = 200  # letters in which four titles stand, the longest there are
_PLAIN = """
    conseil ville commune commission canton etat public publique monsieur madame messieurs mesdames
    president presidente maire mairesse collegue collegues secretaire bureau administration police
    departement service services groupe parti gauche droite municipalite executif gouvernement
    population habitants gens elus politique genevois citoyens personne motion petition proposition
    general generale administratif administrative municipal municipale projet rapport debat
"""
_CALENDAR = frozenset((*FOLDED_MONTHS, *WEEKDAYS))
_PARTICLE_WORDS = "le la les de du des d von van der den zu zum dos da di del della"
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
"""Words inside a surname: Le Pen, von der Leyen. With a small letter they also begin a topic."""
_NOBODY = frozenset(_PLAIN.split())


@dataclass(frozen=True)
class Mention:
    """A person named in a question.

    `members` are all who may be meant: one, several homonyms, or none whom the city knows.
    """

    name: Name
    words: Stretch  # without the title
    members: tuple[Member, ...]
    wanted: Wanted


@dataclass(frozen=True)
class _Word:
    text: str
    start: int
    end: int
    capital: bool


def people_in(
    question: Folded, vocabulary: Vocabulary, budget: Budget = UNLIMITED
) -> tuple[Mention, ...]:
    """Everybody whom a question names, in order. Raises `OutOfTime`."""
    words = _words(question)
    found: list[Mention] = []
    at = 0
    while at < len(words):
        budget.check()
        mention = _mention(question, words, at, vocabulary)
        if mention is None:
            at += 1
            continue
        found.append(_joined(question.text, found, mention))
        at = next(
            (n for n in range(at, len(words)) if words[n].start >= mention.words.end), len(words)
        )
    roles = tuple(_by_role(question.text, found, vocabulary))
    return tuple(sorted((*found, *roles), key=lambda mention: mention.name.whole))


def _by_role(text: str, found: Sequence[Mention], vocabulary: Vocabulary) -> Iterator[Mention]:
    """« la rapporteuse »: who bears a role, where it says no more of somebody who is named."""
    for role in roles_in(text, vocabulary):
        beside = Stretch(max(0, role.whole.start - len(", ")), role.whole.end + len(", "))
        if not any(mention.name.whole.overlaps(beside) for mention in found):
            name = Name(role.whole)
            yield Mention(name, role.words, (role.member,), wants_words(text, name))


def _words(question: Folded) -> list[_Word]:
    return [
        _Word(m.group(), m.start(), m.end(), question.original[question.at[m.start()]].isupper())
        for m in _WORD.finditer(question.text)
    ]


def _plain(word: _Word) -> bool:
    """Is it a word that names no person: an article, a role?"""
    return word.text in _NOBODY or not stems(word.text)


def _led(words: Sequence[_Word], at: int, vocabulary: Vocabulary) -> int:
    """How many particles lead to a surname from here on: « Le Pen », « de Gaulle »; else 0.

    « Fontanet de Lausanne »: what the archive speaks of is no surname after a small letter.
    """
    end = at
    while end < len(words) and words[end].text in _PARTICLES:
        end += 1
    name = words[end] if at < end < len(words) else None
    if name is None or not name.capital or _plain(name) or re.fullmatch(_ROLE, name.text):
        return 0
    said = any(map(vocabulary.words.knows, stems(name.text)))
    return end - at if words[at].capital or not said else 0


def _joined(text: str, found: Sequence[Mention], mention: Mention) -> Mention:
    """« Qu'ont dit Mme Keller et M. Rochat »: what is asked of the first is asked of the second."""
    if not found or mention.wanted:
        return mention
    between = text[found[-1].name.whole.end : mention.name.whole.start]
    if re.fullmatch(r" ?(?:,|et|ou|and|und|y|e|o) ?(?:(?:et|ou) )?(?:d'|de )?", between):
        return Mention(mention.name, mention.words, mention.members, found[-1].wanted)
    return mention


# --- where a name stands --------------------------------------------------------------------------


def _mention(
    question: Folded, words: Sequence[_Word], at: int, vocabulary: Vocabulary
) -> Mention | None:
    text = question.text
    start = words[at].start
    title = _TITLE.search(text, max(0, start - _REACH), start)
    exact = _exact(text, words, at, vocabulary, titled=title is not None)
    if exact:
        return _named(text, title, Stretch(start, exact[1]), exact[0], vocabulary)
    misspelt = _misspelt(text, words, at, title, vocabulary)
    return misspelt or _stranger(text, words, at, vocabulary)


def _run(text: str, words: Sequence[_Word], at: int, longest: int) -> Iterator[Sequence[_Word]]:
    """One word, two words... from `at`, as long as nothing but a name's own marks parts them."""
    for count in range(1, min(longest, len(words) - at) + 1):
        run = words[at : at + count]
        if count > 1 and not _WITHIN.fullmatch(text[run[-2].end : run[-1].start]):
            return
        yield run


def _exact(
    text: str, words: Sequence[_Word], at: int, vocabulary: Vocabulary, *, titled: bool
) -> tuple[tuple[Member, ...], int] | None:
    """Who bears the longest name that stands here, and where it ends."""
    best = None
    for run in _run(text, words, at, 8):
        known = vocabulary.by_name.get(" ".join(word.text for word in run))
        if not known or len(run[0].text) + len(run) <= 2:  # noqa: PLR2004
            continue
        level = max(level for _, level in known)
        if _plain(run[-1]) and (len(run) == 1 or level == 1):  # but « Marc Le Fur »
            continue
        whole = len(run) == 1 or "-" in text[run[0].end : run[-1].start]  # « Frau Keller-Sutter »
        if level > 1 or (titled and whole):
            best = tuple(m for m, told in known if told == level), run[-1].end
    if best and (longer := _goes_on(text, words, best[1], vocabulary)):
        return (), longer  # « Anne Martin Dupont » is not Anne Martin
    return best


def _goes_on(text: str, words: Sequence[_Word], end: int, vocabulary: Vocabulary) -> int:
    """Where a name ends that goes on after a known one; 0 where it does not go on."""
    at = next((n for n, word in enumerate(words) if word.start >= end), len(words))
    if led := _led(words, at, vocabulary):
        return words[at + led].end
    after = words[at] if at < len(words) else None
    longer = bool(
        after
        and after.capital
        and text[end : after.start] in (" ", "-")
        and len(after.text) > 1
        and not _plain(after)
        and not party_after(text, end, vocabulary)
        and after.text not in _CALENDAR
    )
    return after.end if after and longer else 0


def _misspelt(
    text: str,
    words: Sequence[_Word],
    at: int,
    title: re.Match[str] | None,
    vocabulary: Vocabulary,
) -> Mention | None:
    """A name that is nearly one of the city's, where a person's name is expected."""
    first = words[at]
    led = _led(words, at, vocabulary) if title and first.capital else 0  # « Mme Le Pen »
    if not led and (_plain(first) or len(first.text) < _SHORTEST or not first.text.isalpha()):
        return None
    if not (title or first.capital) and _INFINITIVE.fullmatch(first.text):
        return None
    best: tuple[float, int, tuple[Member, ...]] = (0.0, first.end, ())
    expected = title is not None
    for run in _run(text, words, at, _LONGEST):
        stretch = Stretch(first.start, run[-1].end)
        expected = expected or wants_words(text, Name(stretch)) is Wanted.YES
        if expected and len(run) > led and not any(map(_plain, run[led:])):
            score, members = _alike(text[first.start : run[-1].end], title, vocabulary)
            if score > best[0]:
                best = score, run[-1].end, members
    if not expected:
        return None
    enough = best[0] >= (_ALIKE if title or first.capital else _ALIKE_PLAIN)
    if enough and not title and _goes_on(text, words, best[1], vocabulary):
        return None  # « Christine Lazerges » is not Christian Kert
    if not enough and not (title and first.capital):
        return None
    end = best[1] if enough else words[at + led].end
    members = best[2] if enough else ()
    return _named(text, title, Stretch(first.start, end), members, vocabulary)


def _stranger(text: str, words: Sequence[_Word], at: int, vocabulary: Vocabulary) -> Mention | None:
    """First name and surname of somebody who is said to have spoken, and whom no session knows."""
    longest: Mention | None = None
    after = words[at].end + 1
    if _TITLE.search(text, max(0, after - _REACH), after):  # « Frau Keller » has no first name
        return None
    for count, run in enumerate(_run(text, words, at, _LONGEST), 1):
        last = run[-1]
        if count > 1 and _led(words, at + count - 1, vocabulary):
            continue
        known = _exact(text, words, at + count - 1, vocabulary, titled=False)
        if not last.capital or _plain(last) or last.text in _CALENDAR or known:
            break
        name = Name(Stretch(run[0].start, last.end))
        spaced = any(text[a.end : b.start] == " " for a, b in pairwise(run))  # no « Saint-Gallois »
        if spaced and speaks(text, name):
            longest = Mention(name, name.whole, (), Wanted.YES)
    return longest


def _alike(
    heard: str, title: re.Match[str] | None, vocabulary: Vocabulary
) -> tuple[float, tuple[Member, ...]]:
    """The likeness of the best name, in writing or in sound, and all who are about as near."""
    woman = _gender(title)
    spelt, sounds, bearers = vocabulary.spellings
    scores: dict[Member, float] = {}
    for key, names, less in ((letters(heard), spelt, 0.0), (sound(heard), sounds, 1.0)):
        for _, score, at in extract(
            key, names, scorer=fuzz.ratio, limit=None, score_cutoff=_ALIKE - _MARGIN
        ):
            member = bearers[at]
            if woman is None or member.woman in (None, woman):
                scores[member] = max(score - less, scores.get(member, 0.0))
    best = max(scores.values(), default=0.0)
    return best, tuple(m for m, score in scores.items() if score > best - _MARGIN)


# --- who it is ------------------------------------------------------------------------------------


def _named(
    text: str,
    title: re.Match[str] | None,
    words: Stretch,
    members: tuple[Member, ...],
    vocabulary: Vocabulary,
) -> Mention:
    start = title.start() if title else words.start
    woman = _gender(title)
    fitting = tuple(m for m in members if woman is None or m.woman in (None, woman))
    end = words.end
    party = party_after(text, words.end, vocabulary) or party_before(text, start, vocabulary)
    if party:
        start, end = min(start, party.whole.start), max(end, party.whole.end)
        groups = set(vocabulary.by_family[party.family])
        fitting = tuple(m for m in fitting if groups & {*m.groups}) or fitting
    name = Name(Stretch(start, end))
    return Mention(name, words, fitting, wants_words(text, name))


def _gender(title: re.Match[str] | None) -> bool | None:
    """True for Madame, False for Monsieur, None without a title that tells."""
    if title is None:
        return None
    if _WOMAN.search(title.group()):
        return True
    return False if _MAN.search(title.group()) else None


# How a role is said, as a man's or of either, as a woman's; and how rosters write it, if otherwise.
_EITHER = ""
_ROLES: tuple[tuple[str, str, str], ...] = (
    ("vice-president", "vice-presidente", ""),
    ("president", "presidente", ""),
    ("rapporteur", "rapporteure|rapporteuse|rapportrice", ""),
    ("premier ministre|chef du gouvernement", "premiere ministre", "premier ministre"),
    ("garde des sceaux", _EITHER, ""),
    ("ministre", _EITHER, ""),
    ("conseiller administratif", "conseillere administrative", ""),
    ("conseiller d'etat", "conseillere d'etat", ""),
    (
        "magistrat",
        "magistrate",
        "conseiller administratif|conseiller d'etat|conseillere administrative"
        "|conseillere d'etat|maire|mairesse|adjoint|adjointe",
    ),
    ("maire", "mairesse", ""),
    ("syndic", "syndique", ""),
    ("secretaire general", "secretaire generale", ""),
    ("secretaire", _EITHER, ""),
)
_ANY = "|".join(
    sorted((f for r in _ROLES for part in r[:2] for f in part.split("|") if f), key=len)[::-1]
)
_NAMED = re.compile(
    r"(?<![\w'-])(?:(?:madame|mme|monsieur|m\.?) )?(?P<article>la|le|l') ?"
    rf"(?P<role>{_ANY})(?![\w'-])"
)
_OF = re.compile(
    r" (?:(?:de la|des|du|de|aux?|a la|pour|en charge|delegue\w*|charge\w*) |(?:de )?l'|d')+"
)
_WORDS = re.compile(r"[^\W\d_]+")
_ITSELF = frozenset(stems("séance conseil municipal assemblée ville"))
_LINKS = frozenset(stems("délégué déléguée chargé chargée"))
_MOST = 5  # words that may tell what a role is of


@dataclass(frozen=True)
class NamedRole:
    """A role named in a question: where, with its article, and who bears it."""

    whole: Stretch
    words: Stretch
    member: Member


def roles_in(text: str, vocabulary: Vocabulary) -> Iterator[NamedRole]:
    """The roles in a folded question that one person bears, in order."""
    for found in _NAMED.finditer(text):
        end, of = _belonging(text, found.end(), vocabulary)
        bearers = _bearers(found["role"], found["article"], of, vocabulary)
        if len(bearers) == 1:
            yield NamedRole(
                Stretch(found.start(), end), Stretch(found.start("role"), end), bearers[0]
            )


def _belonging(text: str, at: int, vocabulary: Vocabulary) -> tuple[int, frozenset[str]]:
    """Where what a role is of ends, as far as rosters know the words, and their stems."""
    link = _OF.match(text, at)
    if not link:
        return at, frozenset()
    end, known = at, frozenset[str]()
    for count, word in enumerate(_WORDS.finditer(text, link.end())):
        told = stems(word.group())
        if count >= _MOST or (told and not set(told) & (vocabulary.role_stems | _ITSELF)):
            if end == at:  # « le président de la République » is no one's role here
                return at, frozenset(told)
            break
        if told:
            end, known = word.end(), known | set(told)
    return end, known


def _bearers(
    said: str, article: str, of: frozenset[str], vocabulary: Vocabulary
) -> tuple[Member, ...]:
    man, woman, written = next(
        role for role in _ROLES if said in role[0].split("|") or said in role[1].split("|")
    )
    feminine = said in woman.split("|")
    own = (woman if feminine else man).split("|")
    wanted = frozenset(written.split("|") if written else own)
    fitting = [
        (member, role)
        for member in vocabulary.people
        for role in member.roles
        if any(_begins(fold(role), form) for form in wanted)
        and _is_of(fold(role), said, of - _ITSELF)
        and (member.woman in (None, feminine) if woman else _agrees(member, article))
    ]
    exact = [member for member, role in fitting if fold(role) in wanted] if not of else []
    return tuple(dict.fromkeys(exact or (member for member, _ in fitting)))


def _is_of(role: str, said: str, of: frozenset[str]) -> bool:
    """Is it a role of these things: « ministre de l'emploi » that of « ministre du travail, de
    l'emploi », but « président de la République » not that of a commission with a long name?
    """
    rest = [stem for stem in stems(role) if stem not in _LINKS]
    first = min((at for at, stem in enumerate(rest) if stem in of), default=len(rest))
    return of <= frozenset(rest) and (not of or "ministre" in said or first == len(stems(said)))


def _begins(role: str, form: str) -> bool:
    """Is it the role itself, or one of several, not « vice-président » for « président »?"""
    return any(f"{part} ".startswith(f"{form} ") for part in role.split(", "))


def _agrees(member: Member, article: str) -> bool:
    return member.woman is None or article == "l'" or member.woman == (article == "la")
