"""A question after another one takes over what it leaves out, visibly, and nothing else."""

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

import search.query.parse as parse_module
from ingest.errors import BadInput
from search.filters import Filters
from search.language.offsets import Folded
from search.query.followup import context_of, from_params, resolve, to_params
from search.query.parse import parse
from search.query.parsed import Chip, Field, Query
from search.query.people import people_in
from tests.support import paths
from tests.support.named_council import TODAY, vocabulary

GOLDEN = paths.GOLDEN / "questions_followed_up.tsv"
VOCABULARY = vocabulary()
FIRST = "Qu'a dit Mme Fontanet sur l'éclairage public ?"


def table() -> list[list[str]]:
    rows = [line.split("\t") for line in GOLDEN.read_text("utf-8").splitlines()[1:]]
    return [(row + [""] * 5)[:5] for row in rows]


def after(*questions: str, removed: frozenset[str] = frozenset()) -> Query:
    """The last of some questions, each asked after the one before."""
    asked = parse(questions[0], VOCABULARY, TODAY)
    for question in questions[1:-1]:
        asked = resolve(question, asked, VOCABULARY, TODAY)
    return resolve(questions[-1], asked, VOCABULARY, TODAY, removed=removed)


def written(chips: tuple[Chip, ...]) -> str:
    return " ; ".join(
        ("+" if chip.carried else "") + ("~" if chip.soft else "") + chip.key for chip in chips
    )


@pytest.mark.parametrize(("before", "question", "topic", "intent", "chips"), table())
def test_a_question_is_followed_up(
    before: str, question: str, topic: str, intent: str, chips: str
) -> None:
    asked = after(before, question)
    assert (asked.topic, asked.intent, written(asked.chips)) == (topic, intent, chips)


@pytest.mark.parametrize(("before", "question", "topic", "intent", "chips"), table())
def test_its_address_says_the_same(
    before: str, question: str, topic: str, intent: str, chips: str
) -> None:
    asked = after(before, question)
    address = urlencode(to_params(asked))
    assert from_params(parse_qsl(address, keep_blank_values=True), VOCABULARY, TODAY) == asked


def test_who_else_spoke_of_it_adds_no_topic() -> None:
    asked = after(FIRST, "Qui d’autre en a parlé ?")
    assert asked.topic == "l'éclairage public" and not asked.only(Field.PERSON)


def test_what_was_carried_can_be_taken_away() -> None:
    asked = after(FIRST, "Et en 2024 ?", removed=frozenset({"personne:Claire Fontanet"}))
    assert not asked.only(Field.PERSON) and asked.topic == "l'éclairage public"
    asked = after(FIRST, "Et en 2024 ?", removed=frozenset({"sujet:l'éclairage public"}))
    assert asked.topic == "" and asked.only(Field.PERSON)


def test_a_conversation_goes_on() -> None:
    asked = after(FIRST, "Et en 2024 ?", "Et sur la piscine ?", "Et Mme Keller ?")
    assert asked.topic == "la piscine"
    assert written(asked.chips) == (
        "personne:Nadia Keller ; +periode:2024-01-01/2024-12-31 ; +sujet:la piscine"
    )


def test_its_address_does_not_grow_with_the_conversation() -> None:
    asked = after(FIRST, *["Et en 2024 ?", "Et en 2025 ?"] * 10)
    assert len(urlencode(to_params(asked))) < 500
    again = from_params(parse_qsl(urlencode(to_params(asked))), VOCABULARY, TODAY)
    assert again.topic == "l'éclairage public" and again.filters == asked.filters


def test_a_pronoun_may_mean_who_answered() -> None:
    before = parse("Qui s'est opposé à la piste cyclable ?", VOCABULARY, TODAY)
    asked = resolve(
        "Qu'a-t-il dit ?", before, VOCABULARY, TODAY, answered=("Nadia Keller", "Julien Rochat")
    )
    assert written(asked.only(Field.PERSON)) == "+personne:Julien Rochat"


def test_what_the_reader_chooses_comes_before_what_is_carried() -> None:
    before = parse(FIRST, VOCABULARY, TODAY)
    chosen = Filters(people=("Nadia Keller",))
    asked = resolve("Pourquoi ?", before, VOCABULARY, TODAY, filters=chosen)
    assert asked.filters.people == ("Nadia Keller",)


def test_a_filter_of_the_question_before_is_carried_as_a_chip() -> None:
    params = [("q", "piscine"), ("personne", "Nadia Keller"), ("du", "2025-01-01")]
    before = from_params(params, VOCABULARY, TODAY)
    asked = resolve("Et la crèche ?", before, VOCABULARY, TODAY)
    assert written(asked.chips) == "+personne:Nadia Keller ; +periode:2025-01-01/"


def test_a_date_that_cannot_be_read_is_reported() -> None:
    with pytest.raises(BadInput, match=r"« 11 mars ».*AAAA-MM-JJ"):
        from_params([("q", "piscine"), ("du", "11 mars")], VOCABULARY, TODAY)


def test_unknown_values_are_kept_and_find_nothing() -> None:
    asked = from_params([("q", "piscine"), ("personne", "Personne")], VOCABULARY, TODAY)
    assert asked.filters.people == ("Personne",)


def test_the_context_tells_what_was_carried() -> None:
    context = dict(parse_qsl(context_of(after(FIRST, "Et en 2024 ?"))))
    assert context == {
        "q": "Et en 2024 ?",
        "personne": "Claire Fontanet",
        "du": "2024-01-01",
        "au": "2024-12-31",
        "sujet": "l'éclairage public",
    }


def test_who_a_follow_up_asked_about_is_carried_on() -> None:
    first = parse(FIRST, VOCABULARY, TODAY)
    second = resolve("Et M. Girard ?", first, VOCABULARY, TODAY)
    context = [("q", "Et en 2024 ?"), ("avant", context_of(second))]
    third = from_params(context, VOCABULARY, TODAY)
    assert third.topic == "l'éclairage public"
    assert third.filters.people == ("Bruno Girard",)


def test_who_answered_stands_in_the_address() -> None:
    before = parse("Qui s'est opposé à la piste cyclable ?", VOCABULARY, TODAY)
    context = context_of(before, ("Nadia Keller", "Julien Rochat"))
    asked = from_params([("q", "Qu'a-t-il dit ?"), ("avant", context)], VOCABULARY, TODAY)
    assert written(asked.only(Field.PERSON)) == "+personne:Julien Rochat"
    assert from_params(to_params(asked), VOCABULARY, TODAY) == asked


def test_what_is_chosen_again_is_not_carried_too() -> None:
    before = from_params([("q", "piscine"), ("objet", "PR-18")], VOCABULARY, TODAY)
    asked = resolve(
        "Et la crèche ?", before, VOCABULARY, TODAY, filters=Filters(objects=("PR-18",))
    )
    assert not asked.chips


NAMES = st.sampled_from(["q", "avant", "sans", "sujet", "personne", "seance", "autre"])


@given(st.lists(st.tuples(NAMES, st.text()), max_size=6))
def test_any_address_is_taken(params: list[tuple[str, str]]) -> None:
    try:
        asked = from_params(params, VOCABULARY, TODAY)
    except BadInput:
        return  # `avant` may hold a date too
    assert from_params(to_params(asked), VOCABULARY, TODAY).question == asked.question


_FOLLOWING = "et il elle pourquoi en 2024 ? ce projet -t- qu'a dit Mme Keller"
FOLLOWING = st.sampled_from(_FOLLOWING.split())


@given(st.lists(FOLLOWING, max_size=12).map(" ".join) | st.text())
def test_any_question_may_follow(question: str) -> None:
    assert after(FIRST, question).question == question


@pytest.mark.parametrize(
    ("question", "read"),
    [
        ("Qu'a-t-elle répondu ?", ["Et sur la piscine ?", "Qu'a-t-elle répondu ?"]),
        ("Et en 2024 ?", ["Et sur la piscine ?", "Et en 2024 ?", "en 2024"]),
    ],
)
def test_each_text_of_an_exchange_is_read_once(
    question: str, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """« Et en 2024 ? » is two texts: what follows « et » is read by itself as well."""
    texts: list[str] = []

    def counted(text: Folded, *rest: object) -> object:
        texts.append(text.original)
        return people_in(text, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(parse_module, "people_in", counted)
    before = urlencode({"q": "Et sur la piscine ?", "personne": "Anne Keller", "sujet": "piscine"})
    from_params([("q", question), ("avant", before)], VOCABULARY, TODAY)
    assert texts == read


def test_a_filter_taken_away_stays_away_in_the_next_question() -> None:
    before = {"q": "Et selon Mme Fontanet ?", "sujet": "piscine"}
    kept = from_params([("q", "Combien ?"), ("avant", urlencode(before))], VOCABULARY, TODAY)
    gone = before | {"sans": "personne:Claire Fontanet"}
    without = from_params([("q", "Combien ?"), ("avant", urlencode(gone))], VOCABULARY, TODAY)
    assert kept.filters.people == ("Claire Fontanet",)
    assert without.filters.people == ()
