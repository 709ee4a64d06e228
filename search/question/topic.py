"""What is left of a question to search for, once filters and the words that only ask are cut out.

« Qu'a dit Mme Fontanet sur l'éclairage public en mai ? » is about « l'éclairage public ». Words are
cut from the beginning as long as they ask, never from the middle: content is kept when in doubt.
"""

import re
from collections.abc import Iterable, Sequence

from search.folded import Folded, Stretch
from search.french import stems
from search.question.speaking import SAYS, WORDS_OF

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
    r"|[ -](?:a|ont|est|sont)(?:-t-)?(?:il|elle|ils|elles)? (?:(?:bien|finalement|deja) )?"
    r"(?:(?:ete )?(?:accept|refus|adopt|rejet|class|vot)ee?s?(?: ou (?:\w+))?|passee?s?)"
    r"|[ ,](?:s'il (?:vous|te) plait|svp|merci))\W*$"
)
_DANGLING = re.compile(
    rf"(?:(?<![ ,;:-])[ ,;:-]++(?:de|du|des|d'|en|par|a|au|sur|pour|et|ou|le|la|l'|les|que)){1, 8}"
    rf" *{SLOT}\W*$"
)
_EDGES = " \t\n,;:.?!¿¡«»\"“”()[]-–—…'’/؟،"


def topic_of(question: Folded, cut: Sequence[Stretch]) -> str:
    """What a question is about, as it was typed; "" where all its words are filters or ask."""
    text = masked(question.text, cut)
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
    if word == SLOT or word in _ASKING or word in _NOUNS or _ASKING_VERB.fullmatch(word):
        return 1
    following = tokens[at + 1].group() if at + 1 < len(tokens) else ""
    if word in _ARTICLES | _PREPOSITION and (following in _NOUNS or following == SLOT):
        return 2
    return 0


def _article(tokens: Sequence[re.Match[str]], at: int) -> bool:
    """Is it the elided article of a topic (« l'éclairage »), rather than a preposition?"""
    return tokens[at].group() == "l'"
