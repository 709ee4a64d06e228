"""The city's own template of minutes: one file in the data directory, or none.

A template is kept only after it was tried on a session made up for the purpose. Writing it is
atomic: minutes exported meanwhile are made from the one before or the one after.
"""

import os
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from api.exports.attendance import Attendance, Attended, MemberPresence
from api.exports.minutes import Minutes, check, fill
from api.exports.minutes_content import minutes
from api.exports.minutes_template import default_template
from api.exports.script import script
from ingest.settings import Settings
from ingest.transcript import (
    AgendaItem,
    Generator,
    Person,
    Recording,
    Reviewed,
    Session,
    Span,
    Speaker,
    Transcript,
    Turn,
    Word,
)
from search.votes.extract import votes


def own_template(settings: Settings) -> bytes | None:
    """The city's template, None while it has none."""
    try:
        return _path(settings).read_bytes()
    except FileNotFoundError:
        return None


def template(settings: Settings) -> bytes:
    """The template that minutes are made from: the city's, or ours."""
    return own_template(settings) or default_template()


def own_since(settings: Settings) -> datetime | None:
    """When the city gave its template."""
    try:
        return datetime.fromtimestamp(_path(settings).stat().st_mtime, UTC)
    except FileNotFoundError:
        return None


def keep(settings: Settings, given: bytes) -> None:
    """Keep a template as the city's. Raises `BadInput` that says what is wrong in it."""
    check(given, samples(settings.city))
    path = _path(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        file.write(given)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def drop(settings: Settings) -> None:
    """Go back to our template."""
    _path(settings).unlink(missing_ok=True)


def specimen(settings: Settings) -> bytes:
    """What the template makes of the session that was made up."""
    return fill(template(settings), samples(settings.city)[0])


def _path(settings: Settings) -> Path:
    return settings.data / "templates" / "minutes.docx"


# --- a session made up, in which everything occurs ----------------------------------------------


def samples(city: str) -> tuple[Minutes, ...]:
    """Minutes that use every field, filled and empty, so that no tag goes untried.

    The last are of the longest session, so that a template which cannot be filled with one is
    refused to the clerk who gives it, and not to a reader of the minutes.
    """
    session, transcript = _session()
    reviewed = replace(session, reviewed=Reviewed("Prénom Nom", datetime(2025, 3, 20)))
    bare = replace(session, roster=(), agenda=(), parts=session.parts)
    announced = votes(session, transcript)
    confirmed = tuple(replace(vote, confirmed=n == 0) for n, vote in enumerate(announced))
    there = Attendance(
        tuple(
            map(
                MemberPresence,
                session.roster,
                (Attended.PRESENT, Attended.EXCUSED, Attended.ABSENT),
            )
        ),
        "17:30",
        "19:45",
    )
    there = replace(
        there, people=(replace(there.people[0], arrived="17:40", left="19:00"), *there.people[1:])
    )
    full = minutes(script(reviewed, transcript, confirmed, there), city, timecodes=True)
    return (
        full,
        minutes(script(session, transcript, announced), city, timecodes=False),
        minutes(script(bare, replace(transcript, turns=(), closed=()), ()), city, timecodes=True),
        _long(full),
    )


_POINTS, _PASSAGES = 60, 4_000  # twelve hours, as the longest that a city may bring in


def _long(given: Minutes) -> Minutes:
    """The same speeches over and over."""
    points = given.points * (_POINTS // len(given.points))
    times = _PASSAGES // sum(len(point.passages) for point in points)
    return replace(
        given, points=tuple(replace(one, passages=one.passages * times) for one in points)
    )


_SAID = (
    ("S1", "Mesdames et messieurs, la séance est ouverte."),
    ("S1", "Nous passons au point deux, la motion M-7. La parole est à Madame Exemple."),
    ("S2", "Merci. Le prix d'entrée reste à sept francs ; les enfants ne paieront rien."),
    ("S3", "Une voix que personne n'a encore nommée."),
    ("S1", "Je mets aux voix la motion M-7. Elle est acceptée par 40 oui contre 30 non."),
    ("S1", "Nous votons sur l'amendement. L'amendement est refusé par 35 non contre 20 oui."),
)


def _session() -> tuple[Session, Transcript]:
    turns = tuple(Turn(n, who, _words(text, 10_000 * n)) for n, (who, text) in enumerate(_SAID))
    session = Session(
        id="exemple",
        title="Séance d'exemple & d'essai",
        date=date(2025, 3, 11),
        parts=(Recording("0" * 64, 0, 90_000),),
        agenda=(
            AgendaItem("1", "Communications", None, None),
            AgendaItem("2", "Motion M-7 : piscine gratuite", "M-7", 10_000),
            AgendaItem("3", "Questions orales", None, None),
        ),
        roster=(
            Person("Camille Président", "présidente", "Le Centre"),
            Person("Dominique Exemple", "conseillère municipale", "Verts"),
            Person("Claude Secrétaire"),
        ),
    )
    speakers = (Speaker("S1", "Camille Président"), Speaker("S2", "Dominique Exemple"))
    generator = Generator("exemple", "exemple", "0", {})
    unheard, closed = (Span(70_000, 72_000),), (Span(75_000, 85_000),)
    made = Transcript("exemple", speakers, turns, unheard, generator, closed=closed)
    return session, made


def _words(text: str, start_ms: int) -> tuple[Word, ...]:
    return tuple(
        Word(start_ms + 300 * n, start_ms + 300 * n + 280, word, 0.9)
        for n, word in enumerate(text.split())
    )
