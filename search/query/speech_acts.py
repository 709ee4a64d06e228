"""Whether a question asks for the words of a person it names, or only mentions them.

« Qu'a dit Madame Fontanet » wants her words, « l'amendement de Rochat » wants none. Patterns over
folded text, before and after a name; who the name is, is not known here. French first; the
languages that readers ask in as well.
"""

import re
from dataclasses import dataclass
from enum import IntEnum

from search.language.offsets import Stretch

# Verbs by which a speaker's words are asked for; those that take a person as their object apart.
_SAYS = (
    r"(?:di(?:t|s(?:ai(?:t|ent)|ent)?|re)|repon(?:d(?:u|ent|ait|aient)?)|parl(?:e|ent|ait|er)"
    r"|(?:declar|demand|propos|pens|expliqu|affirm|annonc|racont|estim|evoqu|precis|ajout"
    r"|rappel|rappell|souhait|suggere|sugger|recommand|justifi|argument|avanc|mentionn|reclam|exig"
    r"|assur|confirm|insist|regrett|plaid|pretext|exprim|imagin|prefer|prefere|observ|constat|pos"
    r"|developp|invoqu|qualifi|donn|vot|denonc|redout|juge|jug|relev|soulign|repliqu|retorqu|cit|articul|soulev)"
    r"(?:e|es|ent|ait|aient|er)?"
    r"|prom(?:et|ettent|is)|veu(?:t|lent)|voul(?:u|ait|aient)|crai(?:nt|gnent)|conclu[ts]?"
    r"|preten(?:d|dent|du)|interven(?:u|ue|us|ues|ait)|intervien(?:t|nent)|dement|croi(?:t|ent))"
)
_OF_PEOPLE = (
    r"(?:soutenu|soutien(?:t|nent)|soutenait|defend(?:u|ent)?|(?:reproch|critiqu|accus|interpell"
    r"|salu|remerci|refus|attaqu|contest|combat|approuv|reag|souten)(?:e|es|ent|ait|i|it|ir)?"
    r"|(?:s'|se )?(?:oppos|inquiet|engag)(?:e|es|ent|ait))"
)
SAYS = rf"(?:{_SAYS}|{_OF_PEOPLE}|pris la parole|pren(?:d|nent) la parole)"
STANCE = (
    r"(?:contre|pour|favorables?|defavorables?|d'accord|opposee?s?|en faveur|satisfaite?s?"
    r"|convaincue?s?|hostiles?|d'avis|reticente?s?|inquiete?s?|partage?e?s?)"
)
WORDS_OF = (
    r"(?:avis|positions?|opinions?|propos|mots?|discours|interventions?|declarations?|paroles?"
    r"|arguments?|reponses?|points? de vue|remarques?|critiques?|reactions?|explications?"
    r"|prises? de (?:position|parole)|temoignages?|reproches?|craintes?|promesses?|plaidoyers?"
    r"|chiffres?|attitude|objections?|reserves?|justifications?|argumentaire|argumentation)"
)
_FOREIGN_BEFORE = (
    r"(?:did|does|do|according to|laut|gemass|sagt|sagte|meint|meinte|denkt|fordert|findet|halt"
    r"|antwortete?|dijo|dice|dicho|opina|opino|piensa|propuso|propone|respondio|pidio|segun"
    r"|declaro|explico|defendio|disse|diz|dito|pensa|propos|respondeu|pediu|segundo|declarou"
    r"|explicou|defendeu|detto|risposto|proposto|secondo|chiesto|spiegato"
    r"|قال|قالت|يقول|تقول|قول|راي|رأي|حسب|رد|ردت|صرح|صرحت)"
)
_FOREIGN_SAYS = (
    r"(?:say|says|said|thinks?|thought|answer(?:ed|s)?|propose[ds]?|ask(?:ed|s)?|explain(?:ed|s)?"
    r"|argue[ds]?|claim(?:ed|s)?|repl(?:y|ied|ies)|promised?|announced?|sagt|sagte|meint|meinte"
    r"|denkt|dijo|dice|ha dicho|opina|piensa|disse|diz|pensa|ha detto|ha risposto)"
)
_FOREIGN_OF = (
    r"(?:opinion|position|views?|answer|reply|statements?|speech|remarks|meinung|haltung|ansicht"
    r"|antwort|rede|voten|postura|respuesta|palabras|opiniao|posicao|resposta|palavras|opinione"
    r"|posizione|risposta|parole) (?:of|von|de|da|do|di|del|della)"
)

_GERMAN_SAID = re.compile(
    r"\b(?:gesagt|gemeint|geantwortet|gefordert|erklart|gesprochen|geaussert|vorgeschlagen)\b"
)
_THEM = r"(?:(?:n'|ne |y |en |s'|se |l'|le |la |les |leur |lui |nous |vous |m'|me )*)"
_HAVE = r"(?:a|ont|avait|avaient|est|sont|etait|aurait|auraient|va|vont|peut|doit) "
_ADVERB = r"(?:(?:jamais|pas|toujours|deja|aussi|souvent|bien|vraiment|encore|donc|reellement) )*"
_BY_WORDS = re.compile(
    rf"(?:\b{_SAYS}|\bselon|\bd'apres|\bsuivant|\ben croire|\bla part d[eu]s?|\bpar la voix d[eu]s?"
    rf"|\b{WORDS_OF}|\b{_FOREIGN_BEFORE}),? (?:(?:donc|alors|hier|deja|aussi|encore"
    r"|savoir|dire|faire|obtenir|changer) )?$"
)
_ASKS_HOW = re.compile(
    rf"\b(?:qu'|que |comment |pourquoi |quand |combien |quoi |quelles? \w+ |quels? \w+ )"
    rf"(?:a |ont |avait |en )?{_OF_PEOPLE} $"
)
_WORDS_BY = re.compile(rf"\b{WORDS_OF} (?:de |d'|du |des |de la |de l')?$")
_FOREIGN_WORDS_OF = re.compile(rf"\b{_FOREIGN_OF} (?:the |la |el |a |o |il )?$")
_GERMAN_ASKS = re.compile(r"\b(?:hat|haben) $")
_SAID_BY = re.compile(
    r"\b(?:dite?s?|evoquee?s?|avancee?s?|citee?s?|mentionnee?s?|annoncee?s?|affirmee?s?|donnee?s?"
    r"|expliquee?s?|promise?s?|articulee?s?|exprimee?s?|prononcee?s?) par $"
)
_ACCORDING = re.compile(r"\b(?:selon|d'apres|according to|laut|segun|segundo|secondo),? $")
_CITED = re.compile(
    rf"(?:\b(?:selon|d'apres|suivant|croire|la part d[eu]s?|la voix d[eu]s?|{WORDS_OF}"
    rf"|according to|laut|gemass|segun|segundo|secondo)|حسب),? (?:de |d'|du |des )?$"
)
_REPORTED = re.compile(
    r"\b(?:citee?s?|rapportee?s?|rappelee?s?|evoquee?s?|invoquee?s?|lue?s?) par\b|\bquoted by\b"
    r"|\b(?:selon|d'apres|according to|laut) "
)
_FRAME = (
    80  # letters beside a name in which its verb stands; whole questions took six times as long
)
_SUBJECT_QUI = re.compile(r"^\W*(?:et )?(?:qui|lequel|laquelle|lesquel(?:le)?s)(?! est-ce que?)\b")
_NOT_SUBJECT = re.compile(
    r"(?:\b(?:a|au|aux|contre|avec|sur|pour|par|envers|chez|de|du|des)|\b[dl]') ?$"
)
_RELATIVE = re.compile(r"\b(?!ce\b|est-ce\b|parce\b)[\w]+ (?:que |qu')(?:a |ont )?$")

_INVERTED = re.compile(
    r"^,? (?:(?:n'|s'|ne |se |y |en |l')*)(?P<verb>\w+)(?:-t)?-(?:il|elle|ils|elles)\b(?P<rest>.*)"
)
_SPEAKS = re.compile(rf"^,? {_THEM}(?:{_HAVE}{_THEM})?{_ADVERB}(?:ete )?{SAYS}\b")
_STANDS = re.compile(
    rf"^,? (?:n'|ne )?(?:est|sont|etait|etaient|serait|seraient|reste|restent) {_ADVERB}{STANCE}\b"
)
_TAKEN_UP = re.compile(
    rf"^, .{{0,30}}\b(?:{SAYS}(?:-t)?-(?:il|elle|ils|elles)\b|-?t-(?:il|elle) (?:\w+ )?{SAYS}\b)"
)
_SAYS_ABROAD = re.compile(rf"^,? {_FOREIGN_SAYS}\b|^'s? (?:position|opinion|view|answer|speech)")
_PASSIVE = re.compile(
    r"^ (?:pas |jamais )?(?:ete|elue?s?|nommee?s?|morte?s?|partie?s?|arrivee?s?)\b"
)
_SAYING = re.compile(rf"^ (?:(?:pas|jamais|deja|aussi|bien|toujours|souvent|reellement) )*{SAYS}\b")
_STANDING = re.compile(rf"^ (?:(?:pas|toujours|aussi|vraiment|plutot) )*{STANCE}\b")
_HEADLINE = re.compile(r"^(?: ?:| sur| a propos| au sujet| concernant|$)")


class Wanted(IntEnum):
    """How surely a speaker's words are asked for."""

    NO = 0
    PERHAPS = 1  # prefer the speaker, exclude no other
    YES = 2


@dataclass(frozen=True)
class Name:
    """Where a person or a party is named: `whole` with title or article, before `end`.

    `contracted`: its article holds a preposition (des, du, aux).
    """

    whole: Stretch
    contracted: str = ""


def wants_words(text: str, name: Name) -> Wanted:
    """Does this folded question ask for the words of the one named there?"""
    before, after = text[: name.whole.start], text[name.whole.end :]
    if _by_frame_before(text, before, after, name.contracted):
        return Wanted.YES
    if _SAID_BY.search(before):
        return Wanted.PERHAPS
    if name.contracted or _NOT_SUBJECT.search(before):
        return Wanted.NO
    relative = bool(_RELATIVE.search(before))
    if relative:
        return min(_after(after), Wanted.PERHAPS)
    return max(_after(after), _alone(before, after))


def speaks(text: str, name: Name) -> bool:
    """Is the one named there said to have spoken, and not only cited: « selon X », « l'avis de X »?

    What somebody said elsewhere may be told by others.
    """
    start, end = name.whole.start, name.whole.end
    before, after = text[max(0, start - _FRAME) : start], text[end : end + _FRAME]
    if name.contracted or _NOT_SUBJECT.search(before):
        return False
    said = _BY_WORDS.search(before) or _is_german(before, after) or _after(after) is Wanted.YES
    if not said:
        return False
    return not any(p.search(text) for p in (_SUBJECT_QUI, _REPORTED)) and not _CITED.search(before)


def _by_frame_before(text: str, before: str, after: str, contracted: str) -> bool:
    """What stands before a name asks for its words: « qu'a dit », « l'avis de »."""
    words_of = re.search(rf"\b{WORDS_OF} $", before)
    if contracted:
        return contracted in ("des", "du", "de") and bool(words_of)
    if _WORDS_BY.search(before) or _FOREIGN_WORDS_OF.search(before):
        return not words_of
    if _SUBJECT_QUI.search(text):  # « Qui critique Mme Keller ? » wants other speakers
        return bool(_ACCORDING.search(before))
    return bool(_is_german(before, after) or _BY_WORDS.search(before) or _ASKS_HOW.search(before))


def _is_german(before: str, after: str) -> bool:
    """« Was hat Frau Keller gesagt? »: does the verb stand around the name?"""
    return bool(_GERMAN_ASKS.search(before) and _GERMAN_SAID.search(after))


def _after(after: str) -> Wanted:
    """What follows a name as its verb."""
    if any(p.search(after) for p in (_SPEAKS, _STANDS, _SAYS_ABROAD, _TAKEN_UP)):
        return Wanted.YES
    inverted = _INVERTED.search(after)
    if not inverted:
        return Wanted.NO
    verb, rest = inverted["verb"], inverted["rest"]
    if re.fullmatch(SAYS, verb) or _SAYING.search(rest) or _STANDING.search(rest):
        return Wanted.YES
    return Wanted.NO if _PASSIVE.search(rest) else Wanted.PERHAPS


def _alone(before: str, after: str) -> Wanted:
    """« Fontanet : éclairage », « Mme Keller sur la piscine »: a name that opens keywords."""
    if before.strip(" «\"'([") or re.search(r"\?\s*$", after):
        return Wanted.NO
    return Wanted.YES if _HEADLINE.search(after) else Wanted.PERHAPS
