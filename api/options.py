"""What is typed after an option, read. Raises `BadInput` for what cannot be."""

from datetime import date, time
from typing import Annotated

import typer

from ingest.errors import BadInput

Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON sur la sortie standard.")]


def read_day(text: str) -> date:
    """A day as YYYY-MM-DD."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"La date « {text} » ne se lit pas : écrivez AAAA-MM-JJ.") from None


def read_hour(text: str) -> time:
    """An hour of the day: 17:30, 17:30:12, 17h30, 17 h."""
    try:
        return time.fromisoformat(text.replace(" ", "").replace("h", ":").rstrip(":"))
    except ValueError:
        raise BadInput(f"L'heure « {text} » ne se lit pas : écrivez HH:MM ou HH:MM:SS.") from None
