"""A question as it is read: in whole words, well spelt, without what is only said around it.

Greetings, thanks, « euh », « je voudrais savoir », who the asker is: none of it is what a question
is about, and each of its words would be searched for. Of a dictated paragraph, the parts that speak
of the asker alone go too. What is left is French as `parse` reads it; another language stays.

A misspelt word, one that the archive does not know, is read as one that it does: two letters
swapped, one missing or too many, or the same sound (« pisicne » is « piscine »). Names of people
are left to `people`. A common French word stays as it is: a question may be on a topic that is in
no session.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from ingest.languages import question_language
from ingest.lexicon import is_french, is_inflected
from ingest.phonetics import sound
from ingest.text import fold
from search.language.offsets import Folded, Stretch
from search.language.short_forms import spelt_out
from search.language.stems import stems
from search.query.parsed import Repair
from search.query.vocabulary import Vocabulary

_WORD = re.compile(r"(?<![\w'’-])[^\W\d_]+(?![\w-])|(?<=['’])[^\W\d_]+(?![\w-])")
_GLUED = re.compile(r"(?:l|d|qu)(?=[aeiouyhéèê])")
_PLURAL, _SOFT_C, _SOFT_G = (
    re.compile(r"[sx]$"),
    re.compile(r"t(?=ion|iel)|c(?=[eiy])"),
    re.compile(r"g(?=[ei])"),
)
_SHORTEST = 5  # letters: of shorter words, most have neighbours that mean something else
_SLIP = 6  # letters of a word that may be mistyped, not only spelt by ear
_LONG_WORD = 10  # letters from which two slips are told from another word
_SOUND = 6  # letters of a plain French form that may be read as another word of the same sound
_NAME = 84.0  # likeness (0..100) to a person's name from which a word is left to `people`
# What questions ask with, be it said in the archive or not.
_ASKING = """
    montant montants combien pourquoi comment amendement amendements motion pétition proposition
    conseil municipal conseiller conseillère commission président présidente rapporteur rapporteuse
    député députée ministre quelle quelles personnes différence position
"""
_ASKED_WITH = tuple(_ASKING.split())
_MUTE = ("s", "e", "es", "t", "d", "x", "r")  # endings that are not heard
_MOST = 12  # words of one question that are looked at: more are a paste


def repairs(question: str, vocabulary: Vocabulary) -> tuple[Repair, ...]:
    """The words of a French question that are read as others, in order."""
    return tuple(_repairs(question, vocabulary))


def repaired(question: str, found: Sequence[Repair]) -> str:
    """The question with its words as they are read."""
    read = {repair.typed: repair.read for repair in found}
    return _WORD.sub(lambda match: read.get(match.group(), match.group()), question)


def _repairs(question: str, vocabulary: Vocabulary) -> Iterator[Repair]:
    words = vocabulary.words
    doubtful = 0
    for match in _WORD.finditer(question):
        typed = match.group()
        stem = _stem(typed)
        if not stem or words.knows(stem) or (typed[0].isupper() and match.start()):
            continue
        glued = _GLUED.match(typed)
        rest = typed[glued.end() :] if glued else ""
        if glued and len(rest) >= _SHORTEST and (known := _stem(rest)) and words.knows(known):
            if not is_french(typed):
                yield Repair(typed, f"{glued.group()}'{rest}")
            continue
        doubtful += 1
        if len(typed) < _SHORTEST or doubtful > _MOST or _names(typed, vocabulary):
            continue
        cut = dict.fromkeys((stem, fold(typed).rstrip("es")))  # the stem of « polisse » is « pol »
        near = [word for short in cut for word in words.near(short)]
        if read := _read(typed, [*near, *_titled(typed, vocabulary)]):
            yield Repair(typed, read)


def _stem(word: str) -> str:
    found = stems(word)
    return found[0] if len(found) == 1 else ""


def _names(typed: str, vocabulary: Vocabulary) -> bool:
    """May it be somebody's name?"""
    word = fold(typed)
    return any(fuzz.ratio(word, name) >= _NAME for name in vocabulary.name_words)


def _titled(typed: str, vocabulary: Vocabulary) -> list[str]:
    """The words of the agendas, and those that ask, that are spelt nearly like one."""
    known = (*vocabulary.title_words, *_ASKED_WITH)
    near = extract(typed.lower(), known, scorer=OSA.distance, score_cutoff=2)
    return [word for word, _, _ in near]


def _read(typed: str, near: Sequence[str]) -> str:
    """What a word that is not known is read as; "" where that is doubtful."""
    word, key = fold(typed), heard(typed)
    alike = [other for other in near if heard(other) == key]
    if is_french(typed):  # « polisse » is a form of « polir », « patinoire » is what is asked about
        close = alike if len(word) >= _SOUND and is_inflected(typed) else []
    elif alike or any(is_french(typed + end) for end in _MUTE):  # « permi » is « permis »
        close = alike
    else:
        close = [other for other in near if _slips(word, fold(other))]
    return min(close, key=lambda other: OSA.distance(word, fold(other)), default="")


def _slips(word: str, other: str) -> bool:
    """Is it the other word with a letter or two mistyped? The first one is hardly ever wrong."""
    if word[0] != other[0] or min(len(word), len(other)) < _SLIP:
        return False
    return OSA.distance(word, other) <= (2 if len(word) >= _LONG_WORD else 1)


@lru_cache(maxsize=10_000)
def heard(word: str) -> str:
    """How a word sounds, typed with or without its accents and its plural.

    >>> heard("adopsion") == heard("adoption"), heard("chaufée") == heard("chauffée")
    (True, True)
    """
    plain = _PLURAL.sub("", fold(word))
    return sound(_SOFT_G.sub("j", _SOFT_C.sub("ss", plain)))


_HELLO = r"(?:bonjour|bonsoir|salut|hello|coucou|bjr|slt|hey)"
_PLEASE = r"(?:s'?il (?:vous|te) pla[iî]t|svp|stp|merci(?: (?:d'avance|beaucoup|bien|par avance))?)"
_LEAVE = r"(?:bonne (?:journee|soiree|fin de journee)|cordialement|bien a vous|au revoir)"
_HOW = r"(?:(?:comment )?ca va(?: bien)?|comment (?:allez-vous|vas-tu))"
_TELL = (
    r"(?:savoir|connaitre|comprendre|demander|retrouver|trouver|lire|entendre|voir|dire|indiquer"
    r"|expliquer|preciser|donner|chercher)"
)
_WISH = (
    r"(?:(?:je |j'|on |nous )(?:voudrais|voudrait|voudrions|aimerais(?: bien)?|aimerait|souhaite"
    r"|souhaiterais|voulais|veux|cherche a|cherchais a|essaie de|tenais a|me demande|me demandais)"
    rf"(?: (?:bien|juste|simplement))?(?: (?:vous |te |me |le |y )?{_TELL})?"
    r"|je (?:recherche|cherche|cherchais|me rappelle|me souviens|crois)"
    r"|(?:est-ce qu(?:e |'))?(?:vous |tu |quelqu'un |on )"
    r"(?:pouvez|pourriez|peux|pourrais|peut|pourrait)"
    rf" (?:me |nous |m')?{_TELL}"
    rf"|(?:pourriez|pouvez|peux|pourrais)-(?:vous|tu) (?:me |nous |m')?{_TELL}|savez-vous|sais-tu"
    r"|(?:est-ce qu(?:e |'))?(?:vous |tu )(?:auriez|avez|as) (?:la phrase|une idee|le passage)"
    r"|(?:dites|dis|expliquez|expliques?)[ -](?:moi|nous)|dites(?: voir)?"
    r"|j'ai (?:lu|entendu(?: dire)?|vu|cru comprendre) (?:que |qu'|dans le journal que )"
    r"|(?:ma|une|petite) question(?: (?:est|serait|porte sur|concerne))?|question(?= ?[:,]))"
)
_LINK = r"(?:(?: ?[,:] ?| )(?:si|juste|donc|un peu|euh|quand meme)(?= ))*(?: ?[,:] ?)?"
_AROUND = re.compile(
    rf"(?<![\w'-])(?:{_HELLO}(?: (?:a (?:tous|toutes|vous)|madame|monsieur|mesdames|messieurs))*"
    rf"|(?:(?<=[,.!?:;] )|(?<!\w ))(?:{_PLEASE}|{_LEAVE})|{_PLEASE}(?=[ .!?,]*(?:{_LEAVE}.*)?$)"
    r"|s'il (?:vous|te) plait|euh+|heu+|hein|ben|bah|bon ben|du coup|en fait|enfin bref|au juste"
    r"|a vrai dire|je crois(?: bien)?|il me semble|si possible|finalement|au final|exactement"
    r"|si je me (?:trompe|souviens)(?: pas| bien)?|(?:est-ce que )?c'est vrai que|quelque part"
    r")(?![\w'-])[ ,.!:;]*|\ble fait (?=de |d')|\best-ce vrai qu(?:e |')"
)
_OPENING = re.compile(
    rf"^[ ,.!:;]*(?:(?:alors|voila|oui|bon|donc|et|ok)[ ,]+(?=(?:je|j'|est-ce|voila|{_WISH})))*"
    rf"(?:{_WISH}){_LINK}(?=\W|$)"
)
_LATER = re.compile(rf"(?<=[,.;:?!] )(?:{_WISH}){_LINK}(?=\W)")
_MINE = re.compile(
    r"\b(?:pour|avec) (?:ma|mon|mes|moi|nous) ?(?:petite? |grande? |deux |trois )?"
    r"(?:fille|fils|enfants?|mari|femme|famille|mere|pere|voisins?|gosses?|petite?s?|eleves?)?\b"
)
_PART = re.compile(r"[^,.;:?!]+[,.;:?!]*")
_OF_ASKER = re.compile(
    r"\W*(?:et |mais |car |voila |parce que |donc |alors |puis )*"
    r"(?:(?:je|j'|nous|on) ?(?:suis|sommes|viens|vais|passe|vis|vivons|l'ai|ecris|parle|fai[st]"
    r"|habit\w+|travaill\w+|m'appelle|vous ecri\w+|pren\w+|utilis\w+|prepare|precise"
    r"|ai (?:\w+ )?(?:enfants?|ans|pas (?:bien )?compris|lu|entendu|vu)|n'ai|n'arrive"
    r"|ne (?:sais|comprends|trouve)|me (?:permets|pose|demande|presente)|voudrais (?:la|le) citer"
    r"|vous (?:remercie|prie|souhaite))"
    r"|mon (?:nom|mari|fils|pere)|ma (?:femme|fille|mere|compagne)|mes (?:enfants|voisins|parents)"
    r"|en tant que|c'est pour (?:mon|ma|un|une|mes)|habitante? d|(?:mere|pere|maman|papa) d"
    r"|retraitee?|etudiante?|desole|excusez|pardon|comme (?:je|vous)|si quelqu'un"
    r"|je crois)\b"
)
_ASKS = re.compile(
    r"\b(?:combien|quand|pourquoi|comment|quels?|quelles?|qui|quoi|qu'|que|ou|est-ce|lequel"
    r"|laquelle)\b"
)
_SENTENCE = re.compile(r"[^.?!]+[.?!]*")
_ENOUGH_STEMS = 4  # of a sentence that asks: fewer lean on what was said before it
_GREETING = re.compile(
    rf"\W*(?:(?:{_HELLO}|{_HOW}|{_PLEASE}|{_LEAVE}|hi|thanks|thank you|danke|gracias"
    r"|obrigad[oa]|grazie|hola|ola|ciao|guten tag|hallo)\W*){1,4}"
)
_LONG = 25  # words from which a question is a paragraph: its parts about the asker are left out


@dataclass(frozen=True)
class ReadQuestion:
    """What of a question is read; `greets`: nothing was asked, hello or thanks were said."""

    text: str
    repairs: tuple[Repair, ...] = ()
    greets: bool = False


def reading_of(question: str, vocabulary: Vocabulary) -> ReadQuestion:
    """A question as it is read. One that is nothing but politeness is left as it was typed."""
    if _GREETING.fullmatch(Folded.of(question).text):
        return ReadQuestion(question, greets=True)
    if question_language(question) != "fr":
        return ReadQuestion(question)
    full = spelt_out(question, lambda word: any(map(vocabulary.words.knows, stems(word))))
    text = without_chatter(full)
    if found := repairs(text, vocabulary):
        text = without_chatter(repaired(text, found))
    return ReadQuestion(text or question, found)


def without_chatter(question: str) -> str:
    """A French question without what is only said around it; "" where nothing else is."""
    text = _questions(_without_parts(question))
    for pattern, tries in ((_AROUND, 1), (_OPENING, 2), (_LATER, 1), (_MINE, 1)):
        for _ in range(tries):
            text = _cut(text, pattern)
    return text if re.search(r"\w", text) else ""


def _cut(question: str, pattern: re.Pattern[str]) -> str:
    folded = Folded.of(question)
    stretches = [Stretch(*match.span()) for match in pattern.finditer(folded.text)]
    return _kept(folded, stretches) if stretches else question


def _without_parts(question: str) -> str:
    """Of a paragraph, the parts that do not speak of the asker alone."""
    folded = Folded.of(question)
    if len(folded.text.split()) < _LONG:
        return question
    parts = [Stretch(*match.span()) for match in _PART.finditer(folded.text)]
    personal = [part for part in parts if _of_asker(folded.text[part.start : part.end])]
    kept = _kept(folded, personal)
    return kept if len(set(stems(kept))) >= _ENOUGH_STEMS else question


def _of_asker(part: str) -> bool:
    return bool(_OF_ASKER.match(part)) and not _ASKS.search(part)


def _questions(question: str) -> str:
    """Of a paragraph, the sentences that ask, where they say what they are about."""
    folded = Folded.of(question)
    if len(folded.text.split()) < _LONG:
        return question
    each = [Stretch(*match.span()) for match in _SENTENCE.finditer(folded.text)]
    asking = [s for s in each if folded.text[s.end - 1] == "?" and _tells(folded, s)]
    return _kept(folded, [s for s in each if s not in asking]) if asking else question


def _tells(folded: Folded, sentence: Stretch) -> bool:
    return len(set(stems(folded.typed(sentence)))) >= _ENOUGH_STEMS


def _kept(folded: Folded, cut: list[Stretch]) -> str:
    """The question without some stretches, spaces tidied."""
    pieces, at = [], 0
    for stretch in cut:
        pieces.append(folded.typed(Stretch(at, stretch.start)))
        at = stretch.end
    if at < len(folded.text):
        pieces.append(folded.typed(Stretch(at, len(folded.text))))
    return " ".join(" ".join((*pieces, folded.unread)).split()).strip(" ,;:")
