"""Writes `tests/golden/archive-0.1.0.*`: an archive of release 0.1.0, and what it said of it.

Runs with the code of that release (commit 743e3f2), whose modules bore other names:

    git worktree add /tmp/old 743e3f2
    cd /tmp/old && PYTHONPATH=. python <here>/archive_0_1_0.py <folder>

Never run by the tests, which open what it wrote: `tests/ingest/archive/test_upgrade.py`.
"""

import gzip
import json
import sqlite3
import sys
from contextlib import closing
from dataclasses import asdict
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.closing_site import product_at
from tests.small_site import said, tones

from api.changes_views import document, history
from api.quoted_since import quoted_since
from ingest.closed import Why
from ingest.closing.transaction import Asked
from ingest.correcting import checked, terms
from ingest.correcting.change_rows import revision, since
from ingest.correcting.edits import Boundary, Merge, Split, TextEdit, Voice
from ingest.correcting.replacing import Replace
from ingest.correcting.undoing import undo
from ingest.transcript import (
    AgendaItem,
    Doubt,
    Evidence,
    Generator,
    Person,
    Recording,
    Session,
    Span,
    Speaker,
    ToReview,
    Transcript,
    Turn,
)
from search import vote_judging
from search.vote_store import votes
from search.vote_verdicts import Verdict, digest

PUBLISHED, DRAFT = "2025-03-11-conseil", "2025-04-08-brouillon"
SECRET = "Monsieur Untel souffre d'une maladie grave."
TEXTS = (
    ("S1", "Bonsoir à toutes et à tous. La séance est ouverte."),
    ("S2", "Le crédit demandé est de deux millions. La piste cyclable relie la gare au parc."),
    ("S2", "Les travaux commencent en avril."),
    ("S1", "Au vote. La motion 414 est acceptée à l'unanimité."),
    ("S2", f"Nous entrons en matière. {SECRET} Revenons à la piscine municipale."),
    ("S1", "Au vote. L'amendement est refusé par 40 non contre 30 oui."),
    ("S2", "La crèche ouvrira en octobre."),
    ("S1", "Merci à chacun. La séance est levée."),
)


def transcript(session_id: str) -> tuple[Session, Transcript]:
    turns, at = [], 1_000
    for index, (voice, text) in enumerate(TEXTS):
        here = text.replace(f"{SECRET} ", "") if session_id == DRAFT else text
        turns.append(Turn(index, voice, said(here, at)))
        at = turns[-1].end_ms + 520
    session = Session(
        session_id,
        f"Séance {session_id}",
        date.fromisoformat(session_id[:10]),
        parts=(Recording(session_id.ljust(64, "0"), 0, 60_000),),
        agenda=(
            AgendaItem("1", "Communications", None, 0),
            AgendaItem("2", "Motion M-414 : une piste cyclable", "M-414", 5_000),
        ),
        roster=(
            Person("Claire Fontanet", "conseillère", "PS"),
            Person("Hélène Baudin", "présidente"),
        ),
    )
    speakers = (
        Speaker("S1", "Hélène Baudin", Evidence.CHAIR, 0.9, "préside"),
        Speaker("S2", "Claire Fontanet", Evidence.CHAIR, 0.9, "appelée à 0:00:05"),
    )
    review = (
        ToReview(5_600, 6_000, Doubt.REPAIR, "« crédits » entendu, « crédit » écrit"),
        ToReview(turns[6].start_ms, turns[6].end_ms, Doubt.VOICES, "deux voix mêlées"),
    )
    generator = Generator("fake", "fake", "1", {})
    unheard = (Span(58_000, 59_000),)
    return session, Transcript(session_id, speakers, tuple(turns), unheard, generator, review)


class Council:
    """The two sessions, and the clerks who change them."""

    def __init__(self, root: Path) -> None:
        self.product = product_at(root)
        self.archive = self.product.archive
        for session_id in (PUBLISHED, DRAFT):
            self.archive.save(*transcript(session_id))
            tones(root / "media" / session_id / "listen.opus", "ogg", "libopus")
            tones(root / "media" / session_id / "listen.mp3", "mp3", "libmp3lame")

    def at(self, session_id: str) -> int:
        with self.archive.engine.connect() as db:
            return revision(db, session_id)

    def edit(self, session_id: str, by: str, edit: object) -> None:
        self.product.changes.make(session_id, self.at(session_id), by, edit)

    def undo(self, session_id: str, by: str) -> None:
        undo(self.product.changes, session_id, self.at(session_id), by)

    def check(self, session_id: str, *turns: int) -> None:
        with self.archive.begin() as db:
            checked.mark(db, session_id, turns, "ada", True)

    def place(self, text: str) -> tuple[int, int]:
        words = [w for turn in self.archive.transcript(PUBLISHED).turns for w in turn.words]
        run = text.split()
        n = next(n for n in range(len(words)) if [w.text for w in words[n : n + len(run)]] == run)
        return words[n].start_ms, words[n + len(run) - 1].end_ms

    def judge(self, verdict: Verdict, said: str) -> None:
        found = vote_judging.found(self.archive, PUBLISHED).votes
        (one,) = (one.vote for one in found if said in one.vote.said)
        vote_judging.judge(self.archive, PUBLISHED, one.start_ms, digest(one.said), verdict, "ada")


def correct(council: Council) -> list[dict[str, object]]:
    """All that is done to the two sessions; the links that readers kept on the way."""
    product, links = council.product, []

    def link(text: str) -> None:
        start_ms, end_ms = council.place(text)
        place = {"start_ms": start_ms, "end_ms": end_ms, "revision": council.at(PUBLISHED)}
        links.append({"text": text, **place})

    product.publish(PUBLISHED)
    for text in ("La piste cyclable", "en octobre.", "travaux commencent", "piscine municipale."):
        link(text)
    council.judge(Verdict.CONFIRMED, "motion")
    council.edit(PUBLISHED, "ada", Split(turn=1, word=7))
    council.check(PUBLISHED, 0, 1, 2)
    council.edit(PUBLISHED, "bea", Merge(turn=2))
    link("au parc. Les travaux")
    council.edit(PUBLISHED, "ada", TextEdit(turn=6, text="La crèche ouvrira en septembre."))
    council.edit(PUBLISHED, "ada", Split(turn=0, word=6))
    council.undo(PUBLISHED, "ada")
    council.edit(PUBLISHED, "bea", Boundary(turn=1, word=0, into="next"))
    council.undo(PUBLISHED, "bea")
    council.edit(PUBLISHED, "bea", Replace(find="piscine", by="patinoire"))
    link("La crèche ouvrira")
    product.publish(PUBLISHED)
    start_ms, end_ms = council.place(SECRET)
    product.close(PUBLISHED, Asked(Span(start_ms, end_ms), Why.ERASED, "ada"))
    council.judge(Verdict.REFUSED, "amendement")
    council.judge(Verdict.CONFIRMED, "motion")  # the redaction forgot the first: it was too near
    council.edit(PUBLISHED, "ada", Split(turn=8, word=3))
    council.edit(PUBLISHED, "bea", TextEdit(turn=3, text=""))
    council.undo(PUBLISHED, "bea")
    council.edit(PUBLISHED, "bea", Voice(turn=2, person="Anne Autre", everywhere=False))
    council.edit(PUBLISHED, "bea", TextEdit(turn=0, text="Bonsoir à tous. La séance est ouverte."))
    council.check(PUBLISHED, 8)
    product.publish(PUBLISHED)
    council.edit(PUBLISHED, "bea", Split(turn=0, word=3))  # and not published anew yet
    council.edit(DRAFT, "ada", Split(turn=1, word=7))
    council.check(DRAFT, 1, 4)
    council.edit(DRAFT, "ada", Split(turn=1, word=3))
    council.edit(DRAFT, "bea", Merge(turn=6))
    with product.archive.begin() as db:
        terms.teach(db, "Fontanet", ["fontanelle"], "ada")
    return links


def account(council: Council, links: list[dict[str, object]]) -> dict[str, object]:
    """What the release says of its archive."""
    archive, published = council.archive, council.product.published
    turns = published.transcript(PUBLISHED).turns
    for link in links:
        with archive.engine.connect() as db:
            changes = since(db, PUBLISHED, int(link["revision"]))
        link["now"] = asdict(quoted_since(turns, changes, link["start_ms"], link["end_ms"]))
    with archive.engine.connect() as db:
        replay = {i: [c.kind for c in since(db, i, 1)] for i in (PUBLISHED, DRAFT)}
    hits = council.product.search("la crèche de septembre", 3)
    return {
        "documents": {i: document(archive, i, "ada", "/media") for i in (PUBLISHED, DRAFT)},
        "history": {i: history(archive, i, None) for i in (PUBLISHED, DRAFT)},
        "history_of_turns": [history(archive, PUBLISHED, n) for n in range(len(turns))],
        "changes": replay,
        "links": links,
        "votes": [asdict(vote) for vote in votes(published)],
        "passages": [[hit.passage.id, hit.passage.text] for hit in hits],
        "closed": [asdict(span) for span in published.transcript(PUBLISHED).closed],
    }


def main(folder: Path) -> None:
    with TemporaryDirectory() as scratch:
        root = Path(scratch)
        council = Council(root)
        told = account(council, correct(council))
        with closing(sqlite3.connect(root / "archive.sqlite")) as kept:
            kept.execute("VACUUM INTO ?", (str(root / "copy.sqlite"),))
        content = (root / "copy.sqlite").read_bytes()
    (folder / "archive-0.1.0.sqlite.gz").write_bytes(gzip.compress(content, mtime=0))
    text = json.dumps(told, ensure_ascii=False, indent=1, default=str)
    (folder / "archive-0.1.0.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
