"""Understand a question: what is asked about, which kind of answer, and which filters it names.

Pure. (Being written: the types are settled, the reading is a stub that filters nothing.)
"""

from datetime import date

from search.filters import EVERYTHING, Filters
from search.understood import Chip, Field, Intent, Outcome, Understood
from search.vocabulary import Vocabulary

__all__ = ["Chip", "Field", "Intent", "Outcome", "Understood", "understand"]


def understand(
    question: str,
    vocabulary: Vocabulary,
    today: date,
    *,
    filters: Filters = EVERYTHING,
    removed: frozenset[str] = frozenset(),
) -> Understood:
    """What a question asks. `removed` are keys of chips that the reader took away."""
    return Understood(question, question.strip(), explicit=filters, removed=removed)
