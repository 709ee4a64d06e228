"""A session as data, in a form that is documented: `transcript.schema.json` beside this module.

Pure. For programs that keep it: what a field means does not change under one `version`.
"""

import json
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from typing import Any

from api.answers.vote_sentences import told
from api.exports.script import Gap, Script, one_line
from api.views.wording import Who, erasure, nameless, who
from ingest.transcript import Speaker, Turn
from search.votes.vote import Vote

FORMAT, VERSION = "verbatim-transcript", 1


@cache
def schema() -> str:
    """The JSON Schema (2020-12) of what `transcript_json` writes."""
    return (files("api.exports") / "transcript.schema.json").read_text(encoding="utf-8")


def transcript_json(script: Script) -> str:
    """The whole session: who, when, every word, gaps, agenda, decisions."""
    session, transcript = script.session, script.transcript
    spoken = [turn for turn in transcript.turns if turn.words]
    generator, reviewed = transcript.generator, session.reviewed
    document = {
        "format": FORMAT,
        "version": VERSION,
        "session": _session(script),
        "state": script.state,
        "reviewed": (
            {"by": one_line(reviewed.by), "on": reviewed.at.date().isoformat()}
            if reviewed
            else None
        ),
        "reading": asdict(session.reading),
        "made_by": {"transcriber": generator.transcriber, "diarizer": generator.diarizer},
        "agenda": [
            {"number": i.number, "title": i.title, "object": i.object, "start_ms": i.start_ms}
            for i in session.agenda
        ],
        "speakers": [_speaker(script, s, n) for s, n in _heard(script, spoken)],
        "turns": [_turn(turn) for turn in spoken],
        "gaps": [
            {"why": entry.why.value, "start_ms": entry.start_ms, "end_ms": entry.end_ms}
            for entry in script.entries
            if isinstance(entry, Gap)
        ],
        "votes": [_vote(script, vote) for chapter in script.chapters for vote in chapter.votes],
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"


def _session(script: Script) -> dict[str, Any]:
    session, erased = script.session, erasure(script.session)
    return {
        "id": session.id,
        "title": session.title,
        "date": session.date.isoformat(),
        "body": session.body,
        "has_audio": session.has_audio,
        "sound_erased": erased.on if erased else None,
        "duration_ms": session.duration_ms if session.is_recorded else None,
        "parts": [
            {"offset_ms": part.offset_ms, "duration_ms": part.duration_ms} for part in session.parts
        ],
    }


def _heard(script: Script, spoken: list[Turn]) -> list[tuple[Speaker, int | None]]:
    """The voices that speak, in the order in which they do, with the numbers of nameless ones."""
    voices = script.transcript.speakers
    labels = [label for label in dict.fromkeys(turn.speaker for turn in spoken) if label]
    numbers = nameless(labels, voices)
    known = {speaker.label: speaker for speaker in voices}
    return [(known.get(label, Speaker(label)), numbers.get(label)) for label in labels]


def _speaker(script: Script, speaker: Speaker, number: int | None) -> dict[str, Any]:
    shown: Who = who(script.session, speaker.person, number)
    return {
        "label": speaker.label,
        "name": one_line(shown.name),
        "known": shown.known,
        "role": one_line(shown.role),
        "group": one_line(shown.group),
    }


def _turn(turn: Turn) -> dict[str, Any]:
    return {
        "index": turn.index,
        "revision": turn.revision,
        "speaker": turn.speaker,
        "language": turn.language,
        "start_ms": turn.start_ms,
        "end_ms": max(word.end_ms for word in turn.words),
        "text": turn.text,
        "words": [[w.start_ms, w.end_ms, w.text, round(w.confidence, 3)] for w in turn.words],
    }


def _vote(script: Script, vote: Vote) -> dict[str, Any]:
    return {
        "told": told(vote),
        "said": vote.said,
        "outcome": vote.outcome.value,
        "object": vote.object,
        "mover": vote.mover,
        "yes": vote.yes,
        "no": vote.no,
        "abstentions": vote.abstentions,
        "unanimous": vote.unanimous,
        "unsure": vote.unsure,
        "ballots": {side: list(names) for side, names in asdict(vote.ballots).items()},
        "committee": vote.committee,
        "confirmed": vote.confirmed,
        "turn": script.transcript.places[vote.turn],
        "start_ms": vote.start_ms,
        "end_ms": vote.end_ms,
    }
