"""What commands print: progress while they work, results when they are done.

With `--json` a result is the dataclass as it is, one JSON value on standard output; everything else
goes to standard error, so that output can be piped.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import date, time
from typing import Any, TypeVar

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from api.answers.answer import Answer
from ingest.archive.published import Published
from ingest.pipeline import Progress as Report
from ingest.text import clock
from ingest.transcript import Doubt, ReviewItem, Session, Status, Transcript
from search.index.heard_anew import CarriedOver
from search.passage import Hit, Passage

_WIDTH = None if sys.stdout.isatty() else 160  # into a pipe or a file: long lines, not torn ones
out = Console(highlight=False, soft_wrap=True, width=_WIDTH)
err = Console(stderr=True, highlight=False)

_TOLD = 5  # of what was left out of a file
STAGES = {
    "decode": "Lecture du son",
    "speech": "Recherche de la parole",
    "words": "Transcription",
    "voices": "Distinction des voix",
}
_DOUBTS = {
    Doubt.WORD: "mots",
    Doubt.NAME: "nom",
    Doubt.REPAIR: "nom corrigé",
    Doubt.LOOP: "répétition",
    Doubt.LANGUAGE: "autre langue",
    Doubt.UNHEARD: "parole sans mots",
    Doubt.OVERLAP: "voix superposées",
    Doubt.VOICES: "voix",
    Doubt.DAMAGED: "fichier abîmé",
    Doubt.CARRY: "à reporter",
}
_QUERY_KEYS = {
    "sentence": "query",
    "presumed_outcome": "asked_outcome",
    "presumed_unanimous": "asked_unanimous",
}
"""What scripts that read `ask --json` call the fields of a query."""
T = TypeVar("T")
_STATUS = {
    Status.DRAFT: "brouillon",
    Status.PUBLISHED: "publiée",
    Status.WITHDRAWN: "retirée",
    Status.IN_CAMERA: "huis clos",
}


def plain(value: object) -> Any:
    """A dataclass, or a sequence of them, as JSON values."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def print_json(value: object) -> None:
    """One JSON value on one line, French letters as they are."""

    def other(thing: object) -> str | list[Any]:
        if isinstance(thing, date | time):
            return thing.isoformat()
        if isinstance(thing, frozenset):
            return sorted(thing)
        raise TypeError(type(thing))

    print(json.dumps(plain(value), ensure_ascii=False, default=other), flush=True)


@contextmanager
def steps(of: Sequence[T], title: str) -> Iterator[Iterable[T]]:
    """The items one by one, with a display of how many are done, on standard error."""
    with _display() as display:
        yield display.track(of, description=title)


def _display() -> Progress:
    columns = (
        TextColumn("  {task.description:<24}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=err, refresh_per_second=4)


@contextmanager
def ingest_progress(title: str) -> Iterator[Report]:
    """A display of stage, percentage and time left, on standard error."""
    err.print(f"[bold]{escape(title)}[/bold]")
    with _display() as display:
        bars: dict[str, TaskID] = {}

        def report(stage: str, fraction: float) -> None:
            if stage not in bars:
                bars[stage] = display.add_task(STAGES.get(stage, stage), total=1.0)
            display.update(bars[stage], completed=min(1.0, fraction))

        yield report


def print_skipped(name: str, skipped: Sequence[str]) -> None:
    """Tell what could not be read of a file: the first ones, and how many more."""
    if skipped:
        more = f" et {len(skipped) - _TOLD} autres" if len(skipped) > _TOLD else ""
        told = escape(f"« {name} », laissé de côté : {', '.join(skipped[:_TOLD])}{more}.")
        err.print(f"  [yellow]{told}[/yellow]")


def print_sessions(sessions: Sequence[Session]) -> None:
    """A table of sessions."""
    table = Table(box=None, pad_edge=False)
    for heading in ("Séance", "Date", "Titre", "Durée", "État"):
        table.add_column(heading, no_wrap=heading == "Séance")
    for session in sessions:
        table.add_row(
            session.id,
            session.date.isoformat(),
            escape(session.title),
            clock(session.duration_ms) if session.is_recorded else f"{session.duration_ms} mots",
            _STATUS[session.status],
        )
    out.print(table if sessions else "Aucune séance. `verbatim ingest FICHIER` en ajoute une.")


def _place(session: Session, at_ms: int) -> str:
    """Where on the time line: a clock, or nothing where none was recorded."""
    return f", {clock(at_ms)}" if session.is_recorded else ""


def print_voices(session: Session, transcript: Transcript) -> None:
    """A table of a session's voices, in order of first speech."""
    first: dict[str, int] = {}
    for turn in transcript.turns:
        first.setdefault(turn.speaker or "", turn.start_ms)
    table = Table(box=None, pad_edge=False)
    for heading in ("Voix", "Depuis", "Personne", "Confiance", "Pourquoi"):
        table.add_column(heading, no_wrap=heading != "Pourquoi")
    for who in sorted(transcript.speakers, key=lambda s: first.get(s.label, 0)):
        at = first.get(who.label, 0)
        since = clock(at) if session.is_recorded else f"mot {at + 1}"
        sure = f"{who.confidence:.2f}" if who.person else ""
        table.add_row(who.label, since, escape(who.person or "—"), sure, escape(who.reason))
    out.print(table if transcript.speakers else "Aucune voix n'a été distinguée.")


def print_review(items: Sequence[ReviewItem]) -> None:
    """A table of what a clerk should hear again."""
    table = Table(box=None, pad_edge=False)
    for heading in ("De", "À", "Doute", "Pourquoi"):
        table.add_column(heading, no_wrap=heading != "Pourquoi")
    for item in items:
        times = clock(item.start_ms), clock(item.end_ms)
        table.add_row(*times, _DOUBTS[item.doubt], escape(item.reason))
    out.print(table if items else "Rien à réécouter.")


def print_carried(carried: CarriedOver, review: Sequence[ReviewItem]) -> None:
    """What stands on words that were heard anew, and a table of what does not."""
    for what, done, left in (
        ("Corrections", carried.corrections, carried.corrections_left),
        ("Voix nommées", carried.voices, carried.voices_left),
        ("Votes", carried.votes, carried.votes_left),
        ("Interventions relues", carried.read, carried.read_left),
    ):
        out.print(f"{what} : {done} reportées, {left} à revoir" if done or left else f"{what} : —")
    if carried.widened:
        out.print(f"Passages réservés au bureau, allongés d'un mot : {carried.widened}")
    if items := [item for item in review if item.doubt is Doubt.CARRY]:
        print_review(items)


def print_hits(hits: Sequence[Hit], published: Published) -> None:
    """Ranked passages with speaker, session and time, and why they were found."""
    for rank, hit in enumerate(hits, 1):
        why = f" · [dim]{hit.score:.2f} ({'+'.join(hit.found_by)})[/dim]"
        _print_passage(rank, hit.passage, published, why)
    if not hits:
        out.print("Aucun passage publié ne correspond.")


def print_passages(passages: Sequence[Passage], published: Published) -> None:
    """Passages with speaker, session and time."""
    for number, passage in enumerate(passages, 1):
        _print_passage(number, passage, published)
    if not passages:
        out.print("Aucun passage publié ne correspond.")


def _print_passage(number: int, passage: Passage, published: Published, why: str = "") -> None:
    session = published.session(passage.session)
    names = {s.label: s.person for s in published.speakers(session.id)}
    turns = published.turns(session.id, passage.first_turn, passage.last_turn)
    unnamed = "voix non nommée" if session.is_recorded else "texte de la séance"
    voices = dict.fromkeys(names.get(t.speaker or "") or unnamed for t in turns)
    out.print(
        f"[bold]{number}.[/bold] {escape(', '.join(voices))} · {escape(session.title)}, "
        f"{session.date.isoformat()}{_place(session, passage.start_ms)}{why}\n"
        f"   {escape(passage.text)}"
    )


def print_answer_json(answer: Answer) -> None:
    """An answer as `ask --json` gives it, with the names that scripts know."""
    values = asdict(answer)
    query = values.pop("query")
    asked = {_QUERY_KEYS.get(name, name): value for name, value in query.items()}
    del asked["mentioned"]
    for citation in values["citations"]:  # scripts know a turn by its place
        place = citation.pop("index")
        citation["turn"] = citation["turn"] if place is None else place
    print_json({"asked": asked, "refused": answer.refused, "near": answer.near, **values})


def print_answer(answer: Answer, published: Published, site: str) -> None:
    """Quotations, each with who, when, where, and the address that plays it."""
    if answer.refused:
        out.print(answer.why or "")
    if answer.decision:
        out.print(f"{escape(answer.decision.label or '')} : « {escape(answer.decision.quote)} »\n")
    if answer.near:
        out.print("Voici ce qui s'en approche :")
    for number, citation in enumerate(answer.citations):
        if number and number == len(answer.citations) - answer.also:
            out.print("Voici aussi ce qui s'en approche :")
        session = published.session(citation.session)
        item = session.agenda_item_at(citation.start_ms)
        person = session.person(citation.speaker)
        who = citation.speaker or "Voix non nommée"
        role = f" ({person.role}{', ' + person.group if person.group else ''})" if person else ""
        point = f"\n  Point {item.number} : {item.title}" if item else ""
        if citation.label:
            out.print(f"{escape(citation.label)} :")
        out.print(
            f"« {escape(citation.quote)} »\n  [bold]{escape(who)}[/bold]{escape(role)} · "
            f"{escape(session.title)}, {session.date.isoformat()}"
            f"{_place(session, citation.start_ms)}{escape(point)}\n  {site}/seances/{session.id}"
            f"?t={citation.start_ms}-{citation.end_ms}\n"
        )
