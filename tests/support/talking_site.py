"""A site of two published sessions whose filters and counts are real; only the answers are made up.

The small site's hidden sessions are in its archive too.
"""

from dataclasses import replace
from datetime import date
from pathlib import Path

from api.answers.answer import Answer, State, Verified, refusal
from api.answers.citation import Citation
from api.answers.refusals import Help, Topic
from api.deps import Deps
from ingest.transcript import AgendaItem, Evidence, Person, Speaker, Status
from search.engine.live import open_corpus
from search.engine.retrieve import Retriever
from search.index.publish import publish
from search.query.parsed import Query
from tests.support.small_site import COST, PUBLISHED, citation, sitting, small_deps, tones
from tests.support.word_embedder import WordEmbedder

OLDER = "2024-10-08"
POOL = "La piscine ouvre en juin, et son prix ne change pas."
REFUSED = "Ce n'est pas ce qui a été dit : la PR-12 a été acceptée."
UNSURE = "Je n'ai pas trouvé de réponse sûre."
NOTHING = "Je n'ai rien trouvé à ce sujet."
ROSTER = (
    Person("Claire Fontanet", "conseillère municipale", "PS"),
    Person("Bruno Girard", "conseiller municipal", "UDC"),
)


def talking_ask(asked: Query) -> Verified:
    """Refuses « téléphérique », is unsure of « trottoir », contradicts « refusé », else quotes."""
    if "téléphérique" in asked.question:
        topic = Topic(PUBLISHED, "Piste cyclable", "PR-12", 5_500)
        return Verified(refusal(asked, NOTHING, Help((topic,), ("Bruno Girard",))))
    if "trottoir" in asked.question:
        help = Help((), ("Bruno Girard",))
        return Verified(Answer(asked, (citation(),), State.NEAR, UNSURE, help=help))
    if "refusé" in asked.question:
        return Verified(Answer(asked, (citation(),), State.INSTEAD, REFUSED))
    if asked.filters.people == ("Bruno Girard",):
        return Verified(Answer(asked, (Citation(OLDER, 1, 0, 1000, 3180, "Bruno Girard", POOL),)))
    return Verified(Answer(asked, (citation(),)))


def talking_deps(root: Path) -> Deps:
    """Everything that site needs, kept below `root`."""
    deps, embedder = small_deps(root), WordEmbedder()
    archive = deps.published.archive
    session, transcript = sitting(OLDER, POOL, "Merci.")
    transcript = replace(transcript, speakers=(Speaker("S1.2", "Bruno Girard", Evidence.CHAIR),))
    agenda = (AgendaItem("1", "Piscine", "M-7", 0), AgendaItem("2", "Divers", None, 6_000))
    archive.save(
        replace(
            session,
            title="Séance d'octobre",
            date=date(2024, 10, 8),
            agenda=agenda,
            roster=ROSTER,
        ),
        transcript,
    )
    archive.set_status(OLDER, Status.PUBLISHED)
    for session_id in (PUBLISHED, OLDER):
        publish(archive, session_id, embedder)
    tones(root / "media" / OLDER / "listen.opus", "ogg", "libopus")
    tones(root / "media" / OLDER / "listen.mp3", "mp3", "libmp3lame")
    retriever = Retriever(archive, embedder, open_corpus(archive, embedder))
    return replace(deps, ask=talking_ask, finder=retriever, subjects=retriever)


__all__ = ["COST", "NOTHING", "OLDER", "POOL", "REFUSED", "UNSURE", "talking_deps"]
