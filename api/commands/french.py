"""What Typer says of itself, in French: the heads of a help, what was mistyped, yes or no.

It has no catalogue for all of this: its constants are set, its sentences are said anew.
"""

import re

import typer
from typer import rich_utils
from typer._click.core import Command
from typer._click.exceptions import ClickException, NoArgsIsHelpError

from ingest.errors import BadInput

_SENTENCES = tuple(
    (re.compile(english, re.DOTALL), french)
    for english, french in (
        (r"No such option: (\S{1,80})", r"L'option \1 n'existe pas."),
        (r"No such command (.{1,300}?)\.", r"La commande \1 n'existe pas."),
        (r" \(Possible options: (.{1,300})\)| Did you mean (.{1,300})\?", r" Plutôt \1\2 ?"),
        (r"Missing command\.", "Il manque la commande."),
        (r"Missing argument (.{1,300}?)\.", r"Il manque \1."),
        (r"Missing option (.{1,300}?)\.", r"Il manque l'option \1."),
        (r"Got unexpected extra argument\(s\) \((.{1,300})\)", r"De trop : \1."),
        (r"Option (.{1,300}) requires an argument\.", r"L'option \1 attend une valeur."),
        (r"Option (.{1,300}) does not take a value\.", r"L'option \1 ne prend pas de valeur."),
        (r"Invalid value for (.{1,300}?): (?:Value error, )?", r"\1 ne convient pas : "),
        (r"Input should be greater than or equal to (\S{1,80})", r"au moins \1."),
        (r"Input should be less than or equal to (\S{1,80})", r"au plus \1."),
        (r"Input should be a valid (?:integer|number).{0,80}", "un nombre est attendu."),
        (r"(\S{1,80}) is not one of (.{1,300})\.", r"\1 n'est pas l'un de \2."),
    )
)


def run(app: typer.Typer) -> int:
    """Run the command that is typed; its exit code. What is mistyped raises `BadInput`."""
    rich_utils.COMMANDS_PANEL_TITLE = "Commandes"
    rich_utils.DEFAULT_STRING = "[sinon : {}]"
    rich_utils.REQUIRED_LONG_STRING = "[nécessaire]"
    command = typer.main.get_command(app)
    _name_help(command)
    try:
        return int(command(standalone_mode=False) or 0)
    except NoArgsIsHelpError as shown:
        return shown.exit_code
    except ClickException as error:
        context = getattr(error, "ctx", None)
        more = f"\nPour l'aide : {context.command_path} --help" if context else ""
        raise BadInput(_told(error.format_message()) + more) from error


def agreed(question: str) -> bool:
    """Is a question answered by yes? No answer is no."""
    answer: str = typer.prompt(f"{question} [o/N]", default="", show_default=False)
    return answer.strip().lower() in ("o", "oui")


def _told(sentence: str) -> str:
    """A sentence of Typer's on what was mistyped, in French where it is a known one."""
    for english, french in _SENTENCES:
        sentence = english.sub(french, sentence)
    return sentence


def _name_help(command: Command) -> None:
    context = command.context_class(command)
    option = command.get_help_option(context)
    if option:
        option.help = "Montrer cette aide."
    for one in getattr(command, "commands", {}).values():
        _name_help(one)
