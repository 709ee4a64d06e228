"""A question as it is read: in whole words, well spelt, without what is only said around it.

Greetings, thanks, « euh », « je voudrais savoir », who the asker is: none of it is what a question
is about, and each of its words would be searched for. Of a dictated paragraph, the parts that speak
of the asker alone go too. What is left is French as `parse` reads it; another language stays.
"""

import re
from dataclasses import dataclass

from ingest.languages import question_language
from search.language.offsets import Folded, Stretch
from search.language.short_forms import spelt_out
from search.language.stems import stems
from search.query.misspelt import repaired, repairs
from search.query.parsed import Repair
from search.query.vocabulary import Vocabulary

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
class Reading:
    """What of a question is read; `greets`: nothing was asked, hello or thanks were said."""

    text: str
    repairs: tuple[Repair, ...] = ()
    greets: bool = False


def reading_of(question: str, vocabulary: Vocabulary) -> Reading:
    """A question as it is read. One that is nothing but politeness is left as it was typed."""
    if _GREETING.fullmatch(Folded.of(question).text):
        return Reading(question, greets=True)
    if question_language(question) != "fr":
        return Reading(question)
    full = spelt_out(question, lambda word: any(map(vocabulary.words.knows, stems(word))))
    text = without_chatter(full)
    if found := repairs(text, vocabulary):
        text = without_chatter(repaired(text, found))
    return Reading(text or question, found)


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
