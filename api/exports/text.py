"""A session as lines of text: plain text laid out as minutes are, and RTTM. Pure.

Plain text has one paragraph a speech, after its speaker: `Claire Fontanet, conseillère (PS) : ...`.
Read back by `ingest.text_import.minutes`, it names the same people. RTTM (NIST Rich
Transcription) says who speaks when, as diarization tools read it.
"""

import re
from collections.abc import Iterator

from api.answers.vote_sentences import nominal, told
from api.exports.script import TOLD, Chapter, Gap, Script, Speech, one_line
from api.views.wording import Who, extent, nameless
from ingest.french_dates import day
from ingest.text import clock

_PAUSE_MS = 500  # silence that parts two segments: the field's usual smoothing of references


def plain_text(script: Script, *, timecodes: bool) -> str:
    """The whole session; with `timecodes`, the clock before each speech that has a sound."""
    session = script.session
    with_clocks = timecodes and session.is_recorded
    about = f"{session.body}, {day(session.date)}, {extent(session)}"
    blocks = [f"{session.title}\n{about}\n{script.state}"]
    for chapter in script.chapters:
        blocks += _chapter(chapter, with_clocks=with_clocks)
    return "\n\n".join(blocks) + "\n"


def _chapter(chapter: Chapter, *, with_clocks: bool) -> Iterator[str]:
    if chapter.heading:
        yield chapter.heading
    speaks: Who | None = None
    for entry in chapter.entries:
        at = f"[{clock(entry.start_ms)}] " if with_clocks else ""
        if isinstance(entry, Gap):
            speaks = None
            yield f"{at}[{TOLD[entry.why]}]"
        else:
            yield at + _paragraph(entry, named=entry.who != speaks)
            speaks = entry.who
    for vote in chapter.votes:
        yield f"[Décision : {told(vote)}]"
        if vote.ballots:
            yield f"[Vote nominal. {one_line(nominal(vote))}]"


def _paragraph(speech: Speech, *, named: bool) -> str:
    who = speech.who
    if not named or (not who.known and speech.label is None):
        return speech.text
    role = f", {who.role}" if who.role else ""
    group = f" ({who.group})" if who.group else ""
    return f"{who.name}{role}{group} : {speech.text}"


def rttm(script: Script) -> str:
    """Who speaks when: a line for each run of words without a pause, by start."""
    labels = (turn.speaker for turn in script.transcript.turns)
    numbers = nameless(labels, script.transcript.speakers)
    file = _bare(script.session.id)
    lines = []
    for speech in script.speeches:
        name = _name(speech, numbers)
        lines += [(start, end, name) for start, end in _segments(speech)]
    return "".join(
        f"SPEAKER {file} 1 {_s(start)} {_s(end - start)} <NA> <NA> {name} <NA> <NA>\n"
        for start, end, name in sorted(lines)
    )


def _s(ms: int) -> str:
    return f"{ms / 1000:.3f}"


def _segments(speech: Speech) -> Iterator[tuple[int, int]]:
    start_ms, end_ms = speech.start_ms, speech.words[0].end_ms
    for word in speech.words[1:]:
        if word.start_ms - end_ms >= _PAUSE_MS:
            yield start_ms, end_ms
            start_ms = word.start_ms
        end_ms = max(end_ms, word.end_ms)
    yield start_ms, end_ms


def _name(speech: Speech, numbers: dict[str, int]) -> str:
    if speech.who.known:
        return _bare(speech.who.name)
    return f"Voix_{numbers[speech.label]}" if speech.label in numbers else "Inconnu"


def _bare(name: str) -> str:
    """A name as one field: no white space, nothing that reads as an empty field."""
    return re.sub(r"\s+", "_", name.replace("<", "‹").replace(">", "›")) or "Inconnu"
