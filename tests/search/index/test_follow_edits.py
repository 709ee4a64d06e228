"""A published session is corrected: what readers find, quote and hear follows, and never lies."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from api.answers.answer import Answer, verify
from api.answers.calibration import Features
from api.answers.citation import Quote, cite
from api.answers.evidence import Support
from api.answers.quotations import Sources, make_answer
from api.views.votes import vote_reader
from ingest.archive.published import Published
from ingest.archive.repository import Archive
from ingest.editing.changes import Changes, Edit, undo
from ingest.editing.edits import Merge, Split, TextEdit, Voice
from ingest.jobs import queue
from ingest.transcript import Recording, Status
from search.engine.retrieve import Retriever
from search.index import store
from search.index.publish import publish
from search.index.sentence_vectors import SentenceVectors, sentence_vectors
from search.index.store import follow
from search.index.vocabulary_cache import CachedVocabulary
from search.language.sentences import sentences
from search.passage import Vectors
from search.query.parse import parse
from search.query.parsed import Intent, Query
from search.votes.store import votes
from search.votes.vote import Vote
from tests.conftest import small_session
from tests.support.council_votes import REPORTER, council
from tests.support.small_council import CHAIR
from tests.support.small_site import FakeDecisions, FakeFinder
from tests.support.word_embedder import WordEmbedder

SWIM = "La piscine du quartier rouvre en septembre après les travaux. " * 3
SCHOOL = "La cantine de l'école sert des repas chauds chaque midi aux enfants. " * 3
BIKES = "La piste cyclable du quai relie la gare au parc depuis le printemps. " * 3


@pytest.fixture
def changes(archive: Archive, embedder: WordEmbedder) -> Changes:
    session, transcript = small_session("s", (SWIM, SCHOOL, BIKES))
    archive.save(session, transcript)
    publish(archive, "s", embedder)
    return Changes(archive, (follow,))


def passages_of(archive: Archive) -> list[tuple[int, int, str]]:
    """Each passage's text, with the places of its first and last turn."""
    p, places = store.passages.c, archive.transcript("s").places
    query = select(p.first_turn, p.last_turn, p.text)
    with archive.engine.connect() as db:
        rows = db.execute(query).all()
    return sorted((places[row.first_turn], places[row.last_turn], row.text) for row in rows)


def vectors_of(archive: Archive) -> dict[tuple[int, int], bytes]:
    """Vectors of sentences, by their turn's place and revision."""
    v, places = sentence_vectors.c, archive.transcript("s").places
    with archive.engine.connect() as db:
        rows = db.execute(select(v.turn, v.revision, v.vectors))
        return {(places[row.turn], row.revision): row.vectors for row in rows}


def test_what_is_searched_moves_with_its_turns(archive: Archive, changes: Changes) -> None:
    before = vectors_of(archive)
    changes.make("s", 1, "a", Split(turn=0, word=9))
    assert [(a, b) for a, b, _ in passages_of(archive)] == [(0, 1), (2, 2), (3, 3)]
    after = vectors_of(archive)
    assert after == {(2, 1): before[1, 1], (3, 1): before[2, 1]}
    undo(changes, "s", 2, "a")
    assert [(a, b) for a, b, _ in passages_of(archive)] == [(0, 0), (1, 1), (2, 2)]
    assert vectors_of(archive) == {(1, 1): before[1, 1], (2, 1): before[2, 1]}


def test_a_turn_that_goes_leaves_its_passage_behind_harmlessly(
    archive: Archive, changes: Changes
) -> None:
    changes.make("s", 1, "a", TextEdit(turn=0, text=""))
    assert [(a, b) for a, b, _ in passages_of(archive)] == [(0, 0), (0, 0), (1, 1)]
    turn = archive.transcript("s").turns[0]
    assert turn.text == SCHOOL.strip()


def test_sentences_of_a_moved_turn_are_weighed_by_their_own_vectors(
    archive: Archive, changes: Changes, embedder: WordEmbedder
) -> None:
    changes.make("s", 1, "a", Merge(turn=0))
    changes.make("s", 2, "a", Split(turn=1, word=12))
    vectors = SentenceVectors(archive, embedder)
    for turn in archive.transcript("s").turns:
        assert vectors([("s", turn)])["s", turn.id].shape[0] == len(sentences(turn))


@pytest.mark.parametrize(
    "edit",
    [
        TextEdit(turn=0, text=SWIM.replace("septembre", "octobre")),
        TextEdit(turn=0, text=""),
        Split(turn=0, word=3),
        Merge(turn=0),
        Voice(turn=0, person="Anne Autre", everywhere=False),
        Voice(turn=0, person="Anne Autre", everywhere=True),
    ],
)
def test_a_quotation_of_words_since_corrected_is_left_out(
    archive: Archive, changes: Changes, edit: Edit
) -> None:
    """Made before the correction, verified after it: as when it comes while an answer is made."""
    published = Published(archive)
    names = {"S1": "Claire Fontanet", "S2": None}
    turns = archive.transcript("s").turns
    old, other = (cite(Quote("s", turn, 0, 8), names) for turn in (turns[0], turns[2]))
    asked = parse("Quand rouvre la piscine ?", CachedVocabulary(published)(), date.today())
    changes.make("s", 1, "a", edit)
    kept = verify(Answer(asked, (old, other)), published).answer.citations
    assert old not in kept
    for citation in kept:
        turn = archive.transcript("s").turns[citation.turn]
        assert citation.quote in turn.text and citation.revision == turn.revision


VOTED = "La motion 414 est refusée par 42 non contre 31 oui et 4 abstentions."
NEXT = "Je vous remercie de ce vote, et je reviens plus tard sur ce qui a été dit des arbres hier."


def quoted(published: Published, found: tuple[Vote, ...]) -> list[str]:
    """What readers are shown of votes: on their own, and as an answer."""
    asked = Query("Qu'a-t-on voté ?", "", "", Intent.VOTE)
    sources = Sources(
        published=published,
        finder=FakeFinder(),
        decisions=FakeDecisions(found),
        weigh=lambda asked, found: Support((), False, Features()),
    )
    answer = make_answer(asked, sources)
    assert answer.refused == (not answer.citations)
    views = [view for vote in found if (view := vote_reader(published)(vote))]
    return [*(view.citation.quote for view in views), *(one.quote for one in answer.citations)]


@pytest.mark.parametrize("follows", [NEXT, "Merci."], ids=["as long", "shorter"])
@pytest.mark.parametrize("edit", [Merge(turn=0), TextEdit(turn=1, text="")], ids=["join", "delete"])
def test_a_vote_of_a_turn_that_goes_is_cited_by_no_other_words(
    archive: Archive, embedder: WordEmbedder, edit: Edit, follows: str
) -> None:
    session, transcript = council((CHAIR, "Au vote."), (CHAIR, VOTED), (REPORTER, follows))
    archive.save(replace(session, parts=(Recording("s" * 64, 0, 60_000),)), transcript)
    publish(archive, "s", embedder)
    published = Published(archive)
    before = votes(published)
    assert quoted(published, before) == [VOTED, VOTED]
    Changes(archive, (follow,)).make("s", 1, "a", edit)
    assert quoted(published, votes(published)) == []
    assert quoted(published, before) == []  # as when the change comes while an answer is made
    publish(archive, "s", embedder)
    still = {VOTED} if edit.kind == "merge" else set()
    assert set(quoted(published, votes(published))) == still


def test_the_next_publication_finds_the_corrected_words(
    archive: Archive, changes: Changes, embedder: WordEmbedder, retriever: Retriever
) -> None:
    text = SWIM.replace("piscine", "patinoire")
    changes.make("s", 1, "a", TextEdit(turn=0, text=text))
    with archive.engine.connect() as db:
        kinds = set(db.execute(select(queue.table.c.kind)).scalars())
    assert kinds == {"align", "publish"}
    publish(archive, "s", embedder)
    (hit, *_) = retriever.search("patinoire", 3)
    assert "patinoire" in hit.passage.text and hit.passage.first_turn == 0
    assert all("piscine" not in text for _, _, text in passages_of(archive))


def test_what_did_not_change_is_not_embedded_again(
    archive: Archive, changes: Changes, embedder: WordEmbedder
) -> None:
    changes.make("s", 1, "a", Split(turn=0, word=9))
    asked: list[str] = []

    class Counting(WordEmbedder):
        def documents(self, texts: Sequence[str]) -> Vectors:
            asked.extend(texts)
            return super().documents(texts)

    publish(archive, "s", Counting())
    assert asked and not any("cantine" in text or "cyclable" in text for text in asked)


def test_a_draft_is_not_published_by_a_correction(archive: Archive) -> None:
    session, transcript = small_session("d", (SWIM,))
    archive.save(session, transcript)
    Changes(archive, (follow,)).make("d", 1, "a", TextEdit(turn=0, text="Autre chose."))
    assert archive.status("d") is Status.DRAFT
    with archive.engine.connect() as db:
        assert list(db.execute(select(queue.table.c.kind)).scalars()) == ["align"]
    assert replace(session) == archive.session("d")
