"""A real product over a small session, all but the models: for tests of redacting and of keeping.

Every second of its sound is a tone of its own, and every word is said nowhere else.
"""

from datetime import date
from pathlib import Path

from api.product import Product
from ingest.settings import Settings
from ingest.transcript import (
    AgendaItem,
    Doubt,
    Evidence,
    Generator,
    Person,
    Recording,
    ReviewItem,
    Session,
    Span,
    Speaker,
    Transcript,
    Turn,
)
from tests.support.small_site import said, tones
from tests.support.word_embedder import WordEmbedder

SITTING, OTHER = "2025-03-11-close", "2025-03-12-autre"
OPENING = "Bonsoir à toutes et à tous."
BEFORE, SECRET = "Le crédit demandé est voté.", "Monsieur Untel souffre d'une maladie grave."
AFTER = "Revenons à la piscine municipale."
LAST = "La crèche ouvrira en septembre."
SECRET_SPAN = Span(7_000, 9_780)
"""The secret's words and nothing more: turn 1 says it between BEFORE and AFTER."""


def product_at(root: Path, **settings: object) -> Product:
    """The product over `root`, with a model of nothing but words."""
    product = Product(Settings(data=root, _env_file=None, **settings))  # type: ignore[arg-type]
    product.__dict__["embedder"] = WordEmbedder()
    return product


def sitting(session_id: str = SITTING) -> tuple[Session, Transcript]:
    """Three turns of twenty seconds: an opening, a speech that holds a secret, an end."""
    speech = (*said(BEFORE, 4_500), *said(SECRET, 7_000), *said(AFTER, 10_000))
    turns = (
        Turn(0, "S1", said(OPENING, 1_000)),
        Turn(1, "S2", speech),
        Turn(2, "S1", said(LAST, 14_000)),
    )
    session = Session(
        session_id,
        "Séance de mars",
        date(2025, 3, 11),
        parts=(Recording(session_id.ljust(64, "0"), 0, 20_000),),
        agenda=(AgendaItem("1", "Divers", None, 0),),
        roster=(Person("Claire Fontanet", "conseillère", "PS"),),
    )
    speakers = (
        Speaker("S1", "Hélène Baudin", Evidence.CHAIR, 0.9, "appelée à 0:00:08"),
        Speaker("S2", "Claire Fontanet", Evidence.CHAIR, 0.9, "appelée à 0:00:01"),
    )
    review = (
        ReviewItem(7_500, 7_900, Doubt.REPAIR, "« Intel » entendu, « Untel » écrit"),
        ReviewItem(14_000, 14_400, Doubt.REPAIR, "« crache » entendu, « crèche » écrit"),
    )
    unheard = (Span(8_000, 13_000),)
    generator = Generator("fake", "fake", "1", {})
    return session, Transcript(session_id, speakers, turns, unheard, generator, review)


def published_at(root: Path, **settings: object) -> Product:
    """The session and another, published, with their sound."""
    product = product_at(root, **settings)
    for session_id in (SITTING, OTHER):
        session, transcript = sitting(session_id)
        if session_id == OTHER:
            kept = (transcript.turns[0],)
            transcript = Transcript(session_id, transcript.speakers, kept, (), transcript.generator)
        product.archive.save(session, transcript)
        for form, container, codec in (("opus", "ogg", "libopus"), ("mp3", "mp3", "libmp3lame")):
            tones(root / "work" / f"made.{form}", container, codec)
            product.blobs.put(f"{session_id}/listen.{form}", root / "work" / f"made.{form}")
        product.publish(session_id)
    return product
