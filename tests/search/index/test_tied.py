"""Passages are found by the amendment that was debated in them, old archives' too."""

from sqlalchemy import select, update

from ingest.archive.repository import Archive
from search.engine.live import open_corpus
from search.engine.retrieve import Retriever
from search.index import store
from search.index.publish import publish, tie
from search.integrity import full_text
from search.passage import Embedder
from search.votes.confirm import refresh
from search.votes.store import read
from search.votes.under_debate import TIED_DEFENCE
from tests.support.council_votes import REPORTER, council
from tests.support.small_council import CHAIR

SPEECH = "Nous voulons protéger les arbres de la rue, et que la ville en plante cent de plus ici."
DEBATE = (
    (CHAIR, "Monsieur Rochat, vous avez la parole pour soutenir l'amendement n° 1919 au projet."),
    (REPORTER, SPEECH),
    (CHAIR, "Quel est l'avis de la commission sur cet amendement, s'il vous plaît, Monsieur ?"),
)


def stems_of(archive: Archive, words: str) -> list[str]:
    with archive.engine.connect() as db:
        rows = db.execute(select(store.passages.c.text, store.passages.c.stems)).all()
    return next(row.stems.split() for row in rows if words in row.text)


def test_the_speech_is_found_by_the_number_that_the_chair_named(
    archive: Archive, embedder: Embedder
) -> None:
    archive.save(*council(*DEBATE))
    publish(archive, "s", embedder)
    assert stems_of(archive, SPEECH).count("1919") >= 2


def test_a_passage_is_tied_to_a_number_that_it_does_not_say(
    archive: Archive, embedder: Embedder
) -> None:
    archive.save(*council(*DEBATE))
    publish(archive, "s", embedder)
    retriever = Retriever(archive, embedder, open_corpus(archive, embedder))
    with archive.engine.connect() as db:
        speech = next(p.id for p in store.passages_of(db, "s") if SPEECH in p.text)
    assert retriever.tied("1919", TIED_DEFENCE) == {speech}
    assert retriever.tied("1918", TIED_DEFENCE) == frozenset()
    assert retriever.tied("protéger", 1) == frozenset()  # said as often as it is found


def test_what_an_older_release_published_is_tied_at_the_first_start(
    archive: Archive, embedder: Embedder
) -> None:
    archive.save(*council(*DEBATE))
    publish(archive, "s", embedder)
    tied = stems_of(archive, SPEECH)
    with archive.begin() as db:
        for passage in store.passages_of(db, "s"):
            store.keep_stems(db, passage.id, ("arbr",))
        db.execute(update(read).values(rules=1))
    assert stems_of(archive, SPEECH) == ["arbr"]
    assert refresh(archive, tie) == 1
    assert stems_of(archive, SPEECH) == tied
    with archive.engine.connect() as db:
        assert not list(full_text(db))
