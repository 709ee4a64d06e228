"""`verbatim import`: minutes and transcripts that come without a recording."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from api.commands import console
from api.commands.options import Agenda, Json, Roster, open_product, read_day
from api.commands.sessions import published_each
from ingest.documents.agenda_text import read_agenda
from ingest.documents.roster import read_roster
from ingest.errors import BadInput, Conflict
from ingest.french_dates import day
from ingest.text_import.formats import Form
from ingest.text_import.importer import Imported, TextRequest, import_texts
from ingest.transcript import Status

commands = typer.Typer()


@commands.command("import")
def import_files(
    files: Annotated[list[Path], typer.Argument(help="Procès-verbaux ou transcriptions.")],
    title: Annotated[str | None, typer.Option(help="Titre, si le texte n'en a pas.")] = None,
    date: Annotated[
        str | None,
        typer.Option(help="AAAA-MM-JJ, si ni le texte ni le nom du fichier ne la donnent."),
    ] = None,
    body: Annotated[
        list[str] | None,
        typer.Option(help="Organe qui siège ; SIGLE=Nom écrit en entier un sigle du fichier."),
    ] = None,
    identifier: Annotated[str | None, typer.Option("--id", help="Identifiant voulu.")] = None,
    roster: Roster = None,
    agenda: Agenda = None,
    form: Annotated[Form, typer.Option("--format", help="Format du texte.")] = Form.AUTO,
    publish: Annotated[bool, typer.Option("--publish", help="Publier aussitôt.")] = False,
    as_json: Json = False,
) -> None:
    """Importer un texte sans enregistrement : texte brut, DOCX, PDF, JSONL, SRT, WebVTT ou TEI.

    Un fichier est une séance ; un fichier JSONL, une intervention par ligne, peut en contenir
    plusieurs.
    """
    bodies = dict(_spelt(text) for text in body or () if "=" in text)
    plain = [text for text in body or () if "=" not in text]
    if len(plain) > 1:
        raise BadInput(f"Plusieurs organes ({', '.join(plain)}) : donnez-en un, ou SIGLE=Nom.")
    product, day_given = open_product(), read_day(date) if date else None
    request = TextRequest(
        files=tuple(files),
        titled=lambda when: f"Séance du {day(when)}",
        title=title,
        day=day_given,
        body=plain[0] if plain else None,
        bodies=bodies,
        id=identifier,
        roster=read_roster(roster, day_given) if roster else (),
        agenda=read_agenda(agenda) if agenda else (),
        form=form,
    )
    found = import_texts(request, product.archive)
    _tell(found)
    refused: list[str] = []
    sessions = [item.session for item in found]
    if publish:  # a text without a speaker is looked at first
        ready = [item.session for item in found if item.speakers or not item.new]
        with console.steps(ready, "Publication") as each:
            done, refused = published_each(product, (session.id for session in each))
        public = {session.id: session for session in done}
        sessions = [public.get(session.id, session) for session in sessions]
    console.print_json(sessions) if as_json else console.print_sessions(sessions)
    if refused:
        raise Conflict("\n".join(refused))
    if drafts := [session.id for session in sessions if session.status is Status.DRAFT]:
        more = "" if len(drafts) == 1 else f" (et {len(drafts) - 1} autres, ou --publish)"
        console.err.print(f"Pour que chacun la lise : verbatim publish {drafts[0]}{more}")


def _spelt(text: str) -> tuple[str, str]:
    short, _, long = text.partition("=")
    if not short.strip() or not long.strip():
        raise BadInput(f"« {text} » ne se lit pas : écrivez SIGLE=Nom.")
    return short.strip(), long.strip()


def _tell(found: tuple[Imported, ...]) -> None:
    for item in found:
        console.print_skipped(item.session.id, item.skipped)
        if item.new and not item.speakers:
            told = escape(
                f"« {item.session.id} » : 0 intervenant. Aucun nom n'a été reconnu dans ce texte :"
                " la séance reste un brouillon. Vérifiez que les orateurs y sont nommés, ou"
                f" publiez-la telle quelle (verbatim publish {item.session.id})."
            )
            console.err.print(f"  [yellow]{told}[/yellow]")
    known = [item.session.id for item in found if not item.new]
    if known:
        shown = ", ".join(known[:3]) + ("…" if len(known) > 3 else "")  # noqa: PLR2004
        console.err.print(
            f"  Déjà importé, à l'identique ({len(known)} : {shown}) : rien n'y a changé, ni titre,"
            " ni date, ni liste."
        )
