"""A city's own CrossEncoder orders the runs; how sure an answer is stays as it was."""

from pathlib import Path

import numpy as np
import pytest

from api.answers.reader.cross_encoder import cross_encoder
from api.answers.reader.figures import figures
from api.answers.reader.learned import load_reader
from ingest.errors import ModelUnavailable
from tests.api.answers.test_reader import a_question, a_run


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CrossEncoder of two thousand weights that nobody trained, as a folder."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("tiny")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "la", "piste", "coûte", "marché"]
    tokenizer = Tokenizer(models.WordLevel({word: n for n, word in enumerate(words)}, "[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]"
    ).save_pretrained(folder)
    BertForSequenceClassification(
        BertConfig(
            vocab_size=len(words),
            hidden_size=8,
            num_hidden_layers=1,
            num_attention_heads=1,
            intermediate_size=8,
            max_position_embeddings=64,
            num_labels=1,
        )
    ).save_pretrained(folder)
    return folder


def test_any_cross_encoder_orders_the_runs_and_keeps_how_sure_the_best_is(tiny: Path) -> None:
    learned = load_reader()
    asked = a_question("Combien coûte la piste ?")
    said = ("la piste", "marché", "coûte coûte", "la la marché piste", "piste coûte la")
    runs = [a_run(text, 0.8 + n / 100) for n, text in enumerate(said)]
    rows = figures(asked, runs)
    reader = cross_encoder(str(tiny), learned, threads=1)
    before, after = learned(asked, runs, rows), reader(asked, runs, rows)
    assert sorted(before.tolist()) == sorted(after.tolist())
    read = reader.model.predict([(asked.query.sentence, run.text) for run in runs]).ravel()
    assert (np.diff(read[np.argsort(-after)]) <= 0).all()
    assert len(set(read.tolist())) > 1
    assert len(reader(asked, [], figures(asked, []))) == 0


def test_a_reader_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="VERBATIM_READER"):
        cross_encoder(str(tmp_path / "missing"), load_reader())
