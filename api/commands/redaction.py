"""Redaction on the command line: a passage for good, a whole session for a while."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.redaction.proof import Trace, runs, said_elsewhere, titles, traces
from ingest.redaction.redact import Asked
from ingest.transcript import AgendaItem, Span, Word

if TYPE_CHECKING:
    from api.product import Product
from typing import Annotated

import typer

from api.commands import console
from api.commands.options import Json, open_product
from api.views.wording import read_clock_ms
from ingest.archive.audit import CONSOLE
from ingest.archive.redactions import Why
from ingest.errors import BadInput
from ingest.redaction.redact import mark
from ingest.text import clock
from ingest.transcript import Session
from search.index.withdraw import preview

# Redacting a passage and showing that it is gone, as the command line and the tests do it.


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
    """Redact a passage, finish all that follows from it, then look for it everywhere."""
    closed = product.close(session_id, asked)
    own = (
        *runs(gone, product.archive.transcript(session_id)),
        *titles(product.archive, points),
    )
    common = said_elsewhere(product.archive, session_id, own)
    wanted = [run for run in own if run not in common]
    found = tuple(traces(product.settings.data, wanted)) if wanted else ()
    return Done(session_id, closed.span, len(gone), len(wanted), found)


commands = typer.Typer()
From = Annotated[str | None, typer.Option("--from", help="Début : H:MM:SS, MM:SS ou secondes.")]
To = Annotated[str | None, typer.Option("--to", help="Fin.")]
Yes = Annotated[bool, typer.Option("--yes", help="Ne rien demander.")]


@commands.command()
def close(
    session: str,
    from_: From = None,
    to: To = None,
    resume: Annotated[bool, typer.Option(help="Achever ce qui fut interrompu.")] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Huis clos. Sans --from ni --to : la séance entière, jusqu'à `verbatim reopen`.

    Un passage est effacé pour toujours : texte, son, recherche, fichiers.
    """
    product = open_product()
    if resume:
        product.redactor.finish(session)
        found = product.archive.session(session)
        console.print_json(found) if as_json else console.print_sessions([found])
    elif from_ is None and to is None:
        done = product.hold_in_camera(session)
        console.print_json(done) if as_json else console.print_sessions([done])
    else:
        _take_out(session, from_, to, Why.IN_CAMERA, yes=yes, as_json=as_json)


@commands.command()
def erase(
    session: str, from_: From = None, to: To = None, yes: Yes = False, as_json: Json = False
) -> None:
    """Effacer pour toujours, sur demande : un passage, ou sans --from ni --to la séance entière."""
    product = open_product()
    if from_ is not None or to is not None:
        _take_out(session, from_, to, Why.ERASED, yes=yes, as_json=as_json)
        return
    found = product.archive.session(session)
    console.err.print(f"« {found.title} » sera effacée tout entière, texte et son, pour toujours.")
    _confirm(yes)
    product.erase(session)
    console.print_json({"erased": session}) if as_json else console.err.print("Effacée.")
    _warn_of_backups()


@commands.command()
def reopen(session: str, as_json: Json = False) -> None:
    """Lever le huis clos d'une séance entière : elle redevient un brouillon."""
    done = open_product().reopen(session)
    console.print_json(done) if as_json else console.print_sessions([done])


def _take_out(
    session_id: str, from_: str | None, to: str | None, why: Why, *, yes: bool, as_json: bool
) -> None:
    product = open_product()
    session = product.archive.session(session_id)
    span = _span(session, from_, to)
    asked = Asked(span, why, CONSOLE)
    cut = preview(product.archive, session, asked)
    times = f"{clock(cut.span.start_ms)}–{clock(cut.span.end_ms)}"
    console.err.print(f"Seront effacés, pour toujours ({times}, {len(cut.gone)} mots) :")
    console.err.print("  " + " ".join(w.text for w in cut.gone), markup=False)
    for point in cut.points:
        console.err.print(f"  Titre de l'ordre du jour : {point.title}", markup=False)
    _confirm(yes)
    asked = Asked(span, why, CONSOLE, mark(cut))
    done = close_and_prove(product, session_id, asked, cut.gone, cut.points)
    console.print_json(done) if as_json else _print(done)
    _warn_of_backups()


def _span(session: Session, from_: str | None, to: str | None) -> Span:
    if from_ is None or to is None:
        raise BadInput("Donnez le début et la fin du passage : --from 0:12:30 --to 0:14:05.")
    if not session.has_audio:
        if not (from_.isdecimal() and to.isdecimal()):
            raise BadInput("Cette séance est un texte : --from et --to y comptent des mots.")
        return Span(int(from_), int(to))
    return Span(read_clock_ms(from_), read_clock_ms(to))


def _confirm(yes: bool) -> None:
    if not yes and not typer.confirm("C'est sans retour. Continuer ?"):
        raise typer.Exit(2)


def _print(done: Done) -> None:
    console.err.print(
        f"Fait : {done.words} mots retirés, son remplacé par du silence. "
        f"{done.runs} suites de mots cherchées dans chaque octet des données."
    )
    for trace in done.traces:
        console.err.print(f"  [yellow]encore dans[/yellow] {trace.file} ({trace.where})")


def _warn_of_backups() -> None:
    console.err.print(
        "Une sauvegarde faite avant tient encore ces mots et ce son : supprimez-la, ou refaites-la."
    )
