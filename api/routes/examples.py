"""Examples for the OpenAPI description, built with the views so that they cannot go stale."""

from dataclasses import asdict
from datetime import date

from api.answers.citation import Citation
from api.views.answer import AnswerView, asked_view, citation_view
from api.views.session import session_view
from ingest.transcript import AgendaItem, Person, Recording, Session
from search.query.parsed import Query
from search.query.vocabulary import Vocabulary

# A session and a citation of the size that a small council's have; no real person is named.
_SESSION = Session(
    id="2025-03-11",
    title="Séance du 11 mars 2025",
    date=date(2025, 3, 11),
    parts=(Recording("0" * 64, 0, 5_400_000),),
    agenda=(AgendaItem("2", "Piste cyclable du quai des Tanneurs", "PR-12", 11_304),),
    roster=(Person("Claire Fontanet", "conseillère municipale", "PS"),),
)
_QUESTION = "Combien coûte la piste cyclable ?"
# Words of that session, under its one point.
_CITATION = Citation(
    session="2025-03-11",
    revision=1,
    turn=2,
    start_ms=24_810,
    end_ms=28_640,
    speaker="Claire Fontanet",
    quote="Le crédit demandé est de deux millions quatre cent mille francs.",
)

SESSION = asdict(session_view(_SESSION))
ANSWER = asdict(
    AnswerView(
        question=_QUESTION,
        state="answer",
        refused=False,
        why=None,
        sentences=(),
        citations=(citation_view(_CITATION, _SESSION),),
        asked=asked_view(
            Query("Combien coûte la piste cyclable ?", "piste cyclable"), Vocabulary()
        ),
    )
)
