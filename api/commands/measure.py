"""`verbatim eval` and `verbatim bench`: the checkout's own measurements, and how they end.

They belong to the product's developers: an installation without its source has none.
"""

import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ingest.errors import BadInput

commands = typer.Typer()
_SOURCE = Path(__file__).parents[2]  # the root of the repository


class Measure(StrEnum):
    """What can be measured by itself."""

    RETRIEVAL = "retrieval"
    HEARING = "hearing"
    ANSWERS = "answers"
    COUNCIL = "council"
    NAMES = "names"


@commands.command("eval")
def evaluate(
    update: Annotated[bool, typer.Option("--update", help="Refaire la référence.")] = False,
    data: Annotated[
        Path | None, typer.Option(help="Garder les séances d'exemple dans ce dossier.")
    ] = None,
    only: Annotated[list[Measure] | None, typer.Option(help="Ne mesurer que cela.")] = None,
) -> None:
    """Mesurer la qualité sur les exemples, et sur VERBATIM_EVAL_DATA, à côté de la référence."""
    options = ["--update"] if update else []
    options += ["--data", str(data.resolve())] if data else []
    options += [option for kind in only or () for option in ("--only", kind.value)]
    raise typer.Exit(run_module("tests.eval", options))


@commands.command(
    "bench", context_settings={"allow_extra_args": True, "ignore_unknown_options": True}
)
def bench(
    context: typer.Context,
    what: Annotated[
        str | None, typer.Argument(help="scale, words, long, wordless ; rien : les exemples.")
    ] = None,
) -> None:
    """Mesurer la vitesse et la mémoire. Ce qui suit est passé à la mesure (--help la décrit)."""
    known = sorted(path.stem for path in (_SOURCE / "tests/bench").glob("[a-z]*.py"))
    if what is not None and known and what not in known:
        raise BadInput(f"La mesure « {what} » n'existe pas : {', '.join(known)}.")
    module = f"tests.bench.{what}" if what else "tests.bench"
    raise typer.Exit(run_module(module, context.args))


def run_module(module: str, options: list[str], source: Path = _SOURCE) -> int:
    """Run one of the checkout's modules with this interpreter; its exit code.

    Raises `BadInput` where the product was installed without its source.
    """
    folder = source.joinpath(*module.split("."))
    if not folder.is_dir() and not folder.with_suffix(".py").is_file():
        raise BadInput(
            f"Les mesures ne sont pas installées ({folder} manque) : lancez cette commande depuis"
            " un clone du projet, installé avec `make demo` ou `pip install -e .`."
        )
    command = [sys.executable, "-m", module, *options]
    return subprocess.run(command, cwd=source, check=False).returncode  # noqa: S603
