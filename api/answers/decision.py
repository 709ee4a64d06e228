"""What was decided on the object of a question: told first, in one line, with the words that tell.

Pure. Which votes there are is read elsewhere; how a line is worded: `vote_sentences`.
"""

import re
from collections.abc import Sequence

from ingest.text import fold
from search.query.parsed import Intent, Query
from search.votes.vote import COMMISSION, Subject, Vote

_FINAL = frozenset(
    {Subject.OBJECT, Subject.ENTRY, Subject.REFERRAL, Subject.POSTPONEMENT, Subject.FILING}
)
# A question that yes or no answers is answered by a decision: « doivent-elles fermer ou pas ? »
_CLOSED = re.compile(
    r"^(?:et |alors |mais )*(?:est-ce (?:que |qu'|vrai )|y a-t-il |va-t-on )|-t-(?:il|elle|on)s?\b"
    r"|-(?:ils|elles)\b|\bou (?:pas|non)\b|^(?:is|are|will|does|did|do|can|has|have)\b"
    r"|^(?:ist|sind|wird|werden|hat|haben|kann|soll|sollen)\b"
)
_ASKS = re.compile(
    r"\b(?:combien|quand|qui|pourquoi|comment|ou en|quel(?:le)?s?|que|qu'|lequel|laquelle)\b"
)


def final(votes: Sequence[Vote]) -> Sequence[Vote]:
    """The last decision of a body itself on an object, if any, of the votes on its point."""
    return [v for v in votes if v.noun and v.subject in _FINAL and v.body != COMMISSION][-1:]


def is_closed(query: Query) -> bool:
    """Does yes or no answer a question?"""
    asked = fold(query.wording).strip(" ?!.")
    if query.intent is not Intent.OPEN:
        return False
    found = _CLOSED.search(asked)
    return bool(found) and not _ASKS.search(_CLOSED.sub(" ", asked, count=1))
