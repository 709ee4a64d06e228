"""The words of what is published now, as questions may have meant them.

Proposed by their stems, which the corpus holds in memory, and spelt as a published passage has
them: a word that was withdrawn or redacted is proposed no more.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from ingest.archive.repository import Archive
from search.engine.corpus import Corpus
from search.engine.live import LiveCorpus
from search.index import store
from search.language.stems import MAX_TOKEN, stems

_SHORT = 4  # letters of a stem of which one may differ; two of a longer one
_MOST, _LOOKED_AT = 40, 3  # stems that are looked up for one word; passages of each
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class PublishedWords:
    """Knows a stem, and finds the words that are spelt nearly like one."""

    archive: Archive
    corpus: LiveCorpus

    def knows(self, stem: str) -> bool:
        """Is it a stem of something published?"""
        return bool(self.corpus.now().passages_with([stem])[0])

    def near(self, stem: str) -> Sequence[str]:
        """Published words whose stem is within two letters of this one, the commonest first."""
        corpus = self.corpus.now()
        apart = 1 if len(stem) <= _SHORT else 2
        close = extract(
            stem[:MAX_TOKEN],
            list(corpus.vocabulary),
            scorer=OSA.distance,
            score_cutoff=apart,
            limit=_MOST,
        )
        found = [near for near, _, _ in close if near.isalpha()]
        times = corpus.passages_with(found)
        common = [found[at] for at in np.argsort(-times, kind="stable") if times[at]]
        return list(dict.fromkeys(self._spelt(corpus, common)))

    def _spelt(self, corpus: Corpus, found: Sequence[str]) -> Iterator[str]:
        """The words of these stems, as the passages that hold them first have them."""
        places = [(stem, row) for stem in found for row in corpus.rows_with(stem, _LOOKED_AT)]
        keys = corpus.columns.keys[[row for _, row in places]].tolist()
        with self.archive.engine.connect() as db:
            passages = store.published_rows(db, keys)
        for (stem, _), key in zip(places, keys, strict=True):
            passage = passages.get(key)
            for word in _WORD.findall(passage.text) if passage else ():
                if word.islower() and stems(word) == [stem]:  # no names
                    yield word
