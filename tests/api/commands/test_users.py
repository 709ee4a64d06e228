"""`verbatim user ...`: what it prints, and its exit codes."""

import json
from pathlib import Path

import pytest

from tests.api.commands.test_cli import Run
from tests.api.commands.test_cli import run as run  # noqa: PLC0414  (a fixture)


def test_an_account_from_its_making_to_its_closing(run: Run) -> None:
    code, out, err = run("user", "list")
    assert (code, "Aucun compte" in out) == (0, True)
    code, out, err = run("user", "add", "Claire", "--name", "Claire Fontanet", "--json")
    made = json.loads(out)
    assert (code, made["login"], made["role"], made["password"]) == (0, "claire", "clerk", False)
    assert made["link"].startswith("http://127.0.0.1:8000/bureau/invitation/")
    assert json.loads(run("user", "role", "claire", "administrator", "--json")[1])["role"] == (
        "administrator"
    )
    code, out, err = run("user", "disable", "claire")
    assert code == 2
    assert "dernier compte" in err
    run("user", "add", "chef", "--name", "Chef", "--role", "administrator")
    assert json.loads(run("user", "disable", "claire", "--json")[1])["active"] is False
    assert json.loads(run("user", "enable", "claire", "--json")[1])["active"] is True
    listed = json.loads(run("user", "list", "--json")[1])
    assert [one["login"] for one in listed] == ["chef", "claire"]


def test_a_link_is_printed_whole_on_a_line_of_its_own(run: Run) -> None:
    run("user", "add", "claire", "--name", "Claire Fontanet")
    code, out, _ = run("user", "link", "claire")
    assert code == 0
    assert out.splitlines()[-1].startswith("http://127.0.0.1:8000/bureau/invitation/")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["role", "personne", "clerk"], "personne"),
        (["role", "personne", "roi"], "roi"),
        (["link", "personne"], "personne"),
        (["add", "deux mots", "--name", "X"], "deux mots"),
        (["add", "x", "--name", " "], "nom"),
    ],
)
def test_a_mistake_is_one_sentence(
    arguments: list[str], told: str, run: Run, tmp_path: Path
) -> None:
    code, out, err = run("user", *arguments)
    assert code == 2
    assert told in err
    assert out == ""
