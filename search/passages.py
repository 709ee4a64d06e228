"""What is searched: passages of whole sentences, cut from a transcript's turns.

Pure: the same transcript always gives the same passages with the same ids.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Passage:
    """A stretch of one session that is found as a whole, about 60 to 150 words.

    It covers turns `first_turn` to `last_turn` (inclusive, not always whole), words from `start_ms`
    to `end_ms`, and never crosses an agenda item. `text` is what was said, for reading.
    """

    id: str
    session: str
    first_turn: int
    last_turn: int
    start_ms: int
    end_ms: int
    text: str
