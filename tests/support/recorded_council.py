"""A council of three published sessions that treat one object, for the pages over all sessions.

The small site's hidden sessions are in its archive too.
"""

from dataclasses import replace
from datetime import date
from pathlib import Path

from api.deps import Deps
from ingest.transcript import AgendaItem, Evidence, Person, Recording, Span, Speaker, Status
from search.index.publish import publish
from search.index.withdraw import withhold
from tests.support.small_council import sitting as turns_of
from tests.support.small_site import CANARY, sitting, small_deps
from tests.support.word_embedder import WordEmbedder

FIRST, VOTED = "2024-11-12", "2025-04-08"
ROSTER = (
    Person("Hélène Baudin", "présidente", "Le Centre"),
    Person("Julien Rochat", "conseiller municipal", "PLR"),
    Person("Zoé Clerc", "conseillère municipale", "PS"),
)
OPINION = "Cette piste cyclable est utile, et nous la demandons depuis dix ans sans rien obtenir."
SPEECH = f"{OPINION} Le quai est dangereux pour les enfants, chacun le sait ici et le voit."
SECRET = f"Le {CANARY} chante la nuit dans la ville close et il ne faut pas le répéter ici."


def recorded_deps(root: Path) -> Deps:
    """Everything a site over them needs, kept below `root`; Zoé Clerc is heard in secret alone."""
    deps, embedder = small_deps(root), WordEmbedder()
    archive = deps.published.archive
    voices = (
        Speaker("S1", "Hélène Baudin", Evidence.CLERK),
        Speaker("S2", "Julien Rochat", Evidence.CHAIR),
        Speaker("S3", "Zoé Clerc", Evidence.PLATFORM),
        Speaker("S4", "Anna Gast", Evidence.CHAIR),
    )
    chair, councillor = "S1", "S2"
    sessions = {
        FIRST: (
            (chair, "Nous passons à la proposition."),
            (councillor, SPEECH),
            ("S4", "Merci de m'avoir entendue ici."),
        ),
        VOTED: (
            (chair, "Nous passons à la proposition de piste cyclable."),
            (councillor, SPEECH),
            ("S3", SECRET),
            (chair, "L'amendement de Monsieur Julien Rochat est refusé par 40 non contre 20 oui."),
            (chair, "La proposition PR-12 est acceptée par 42 oui contre 30 non."),
        ),
    }
    for session_id, said in sessions.items():
        session, transcript = sitting(session_id)
        turns = turns_of(*said)
        recording = Recording(session_id.ljust(64, "0"), 0, turns[-1].end_ms + 1_000)
        session = replace(
            session,
            title=f"Séance du {session_id}",
            date=date.fromisoformat(session_id),
            parts=(recording,),
            agenda=(AgendaItem("1", "Proposition PR-12 : piste cyclable", "PR-12", 0),),
            roster=ROSTER,
        )
        archive.save(session, replace(transcript, speakers=voices, turns=turns, unheard=()))
        publish(archive, session_id, embedder)
    (secret,) = (turn for turn in turns if turn.speaker == "S3")
    withhold(archive, VOTED, Span(secret.start_ms, secret.end_ms), "greffe")
    publish(archive, VOTED, embedder)  # its votes are read again
    assert archive.status(VOTED) is Status.PUBLISHED
    return deps
