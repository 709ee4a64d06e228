"""How far a sitting has come on its way to its readers."""

from dataclasses import dataclass

from ingest.archive import repository
from ingest.archive.repository import Archive
from ingest.editing.progress import checked
from ingest.editing.review_progress import unsettled
from ingest.transcript import Session


@dataclass(frozen=True)
class Standing:
    """What is left to do. `turns` with words; voices that speak but bear no name; open doubts."""

    turns: int
    checked: int
    unnamed: int
    doubts: int
    points: int
    placed: int


def standing(archive: Archive, session: Session) -> Standing:
    """Where a sitting stands now."""
    with archive.engine.connect() as db:
        turns = repository.outlines(db, session.id)
        speakers = repository.speakers(db, session.id)
        marks = checked(db, session.id)
        doubts = unsettled(repository.review(db, session.id), turns, speakers, marks)
    named = {speaker.label for speaker in speakers if speaker.person}
    return Standing(
        turns=len(turns),
        checked=sum(turn.id in marks for turn in turns),
        unnamed=len({turn.speaker for turn in turns if turn.speaker} - named),
        doubts=len(doubts),
        points=len(session.agenda),
        placed=sum(item.start_ms is not None for item in session.agenda),
    )
