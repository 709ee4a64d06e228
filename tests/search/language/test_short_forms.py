"""Text-message French is written out; what only looks like it is not."""

import pytest

from ingest.lexicon import is_french, is_inflected
from search.language.short_forms import spelt_out


@pytest.mark.parametrize(
    ("typed", "full"),
    [
        ("c koi le prix d la piscine", "c'est quoi le prix de la piscine"),
        ("piscine fermee cb de tps", "piscine fermee combien de temps"),
        ("kel é le montant", "quel est le montant"),
        ("combien d arbres ils coupent", "combien d'arbres ils coupent"),
        ("manque t il du personnel", "manque-t-il du personnel"),
        ("ouverte jusqu a quelle heure", "ouverte jusqu'a quelle heure"),
        ("pk la motion é refusée", "pourquoi la motion est refusée"),
        ("amdt 12 adopté", "amendement 12 adopté"),
    ],
)
def test_short_forms_are_written_out(typed: str, full: str) -> None:
    assert spelt_out(typed, lambda _: False) == full


@pytest.mark.parametrize("typed", ["pr 12", "PR-12", "annexe c", "Mme Ki", "M. Di Tomaso", "PB"])
def test_codes_capitals_and_last_letters_stay(typed: str) -> None:
    assert spelt_out(typed, lambda _: False) == typed


def test_an_abbreviation_that_the_archive_has_stays() -> None:
    assert spelt_out("les nb de la ville", lambda word: word == "nb") == "les nb de la ville"


@pytest.mark.parametrize("word", ["patinoire", "creche", "réclamations", "reclamations", "gaz"])
def test_plain_french_is_known_with_or_without_accents(word: str) -> None:
    assert is_french(word)


def test_a_slip_is_no_french_word() -> None:
    assert not is_french("pisicne")
    assert is_inflected("polisse") and not is_inflected("patinoire")
