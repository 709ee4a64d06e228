"""The `verbatim` command. Each command is a thin wrapper over functions that tests call directly.

Exit codes: 0 done, 2 the user can mend it (a clear sentence says how), 1 we failed.
"""

import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from api.answers.answer import Answer
from api.commands import (
    console,
    export,
    french,
    keeping,
    measure,
    redaction,
    sessions,
    texts,
    users,
    votes,
    worker,
)
from api.commands.options import (
    SENTENCE,
    Body,
    Group,
    Item,
    Json,
    Object,
    Person,
    Session,
    Since,
    Until,
    open_product,
    read_filters,
    read_sentence,
    read_settings,
    site_address,
)
from api.product import Product
from api.views.answer import speakers_of
from api.worker.supervisor import Workers
from ingest.errors import BadInput, UserError, VerbatimError, as_ours, reason
from ingest.samples import sample_requests
from search.filters import Filters

if TYPE_CHECKING:
    import uvicorn

app = typer.Typer(
    help="Interroger les séances enregistrées d'un conseil, et entendre les mots exacts.",
    subcommand_metavar="COMMANDE [ARGUMENTS]…",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(sessions.commands)
app.add_typer(texts.commands)
app.add_typer(votes.commands)
app.add_typer(export.commands)
app.add_typer(redaction.commands)
app.add_typer(keeping.commands)
app.add_typer(users.commands, name="user")
app.add_typer(worker.commands)
app.add_typer(measure.commands)


def main() -> None:
    """Run a command; what goes wrong is shown in one sentence."""
    try:
        sys.exit(french.run(app))
    except typer.Abort:
        console.err.print("Abandonné.")
        sys.exit(1)
    except Exception as error:
        ours = as_ours(error)
        if isinstance(ours, VerbatimError):
            console.err.print(f"[red]Erreur :[/red] {escape(str(ours))}")
            sys.exit(2 if isinstance(ours, UserError) else 1)
        if "VERBATIM_DEBUG" in os.environ:
            raise
        message = f"{type(error).__name__} : {error}. Pour le détail : VERBATIM_DEBUG=1"
        console.err.print(f"[red]Erreur interne :[/red] {escape(message)}")
        sys.exit(1)


@app.command(context_settings=SENTENCE)
def search(
    question: Annotated[
        str | None,
        typer.Argument(
            callback=read_sentence, help="Sans question : ce que les filtres retiennent, en ordre."
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100)] = 10,
    person: Person = None,
    group: Group = None,
    session: Session = None,
    body: Body = None,
    object_: Object = None,
    item: Item = None,
    since: Since = None,
    until: Until = None,
    as_json: Json = False,
) -> None:
    """Trouver des passages publiés, du meilleur au moins bon."""
    filters = read_filters(person, group, session, body, object_, item, since, until)
    product = open_product()
    if question is not None:
        hits = product.search(question, limit, filters)
        console.print_json(hits) if as_json else console.print_hits(hits, product.published)
    elif filters:
        found = product.retriever.browse(filters, limit)
        console.print_json(found) if as_json else console.print_passages(found, product.published)
    else:
        raise BadInput("Donnez une question, ou un filtre : --person, --object, --since…")


@app.command(context_settings=SENTENCE)
def ask(
    question: Annotated[
        str | None,
        typer.Argument(
            callback=read_sentence, help="Sans question : une par ligne sur l'entrée standard."
        ),
    ] = None,
    person: Person = None,
    group: Group = None,
    session: Session = None,
    body: Body = None,
    object_: Object = None,
    item: Item = None,
    since: Since = None,
    until: Until = None,
    after: Annotated[
        list[str] | None,
        typer.Option(help="Question posée avant, que celle-ci prolonge ; plusieurs : en ordre."),
    ] = None,
    follow: Annotated[
        bool,
        typer.Option(
            "--follow", help="Sur l'entrée standard, chaque question prolonge la précédente."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Poser une question ; la réponse est faite de citations vérifiées."""
    filters = read_filters(person, group, session, body, object_, item, since, until)
    product = open_product()
    site = f"http://{product.settings.host}:{product.settings.port}"
    before: Answer | None = None
    for line in after or ():
        before = _asked(product, line, filters, before)
    for line in [question] if question is not None else sys.stdin:
        answer = _asked(product, line, filters, before)
        before = answer if follow else before
        if as_json:
            console.print_answer_json(answer)
        else:
            console.print_answer(answer, product.published, site)


def _asked(product: Product, line: str, filters: Filters, before: Answer | None) -> Answer:
    """The answer to a question that may lean on an answer before."""
    from api.routes.ask import clean_question

    typed = clean_question(line) if line.strip() else ""
    if before is None:
        return product.ask(product.parse(typed, filters)).answer
    asked = product.parse(typed, filters, before.query, speakers_of(before.citations))
    return product.ask(asked).answer


# One of several serving processes that says nothing for so long is replaced: loading models and
# twenty years of passages on a busy machine takes a minute.
_LOADING_S = 180


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Adresse d'écoute.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port d'écoute.")] = None,
) -> None:
    """Servir les pages et l'API."""
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    settings = read_settings()
    host = host or settings.host
    listener = _listener(host, settings.port if port is None else port)
    config = server_config()
    console.err.print("Chargement des modèles…")
    if config.workers == 1:
        config.load()
    site = f"[{host}]" if ":" in host else host
    site = f"http://{site}:{listener.getsockname()[1]}"
    console.out.print(f"[bold]Verbatim répond sur {escape(site)}[/bold]")
    if link := users.first_link(open_product(), site):
        console.out.print("Personne ne gère encore les comptes. Ce lien, valable un jour, y mène :")
        console.out.print(escape(link), soft_wrap=True)
    with Workers(settings.workers):
        if config.workers == 1:
            uvicorn.Server(config).run(sockets=[listener])
        else:  # each loads for itself; those who ask meanwhile wait
            Multiprocess(config, [listener]).run()


def _listener(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises `BadInput`."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise BadInput(
            f"Impossible d'écouter sur {host}:{port} ({reason(error)}) : choisissez --port."
        ) from error


def server_config() -> "uvicorn.Config":
    """How the site is served. Only a known proxy may say where a request comes from."""
    import uvicorn

    settings = read_settings()
    # By name, as any ASGI server would: the pages import this package, never the other way round.
    return uvicorn.Config(
        "web.app:from_settings",
        factory=True,
        log_level="warning",
        timeout_graceful_shutdown=5,
        forwarded_allow_ips=settings.proxies,
        workers=settings.processes,
        timeout_worker_healthcheck=_LOADING_S,
    )


@app.command()
def mcp() -> None:
    """Répondre à un assistant (Model Context Protocol) sur l'entrée et la sortie standard."""
    from api.assistants.mcp_server import mcp_server

    product = open_product()
    mcp_server(product.deps(), site_address(product.settings)).run("stdio")


@app.command()
def demo(
    samples: Annotated[Path, typer.Argument(help="Dossier des séances d'exemple.")],
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Ne pas servir ensuite.")] = False,
) -> None:
    """Transcrire et publier les séances d'exemple, puis servir les pages."""
    product = open_product()
    for request in sample_requests(samples):
        session = sessions.ingest_request(product, request, publish=False)
        sessions.published(product, session.id, without_times=True)
    if not no_serve:  # by a new program: the models that hear leave 0.7 GB in this one
        again = [sys.executable, "-c", "from api.cli import main; main()", "serve"]
        os.execv(sys.executable, again)  # noqa: S606
