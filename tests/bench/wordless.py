"""Hours in which no one speaks, heard by the product: `python -m tests.bench.wordless`.

Silence, a hall, applause and music, `--minutes` of each, must give no word: exits 1 otherwise.
"""

import argparse
import sys

import numpy as np

from ingest.settings import Settings
from tests.bench.sounds import WORDLESS
from tests.bench.words import PIECE_MS, ours


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.wordless", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    minutes, hear, found = parser.parse_args().minutes, ours(Settings()), 0
    for kind, make in WORDLESS.items():
        left, heard = minutes * 60, []
        while left > 0:
            piece = min(left, PIECE_MS / 1000)
            heard += hear(make(piece, np.random.default_rng(int(left)))).split()
            left -= piece
        found += len(heard)
        print(f"{kind}: {minutes:g} min, {len(heard)} words {' '.join(heard[:20])}", flush=True)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
