"""Only words of what is published now are proposed for a misspelt one."""

from ingest.archive.repository import Archive
from search.engine.live import LiveCorpus
from search.engine.words import PublishedWords
from search.index.publish import publish
from search.index.withdraw import withdraw
from search.language.stems import stems
from tests.support.word_embedder import BRUIT, CRECHE, WordEmbedder, keep

(TERRASSES,) = stems("terrasses")


def test_a_word_is_known_and_proposed_while_it_is_published(
    archive: Archive, embedder: WordEmbedder
) -> None:
    keep(archive, "bruit", BRUIT)
    keep(archive, "creche", CRECHE)
    publish(archive, "bruit", embedder)
    publish(archive, "creche", embedder)
    words = PublishedWords(archive, LiveCorpus(archive, embedder))
    assert words.knows(TERRASSES) and not words.knows("terassz")
    assert "terrasses" in words.near(f"{TERRASSES}z")
    withdraw(archive, "bruit")
    assert not words.knows(TERRASSES)
    assert list(words.near(f"{TERRASSES}z")) == []
