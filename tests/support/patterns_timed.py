"""How the time that a pattern takes grows with a text: run as a child process, for it may hang.

Reads patterns from its standard input and prints a line when it begins with one and when it is done
with it. Times are of the processor, compared with each other and with one plain reading (`UNIT`) in
the same process: no machine is too slow for it.
"""

import re
import selectors
import subprocess
import sys
import time
from ast import literal_eval
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tests.support.patterns_of import ROOT, WAYS, Found, Hard, Site, hard_texts

FIRST = 256
"""Characters of a text that tells nothing yet, but by hanging."""
LINEAR = 8.0
"""Growth over four times the length that is still linear: 4 and what caches do; 16 is quadratic."""
_CANDIDATES = 8  # the slowest texts of the first length, that are made longer
_TOO_SLOW = 20  # units for the first length: it grows faster than it is worth to wait for
SILENT_S = 60.0
"""Seconds after which a child that says nothing hangs: a pattern takes some seconds at most."""


@dataclass(frozen=True)
class Task:
    """A pattern, and the longest text that it is given."""

    found: Found
    longest: int


def slow(tasks: Sequence[Task]) -> Iterator[tuple[Site, str]]:
    """The patterns whose time grows faster than the text, with the text for which it does."""
    left = list(tasks)
    while left:
        done, hangs = yield from _one_child(left)
        if hangs:
            yield left[done].found.site, "hangs"
        left = left[done + 1 :]


def _one_child(tasks: Sequence[Task]) -> Any:
    """Yields what one child finds; returns how many were done, and whether it hung in the next."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.support.patterns_timed"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
    )  # fmt: skip
    assert child.stdin and child.stdout
    rows = [(t.found.pattern, t.found.flags, t.found.ways, t.longest) for t in tasks]
    child.stdin.write(f"{rows!r}\n")
    child.stdin.close()
    done = 0
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while done < len(tasks) and selector.select(SILENT_S):
            line = child.stdout.readline()
            if not line:
                raise RuntimeError(f"the child ended with {child.wait()}")
            if told := literal_eval(line):
                yield tasks[done].found.site, told
            done += 1
    child.kill()
    child.wait()
    child.stdout.close()
    return done, done < len(tasks)


# --- in the child -----------------------------------------------------------------------------


def _seconds(pattern: re.Pattern[Any], way: str, text: Any, times: int = 3) -> float:
    best = float("inf")
    for _ in range(times):
        start = time.thread_time()
        WAYS[way](pattern, text)
        best = min(best, time.thread_time() - start)
    return best


def _unit() -> float:
    """One reading of 200,000 characters, word by word."""
    return _seconds(re.compile(r"\w+"), "search", "mot " * 50_000, 9)


class _Timed:
    """One pattern, applied in one way."""

    def __init__(self, pattern: re.Pattern[Any], way: str, longest: int, unit: float) -> None:
        self.pattern, self.way, self.longest, self.unit = pattern, way, longest, unit

    def told(self, hard: Sequence[Hard]) -> str:
        """What is wrong with it, "" where nothing is."""
        scored = []
        for one in hard:
            for length in (16, 24, 32):  # what is exponential hangs at the third
                if min(self.seconds(one, length, 1), self.seconds(one, length, 1)) > self.unit:
                    return f"{self.way} {one!r} at {length}"
            scored.append((self.seconds(one, min(FIRST, self.longest), 1), one))
            if scored[-1][0] > _TOO_SLOW * self.unit:
                return f"{self.way} {one!r} at {FIRST}"
        scored.sort(key=lambda pair: -pair[0])
        return next((told for _, one in scored[:_CANDIDATES] if (told := self.growth(one))), "")

    def growth(self, hard: Hard) -> str:
        """Where a text four times as long takes far more than four times as long."""
        lengths = [n for n in (self.longest // 4**k for k in range(4, -1, -1)) if n >= 60]
        for shorter, longer in pairwise(lengths):
            for _ in range(4):  # measured again before it is believed
                small, large = self.seconds(hard, shorter), self.seconds(hard, longer)
                if large <= self.unit or large <= LINEAR * small:
                    break
            else:
                return f"{self.way} {hard!r}: {large / small:.0f} times from {shorter} to {longer}"
        return ""

    def seconds(self, hard: Hard, length: int, times: int = 3) -> float:
        """The least time that it took for a text of that length."""
        text: Any = hard.text(length)
        if isinstance(self.pattern.pattern, bytes):
            text = text.encode("latin-1", "replace")
        return _seconds(self.pattern, self.way, text, times)


def _main() -> None:
    unit = _unit()
    for text, flags, ways, longest in literal_eval(sys.stdin.readline()):
        pattern, hard = re.compile(text, flags), hard_texts(text, flags)
        timed = (_Timed(pattern, way, longest, unit).told(hard) for way in ways)
        print(repr(next(filter(None, timed), "")), flush=True)


if __name__ == "__main__":
    _main()
