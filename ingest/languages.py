"""Which language a text is written in, by its commonest words. Pure; knows four, guesses nothing.

Published debates give a language that is often the document's, not the words'.
"""

import re
from collections import Counter

from ingest.text import fold

_COMMON = {
    "fr": "le les des du et est que qui dans pour une nous vous pas sur au ce cette par plus avec",
    "de": "der das und ist nicht ich sie wir ein eine mit auf fur dem den auch sich es von zu dass",
    "it": "il gli che della delle per non sono una questo con nel anche piu alla ho dal dei si lo",
    "en": "the and of to is that we you this for it with are have not be was on our will as",
}
TOLD_APART = frozenset(_COMMON)
"""The languages of which `language_of` tells one."""
_LANGUAGES_OF = {
    word: {language for language, words in _COMMON.items() if word in words.split()}
    for words in _COMMON.values()
    for word in words.split()
}
# Common words that tell a language, and how many times those of the next one: fewer leave a
# paragraph untold. Chosen on parliaments' debates, not measured apart.
_LEAST, _AHEAD = 3, 2.0


def language_of(text: str) -> str | None:
    """The code of a text's language, None where its words are too few or too mixed to tell.

    >>> language_of("Ich bitte Sie, den Antrag der Minderheit zu unterstützen.")
    'de'
    """
    words = (word.strip(".,;:!?()«»\"'") for word in fold(text).split())
    found = Counter(language for word in words for language in _LANGUAGES_OF.get(word, ()))
    (best, times), (_, second) = (*found.most_common(2), ("", 0), ("", 0))[:2]
    return best if times >= _LEAST and times > _AHEAD * second else None


# In which of seven languages a question is asked: by its script and its small words.


_ARABIC = re.compile(r"[\u0600-\u06ff]")
_WORD = re.compile(r"[^\W\d_]+")
_SMALL = {
    "fr": """le la les l un une des du de d et est a sur qu que qui quoi quel quelle quels quelles
        pourquoi comment combien quand ou ont dit pour dans avec au aux en ce cette il elle on ne
        pas t sont ete motion seance par koi kel ki ke kan cb pk pr tps veu di i o""",
    "de": """der die das den dem des ein eine einen und ist hat haben uber was wer wie wann warum
        wieviel viele wo fur mit von zum zur im auf nicht gesagt wurde kostet frau herr gegen sind
        beschlossen gemeinderat ueber fuer""",
    "en": """the of and is was were has have did does do about what who how when why where which
        much many for with on in by said say against to from they a an there be any new""",
    "es": """el los las una unos y es fue ha han sobre que quien como cuando por para con del cuanto
        cuesta dijo cual donde se en la lo contra senor senora cuanta cuantos segun cual
        cuales hay quienes dice piscina a esta nueva nuevo habra""",
    "pt": """o os as um uma e foi tem sobre que quem como quando por para com do da dos das no na
        quanto custa disse qual onde se em contra senhor senhora quantos ao nao
        quais quantas segundo uma pelo pela faz se a esta nova havera""",
    "it": """il lo gli i una e ha hanno su che chi come quando per con del della dei delle nel nella
        quanto costa detto quale dove si contro signor signora cosa perche sono stato
        quanti quante quali alla delle dalla secondo in di da a ci una nuova nuovo sara""",
}
_WORDS = {language: frozenset(words.split()) for language, words in _SMALL.items()}
_OWN = {
    language: words.difference(*(other for key, other in _WORDS.items() if key != language))
    for language, words in _WORDS.items()
}
_SHARED, _ENOUGH = 0.35, 1.0  # three shared words weigh as one own word, which is enough to tell
_LETTERS = (
    ("de", 1.0, re.compile("[äöüß]")),
    (
        "es",
        3.0,
        re.compile("[¿¡]"),
    ),  # no French question has these: they tell more than three words
    ("es", 1.0, re.compile("ñ")),
    ("it", 1.0, re.compile(r"\bè\b")),
    ("pt", 2.0, re.compile("[ãõ]")),
)


def question_language(question: str) -> str:
    """One of fr, de, en, es, pt, ar, it.

    >>> question_language("Was hat Frau Keller über die Badi gesagt?")
    'de'
    """
    if len(_ARABIC.findall(question)) > len(question.split()):
        return "ar"
    words = _WORD.findall(fold(question))
    scores = {
        language: sum(
            1.0 if w in _OWN[language] else _SHARED for w in words if w in _WORDS[language]
        )
        for language in _WORDS
    }
    for language, weight, letters in _LETTERS:
        scores[language] += weight if letters.search(question.casefold()) else 0.0
    best = max(scores, key=lambda language: (scores[language], language == "fr"))
    return best if scores[best] >= _ENOUGH and scores[best] > scores["fr"] else "fr"
