"""Whose voice the second one is where two speak at once. No model."""

from ingest.diarization.overlap import second_voices
from ingest.transcript import Span, SpeakerSpan

CHAIR, SPEAKER = SpeakerSpan(0, 4_000, "S1"), SpeakerSpan(4_000, 30_000, "S2")
HECKLER = SpeakerSpan(30_000, 31_000, "S3")
SITTING = [CHAIR, SPEAKER, HECKLER, SpeakerSpan(31_000, 60_000, "S2")]


def test_the_nearest_voice_without_the_floor_talks_into_it() -> None:
    assert second_voices(SITTING, [Span(5_000, 5_600), Span(28_000, 29_000)]) == [
        SpeakerSpan(5_000, 5_600, "S1"),
        SpeakerSpan(28_000, 29_000, "S3"),
    ]


def test_an_overlap_stays_within_the_turn_that_holds_most_of_it() -> None:
    assert second_voices(SITTING, [Span(3_900, 4_500)]) == [SpeakerSpan(4_000, 4_500, "S1")]


def test_where_no_voice_is_near_there_is_none() -> None:
    assert second_voices(SITTING, [Span(15_000, 16_000)]) == []
    assert second_voices([CHAIR], [Span(1_000, 2_000)]) == []
    assert second_voices([], [Span(1_000, 2_000)]) == []
