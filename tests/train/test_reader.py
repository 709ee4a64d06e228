"""How much of an answer a quotation is: what training learns from."""

from api.answers.citation import Quote
from ingest.transcript import Turn, Word
from tests.train.examples import rightness


def test_a_run_is_as_right_as_it_holds_of_a_gold_place_or_lies_in_one() -> None:
    turn = Turn(0, "S1", tuple(Word(n, n + 1, f"mot{n}", 1.0) for n in range(100, 120)))
    quote = Quote("seance-1", turn, 0, 9)  # words 100 to 109 of the sitting
    assert rightness(quote, [(100, 109)]) == 1
    assert rightness(quote, [(105, 114)]) == 0.5
    assert rightness(quote, [(90, 140)]) == 1
    assert rightness(quote, [(110, 119)]) == 0
    assert rightness(quote, []) == 0
