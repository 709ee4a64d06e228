"""Sessions in which a council votes, written as they are heard."""

from dataclasses import replace
from datetime import date

from ingest.transcript import AgendaItem, Generator, Person, Session, Speaker, Transcript, Turn
from search.votes.extract import votes
from search.votes.vote import Vote
from tests.support.small_council import CHAIR, ROSTER, sitting

REPORTER = "S2"
AGENDA = (
    AgendaItem("1", "Communications du bureau", None, None),
    AgendaItem("2", "Motion M-414 : des arbres pour la rue des Lilas", "M-414", 0),
)
SPEAKERS = (Speaker(CHAIR, "Hélène Baudin"), Speaker(REPORTER, "Julien Rochat"))


def council(
    *said: tuple[str | None, str],
    session_id: str = "s",
    agenda: tuple[AgendaItem, ...] = AGENDA,
    day: date = date(2025, 3, 11),
) -> tuple[Session, Transcript]:
    """A session of (label, text); `S1` is the president, `S2` a councillor."""
    roster = tuple(
        Person(p.name, p.role, "PLR" if p.name == "Julien Rochat" else "") for p in ROSTER
    )
    session = Session(session_id, "Séance", day, agenda=agenda, roster=roster)
    turns: tuple[Turn, ...] = sitting(*said)
    generator = Generator("fake", "fake", "1", {})
    return session, Transcript(session_id, SPEAKERS, turns, (), generator)


def heard(*said: tuple[str | None, str]) -> tuple[Vote, ...]:
    """The votes of such a session."""
    return votes(*council(*said))


def told(text: str) -> tuple[Vote, ...]:
    """The votes in what the chair says."""
    return heard((CHAIR, text))


def unnamed(text: str) -> tuple[Vote, ...]:
    """The votes in what is said while the speakers are unknown."""
    session, transcript = council((None, text))
    return votes(replace(session, roster=()), replace(transcript, speakers=()))
