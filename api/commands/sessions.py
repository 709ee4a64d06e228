"""What a clerk does with sessions: bring them in, look them over, name voices, publish."""

import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from api.commands import console
from api.commands.options import (
    Agenda,
    Captions,
    Json,
    Roster,
    Voices,
    open_product,
    read_day,
)
from api.commands.redaction import print_kept
from api.product import Product
from ingest.archive.change_log import ChangeKind
from ingest.archive.checkpoints import at_work
from ingest.asr.tracks import participant_of
from ingest.documents.agenda_text import read_agenda
from ingest.documents.captions import Cue, read_caption_file
from ingest.documents.request import Request
from ingest.documents.roster import read_roster
from ingest.editing.review_progress import all_open_doubts
from ingest.errors import BadInput, Conflict, UserError
from ingest.french_dates import read_hour
from ingest.intake.again import HearAgain
from ingest.intake.rosters import members_of
from ingest.redaction.held import HeldBack
from ingest.transcript import Session, Status
from search.index.publish import NoWords, Unplaced
from search.index.publish import reindex as reindex_all
from search.integrity import unread

commands = typer.Typer()


@commands.command()
def ingest(
    files: Annotated[list[Path], typer.Argument(help="Enregistrement, ou ses parties en ordre.")],
    title: Annotated[str, typer.Option(help="Titre de la séance.")],
    day: Annotated[str, typer.Option("--date", help="Date, AAAA-MM-JJ.")],
    body: Annotated[str, typer.Option(help="Organe qui siège.")] = "Conseil municipal",
    identifier: Annotated[str | None, typer.Option("--id", help="Identifiant voulu.")] = None,
    roster: Roster = None,
    agenda: Agenda = None,
    captions: Captions = None,
    glossary: Annotated[
        Path | None, typer.Option(help="Mots de la ville : terme;formes orales;remarque.")
    ] = None,
    start_at: Annotated[
        list[str] | None, typer.Option(help="Heure de début d'une partie, HH:MM:SS, en ordre.")
    ] = None,
    tracks: Annotated[
        bool, typer.Option("--tracks", help="Un fichier par participant, nommé d'après lui.")
    ] = False,
    stream: Annotated[
        list[int] | None,
        typer.Option(min=1, help="Piste son à prendre d'un fichier qui en a plusieurs, en ordre."),
    ] = None,
    voices: Voices = None,
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
    product, when = open_product(), read_day(day)
    if roster:
        members = read_roster(roster, when)
    else:
        with product.archive.engine.connect() as db:
            members = members_of(db, body, when)
    request = Request(
        files=tuple(files),
        title=title,
        date=when,
        body=body,
        id=identifier,
        roster=members,
        agenda=read_agenda(agenda) if agenda else (),
        captions=tuple(_cues(path) for path in captions or ()),
        starts_at=tuple(read_hour(text) for text in start_at or ()),
        participants=tuple(participant_of(path) for path in files) if tracks else (),
        glossary=product.glossary(glossary),
        streams=tuple(number - 1 for number in stream or ()),
        most_voices=voices,
    )
    session = ingest_request(product, request, publish)
    console.print_json(session) if as_json else console.print_sessions([session])
    if session.status is Status.DRAFT:
        console.err.print(f"Pour que chacun la lise : verbatim publish {session.id}")


def _cues(path: Path) -> tuple[Cue, ...]:
    """The captions of a file; what was left out of it is told."""
    read = read_caption_file(path)
    console.print_skipped(path.name, [f"{one.where}, {one.what}" for one in read.skipped])
    return read.cues


def ingest_request(product: Product, request: Request, publish: bool) -> Session:
    """Transcribe a request's recordings, with a display of how far it is."""
    kept = {session.id for session in product.archive.sessions()}
    notes: list[str] = []

    def announce(figure: str, value: int | str) -> None:
        if figure.startswith("note "):
            notes.append(str(value))

    with console.ingest_progress(request.title) as progress:
        session = product.ingest(request, progress, announce)
    for note in notes:
        console.err.print(f"  [yellow]{escape(note)}[/yellow]")
    if session.id in kept:
        console.err.print(
            f"  déjà transcrite ({session.id}) : rien n'a changé, ni titre, ni date, ni liste."
        )
    elif not product.archive.turns(session.id, 0, 0):
        console.err.print("  [yellow]Aucune parole n'y a été entendue.[/yellow]")
    return published(product, session.id) if publish else session


@commands.command()
def retranscribe(
    session: str,
    voices: Voices = None,
    captions: Captions = None,
    voices_only: Annotated[
        bool, typer.Option("--voices-only", help="Distinguer de nouveau les voix, sans les mots.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Transcrire une séance de nouveau : corrections, noms, votes et passages réservés restent."""
    product = open_product()
    known = product.archive.session(session)
    if captions and len(captions) != len(known.parts):
        raise BadInput(
            f"Parties : {len(known.parts)} ; sous-titres : {len(captions)}. Il en faut un par"
            " partie."
        )
    asked = HearAgain(
        ChangeKind.VOICES if voices_only else ChangeKind.AGAIN,
        most_voices=voices or known.most_voices,
        captions=tuple(_cues(path) for path in captions or ()),
    )
    with console.ingest_progress(known.title) as progress:
        carried = product.hear_again(session, asked, progress)
    product.refresh(session)
    product.redactor.finish(session)
    if as_json:
        console.print_json(carried)
    else:
        console.print_carried(carried, product.archive.review(session))


def published(
    product: Product, session_id: str, wordless: bool = False, without_times: bool = False
) -> Session:
    """The session, published, its sound too; a refusal tells the commands that settle it."""
    try:
        done = product.publish(session_id, wordless=wordless, without_times=without_times)
    except Unplaced as refused:
        raise Conflict(f"{refused}\n  verbatim publish {session_id} --without-times") from refused
    except NoWords as refused:
        raise Conflict(f"{refused}\n  verbatim publish {session_id} --without-words") from refused
    except HeldBack as refused:
        told = [str(refused), *_ways_out(refused)]
        raise Conflict("\n  ".join(told)) from refused
    product.redactor.finish(session_id)
    print_kept(product, session_id)
    return done


def published_each(
    product: Product, each: Iterable[str], wordless: bool = False, without_times: bool = False
) -> tuple[list[Session], list[str]]:
    """The sessions that could be published, and why the others could not."""
    done, refused = [], []
    for session_id in each:
        try:
            done.append(published(product, session_id, wordless, without_times))
        except UserError as error:
            refused.append(f"{session_id} : {error}")
    return done, refused


def _ways_out(refused: HeldBack) -> Iterator[str]:
    this = refused.session
    for one in refused.held:
        yield (
            f"{one.name} peut être public : verbatim publish {this.id} --public-point"
            f" {shlex.quote(one.name)}"
        )


@commands.command()
def publish(
    sessions: Annotated[list[str], typer.Argument(help="Une séance ou plusieurs.")],
    public_point: Annotated[
        list[str] | None,
        typer.Option(
            help="Ce point marqué huis clos peut être public : son numéro, ou le temps d'un huis"
            " clos annoncé. C'est noté au journal."
        ),
    ] = None,
    without_words: Annotated[
        bool,
        typer.Option(
            "--without-words", help="Publier aussi une séance où aucun mot n'est entendu."
        ),
    ] = False,
    without_times: Annotated[
        bool,
        typer.Option(
            "--without-times",
            help="Publier aussi une séance dont des points n'ont pas de temps : ce qui peut en"
            " faire partie n'a pas de point.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Publier des séances : elles deviennent visibles et cherchables.

    Ce qui est à huis clos est réservé au bureau, et ce qui y est sans temps arrête la publication,
    comme tout point sans temps, sauf avec --without-times.
    """
    product = open_product()
    if public_point:
        if len(sessions) > 1:
            raise BadInput("Avec --public-point, donnez une seule séance.")
        product.release(sessions[0], public_point)
    refused: list[str] = []
    if len(sessions) == 1:
        done = [published(product, sessions[0], without_words, without_times)]
    else:
        done, refused = published_each(product, sessions, without_words, without_times)
    if as_json:
        console.print_json(done if len(sessions) > 1 else done[0])
    else:
        console.print_sessions(done)
    for one in (one for session in done for one in unread(product.archive, session.id)):
        console.err.print(f"[yellow]{escape(f'{one.where} : {one.what}. {one.advice}')}[/yellow]")
    if refused:
        raise Conflict("\n".join(refused))


@commands.command()
def withdraw(session: str, as_json: Json = False) -> None:
    """Retirer une séance publiée : les lecteurs ne la trouvent plus, jusqu'à `verbatim publish`."""
    done = open_product().withdraw(session)
    console.print_json(done) if as_json else console.print_sessions([done])


@commands.command()
def reindex(as_json: Json = False) -> None:
    """Refaire les passages et les vecteurs de tout ce qui est publié (nouveau modèle)."""
    product = open_product()
    reindex_all(product.archive, product.embedder)
    found = product.published.sessions()
    console.print_json(found) if as_json else console.print_sessions(found)


@commands.command()
def sessions(as_json: Json = False) -> None:
    """Lister les séances, brouillons compris."""
    product = open_product()
    found = product.archive.sessions()
    console.print_json(found) if as_json else console.print_sessions(found)
    if waiting := at_work(product.settings.data / "work"):
        console.err.print(
            f"{waiting} transcription(s) en cours ou interrompue(s) : relancez la même commande, "
            "`verbatim ingest` ou `verbatim retranscribe`, pour reprendre."
        )


@commands.command()
def review(session: str, as_json: Json = False) -> None:
    """Lister ce qu'il faut réécouter : mots et noms douteux, parole sans mots, voix superposées."""
    with open_product().archive.engine.connect() as db:
        found = all_open_doubts(db, session)
    console.print_json(found) if as_json else console.print_review(found)


@commands.command()
def voices(session: str, as_json: Json = False) -> None:
    """Lister les voix d'une séance : à qui elles sont, sur la foi de quoi, depuis quand."""
    archive = open_product().archive
    found, transcript = archive.session(session), archive.transcript(session)
    console.print_json(transcript.speakers) if as_json else console.print_voices(found, transcript)


@commands.command()
def name(
    session: str,
    voice: str,
    person: Annotated[str, typer.Argument(help="Prénom Nom ; vide : voix non nommée.")],
    as_json: Json = False,
) -> None:
    """Dire à qui est une voix : la parole du secrétariat l'emporte sur tout indice."""
    product = open_product()
    found = product.archive.session(session)
    if person and found.roster and found.person(person) is None:
        raise BadInput(
            f"« {person} » n'est pas dans la liste de la séance : écrivez le nom comme elle."
        )
    speaker = product.name(session, voice, person.strip() or None)
    console.print_json(speaker) if as_json else voices(session)
