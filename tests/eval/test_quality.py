"""WER and DER against cases worked out by hand."""

import pytest

from ingest.transcript import SpeakerSpan
from tests.eval.error_rates import figures_right, speaker_errors, word_errors


@pytest.mark.parametrize(
    ("reference", "hypothesis", "edits", "length"),
    [
        ("La séance est ouverte.", "la séance est ouverte", 0, 4),
        ("La séance est ouverte.", "la séance ouverte", 1, 4),
        ("Merci.", "merci à tous", 2, 1),
        ("vingt-deux accidents", "22 accidents", 0, 2),
        ("deux millions quatre cent mille francs", "2'400'000 francs", 0, 2),
        ("deux millions quatre cent mille francs", "2 400 000 francs", 0, 2),
        ("l’école", "l'école", 0, 2),
    ],
)
def test_word_errors(reference: str, hypothesis: str, edits: int, length: int) -> None:
    errors = word_errors(reference, hypothesis)
    assert (errors.edits, errors.reference_words) == (edits, length)
    assert errors.rate == edits / length


@pytest.mark.parametrize(
    ("reference", "hypothesis", "right", "said"),
    [
        ("deux millions sept cent mille francs", "2\u202f700\u202f000 francs", 1, 1),
        ("deux millions sept cent mille francs", "2 000 000 700 000 francs", 0, 1),
        ("quarante oui contre douze non", "40 oui contre 2 non", 1, 2),
        ("soixante pour cent à vingt heures trente", "60% à 20h30", 2, 2),
        ("la motion M quatorze et la PR vingt-cinq", "l'amotion 14 et la PR25", 1, 2),
        ("le premier août, un virgule huit", "le 1er août, 1,8", 2, 2),
        ("rien", "12", 0, 0),
    ],
)
def test_figures_right(reference: str, hypothesis: str, right: int, said: int) -> None:
    assert figures_right(reference, hypothesis) == (right, said)


def _spans(*spans: tuple[int, int, str]) -> list[SpeakerSpan]:
    return [SpeakerSpan(*span) for span in spans]


REFERENCE = _spans((0, 10_000, "Anne"), (10_000, 20_000, "Paul"))


@pytest.mark.parametrize(
    ("hypothesis", "missed", "false_alarm", "confused"),
    [
        (_spans((0, 10_000, "S2"), (10_000, 20_000, "S1")), 0, 0, 0),
        (_spans((0, 10_100, "S1"), (10_100, 20_000, "S2")), 0, 0, 0),  # within the collar
        (_spans((0, 20_000, "S1")), 0, 0, 9_500),
        (_spans((0, 10_000, "S1")), 9_500, 0, 0),
        (_spans((0, 10_000, "S1"), (10_000, 25_000, "S2")), 0, 4_750, 0),
        (_spans((0, 10_000, "S1"), (10_000, 20_000, "S2"), (2_000, 4_000, "S3")), 0, 2_000, 0),
    ],
)
def test_speaker_errors(
    hypothesis: list[SpeakerSpan], missed: int, false_alarm: int, confused: int
) -> None:
    errors = speaker_errors(REFERENCE, hypothesis)
    assert errors.reference_ms == 19_000
    assert (errors.missed_ms, errors.false_alarm_ms, errors.confused_ms) == (
        missed,
        false_alarm,
        confused,
    )
    assert errors.rate == (missed + false_alarm + confused) / 19_000


def test_no_voice_found() -> None:
    assert speaker_errors(REFERENCE, []).rate == 1.0
