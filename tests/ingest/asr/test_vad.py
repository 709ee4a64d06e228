"""Cutting a long recording at silences, and reporting speech that left no word."""

from hypothesis import given
from hypothesis import strategies as st

from ingest.asr.vad import cut_windows, unheard
from ingest.asr.whisper import join_pieces
from ingest.transcript import Span, Word, merge_spans
from tests.conftest import words

MINUTE = 60_000


def test_windows_are_cut_in_the_longest_silence_of_their_second_half() -> None:
    speech = [Span(0, 50_000), Span(53_000, 80_000), Span(81_000, 170_000)]
    assert cut_windows(speech, 170_000, [170_000], 100_000) == (
        Span(0, 51_500),
        Span(51_500, 151_500),  # the talking never stops: cut at the limit
        Span(151_500, 170_000),
    )


def test_windows_never_span_two_parts() -> None:
    assert cut_windows([], 3 * MINUTE, [MINUTE, 3 * MINUTE], 10 * MINUTE) == (
        Span(0, MINUTE),
        Span(MINUTE, 3 * MINUTE),
    )


spans = st.lists(
    st.tuples(st.integers(0, 30 * MINUTE), st.integers(200, 5 * MINUTE)), max_size=30
).map(lambda pairs: merge_spans(sorted(Span(a, a + n) for a, n in pairs), 0))


@given(spans, st.integers(1, 10), st.integers(1, 40))
def test_windows_cover_everything_once_and_are_never_too_long(
    speech: tuple[Span, ...], longest_min: int, total_min: int
) -> None:
    duration = total_min * MINUTE
    inside = [Span(s.start_ms, min(s.end_ms, duration)) for s in speech if s.start_ms < duration]
    windows = cut_windows(inside, duration, [duration], longest_min * MINUTE)
    edges = [0, *(w.end_ms for w in windows)]
    assert [w.start_ms for w in windows] == edges[:-1]
    assert edges[-1] == duration
    assert all(0 < w.end_ms - w.start_ms <= longest_min * MINUTE for w in windows)


def test_speech_without_words_is_reported() -> None:
    speech = [Span(0, 3_000), Span(10_000, 20_000)]
    said = words("un deux trois quatre cinq six sept huit neuf dix", 0)
    assert unheard(speech, said) == (Span(10_000, 20_000),)
    late = words("onze douze treize", 16_000)
    assert unheard(speech, said + late) == (Span(10_000, 15_800), Span(17_100, 20_000))
    assert unheard([Span(0, 1_400)], ()) == ()  # a cough


def _pieces(*texts: str) -> list[str]:
    heard = [Word(n * 100, n * 100 + 100, text, 0.9 - n / 100) for n, text in enumerate(texts)]
    return [word.text for word in join_pieces(heard)]


def test_french_words_are_put_together_again() -> None:
    assert _pieces(" l", "'école", " coûte", "-t", "-elle", " cher", " ?") == [
        "l'école",
        "coûte-t-elle",
        "cher\u00a0?",
    ]
    assert _pieces(" «", " oui", " »", ",", " dit", "-il", ".") == ["«\u00a0oui\u00a0»,", "dit-il."]
    assert _pieces(" PR", "-12", " ", "") == ["PR-12"]


def test_a_joined_word_is_as_sure_as_its_least_sure_piece() -> None:
    heard = [Word(0, 100, " l", 0.4), Word(100, 300, "'école", 0.9)]
    assert join_pieces(heard) == [Word(0, 300, "l'école", 0.4)]
