"""The C library's memory, set for models that take and give back the same large blocks in a loop.

As it comes, glibc returns every large block to the system and asks for it again, and the system
clears each page anew: a third of the time of Whisper's encoder. Kept instead, the blocks serve
again; the process grows no larger than it already was at its widest. See decisions.md.
"""

import ctypes

_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -4, -8  # malloc.h, mallopt(3)
_ALL = 2**31 - 1


def keep_freed_memory() -> bool:
    """Ask for it, for this process and for good; False where the C library is not glibc.

    To be called before the model's threads start: a thread keeps the arena that it began with.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    kept = mallopt(_ARENA_MAX, 1), mallopt(_MMAP_MAX, 0), mallopt(_TRIM_THRESHOLD, _ALL)
    return all(kept)
