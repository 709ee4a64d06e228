"""Figures of the house: how many files, how long, how deep, how well explained.

    python -m tests.eval.house             what the source alone tells
    python -m tests.eval.house --walk      and what a sample passes through

Static figures come from the syntax trees. The walk is measured: a sample is ingested, published,
asked about and played with the packaged models, and the files and dataclasses in use are counted.
"""

import argparse
import ast
import io
import json
import re
import sys
import tokenize
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, is_dataclass
from functools import cache, wraps
from importlib import import_module
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coverage import Coverage

ROOT = Path(__file__).parents[2]
PACKAGES = ("ingest", "search", "api", "web")
LONGEST_FUNCTION = 60  # lines: the house's rule


@dataclass(frozen=True)
class House:
    """What the source tells. Lines count blank ones and docstrings, as `wc -l` does."""

    files: int
    lines: int
    median_file_lines: int
    longest_file_lines: int
    median_function_lines: int
    functions_over_60_lines: int
    longest_import_chain: int
    imported_by_one_other: int
    comment_share: float
    tuned_numbers: int
    tuned_numbers_without_reason: int
    public_names_with_two_meanings: int


def sources() -> dict[str, str]:
    """Each module's text by dotted name; `__init__` files of one line and migrations left out."""
    modules = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            relative = path.relative_to(ROOT)
            text = path.read_text("utf-8")
            empty_package = path.name == "__init__.py" and text.count("\n") <= 1
            if "migrations" not in relative.parts and not empty_package:
                modules[".".join(relative.with_suffix("").parts).removesuffix(".__init__")] = text
    return modules


def imports(modules: dict[str, str]) -> dict[str, set[str]]:
    """The modules that each module imports, its own packages' only."""
    graph: dict[str, set[str]] = {}
    for name, text in modules.items():
        wanted: set[str] = set()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom) and node.module:
                whole = (f"{node.module}.{alias.name}" for alias in node.names)
                wanted.update(one if one in modules else node.module for one in whole)
            elif isinstance(node, ast.Import):
                wanted.update(alias.name for alias in node.names)
        graph[name] = (wanted & modules.keys()) - {name}
    return graph


def longest_chain(graph: dict[str, set[str]]) -> int:
    """Modules on the longest path of imports."""

    @cache
    def depth(name: str) -> int:
        return 1 + max((depth(one) for one in graph[name]), default=0)

    return max(depth(name) for name in graph)


def _functions(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (node.end_lineno or node.lineno) - node.lineno + 1


def _comments(text: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return {t.start[0]: t.string for t in tokens if t.type == tokenize.COMMENT}


def tuned_numbers(text: str) -> Iterator[tuple[str, int, bool]]:
    """Module-level numbers other than 0 and 1: name, line, and whether a reason stands beside it.

    A reason is a comment on the line or above it, or a docstring below it; a comment above a run of
    assignments speaks for all of them.
    """
    tree, comments, lines = ast.parse(text), _comments(text), text.splitlines()
    spoken_for = -1  # the last line of the run that a comment or docstring speaks for
    for index, node in enumerate(tree.body):
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            continue
        first, last = node.lineno, node.end_lineno or node.lineno
        above = first >= 2 and lines[first - 2].lstrip().startswith("#")
        on_it = any(line in comments for line in range(first, last + 1))
        after = tree.body[index + 1] if index + 1 < len(tree.body) else None
        below = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
        reasoned = above or on_it or below or spoken_for == first - 1
        if reasoned and (above or spoken_for == first - 1):
            spoken_for = last
        numbers = [
            n.value
            for n in ast.walk(node.value)
            if isinstance(n, ast.Constant) and type(n.value) in (int, float)
        ]
        if any(number not in (0, 1) for number in numbers):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            yield ast.unparse(target), first, reasoned


def _public_names(modules: dict[str, str]) -> int:
    """Public functions and classes whose name stands in more than one module."""
    places: dict[str, set[str]] = defaultdict(set)
    for name, text in modules.items():
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                routed = any("router" in ast.unparse(d) for d in node.decorator_list)
                if not node.name.startswith("_") and not routed:
                    places[node.name].add(name)
    return sum(len(where) > 1 for where in places.values())


def measure() -> House:
    """The static figures of the checkout."""
    modules = sources()
    graph = imports(modules)
    lengths = [text.count("\n") for text in modules.values()]
    functions = [n for text in modules.values() for n in _functions(ast.parse(text))]
    importers = defaultdict(set)
    for name, wanted in graph.items():
        for one in wanted:
            importers[one].add(name)
    tuned = [row for text in modules.values() for row in tuned_numbers(text)]
    comments = sum(len(_comments(text)) for text in modules.values())
    return House(
        files=len(modules),
        lines=sum(lengths),
        median_file_lines=round(median(lengths)),
        longest_file_lines=max(lengths),
        median_function_lines=round(median(functions)),
        functions_over_60_lines=sum(n > LONGEST_FUNCTION for n in functions),
        longest_import_chain=longest_chain(graph),
        imported_by_one_other=sum(len(who) == 1 for who in importers.values()),
        comment_share=round(comments / sum(lengths), 4),
        tuned_numbers=len(tuned),
        tuned_numbers_without_reason=sum(not reasoned for _, _, reasoned in tuned),
        public_names_with_two_meanings=_public_names(modules),
    )


@dataclass(frozen=True)
class Walk:
    """What one sample passes through: upload to archive, publication, a question, its clip."""

    files_from_sample_to_played_quotation: int
    dataclasses_from_sample_to_played_quotation: int
    files_of_a_question: int


def walk(data: Path) -> Walk:
    """Ingest a sample with the packaged models in `data`, publish it, ask, and cut the clip.

    A file counts if a line inside one of its functions ran; a dataclass if one was made.
    """
    from coverage import Coverage

    for name in sources():
        import_module(name)
    made: set[str] = set()
    for kind in _dataclasses():
        _recorded(kind, made)
    files: list[set[str]] = []
    for part in _parts(data):
        measured = Coverage(data_file=None, source=[str(ROOT / package) for package in PACKAGES])
        measured.start()
        part()
        measured.stop()
        files.append(set(_files_run(measured)))
    return Walk(len(set().union(*files)), len(made), len(files[-1]))


def _parts(data: Path) -> tuple[Callable[[], object], Callable[[], object]]:
    from fastapi.testclient import TestClient

    from api.product import Product
    from ingest.samples import sample_requests
    from ingest.settings import Settings
    from web.app import create_app

    product = Product(Settings(data=data, _env_file=None))
    request = sample_requests(ROOT / "samples")[0]

    def keep() -> None:
        session = product.ingest(request, lambda stage, fraction: None)
        product.publish(session.id)

    def ask() -> None:
        with TestClient(create_app(product.deps(), product.desk())) as reader:
            question = "Combien coûte la piste cyclable du quai du Soleil ?"
            links = reader.post("/api/ask", json={"question": question}).text
            clip = re.search(r'"clip_mp3": ?"([^"]+)"', links)
            assert clip is not None, links
            reader.get(clip[1]).raise_for_status()

    return keep, ask


def _dataclasses() -> Iterator[type]:
    for name in sources():
        for kind in vars(sys.modules[name]).values():
            if isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == name:
                yield kind


def _recorded(kind: type, made: set[str]) -> None:
    init = kind.__init__  # type: ignore[misc]  # whose it is, is what is recorded

    @wraps(init)
    def record(self: object, *args: object, **kwargs: object) -> None:
        made.add(f"{kind.__module__}.{kind.__name__}")
        init(self, *args, **kwargs)

    kind.__init__ = record  # type: ignore[misc]


def _files_run(measured: "Coverage") -> Iterator[str]:
    data = measured.get_data()
    for path in data.measured_files():
        ran = set(data.lines(path) or ())
        for node in ast.walk(ast.parse(Path(path).read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = range(node.body[0].lineno, (node.end_lineno or node.lineno) + 1)
                if ran & set(body):
                    yield path
                    break


def unexplained() -> Iterator[str]:
    """Where a tuned number stands without a reason."""
    for name, text in sources().items():
        for target, line, reasoned in tuned_numbers(text):
            if not reasoned:
                yield f"{name}:{line} {target}"


def main() -> None:
    """Print the figures, as a table or as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--unexplained", action="store_true", help="list the tuned numbers")
    parser.add_argument("--walk", action="store_true", help="ingest a sample and ask (a minute)")
    options = parser.parse_args()
    if options.unexplained:
        print("\n".join(unexplained()))
        return
    figures = asdict(measure())
    if options.walk:
        with TemporaryDirectory() as data:
            figures |= asdict(walk(Path(data)))
    if options.json:
        json.dump(figures, sys.stdout, indent=1)
        return
    for name, value in figures.items():
        print(f"{name.replace('_', ' '):34} {value}")


if __name__ == "__main__":
    main()
