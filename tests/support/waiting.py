"""Waiting for what another thread, process or page does: long enough for a machine that is busy.

A test passes as soon as it may, so a long patience costs nothing but where it fails. Only what is
to be cut off gets a short one, and only where a starved machine would end it the same way.
"""

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE_S = 300.0


def until(condition: Callable[[], bool], each_s: float = 0.02) -> None:
    """Wait for a condition that another thread or process brings about."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, condition
        time.sleep(each_s)


def gone(process: int) -> bool:
    """Has a process ended?"""
    try:
        os.kill(process, 0)
        return Path(f"/proc/{process}/stat").read_text().split()[2] == "Z"
    except (ProcessLookupError, FileNotFoundError):
        return True


def free_port() -> int:
    """A port of this machine on which nothing listens now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def listens(port: int) -> bool:
    """Does a server of this machine accept connections on a port?"""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
