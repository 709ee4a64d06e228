"""What the C library is asked for."""

import platform
import subprocess
import sys

import pytest

_CHURN = """
import ctypes, resource
from ingest.asr.whisper import keep_freed_memory
assert not {keep} or keep_freed_memory()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
for _ in range(20):
    block = libc.malloc(64 << 20)
    ctypes.memset(block, 1, 64 << 20)
    libc.free(block)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has mallopt")
def test_large_blocks_are_used_again_instead_of_cleared_anew() -> None:
    def faults(keep: bool) -> int:
        code = _CHURN.format(keep=keep)
        return int(
            subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
        )

    assert faults(True) < faults(False) / 3
