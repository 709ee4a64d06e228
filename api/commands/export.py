"""`verbatim export`: a session as a file, drafts included: the command line may read everything."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.commands import console
from api.commands.options import Json, open_product
from api.exports.exports import Form, export_bytes, house_of, read_form, script_for
from ingest.archive.remainder import open_part
from ingest.errors import BadInput, reason

commands = typer.Typer()


@commands.command()
def export(
    session: str,
    form: Annotated[str, typer.Option("--format", help=", ".join(Form))] = "json",
    timecodes: Annotated[
        bool, typer.Option("--timecodes", help="Les horaires dans le texte et le procès-verbal.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option(help="Fichier à écrire ; sinon la sortie standard.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Écrire une séance : procès-verbal, texte, sous-titres, données ou voix."""
    wanted = Form.JSON if as_json else read_form(form)
    product = open_product()
    found = product.archive.session(session)
    transcript = open_part(product.archive.transcript(session))
    script = script_for(product.archive, found, transcript, wanted)
    house = house_of(product.settings, wanted)
    body = export_bytes(script, wanted, house, timecodes=timecodes)
    if output is None:
        if wanted is Form.DOCX and sys.stdout.isatty():
            raise BadInput("Un document ne se lit pas à l'écran : donnez --output séance.docx.")
        typer.echo(body, nl=False)
        return
    try:
        output.write_bytes(body)
    except OSError as error:
        raise BadInput(f"« {output} » ne peut être écrit : {reason(error)}.") from None
    console.err.print(f"Écrit : {output}", markup=False)
