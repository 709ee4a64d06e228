"""Confidence as a share of words that are right, which words count as right, what doubts find."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.asr.confidence import ConfidenceCalibration, calibrated, load_calibration, weighed
from ingest.asr.word_pairs import load_word_pairs
from ingest.asr.word_signs import SIGNS, expected_words, signs
from ingest.transcript import Word
from tests.eval.confidence import evidence, fit, rightly_heard
from tests.eval.doubts import doubts
from tests.eval.recordings import Known

BASE = "whisper-base"


def heard(*confidences: float) -> tuple[Word, ...]:
    return tuple(Word(n * 400, n * 400 + 350, f"mot{n}", c) for n, c in enumerate(confidences))


def test_nothing_but_the_confidence_changes() -> None:
    words = heard(0.2, 0.99, 0.7)
    after = calibrated(words, BASE)
    assert [(w.start_ms, w.end_ms, w.text) for w in after] == [
        (w.start_ms, w.end_ms, w.text) for w in words
    ]
    assert all(0 < word.confidence < 1 for word in after)
    assert calibrated((), BASE) == ()


def test_another_recogniser_keeps_its_own_probabilities() -> None:
    words = heard(0.2, 0.99, 0.7)
    assert calibrated(words, "large-v3-turbo") == words


@given(st.lists(st.floats(0, 1), min_size=5, max_size=5), st.floats(0, 1))
def test_of_two_words_in_one_place_the_likelier_stays_so(around: list[float], other: float) -> None:
    one, two = heard(*around), heard(*around[:2], other, *around[3:])
    raw = one[2].confidence, two[2].confidence
    now = calibrated(one, BASE)[2].confidence, calibrated(two, BASE)[2].confidence
    assert now[0] == now[1] or (raw[0] < raw[1]) == (now[0] < now[1])


def test_a_word_among_doubtful_ones_is_less_sure() -> None:
    among = ConfidenceCalibration(BASE, bias=0.0, own=1.0, near=0.5)
    clear, muddled = heard(0.95, 0.9, 0.95), heard(0.3, 0.9, 0.3)
    assert (
        calibrated(muddled, BASE, among)[1].confidence
        < calibrated(clear, BASE, among)[1].confidence
    )


def test_the_shipped_weights_say_what_they_were_learned_on() -> None:
    assert load_calibration().transcriber == BASE
    assert load_calibration().own > 0


@pytest.mark.parametrize(
    ("words", "said", "expected"),
    [
        ("la ville paie", "la ville paie", "yyy"),
        ("la vile paie", "la ville paie", "yny"),
        ("La ville paie fort.", "la ville paie", "yyyn"),
        ("l'amandement passe", "L'amendement passe.", "ny"),
        ("soit 2.300 repas", "soit deux mille trois cents repas", "yyy"),
        ("soit 300 000 francs", "soit trois cent mille francs", "yyyy"),
        ("soit 300 400 francs", "soit trois cent mille francs", "ynny"),
        ("de 60% à 20h30.", "de soixante pour cent à vingt heures trente", "yyyy"),
        ("la PR-12 ?", "la PR douze", "yyn"),
    ],
)
def test_a_word_is_right_where_it_was_said(words: str, said: str, expected: str) -> None:
    spoken = [Word(n, n + 1, text, 0.5) for n, text in enumerate(words.split())]
    assert "".join("y" if right else "n" for right in rightly_heard(spoken, said)) == expected


def test_weights_are_learned_from_what_is_right_and_what_is_not() -> None:
    known = Known("k", (), "mot0 mot1 mot2 mot3", real=True)
    words = [*heard(0.9, 0.95, 0.97, 0.9), Word(9_000, 9_400, "bruit", 0.1)]
    learned = fit([evidence([known], {"k": words})], BASE)
    assert learned.own > 0
    sure, unsure = calibrated(words[2:], BASE, learned)[0], calibrated(words, BASE, learned)[-1]
    assert sure.confidence > unsure.confidence


# --- what words show ------------------------------------------------------------------------------

EXPECTED = expected_words(("Julien Rochat", "Piste cyclable du quai des Vernets"))


def said(text: str, confidence: float = 0.8) -> tuple[Word, ...]:
    return tuple(
        Word(n * 400, n * 400 + 350, word, confidence) for n, word in enumerate(text.split())
    )


@pytest.mark.parametrize(
    ("sign", "showing", "other"),
    [
        ("no_word", "la pédition passe", "la pétition passe"),
        ("no_name", "le quai Maronier", "le quai Vernets"),
        ("near_expected", "Monsieur Rochas parle", "Monsieur Rochat parle"),
        ("expected", "les Vernets brûlent", "les forêts brûlent"),
        ("figure", "soit 2\u202f400 francs", "soit mille francs"),
        ("homophone", "il est tard", "il part tard"),
        ("elision", "mais l'amotion passe", "mais motion passe"),
        ("after", "la parole est", "la fromage est"),
    ],
)
def test_what_a_word_shows(sign: str, showing: str, other: str) -> None:
    place = 2 if "quai" in showing else 1
    one, two = (signs(said(text), EXPECTED)[place][SIGNS.index(sign)] for text in (showing, other))
    assert one > two


def test_a_word_that_no_lexicon_has_is_less_sure_and_an_expected_one_surer() -> None:
    text = "Monsieur Rochat soutient la pédition sur le quai"
    now, unknown = (
        {word.text: word.confidence for word in weighed(said(text), BASE, expected)}
        for expected in (EXPECTED, expected_words(()))
    )
    assert now["pédition"] < now["soutient"] and now["Rochat"] > unknown["Rochat"]
    assert weighed(said(text), "large-v3-turbo", EXPECTED) == said(text)
    assert weighed((), BASE, EXPECTED) == ()


def test_what_a_rule_doubted_stays_doubted() -> None:
    held = weighed(said("Monsieur Rochat", 0.05), BASE, EXPECTED)
    assert all(word.confidence <= 0.05 for word in held)


def test_pairs_that_councils_say_are_usual() -> None:
    known = load_word_pairs()
    assert known.after("la", "parole") > known.after("la", "fromage")
    assert known.words.of("mot-jamais-dit") == 0


def test_doubts_are_counted_by_word_and_by_place() -> None:
    words = [*heard(0.9, 0.3, 0.4, 0.9), Word(60_000, 60_400, "fin", 0.9)]
    found = doubts(words, "mot0 autre mot2 mot3 la fin")
    assert (found.doubtful, found.places, found.wrong, found.found) == (2, 1, 1, 1)
    assert (found.precision, found.recall) == (0.5, 1.0)
    assert (found.errors, found.left) == (2, 1), "what lacks before the last word is not come by"
