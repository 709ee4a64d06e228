"""What text functions are tried on: a French lexicon, the words of the golden tables, any Unicode.

The lexicon is that of simplemma (MIT): 250,000 forms, verbs in all their tenses among them. Tests
take a part of it, always the same one, and all of it where `VERBATIM_STRESS` is set.
"""

import os
from collections.abc import Iterator, Sequence
from functools import cache

from hypothesis import strategies as st
from simplemma.strategies.dictionaries import DefaultDictionaryFactory

from tests.support import paths

STRESS = bool(os.environ.get("VERBATIM_STRESS"))
GOLDEN = paths.GOLDEN

# What has broken readers of text, here or elsewhere: digits that `int` does not read, numbers that
# it does not read for their length, letters that grow when they are folded, marks, emptiness.
_STRANGE = (
    *("ions", "²", "½", "Ⅻ", "٣", "৪৭", "①", "9" * 5_000, "99999999999", "0", "-1", "1e9"),
    *("İ", "ı", "ß", "ﬁ", "ſ", "Œ", "ŉ", "é", "\u0301", "\u0345", "ͅ", "e\u0301\u0323", "ﷺ"),
    *(
        "\u200b",
        "\u00ad",
        "\u202e",
        "\ufeff",
        "\u2028",
        "\x00",
        "\x85",
        "\U0001f600",
        "中文",
        "العربية",
    ),
    *(
        "'",
        "’",
        "«",
        "»",
        "(",
        ")",
        "[",
        "]",
        "-",
        "--",
        "—",
        "·",
        "/",
        "…",
        "?",
        "!",
        ".",
        ",",
        ";",
    ),
    *(
        "M.",
        "Mme",
        "l'",
        "d'",
        "PR-12",
        "M-7 A",
        "1'500'000",
        "3,5",
        "%",
        "CHF",
        "17h30",
        "31.02.2025",
    ),
    *(
        "31 février",
        "an 0",
        "2025-13-45",
        "00:00",
        "29.2.1900",
        "9999",
        "le 0 mai",
        "siècle",
        "xxxix",
    ),
)


@cache
def french_words() -> tuple[str, ...]:
    """All forms of the lexicon, sorted."""
    return tuple(sorted(DefaultDictionaryFactory().get_dictionary("fr")))


def sample(words: Sequence[str], count: int) -> Sequence[str]:
    """Some of the words, evenly taken and always the same; all of them under stress."""
    return words if STRESS else words[:: max(1, len(words) // count)]


def ends(words: Sequence[str]) -> Iterator[str]:
    """Every beginning and every end of some words, the empty one and the words among them."""
    for word in words:
        for at in range(len(word) + 1):
            yield word[:at]
            yield word[at:]


@cache
def spoken_words() -> tuple[str, ...]:
    """The words of all that the golden tables ask and say, as it is written there."""
    lines = (
        line
        for path in sorted(GOLDEN.glob("*.tsv"))
        for line in path.read_text("utf-8").splitlines()
    )
    return tuple(sorted({word for line in lines for word in line.split()}))


_WORDS = st.sampled_from(spoken_words()) | st.sampled_from(_STRANGE)
_WORDS |= st.sampled_from(french_words()) | st.text(max_size=6)
_BETWEEN = st.sampled_from((" ", " ", " ", "-", "'", "", ". ", ", ", "\u00a0", "\n"))
WRITTEN = st.lists(st.tuples(_WORDS, _BETWEEN), max_size=12).map(
    lambda parts: "".join(word + between for word, between in parts)
)
ANY_TEXT = st.text() | WRITTEN
