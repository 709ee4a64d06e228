"""Our own sentences in an answer, which pages in other languages say in theirs.

Knows no other language: `web.filters` writes them, by the catalogue.
"""

from collections.abc import Mapping
from datetime import date

from search.votes.vote import Vote

Value = str | date | Vote


class Worded(str):
    """A sentence as the API says it, with what it is made of.

    `key` is its text in the catalogues, `values` what that names: words, a day, or a vote.
    """

    key: str
    values: Mapping[str, Value]

    def __new__(cls, said: str, key: str, **values: Value) -> "Worded":
        """A sentence that is text as well."""
        made = super().__new__(cls, said)
        made.key, made.values = key, values
        return made

    def __deepcopy__(self, memo: object) -> "Worded":
        """Itself, as text is: `dataclasses.asdict` copies what it finds."""
        return self
