"""What is under debate as each sentence is said, and what a vote is on."""

import pytest

from ingest.transcript import AgendaItem
from search.filters import Outcome
from search.votes.amendments import amendment_noun, amendments_in, article_noun
from search.votes.extract import record
from search.votes.tallies import council_normal
from search.votes.under_debate import Part, words_by_turn
from search.votes.vote import Subject, Vote
from tests.support.council_votes import REPORTER, council, heard
from tests.support.small_council import CHAIR

NAMED = (
    ("L'amendement n° 8 est adopté.", (8,)),
    ("l'amendement numéro huit", (8,)),
    (
        "(Les amendements identiques nos 1787, 3470 et 4152 ne sont pas adoptés.)",
        (1787, 3470, 4152),
    ),
    ("(Les amendements identiques nos°1894, 2088 ne sont pas adoptés.)", (1894, 2088)),
    ("je suis saisi de deux amendements, n°s 12 et 15", (12, 15)),
    ("L'amendement n° 5253 rectifié est adopté.", (5253,)),
    ("L'amendement n° 90 et ceux qui lui sont identiques", (90,)),
    ("les amendements nos 2792, 2 930 et 2 952 ne sont pas défendus", (2792, 2930, 2952)),
    ("vote amendements 2133 3714 4158", (2133, 3714, 4158)),
    ("le sous-amendement 5374", (5374,)),
    ("amdt 3539 adopté ou pas", (3539,)),
    ("What happened to amendment 1500?", (1500,)),
    ("un amendement de 5 millions", ()),
    ("l'amendement 8 oui", ()),
    ("une amende de 135 francs", ()),
    ("par 12 oui contre 8", ()),
)


@pytest.mark.parametrize(("text", "numbers"), NAMED, ids=[text for text, _ in NAMED])
def test_amendments_are_known_by_their_numbers(text: str, numbers: tuple[int, ...]) -> None:
    assert amendments_in(text) == tuple(f"AM-{number}" for number in numbers)


def test_what_is_voted_on_has_its_number() -> None:
    assert amendment_noun("les sous-amendements", ("AM-5", "AM-6")) == "sous-amendements n° 5, 6"
    assert article_noun(council_normal("L'article premier est adopté")) == "article 1er"
    assert article_noun(council_normal("l'article 4 bis est adopté")) == "article 4 bis"
    assert article_noun("cet article") == "article"


NOTE = None


def a_ballot(*before: tuple[str | None, str], result: str) -> Vote:
    """The last vote of a debate that ends with a ballot, and the record's own remark."""
    count = (
        "Voici le résultat du scrutin : Nombre de votants 280 Nombre de suffrages exprimés 280 "
        "Majorité absolue 141 Pour l'adoption 98 Contre 182"
    )
    opened = (CHAIR, "Monsieur Rochat, vous avez la parole."), (REPORTER, "Merci, j'ai fini.")
    *_, last = heard(*opened, *before, (NOTE, "(Il est procédé au scrutin.)"), (CHAIR, count),
                     (NOTE, result))  # fmt: skip
    return last


def test_a_ballot_is_on_what_was_put_to_the_vote_not_on_its_point() -> None:
    vote = a_ballot(
        (CHAIR, "Je vais maintenant mettre aux voix l'amendement n° 1919."),
        result="(L'amendement n° 1919 n'est pas adopté.)",
    )
    assert (vote.noun, vote.subject, vote.outcome) == (
        "amendement n° 1919", Subject.AMENDMENT, Outcome.REFUSED,
    )  # fmt: skip
    assert (vote.yes, vote.no, vote.object) == (98, 182, "M-414")
    assert vote.said.startswith("Voici le résultat du scrutin")


def test_a_remark_tells_what_a_ballot_was_on_where_the_chair_does_not() -> None:
    vote = a_ballot(
        (CHAIR, "Je mets aux voix les amendements identiques."),
        result="(Les amendements identiques nos 12 et 15 ne sont pas adoptés.)",
    )
    assert vote.noun == "amendements n° 12, 15"


def test_those_that_say_the_same_are_decided_together() -> None:
    vote = a_ballot(
        (CHAIR, "Je suis saisi d'une série d'amendements identiques."),
        (CHAIR, "La parole est à monsieur Rochat, pour soutenir l'amendement n° 90."),
        (REPORTER, "Cet amendement protège les arbres."),
        (CHAIR, "La parole est à monsieur Rochat, pour soutenir l'amendement n° 221."),
        (REPORTER, "Il est défendu."),
        (CHAIR, "Je mets aux voix l'amendement n° 90 et ceux qui lui sont identiques."),
        result="(L'amendement n° 90 et ceux qui lui sont identiques ne sont pas adoptés.)",
    )
    assert vote.noun == "amendements n° 90, 221"


def test_a_remark_without_a_count_is_a_decision() -> None:
    opened = (CHAIR, "Monsieur Rochat, vous avez la parole."), (REPORTER, "Je retire la parole.")
    for remark, outcome in (
        ("(L'amendement n° 8 n'est pas adopté.)", Outcome.REFUSED),
        ("(L'amendement n° 8 est adopté.)", Outcome.ACCEPTED),
        ("(L'amendement n° 8 est retiré.)", Outcome.WITHDRAWN),
    ):
        (vote,) = heard(*opened, (NOTE, remark))
        assert (vote.noun, vote.outcome, vote.yes) == ("amendement n° 8", outcome, None)


def test_a_vote_while_an_amendment_is_open_is_not_said_to_be_on_the_motion() -> None:
    opened = (
        (CHAIR, "Nous passons à l'amendement de monsieur Rochat. Monsieur Rochat, la parole."),
        (REPORTER, "Mon amendement demande cent arbres de plus."),
    )
    (unclear,) = heard(*opened, (CHAIR, "Nous avons 41 oui, 27 non et 6 abstentions."))
    assert (unclear.object, unclear.noun, unclear.yes) == (None, "", 41)
    amendment, motion = heard(
        *opened,
        (CHAIR, "Je mets aux voix l'amendement. Il est refusé par 40 non contre 30 oui."),
        (CHAIR, "Nous avons 41 oui, 27 non et 6 abstentions."),
    )
    assert (amendment.noun, amendment.no) == ("amendement", 40)
    assert (motion.object, motion.noun) == ("M-414", "motion")


DEBATE = (
    (CHAIR, "Je suis saisi de deux amendements, n°s 12 et 15."),
    (CHAIR, "La parole est à monsieur Rochat, pour soutenir l'amendement n° 12, qui fait l'objet "
            "d'un sous-amendement n° 40."),
    (REPORTER, "Il protège les arbres de la rue."),
    (CHAIR, "Un peu de silence !"),
    (REPORTER, "Il ne coûte presque rien."),
    (CHAIR, "La parole est à monsieur Rochat, pour défendre l'amendement n° 15."),
    (REPORTER, "Celui-ci demande des bancs."),
    (CHAIR, "Quel est l'avis de la commission ?"),
    (REPORTER, "Défavorable."),
    (CHAIR, "La parole est à monsieur Rochat, pour un rappel au règlement."),
    (REPORTER, "Je me fonde sur l'article 58."),
    (NOTE, "(L'amendement n° 12 n'est pas adopté.)"),
    (NOTE, "(L'amendement n° 15 est adopté.)"),
    (CHAIR, "La parole est à monsieur Rochat."),
    (REPORTER, "Parlons d'autre chose."),
)  # fmt: skip


def test_a_speech_belongs_to_the_amendment_it_defends() -> None:
    session, transcript = council(*DEBATE)
    found = [s for s in record(session, transcript).debated if s.part is not Part.NAMED]
    assert [(s.part, s.codes, s.first_turn, s.last_turn) for s in found] == [
        (Part.DEFENCE, ("AM-12",), 2, 4),
        (Part.DEFENCE, ("AM-15",), 6, 6),
        (Part.OPINION, ("AM-12", "AM-15"), 8, 8),
    ]


def test_a_speech_is_found_by_the_number_that_it_does_not_say() -> None:
    session, transcript = council(*DEBATE)
    words = words_by_turn(record(session, transcript).debated, transcript.places)
    assert words[2] == words[4] == "amendement 12. amendement 12"
    assert "amendement 15" in words[8] and 10 not in words and 14 not in words


def test_a_new_point_closes_what_was_open() -> None:
    agenda = (AgendaItem("1", "Motion A", "M-414", 0), AgendaItem("2", "Motion B", "M-415", 3_000))
    session, transcript = council(*DEBATE[:3], (REPORTER, "Autre chose."), agenda=agenda)
    assert record(session, transcript).debated


def test_a_vote_on_an_amendment_is_found_by_the_speech_that_defended_it() -> None:
    session, transcript = council(*DEBATE)
    about = {vote.noun: vote.about for vote in record(session, transcript).votes}
    assert "protège les arbres" in about["amendement n° 12"]
    assert "demande des bancs" in about["amendement n° 15"]
    assert "arbres" not in about["amendement n° 15"]
