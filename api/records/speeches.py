"""What was said in a turn, as a page of many speeches shows it: its beginning, as a citation."""

from collections.abc import Iterable, Iterator
from functools import cache, partial

from api.answers.citation import Quote, check, cite, names_of
from api.answers.sheet import beginning
from api.views.answer import CitationView, citation_view
from api.views.wording import nameless
from ingest.archive.published import Published
from ingest.archive.speaking import SpokenTurn
from ingest.errors import Corrupt, NotFound

_LEAST_MS, _LEAST_WORDS = 8_000, 25  # who says less answers, thanks or calls out


def is_speech(turn: SpokenTurn) -> bool:
    """Is a turn long enough to say something?"""
    least = _LEAST_MS if turn.session.has_audio else _LEAST_WORDS
    return turn.end_ms - turn.start_ms >= least


def speeches(published: Published, turns: Iterable[SpokenTurn]) -> Iterator[CitationView]:
    """How these turns begin, held against the archive; those that were hidden since left out."""
    session_of, names = cache(published.session), cache(partial(names_of, published))
    for turn in turns:
        try:
            (said,) = published.turns(turn.session.id, turn.turn, turn.turn) or (None,)
            if said is None or not said.words:
                continue
            quote = Quote(turn.session.id, said, *beginning(said))
            citation = cite(quote, names(quote.session))
            check(citation, published)
        except (NotFound, Corrupt):
            continue
        number = None
        if citation.speaker is None:
            voices = (published.voices(quote.session), published.speakers(quote.session))
            number = nameless(*voices).get(said.speaker or "")
        yield citation_view(citation, session_of(quote.session), number)
