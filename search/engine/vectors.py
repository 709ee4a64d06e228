"""Nearest vectors in memory, the same for any choice of rows: a coarse scan, then exact cosines.

All rows are compared in seven bits, a quarter of the memory to read; the best `RESCORED` are then
compared exactly. Measured in `docs/scale.md`. Immutable, like all that is searched; knows nothing
of passages.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from search.engine.bm25 import Mask
from search.index.embed import Vectors

Halves = npt.NDArray[np.float16]
Rows = npt.NDArray[np.int64]

RESCORED = 500  # rows compared exactly: 200 were always enough
FEW = 2_000  # rows: so few are all compared exactly
_LEVELS = 63  # of a coarse number: two products of 255 and 63 still fit in 16 bits (AVX2's sums)
_SAME, _NEARLY = 2e-3, 2e-2  # how far from 1 a row's product with itself may be
_BYTE = 127  # of the question's vector
_ZERO = 128  # the byte that stands for 0: products take unsigned bytes


@dataclass(frozen=True, eq=False)
class Scanned:
    """Unit vectors of some rows: in half precision (row, dimension), and coarse in `products`.

    A coarse number times its row's `steps` is nearly the true one; `products` multiplies a vector
    of bytes by all of them. A row whose vector is nought has none, as before another model's
    vectors are made.
    """

    full: Halves
    steps: Vectors
    products: Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.int32]]

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.full)

    @cached_property
    def total(self) -> Vectors:
        """The sum of all vectors, shape (dimension,)."""
        return np.asarray(self.full.sum(axis=0, dtype=np.float32))

    def kept(self, keep: Mask) -> "Scanned":
        """Some of the rows."""
        return scanned(self.full[keep])

    def finds_itself(self) -> Mask:
        """Which rows are unit vectors, kept well enough to be the nearest to themselves.

        A row whose coarse numbers give it nearly 1, the most there is, is among the best of the
        coarse scan; in half precision it then comes first, or a twin of it does.
        """
        exact, coarse = np.empty((2, len(self)), dtype=np.float32)
        for first in range(0, len(self), 4_096):  # in single precision a piece at a time
            here = slice(first, first + 4_096)
            rows = self.full[here].astype(np.float32)
            steps = self.steps[here]
            exact[here] = np.einsum("rd,rd->r", rows, rows)
            coarse[here] = np.einsum("rd,rd->r", rows, _coarse(rows, steps)) * steps
        return (abs(exact - 1) < _SAME) & (abs(coarse - 1) < _NEARLY)

    def scores(self, vector: Vectors) -> Vectors:
        """What orders the rows for a vector, nearly as its cosines do; shape (rows,)."""
        numbers = np.round(vector * (_BYTE / max(float(np.abs(vector).max()), 1e-9)))
        return np.asarray(self.products((numbers + _ZERO).astype(np.uint8)) * self.steps)


def scanned(vectors: npt.NDArray[np.floating[Any]]) -> Scanned:
    """Unit vectors, shape (rows, dimension), made ready."""
    rows = vectors.astype(np.float32)
    steps = np.maximum(np.abs(rows).max(axis=1, initial=0), np.float32(1e-9)) / _LEVELS
    return Scanned(vectors.astype(np.float16), steps, _multiplier(_coarse(rows, steps).T))


def _coarse(rows: Vectors, steps: Vectors) -> npt.NDArray[np.int8]:
    return np.round(rows / steps[:, None]).astype(np.int8)


def scanned_together(parts: Sequence[Scanned]) -> Scanned:
    """The rows of all parts, in order."""
    return scanned(np.concatenate([part.full for part in parts]))


def cosines(parts: Sequence[Scanned], rows: Rows, vector: Vectors) -> Vectors:
    """The cosines of a vector with the rows (ascending) of all parts in order."""
    found = np.empty(len(rows), dtype=np.float32)
    at = 0
    for part in parts:
        first, last = np.searchsorted(rows, (at, at + len(part)))
        if last > first:
            found[first:last] = part.full[rows[first:last] - at].astype(np.float32) @ vector
        at += len(part)
    return found


def nearest(parts: Sequence[Scanned], vector: Vectors, limit: int, mask: Mask | None) -> Rows:
    """The rows nearest to a vector among those that the mask lets through, nearest first."""
    rows = _worth_comparing(parts, vector, max(limit, RESCORED), mask)
    exact = cosines(parts, rows, vector)
    return np.asarray(rows[np.argsort(-exact, kind="stable")[: max(limit, 0)]])


def _worth_comparing(
    parts: Sequence[Scanned], vector: Vectors, count: int, mask: Mask | None
) -> Rows:
    """Ascending rows that may be the nearest."""
    total = sum(map(len, parts))
    rows = np.arange(total) if mask is None else np.flatnonzero(mask)
    if len(rows) <= max(count, FEW):
        return rows
    scores = np.concatenate([part.scores(vector) for part in parts])
    return rows[best_rows(scores if mask is None else scores[rows], count)]


def best_rows(scores: Vectors, count: int) -> Rows:
    """Ascending rows of the `count` highest scores."""
    if count >= len(scores):
        return np.arange(len(scores))
    return np.sort(np.argpartition(scores, len(scores) - count)[len(scores) - count :])


def _multiplier(
    rows: npt.NDArray[np.int8],
) -> Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.int32]]:
    """Whole-number products of a row of bytes and these, shape (dimension, rows).

    By onnxruntime (numpy has no such); the rows are a constant of its graph, which it lays out for
    the processor once and not at each question: 8 ms instead of 27 for 300,000 rows. On one thread:
    waiting for a second one costs more than it gives while an ingest is running.
    """
    if not rows.shape[1]:
        return lambda _: np.zeros(0, dtype=np.int32)
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    dimension, count = rows.shape
    zero = helper.make_tensor("zero", TensorProto.UINT8, [], [_ZERO])
    kept = numpy_helper.from_array(np.ascontiguousarray(rows), "rows")
    asked = helper.make_tensor_value_info("asked", TensorProto.UINT8, [1, dimension])
    products = helper.make_tensor_value_info("products", TensorProto.INT32, [1, count])
    node = helper.make_node("MatMulInteger", ["asked", "rows", "zero"], ["products"])
    graph = helper.make_graph([node], "scan", [asked], [products], [zero, kept])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )

    def multiply(vector: npt.NDArray[np.uint8]) -> npt.NDArray[np.int32]:
        return np.asarray(session.run(None, {"asked": vector[None]})[0][0])

    return multiply
