"""Closing a passage and showing that it is gone, as the command line and the tests do it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.closing.proof import runs, said_elsewhere, titles
from ingest.closing.traces import Trace, traces
from ingest.closing.transaction import Asked
from ingest.transcript import AgendaItem, Span, Word

if TYPE_CHECKING:
    from api.wiring import Product


@dataclass(frozen=True)
class Done:
    """What was done. `runs` of the words that went were looked for in every byte: `traces`."""

    session: str
    span: Span
    words: int
    runs: int
    traces: tuple[Trace, ...]


def close_and_prove(
    product: "Product",
    session_id: str,
    asked: Asked,
    gone: Sequence[Word],
    points: Sequence[AgendaItem] = (),
) -> Done:
    """Take a passage out, finish all that follows from it, then look for it everywhere."""
    closed = product.close(session_id, asked)
    own = (
        *runs(gone, product.archive.transcript(session_id)),
        *titles(product.archive, points),
    )
    common = said_elsewhere(product.archive, session_id, own)
    wanted = [run for run in own if run not in common]
    found = tuple(traces(product.settings.data, wanted)) if wanted else ()
    return Done(session_id, closed.span, len(gone), len(wanted), found)
