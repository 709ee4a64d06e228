"""Redaction on the command line: a passage for good or kept, a whole session for a while."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from api.commands import console
from api.commands.french import agreed
from api.commands.integrity import kept_traces
from api.commands.options import Json, open_product
from api.product import Product
from api.views.wording import read_clock_ms
from ingest.archive.audit import CONSOLE
from ingest.archive.redactions import Redaction, RedactionReason, of_session
from ingest.database.engine import is_postgresql
from ingest.errors import BadInput
from ingest.redaction.held import clock_of, exact, point_span
from ingest.redaction.proof import Trace, runs, said_elsewhere, titles
from ingest.redaction.redact import RedactionRequest, mark
from ingest.text import clock
from ingest.transcript import AgendaItem, Session, Span, Word
from search.index.withdraw import preview

# Redacting a passage and showing that it is gone, as the command line and the tests do it.


@dataclass(frozen=True)
class Done:
    """What was done. `runs` of the words that went were looked for everywhere: `traces`."""

    session: str
    span: Span
    words: int
    runs: int
    traces: tuple[Trace, ...]


def close_and_prove(
    product: Product,
    session_id: str,
    asked: RedactionRequest,
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
    found = tuple(kept_traces(product, wanted)) if wanted else ()
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
    point: Annotated[
        str | None, typer.Option(help="Tout ce point de l'ordre du jour : son numéro.")
    ] = None,
    keep: Annotated[
        bool,
        typer.Option(
            "--keep",
            help="Réserver le passage au bureau au lieu de l'effacer : `verbatim reopen` le rend.",
        ),
    ] = False,
    resume: Annotated[bool, typer.Option(help="Achever ce qui fut interrompu.")] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Huis clos. Sans --from ni --to : la séance entière, jusqu'à `verbatim reopen`.

    Un passage est effacé pour toujours : texte, son, recherche, fichiers. Avec --keep, les lecteurs
    n'en ont plus rien, et le bureau le garde.
    """
    product = open_product()
    if point is not None:
        from_, to = _ends_of(product.archive.session(session), point)
    if resume:
        product.redactor.finish(session)
        found = product.archive.session(session)
        console.print_json(found) if as_json else console.print_sessions([found])
    elif keep:
        kept = product.withhold(session, _span(product.archive.session(session), from_, to))
        console.print_json(kept) if as_json else print_kept(product, session)
    elif from_ is None and to is None:
        done = product.hold_in_camera(session)
        console.print_json(done) if as_json else console.print_sessions([done])
    else:
        _take_out(session, from_, to, RedactionReason.IN_CAMERA, yes=yes, as_json=as_json)


@commands.command()
def erase(
    session: str, from_: From = None, to: To = None, yes: Yes = False, as_json: Json = False
) -> None:
    """Effacer pour toujours, sur demande : un passage, ou sans --from ni --to la séance entière."""
    product = open_product()
    if from_ is not None or to is not None:
        _take_out(session, from_, to, RedactionReason.ERASED, yes=yes, as_json=as_json)
        return
    found = product.archive.session(session)
    console.err.print(f"« {found.title} » sera effacée tout entière, texte et son, pour toujours.")
    _confirm(yes)
    product.erase(session)
    console.print_json({"erased": session}) if as_json else console.err.print("Effacée.")
    _warn_of_backups()


@commands.command()
def reopen(session: str, from_: From = None, as_json: Json = False) -> None:
    """Lever le huis clos d'une séance entière : elle redevient un brouillon.

    Avec --from, rendre aux lecteurs le passage réservé au bureau qui commence là.
    """
    product = open_product()
    if from_ is None:
        done = product.reopen(session)
        console.print_json(done) if as_json else console.print_sessions([done])
        return
    found, kept = product.archive.session(session), _kept(product, session)
    at = clock_of(_place(found, from_), found)
    chosen = [one for one in kept if clock_of(one.span.start_ms, found) == at]
    if not chosen:
        known = ", ".join(clock_of(one.span.start_ms, found) for one in kept) or "rien"
        raise BadInput(f"Rien n'est réservé au bureau dès {from_} ; ce qui l'est : {known}.")
    given = product.give_back(session, chosen[0].id)
    console.print_json(given) if as_json else print_kept(product, session)


def _kept(product: Product, session_id: str) -> tuple[Redaction, ...]:
    with product.archive.engine.connect() as db:
        some = of_session(db, session_id)
    return tuple(one for one in some if one.why is RedactionReason.WITHHELD)


def print_kept(product: Product, session_id: str) -> None:
    """Tell what of a session the office keeps, and how each is given back."""
    session = product.archive.session(session_id)
    for one in _kept(product, session_id):
        start, end = (clock_of(at, session) for at in (one.span.start_ms, one.span.end_ms))
        console.err.print(
            f"Réservé au bureau : {start}–{end}. Pour le rendre aux lecteurs : verbatim reopen"
            f" {session_id} --from {start}",
            markup=False,
        )


def _ends_of(session: Session, number: str) -> tuple[str, str]:
    """A point of the agenda, as --from and --to would say it. Raises `BadInput`."""
    spans = [point_span(item, session) for item in session.agenda if item.number == number]
    if len(spans) != 1 or spans[0] is None:
        raise BadInput(f"« {number[:40]} » n'est pas un point de l'ordre du jour qui a un temps.")
    return exact(spans[0].start_ms, session), exact(spans[0].end_ms, session)


def _take_out(
    session_id: str,
    from_: str | None,
    to: str | None,
    why: RedactionReason,
    *,
    yes: bool,
    as_json: bool,
) -> None:
    product = open_product()
    session = product.archive.session(session_id)
    span = _span(session, from_, to)
    asked = RedactionRequest(span, why, CONSOLE)
    cut = preview(product.archive, session, asked)
    times = f"{clock(cut.span.start_ms)}–{clock(cut.span.end_ms)}"
    console.err.print(f"Seront effacés, pour toujours ({times}, {len(cut.gone)} mots) :")
    console.err.print("  " + " ".join(w.text for w in cut.gone), markup=False)
    for point in cut.points:
        console.err.print(f"  Titre de l'ordre du jour : {point.title}", markup=False)
    _confirm(yes)
    asked = RedactionRequest(span, why, CONSOLE, mark(cut))
    done = close_and_prove(product, session_id, asked, cut.gone, cut.points)
    if as_json:
        console.print_json(done)
    else:
        _print(done, on_postgresql=is_postgresql(product.archive.engine.url))
    _warn_of_backups()


def _span(session: Session, from_: str | None, to: str | None) -> Span:
    if from_ is None or to is None:
        raise BadInput("Donnez le début et la fin du passage : --from 0:12:30 --to 0:14:05.")
    return Span(_place(session, from_), _place(session, to))


def _place(session: Session, written: str) -> int:
    if session.is_recorded:
        return read_clock_ms(written)
    if not written.isdecimal():
        raise BadInput("Cette séance est un texte : --from et --to y comptent des mots.")
    return int(written)


def _confirm(yes: bool) -> None:
    if not yes and not agreed("C'est sans retour. Continuer ?"):
        raise typer.Exit(2)


def _print(done: Done, *, on_postgresql: bool) -> None:
    console.err.print(
        f"Fait : {done.words} mots retirés, son remplacé par du silence. "
        f"{done.runs} suites de mots cherchées dans chaque octet des données"
        + (" et chaque ligne de la base." if on_postgresql else ".")
    )
    if on_postgresql:
        console.err.print(
            "Le journal de PostgreSQL, ses copies et ses réplicas tiennent ces mots jusqu'à ce "
            "qu'ils soient réécrits : prévenez qui l'administre (docs/deploy.md)."
        )
    for trace in done.traces:
        console.err.print(f"  [yellow]encore dans[/yellow] {trace.file} ({trace.where})")


def _warn_of_backups() -> None:
    console.err.print(
        "Une sauvegarde faite avant tient encore ces mots et ce son : supprimez-la, ou refaites-la."
    )
