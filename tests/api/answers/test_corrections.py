"""A rebutted or superseded figure is never shown alone, and never before what corrects it."""

import re
from collections.abc import Collection
from datetime import date

import pytest

from api.answers.citation import Quote
from api.answers.corrections import asked_before, corrected
from api.product import Product
from ingest.archive.published import Published
from ingest.archive.repository import Archive
from ingest.text import fold
from ingest.transcript import Status
from search.facts.figures import Kind, figures, normal
from search.facts.lookup import FoundCorrection, WordRange
from search.facts.statements import CorrectingStatement
from search.filters import Filters
from search.query.parsed import Chip, Field, Intent, Query
from tests.conftest import small_session

SAID = "Le crédit demandé est de 2 millions de francs."
LATER = "Le rapport est faux, le crédit est de 3 millions de francs."
OTHER = "Personne ne parle ici de chiffres."


class FakeFinder:
    """Finds that the second turn corrects the first, in amounts."""

    def __init__(self, published: Published) -> None:
        self.published = published

    def of(
        self, quoted: WordRange, kinds: Collection[Kind] = tuple(Kind)
    ) -> FoundCorrection | None:
        if quoted.turn.id != 0 or Kind.AMOUNT not in kinds:
            return None
        (turn,) = self.published.turns("seance-1", 1, 1)
        (old,), (new,) = (figures(normal(text.lower())) for text in (SAID, LATER))
        place = WordRange(quoted.session, turn, 0, len(turn.words) - 1)
        return FoundCorrection(
            place, CorrectingStatement(new, (), 0, 0, admitted=True, newer=False), old
        )


@pytest.fixture
def published(archive: Archive) -> Published:
    archive.save(*small_session(texts=[SAID, LATER, OTHER]))
    archive.set_status("seance-1", Status.PUBLISHED)
    return Published(archive)


def shown(published: Published, query: Query, *turns: int) -> list[tuple[int, str | None]]:
    quotes = [
        Quote("seance-1", turn, 0, len(turn.words) - 1)
        for n in turns
        for turn in published.turns("seance-1", n, n)
    ]
    found = corrected(published, FakeFinder(published), quotes, query)
    return [(quote.turn.id, label) for quote, label in found.items()]


COST = Query("Combien ?", "crédit", intent=Intent.AMOUNT)
LABEL = "Corrigé ensuite dans la séance"


def test_a_correction_comes_before_what_it_corrects(published: Published) -> None:
    assert shown(published, COST, 2, 0) == [(2, None), (1, LABEL), (0, None)]


def test_words_that_are_shown_already_are_only_labelled(published: Published) -> None:
    assert shown(published, COST, 1, 0) == [(1, LABEL), (0, None)]
    assert shown(published, COST, 0, 1) == [(1, LABEL), (0, None)]


def test_only_the_figure_that_is_asked_for_counts(published: Published) -> None:
    assert shown(published, Query("Quand ?", "crédit", intent=Intent.WHEN), 0) == [(0, None)]
    assert shown(published, Query("Le crédit ?", "crédit"), 0) == [(1, LABEL), (0, None)]


@pytest.mark.parametrize(
    "narrowed",
    [
        Filters(people=("Claire Fontanet",)),
        Filters(until=date(2025, 3, 1)),
        Filters(sessions=("seance-0",)),
    ],
)
def test_it_comes_after_where_others_or_another_day_are_asked_for(
    published: Published, narrowed: Filters
) -> None:
    asked = Query("Combien ?", "crédit", intent=Intent.AMOUNT, explicit=narrowed)
    assert shown(published, asked, 0) == [(0, None), (1, LABEL)]


MAY = Chip(Field.PERIOD, "2025-05-01/2025-05-31", "mai 2025", "en mai")


def test_what_is_new_in_a_period_is_asked_without_it() -> None:
    asked = Query("Le nouveau coût en mai ?", "le nouveau coût de la piste", chips=(MAY,))
    before = asked_before(asked)
    assert before and before.chips == () and before.topic == "le coût de la piste"


@pytest.mark.parametrize(
    ("topic", "chips"), [("le nouveau coût de la piste", ()), ("le coût de la piste", (MAY,))]
)
def test_any_other_question_is_asked_as_it_is(topic: str, chips: tuple[Chip, ...]) -> None:
    assert asked_before(Query("Combien ?", topic, chips=chips)) is None


@pytest.mark.models
@pytest.mark.parametrize(
    ("question", "label", "right"),
    [
        ("Combien de temps la piscine est-elle fermée ?", "ensuite par Sandrine", "8 mois"),
        ("Combien de temps la piscine va-t-elle fermer ?", "Sandrine Maillard", "8 mois"),
        ("combien de mois la piscine sera fermée", "Sandrine Maillard", "8 mois"),
        ("Est-ce vrai que la piscine ferme dix-huit mois ?", "Sandrine Maillard", "8 mois"),
        ("Combien coûte la piste cyclable du quai du Soleil ?", "depuis, le 13 mai", "700000"),
        ("prix piste cyclable", "depuis, le 13 mai", "700000"),
        ("Combien va coûter finalement la piste cyclable ?", "depuis, le 13 mai", "700000"),
        ("Quel est le nouveau coût de la piste cyclable annoncé en mai ?", "13 mai", "700000"),
        ("Quand commencera le chantier de la piste cyclable ?", "le 13 mai", "janvier"),
        ("Quand le chantier commence-t-il ?", "le 13 mai", "janvier"),
        ("Combien coûte la gratuité de la piscine ?", "Patrick Lambert", "2[80]{2}000"),
    ],
)  # fmt: skip
def test_what_was_corrected_on_the_samples_is_told_first(
    product: Product, question: str, label: str, right: str
) -> None:
    """However it is heard: a machine with other instructions writes « huit », or 208 000."""
    first = product.ask(question).answer.citations[0]
    assert re.search(right, normal(fold(first.quote))) and label in (first.label or "")


@pytest.mark.models
def test_a_number_asked_for_in_passing_is_shown_as_corrected(product: Product) -> None:
    """First on some machines, third on others, which hear the sentences around it otherwise."""
    shown = product.ask("combien d arbres ils coupent sur le quai").answer.citations[:3]
    assert any("17" in citation.quote for citation in shown)


@pytest.mark.models
def test_a_correction_is_quoted_whole_on_the_samples(product: Product) -> None:
    answer = product.ask("Qu'a répondu M. Delcourt à propos des arbres le 11 mars ?").answer
    said = answer.citations[0].quote
    assert "Je dois corriger ce qui a été dit sur les arbres. Nous n'allons pas abattre" in said
