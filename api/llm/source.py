"""A quotation as a machine may rely on it."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from api.llm.clauses import Clause, clauses
from search.language.stems import tokens


@dataclass(frozen=True)
class Source:
    """A verified quotation, as a sentence may rely on it, and what names it.

    `about`: the speaker's role and group, the point of the agenda and its object, the body.
    """

    quote: str
    speaker: str | None
    day: date
    about: tuple[str, ...] = ()

    @cached_property
    def said(self) -> list[str]:
        """The quotation's words in their normal form."""
        return tokens(self.quote)

    @cached_property
    def named(self) -> tuple[list[str], ...]:
        """What names it, in the same form."""
        return tuple(tokens(text) for text in (self.speaker or "", *self.about))

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        """What the quotation affirms, denies and wishes."""
        return clauses(self.quote)
