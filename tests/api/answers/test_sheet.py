"""An object's code alone gets what it asks for, when it was debated, and what was decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from api.answers.citation import Candidate
from api.answers.evidence import Support
from api.answers.quotations import Sources, make_answer
from api.answers.sheet import sheet
from ingest.archive.published import Published
from ingest.archive.repository import Archive
from ingest.transcript import AgendaItem
from search.filters import EVERYTHING, Facets, Filters, Outcome
from search.index import store
from search.index.publish import publish
from search.passage import Hit, Passage
from search.query.parsed import Chip, Field, Query
from search.votes.lookup import KeptVotes
from tests.support.council_votes import REPORTER, council
from tests.support.small_council import CHAIR
from tests.support.word_embedder import WordEmbedder

TREES = AgendaItem("2", "Motion M-414 : des arbres pour la rue des Lilas", "M-414", 0)
OPENING = (
    "La motion demande que la ville plante cent arbres dans la rue des Lilas avant la fin de "
    "l'année prochaine. " + "Les habitants souffrent de la chaleur. " * 20
)


@dataclass(frozen=True)
class Everything:
    """Finds every passage of these sessions, newest session first."""

    archive: Archive
    sessions: Sequence[str]

    def find(self, query: Query, limit: int) -> tuple[Hit, ...]:
        return ()

    def browse(
        self, filters: Filters = EVERYTHING, limit: int = 20, offset: int = 0
    ) -> tuple[Passage, ...]:
        with self.archive.engine.connect() as db:
            return tuple(p for one in self.sessions for p in store.passages_of(db, one))

    def facets(self, question: str | None = None, filters: Filters = EVERYTHING) -> Facets:
        return Facets(0)

    @property
    def is_whole(self) -> bool:
        return True

    def unsaid(self, text: str) -> frozenset[str]:
        return frozenset()

    def tied(self, text: str, times: int) -> frozenset[str]:
        return frozenset()


def published(archive: Archive, embedder: WordEmbedder) -> Published:
    first = (
        (CHAIR, "Nous passons à la motion 414. Monsieur Rochat, vous avez la parole, je vous prie, "
                "pour cette motion qui demande des arbres, et que nous traitons aujourd'hui."),
        (REPORTER, "Merci, Madame la présidente. " + OPENING),
        (CHAIR, "La motion 414 est renvoyée à la commission des finances sans opposition."),
    )  # fmt: skip
    second = (
        (CHAIR, "Monsieur Rochat, vous avez la parole."),
        (REPORTER, "La commission a siégé deux fois. " * 10),
        (CHAIR, "La motion 414 est refusée par 40 non contre 20 oui."),
    )
    for session_id, said, day in (("mars", first, 11), ("mai", second, 13)):
        archive.save(
            *council(*said, session_id=session_id, agenda=(TREES,),
                     day=date(2025, 3 if session_id == "mars" else 5, day))
        )  # fmt: skip
        publish(archive, session_id, embedder)
    return Published(archive)


def test_a_sheet_tells_what_is_asked_for_and_what_became_of_it(
    archive: Archive, embedder: WordEmbedder
) -> None:
    known = published(archive, embedder)
    found = sheet("M-414", known, Everything(archive, ("mai", "mars")), KeptVotes(known))
    assert found and found.opening
    assert found.title == TREES.title
    assert [debate.session.id for debate in found.debates] == ["mars", "mai"]
    assert found.opening.text.startswith("La motion demande que la ville plante cent arbres")
    assert len(found.opening.text.split()) <= 70
    assert [vote.outcome for vote in found.decisions] == [Outcome.COMMITTEE, Outcome.REFUSED]


def test_an_object_of_no_published_session_has_none(
    archive: Archive, embedder: WordEmbedder
) -> None:
    known = published(archive, embedder)
    assert sheet("M-9", known, Everything(archive, ("mars",)), KeptVotes(known)) is None
    assert sheet("M-414", known, Everything(archive, ()), KeptVotes(known)) is None


def nothing_weighed(query: Query, found: Sequence[Candidate]) -> Support:
    raise AssertionError("An object alone asks for its sheet, not for sentences.")


def test_a_code_alone_is_answered_by_it(archive: Archive, embedder: WordEmbedder) -> None:
    known = published(archive, embedder)
    finder = Everything(archive, ("mai", "mars"))
    sources = Sources(known, finder, KeptVotes(known), nothing_weighed)
    chip = Chip(Field.OBJECT, "M-414", "M-414", words="M-414", soft=True)
    answer = make_answer(Query("M-414", "M-414", chips=(chip,)), sources)
    decision, opening = answer.citations
    assert opening.quote.startswith("La motion demande que la ville plante cent arbres")
    assert decision.label == "Refusée : 40 non, 20 oui (à confirmer)"
