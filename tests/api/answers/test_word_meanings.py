"""What a text says of a question in another language, word by word."""

from collections.abc import Sequence

import numpy as np
import pytest

from api.answers.reader.word_meanings import WordMeanings, content_words
from search.passage import Vectors

_MEANINGS = (  # each a direction
    ("piste", "radweg", "cycle track"), ("coûter",), ("piscine",), ("séance",), ("canton",),
)  # fmt: skip


class _Words:
    """Embeds a word by what it means; words that mean nothing known are apart from all."""

    name, dimension = "words", len(_MEANINGS) + 1

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def documents(self, texts: Sequence[str]) -> Vectors:
        self.embedded += texts
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for n, text in enumerate(texts):
            known = [m for m, words in enumerate(_MEANINGS) if text.lower() in words]
            vectors[n, known[0] if known else -1] = 1.0
        return vectors

    queries = documents


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Wie viel kostet der Radweg?", ("Radweg",)),
        ("What does the cycle track cost?", ("cycle", "track")),
        ("¿Está previsto un teleférico?", ("teleférico",)),
        ("Cosa si è detto dell'aeroporto?", ("aeroporto",)),
        ("كم تكلف مسار الدراجات؟", ("مسار", "الدراجات")),
        ("Was wurde gesagt?", ()),
    ],
)
def test_what_only_asks_is_no_content(question: str, words: tuple[str, ...]) -> None:
    assert content_words(question) == words


def test_a_text_that_speaks_of_the_thing_says_more_than_one_that_does_not() -> None:
    track, pool = WordMeanings(_Words()).shares(
        "Was kostet der Radweg?", ["La piste va coûter au canton.", "La piscine, en séance."]
    )
    assert track > 0.9
    assert pool < 0.2


def test_two_words_may_mean_one_thing() -> None:
    texts = ["La piste du canton.", "La piscine."]
    track, pool = WordMeanings(_Words()).shares("What does the cycle track cost?", texts)
    assert track > 0.9
    assert pool < 0.2
    apart = WordMeanings(_Words()).shares("How long is the track of a cycle?", texts)
    assert max(apart) < 0.2


def test_what_nobody_spoke_of_is_near_nothing() -> None:
    texts = ["La piste va coûter au canton.", "La piscine, en séance."]
    assert max(WordMeanings(_Words()).shares("Ist eine Seilbahn geplant?", texts)) < 0.2


def test_a_question_without_content_and_texts_without_words() -> None:
    meanings = WordMeanings(_Words())
    assert meanings.shares("Was wurde gesagt?", ["La piste.", "…"]) == [1.0, 1.0]
    assert meanings.shares("Was kostet der Radweg?", ["…", ""]) == [0.0, 0.0]
    assert meanings.shares("Was kostet der Radweg?", []) == []
    assert meanings.shares("Was kostet der Radweg?", ["La piste du canton.", "12"])[1] == 0.0


def test_a_word_is_embedded_once() -> None:
    words = _Words()
    meanings = WordMeanings(words)
    for _ in range(2):
        meanings.shares("Was kostet der Radweg?", ["La piste, la piste du canton."])
    assert sorted(words.embedded) == ["Radweg", "canton", "piste"]
