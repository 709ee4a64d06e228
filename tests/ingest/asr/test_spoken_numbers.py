"""Numbers heard in pieces are put together, and only where no other reading fits as well."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.asr.name_repair import repairs_to_review
from ingest.asr.spoken_numbers import join_numbers, objects_expected, write_amounts
from ingest.transcript import AgendaItem, Word

AGENDA = (
    AgendaItem("1", "Proposition PR-187 : stade", object="PR-187"),
    AgendaItem("2", "Motion M-76 : ludothèque", object="M-76"),
    AgendaItem("3", "Rapport R-31", object="R-31"),
    AgendaItem("4", "Rapport R-32", object="R-32"),
)


def said(text: str, confidence: float = 0.5) -> list[Word]:
    return [Word(n * 400, n * 400 + 300, w, confidence) for n, w in enumerate(text.split(" "))]


def shown(words: tuple[Word, ...]) -> str:
    return " ".join(word.text for word in words)


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        ("Sur les 100 40 places, il", "Sur les 140 places, il"),
        ("contre 20 et un non.", "contre 21 non."),
        ("à 20 et une heure 10", "à 21 heure 10"),
        ("elle compte 9 son place.", "elle compte 900 place."),
        ("Septembre, deux membres sont là", "72 membres sont là"),
        ("était un million-795 000 francs", "était 1.795.000 francs"),
        ("de 3 millions 70 000 francs", "de 3.070.000 francs"),
        ("de 2 millions 400.000 francs", "de 2.400.000 francs"),
        ("par 38 ont contre 29 où il est", "par 38 non contre 29 oui est"),
        ("par 7 week contre de nom.", "par 7 oui contre 2 non."),
        ("par 60 ou 100 oppositions", "par 60 oui sans oppositions"),
        ("par 62, où entre 4 n'ont et", "par 62, oui contre 4 non et"),
        ("Il y aura 100, 60 places", "Il y aura 160 places"),
        ("une bénévole a 4, 23 ans", "une bénévole a 83 ans"),
        ("de 64 millions, 300 000 francs", "de 64.300.000 francs"),
        ("Monsieur Rochat, 7 à vous.", "Monsieur Rochat, c'est à vous."),
    ],
)
def test_a_number_is_written_as_it_was_said(heard: str, expected: str) -> None:
    words = join_numbers(said(heard))
    assert shown(words) == expected
    assert " ".join(word.heard or word.text for word in words) == heard


@pytest.mark.parametrize(
    "text",
    [
        *(
            "contre 40 et une abstention",
            "le 14 septembre deux mille",
            "En septembre, deux membres",
        ),
        *("à 20 et un car attend", "2 400 000 francs", "100 40", "pour 2 000 100 personnes"),
        *(
            "un million et demi",
            "12 millions 5 fois",
            "41 oui contre 27 non",
            "il y a 9 sans-papiers",
        ),
        *(
            "pour 4 24e rangs",
            "le contre-projet, 12-mars",
            "le 7 à vous voir",
            "60 ou 100 places",
            "2 ont contre elles",
        ),
    ],
)
def test_what_another_reading_fits_stays_as_it_was_heard(text: str) -> None:
    assert join_numbers(said(text)) == tuple(said(text))


def test_words_tied_by_a_hyphen_are_two() -> None:
    words = join_numbers(said("par 37-huit contre-trente, merci"))
    assert shown(words) == "par 37 oui contre trente, merci"
    assert [word.heard for word in words] == [None, None, "huit", None, None, None]


def test_a_pause_after_a_comma_makes_a_list() -> None:
    first, second, places = said("100, 60 places")
    paused = (first, *(replace(w, start_ms=w.start_ms + 300) for w in (second, places)))
    assert join_numbers(paused) == paused


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        ("la proposition PR-127, oui", "la proposition PR-187, oui"),
        ("la motion 726.", "la motion 76."),
        ("la proposition PR-187 et la PR-12", "la proposition PR-187 et la PR-12"),
        ("le rapport R-33", "le rapport R-33"),  # may be either
        ("le 127 est là", "le 127 est là"),
    ],
)
def test_an_object_has_the_agendas_number(heard: str, expected: str) -> None:
    assert shown(objects_expected(said(heard), AGENDA)) == expected
    assert shown(objects_expected(said(heard, 0.95), AGENDA)) == heard


def test_each_change_is_listed_with_its_reason() -> None:
    words = objects_expected(join_numbers(said("PR-127 : 38 ont contre 100 20 oui")), AGENDA)
    reasons = [item.reason for item in repairs_to_review(words, ())]
    assert reasons[0] == "« PR-127 » entendu, « PR-187 » écrit (ordre du jour)"
    assert reasons[1] == "« ont » entendu, « non » écrit (nombre)"
    assert reasons[2:] == ["« 100 20 » entendu, « 120 » écrit (nombre)"]


def test_an_amount_of_millions_is_written_as_others_are() -> None:
    (amount,) = write_amounts(join_numbers(said("un million-795 000")), "espace")
    assert amount.text == "1\u202f795\u202f000"
    assert amount.heard == "un million-795 000"


@given(st.lists(st.text("0123456789., etunàc'owks", min_size=1, max_size=9), max_size=9))
def test_no_word_and_no_time_is_lost(texts: list[str]) -> None:
    words = [Word(n * 400, n * 400 + 300, text, 0.5) for n, text in enumerate(texts)]
    after = objects_expected(join_numbers(words), AGENDA)
    assert " ".join(w.heard or w.text for w in after) == " ".join(texts)
    assert not after or (after[0].start_ms, after[-1].end_ms) == (0, words[-1].end_ms)
