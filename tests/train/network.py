"""The packaged reader's network, from the packaged embedder's weights, and as the product runs it.

Linear maps are computed in bfloat16 over the pieces of all pairs at once, and each pair attends to
itself alone: without padding a core reads three times as many pairs a second. The lowest layers are
kept as they are.
"""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from api.answers.reader.packaged import MOST_PASSAGE, MOST_QUESTION, Text
from search.index.word_vectors import WordVectors, unpacked

LAYERS, HEADS, FROZEN = 12, 12, 4  # .83 to .88 with 3 or 4 frozen in an earlier try; 4 is faster
_EPSILON = 1e-12  # the embedder's own
_DROPOUT = 0.1
_NEVER = -30.0  # log-odds of no piece at all


def floats(file: WordVectors, name: str) -> np.ndarray:
    """A tensor of 32 bits."""
    start, size = file.tensors[name]
    return np.fromfile(file.path, "<f4", size // 4, offset=start)


def packed(file: WordVectors, name: str) -> tuple[np.ndarray, np.ndarray]:
    """A linear map of four bits, and what is added to it."""
    bias = floats(file, f"{name}.b")
    # the directory tells no shape: as many rows as numbers that are added
    size = file.tensors[f"{name}.w"][1]
    width = size // len(bias) // 18 * 32
    return unpacked(file.packed(f"{name}.w", width)), bias


class Linear(nn.Module):  # type: ignore[misc]
    """A linear map, computed in the type of what it is given."""

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(weight), nn.Parameter(bias)

    def forward(self, x: Tensor) -> Tensor:
        """Shape (n, in) to (n, out)."""
        return functional.linear(x, self.weight.to(x.dtype), self.bias.to(x.dtype))


class Layer(nn.Module):  # type: ignore[misc]
    """One layer of the embedder. Pieces of all pairs stand in one row."""

    def __init__(self, file: WordVectors, number: int) -> None:
        super().__init__()

        def linear(*names: str) -> Linear:
            pairs = [packed(file, f"l{number}.{name}") for name in names]
            weight, bias = (
                torch.from_numpy(np.concatenate(part)) for part in zip(*pairs, strict=True)
            )
            return Linear(weight, bias)

        self.joint, self.mixed = linear("q", "k", "v"), linear("ao")
        self.wide, self.narrow = linear("fi"), linear("fo")
        self.first, self.second = (norm(file, f"l{number}.{name}") for name in ("aln", "oln"))

    def forward(self, x: Tensor, lengths: Sequence[int], dtype: torch.dtype) -> Tensor:
        """`lengths`: how many pieces each pair has."""
        joint = self.joint(x.to(dtype))
        seen = torch.cat([_attended(pair) for pair in torch.split(joint, list(lengths))])
        return self._after(x, seen, dtype)

    def alone(self, x: Tensor) -> Tensor:
        """One pair, its pieces side by side: what is exported, without the places of a batch."""
        return self._after(x, _attended(self.joint(x)), torch.float32)

    def _after(self, x: Tensor, seen: Tensor, dtype: torch.dtype) -> Tensor:
        x = self.first(x + self._dropped(self.mixed(seen)))
        wide = functional.gelu(self.wide(x.to(dtype)))
        return self.second(x + self._dropped(self.narrow(wide)))

    def _dropped(self, x: Tensor) -> Tensor:
        return functional.dropout(x, _DROPOUT, self.training).float()


def _attended(joint: Tensor) -> Tensor:
    """What each piece sees of its pair, shape (pieces, dimension); `joint`: (pieces, 3 of it).

    Written out: torch's own attention took three times as long on the way back.
    """
    query, key, value = joint.view(joint.shape[0], 3, HEADS, -1).permute(1, 2, 0, 3)
    size = int(query.shape[-1])  # a constant in what is exported
    weights = torch.softmax((query / size**0.5) @ key.transpose(-1, -2), -1)
    return (weights @ value).transpose(0, 1).reshape(joint.shape[0], -1)


def norm(file: WordVectors, name: str) -> nn.LayerNorm:
    """A normalisation as it is stored."""
    weight, bias = floats(file, f"{name}.w"), floats(file, f"{name}.b")
    layer = nn.LayerNorm(len(weight), _EPSILON)
    layer.weight.data, layer.bias.data = torch.from_numpy(weight), torch.from_numpy(bias)
    return layer


def _head(inputs: int, hidden: int) -> nn.Sequential:
    head = nn.Sequential(nn.Linear(inputs, hidden), nn.Tanh(), nn.Linear(hidden, 1))
    for linear, spread in ((head[0], 0.02), (head[2], 0.01)):
        nn.init.normal_(linear.weight, std=spread)
        nn.init.zeros_(linear.bias)
    return head


@dataclass(frozen=True, eq=False)
class Read:
    """Log-odds: of each pair, each sentence (and the pair of each), each piece of the passages."""

    pairs: Tensor
    sentences: Tensor
    pair: Tensor
    pieces: Tensor


class Network(nn.Module):  # type: ignore[misc]
    """All layers over question and passage together, with heads for passage, sentence, piece."""

    def __init__(self, file: WordVectors) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Layer(file, n) for n in range(LAYERS))
        self.layers[:FROZEN].requires_grad_(False)
        places = floats(file, "emb.pos").reshape(-1, file.dimension)[: MOST_QUESTION + MOST_PASSAGE]
        self.places = nn.Parameter(
            torch.from_numpy(places + floats(file, "emb.type")[: file.dimension]), False
        )
        self.norm = norm(file, "emb.ln")
        self.norm.requires_grad_(False)
        self.segments = nn.Parameter(torch.zeros(2, file.dimension))  # question, passage
        self.passage, self.sentence = (_head(2 * file.dimension, file.dimension) for _ in range(2))
        self.piece = nn.Linear(file.dimension, 1)
        nn.init.normal_(self.piece.weight, std=0.01)
        nn.init.constant_(self.piece.bias, -2.0)  # about one piece in ten of a right passage

    def forward(self, words: WordVectors, pairs: Sequence[tuple[Sequence[int], Text]]) -> Read:
        """Pairs of a question, as pieces, and a passage."""
        lengths = torch.tensor([len(question) + len(text.pieces) for question, text in pairs])
        of = torch.repeat_interleave(torch.arange(len(pairs)), lengths)
        starts = lengths.cumsum(0) - lengths
        place = torch.arange(len(of)) - starts[of]
        passage = place >= torch.tensor([len(question) for question, _ in pairs])[of]
        ids = [piece for question, text in pairs for piece in (*question, *text.pieces)]
        x = self.norm(torch.from_numpy(words.vectors(ids)) + self.places[place])
        for n, layer in enumerate(self.layers):
            if n == FROZEN:
                x = x + self.segments[passage.long()]
            x = layer(x, lengths.tolist(), torch.bfloat16)
        return self._heads(x, passage, of, starts, [text.sentence for _, text in pairs])

    def _heads(
        self, x: Tensor, passage: Tensor, of: Tensor, starts: Tensor, sentence: list[np.ndarray]
    ) -> Read:
        own, of = x[passage], of[passage]
        first, pieces = x[starts], self.piece(own)[:, 0]
        mean = _means(own, of, len(starts))
        counts = torch.tensor([int(one.max()) + 1 for one in sentence])
        pair = torch.repeat_interleave(torch.arange(len(starts)), counts)
        number = torch.from_numpy(np.concatenate(sentence))
        said = number >= 0
        row = (counts.cumsum(0) - counts)[of[said]] + number[said]
        best = torch.full((len(pair),), _NEVER).scatter_reduce(0, row, pieces[said], "amax")
        about = torch.cat([_means(own[said], row, len(pair)), first[pair]], 1)
        return Read(
            self.passage(torch.cat([first, mean], 1))[:, 0],
            self.sentence(about)[:, 0] + best, pair, pieces,
        )  # fmt: skip


def _means(rows: Tensor, of: Tensor, count: int) -> Tensor:
    sums = torch.zeros(count, rows.shape[1]).index_add(0, of, rows)
    return sums / torch.bincount(of, minlength=count).clamp(min=1)[:, None]


class Graph(nn.Module):  # type: ignore[misc]
    """One pair, from vectors of words: what is exported."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, question: Tensor, passage: Tensor, sentences: Tensor) -> Tensor:
        """`sentences`: shape (sentences, pieces), 1 where a piece belongs to a sentence."""
        net, asked = self.network, question.shape[0]
        x = torch.cat([question, passage])
        x = net.norm(x + net.places[: x.shape[0]])
        segments = torch.cat(
            [net.segments[:1].expand_as(question), net.segments[1:].expand_as(passage)]
        )
        for n, layer in enumerate(net.layers):
            x = layer.alone(x + segments if n == FROZEN else x)
        own, first = x[asked:], x[:1]
        pieces = net.piece(own)[:, 0]
        best = (pieces * sentences + _NEVER * (1 - sentences)).amax(1)
        mean = sentences @ own / sentences.sum(1, keepdim=True).clamp(min=1)
        about = torch.cat([mean, first.expand_as(mean)], 1)
        return net.sentence(about)[:, 0] + best


def export(network: Network, to: Path) -> None:
    """The network as ONNX, its weights in eight bits."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    size = network.segments.shape[1]
    example = torch.zeros(8, size), torch.zeros(20, size), torch.ones(2, 20)
    axes = {"question": {0: "q"}, "passage": {0: "p"}, "sentences": {0: "s", 1: "p"}}
    floats = to.with_suffix(".float.onnx")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tracing warns of sizes that are read, all of them axes
        torch.onnx.export(
            Graph(network).eval(), example, floats, input_names=list(axes),
            output_names=["odds"],
            dynamic_axes={**axes, "odds": {0: "s"}}, dynamo=False,
        )  # fmt: skip
    quantize_dynamic(floats, to, weight_type=QuantType.QInt8, per_channel=True)
    floats.unlink()


def restored(path: Path, file: WordVectors) -> Network:
    """A network as it was exported, to learn on from; its head for passages, which is not, is new.

    Parts are told by their order in the graph: what an export calls them differs by its version.
    """
    import onnx

    graph = onnx.load(path).graph
    tensors = {one.name: onnx.numpy_helper.to_array(one) for one in graph.initializer}

    def parts(kind: str, dimensions: int) -> Iterator[list[str]]:
        """The tensors of the file that each node of a kind takes, where it takes any."""
        for node in graph.node:
            names = [n for n in node.input if n in tensors and tensors[n].ndim == dimensions]
            if node.op_type == kind and names:
                yield names

    def linears() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for (name,), (bias,) in zip(parts("MatMulInteger", 2), parts("Add", 1), strict=True):
            scale = tensors[name.removesuffix("quantized") + "scale"]
            yield tensors[name].astype(np.float32).T * scale[:, None], tensors[bias]

    maps = linears()
    norms = ([tensors[n] for n in names] for names in parts("LayerNormalization", 1))
    plain = [one for one in tensors.values() if one.ndim == 2 and one.dtype == np.float32]
    network = Network(file)
    _set(network.norm, next(norms))
    for layer in network.layers:
        for linear in (layer.joint, layer.mixed, layer.wide, layer.narrow):
            _set(linear, next(maps))
        for norm in (layer.first, layer.second):
            _set(norm, next(norms))
    for linear in (network.piece, network.sentence[0], network.sentence[2]):
        _set(linear, next(maps))
    network.segments.data = torch.from_numpy(np.concatenate([p for p in plain if len(p) == 1]))
    return network


def _set(part: nn.Module, stored: Sequence[np.ndarray]) -> None:
    part.weight.data, part.bias.data = (torch.from_numpy(np.array(one)) for one in stored)
