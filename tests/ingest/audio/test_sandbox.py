"""A child that crashes, swells, sleeps or was taken over ends in one sentence.

Its tasks stand here by themselves: a child imports the module of its task, and with it all that it
imports.
"""

import os
import time
from collections.abc import Callable

import pytest

from ingest.audio.sandbox import ChildDied, Limits, run_limited


def _crash(report: Callable[[float], None]) -> None:
    report(0.5)
    os.kill(os.getpid(), 11)


def _swell(report: Callable[[float], None]) -> int:
    return len(bytearray(2 << 30))


def _sleep(report: Callable[[float], None]) -> None:
    time.sleep(60)


class _Runs:
    """What a child that was taken over might answer."""

    def __reduce__(self) -> tuple[object, ...]:
        return print, ("run in the parent",)


def _answer_code(report: Callable[[float], None]) -> object:
    return _Runs()


def _answer_much(report: Callable[[float], None]) -> bytes:
    return bytes(65 << 20)


@pytest.mark.parametrize("task", [_crash, _swell, _sleep, _answer_code, _answer_much])
def test_a_child_that_does_not_answer_as_it_should_ends_as_one_sentence(
    task: Callable[..., object], capfd: pytest.CaptureFixture[str]
) -> None:
    limits = Limits(cpu_s=20, memory_bytes=1 << 30, wall_s=3.0 if task is _sleep else None)
    with pytest.raises(ChildDied, match="dépassé ses limites"):
        run_limited(task, limits=limits, report=lambda _: None)
    assert "run in the parent" not in capfd.readouterr().out
