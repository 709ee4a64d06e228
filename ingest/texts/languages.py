"""Which language a text is written in, by its commonest words. Pure; knows four, guesses nothing.

Published debates give a language that is often the document's, not the words'.
"""

from collections import Counter

from ingest.text import fold

_COMMON = {
    "fr": "le les des du et est que qui dans pour une nous vous pas sur au ce cette par plus avec",
    "de": "der das und ist nicht ich sie wir ein eine mit auf fur dem den auch sich es von zu dass",
    "it": "il gli che della delle per non sono una questo con nel anche piu alla ho dal dei si lo",
    "en": "the and of to is that we you this for it with are have not be was on our will as",
}
_LANGUAGES_OF = {
    word: {language for language, words in _COMMON.items() if word in words.split()}
    for words in _COMMON.values()
    for word in words.split()
}
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
