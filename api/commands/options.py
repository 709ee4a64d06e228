"""What is typed after an option, read. Raises `BadInput` for what cannot be."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from api.product import Product
from ingest.errors import BadInput
from ingest.settings import Settings
from search.filters import Filters

_Many = list[str] | None
Person = Annotated[_Many, typer.Option("--person", help="Dit par : prénom et nom.")]
Group = Annotated[_Many, typer.Option("--group", help="Parti de qui parle.")]
Session = Annotated[_Many, typer.Option("--session", help="Identifiant de la séance.")]
Body = Annotated[_Many, typer.Option("--body", help="Organe qui siège.")]
Object = Annotated[_Many, typer.Option("--object", help="Objet : PR-12.")]
Item = Annotated[_Many, typer.Option("--item", help="Titre du point de l'ordre du jour.")]
Since = Annotated[str | None, typer.Option("--since", help="Dès le, AAAA-MM-JJ.")]
Until = Annotated[str | None, typer.Option("--until", help="Jusqu'au, AAAA-MM-JJ.")]
Roster = Annotated[
    Path | None,
    typer.Option("--roster", help="Membres, CSV ou XLSX : Nom, Prénom, Fonction, Groupe."),
]
Agenda = Annotated[
    Path | None,
    typer.Option("--agenda", help="Ordre du jour : texte, DOCX, PDF, ICS, CSV, XLSX ou JSON."),
]
Captions = Annotated[
    list[Path] | None, typer.Option(help="Sous-titres de la plateforme, un par partie.")
]
Voices = Annotated[int | None, typer.Option("--voices", help="Combien de voix au plus.")]
Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON sur la sortie standard.")]

_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  (never listened on here: what a setting may say)
SENTENCE = {"ignore_unknown_options": True}  # a sentence may begin with a dash, without any `--`


def read_sentence(text: str | None) -> str | None:
    """A sentence as typed. Raises `BadInput` where it is but an option that does not exist."""
    if text and text.startswith("-") and len(text.split()) == 1:
        raise BadInput(f"L'option {text} n'existe pas.")
    return text


def read_day(text: str) -> date:
    """A day as YYYY-MM-DD."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"La date « {text} » ne se lit pas : écrivez AAAA-MM-JJ.") from None


def read_filters(
    people: _Many,
    groups: _Many,
    sessions: _Many,
    bodies: _Many,
    objects: _Many,
    items: _Many,
    since: str | None,
    until: str | None,
) -> Filters:
    """What a search is narrowed to. Raises `BadInput` for dates that cannot be."""
    first, last = (read_day(text) if text else None for text in (since, until))
    if first and last and last < first:
        raise BadInput(f"--until {last} précède --since {first} : échangez-les.")
    return Filters(
        people=tuple(people or ()),
        groups=tuple(groups or ()),
        sessions=tuple(sessions or ()),
        bodies=tuple(bodies or ()),
        objects=tuple(objects or ()),
        items=tuple(items or ()),
        since=first,
        until=last,
    )


# The settings and the product that a command works with; a bad setting is named in a sentence.


def read_settings() -> Settings:
    """The settings of the environment. Raises `BadInput` that names the one that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        raise BadInput(f"VERBATIM_{name} = « {first['input']} » ne convient pas.") from None


def open_product() -> Product:
    """The product over the data directory of the settings."""
    return Product(read_settings())


def site_address(settings: Settings) -> str:
    """The address of the pages: as the city sets it, or where they are served on this machine."""
    host = "127.0.0.1" if settings.host in _EVERYWHERE else settings.host
    return settings.address or f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
