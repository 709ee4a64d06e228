"""How far a sitting has come on its way to its readers. Pure but for what it reads."""

from dataclasses import dataclass

from ingest.archive import Archive
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
    transcript = archive.transcript(session.id)
    speaking = {turn.speaker for turn in transcript.turns if turn.words}
    named = {speaker.label for speaker in transcript.speakers if speaker.person}
    return Standing(
        turns=sum(1 for turn in transcript.turns if turn.words),
        checked=0,
        unnamed=len({label for label in speaking if label} - named),
        doubts=len(transcript.review),
        points=len(session.agenda),
        placed=sum(1 for item in session.agenda if item.start_ms is not None),
    )
