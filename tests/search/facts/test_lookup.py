"""Corrections as they are found: in the debate and in later sessions, among what is published."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from api.answers.citation import Quote
from api.answers.corrections import Correction, How, corrections
from ingest.archive.published import Published
from ingest.archive.redactions import RedactionReason
from ingest.archive.repository import Archive
from ingest.redaction.redact import RedactionRequest
from ingest.transcript import AgendaItem, Person, Session, Span, Speaker, Transcript, Turn
from search.engine.live import open_corpus
from search.facts.lookup import CorrectionFinder, WordRange
from search.index.publish import publish
from search.index.withdraw import redact_passage, withdraw
from search.language.sentences import sentences
from tests.conftest import GENERATOR, small_session, turn
from tests.support.word_embedder import WordEmbedder

BRIDGE = ("Proposition PR-40 : réfection du pont des Tanneurs", "PR-40")
SPEAKERS = (Speaker("S1", "Anne Perret"), Speaker("S2", "Luc Monnier"))

Said = Sequence[tuple[str, str]]


def session(
    id_: str, when: date, *points: tuple[tuple[str, str | None], Said]
) -> tuple[Session, Transcript]:
    turns, agenda, at = list[Turn](), list[AgendaItem](), 0
    for (title, code), said in points:
        agenda.append(AgendaItem(str(len(agenda) + 1), title, code, at))
        for label, text in said:
            turns.append(turn(len(turns), label, text, at))
            at = turns[-1].end_ms + 500
    made, _ = small_session(id_)
    parts = (replace(made.parts[0], duration_ms=at),)
    roster = (Person("Anne Perret"), Person("Luc Monnier"))
    made = replace(made, date=when, parts=parts, agenda=tuple(agenda), roster=roster)
    return made, Transcript(id_, SPEAKERS, tuple(turns), (), GENERATOR)


FIRST = session(
    "mars", date(2025, 3, 4),
    (BRIDGE, [
        ("S1", "La parole est à Monsieur Monnier."),
        ("S2", "Le crédit demandé est de 3,2 millions de francs. Les travaux dureront dix mois, et "
               "le pont sera fermé aux camions pendant ce temps."),
        ("S1", "Le rapport contient une erreur. Les travaux ne dureront pas dix mois, ils dureront "
               "sept mois, du printemps à l'automne."),
    ]),
    (("Motion M-9 : école des Charmilles", "M-9"), [
        ("S2", "Cette école accueillera 300 élèves dès la rentrée, ce qui est beaucoup."),
        ("S1", "Ce ne sont pas 300 élèves, mais 240, cher collègue."),
    ]),
)  # fmt: skip
LATER = session(
    "juin", date(2025, 6, 3),
    (("Questions orales", None), [
        ("S2", "Ma question porte sur la réfection du pont des Tanneurs. J'entends dire que tout "
               "sera plus cher que ce qui nous a été promis. Qu'en est-il vraiment ?"),
        ("S1", "Les prix de l'acier ont augmenté. Le coût passe à 3,9 millions de francs, et j'en "
               "suis désolée pour les finances de la commune."),
        ("S2", "Et l'école des Charmilles, où en est-elle depuis le vote de ce printemps ?"),
    ]),
    (("Proposition PR-52 : cuisine scolaire centrale", "PR-52"), [
        ("S1", "Le coût de la cuisine passe à 1,1 million de francs, à cause de la ventilation."),
    ]),
)  # fmt: skip


@pytest.fixture
def published(archive: Archive, embedder: WordEmbedder) -> Published:
    for made in (FIRST, LATER):
        archive.save(*made)
        publish(archive, made[0].id, embedder)
    return Published(archive)


@pytest.fixture
def finder(published: Published, embedder: WordEmbedder) -> CorrectionFinder:
    return CorrectionFinder(published, open_corpus(published.archive, embedder))


def quote(published: Published, session_id: str, turn_id: int, sentence: int) -> Quote:
    (said,) = published.turns(session_id, turn_id, turn_id)
    bounds = sentences(said)[sentence]
    return Quote(session_id, said, bounds.first_word, bounds.last_word)


def corrected(
    published: Published, finder: CorrectionFinder, turn_id: int, sentence: int
) -> Correction | None:
    quoted = quote(published, "mars", turn_id, sentence)
    return corrections(published, finder, [quoted]).get(0)


def test_a_later_session_is_named_by_its_day(
    published: Published, finder: CorrectionFinder
) -> None:
    found = corrected(published, finder, 1, 0)
    assert found and found.how is How.SUPERSEDED
    assert found.label == "Corrigé depuis, le 3 juin"
    assert found.quote.text.startswith("Le coût passe à 3,9 millions de francs")


def test_an_error_that_is_admitted_in_the_debate_is_quoted_whole(
    published: Published, finder: CorrectionFinder
) -> None:
    found = corrected(published, finder, 1, 1)
    assert found and (found.how, found.label) == (How.REBUTTED, "Corrigé ensuite par Anne Perret")
    assert found.quote.text.startswith("Le rapport contient une erreur. Les travaux ne dureront")
    assert "sept mois" in found.quote.text


def test_a_plain_contradiction_is_called_so(published: Published, finder: CorrectionFinder) -> None:
    found = corrected(published, finder, 3, 0)
    assert found and found.label == "Contredit ensuite par Anne Perret"


def test_what_corrects_is_not_corrected_by_itself_nor_by_what_came_before(
    published: Published, finder: CorrectionFinder
) -> None:
    assert corrected(published, finder, 2, 1) is None
    assert corrected(published, finder, 4, 0) is None
    assert corrections(published, finder, [quote(published, "juin", 1, 1)]) == {}


def test_a_withdrawn_session_corrects_nothing_from_then_on(
    published: Published, finder: CorrectionFinder
) -> None:
    withdraw(published.archive, "juin")
    assert corrected(published, finder, 1, 0) is None


def test_a_redacted_passage_corrects_nothing_from_then_on(
    published: Published, finder: CorrectionFinder
) -> None:
    wrong = FIRST[1].turns[2]
    asked = RedactionRequest(
        Span(wrong.start_ms, wrong.end_ms), RedactionReason.IN_CAMERA, "console"
    )
    redact_passage(published.archive, "mars", asked)
    (said,) = published.turns("mars", 1, 1)
    bounds = sentences(said)[1]
    quoted = Quote("mars", said, bounds.first_word, bounds.last_word)
    assert corrections(published, finder, [quoted]) == {}


def test_words_without_a_figure_are_not_looked_up(
    published: Published, finder: CorrectionFinder
) -> None:
    (said,) = published.turns("mars", 0, 0)
    assert finder.of(WordRange(published.session("mars"), said, 0, len(said.words) - 1)) is None
