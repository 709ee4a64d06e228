"""Names put right as a clerk would, and left alone where a clerk would not be sure."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.asr.name_repair import expected_terms, repair, repairs_to_review
from ingest.documents.glossary import Term
from ingest.transcript import AgendaItem, Doubt, Person, Word
from tests.support.small_council import ROSTER

COUNCIL = (*ROSTER, Person("Thomas Blanc", "conseiller municipal"))
GLOSSARY = (
    Term("SIG", ("s i g", "les cigs")),
    Term("quai du Soleil", ("caisse du soleil",)),
    Term("Vernets"),
    Term("éco-quartier"),
    Term("crèche"),
)


def as_heard(word: Word) -> Word:
    """The word as it was before a repair."""
    return word if word.heard is None else replace(word, text=word.heard, heard=None)


def heard(text: str, confidence: float = 0.5) -> tuple[Word, ...]:
    """The words of a text, 400 ms apart; `_` keeps a French space inside a word."""
    texts = text.replace("_", "\u00a0").split(" ")
    return tuple(Word(n * 400, n * 400 + 350, t, confidence) for n, t in enumerate(texts))


def written(words: tuple[Word, ...]) -> str:
    return " ".join(word.text for word in words).replace("\u00a0", "_")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Merci, Madame Fontané.", "Merci, Madame Fontanet."),
        ("La parole est à Madame Fontaine_?", "La parole est à Madame Fontanet_?"),
        ("Monsieur Rochard, vous avez", "Monsieur Rochat, vous avez"),
        ("pas quarante, monsieur Hocha.", "pas quarante, monsieur Rochat."),
        ("rapporteur Monsieur Thomas Blond.", "rapporteur Monsieur Thomas Blanc."),
        ("Madame Sondrine Mayard, vous", "Madame Sandrine Maillard, vous"),
        ("le conseiller administratif d'elle cour.", "le conseiller administratif Delcourt."),
        ("Madame la conseillère Mayard a", "Madame la conseillère Maillard a"),
        ("l'avis de Patrick Lambaire est", "l'avis de Patrick Lambert est"),
        ("l'amendement Fontané est", "l'amendement Fontanet est"),
        ("l'amendement d'Fontané, puis", "l'amendement d'Fontanet, puis"),
        ("Monsieur l'Ambert, oui", "Monsieur Lambert, oui"),
        ("Monsieur Patrick Lombard, vous", "Monsieur Patrick Lambert, vous"),
        ("« Monsieur Rocha »", "« Monsieur Rochat »"),
    ],
)
def test_a_name_is_put_right_where_one_is_expected(said: str, expected: str) -> None:
    assert written(repair(heard(said), COUNCIL)) == expected


@pytest.mark.parametrize(
    "said",
    [
        "Le rocher de la rue noire est au bord de la roche.",
        "Une page en blanc, une vache, un rocher.",
        "Rocha est un mot qui commence la phrase.",
        "dans le Chapuis, au Fontané, l'Fontané",
        "la rue Fontané et la place de la Fontané",
        "Madame la présidente, roche et sable",
        "Monsieur le conseiller administratif, je vous remercie.",
        "Monsieur est servi, madame a raison, monsieur qui parle",
        "Mesdames et Messieurs, chers collègues, bonsoir.",
        "Madame Blanche Dupont et Monsieur Roger Marchand",
        "Monsieur Rochat et Madame Keller",
        "Monsieur Lombard, vous avez la parole",
        "Madame Nadia Bodin et Madame Kela Vidal",
        "les élus PLR, UDC et PS",
        "",
    ],
)
def test_a_plain_word_and_another_name_stay(said: str) -> None:
    words = heard(said)
    assert repair(words, COUNCIL, GLOSSARY) == words


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Monsieur Barry Swill, vous", "Monsieur Baeriswyl, vous"),
        ("Monsieur Barry White, vous", "Monsieur Barry White, vous"),
        ("avec Barry Swill, vous", "avec Barry Swill, vous"),
        ("de la rue de Mohaine paie", "de la rue de Moraines paie"),
        ("ce que Mohaine paie", "ce que Mohaine paie"),
    ],
)
def test_two_words_may_be_a_surname_and_a_street_is_expected_after_its_kind(
    said: str, expected: str
) -> None:
    roster, terms = (Person("Xavier Baeriswyl", "conseiller municipal"),), (Term("Moraines"),)
    assert written(repair(heard(said), roster, terms)) == expected
    sure = heard(said, 0.95)
    assert repair(sure, roster, terms) == sure


def test_two_people_who_fit_leave_the_word_alone() -> None:
    roster = (Person("Luc Monnet"), Person("Jean Monney"), Person("Anne Rochat"))
    assert written(repair(heard("Monsieur Monnaie, merci"), roster)) == "Monsieur Monnaie, merci"
    assert written(repair(heard("Monsieur Luc Monnaie, oui"), roster)) == "Monsieur Luc Monnet, oui"
    family = (Person("Luc Favre"), Person("Jeanne Favre"))
    assert written(repair(heard("Monsieur Favres, merci"), family)) == "Monsieur Favre, merci"


def test_a_title_tells_which_of_two_people_is_meant() -> None:
    roster = (Person("Luc Moret", "conseiller"), Person("Anne Maurer", "conseillère"))
    assert written(repair(heard("Madame Morer, merci"), roster)) == "Madame Maurer, merci"
    assert written(repair(heard("Monsieur Morer, merci"), roster)) == "Monsieur Moret, merci"


def test_a_sure_word_is_changed_in_its_spelling_alone() -> None:
    assert (
        written(repair(heard("Monsieur Rocha, merci", 0.99), COUNCIL)) == "Monsieur Rochat, merci"
    )
    sure = heard("Monsieur Rochard, merci", 0.99)
    assert repair(sure, COUNCIL) == sure


def test_no_time_and_nothing_heard_is_lost() -> None:
    words = heard("Madame Fontané, puis monsieur d'elle cour. Merci.")
    repaired = repair(words, COUNCIL)
    assert repaired[1] == Word(400, 750, "Fontanet,", 0.5, "Fontané,")
    assert repaired[4] == Word(1600, 2350, "Delcourt.", 0.5, "d'elle cour.")
    assert written(tuple(as_heard(word) for word in repaired)) == written(words)
    assert as_heard(repaired[1]) == words[1]
    assert repair(repaired, COUNCIL) == repaired


_SAID = "Madame Monsieur M. la conseillère Fontané, Rocha Kelly. Claire Sondrine Mayard d'elle cour"
_TOKENS = st.sampled_from([*_SAID.split(), "les", "cigs", "s", "i", "g", "?", "«", "", "l'", "…"])


@given(st.lists(st.tuples(_TOKENS, st.floats(0, 1)), max_size=12))
def test_whatever_is_heard_can_be_had_back(tokens: list[tuple[str, float]]) -> None:
    words = tuple(Word(n * 400, n * 400 + 350, text, c) for n, (text, c) in enumerate(tokens))
    after = repair(words, COUNCIL, GLOSSARY)
    assert written(tuple(as_heard(word) for word in after)) == written(words)
    assert [w.start_ms for w in after[:1]] == [w.start_ms for w in words[:1]]
    assert [w.end_ms for w in after[-1:]] == [w.end_ms for w in words[-1:]]
    assert repair(after, COUNCIL, GLOSSARY) == after


@pytest.mark.parametrize(
    ("name", "said", "expected"),
    [
        ("ROCHAT Julien", "Monsieur Rocha,", "Monsieur Rochat,"),
        ("Simone de Weck", "Madame de Vec,", "Madame de Weck,"),
        ("Anne-Lise Grandjean", "Madame Grand-Jan.", "Madame Grandjean."),
        ("Loïc D'Amico", "Monsieur Damico.", "Monsieur D'Amico."),
        ("Zoé Nguyễn", "Madame Nguyen.", "Madame Nguyễn."),
    ],
)
def test_names_are_written_as_the_roster_spells_them(name: str, said: str, expected: str) -> None:
    assert written(repair(heard(said), (Person(name),))) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("la facture des s i g, dit-il", "la facture des SIG, dit-il"),
        ("Les cigs ont répondu", "SIG ont répondu"),
        ("sur le caisse du soleil.", "sur le quai du Soleil."),
        ("le stade des Vernais.", "le stade des Vernets."),
        ("un écoquartier neuf", "un éco-quartier neuf"),
        ("la crêche du quartier", "la crèche du quartier"),
        ("les crèches de la ville", "les crèches de la ville"),
        ("la Crèche est là", "la Crèche est là"),
        ("de vernais en hiver", "de vernais en hiver"),
    ],
)
def test_the_citys_own_words_are_put_right(said: str, expected: str) -> None:
    assert written(repair(heard(said), (), GLOSSARY)) == expected


def test_each_repair_goes_to_the_clerk_with_its_reason() -> None:
    said = heard("« Madame Fontané », puis le stade des Vernais.")
    review = repairs_to_review(repair(said, COUNCIL, GLOSSARY), COUNCIL)
    assert [(item.start_ms, item.doubt, item.reason) for item in review] == [
        (800, Doubt.REPAIR, "« Fontané » entendu, « Fontanet » écrit (liste des membres)"),
        (3200, Doubt.REPAIR, "« Vernais » entendu, « Vernets » écrit (glossaire)"),
    ]
    assert repairs_to_review(said, COUNCIL) == ()


# --- what agenda, body and parties name ---------------------------------------------------------

AGENDA = (
    AgendaItem("1", "Piste cyclable du quai des Tanneurs, PR-12"),
    AgendaItem("2", "Rénovation de la piscine de la Prairie"),
    AgendaItem("3", "Route de Fontanette : crédit"),  # too like Madame Fontanet
)
NAMED = expected_terms(
    AGENDA, "Conseil municipal de Rivemont", (*COUNCIL, Person("Thomas Noir", "", "Vert'libéraux"))
)


def test_names_of_agenda_body_and_parties_are_expected_and_plain_words_are_not() -> None:
    assert [term.text for term in NAMED] == ["Tanneurs", "Prairie", "Rivemont", "Vert'libéraux"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("sur le quai des Taneurs demain", "sur le quai des Tanneurs demain"),
        ("la commune de Rivemon, merci", "la commune de Rivemont, merci"),
        ("la commune de Rivmont, merci", "la commune de Rivemont, merci"),
        ("les Vert'libérau ont raison", "les Vert'libéraux ont raison"),
        ("la piscine de la Prérie ferme", "la piscine de la Prairie ferme"),
        ("une prairie fleurie", "une prairie fleurie"),
        ("Madame Fontanet, merci", "Madame Fontanet, merci"),
        ("la commune de Romont, merci", "la commune de Romont, merci"),
    ],
)
def test_names_of_agenda_body_and_parties_are_put_right(said: str, expected: str) -> None:
    assert written(repair(heard(said), COUNCIL, NAMED)) == expected
    assert repair(heard(said, 0.95), (), NAMED) == heard(said, 0.95), "what is sure stays"


def test_such_a_repair_tells_on_whose_word() -> None:
    words = repair(heard("la commune de Rivemon"), COUNCIL, NAMED)
    (one,) = repairs_to_review(words, COUNCIL, NAMED)
    assert one.reason.endswith("(ordre du jour, organe ou partis)")
