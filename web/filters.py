"""What templates do to texts: the record's own words, who speaks, what was decided, punctuation.

Words of the record stay in its language wherever a page is in another, and are marked as of theirs.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from api.answers.vote_sentences import decision_line
from api.answers.worded import Value, Worded
from api.catalogue import SOURCE, Catalogue
from api.views.votes import VoteView, decided
from api.views.wording import NOBODY, UNNAMED, Who
from search.votes.vote import Vote


def typeset(text: str) -> str:
    """Text whose French punctuation never begins a line. For display: quotations stay untouched."""
    return re.sub(r" (?=[:;?!»])|(?<=«) ", "\N{NO-BREAK SPACE}", text)


def voice(text: Catalogue, who: Who) -> str:
    """How a page names who speaks: a name of the record, or that there is none."""
    if who.known:
        return who.name
    return who.name.replace(UNNAMED, text("voice.unnamed")).replace(NOBODY, text("voice.text"))


@dataclass(frozen=True)
class TextFilters:
    """The filters of one language's templates; `spoken` is the language of the record."""

    text: Catalogue
    spoken: str

    def typeset(self, words: str) -> str:
        """A text of the catalogue, with French punctuation where it is French."""
        return typeset(words) if self.text.language == SOURCE else words

    def record(self, words: str) -> str:
        """Words of the record: a title, a role, an error that names a value."""
        if not words or self.text.language == self.spoken:
            return self.typeset(words)
        shown = typeset(words) if self.spoken == SOURCE else words
        return Markup('<bdi lang="{}">{}</bdi>').format(self.spoken, shown)

    def voice(self, who: Who) -> str:
        """Who speaks."""
        return voice(self.text, who)

    def decision(self, vote: Vote) -> str:
        """What was decided, in one line."""
        french = self.text.language == SOURCE
        return typeset(decision_line(vote)) if french else decided(vote, self.text)

    def worded(self, said: str) -> str:
        """A sentence of an answer that is ours; in French, or as the asker's language has it."""
        if self.text.language == SOURCE or not isinstance(said, Worded):
            return self.record(said)
        return self.text(said.key, **{name: self._value(one) for name, one in said.values.items()})

    def _value(self, value: Value) -> str:
        if isinstance(value, Vote):
            return decided(value, self.text)
        return self.text.long_date(value) if isinstance(value, date) else value

    def sentence(self, vote: Vote | VoteView, french: str) -> str:
        """What was decided and on what: the `french` sentence, or a line and the record's words."""
        if self.text.language == SOURCE:
            return typeset(french)
        named = " ".join(part for part in (vote.noun, vote.object) if part)
        subject = ", ".join(part for part in (named, vote.mover) if part)
        return Markup("{} {}").format(decided(vote, self.text), self.record(subject))


def filters_of(text: Catalogue, spoken: str) -> dict[str, Callable[..., str]]:
    """The filters by their names."""
    filters = TextFilters(text, spoken)
    names = ("typeset", "record", "voice", "decision", "sentence", "worded")
    return {name: getattr(filters, name) for name in names}
