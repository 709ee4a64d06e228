"""`verbatim votes`: what was decided, with the words that announced it."""

from typing import Annotated

import typer
from rich.markup import escape

from api.commands import console
from api.commands.options import SENTENCE, Json, open_product, read_sentence
from api.views.votes import VoteView, vote_reader
from search.filters import Filters, Outcome
from search.index.publish import tie
from search.votes.confirm import refresh
from search.votes.lookup import vote_asked
from search.votes.store import votes

commands = typer.Typer()


@commands.command("votes", context_settings=SENTENCE)
def list_votes(
    question: Annotated[
        str | None,
        typer.Argument(
            callback=read_sentence, help="Ce qui a été voté ; sans rien : tous les votes."
        ),
    ] = None,
    session: Annotated[list[str] | None, typer.Option(help="Séance.")] = None,
    object_: Annotated[list[str] | None, typer.Option("--object", help="Objet : PR-12.")] = None,
    outcome: Annotated[list[Outcome] | None, typer.Option(help="Issue du vote.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    as_json: Json = False,
) -> None:
    """Lister les votes annoncés dans les séances publiées, avec les mots qui les disent."""
    product = open_product()
    refresh(product.archive, tie)
    filters = Filters(sessions=tuple(session or ()), objects=tuple(object_ or ()))
    if question is None:
        found = votes(product.published, filters, tuple(outcome or ()))
    else:
        asked = vote_asked(product.published, question, filters, limit)
        found = tuple(a.vote for a in asked if not outcome or a.vote.outcome in outcome)
    view = vote_reader(product.published)
    shown = [one for vote in found[:limit] if (one := view(vote))]
    console.print_json(shown) if as_json else _print(shown)


def _print(shown: list[VoteView]) -> None:
    for vote in shown:
        said = vote.citation
        console.out.print(f"[bold]{escape(vote.told)}[/bold]")
        console.out.print(f"  « {escape(said.quote)} »")
        console.out.print(f"  {escape(said.who.name)}, {said.day}, {said.session}\n", style="dim")
    if not shown:
        console.out.print("Aucun vote n'a été trouvé.")
