"""A number that stands nowhere in what was said is told to be unknown."""

from api.answers.premise import undecided
from api.answers.refusals import unknown_amendment
from search.query.parsed import Intent, Query


def test_an_amendment_that_nobody_named_is_unknown() -> None:
    asked = Query("De quoi parle l'amendement n° 3539 ?", "amendement 3539")
    assert unknown_amendment(asked, lambda text: set(text.split())) == (
        "Aucune séance publiée ne parle de l'amendement n° 3539."
    )
    assert unknown_amendment(asked, lambda text: set()) is None
    abroad = Query("¿Qué propone la enmienda 5733?", "enmienda 5733", language="es")
    assert unknown_amendment(abroad, lambda text: set(text.split()))
    other = Query("Combien coûtent 3539 arbres ?", "3539 arbres")
    assert unknown_amendment(other, lambda text: set(text.split())) is None


def test_of_several_one_that_was_named_is_enough() -> None:
    asked = Query("les amendements 12 et 3539", "amendements 12 et 3539")
    assert unknown_amendment(asked, lambda text: {"3539"}) is None


def test_where_no_vote_on_it_was_kept_none_is_told() -> None:
    asked = Query("amendement 127 vote", "amendement 127", intent=Intent.VOTE)
    assert undecided(asked, ()) == (
        "Aucun vote sur l'amendement n° 127 n'a été trouvé dans les séances publiées."
    )
    assert undecided(Query("Que dit l'amendement 127 ?", "amendement 127"), ()) is None
