"""What is a vote and what is not, in the words in which councils tell them."""

import pytest

from search.filters import Outcome
from search.votes.tallies import code_of, codes_in, council_normal, tally
from search.votes.vote import COMMISSION, Subject, Vote
from tests.support.council_votes import REPORTER, heard, told, unnamed
from tests.support.small_council import CHAIR

FIGURES = (
    ("acceptée par quarante et un oui contre vingt-sept non et six abstentions", (41, 27, 6)),
    ("acceptée par 65 voix contre 8 et quatre abstentions", (65, 8, 4)),
    ("refusée par 42 noms contre 31 et 4 abstentions", (31, 42, 4)),
    ("refusée par quarante-deux non contre trente et un oui", (31, 42, None)),
    ("rejetée par 13 voix contre 12", (12, 13, None)),
    ("adoptée par 12 pour, 3 contre", (12, 3, None)),
    ("acceptée par 41 voix pour, 27 voix contre et une abstention", (41, 27, 1)),
    ("acceptée par 40 et un oui contre 20 7 non, sans abstention", (41, 27, 0)),
    ("acceptée par soixante et onze oui contre un non", (71, 1, None)),
    ("refusée par quarante 5 noms contre vingt cette oui", (27, 45, None)),
    ("acceptée par septante-cinq oui contre nonante-deux non", (75, 92, None)),
    ("le vote donne : oui 30, non 40, abstentions 5", (30, 40, 5)),
    ("oui 30 non 40 abstentions 5", (30, 40, 5)),
    ("acceptée par 41 oui, aucun non et deux abstensions", (41, 0, 2)),
    ("60 pour cent des élèves", (None, None, None)),
    ("200 non-voyants et trois pour deux", (None, None, None)),
    ("47 ou 9 contre 9", (None, None, None)),
    ("acceptée par 47 ou 49 oui contre 9 non", (None, None, None)),
    ("acceptée par 47 oui ou 9 contre 9", (None, None, None)),
    ("acceptée par plus de 40 oui contre 9 non", (None, None, None)),
    ("acceptée par près de quarante voix contre 9", (None, None, None)),
    ("acceptée par 40 oui environ contre 9 non", (None, None, None)),
    ("acceptée par 41, euh, 42 oui contre 9 non", (None, None, None)),
    ("acceptée par 41 oui contre 9, non, 10 non", (None, None, None)),
    ("il faut plus de 41 voix, acceptée par 50 oui contre 20", (50, 20, None)),
    ("refusée par 30 non, 20 oui", (20, 30, None)),
    ("Nombre de votants 280 Majorité absolue 141 Pour l'adoption 98 Contre 182", (98, 182, None)),
)


@pytest.mark.parametrize(("said", "figures"), FIGURES, ids=[said for said, _ in FIGURES])
def test_figures_are_read_however_they_are_said(
    said: str, figures: tuple[int | None, int | None, int | None]
) -> None:
    normal = council_normal(said)
    found = tally(normal, refused="refus" in normal or "rejet" in normal)
    assert (found.yes, found.no, found.abstentions) == figures


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ("refusée par 40 oui contre 30 non, faute d'atteindre les deux tiers", True),
        ("refusée par 48 oui contre 22 non, faute d'avoir atteint les deux tiers", True),
        ("refusée par 48 oui contre 22, la majorité des deux tiers n'étant pas obtenue", True),
        ("acceptée par 35 oui contre 35 non, avec la voix du président", False),
        ("acceptée par 35 oui contre 35 non, la présidente a voté oui", False),
        ("acceptée par 35 oui contre 35 non, avec mon vote", False),
    ],
)
def test_a_rule_lets_the_lesser_side_win_and_a_tie_be_broken(said: str, refused: bool) -> None:
    normal = council_normal(said)
    figures = tally(normal, refused=refused)
    assert figures.counted and figures.allows(refused=refused, normal=normal)
    assert not figures.allows(refused=not refused, normal=normal) or figures.yes == figures.no


@pytest.mark.parametrize(
    ("said", "figures"),
    [
        ("est acceptée par 41 oui contre 27 non. Pardon, 42 oui contre 26 non.", (42, 26)),
        ("est acceptée par 41 oui contre 27 non. Excusez-moi, je corrige, 42 oui.", (None, None)),
        ("est acceptée. 41 oui contre 27 non. Pardon, 42 oui contre 26 non.", (None, None)),
        ("est acceptée par 41 oui contre 27 non. Pardon, Monsieur Rochat.", (41, 27)),
    ],
)
def test_figures_that_are_taken_back_are_not_stated(
    said: str, figures: tuple[int | None, int | None]
) -> None:
    (vote,) = told(f"La motion 414 {said}")
    assert (vote.yes, vote.no) == figures


def test_what_is_named_after_the_verb_is_what_was_decided_on() -> None:
    (vote,) = told("Sont acceptés par 40 oui contre 3 non les amendements 1 et 2.")
    assert vote.subject is Subject.AMENDMENT and (vote.yes, vote.no) == (40, 3)
    (vote,) = told("Est acceptée par 40 oui contre 3 non la pétition 5.")
    assert (vote.object, vote.outcome) == ("P-5", Outcome.ACCEPTED)


def test_a_share_of_a_hundred_is_no_count_of_votes() -> None:
    assert not tally(council_normal("environ 60 pour cent des élèves"), refused=False)
    assert not tally(council_normal("une dizaine de contre-propositions"), refused=False)


def test_unanimity_and_the_like_are_told_apart() -> None:
    def of(said: str) -> tuple[bool, str]:
        found = tally(council_normal(said), refused=False)
        return found.unanimous, found.margin

    assert of("acceptée à l'unanimité") == (True, "à l'unanimité")
    assert of("acceptée à l'une animité") == (True, "à l'unanimité")
    assert of("acceptée à la quasi-unanimité") == (False, "à la quasi-unanimité")
    assert of("acceptée sans opposition") == (False, "sans opposition")
    assert of("acceptée à une large majorité") == (False, "à la majorité")
    assert of("acceptée par 64 oui, aucun non, aucune abstention") == (True, "")


RESULTS = (
    ("La motion 414 est acceptée par 41 oui contre 27 non.", Outcome.ACCEPTED, "M-414"),
    ("L'amotion quatre cent quatorze et refuser par 38 non.", Outcome.REFUSED, "M-414"),
    ("La pétition 5 est classée par 39 oui contre 35 non.", Outcome.FILED, "P-5"),
    ("La proposition PR-20 est un à renvoyer à la commission des finances sans opposition.",
     Outcome.COMMITTEE, "PR-21"),
    ("La pétition 3 est renvoyée au Conseil administratif.", Outcome.EXECUTIVE, "P-3"),
    ("Le renvoi au Conseil d'État est accepté.", Outcome.EXECUTIVE, "M-414"),
    ("Mise aux voix, la motion est rejetée.", Outcome.REFUSED, "M-414"),
    ("La motion n'est pas acceptée.", Outcome.REFUSED, "M-414"),
    ("Vous avez accepté cette motion par 41 oui contre 20 non.", Outcome.ACCEPTED, "M-414"),
    ("Je constate que la motion est acceptée par 41 oui contre 20 non.", Outcome.ACCEPTED, "M-414"),
    ("Je mets aux voix la motion. Acceptée à l'unanimité.", Outcome.ACCEPTED, "M-414"),
    ("La motion est retirée par ses auteurs.", Outcome.WITHDRAWN, "M-414"),
    ("Nous passons au vote. C'est accepté.", Outcome.ACCEPTED, "M-414"),
    ("L'objet est reporté à la prochaine séance.", Outcome.POSTPONED, "M-414"),
    ("La motion est renvoyée à la prochaine séance.", Outcome.POSTPONED, "M-414"),
    ("Nous passons au vote. Oui 30, non 30.", Outcome.TIED, "M-414"),
    ("Le vote nominal donne : oui 30, non 40, abstentions 5.", Outcome.REFUSED, "M-414"),
    ("Le Conseil municipal accepte la motion par 41 oui contre 20 non.", Outcome.ACCEPTED, "M-414"),
    ("Par 38 non contre 27 oui, le Conseil municipal refuse la motion.", Outcome.REFUSED, "M-414"),
    ("La motion 414 passe la rampe avec 41 oui contre 27 non.", Outcome.ACCEPTED, "M-414"),
    ("25 voix pour, 6 voix contre. Motion acceptée.", Outcome.ACCEPTED, "M-414"),
    ("Pour : 6. Contre : 25. Abstentions : 2. La motion est refusée.", Outcome.REFUSED, "M-414"),
    ("Nous avons 41 oui, 27 non et 6 abstentions.", Outcome.ACCEPTED, "M-414"),
    ("Les conclusions de la commission sont acceptées par 40 oui contre 20 non.", Outcome.ACCEPTED,
     "M-414"),
    ("Le procès-verbal de la dernière séance est approuvé.", Outcome.ACCEPTED, "M-414"),
    ("Le projet de délibération PRD-12 est adopté en troisième débat.", Outcome.ACCEPTED, "PRD-12"),
)  # fmt: skip


@pytest.mark.parametrize(("said", "outcome", "code"), RESULTS, ids=[r[0] for r in RESULTS])
def test_results_announced_by_the_chair_are_votes(said: str, outcome: Outcome, code: str) -> None:
    (vote,) = told(said)
    assert (vote.outcome, vote.object) == (outcome, code)


SETTLED = (
    ("Oui 30, non 30. Il y a égalité. Je vote oui. La motion est acceptée.", Outcome.ACCEPTED, 30),
    ("30 oui, 30 non. C'est à moi de trancher. Ma voix est prépondérante. La motion est refusée.",
     Outcome.REFUSED, 30),
    ("Oui 30, non 30. Il y a égalité. La motion est donc refusée.", Outcome.REFUSED, 30),
    ("Oui 30, non 30. Je tranche. La motion est acceptée par 31 oui contre 30 non.",
     Outcome.ACCEPTED, 31),
    ("Oui 30, non 30. Je vote oui. Le vote donne : oui 31, non 30.", Outcome.ACCEPTED, 31),
)  # fmt: skip


@pytest.mark.parametrize(("said", "outcome", "yes"), SETTLED, ids=[s[0] for s in SETTLED])
def test_a_tie_and_what_ends_it_are_one_vote(said: str, outcome: Outcome, yes: int) -> None:
    (vote,) = told(f"Nous passons au vote. {said}")
    assert (vote.outcome, vote.yes, vote.no) == (outcome, yes, 30)
    assert vote.unsure is False


def test_a_tie_stands_beside_the_next_vote() -> None:
    said = "Oui 30, non 30. Nous votons la motion 7. Oui 40, non 3. La motion 7 est acceptée."
    assert [vote.outcome for vote in told(f"Nous passons au vote. {said}")] == [
        Outcome.TIED,
        Outcome.ACCEPTED,
    ]


SUBJECTS = (
    ("L'amendement à la motion 414 est refusé par 40 non contre 20 oui.", Subject.AMENDMENT),
    ("La clause d'urgence est acceptée par 40 oui contre 20 non.", Subject.URGENCY),
    ("La prise en considération de la motion est refusée par 40 non contre 20 oui.", Subject.ENTRY),
    ("L'entrée en matière est votée à l'unanimité.", Subject.ENTRY),
    ("Le renvoi de la motion à la commission des finances est refusé.", Subject.REFERRAL),
    ("Le procès-verbal est approuvé.", Subject.MINUTES),
    ("La motion d'ordre est acceptée par 40 oui contre 20 non.", Subject.ORDER),
    ("La motion, qui demande un crédit, est acceptée par 40 oui contre 20 non.", Subject.OBJECT),
)


@pytest.mark.parametrize(("said", "subject"), SUBJECTS, ids=[s for s, _ in SUBJECTS])
def test_what_is_voted_on_is_told_apart(said: str, subject: Subject) -> None:
    (vote,) = told(said)
    assert vote.subject is subject


def test_accepting_a_referral_sends_the_object_there() -> None:
    (vote,) = told("Le renvoi à la commission des finances est accepté par 40 oui contre 2 non.")
    assert (vote.subject, vote.outcome) == (Subject.REFERRAL, Outcome.COMMITTEE)
    assert vote.destination == "commission des finances"


IMPOSSIBLE = (
    "La motion 414 est acceptée par 27 oui contre 41 non.",
    "La motion 414 est acceptée par 9 oui contre 9 non.",
    "La motion 414 est refusée par 30 non contre 41 oui.",
    "La pétition 5 est classée par 30 oui contre 41 non.",
    "La motion 414 est acceptée par 27 oui contre 41 non, la présidente ayant tranché.",
    "Nombre de votants 70. La motion 414 est acceptée par 41 oui contre 37 non.",
    "La motion 414 est acceptée : votants 70, 41 oui contre 37 non.",
    "Nous sommes 60 présents. La motion 414 est acceptée par 41 oui contre 27 non.",
    "Il y a 60 conseillers présents. La motion 414 est acceptée par 41 oui contre 27 non.",
    "La motion 414 est acceptée par 40 oui contre 30 non à la majorité des deux tiers.",
    "Il faut une majorité des deux tiers. La motion 414 est acceptée par 40 oui contre 30 non.",
    "La majorité requise est de 54 voix. La motion 414 est acceptée par 41 oui contre 27 non.",
    "La motion 414 est acceptée à l'unanimité, par 41 oui contre 27 non.",
    "La motion 414 est acceptée sans opposition, par 41 oui contre 3 non.",
    "La motion 414 est acceptée, 47 ou 9 contre 9.",
    "La motion 414 est acceptée par 41 oui contre 9 ou 10 non.",
    "La motion 414 est acceptée par 41 contre 9 ou 10.",
    "La motion 414 est acceptée, 41 oui, pardon, 42 oui contre 3 non.",
    "La motion 414 est acceptée par une quarantaine de oui contre 3 non.",
    "La motion 414 est acceptée par environ 40 voix contre 3.",
)


@pytest.mark.parametrize("said", IMPOSSIBLE)
def test_figures_that_cannot_be_are_left_out_and_told_so(said: str) -> None:
    (vote,) = told(said)
    outcomes = {"refus": Outcome.REFUSED, "class": Outcome.FILED}
    kind = next((outcome for stem, outcome in outcomes.items() if stem in said), Outcome.ACCEPTED)
    assert vote.outcome is kind
    assert (vote.yes, vote.no, vote.abstentions) == (None, None, None)
    assert vote.unsure and not vote.unanimous


BY_A_RULE = (
    ("La motion 414 est refusée par 30 non contre 41 oui, les deux tiers n'étant pas atteints.",
     (41, 30)),
    ("Il faut les deux tiers. La motion 414 est acceptée par 50 oui contre 20 non.", (50, 20)),
    ("Il faut 54 voix. La motion 414 est refusée par 41 oui contre 27 non.", (41, 27)),
    ("La motion 414 est acceptée par 9 oui contre 9 non, la présidente ayant tranché.", (9, 9)),
    ("La motion 414 est acceptée par 9 oui contre 9 non. C'est ma voix prépondérante.", (9, 9)),
    ("La motion 414 est refusée par 9 non contre 9 oui.", (9, 9)),
    ("Nous sommes 70 présents. La motion 414 est acceptée par 41 oui contre 27 non.", (41, 27)),
    ("La commission unanime y est favorable. La motion 414 est acceptée par 41 oui contre 27 non.",
     (41, 27)),
)  # fmt: skip


@pytest.mark.parametrize(("said", "figures"), BY_A_RULE, ids=[said for said, _ in BY_A_RULE])
def test_figures_that_a_rule_explains_are_kept(said: str, figures: tuple[int, int]) -> None:
    (vote,) = told(said)
    assert (vote.yes, vote.no, vote.unsure) == (*figures, False)


def test_a_count_alone_is_read_by_the_rule_that_is_told() -> None:
    count = "Le vote donne : oui 40, non 30."
    (missed,) = told(f"{count} La majorité des deux tiers n'est pas atteinte.")
    assert missed.outcome is Outcome.REFUSED
    (short,) = told(f"Il faut la majorité des deux tiers. {count}")
    assert short.outcome is Outcome.REFUSED
    assert (
        told("Cet objet requiert une majorité des deux tiers. Le vote donne : 50 oui, 20 non.")
        == ()
    )


def test_more_than_the_members_cannot_vote_where_the_roster_lists_them() -> None:
    few, many = "est acceptée par 4 oui contre 2 non", "est refusée par 7 non contre 3 oui"
    kept, doubtful = told(f"La motion 414 {few}. La motion 12 {many}.")
    assert (kept.yes, kept.unsure) == (4, False)
    assert (doubtful.no, doubtful.unsure) == (None, True)
    (partial,) = told("La motion 414 est acceptée par 41 oui contre 27 non.")
    assert partial.yes == 41, "a roster of seven is not all of 68 who voted"


NO_VOTES = (
    "Notre groupe votera contre.",
    "Je vous demande d'accepter cette motion.",
    "Si la motion est acceptée, nous devrons payer.",
    "La motion sera refusée, je le crains.",
    "En 2019, le peuple a refusé ce projet par 54 %.",
    "Je souhaite que cette motion soit acceptée à l'unanimité.",
    "Cette motion a été acceptée à l'unanimité en 2019.",
    "La motion est-elle acceptée ?",
    "Le groupe socialiste dira oui, car apprendre à nager peut sauver une vie.",
    "L'accès au parc est refusé à beaucoup de monde.",
    "Qui accepte cette motion ?",
    "Rejeter cette motion par 41 oui contre 2, c'est refuser l'avenir à l'unanimité.",
    "Le Conseil d'État a refusé ce crédit par 4 voix contre 3.",
    "Dès que le crédit est voté, le chantier commence.",
    "Nous avons voté ce crédit l'année dernière.",
    "Déposée en 2022 et adoptée par le Conseil national le 26 septembre, par 175 voix contre 10.",
    "Il y a trois ans, vous avez accepté la motion par 41 oui contre 20 non.",
    "Je vous retire la parole, vos propos ne relèvent plus d'un rappel au règlement.",
)


@pytest.mark.parametrize("said", NO_VOTES)
def test_wishes_fears_and_memories_are_no_votes(said: str) -> None:
    assert told(said) == ()
    assert heard((CHAIR, "Monsieur Rochat, vous avez la parole."), (REPORTER, said)) == ()
    assert unnamed(said) == ()


def test_a_councillor_does_not_announce_results() -> None:
    said = "La motion 414 est acceptée par 41 oui contre 27 non."
    assert heard((REPORTER, f"{'Chers collègues, ' * 20} {said}")) == ()
    assert len(unnamed(said)) == 1


def quoted(vote: Vote, text: str) -> str:
    return " ".join(text.split()[vote.first_word : vote.last_word + 1])


COUNTED_BESIDE = (
    "Au vote, la motion 414 est refusée. 38 non, 27 oui, 3 abstentions.",
    "38 non, 27 oui, 3 abstentions. La motion 414 est refusée.",
    "Oui : 27. Non : 38. Abstentions : 3. La motion 414 est donc refusée.",
)


@pytest.mark.parametrize("result", COUNTED_BESIDE)
def test_figures_in_the_sentence_beside_belong_to_the_evidence(result: str) -> None:
    text = f"Merci à tous. {result} Nous passons au point suivant."
    (vote,) = told(text)
    assert (vote.yes, vote.no, vote.abstentions) == (27, 38, 3)
    assert quoted(vote, text) == vote.said == result


def test_each_result_keeps_its_own_figures() -> None:
    text = (
        "L'amendement est refusé par 43 non contre 28 oui. Je mets aux voix la motion. "
        "Elle est acceptée par 41 oui contre 27 non et 6 abstentions."
    )
    amendment, motion = told(text)
    assert (amendment.no, motion.yes, motion.abstentions) == (43, 41, 6)
    assert quoted(motion, text).startswith("Elle est acceptée")


def test_two_results_of_one_sentence_are_two_votes() -> None:
    first, second = told(
        "La motion 414 est acceptée par 41 oui contre 27 non, et la motion 415 est refusée par "
        "38 non contre 30 oui."
    )
    assert (first.object, first.yes, first.outcome) == ("M-414", 41, Outcome.ACCEPTED)
    assert (second.object, second.no, second.outcome) == ("M-415", 38, Outcome.REFUSED)


def test_an_amendments_mover_is_found_where_it_was_called() -> None:
    (vote,) = told(
        "Nous votons d'abord sur l'amendement de monsieur Rochat. L'amendement est refusé par "
        "43 non contre 28 oui."
    )
    assert vote.mover == "Julien Rochat"
    for said, mover in (
        ("L'amendement du groupe socialiste est accepté à l'unanimité.", "groupe socialiste"),
        ("L'amendement des Verts est accepté à l'unanimité.", "Verts"),
        ("L'amendement du PLR est accepté à l'unanimité.", "PLR"),
        ("La motion de Madame Dupont est acceptée à l'unanimité.", "Dupont"),
        ("La proposition de Genève est acceptée à l'unanimité.", None),
    ):
        (other,) = told(said)
        assert other.mover == mover


def test_a_mover_takes_back_an_amendment_without_a_vote() -> None:
    (vote,) = heard(
        (CHAIR, "Monsieur Rochat, vous avez la parole."),
        (REPORTER, "Après ce que j'ai entendu, je retire mon amendement."),
    )
    assert (vote.subject, vote.outcome) == (Subject.AMENDMENT, Outcome.WITHDRAWN)


def test_a_committees_vote_is_marked_as_one() -> None:
    (vote,) = heard(
        (CHAIR, "La parole est à monsieur Rochat, rapporteur."),
        (REPORTER, "La commission a accepté la motion par 8 oui contre 5 non et 2 abstentions."),
    )
    assert (vote.body, vote.outcome, vote.yes) == (COMMISSION, Outcome.ACCEPTED, 8)
    (other,) = heard(
        (CHAIR, "La parole est à monsieur Rochat, rapporteur."),
        (REPORTER, "Par 10 voix contre 3, la commission vous recommande de rejeter la motion."),
    )
    assert (other.body, other.outcome, other.no) == (COMMISSION, Outcome.REFUSED, 10)


def test_a_reporters_memory_of_the_committee_is_the_committees() -> None:
    said = (
        "La commission a siégé deux fois. Cette proposition a été rejetée, par 13 voix contre 12. "
        "Le Conseil national a adopté cette proposition, par 180 voix contre 8."
    )
    for who in (REPORTER, None):
        (vote,) = heard((CHAIR, "La parole est à monsieur Rochat, rapporteur."), (who, said))
        assert (vote.body, vote.outcome, vote.no) == (COMMISSION, Outcome.REFUSED, 13)


def test_codes_have_one_form() -> None:
    assert codes_in("la motion sept et la proposition PR vingt et un") == ("M-7", "PR-21")
    assert code_of("pr 12") == code_of("PR-12") == "PR-12"
