"""Answers: what is chosen, and that nothing unverified can pass."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.answers.answer import Answer, State, Verified, verify
from api.answers.calibration import Features, load_calibration
from api.answers.citation import Candidate, Citation, Quote, cite
from api.answers.evidence import Support
from api.answers.quotations import Sources, make_answer
from api.answers.refusals import wording
from api.catalogue import catalogue
from ingest.archive.published import Published
from ingest.archive.repository import Archive
from ingest.transcript import AgendaItem, Recording, Status
from search.passage import Passage
from search.query.parsed import Intent, Outside, Query
from search.votes.extract import votes
from search.votes.lookup import AskedVote
from search.votes.vote import Vote
from tests.conftest import small_session, turn
from tests.support.council_votes import council
from tests.support.small_council import CHAIR
from tests.support.small_site import FakeDecisions, FakeFinder
from web.filters import TextFilters
from web.site import LOCALE

TEXT = "Bonsoir. Le crédit demandé est de 2 400 000 francs. Merci de votre attention."


@pytest.fixture
def published(archive: Archive) -> Published:
    archive.save(*small_session(texts=[TEXT, "Le crédit demandé est trop élevé."]))
    archive.set_status("seance-1", Status.PUBLISHED)
    return Published(archive)


@pytest.fixture
def citation(published: Published) -> Citation:
    (said,) = published.turns("seance-1", 0, 0)
    return cite(Quote("seance-1", said, 1, 9), {"S1": "Claire Fontanet"})


def asking(question: str) -> Query:
    return Query(question, question)


def answer(query: Query, sources: Sources) -> Verified:
    return verify(make_answer(query, sources), sources.published)


def _answer(*citations: Citation) -> Answer:
    return Answer(asking("Combien ?"), citations)


def test_a_quotation_is_the_words_from_first_to_last(citation: Citation) -> None:
    assert citation.quote == "Le crédit demandé est de 2 400 000 francs."
    assert (citation.start_ms, citation.end_ms) == (300, 3_000)
    assert citation.speaker == "Claire Fontanet"


def test_what_was_said_is_verified(published: Published, citation: Citation) -> None:
    assert verify(_answer(citation), published).answer == _answer(citation)


@pytest.mark.parametrize(
    "lie",
    [
        lambda c: replace(c, quote=c.quote.replace("2 400", "2 500")),
        lambda c: replace(c, quote=c.quote.replace("crédit", "credit")),
        lambda c: replace(c, quote=c.quote[:-3]),  # half a word
        lambda c: replace(c, quote=""),
        lambda c: replace(c, quote=c.quote + " Oui."),
        lambda c: replace(c, start_ms=c.start_ms + 1),
        lambda c: replace(c, end_ms=c.end_ms - 300),
        lambda c: replace(c, start_ms=0),
        lambda c: replace(c, end_ms=10**9),
        lambda c: replace(c, turn=1),
        lambda c: replace(c, turn=99),
        lambda c: replace(c, revision=2),
        lambda c: replace(c, session="seance-2"),
        lambda c: replace(c, speaker="Paul Rochat"),
        lambda c: replace(c, speaker=None),
    ],
)
def test_what_was_not_said_is_left_out(
    lie: Callable[[Citation], Citation], published: Published, citation: Citation
) -> None:
    kept = verify(_answer(citation, lie(citation)), published).answer
    assert kept.citations == (citation,)
    alone = verify(_answer(lie(citation)), published).answer
    assert alone.refused and alone.why == wording("not_found", asking("")) and alone.citations == ()


def test_a_session_withdrawn_meanwhile_is_not_quoted(
    archive: Archive, published: Published, citation: Citation
) -> None:
    archive.set_status("seance-1", Status.IN_CAMERA)
    assert verify(_answer(citation), published).answer.refused


@settings(max_examples=60)
@given(st.data())
def test_every_run_of_words_makes_a_citation_that_holds(data: st.DataObject) -> None:
    said = turn(0, "S1", data.draw(st.sampled_from([TEXT, "oui oui oui", "a b a b a"])))
    first = data.draw(st.integers(0, len(said.words) - 1))
    last = data.draw(st.integers(first, len(said.words) - 1))
    made = cite(Quote("s", said, first, last), {})
    assert made.quote in said.text
    assert made.quote.split() == [word.text for word in said.words[first : last + 1]]
    assert (made.start_ms, made.end_ms) == (said.words[first].start_ms, said.words[last].end_ms)


def _sources(published: Published, *, enough: bool, near: bool = False) -> Sources:
    passage = Passage("p", "seance-1", 0, 1, 0, 9_000, TEXT)

    def weigh(asked: Query, candidates: Sequence[Candidate]) -> Support:
        best = [Quote(item.session.id, said, 0, 0) for item in candidates for said in item.turns]
        return Support(tuple(best), enough, Features(), tuple(best) if near else ())

    return Sources(
        published=published,
        finder=FakeFinder(passage),
        decisions=FakeDecisions(),
        weigh=weigh,
    )


def test_an_answer_quotes_what_supports_it(published: Published) -> None:
    told = answer(asking("Combien ?"), _sources(published, enough=True)).answer
    assert [c.quote for c in told.citations] == ["Bonsoir.", "Le"]
    assert not told.refused


def test_too_little_support_is_said_plainly(published: Published) -> None:
    told = answer(asking("Combien ?"), _sources(published, enough=False)).answer
    assert told.refused and told.citations == () and told.why == wording("not_found", asking(""))
    assert [topic.title for topic in told.help.topics] == ["Ouverture"]  # what is near, as help
    assert told.help.people == ()  # the same question, put to her, has no answer either


def test_a_name_is_offered_that_has_an_answer(published: Published) -> None:
    sources = _sources(published, enough=False)

    def weigh(asked: Query, candidates: Sequence[Candidate]) -> Support:
        support = sources.weigh(asked, candidates)
        return replace(support, enough=bool(asked.filters.people))

    told = answer(asking("Combien ?"), replace(sources, weigh=weigh)).answer
    assert told.refused and told.help.people == ("Claire Fontanet",)


def test_what_comes_near_is_shown_and_called_so(published: Published) -> None:
    told = answer(asking("Combien ?"), _sources(published, enough=False, near=True)).answer
    assert told.refused and told.near and told.why == wording("near", asking(""))
    assert [c.quote for c in told.citations] == ["Bonsoir.", "Le"]
    assert told.help.topics


@dataclass(frozen=True)
class Decided(FakeDecisions):
    """Knows one vote, on what any query is about."""

    vote: Vote | None = None

    def about(self, query: Query) -> tuple[AskedVote, ...]:
        return (AskedVote(self.vote, 1.0),) if self.vote else ()

    def on(self, session: str, item: str) -> tuple[Vote, ...]:
        return (self.vote,) if self.vote else ()


@pytest.fixture
def voted(archive: Archive) -> Sources:
    """A council that refused a motion, after words of greeting, which are found for any query."""
    told = "La motion 414 est refusée par 42 non contre 31 oui."
    session, transcript = council((CHAIR, "Bonsoir à tous."), (CHAIR, told))
    agenda = (AgendaItem("1", "Motion M-414 : marché couvert", "M-414", 0),)
    parts = (Recording("hash", 0, transcript.turns[-1].end_ms),)
    session = replace(session, agenda=agenda, parts=parts)
    archive.save(session, transcript)
    archive.set_status(session.id, Status.PUBLISHED)
    (vote,) = votes(session, transcript)
    passage = Passage("p", session.id, 0, 0, 0, 9_000, "Bonsoir à tous.")
    sources = _sources(Published(archive), enough=False, near=True)
    return replace(sources, finder=FakeFinder(passage), decisions=Decided(vote=vote))


def test_who_voted_against_a_thing_is_told_how_many_did(voted: Sources) -> None:
    who = answer(asking("Qui a voté contre le marché ?"), voted).answer
    assert who.state is State.NEAR and who.decision and "42 non" in who.decision.quote
    assert [citation.quote for citation in who.citations] == ["Bonsoir"]
    for other in ("Combien coûte le marché ?", "Quand aura lieu le vote sur le marché ?"):
        assert answer(asking(other), voted).answer.decision is None


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("Est-ce que le marché sera couvert ?", "La motion 414"),
        ("Est-ce que la piscine sera gratuite ?", "Bonsoir"),  # the vote was on something else
    ],
)
def test_a_decision_answers_yes_or_no_where_it_is_on_what_is_asked(
    question: str, first: str, voted: Sources
) -> None:
    sure = replace(voted, weigh=_sources(voted.published, enough=True).weigh)
    told = answer(asking(question), sure).answer
    assert told.state is State.ANSWER and told.citations[0].quote.startswith(first)


class Unsaid(FakeFinder):
    """Knows passages in which a word is not said."""

    def unsaid(self, text: str) -> frozenset[str]:
        return frozenset({"casino"}) if "casino" in text else frozenset()


@pytest.mark.parametrize(
    ("question", "named", "state"),
    [
        ("Fontanet crédit", "Claire Fontanet", State.ANSWER),
        ("Fontanet casino", "Claire Fontanet", State.NEAR),  # nobody spoke of one
        ("Rochat crédit", "Julien Rochat", State.NEAR),  # another person's words
        ("Qui répond à Rochat sur le crédit ?", "Julien Rochat", State.ANSWER),
        ("Qu'a répondu Bonsoir sur le crédit ?", "Luc Bonsoir", State.ANSWER),  # they name him
    ],
)
def test_what_is_anothers_or_on_another_subject_comes_near(
    question: str, named: str, state: State, published: Published
) -> None:
    sources = _sources(published, enough=True)
    finder = Unsaid(Passage("p", "seance-1", 0, 1, 0, 9_000, TEXT))
    query = replace(asking(question), mentioned=(named,), intent=Intent.OPEN)
    assert answer(query, replace(sources, finder=finder)).answer.state is state


class Defended(FakeFinder):
    """Knows one passage, which defends every amendment."""

    def tied(self, text: str, times: int) -> frozenset[str]:
        return frozenset({"p"})


def test_an_amendment_defended_in_formulas_alone_has_no_answer(published: Published) -> None:
    finder = Defended(Passage("p", "seance-1", 0, 1, 0, 9_000, TEXT))
    sources = replace(_sources(published, enough=True), finder=finder)
    query = asking("De quoi parle l'amendement n° 8 ?")
    assert not answer(query, sources).answer.refused
    none = replace(sources, weigh=lambda asked, candidates: Support((), False, Features()))
    assert answer(query, none).answer.refused


@pytest.mark.parametrize(
    ("name", "quoted"), [("Luc Bonsoir", ["Bonsoir.", "Le"]), ("M. Morano", [])]
)
def test_of_somebody_who_did_not_speak_is_shown_what_names_him(
    name: str, quoted: list[str], published: Published
) -> None:
    query = replace(asking("Que dit-il ?"), unknown_people=(name,))
    told = answer(query, _sources(published, enough=True, near=True)).answer
    assert [c.quote for c in told.citations] == quoted
    assert told.refused and told.near == bool(quoted)
    assert told.why == wording("unknown_person", query, names=name)


def test_a_time_without_sessions_is_told_with_those_that_there_are(published: Published) -> None:
    named = Outside.of_time("en 2019", (date(2023, 10, 3), date(2025, 5, 13)), later=False)
    query = replace(asking("Qu'a-t-on dit du loup en 2019 ?"), outside=(named,))
    why = answer(query, _sources(published, enough=False)).answer.why
    assert why and "« en 2019 » est hors des séances publiées" in why
    assert "du 3 octobre 2023 au 13 mai 2025" in why
    english = TextFilters(catalogue("en", LOCALE), "fr").worded(why)
    assert "from 3 October 2023 to 13 May 2025" in english


@pytest.mark.parametrize("question", ["", "   ", "\n"])
def test_an_empty_question_is_met_with_an_example(question: str, published: Published) -> None:
    told = answer(asking(question), _sources(published, enough=True)).answer
    assert told.refused and told.why == wording("empty", asking(""))


def test_the_calibration_that_ships_can_tell_much_from_nothing() -> None:
    calibration = load_calibration()
    assert calibration.margin(Features(0.12, 1.0)) > 0
    assert calibration.margin(Features(0.04, 0.1)) < 0
    assert calibration.margin(Features()) < 0
