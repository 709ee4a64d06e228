"""A question that takes for granted what was decided otherwise gets what was decided."""

from dataclasses import replace

import pytest

from api.answers.premise import contradiction, is_denied, is_otherwise
from api.answers.vote_sentences import decision_line
from api.answers.vote_sentences import sentence as worded
from api.answers.vote_sentences import told as marked
from search.filters import Outcome
from search.query.parsed import Intent, Query
from search.votes.lookup import AskedVote
from tests.support.council_votes import REPORTER, heard, told
from tests.support.small_council import CHAIR


def found(*said: str, score: float = 1.0) -> tuple[AskedVote, ...]:
    return tuple(AskedVote(vote, score) for text in said for vote in told(text))


REFUSED = "La motion 414 est refusée par 42 non contre 31 oui et 4 abstentions."
ACCEPTED = "La motion 414 est acceptée par 41 oui contre 27 non et 6 abstentions."
UNANIMOUS = "La motion 414 est acceptée à l'unanimité."
FILED = "La motion 414 est classée par 39 oui contre 35 non."
SENT = "La motion 414 est renvoyée au Conseil administratif."


def test_a_contradiction_says_what_was_said_instead() -> None:
    against = contradiction(Outcome.ACCEPTED, found(REFUSED))
    assert against is not None
    assert against.vote.outcome is Outcome.REFUSED
    assert against.sentence == (
        "Ce n'est pas ce qui a été dit : la motion M-414 a été refusée, par 42 non contre 31 oui "
        "et 4 abstentions (à confirmer)."
    )


CONTRADICTED = (
    (Outcome.REFUSED, ACCEPTED),
    (Outcome.ACCEPTED, FILED),
    (Outcome.WITHDRAWN, REFUSED),
    (Outcome.COMMITTEE, ACCEPTED),
    (Outcome.FILED, ACCEPTED),
    (Outcome.POSTPONED, ACCEPTED),
    (Outcome.EXECUTIVE, "La motion est renvoyée à la commission des finances."),
)
AGREED = (
    (None, ACCEPTED),
    (Outcome.ACCEPTED, ACCEPTED),
    (Outcome.ACCEPTED, SENT),
    (Outcome.COMMITTEE, SENT),
    (Outcome.REFUSED, FILED),
    (Outcome.REFUSED, "Nous passons au vote. Oui 30, non 30."),
)


@pytest.mark.parametrize(("asked", "said"), CONTRADICTED)
def test_another_outcome_contradicts(asked: Outcome, said: str) -> None:
    assert contradiction(asked, found(said)) is not None


@pytest.mark.parametrize(("asked", "said"), AGREED)
def test_what_agrees_or_cannot_be_judged_does_not(asked: Outcome | None, said: str) -> None:
    assert contradiction(asked, found(said)) is None


def test_unanimity_is_contradicted_by_a_vote_against() -> None:
    def contradicted(said: str) -> bool:
        return contradiction(Outcome.ACCEPTED, found(said), unanimous=True) is not None

    assert contradicted(ACCEPTED)
    assert contradicted(REFUSED)
    assert contradicted("La motion 414 est acceptée à une large majorité.")
    assert not contradicted(UNANIMOUS)
    assert not contradicted("La motion 414 est acceptée sans opposition.")
    assert not contradicted("La motion 414 est acceptée.")


def test_one_vote_that_agrees_is_enough() -> None:
    assert contradiction(Outcome.ACCEPTED, found(REFUSED, ACCEPTED)) is None


def test_an_amendment_neither_confirms_nor_contradicts_its_motion() -> None:
    amendment = "L'amendement est accepté par 40 oui contre 20 non."
    against = contradiction(Outcome.ACCEPTED, found(REFUSED, amendment))
    assert against is not None and against.vote.outcome is Outcome.REFUSED


def test_what_is_hardly_about_the_question_is_not_held_against_it() -> None:
    assert contradiction(Outcome.ACCEPTED, found(REFUSED, score=0.3)) is None
    assert contradiction(Outcome.ACCEPTED, ()) is None


def test_a_committees_vote_does_not_contradict() -> None:
    (vote,) = heard(
        (CHAIR, "La parole est à monsieur Rochat, rapporteur."),
        (REPORTER, "La commission a refusé la motion par 8 non contre 5 oui."),
    )
    assert contradiction(Outcome.ACCEPTED, (AskedVote(vote, 1.0),)) is None


WORDED = (
    (UNANIMOUS, "la motion M-414 a été acceptée, à l'unanimité"),
    ("Nous votons sur l'amendement de Monsieur Rochat. Il est refusé par 43 non contre 28 oui.",
     "l'amendement de Julien Rochat (M-414) a été refusé, par 43 non contre 28 oui"),
    ("L'amendement du groupe socialiste est accepté par 41 oui, aucun non et une abstention.",
     "l'amendement du groupe socialiste (M-414) a été accepté, par 41 oui contre 0 non et "
     "1 abstention"),
    (SENT, "la motion M-414 a été renvoyée au Conseil administratif"),
    ("Le renvoi de la motion à la commission des finances est accepté sans opposition.",
     "la motion M-414 a été renvoyée à la commission des finances, sans opposition"),
    ("Le renvoi à la commission des finances est refusé par 40 non contre 20 oui.",
     "le renvoi (M-414) a été refusé, par 40 non contre 20 oui"),
    ("La clause d'urgence est acceptée par 40 oui contre 20 non, sans abstention.",
     "l'urgence (M-414) a été acceptée, par 40 oui contre 20 non, sans abstention"),
    ("Nous passons au vote. Oui 30, non 30.", "la motion M-414 a recueilli 30 oui et 30 non"),
)  # fmt: skip


@pytest.mark.parametrize(("said", "sentence"), WORDED, ids=[w[1] for w in WORDED])
def test_a_vote_is_written_in_french(said: str, sentence: str) -> None:
    assert [worded(vote) for vote in told(said)] == [sentence]


def asked(question: str, *remarks: str, outcome: Outcome | None = None) -> str | None:
    """What is said instead to a question on the amendments of these remarks of the record."""
    opened = (CHAIR, "Monsieur Rochat, vous avez la parole."), (REPORTER, "Merci.")
    votes = heard(*opened, *((None, remark) for remark in remarks))
    against = contradiction(outcome, [AskedVote(v, 1.0) for v in votes], question=question)
    return against.sentence if against else None


WITHDRAWN = "(L'amendement n° 8 est retiré.)"
NOT_ADOPTED = "(L'amendement n° 8 n'est pas adopté.)"
TAKEN_BACK = "Ce n'est pas ce qui a été dit : l'amendement n° 8 (M-414) a été retiré (à confirmer)."


@pytest.mark.parametrize(
    ("question", "remark", "outcome", "sentence"),
    [
        ("Pourquoi les Verts ont-ils maintenu l'amendement 8 ?", WITHDRAWN, None, TAKEN_BACK),
        ("Combien de voix pour l'amendement n° 8 ?", WITHDRAWN, None, TAKEN_BACK),
        ("Pourquoi l'amendement n° 8 a-t-il été rejeté ?", WITHDRAWN, Outcome.REFUSED, TAKEN_BACK),
        ("Pourquoi l'amendement n° 8 a-t-il été adopté ?", NOT_ADOPTED, Outcome.ACCEPTED,
         "Ce n'est pas ce qui a été dit : l'amendement n° 8 (M-414) a été refusé (à confirmer)."),
        ("Quel a été le score de l'amendement n° 8 au scrutin ?", NOT_ADOPTED, None,
         "Aucun décompte n'a été annoncé : l'amendement n° 8 (M-414) a été refusé (à confirmer)."),
        ("Pourquoi l'amendement n° 8 a-t-il été retiré ?", WITHDRAWN, Outcome.WITHDRAWN, None),
        ("Que prévoyait l'amendement n° 8 ?", WITHDRAWN, None, None),
        ("Pourquoi l'amendement n° 8 a-t-il été repoussé ?", NOT_ADOPTED, Outcome.POSTPONED, None),
        ("Qui a maintenu l'amendement n° 8 ?", NOT_ADOPTED, None, None),
    ],
)  # fmt: skip
def test_what_became_of_an_amendment_answers_who_takes_another_end_for_granted(
    question: str, remark: str, outcome: Outcome | None, sentence: str | None
) -> None:
    assert asked(question, remark, outcome=outcome) == sentence


def test_a_vote_whose_object_is_unclear_contradicts_nothing() -> None:
    opened = (
        (CHAIR, "Nous passons à l'amendement de monsieur Rochat. Monsieur Rochat, la parole."),
        (REPORTER, "Mon amendement demande cent arbres de plus."),
    )
    (vote,) = heard(*opened, (CHAIR, "Nous avons 27 oui, 41 non et 6 abstentions."))
    assert contradiction(Outcome.ACCEPTED, [AskedVote(vote, 1.0)]) is None
    assert worded(vote) == "un vote a été annoncé, par 41 non contre 27 oui et 6 abstentions"


def test_several_are_told_in_the_plural_and_many_are_counted() -> None:
    told_of = {
        "(Les amendements nos 8 et 9 ne sont pas adoptés.)":
            "les amendements n° 8 et 9 (M-414) ont été refusés",
        "(Les amendements identiques nos 8, 9, 10, 11 et 12 sont adoptés.)":
            "les amendements n° 8, 9, 10 et 2 autres (M-414) ont été acceptés",
        "Les conclusions de la commission sont acceptées par 40 oui contre 20 non.":
            "les conclusions (M-414) ont été acceptées, par 40 oui contre 20 non",
    }  # fmt: skip
    opened = (CHAIR, "Monsieur Rochat, vous avez la parole."), (REPORTER, "Merci.")
    for said, sentence in told_of.items():
        (vote,) = heard(*opened, (None if said.startswith("(") else CHAIR, said))
        assert worded(vote) == sentence


IN_FRENCH = (
    ("Les conclusions du rapport sont acceptées à l'unanimité.",
     "les conclusions (M-414) ont été acceptées, à l'unanimité"),
    ("La motion est refusée par 40 non contre 20 oui.",
     "la motion M-414 a été refusée, par 40 non contre 20 oui"),
    ("Le postulat est accepté par 40 oui contre 20 non.",
     "le postulat (M-414) a été accepté, par 40 oui contre 20 non"),
    ("Les deux motions sont acceptées par 40 oui contre 3 non.",
     "les motions ont été acceptées, par 40 oui contre 3 non"),
    ("Les motions 7 et 8 sont refusées par 40 non contre 3 oui.",
     "les motions M-7 et M-8 ont été refusées, par 40 non contre 3 oui"),
    ("Les projets de loi sont adoptés à l'unanimité.",
     "les projets de loi (M-414) ont été acceptés, à l'unanimité"),
    ("Les articles 3 à 8 et 10 sont acceptés à l'unanimité.",
     "les articles 3 à 8 et 10 (M-414) ont été acceptés, à l'unanimité"),
    ("Les procès-verbaux sont approuvés à l'unanimité.",
     "les procès-verbaux (M-414) ont été acceptés, à l'unanimité"),
    ("La motions est acceptée par 40 oui contre 3 non.",
     "la motion M-414 a été acceptée, par 40 oui contre 3 non"),
    ("La question écrite est classée par 40 oui contre 3 non.",
     "la question écrite a été classée, par 40 oui contre 3 non"),
)  # fmt: skip


@pytest.mark.parametrize(("said", "line"), IN_FRENCH, ids=[said for said, _ in IN_FRENCH])
def test_a_decision_agrees_with_what_was_decided_on_and_with_how_many(said: str, line: str) -> None:
    assert [worded(vote) for vote in told(f"Nous votons. {said}")] == [line]


def test_a_decision_is_to_be_confirmed_until_a_clerk_has() -> None:
    (vote,) = told("La motion est refusée par 40 non contre 20 oui.")
    line = "la motion M-414 a été refusée, par 40 non contre 20 oui"
    assert marked(vote) == f"{line} (à confirmer)"
    assert marked(replace(vote, confirmed=True)) == line


def test_figures_that_cannot_be_relied_upon_are_told_to_be_checked() -> None:
    (vote,) = told("La motion est acceptée, 47 ou 9 contre 9.")
    vote = replace(vote, confirmed=True)
    assert marked(vote) == "la motion M-414 a été acceptée, chiffres à vérifier"
    assert decision_line(vote) == "Acceptée : chiffres à vérifier"


DECIDED = (
    (REFUSED, "Refusée : 42 non, 31 oui, 4 abstentions"),
    (ACCEPTED, "Acceptée : 41 oui, 27 non, 6 abstentions"),
    (UNANIMOUS, "Acceptée : à l'unanimité"),
    (FILED, "Classée : 39 oui, 35 non"),
    (SENT, "Renvoyée au Conseil administratif"),
    ("Nous passons au vote. Oui 30, non 30.", "Égalité : 30 oui, 30 non"),
)


@pytest.mark.parametrize(("said", "line"), DECIDED)
def test_a_decision_in_one_line(said: str, line: str) -> None:
    assert [decision_line(vote) for vote in told(said)] == [f"{line} (à confirmer)"]
    assert [decision_line(replace(vote, confirmed=True)) for vote in told(said)] == [line]


COST = "Le coût passe à 2 700 000 francs, et le chantier commencera en janvier."
POOL = "La piscine sera fermée pendant huit mois ; 850 personnes ont signé."


@pytest.mark.parametrize(
    ("question", "quote", "otherwise"),
    [
        ("Pourquoi les 5 millions de la piste ne suffisent-ils pas ?", COST, True),
        ("Pourquoi les 2,7 millions de la piste ne suffisent-ils pas ?", COST, False),
        ("Pourquoi le chantier commence-t-il en juin ?", COST, True),
        ("Pourquoi le chantier commence-t-il en janvier ?", COST, False),
        ("Pourquoi la piscine est-elle fermée pendant trois ans ?", POOL, True),
        ("Pourquoi 3000 personnes ont-elles signé ?", POOL, True),
        ("Pourquoi 3000 baigneurs viennent-ils ?", POOL, False),  # of another thing
        ("Pourquoi l'entrée coûte-t-elle 7 francs ?", POOL, False),  # no price is quoted
        ("Pourquoi la piscine est-elle fermée ?", POOL, False),
    ],
)
def test_a_question_may_state_another_figure(question: str, quote: str, otherwise: bool) -> None:
    assert is_otherwise(Query(question, question), [quote], [quote]) is otherwise


def test_a_figure_that_is_said_beside_is_no_other_one() -> None:
    query = Query("", "Pourquoi l'abonnement coûte-t-il 70 francs ?")
    said = [COST, "L'abonnement coûte 70 francs."]
    assert not is_otherwise(query, [COST], said)
    assert is_otherwise(query, [COST], [COST])


def test_a_figure_beside_which_another_is_sought_is_not_denied() -> None:
    query = Query("", "Sur les 44 dossiers, combien de dossiers ?", intent=Intent.HOW_MANY)
    assert not is_otherwise(query, ["Dans 38 dossiers."], ["Dans 38 dossiers."])


PACS = "En 1999, je n'ai pas voté le PACS, parce que la lettre m'avait choquée."


@pytest.mark.parametrize(
    ("question", "quote", "denied"),
    [
        ("Pourquoi a-t-elle voté le PACS ?", PACS, True),
        ("Pourquoi n'a-t-elle pas voté le PACS ?", PACS, False),
        ("Pourquoi critique-t-elle le PACS ?", PACS, False),  # what blames is denied by a denial
        ("Pourquoi la lettre l'a-t-elle choquée ?", PACS, False),  # another clause is negated
        ("Pourquoi a-t-il demandé l'urgence ?", "Non, il n'y avait pas urgence.", True),
        ("Pourquoi le parc ferme-t-il ?", "Le parc ferme à cause du bruit.", False),
    ],
)
def test_words_may_deny_what_a_question_why_takes_for_granted(
    question: str, quote: str, denied: bool
) -> None:
    assert is_denied(Query(question, question, intent=Intent.WHY), quote) is denied
    assert not is_denied(Query(question, question), quote)


def test_the_name_of_who_is_asked_about_denies_nothing() -> None:
    query = Query("Pourquoi Parc parle-t-il ?", "", intent=Intent.WHY, mentioned=("Luc Parc",))
    assert not is_denied(query, "M. Parc n'est pas là.")
