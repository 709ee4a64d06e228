"""What is said of who speaks: the floor given, a speaker thanked, asked, answered or introduced.

Knows the phrases of a French-speaking council and finds them in turns, however the names in them
were misheard. Does not know which voice answers a call: that is `clues`' to weigh.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from rapidfuzz.fuzz import ratio

from ingest.phonetics import Guess, NameMatch, find_people, guesses, is_woman, letters, sound
from ingest.text import SENTENCE_END, fold
from ingest.transcript import Person, Turn, Word

# --- turns as a stream of words: folded, without punctuation, titles recognised ---------------

_WOMAN, _MAN = re.compile(r"a?madam\w?|a?madem\w?|mme"), re.compile(r"m[eo]n?s+ieur|mr")
_STOPS = (".", ",", "!", "?", ";", ":", "…")
_HALVES = ("m", "ma"), ("dame", "adame")


@dataclass(frozen=True)
class CallWord:
    """A word, or one of the two in "qu'elle", as heard and folded.

    `turn` is the position of its turn. `stops`: punctuation closes it; `ends`: it is the last of
    its sentence. `woman` is what it says as a title, None where it is none.
    """

    text: str
    heard: str
    turn: int
    start_ms: int
    end_ms: int
    stops: bool
    ends: bool
    woman: bool | None = None


def spoken(turns: Sequence[Turn]) -> list[CallWord]:
    """All words of the turns, in order."""
    stream: list[CallWord] = []
    for place, turn in enumerate(turns):
        for word in turn.words:
            for piece in _pieces(place, word):
                first, second = _HALVES
                if piece.text in second and stream and stream[-1].text in first:
                    start_ms = stream.pop().start_ms
                    stream.append(_spoken("madame", piece.heard, place, word, start_ms))
                else:
                    stream.append(piece)
    return stream


def joined(words: Sequence[CallWord]) -> str:
    """The folded words, one space apart."""
    return " ".join(word.text for word in words)


def _pieces(place: int, word: Word) -> Iterator[CallWord]:
    pieces = _cut(word.text)
    for at, (text, heard) in enumerate(pieces):
        last = at + 1 == len(pieces)
        yield _spoken(text, heard, place, word, word.start_ms, last=last)


def _spoken(
    text: str, heard: str, place: int, word: Word, start_ms: int, *, last: bool = True
) -> CallWord:
    """A piece of a word; the point of "M." closes nothing."""
    stops = last and text != "m" and word.text.endswith(_STOPS)
    ends = stops and word.text.endswith(SENTENCE_END)
    return CallWord(text, heard, place, start_ms, word.end_ms, stops, ends, _title(text, heard))


@lru_cache(maxsize=50_000)
def _cut(word: str) -> tuple[tuple[str, str], ...]:
    """What a word is made of, folded and as heard."""
    return tuple((fold(piece), piece) for piece in re.findall(r"[^\W_]+", word))


@lru_cache(maxsize=50_000)
def _title(text: str, heard: str) -> bool | None:
    """True for Madame, False for Monsieur; a small m is the one of "je m'appelle"."""
    if _WOMAN.fullmatch(text):
        return True
    return False if _MAN.fullmatch(text) or heard == "M" else None


# --- mentions: a title or a phrase, and the name beside it ------------------------------------

# Between a title and a name, folded and cut at apostrophes and hyphens: "vice president".
_ROLE_WORDS = re.compile(
    r"(?:le|la|l|vice|president|presidente|conseille\w*|administrati\w*|municipa\w*|maire|mairesse"
    r"|depute\w*|adjoint\w*|rapporteu\w*|syndi\w*|echevin\w*|magistrat\w*|collegue|cher|chere"
    r"|secretaire|general\w*|greffi\w*|chanceli\w*|sautie?r\w*|huissi\w*)"
)
_CLERK = re.compile(r"secretaire|greffi\w*|chanceli\w*|sautie?r\w*|huissi\w*")
_CHAIR = re.compile(r"\b(?:vice )?president\w*")
# "La parole" as Whisper base spells it.
_MISHEARD_FLOOR = re.compile(
    r"\bl ?appareil\b|\bla pa(?:[crx]\w*ole|role|raule|rolle|ixolette)\b|\bpachole\b"
)
# Before a name: "la parole est à", "au tour de", "j'appelle".
_FLOOR_IS_FOR = re.compile(
    r"\bparole (?:\w+ ){0,2}(?:est|et|ait|a|au|aux|revient|de|d|pour)\b"
    r"|\bau ?tour (?:de|d)\b|\b(?:ecoutons|ecoute|invite|appelle|entendons)$"
)
_NOT_GIVEN = re.compile(r"\b(?:pas|de|coup\w*|retir\w*|demand\w*|pris|prendre) (?:la )?parole\b")
_YIELDS = re.compile(r"\b(?:je |nous |on )?(?:passe|donne|cede|laisse|rend)\w* (?:la )?parole\b")
# After a name: "vous avez la parole", "c'est à vous", "je vous écoute".
_FLOOR_IS_YOURS = re.compile(
    r"\b(?:vous )?(?:avez|avait|ave|a) (?:de nouveau |maintenant |donc )?(?:la )?parole\b"
    r"|\bc est a (?:vous|toi|elle|lui)\b|\ba vous la parole\b|^(?:a vous|allez y|a votre tour)\b"
    r"|\bje vous (?:ecoute|en prie|laisse|donne|passe|cede)\b|\bprendre la parole\b"
    r"|\b(?:souhait|desir)\w* |\b(?:demande|prend) (?:la parole|a (?:repondre|intervenir))\b"
    r"|^(?:va|je vous prie de|veuillez|pouvez vous) (?:nous )?(?:faire|lire|proceder|donner)\b"
    r"|^vous (?:voulez |souhaitez |pouvez )?(?:repon|repliqu|reagi|interven)\w+"
    r"|^une (?:reponse|replique|reaction|precision)\b|^(?:a leve la main|s est inscrite?)\b"
)
_HEARD_AS_YOURS = tuple(sound(f) for f in ("vousavezlaparole", "cestavous", "avouslaparole"))
_SOUNDS_ALIKE = 76.0  # of 100, of a phrase by ear; chosen on the samples, not measured apart
_FOR_GROUP = re.compile(r"\bpour l(?:e|a|es) (?:group\w*|parti|conseil|commission|bureau)\b")
_FOR = re.compile(r"pour (?:l(?:e|a|es)?|une?)\b")
_MERCI = re.compile(r"\b(?:merci|mercy|remerci\w+)\b")
_EXCHANGE = re.compile(r"\b(?:question|reponse|replique|precision|explication|reponde\w*)s?\b")
_REPLIES = re.compile(r"\b(?:repon\w+|repliqu\w+) (?:\w+ ){0,2}(?:a|au)$")
_ASKS = re.compile(r"\b(?:question|demande|interpell\w+|adress\w+) (?:\w+ ){0,3}(?:a|pour|vers)$")
_REACH_BEFORE, _REACH_AFTER = 7, 8  # words between a name and the phrase that belongs to it
_NAME_WORDS = 4  # that one name is heard as, at most: "d'elle cour" is three
_ROLE_SHARE = 0.95  # a role that one person of that title alone has: but for an incomplete list
_CLEAR, _CLEARLY = 0.6, 3.0  # share of the one person meant; over the next one's (D-048)


class Act(Enum):
    """What a mention of a person does."""

    GIVES = "gives the floor"
    BARE = "is all that is said before another voice"
    SENTENCE = "is a sentence of its own"
    THANKS = "thanks"
    THANKS_FOR = "thanks for a question, or for an answer"
    REPLIES = "answers the person"
    ASKS = "asks the person"
    ADDRESSES_CHAIR = "speaks to the chair"
    MENTIONS = "speaks of the person"


@dataclass(frozen=True)
class Mention:
    """A person spoken of or to; `guesses` is empty for the chair and for an unknown name.

    `turn` is the position of the turn among those given, `woman` is what the title said, None
    where there was none.
    """

    act: Act
    turn: int
    start_ms: int
    end_ms: int
    woman: bool | None
    guesses: tuple[Guess, ...] = ()
    heard: str = ""
    """The name as it was heard, folded."""

    @property
    def person(self) -> str | None:
        """Who is meant, where one person clearly is."""
        best, second = ([*self.guesses, Guess("", 0), Guess("", 0)])[:2]
        return best.person if best.share >= max(_CLEAR, _CLEARLY * second.share) else None


@dataclass(frozen=True)
class _Start:
    """Where a name may begin: after the token `at`, which is a title or ends a phrase."""

    at: int
    woman: bool | None


@dataclass(frozen=True)
class _Who:
    """Whom words name, and how many words that took."""

    guesses: tuple[Guess, ...]
    words: int
    chair: bool = False


def find_mentions(turns: Sequence[Turn], roster: Sequence[Person]) -> tuple[Mention, ...]:
    """Every mention of a person under a title or as the floor is given, in order.

    A phrase may reach over the border of two turns: diarization cuts a second early or late.
    """
    genders = {person.name: is_woman(person, roster) for person in roster}
    tokens = spoken(turns)
    starts = list(_starts(tokens))
    ends = [start.at for start in starts]
    mentions = []
    for before, start, after in zip([-1, *ends], starts, [*ends[1:], len(tokens)], strict=False):
        people = [p for p in roster if start.woman is None or genders[p.name] != (not start.woman)]
        who = _who(tokens[start.at + 1 : after], people)
        if mention := _mention(tokens, before, start, after, who):
            mentions.append(mention)
    return tuple(mentions)


def _starts(tokens: Sequence[CallWord]) -> Iterator[_Start]:
    """Titles, the "notre" of "notre secrétaire", the "à" of "la parole est à Claire Fontanet"."""
    for at, token in enumerate(tokens):
        if token.woman is not None:
            yield _Start(at, token.woman)
        elif token.text == "notre" and _CLERK.fullmatch(joined(tokens[at + 1 : at + 2])):
            yield _Start(at, None)
        elif token.text in ("a", "de", "d") and at + 1 < len(tokens):
            following = tokens[at + 1]
            head = _joined(tokens[max(0, at - 4) : at + 1])
            name = following.heard[:1].isupper() and following.woman is None
            if name and (_FLOOR_IS_FOR.search(head) or _YIELDS.search(head)):
                yield _Start(at, None)


def _mention(
    tokens: list[CallWord], before: int, start: _Start, after: int, who: _Who
) -> Mention | None:
    """Judge what is said around the name after `start`, between the starts beside it."""
    at, end = start.at, start.at + 1 + who.words
    first = at if start.woman is not None else at + 1
    act = _act(tokens, max(before + 1, first - _REACH_BEFORE), start, end, after, who)
    if not (who.guesses or who.chair) and act is not Act.GIVES:
        return None
    last = tokens[end - 1]
    place, start_ms, heard = tokens[at].turn, tokens[at].start_ms, _joined(tokens[at + 1 : end])
    return Mention(act, place, start_ms, last.end_ms, start.woman, who.guesses, heard)


def _act(tokens: list[CallWord], first: int, start: _Start, end: int, after: int, who: _Who) -> Act:
    head = _joined(tokens[first : start.at + (start.woman is None)])
    tail = _joined(tokens[end : min(after, end + _REACH_AFTER)])
    if who.chair:
        return Act.ADDRESSES_CHAIR
    thanks = _MERCI.search(_joined(_this_sentence(tokens[first : start.at])))
    if _gives(head, "" if thanks else tail, named=bool(who.guesses)):
        return Act.GIVES
    if thanks and _FOR_GROUP.search(head) and _closes_turn(tokens, end - 1):
        return Act.GIVES  # "Je vous remercie. Pour le groupe UDC, Monsieur X.", less its full stop
    if thanks:
        return Act.THANKS_FOR if _EXCHANGE.search(f"{head} {tail}") else Act.THANKS
    if _REPLIES.search(head):
        return Act.REPLIES
    return Act.ASKS if _ASKS.search(head) else _act_alone(tokens, start, end)


def _act_alone(tokens: list[CallWord], start: _Start, end: int) -> Act:
    """What a name does that no phrase goes with, by where it stands: "Madame Keller, où ... ?"."""
    if not _opens_sentence(tokens, start.at):
        return Act.MENTIONS
    if _closes_turn(tokens, end - 1) and tokens[end - 1].turn == tokens[start.at].turn:
        return Act.BARE
    if _FOR.match(_joined(tokens[end : end + 2])) and _sentence_closes_turn(tokens, end):
        return Act.BARE  # "Madame Keller, pour les Verts."
    if tokens[end - 1].ends:
        return Act.SENTENCE
    return Act.ASKS if tokens[end - 1].stops else Act.MENTIONS


def _gives(head: str, tail: str, *, named: bool) -> bool:
    """Is the floor given? After an unknown name, the phrase itself must be clear."""
    if (_FLOOR_IS_FOR.search(head) or _YIELDS.search(head)) and not _NOT_GIVEN.search(head):
        return True
    refused = re.search(r"\bpas la parole\b", tail)
    return not refused and bool(
        _FLOOR_IS_YOURS.search(tail) or (named and _sounds_like_floor(tail))
    )


def _opens_sentence(tokens: Sequence[CallWord], at: int) -> bool:
    """Nothing leads up to the title but, at most, the "à" of a phrase that was misheard."""
    before = tokens[at - 1] if at else None
    small = ("a", "oui", "ensuite", "puis", "enfin", "bien")
    return before is None or before.stops or before.text in small or before.turn != tokens[at].turn


def _this_sentence(tokens: Sequence[CallWord]) -> Sequence[CallWord]:
    """What of these words belongs to the sentence that goes on after them."""
    ends = [at for at, token in enumerate(tokens, 1) if token.ends]
    return tokens[ends[-1] :] if ends else tokens


def _closes_turn(tokens: Sequence[CallWord], at: int) -> bool:
    return at + 1 >= len(tokens) or tokens[at + 1].turn != tokens[at].turn


def _sentence_closes_turn(tokens: Sequence[CallWord], at: int) -> bool:
    """Is the sentence that holds this word the last of its turn?"""
    last = next((n for n in range(at, len(tokens)) if tokens[n].ends), len(tokens) - 1)
    return _closes_turn(tokens, last) and tokens[last].turn == tokens[at].turn


def _who(tokens: Sequence[CallWord], people: Sequence[Person]) -> _Who:
    """A name beats a role: "Monsieur le conseiller administratif Delcourt" is Delcourt."""
    roles = 0
    while roles < len(tokens) and _ROLE_WORDS.fullmatch(tokens[roles].text):
        roles += 1
    words = _until_stop(tokens[roles:]) if not any(t.stops for t in tokens[:roles]) else []
    if fits := find_people(words, people):
        return _Who(guesses(words, fits, len(people)), roles + fits[0].words)
    role = _joined(tokens[:roles])
    of_another = joined(tokens[roles : roles + 1]) in ("de", "du", "d")  # "... de la commission"
    if _CHAIR.search(role) and not of_another:
        return _Who((), roles, chair=True)
    alone = [person for person in people if role and _has_role(person, role)]
    return _Who((Guess(alone[0].name, _ROLE_SHARE),) if len(alone) == 1 else (), roles)


def _until_stop(tokens: Sequence[CallWord]) -> list[str]:
    words = []
    for token in tokens[:_NAME_WORDS]:
        words.append(token.heard)
        if token.stops:
            break
    return words


def _has_role(person: Person, role: str) -> bool:
    """Do the words of a form of address all belong to a person's role ("conseiller")?"""
    theirs = [word[:7] for word in re.findall(r"[a-z]+", fold(person.role))]
    asked = [word[:7] for word in role.split() if word not in ("le", "la", "l", "cher", "chere")]
    return bool(asked) and all(word in theirs for word in asked)


def _sounds_like_floor(tail: str) -> bool:
    """ "vous avez l'appareil", "cet avou": the phrase, as a small model spells it."""
    if re.search(r"\bpas\b", tail):
        return False
    heard = sound(tail.replace(" ", ""))
    return any(
        ratio(phrase, heard[: len(phrase) + more]) >= _SOUNDS_ALIKE
        for phrase in _HEARD_AS_YOURS
        for more in (-1, 0, 1)
    )


def _joined(tokens: Sequence[CallWord]) -> str:
    return _MISHEARD_FLOOR.sub("la parole", joined(tokens))


# --- introductions: "Marc Delcourt, pour le groupe socialiste", "Je m'appelle ..." -------------

_WITHIN_WORDS = 16  # "Merci, Madame la présidente, Mesdames et Messieurs, chers collègues," is 9
_LONGEST = 5  # words that a name is heard as
_SAYS_I = re.compile(r"\b(?:je (?:suis|m appelle|me nomme|me presente)|mon nom est|ici)$")
# What follows one's own name: a group, a party, a function.
_FOR_WHOM = re.compile(
    r"(?:pour (?:le|la|les|l|mon|notre)|au nom d\w*|(?:du |le )?groupp?e|(?:du )?parti"
    r"|depute\w*|conseill\w*|rapporteu\w*|membre d\w*|presidente? d\w*)\b"
)
_SAYS = re.compile(rf"{_SAYS_I.pattern[:-1]}\b|\b{_FOR_WHOM.pattern}")
_LEAST = 70.0  # likeness: two names that both fit count for more than one (phonetics: 80)


@dataclass(frozen=True)
class Introduction:
    """Who a speaker claims to be. `turn` is the position of the turn that is the speaker's own."""

    turn: int
    start_ms: int
    guesses: tuple[Guess, ...]
    heard: str
    """The name as it was heard, folded."""


def find_introductions(turns: Sequence[Turn], roster: Sequence[Person]) -> tuple[Introduction, ...]:
    """Every introduction, one a turn, in order.

    The name may hang on the end of the turn before its own: diarization cuts a second late.
    """
    people = [person for person in roster if len(person.spellings[0].split()) > 1]
    stream = spoken(turns)
    heads = ((word.turn, _head(stream, at)) for at, word in enumerate(stream) if _opens(stream, at))
    found = (_first(head, place, people) for place, head in heads if _SAYS.search(joined(head)))
    return tuple(introduction for introduction in found if introduction)


def _opens(stream: Sequence[CallWord], at: int) -> bool:
    return at == 0 or stream[at - 1].turn != stream[at].turn


def _head(stream: Sequence[CallWord], at: int) -> list[CallWord]:
    """The first words of a turn, after the last ones of the turn before."""
    place = stream[at].turn
    before = (word for word in stream[max(0, at - _LONGEST) : at] if word.turn == place - 1)
    return [*before, *(w for w in stream[at : at + _WITHIN_WORDS] if w.turn == place)]


def _first(pieces: list[CallWord], place: int, people: Sequence[Person]) -> Introduction | None:
    for at, first in enumerate(pieces):
        ends = range(at + 1, min(at + _LONGEST, len(pieces)) + 1)
        names = (pieces[at:end] for end in ends if _own_turn(pieces, at, end) == place)
        fits = [(name, _full_names(name, people)) for name in names]
        name, best = max(fits, key=lambda fit: fit[1][0].score if fit[1] else 0, default=([], []))
        if best:
            heard = [piece.heard for piece in name]
            likely = guesses(heard, best, len(people))
            return Introduction(place, first.start_ms, likely, joined(name))
    return None


def _own_turn(pieces: Sequence[CallWord], at: int, end: int) -> int | None:
    """Whose turn it is if these words are where a speaker's own name stands."""
    if pieces[at].woman is not None:
        return None
    if _SAYS_I.search(joined(pieces[max(0, at - 3) : at])):
        return pieces[end - 1].turn
    opens = at == 0 or pieces[at - 1].stops or pieces[at - 1].turn != pieces[at].turn
    if not opens or end >= len(pieces):
        return None
    return pieces[end].turn if _FOR_WHOM.match(joined(pieces[end : end + 3])) else None


def _full_names(name: Sequence[CallWord], people: Sequence[Person]) -> list[NameMatch]:
    """People whose first name and surname together read or sound like all of the words."""
    heard = " ".join(piece.heard for piece in name)
    keys = letters, sound
    likeness = (
        (max(ratio(key(heard), key(name)) for key in keys for name in person.spellings), person)
        for person in people
    )
    fits = [NameMatch(p, score, len(name)) for score, p in likeness if score >= _LEAST]
    return sorted(fits, key=lambda match: -match.score)
