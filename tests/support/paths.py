"""Where the repository's own files are, for every test."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
GOLDEN = ROOT / "tests" / "golden"
WEB = ROOT / "web"
QUESTIONS = ROOT / "tests" / "eval" / "questions"
