"""Keeping it all on the command line: read everything back, back up, restore; erase old sound."""

import re
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from api.commands import console
from api.commands.integrity import findings, no_trace
from api.commands.options import Json, open_product, read_settings
from api.product import media
from ingest.archive import audit
from ingest.archive.backup import Backup, back_up
from ingest.archive.backup import restore as restore_from
from ingest.archive.repository import opened
from ingest.archive.retention import due
from ingest.database.transfer import copy
from ingest.errors import BadInput

commands = typer.Typer()
_PASSWORD = re.compile(r"://[^/?#@:]*:[^/?#]*@|[?&]password=")  # in a database's address


@commands.command()
def verify(
    no_trace_of: Annotated[
        list[str] | None,
        typer.Option("--no-trace", help="Mots qui ne doivent plus être nulle part."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Tout relire : base, séances, son, index. Avec --no-trace : chercher des mots partout.

    Sort avec le code 1 si quelque chose ne va pas, et dit quoi faire.
    """
    product = open_product()
    if no_trace_of:
        traces = list(no_trace(product, no_trace_of))
        if as_json:
            console.print_json(traces)
        else:
            for trace in traces:
                console.out.print(f"{trace.file} : {trace.where}", markup=False)
            console.err.print(f"{len(traces)} trace(s) trouvée(s)." if traces else "Aucune trace.")
        raise typer.Exit(1 if traces else 0)
    found = []
    for one in findings(product, lambda what: console.err.print(f"  {what}", markup=False)):
        found.append(one)
        if not as_json:
            console.out.print(f"{one.where} : {one.what}. {one.advice}", markup=False)
    if as_json:
        console.print_json(found)
    elif not found:
        console.err.print("Tout se relit.")
    raise typer.Exit(1 if found else 0)


@commands.command()
def backup(target: Path, as_json: Json = False) -> None:
    """Tout sauver dans un fichier .tar, pendant que le serveur tourne."""
    product = open_product()
    done = back_up(product.archive, product.settings.data, product.blobs, target, _quiet(as_json))
    with product.archive.begin() as db:
        audit.record(db, audit.CONSOLE, "data.backup", target.name)
    _print(done, as_json=as_json)
    console.err.print(
        "Elle tient aussi les brouillons et les comptes : gardez-la aussi bien que les données. "
        "Ce qui sera effacé plus tard y restera : refaites-la alors."
    )


@commands.command()
def restore(source: Path, as_json: Json = False) -> None:
    """Remettre une sauvegarde dans un dossier de données vide (VERBATIM_DATA)."""
    settings = read_settings()
    place = (settings.data, media(settings), settings.database_url)
    done = restore_from(source, *place, _quiet(as_json))
    with open_product().archive.begin() as db:
        audit.record(db, audit.CONSOLE, "data.restore", source.name)
    _print(done, as_json=as_json)
    console.err.print("Vérifiez-la : verbatim verify")


@commands.command()
def migrate(
    to: Annotated[
        str,
        typer.Option(
            "--to", envvar="VERBATIM_MIGRATE_TO", help="La base d'arrivée, vide : son adresse."
        ),
    ],
    as_json: Json = False,
) -> None:
    """Copier la base dans une autre (PostgreSQL ou SQLite), et tout y relire, ligne par ligne.

    Une adresse qui porte un mot de passe se donne par VERBATIM_MIGRATE_TO, ou sur l'entrée standard
    (--to -) : la ligne de commande se lit dans la liste des processus.
    """
    address = sys.stdin.readline().strip() if to == "-" else to
    if _PASSWORD.search(address) and any(address in word for word in sys.argv):
        raise BadInput(
            "Un mot de passe se lit dans la liste des processus : donnez cette adresse par "
            "VERBATIM_MIGRATE_TO, ou par l'entrée standard (--to -)."
        )
    settings, archive = read_settings(), open_product().archive
    with opened(address) as other:
        if other.engine.url == archive.engine.url:
            raise BadInput("La base d'arrivée est celle de départ : donnez-en une autre.")
        with archive.begin() as source, other.begin() as target:  # nobody writes meanwhile
            counts = copy(source, target, _quiet(as_json))
            audit.record(target, audit.CONSOLE, "data.migrate", other.engine.url.database or "")
    if as_json:
        console.print_json(counts)
        return
    console.err.print(
        f"{sum(counts.values())} lignes de {len(counts)} tables copiées et relues. Donnez cette "
        "adresse à VERBATIM_DATABASE et redémarrez ; le son et les fichiers restent dans "
        f"« {settings.data} ». L'ancienne base n'a pas changé : détruisez-la quand tout va bien."
    )


@commands.command()
def retention(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Dire seulement lequel, et quand.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Effacer le son qu'une règle de conservation (page du bureau) fait échoir aujourd'hui."""
    product, today = open_product(), date.today()
    with product.archive.engine.connect() as db:
        listed = due(db)
    if not dry_run:
        over = [one for one in listed if one.is_over(today)]
        listed = tuple(
            one for one in over if product.redactor.erase_sound(one.session, audit.CONSOLE, today)
        )
    if as_json:
        console.print_json(listed)
        return
    for one in listed:
        kept = ", conservation légale" if one.hold else ""
        console.out.print(f"{one.on}  {one.session}, {one.body}{kept}", markup=False)
    if dry_run:
        console.err.print(f"{len(listed)} son(s) à échéance." if listed else "Rien à échéance.")
    else:
        console.err.print(f"{len(listed)} son(s) effacé(s)." if listed else "Rien à effacer.")


def _quiet(as_json: bool) -> Callable[[str], None]:
    return lambda what: None if as_json else console.err.print(f"  {what}", markup=False)


def _print(done: Backup, *, as_json: bool) -> None:
    if as_json:
        shown = {"path": str(done.path), "made_at": done.made_at.isoformat()}
        console.print_json(asdict(done) | shown)
    else:
        size = f"{done.bytes / 2**20:.1f} Mio".replace(".", ",")
        made = done.made_at.strftime("%d.%m.%Y à %H:%M UTC")
        console.err.print(f"{done.path} : {size}, {done.files} fichiers et la base, du {made}.")
