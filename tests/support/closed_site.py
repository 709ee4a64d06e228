"""A draft whose second point is in camera by its title, and the same with the chair's words."""

from dataclasses import replace
from pathlib import Path

from api.product import Product
from ingest.transcript import AgendaItem, Turn
from tests.support.redaction_site import (
    AFTER,
    BEFORE,
    LAST,
    OPENING,
    SECRET,
    SITTING,
    product_at,
    sitting,
)
from tests.support.small_site import said, tones

AGENDA = (
    AgendaItem("1", "Divers", None, 0),
    AgendaItem("2", "Recours (huis clos)", None, 7_000),
    AgendaItem("3", "Piscine", None, 10_000),
)
CLOSING, LIFTING = "Le huis clos est prononcé.", "Le huis clos est levé."


def draft(root: Path, *agenda: AgendaItem, announces: bool = False) -> Product:
    """The product with one draft and its sound. `announces`: the chair closes and opens it."""
    product = product_at(root)
    session, transcript = sitting(SITTING)
    turns = transcript.turns
    if announces:
        talk = (
            (OPENING, 0),
            (CLOSING, 4_000),
            (SECRET, 7_000),
            (LIFTING, 10_000),
            (AFTER, 13_000),
            (f"{BEFORE} {LAST}", 15_000),
        )
        turns = tuple(Turn(n, "S1", said(text, at)) for n, (text, at) in enumerate(talk))
    product.archive.save(
        replace(session, agenda=agenda), replace(transcript, turns=turns, unheard=(), review=())
    )
    tones(root / "media" / SITTING / "listen.opus", "ogg", "libopus")
    tones(root / "media" / SITTING / "listen.mp3", "mp3", "libmp3lame")
    return product
