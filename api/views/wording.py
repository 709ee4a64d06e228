"""Dates, durations, clocks and voices as they are written in French. Pure but for the time zone."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, time

from api.views.links import person_page
from ingest.archive.schema import to_local
from ingest.errors import BadInput
from ingest.french_dates import day
from ingest.speakers.clues import is_stated
from ingest.text import clock
from ingest.transcript import Evidence, Session, Speaker

UNNAMED = "Intervenant·e non identifié·e"
NOBODY = "Texte de la séance"  # what minutes say in no one's name
_LAST = 59  # of minutes, and of seconds, beside a larger unit
# Places on the time line as people write them: 1:02:03, 62:03, 62:03,5 or 3723 seconds.
_CLOCK = re.compile(
    r"(?:(?:(\d{1,2})\s*[:h]\s*)?(\d{1,3})\s*[:m]\s*)?(\d{1,5})(?:[.,](\d{1,3}))?\s*s?"
)


@dataclass(frozen=True)
class Who:
    """A speaker. `known` is False for a voice without a name.

    `evidence` is how a name is known: "clerk" confirmed it, the "platform" or its captions showed
    it, the "chair" or the speaker said it, or it is "inferred" from the debate; "" where that is
    not told, as for a text.
    """

    name: str
    role: str
    group: str
    known: bool
    evidence: str = field(default="", compare=False)

    @property
    def office(self) -> str:
        """Role and group on one line, empty when neither is known."""
        return ", ".join(part for part in (self.role, self.group) if part)

    @property
    def page(self) -> str:
        """Address of the person's page, "" for a voice without a name."""
        return person_page(self.name) if self.known else ""


def clock_in(session: Session, at_ms: int) -> str | None:
    """A place as a clock time, None where none was recorded."""
    return clock(at_ms) if session.is_recorded else None


def length(duration_ms: int) -> str:
    """A duration in words: 1 h 32 min, 3 min, 45 s."""
    seconds = round(duration_ms / 1000)
    if seconds < 60:  # noqa: PLR2004
        return f"{seconds} s"
    hours, minutes = divmod(round(duration_ms / 60_000), 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"


def extent(session: Session) -> str:
    """How long a session is: a duration, or a number of words where it was not recorded."""
    if session.is_recorded:
        return length(session.duration_ms)
    return f"{session.duration_ms:,} mots".replace(",", "\N{NARROW NO-BREAK SPACE}")


@dataclass(frozen=True)
class Erasure:
    """When a session's sound was erased: the day by ISO 8601, and the same in words."""

    on: str
    day: str


def erasure(session: Session) -> Erasure | None:
    """When a rule of retention erased a session's sound; None where it did not."""
    if session.sound_erased is None:
        return None
    on = to_local(session.sound_erased).date()
    return Erasure(on.isoformat(), day(on))


def year_span(years: Collection[int]) -> str:
    """The first and the last of some years: 2019–2024, 2021."""
    first, last = min(years), max(years)
    return str(first) if first == last else f"{first}–{last}"


def hour(at: time) -> str:
    """An hour of the day: 17 h 30."""
    return f"{at.hour} h {at.minute:02d}"


def moment(at: datetime) -> str:
    """A moment as it is kept (UTC), in words: mardi 11 mars 2025, 17 h 30."""
    there = to_local(at)
    return f"{day(there.date())}, {hour(there.time())}"


def who(
    session: Session, person: str | None, number: int | None, speakers: Iterable[Speaker] = ()
) -> Who:
    """The roster's entry for a name, or the number that tells a nameless voice from the others.

    Its evidence is the best among those of the session's `speakers` that bear the name.
    """
    if person is None and not session.is_recorded:
        return Who(NOBODY, "", "", known=False)
    if person is None:
        return Who(f"{UNNAMED} {number}" if number else UNNAMED, "", "", known=False)
    entry = session.person(person)
    role, group = (entry.role, entry.group) if entry else ("", "")
    known_by = [_evidence(one) for one in speakers if one.person == person]
    best = max(known_by, key=tuple(Evidence).index, default=Evidence.NONE)
    is_told = session.is_recorded and best is not Evidence.NONE
    return Who(person, role, group, known=True, evidence=str(best) if is_told else "")


def _evidence(speaker: Speaker) -> Evidence:
    inferred = speaker.evidence is Evidence.CHAIR and not is_stated(speaker)
    return Evidence.INFERRED if inferred else speaker.evidence


def nameless(voices: Iterable[str | None], speakers: Iterable[Speaker]) -> dict[str, int]:
    """The number of each voice without a name: 1 for the first that is heard in the session.

    `voices` are labels in the order in which they speak; speech without a label has no number.
    """
    named = {speaker.label for speaker in speakers if speaker.person}
    heard = (label for label in dict.fromkeys(voices) if label and label not in named)
    return {label: number for number, label in enumerate(heard, 1)}


def read_clock_ms(text: str) -> int:
    """Milliseconds of a place. Raises `BadInput`.

    >>> [read_clock_ms(one) for one in ("1:02:03", "62:03", "3723,5", "0:00:07")]
    [3723000, 3723000, 3723500, 7000]
    """
    parts = _CLOCK.fullmatch(text.strip())
    if parts is None:
        raise BadInput(
            f"Le moment « {text[:20]} » ne se lit pas : écrivez-le comme 1:02:03 (heures, minutes, "
            "secondes) ou 62:03."
        )
    hours, minutes, seconds = (int(text or 0) for text in parts.groups()[:3])
    if max(minutes if parts[1] else 0, seconds if parts[2] else 0) > _LAST:
        raise BadInput(f"Le moment « {text[:20]} » compte plus de 59 minutes ou secondes.")
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + int((parts[4] or "0").ljust(3, "0"))


def write_clock(at_ms: int) -> str:
    """A place to the tenth of a second, such as `read_clock_ms` reads: 0:12:31,4."""
    tenths = at_ms // 100
    clock = f"{tenths // 36_000}:{tenths // 600 % 60:02}:{tenths // 10 % 60:02}"
    return f"{clock},{tenths % 10}" if tenths % 10 else clock
