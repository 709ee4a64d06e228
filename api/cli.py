"""The `verbatim` command. Each command is a thin wrapper over functions that tests call directly.

Exit codes: 0 done, 2 the user can mend it (a clear sentence says how), 1 we failed.
"""

import os
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.markup import escape

from api import console
from api.options import read_day, read_hour
from api.wiring import Product
from ingest.errors import BadInput, UserError, VerbatimError
from ingest.glossary import read_glossary
from ingest.platforms import read_captions
from ingest.request import Request
from ingest.roster import read_agenda, read_roster
from ingest.samples import sample_requests
from ingest.settings import Settings
from ingest.tracks import participant_of
from ingest.transcript import Session, Status
from search.index import reindex as reindex_all

app = typer.Typer(
    help="Interroger les séances enregistrées d'un conseil, et entendre les mots exacts.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON sur la sortie standard.")]


def main() -> None:
    """Run a command; whatever goes wrong is told in one sentence."""
    try:
        app()
    except VerbatimError as error:
        console.err.print(f"[red]Erreur :[/red] {escape(str(error))}")
        sys.exit(2 if isinstance(error, UserError) else 1)
    except Exception as error:
        if "VERBATIM_DEBUG" in os.environ:
            raise
        told = f"{type(error).__name__} : {error}. Pour le détail : VERBATIM_DEBUG=1"
        console.err.print(f"[red]Erreur interne :[/red] {escape(told)}")
        sys.exit(1)


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        raise BadInput(f"VERBATIM_{name} = « {first['input']} » ne convient pas.") from None


def _product() -> Product:
    return Product(_settings())


@app.command()
def ingest(
    files: Annotated[list[Path], typer.Argument(help="Enregistrement, ou ses parties en ordre.")],
    title: Annotated[str, typer.Option(help="Titre de la séance.")],
    day: Annotated[str, typer.Option("--date", help="Date, AAAA-MM-JJ.")],
    body: Annotated[str, typer.Option(help="Organe qui siège.")] = "Conseil municipal",
    identifier: Annotated[str | None, typer.Option("--id", help="Identifiant voulu.")] = None,
    roster: Annotated[Path | None, typer.Option(help="CSV : name, role, group.")] = None,
    agenda: Annotated[Path | None, typer.Option(help="JSON : number, title, object.")] = None,
    captions: Annotated[
        list[Path] | None, typer.Option(help="Sous-titres de la plateforme, un par partie.")
    ] = None,
    glossary: Annotated[
        Path | None, typer.Option(help="Mots de la ville : terme;formes orales;remarque.")
    ] = None,
    start_at: Annotated[
        list[str] | None, typer.Option(help="Heure de début d'une partie, HH:MM:SS, en ordre.")
    ] = None,
    tracks: Annotated[
        bool, typer.Option("--tracks", help="Un fichier par participant, nommé d'après lui.")
    ] = False,
    publish: Annotated[bool, typer.Option("--publish", help="Publier aussitôt.")] = False,
    as_json: Json = False,
) -> None:
    """Transcrire un enregistrement. La séance reste un brouillon tant qu'elle n'est pas publiée."""
    if captions and len(captions) != len(files):
        raise BadInput(
            f"Fichiers : {len(files)} ; sous-titres : {len(captions)}. Il en faut un par partie."
        )
    if captions and tracks:
        raise BadInput("Avec --tracks, les fichiers disent déjà qui parle : retirez --captions.")
    product = _product()
    words = glossary or product.settings.glossary
    request = Request(
        files=tuple(files),
        title=title,
        date=read_day(day),
        body=body,
        id=identifier,
        roster=read_roster(roster) if roster else (),
        agenda=read_agenda(agenda) if agenda else (),
        captions=tuple(read_captions(path) for path in captions or ()),
        starts_at=tuple(read_hour(text) for text in start_at or ()),
        participants=tuple(participant_of(path) for path in files) if tracks else (),
        glossary=read_glossary(words) if words else (),
    )
    session = _ingest(product, request, publish)
    console.print_json(session) if as_json else console.print_sessions([session])
    if session.status is Status.DRAFT:
        console.err.print(f"Pour que chacun la lise : verbatim publish {session.id}")


def _ingest(product: Product, request: Request, publish: bool) -> Session:
    kept = {session.id for session in product.archive.sessions()}
    with console.ingest_progress(request.title) as progress:
        session = product.ingest(request, progress)
    if session.id in kept:
        console.err.print(
            f"  déjà transcrite ({session.id}) : rien n'a changé, ni titre, ni date, ni liste."
        )
    elif not product.archive.turns(session.id, 0, 0):
        console.err.print("  [yellow]Aucune parole n'y a été entendue.[/yellow]")
    return product.publish(session.id) if publish else session


@app.command()
def publish(session: str, as_json: Json = False) -> None:
    """Publier une séance : elle devient visible et cherchable."""
    done = _product().publish(session)
    console.print_json(done) if as_json else console.print_sessions([done])


@app.command()
def withdraw(session: str, as_json: Json = False) -> None:
    """Retirer une séance : elle redevient un brouillon, introuvable pour les lecteurs."""
    done = _product().withdraw(session)
    console.print_json(done) if as_json else console.print_sessions([done])


@app.command()
def reindex(as_json: Json = False) -> None:
    """Refaire les passages et les vecteurs de tout ce qui est publié (nouveau modèle)."""
    product = _product()
    reindex_all(product.archive, product.embedder)
    found = product.published.sessions()
    console.print_json(found) if as_json else console.print_sessions(found)


@app.command()
def sessions(as_json: Json = False) -> None:
    """Lister les séances, brouillons compris."""
    product = _product()
    found = product.archive.sessions()
    console.print_json(found) if as_json else console.print_sessions(found)
    if waiting := [path for path in (product.settings.data / "work").glob("*/") if path.is_dir()]:
        console.err.print(
            f"{len(waiting)} transcription(s) en cours ou interrompue(s) : relancez la même "
            "commande `verbatim ingest` pour reprendre."
        )


@app.command()
def review(session: str, as_json: Json = False) -> None:
    """Lister ce qu'il faut réécouter : noms en doute, paroles sans mots, voix superposées."""
    found = _product().archive.review(session)
    console.print_json(found) if as_json else console.print_review(found)


@app.command()
def voices(session: str, as_json: Json = False) -> None:
    """Lister les voix d'une séance : à qui elles sont, sur la foi de quoi, depuis quand."""
    transcript = _product().archive.transcript(session)
    console.print_json(transcript.speakers) if as_json else console.print_voices(transcript)


@app.command()
def name(
    session: str,
    voice: str,
    person: Annotated[str, typer.Argument(help="Prénom Nom ; vide : voix non nommée.")],
    as_json: Json = False,
) -> None:
    """Dire à qui est une voix : la parole du secrétariat l'emporte sur tout indice."""
    product = _product()
    found = product.archive.session(session)
    if person and found.roster and found.person(person) is None:
        raise BadInput(
            f"« {person} » n'est pas dans la liste de la séance : écrivez le nom comme elle."
        )
    speaker = product.name(session, voice, person.strip() or None)
    console.print_json(speaker) if as_json else voices(session)


@app.command()
def export(
    session: str,
    form: Annotated[str, typer.Option("--format", help="json")] = "json",
    as_json: Json = True,
) -> None:
    """Écrire la transcription d'une séance, mots compris, sur la sortie standard."""
    if form != "json":
        raise BadInput(f"Le format « {form} » n'existe pas : json est le seul pour l'instant.")
    console.print_json(_product().archive.transcript(session))


@app.command()
def search(
    question: str,
    limit: Annotated[int, typer.Option(min=1, max=100)] = 10,
    as_json: Json = False,
) -> None:
    """Trouver des passages publiés, du meilleur au moins bon."""
    product = _product()
    hits = product.search(question, limit)
    console.print_json(hits) if as_json else console.print_hits(hits, product.published)


@app.command()
def ask(
    question: Annotated[
        str | None, typer.Argument(help="Sans question : une par ligne sur l'entrée standard.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Poser une question ; la réponse est faite de citations vérifiées."""
    product = _product()
    site = f"http://{product.settings.host}:{product.settings.port}"
    for line in [question] if question is not None else sys.stdin:
        answer = product.ask(line.strip()).answer
        if as_json:
            console.print_json(answer)
        else:
            console.print_answer(answer, product.published, site)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Adresse d'écoute.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port d'écoute.")] = None,
) -> None:
    """Servir les pages et l'API."""
    settings = _settings()
    _serve(host or settings.host, settings.port if port is None else port)


def _serve(host: str, port: int) -> None:
    import uvicorn

    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        raise BadInput(
            f"Impossible d'écouter sur {host}:{port} ({error.strerror}) : choisissez --port."
        ) from error
    # By name, as any ASGI server would: the pages import this package, never the other way round.
    config = uvicorn.Config(
        "web.app:from_settings", factory=True, log_level="warning", timeout_graceful_shutdown=5
    )
    console.err.print("Chargement des modèles…")
    config.load()
    site = f"[{host}]" if ":" in host else host
    site = f"http://{site}:{listener.getsockname()[1]}"
    console.out.print(f"[bold]Verbatim répond sur {escape(site)}[/bold]")
    uvicorn.Server(config).run(sockets=[listener])


@app.command()
def demo(
    samples: Annotated[Path, typer.Argument(help="Dossier des séances d'exemple.")],
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Ne pas servir ensuite.")] = False,
) -> None:
    """Transcrire et publier les séances d'exemple, puis servir les pages."""
    _ingest_all(samples)
    if not no_serve:
        settings = _settings()
        _serve(settings.host, settings.port)


def _ingest_all(samples: Path) -> None:
    """On its own, so that the models that hear are let go before the server starts."""
    product = _product()
    for request in sample_requests(samples):
        _ingest(product, request, publish=True)
