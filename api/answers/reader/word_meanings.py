"""How much of a question in another language is said: its words beside a text's, by meaning.

Whole sentences of two languages are near for their form alone: what something costs, when it opens.
A word is near its translation; the name of a subject that was not discussed (a cable car) is near
no word of the text. Question words (« how much », « geplant ») are left out. Does not know runs of
sentences, nor thresholds.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from ingest.text import fold
from search.language.stopwords import FUNCTION_WORDS
from search.passage import Embedder, Vectors

_WORD, _ANY_WORD = re.compile(r"[^\W\d_]{3,}"), re.compile(r"[^\W\d_]+")
_MOST_KEPT = 20_000  # words with a vector of 1.5 KB each: 30 MB, as many as a council's year has
_MOST_ASKED = 12  # content words of one question that are looked at: more are a paste
# What asks, in six languages: how much, when, was it said, planned, decided; forms are folded.
_ASKING_WORDS = """
    cost costs price much many plan planned said say says council vote voted votes decide decided
    decision result new year years long opposed against about get according done here happened
    kostet kosten preis viel viele geplant gesagt neue neuen neues neuer gibt gab lange gemeinderat
    laut beschlossen entschieden jahr gegen uber wurde wurden wird werden ins pro jedes waren
    cuesta cuestan costo precio esta previsto prevista dijo nuevo nueva habra segun contra consejo
    costa costano prezzo cosa detto nuovo nuova sara saranno consiglio contro secondo stato stati
    state dell della nell nella sull sulla all dal sul
    custa custam preco novo nova disse havera conselho segundo sobre dos das
    كم تكلف يكلف تكلفة عدد هل هناك قيل ماذا متى عن التي الذي الذين له حسب الجديد الجديدة
"""
_ASKING = FUNCTION_WORDS | frozenset(_ASKING_WORDS.split())


def content_words(text: str) -> tuple[str, ...]:
    """The words of a text that may name a thing, each once.

    >>> content_words("Wie viel kostet der Veloweg?")
    ('Veloweg',)
    """
    words = dict.fromkeys(_WORD.findall(text))
    return tuple(word for word in words if fold(word) not in _ASKING)


def _pairs(text: str, content: Sequence[str]) -> list[tuple[str, str]]:
    """Content words that stand side by side: a « cycle track » is neither cycle nor track."""
    beside = pairwise(_ANY_WORD.findall(text))
    return [pair for pair in beside if pair[0] in content and pair[1] in content]


class WordMeanings:
    """Compares words by an embedder's vectors, which are remembered."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._kept: dict[str, Vectors] = {}

    def shares(self, question: str, texts: Sequence[str]) -> list[float]:
        """How much of a question each text says, up to 1: the mean of its words' nearest ones.

        1 for all texts where the question has no content word. Nearness is a cosine of what is left
        of two vectors without what all words of the texts have in common.
        """
        asked = content_words(question)[:_MOST_ASKED]  # German nouns need their capital
        said = [content_words(text.lower()) for text in texts]
        words = tuple(dict.fromkeys(word for held in said for word in held))
        if not asked:
            return [1.0] * len(texts)
        if not words:
            return [0.0] * len(texts)
        pairs = _pairs(question, asked)
        vectors = self._vectors((*words, *asked, *map(" ".join, pairs)))
        own = _unit(vectors - vectors[: len(words)].mean(axis=0))
        nearness = own[len(words) :] @ own[: len(words)].T
        for both, pair in zip(nearness[len(asked) :], pairs, strict=True):
            for word in pair:
                one = nearness[asked.index(word)]
                np.maximum(one, both, out=one)
        nearness = nearness[: len(asked)]
        rows = {word: n for n, word in enumerate(words)}
        held_rows = ([rows[word] for word in held] for held in said)
        return [float(nearness[:, held].max(axis=1).mean()) if held else 0.0 for held in held_rows]

    def _vectors(self, words: Sequence[str]) -> Vectors:
        """A vector for each word, shape (len(words), dimension)."""
        if len(self._kept) > _MOST_KEPT:
            self._kept = {}
        kept = self._kept
        fresh = [word for word in dict.fromkeys(words) if word not in kept]
        kept.update(zip(fresh, self._embedder.documents(fresh), strict=True))
        return np.stack([kept[word] for word in words])


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1.0), np.float32)
