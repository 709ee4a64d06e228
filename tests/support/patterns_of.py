"""All regular expressions of the product, and texts that are hard for each.

Module-level patterns are recorded in a child process that imports every module; patterns written
inside a function are read from its source, and those made of data while the function runs. Hard
texts are made from a pattern's own parse tree: what leads to a repeat, the repeated part many times
over, and an end at which nothing matches.
"""

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import islice, product
from pathlib import Path
from re import _constants as op
from re import _parser as parser
from typing import Any
from unittest.mock import patch

from tests.support import paths

PACKAGES = ("ingest", "search", "api", "web")
ROOT = paths.ROOT
WAYS: dict[str, Callable[[re.Pattern[Any], Any], object]] = {
    "match": lambda pattern, text: pattern.match(text),
    "fullmatch": lambda pattern, text: pattern.fullmatch(text),
    "search": lambda pattern, text: deque(pattern.finditer(text), maxlen=0),  # sub, findall, split
}
_SEARCHING = ("search", "sub", "subn", "split", "findall", "finditer")
_WAY = {"match": "match", "fullmatch": "fullmatch"} | dict.fromkeys(_SEARCHING, "search")
_FUNCTIONS = {"compile", *_WAY}


@dataclass(frozen=True, order=True)
class Site:
    """A place in the product's source where a pattern is compiled."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Found:
    """A pattern, where it stands, and the ways in which it is applied (`WAYS`)."""

    site: Site
    pattern: str | bytes
    flags: int
    ways: tuple[str, ...]


@dataclass(frozen=True)
class Call:
    """A call of `re` in the source; `function` is "" at the level of the module."""

    site: Site
    function: str
    ways: tuple[str, ...]
    node: ast.Call


# --- where patterns stand -------------------------------------------------------------------------


def calls() -> list[Call]:
    """Every call of the module `re` that takes a pattern, in the product's source."""
    found: list[Call] = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            tree = ast.parse(path.read_text("utf-8"))
            reader = _Calls(str(path.relative_to(ROOT)), _ways(tree))
            reader.visit(tree)
            found += reader.found
    return found


class _Calls(ast.NodeVisitor):
    def __init__(self, file: str, ways: Mapping[str, tuple[str, ...]]) -> None:
        self.file, self.ways, self.function, self.name = file, ways, "", ""
        self.found: list[Call] = []

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        outer, self.function = self.function, node.name
        self.generic_visit(node)
        self.function = outer

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_Assign(self, node: ast.Assign) -> None:
        target = node.targets[0]
        called = isinstance(node.value, ast.Call)
        self.name = target.id if isinstance(target, ast.Name) and called else ""
        self.generic_visit(node)
        self.name = ""

    def visit_Call(self, node: ast.Call) -> None:
        called = node.func
        if (
            isinstance(called, ast.Attribute)
            and isinstance(called.value, ast.Name)
            and called.value.id == "re"
            and called.attr in _FUNCTIONS
        ):
            kept = self.ways.get(self.name) if not self.function else None
            ways = kept if called.attr == "compile" else (_WAY[called.attr],)
            site = Site(self.file, node.lineno)
            self.found.append(Call(site, self.function, ways or tuple(WAYS), node))
        self.generic_visit(node)


def _ways(tree: ast.Module) -> dict[str, tuple[str, ...]]:
    """How each name of a module is applied, where it is a pattern used by its methods alone."""
    used: dict[str, set[str]] = {}
    bare = Counter(n.id for n in ast.walk(tree) if isinstance(n, ast.Name))
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and (node.attr in _WAY or node.attr == "pattern")
        ):
            used.setdefault(node.value.id, set()).update(filter(None, [_WAY.get(node.attr)]))
            bare[node.value.id] -= 1
    # one is left: where the name is given its value
    return {name: tuple(sorted(ways)) for name, ways in used.items() if bare[name] == 1 and ways}


def inside(call: Call) -> Found | None:
    """The pattern of a call inside a function; None where it is made of the function's data."""
    name = call.site.file.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    try:
        code = compile(ast.Expression(call.node.args[0]), call.site.file, "eval")
        pattern = eval(code, dict(vars(importlib.import_module(name))))  # our own source
    except NameError:
        return None
    return Found(call.site, pattern, re.compile(pattern).flags, call.ways)


@contextmanager
def recording() -> Iterator[list[tuple[str, str | bytes, int]]]:
    """What this process compiles meanwhile, with the file that asked for it."""
    compiled_by, seen = re._compile, []  # type: ignore[attr-defined]

    def record(pattern: Any, flags: int) -> Any:
        compiled = compiled_by(pattern, flags)
        file = Path(sys._getframe(2).f_code.co_filename)
        if file.is_relative_to(ROOT):
            seen.append((str(file.relative_to(ROOT)), compiled.pattern, compiled.flags))
        return compiled

    with patch.object(re, "_compile", record):
        yield seen


_RECORD = """
import json, re, sys
compiled_by, root, seen = re._compile, sys.argv[1], []
def record(pattern, flags):
    compiled = compiled_by(pattern, flags)
    frame = sys._getframe(2)
    if frame.f_code.co_filename.startswith(tuple(f"{root}/{p}/" for p in sys.argv[2].split())):
        line = (frame.f_lineno, compiled.pattern, compiled.flags)
        seen.append((frame.f_code.co_filename[len(root) + 1:], *line))
    return compiled
re._compile = record
for module in sys.argv[3:]:
    __import__(module)
print(repr(seen))
"""


@cache
def at_import() -> list[tuple[Site, str | bytes, int]]:
    """What the product compiles while all of its modules are imported, in a fresh process."""
    modules = [
        module.name
        for package in PACKAGES
        for module in pkgutil.walk_packages([str(ROOT / package)], f"{package}.")
        if ".migrations" not in module.name  # these are run by alembic, not imported
    ]
    arguments = [sys.executable, "-c", _RECORD, str(ROOT), " ".join(PACKAGES), *modules]
    ran = subprocess.run(arguments, cwd=ROOT, check=True, capture_output=True, text=True)
    return [(Site(file, line), *rest) for file, line, *rest in ast.literal_eval(ran.stdout)]


# --- texts that are hard --------------------------------------------------------------------------


@dataclass(frozen=True)
class Hard:
    """`lead`, then `pump` as often as wanted, then `end`."""

    lead: str
    pump: str
    end: str

    def text(self, length: int) -> str:
        """A text of about that many characters."""
        return self.lead + self.pump * max(1, length // len(self.pump)) + self.end


_Groups = dict[int, Any]
_ENDS = ("\x00", "", " zz")  # at which hardly anything matches
_MOST_PUMPS, _MOST_CHOICES = 60, 40  # of one repeat, of one part: all that the product has now
_CATEGORY = {
    op.CATEGORY_DIGIT: "1", op.CATEGORY_NOT_DIGIT: "a -", op.CATEGORY_SPACE: " \n",
    op.CATEGORY_NOT_SPACE: "a1-", op.CATEGORY_WORD: "a1_", op.CATEGORY_NOT_WORD: " -'",
}  # fmt: skip
_ANY = "a1 -é'.,A_"


def hard_texts(pattern: str | bytes, flags: int) -> list[Hard]:
    """Texts made to be hard for a pattern.

    A repeat is pumped after what leads to it (one match that fails slowly), by itself and together
    with what leads to it (a search that begins anew at each place).
    """
    text = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
    tree = parser.parse(text, flags & ~(re.UNICODE | re.LOCALE | re.ASCII))
    pumped: dict[tuple[str, str], None] = {}
    _pumped(tree, "", {}, pumped)
    found: dict[Hard, None] = {}
    for (lead, pump), end in product(pumped, _ENDS):
        for hard in (Hard(lead, pump, end), Hard("", pump, end), Hard("", f"{lead}{pump}", end)):
            found[hard] = None
    return list(found)


def _pumped(tree: Any, lead: str, groups: _Groups, found: dict[tuple[str, str], None]) -> None:
    """Records (lead, pump) for each repeat of a tree and what it holds."""
    for kind, value in tree:
        for body, most in _parts(kind, value, groups):
            if most > 1:
                pumps = islice(dict.fromkeys(_examples(body, groups)), _MOST_PUMPS)
                found |= dict.fromkeys((lead, pump) for pump in pumps if pump)
            _pumped(body, lead, groups, found)
        lead += next(_examples([(kind, value)], groups), "")


def _parts(kind: Any, value: Any, groups: _Groups) -> Iterator[tuple[Any, int]]:
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        yield value[2], int(value[1])
    elif kind is op.SUBPATTERN:
        groups[value[0]] = value[3]
        yield value[3], 1
    elif kind is op.BRANCH:
        for branch in value[1]:
            yield branch, 1
    elif kind in (op.ASSERT, op.ASSERT_NOT):
        yield value[1], 1
    elif kind is op.ATOMIC_GROUP:
        yield value, 1
    elif kind is op.GROUPREF_EXISTS:
        yield value[1], 1
        if value[2]:
            yield value[2], 1


def _examples(tree: Any, groups: _Groups) -> Iterator[str]:
    """Some texts that match a part, each of its choices at least once."""
    columns = [
        list(islice(dict.fromkeys(_one(k, v, groups)), _MOST_CHOICES)) or [""] for k, v in tree
    ]
    if not columns:
        yield ""
        return
    first = [column[0] for column in columns]
    yield "".join(first)
    for at, column in enumerate(columns):
        for choice in column[1:]:
            yield "".join((*first[:at], choice, *first[at + 1 :]))


def _one(kind: Any, value: Any, groups: _Groups) -> Iterator[str]:
    if kind is op.LITERAL:
        yield chr(value)
    elif kind is op.NOT_LITERAL:
        yield from (c for c in _ANY if ord(c) != value)
    elif kind is op.ANY:
        yield from _ANY
    elif kind is op.IN:
        yield from _of_set(value)
    elif kind is op.BRANCH:
        for branch in value[1]:
            yield from _examples(branch, groups)
    elif kind is op.SUBPATTERN:
        groups[value[0]] = value[3]
        yield from _examples(value[3], groups)
    elif kind is op.ATOMIC_GROUP:
        yield from _examples(value, groups)
    elif kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        least, most, body = value
        times = max(int(least), 1 if most else 0)
        yield from (example * times for example in _examples(body, groups))
        if least == 0:
            yield ""
    elif kind is op.GROUPREF:
        yield from islice(_examples(groups.get(value, []), groups), 1)


def _of_set(items: Sequence[Any]) -> Iterator[str]:
    if items and items[0][0] is op.NEGATE:
        excluded = set(_of_set(items[1:]))
        # a category excluded stands for all its letters
        yield from (c for c in "aé1 -'.,A_:;!" if not _in_set(c, items[1:]) and c not in excluded)
        return
    for kind, value in items:
        if kind is op.LITERAL:
            yield chr(value)
        elif kind is op.RANGE:
            yield chr(value[0])
            if value[1] != value[0]:
                yield chr(value[1])
        elif kind is op.CATEGORY:
            yield from _CATEGORY[value]


def _in_set(char: str, items: Iterable[Any]) -> bool:
    tests: dict[object, Callable[[str], bool]] = {
        op.CATEGORY_DIGIT: str.isdigit, op.CATEGORY_SPACE: str.isspace,
        op.CATEGORY_WORD: lambda c: c.isalnum() or c == "_",
        op.CATEGORY_NOT_WORD: lambda c: not (c.isalnum() or c == "_"),
        op.CATEGORY_NOT_SPACE: lambda c: not c.isspace(),
        op.CATEGORY_NOT_DIGIT: lambda c: not c.isdigit(),
    }  # fmt: skip
    for kind, value in items:
        if kind is op.LITERAL and ord(char) == value:
            return True
        if kind is op.RANGE and value[0] <= ord(char) <= value[1]:
            return True
        if kind is op.CATEGORY and tests[value](char):
            return True
    return False
