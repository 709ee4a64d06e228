"""How much of an answer a quotation is: what training learns from."""

from tests.train.examples import rightness


def test_a_run_is_as_right_as_it_holds_of_a_gold_place_or_lies_in_one() -> None:
    quoted = (100, 109)
    assert rightness(quoted, [(100, 109)]) == 1
    assert rightness(quoted, [(105, 114)]) == 0.5
    assert rightness(quoted, [(90, 140)]) == 1
    assert rightness(quoted, [(110, 119)]) == 0
    assert rightness(quoted, []) == 0
