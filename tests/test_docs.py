"""Documents stay true: decisions numbered once and whole, links that lead somewhere, versions."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
DECISIONS = ROOT / "docs" / "decisions"
ROOMS = sorted(path for path in DECISIONS.glob("*.md") if path.name != "README.md")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINES = ["Context", "Decision", "Evidence", "Replaces"]
NUMBER = r"D-\d{3}"


def numbers(room: Path) -> list[str]:
    """The decisions of a room: headings, and rows of its tables."""
    return re.findall(rf"(?m)^(?:## |\| )({NUMBER})\b", room.read_text("utf-8"))


def named_files(page: Path) -> set[str]:
    """Paths of this repository that a page names."""
    folders = "api|deploy|docs|ingest|search|tests|web"
    return set(re.findall(rf"(?<![\w/.-])(?:{folders})/[\w./-]*\w", page.read_text("utf-8")))


@pytest.mark.parametrize("room", ROOMS, ids=lambda path: path.stem)
def test_a_decision_says_why_what_on_which_evidence_and_what_it_replaces(room: Path) -> None:
    sections = re.split(r"(?m)^## ", room.read_text("utf-8"))[1:]
    for section in (one for one in sections if one.startswith("D-")):
        heading, *lines = section.rstrip().split("\n")
        assert re.fullmatch(rf"{NUMBER} \S.*", heading)
        assert re.findall(r"(?m)^- \*\*(\w+)\.\*\* \S", section) == LINES, heading
        assert len(lines) == len(LINES), heading


def test_decisions_have_numbers_of_their_own_and_the_index_knows_them() -> None:
    every = [number for room in ROOMS for number in numbers(room)]
    assert len(every) == len(set(every))
    index = (DECISIONS / "README.md").read_text("utf-8")
    following = max(int(number[2:]) for number in every) + 1
    assert f"**D-{following:03}**" in index
    for room in ROOMS:
        for number, title in re.findall(rf"(?m)^## ({NUMBER}) (.*)$", room.read_text("utf-8")):
            assert f"- {number} [{title}]({room.name})" in index


def test_decisions_that_are_referred_to_exist() -> None:
    known = {number for room in ROOMS for number in numbers(room)}
    sources = [
        path for name in ("ingest", "search", "api", "web") for path in (ROOT / name).rglob("*.py")
    ]
    for path in [*sources, *ROOMS]:
        assert set(re.findall(rf"\b{NUMBER}\b", path.read_text("utf-8"))) <= known, path


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files_that_exist(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#\s]+)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize(
    "page", [*ROOMS, ROOT / "SECURITY.md", ROOT / "docs/security.md"], ids=lambda path: path.name
)
def test_files_that_decisions_and_promises_rest_on_exist(page: Path) -> None:
    assert [name for name in named_files(page) if not any(ROOT.glob(f"{name}*"))] == []


def test_each_run_time_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = {re.match(r"[\w-]+", line).group() for line in project["dependencies"]}  # type: ignore[union-attr]
    rows = re.findall(
        rf"(?m)^\| {NUMBER} \| ([\w-]+)", (DECISIONS / "dependencies.md").read_text("utf-8")
    )
    assert needed <= set(rows)


def test_the_changelog_begins_with_the_version_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    newest = re.search(
        r"(?m)^## (\S+) - (unreleased|\d{4}-\d\d-\d\d)$", (ROOT / "CHANGELOG.md").read_text("utf-8")
    )
    assert newest is not None and newest[1] == project["version"]


def test_hooks_before_a_commit_are_the_checks_of_make_lint() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"][0][
        "hooks"
    ]
    checks = [hook["entry"] for hook in hooks if "commit-msg" not in hook.get("stages", [])]
    targets = re.findall(
        r"(?m)^(?:style|rules|types):.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text("utf-8")
    )
    lines = "".join(targets).replace("$(BIN)", ".venv/bin").splitlines()
    assert sorted(checks) == sorted(line.strip() for line in lines)
