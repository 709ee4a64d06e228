"""Signs that words were dropped, repeated or made up."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ingest.asr.hallucinations import (
    doubtful,
    drifted,
    loops,
    replaced,
    rightly_heard,
    said_once,
    without_invented,
)
from ingest.transcript import Span, Word
from tests.conftest import words


def _texts(heard: tuple[Word, ...]) -> str:
    return " ".join(word.text for word in heard)


def test_a_seeded_loop_is_flagged_where_it_is() -> None:
    seeded = words("Nous passons au vote. " + "de la réplique " * 9 + "Merci.")
    assert loops(seeded) == (Span(1_200, 1_200 + 27 * 300),)


def test_case_accents_and_punctuation_do_not_hide_a_loop() -> None:
    assert loops(words("Et là, et la. ET LÀ et la! et là? et la…")) == (Span(0, 3_600),)


def test_what_people_do_repeat_is_no_loop() -> None:
    for said in (
        "Non, non, non, non, c'est faux.",
        "Nous voulons des vélos, nous voulons des arbres, nous voulons des bancs.",
        "Il faut agir, il faut agir, il faut agir !",
        "",
    ):
        assert loops(words(said)) == ()


def test_forty_repetitions_that_were_not_said_are_kept_once() -> None:
    wild = words("Je disais " + "sur la place " * 40 + "merci.")
    assert _texts(said_once(wild)) == "Je disais sur la place merci."


def test_a_chant_and_a_roll_call_are_kept_whole() -> None:
    chant = words("oui " * 9)
    roll_call = tuple(
        Word(n * 2_000 + at * 300, n * 2_000 + at * 300 + 300, text, 0.9)
        for n in range(40)
        for at, text in enumerate(("Je", "vote", "oui."))
    )
    assert said_once(chant) == chant and said_once(roll_call) == roll_call
    assert loops(roll_call) == (Span(0, 78_900),)  # a clerk may still want to hear it


def _heard(text: str, *confidences: float) -> tuple[Word, ...]:
    given = iter((*confidences, *[0.9] * 99))
    return tuple(replace(word, confidence=next(given)) for word in words(text))


def test_what_the_model_talked_itself_into_is_kept_once_and_not_believed() -> None:
    # Clipped speech, as whisper base heard it (D-214).
    for loop, unsure, left in (
        ("c'est ce que j'imagine. " * 6, (0.44, 0.45, 0.58, 0.5), 4),
        ("la pandémie de " * 3 + "la pandémie. ", (0.3, 0.4, 0.17, 0.33, 0.71, 0.19, 0.69), 3),
        ("pour vous et sur l'autre, vous pouvez la piste " * 2 + "pour vous et sur l'autre, ",
         (0.85, 0.76, 0.26, 0.4, 0.04, 0.23, 0.3, 0.07, 0.19), 9),
    ):  # fmt: skip
        kept = said_once((*_heard(loop, *unsure), *words("La séance est levée.")))
        assert _texts(kept[:left]) == " ".join(loop.split()[:left])
        assert _texts(kept[left:]) == "La séance est levée."
        assert max(word.confidence for word in kept[:left]) <= 0.05


def test_what_people_stress_is_kept_however_badly_it_is_heard() -> None:
    for confidence in (0.9, 0.4):
        stressed = _heard("Il faut agir, il faut agir, il faut agir !", *[confidence] * 9)
        assert said_once(stressed) == stressed


@given(st.lists(st.sampled_from(["a", "b", "c"]), max_size=60))
def test_words_are_only_ever_taken_out_of_long_loops(texts: list[str]) -> None:
    heard = words(" ".join(texts))
    kept = said_once(heard)
    assert set(_texts(kept).split()) == set(texts)
    assert list(kept) == [word for word in heard if word in kept]
    if not loops(heard):
        assert kept == heard


_SAID = words("Nous passons maintenant au deuxième point de notre ordre du jour.")
_END = _SAID[-1].end_ms


def test_what_is_well_heard_is_not_heard_twice() -> None:
    assert doubtful(_SAID, [Span(0, _END)]) == ()
    assert doubtful((), [Span(0, 900)]) == ()  # a cough
    assert doubtful((), []) == ()


def test_only_the_stretch_without_words_is_heard_again() -> None:
    assert doubtful(_SAID, [Span(0, _END + 2_000)]) == (Span(_END + 200, _END + 2_000),)
    assert doubtful((), [Span(0, 2_000), Span(3_000, 3_400)]) == (Span(0, 2_000),)


def test_looping_improbable_and_misplaced_words_are_heard_again_whole() -> None:
    unsure = tuple(Word(w.start_ms, w.end_ms, w.text, 0.2) for w in _SAID)
    assert doubtful(words("la la la la la la la la"), [Span(0, 2_400)]) == (Span(0, 2_400),)
    assert doubtful(unsure, [Span(0, 1_000), Span(1_200, _END)]) == (Span(0, _END),)
    assert doubtful(_SAID, [Span(0, _END // 2)]) == (Span(0, _END // 2),)


def test_words_heard_again_take_their_place_and_no_other() -> None:
    around = (*words("un deux", 0), *words("six sept", 3_000))
    again = words("deux trois quatre cinq six", 500, each_ms=500)
    assert _texts(replaced(around, Span(800, 2_400), again)) == "un deux trois quatre cinq six sept"


def test_words_heard_again_are_taken_only_if_better() -> None:
    assert replaced(_SAID, Span(0, _END), words("nous passons")) == _SAID
    assert replaced(words("la " * 11), Span(0, _END), _SAID) == _SAID


def test_words_that_went_astray_are_worse_than_none() -> None:
    lost = words("je vous souhaite que je vous remercie " * 5, 4_000)
    assert replaced(_SAID, Span(4_000, 14_000), lost) == _SAID


def test_of_two_hearings_the_fuller_surer_and_less_repetitive_is_better() -> None:
    full = words("nous passons au vote sur la proposition")
    assert rightly_heard(full) > rightly_heard(full[:4])
    assert rightly_heard(full) > rightly_heard(words("nous " * 30))
    unsure = tuple(Word(w.start_ms, w.end_ms, w.text, 0.3) for w in full)
    assert rightly_heard(full) > rightly_heard(unsure)


def _sure(text: str, confidence: float, start_ms: int = 0) -> tuple[Word, ...]:
    return tuple(Word(w.start_ms, w.end_ms, w.text, confidence) for w in words(text, start_ms))


def test_captions_of_films_go_where_no_voice_is_heard() -> None:
    caption = _sure("Sous-titres réalisés par la communauté d'Amara.org", 0.95)
    assert without_invented(caption, lambda _: 0.2) == ()
    assert without_invented(caption, lambda _: 0.9) == caption  # a voice does say it


def test_any_unsure_words_go_where_no_voice_is_heard_and_only_there() -> None:
    real, noise = _sure("Bonsoir à toutes.", 0.9), _sure("et la la", 0.2, 10_000)

    def voice(span: Span) -> float:
        return 0.0 if span.start_ms >= 10_000 else 1.0

    assert without_invented((*real, *noise), voice) == real
    assert without_invented(noise, lambda _: 0.8) == noise


def test_short_words_that_are_said_stay() -> None:
    for said in ("Oui.", "Contre.", "Abstention."):
        sure, faint = _sure(said, 0.8), _sure(said, 0.3)
        assert without_invented(sure, lambda _: 0.0) == sure
        assert without_invented(faint, lambda _: 0.3) == faint


def test_a_sentence_without_time_to_say_it_is_made_up_unless_a_voice_is_clear() -> None:
    """What Whisper makes of a chord: all words at one moment, sure of the last ones."""
    found = [Word(0, 900, "C'est", 0.1), *(Word(900, 901, "faire", 0.9) for _ in range(8))]
    assert without_invented(found, lambda span: 0.1) == ()
    assert without_invented(found, lambda span: 0.8) == tuple(found)


_FRENCH = "Le conseil est d'avis que les crédits pour la place sont dans le budget de la ville."
_ENGLISH = "The council is of the opinion that we have the credits for this square in the budget."


def test_a_passage_in_another_language_is_found_where_it_is() -> None:
    said = words(f"{_FRENCH} " * 8 + f"{_ENGLISH} {_ENGLISH} {_FRENCH}")
    before, inside = 8 * len(_FRENCH.split()), 2 * len(_ENGLISH.split())
    (found,) = drifted(said)
    assert found == Span(said[before].start_ms, said[before + inside - 1].end_ms)
    assert drifted(said, "fr") == (found,) and drifted(said, "ar") == ()
    assert drifted(words("Monsieur Smith, of the National Trust, a la parole.")) == ()
