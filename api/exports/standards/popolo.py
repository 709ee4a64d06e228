"""A session as Popolo: persons, organizations, memberships, event, speeches, vote events. Pure.

One JSON object with a list of each class, as programs of civic technology exchange them.
"""

import json
from collections.abc import Iterator
from typing import Any

from api.answers.vote_sentences import told
from api.exports.script import TOLD, Chapter, Gap, Script, Speech, one_line
from api.exports.standards.house import House, xml_id
from api.views.links import links
from api.views.wording import Who
from search.filters import Outcome
from search.votes.vote import Vote

_RESULTS = {Outcome.ACCEPTED: "pass", Outcome.REFUSED: "fail", Outcome.TIED: "fail"}


def popolo(script: Script, house: House) -> str:
    """The whole session as JSON. Popolo's `result` has two values; others are the product's own."""
    speakers: dict[str, Who] = {}
    for speech in script.speeches:
        if speech.who.known:
            speakers.setdefault(speech.who.name, speech.who)
    groups = dict.fromkeys(who.group for who in speakers.values() if who.group)
    body = _body(script)
    votes = [vote for chapter in script.chapters for vote in chapter.votes]
    document = {
        "persons": [{"id": _person(name), "name": name} for name in speakers],
        "organizations": [
            {"id": body, "name": script.session.body, "classification": "council"},
            *({"id": _group(one), "name": one, "classification": "party"} for one in groups),
        ],
        "memberships": list(_memberships(script, speakers)),
        "events": list(_events(script, house)),
        "motions": [_motion(script, n, vote) for n, vote in enumerate(votes, 1)],
        "vote_events": [_vote_event(script, house, n, vote) for n, vote in enumerate(votes, 1)],
        "speeches": list(_speeches(script, house)),
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"


def _person(name: str) -> str:
    return xml_id("person", name)


def _group(name: str) -> str:
    return xml_id("group", name)


def _body(script: Script) -> str:
    return xml_id("body", script.session.body)


def _memberships(script: Script, speakers: dict[str, Who]) -> Iterator[dict[str, Any]]:
    for name, who in speakers.items():
        yield {
            "person_id": _person(name),
            "organization_id": _body(script),
            "role": who.role or None,
            "on_behalf_of_id": _group(who.group) if who.group else None,
        }


def _events(script: Script, house: House) -> Iterator[dict[str, Any]]:
    """The session, then each point of its agenda."""
    session, day = script.session, script.session.date.isoformat()
    yield {
        "id": session.id,
        "name": session.title,
        "description": script.state,
        "classification": "session",
        "start_date": day,
        "organization_id": _body(script),
        "sources": [{"url": house.page(session.id)}],
    }
    for number, chapter in enumerate(script.chapters, 1):
        if chapter.item:
            yield {
                "id": _item(script, number),
                "name": chapter.heading,
                "classification": "agenda item",
                "start_date": day,
                "parent_id": session.id,
            }


def _item(script: Script, number: int) -> str:
    return f"{script.session.id}/item-{number}"


def _speeches(script: Script, house: House) -> Iterator[dict[str, Any]]:
    """What was said, and what has no words, in order; each of its point of the agenda."""
    position = 0
    for number, chapter in enumerate(script.chapters, 1):
        for entry in chapter.entries:
            position += 1
            yield {
                "id": f"{script.session.id}/speech-{position}",
                "position": position,
                "event_id": _item(script, number) if chapter.item else script.session.id,
                **_said(script, house, chapter, entry),
            }


def _said(script: Script, house: House, chapter: Chapter, entry: Speech | Gap) -> dict[str, Any]:
    if isinstance(entry, Gap):
        return {"type": "narrative", "text": TOLD[entry.why]}
    session, who = script.session, entry.who
    sound = links(session, entry.start_ms, entry.end_ms).audio_mp3
    return {
        "type": "speech",
        "creator_id": _person(who.name) if who.known else None,
        "attribution_text": who.name,
        "role": who.role or None,
        "title": chapter.heading or None,
        "text": entry.text,
        "audio": house.address + sound if sound else None,
        "sources": [{"url": house.moment(session.id, entry.start_ms, entry.end_ms)}],
    }


def _motion(script: Script, number: int, vote: Vote) -> dict[str, Any]:
    return {
        "id": f"{script.session.id}/motion-{number}",
        "organization_id": None if vote.committee else _body(script),
        "identifier": vote.object,
        "classification": vote.subject.value,
        "text": one_line(vote.noun or vote.item),
        "result": _RESULTS.get(vote.outcome, vote.outcome.value),
    }


def _vote_event(script: Script, house: House, number: int, vote: Vote) -> dict[str, Any]:
    """A vote with its figures and ballots, where they were given; unconfirmed ones say so."""
    figures = (("yes", vote.yes), ("no", vote.no), ("abstain", vote.abstentions))
    names = (
        ("yes", vote.ballots.yes),
        ("no", vote.ballots.no),
        ("abstain", vote.ballots.abstentions),
    )
    return {
        "id": f"{script.session.id}/vote-{number}",
        "identifier": one_line(told(vote)),
        "motion_id": f"{script.session.id}/motion-{number}",
        "organization_id": None if vote.committee else _body(script),
        "legislative_session_id": script.session.id,
        "classification": "confirmed" if vote.confirmed else "announced",
        "result": _RESULTS.get(vote.outcome, vote.outcome.value),
        "counts": [{"option": side, "value": n} for side, n in figures if n is not None],
        "votes": [
            {"option": side, "voter_id": _person(name)} for side, given in names for name in given
        ],
        "sources": [{"url": house.moment(vote.session, vote.start_ms, vote.end_ms)}],
    }
