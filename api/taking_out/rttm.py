"""Who speaks when, as diarization tools read it: RTTM (NIST Rich Transcription). Pure.

One line a stretch of speech: pauses of half a second part stretches, as words' times are that
exact. Names bear no spaces; a voice without a name is `Voix_1`, speech of nobody `Inconnu`.
"""

import re
from collections.abc import Iterator

from api.taking_out.script import Script, Speech
from api.wording import nameless

_PAUSE_MS = 500


def rttm(script: Script) -> str:
    """The lines, by start."""
    labels = (turn.speaker for turn in script.transcript.turns)
    numbers = nameless(labels, script.transcript.speakers)
    file = _bare(script.session.id)
    lines = []
    for entry in script.entries:
        if isinstance(entry, Speech):
            name = _name(entry, numbers)
            lines += [(start, end, name) for start, end in _stretches(entry)]
    return "".join(
        f"SPEAKER {file} 1 {_s(start)} {_s(end - start)} <NA> <NA> {name} <NA> <NA>\n"
        for start, end, name in sorted(lines)
    )


def _s(ms: int) -> str:
    return f"{ms / 1000:.3f}"


def _stretches(speech: Speech) -> Iterator[tuple[int, int]]:
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
