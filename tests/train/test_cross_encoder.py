"""Learning the reader's network: steps on two questions, and what is exported of it."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from api.answers.reader.packaged import text_of
from search.index.word_vectors import packaged_words
from tests.api.answers.test_reader import a_question, a_run
from tests.eval.councilqa import Question
from tests.train.examples import Example
from tests.train.groups import groups

pytestmark = pytest.mark.models

_SAID = ("Le quai reste fermé parce que le mur menace.", "Nous en parlerons.", "Le bus passe.")


def an_example(*right: float) -> Example:
    runs = tuple(replace(a_run(text, 0.8), at=n, rank=n // 2) for n, text in enumerate(_SAID))
    gold = tuple(
        (share > 0,) * len(run.text.split()) for run, share in zip(runs, right, strict=True)
    )
    asked = Question("1", "s", "Pourquoi ?", "fr", "why", "plain", any(right), (), ())
    return Example(
        asked, a_question("Pourquoi le quai est-il fermé ?"), runs, np.array(right), gold
    )


def test_a_passage_without_what_answers_in_it_is_a_wrong_one() -> None:
    words = packaged_words()
    (group,) = groups([an_example(1, 0, 0)], words)
    rest = group.passages[0].cut()
    assert rest and not rest.right and not rest.pieces.any() and len(rest.odds) == 1
    said = [
        piece for piece, of in zip(rest.text.pieces, rest.text.sentence, strict=True) if of == 0
    ]
    assert said == words.pieces(_SAID[1])
    (whole,) = groups([an_example(1, 1, 0)], words)
    assert whole.passages[0].cut() is None


def test_a_network_learns_which_sentence_answers_and_is_exported_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch  # seconds, which every run of any test would take

    from tests.train import network as networks
    from tests.train.cross_encoder import loss
    from tests.train.network import Graph, Network, export, restored

    monkeypatch.setattr(networks, "LAYERS", 3)  # of twelve, which take a minute of processor
    monkeypatch.setattr(networks, "FROZEN", 1)
    torch.manual_seed(1)
    words = packaged_words()
    learned = list(groups([an_example(1, 0, 0), an_example(0, 0, 0)], words))
    assert [[one.right for one in group.passages] for group in learned] == [
        [True, False],
        [False, False],
    ]
    network = Network(words).eval()
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-4)
    drawn = [(group, group.drawn(random.Random(1))) for group in learned]
    losses = []
    for _ in range(4):
        found = loss(network, words, drawn, 1.0)
        optimiser.zero_grad()
        found.backward()
        optimiser.step()
        losses.append(found.item())
    assert losses[-1] < losses[0]
    export(network, tmp_path / "network.onnx")
    text = text_of(list(an_example(1, 0, 0).runs[:2]), words)
    fed = {
        "question": words.vectors(learned[0].question),
        "passage": words.vectors(text.pieces),
        "sentences": (text.sentence == np.arange(2)[:, None]).astype(np.float32),
    }
    session = onnxruntime.InferenceSession(tmp_path / "network.onnx")
    (odds,) = session.run(None, fed)
    with torch.no_grad():
        whole = Graph(network)(*map(torch.from_numpy, fed.values())).numpy()
        read = network(words, [(learned[0].question, text)]).sentences.numpy()
    assert np.abs(odds - whole).max() < 0.5  # eight bits
    assert np.abs(read - whole).max() < 0.2  # sixteen
    again = restored(tmp_path / "network.onnx", words).eval()
    with torch.no_grad():
        back = again(words, [(learned[0].question, text)]).sentences.numpy()
    assert np.abs(back - read).max() < 0.5  # eight bits again
