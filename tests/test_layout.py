"""Guards on the whole: package names, file lengths, locked dependencies, pinned models."""

import subprocess
import sys
from importlib.metadata import packages_distributions

import pytest

from tests.support import paths

ROOT = paths.ROOT
PACKAGES = ("ingest", "search", "api", "web")


@pytest.mark.parametrize("package", PACKAGES)
def test_no_other_distribution_ships_our_generic_names(package: str) -> None:
    assert set(packages_distributions().get(package, [])) <= {"verbatim-council"}


@pytest.mark.parametrize("package", PACKAGES)
def test_files_stay_short_enough_to_be_read(package: str) -> None:
    lengths = {p: len(p.read_text("utf-8").splitlines()) for p in (ROOT / package).rglob("*.py")}
    assert {str(p): n for p, n in lengths.items() if n > 300} == {}


def test_the_pipeline_is_read_in_one_screen_or_two() -> None:
    assert len((ROOT / "ingest/pipeline.py").read_text("utf-8").splitlines()) < 100


def test_models_are_pinned_with_hashes() -> None:
    lines = (ROOT / "requirements-models.txt").read_text("utf-8").splitlines()
    pinned = [line for line in lines if "==" in line and not line.startswith("#")]
    assert len(pinned) == 4
    assert sum("--hash=sha256:" in line for line in lines) >= len(pinned)


def test_importing_the_command_reads_no_setting_and_loads_no_model() -> None:
    """`verbatim --help` must be quick, and importing must not depend on the environment."""
    code = (
        "import sys, os; os.environ['VERBATIM_PORT'] = 'not a number'\n"
        "import api.cli, api.app, web.app\n"
        "models = {'torch', 'chromadb', 'faster_whisper', 'sentence_transformers'}\n"
        "heavy = models & set(sys.modules)\n"
        "sys.exit(f'loaded at import: {heavy}' if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=60)
