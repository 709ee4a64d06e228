"""A session as schema.org tells it to search engines: event, sound, points, speakers. Pure.

JSON-LD. The words are not in it: they stand on the page, which it names.
"""

import json
from collections.abc import Iterator
from typing import Any

from api.exports.script import Script
from api.exports.standards.house import House, iso_duration


def schema_org(script: Script, house: House) -> str:
    """The session as one `Event`."""
    session = script.session
    names = (speech.who.name for speech in script.speeches if speech.who.known)
    city = {"@type": "City", "name": house.city}
    event = {
        "@context": "https://schema.org",
        "@type": "Event",
        "@id": house.page(session.id),
        "url": house.page(session.id),
        "name": session.title,
        "description": script.state,
        "startDate": session.date.isoformat(),
        "inLanguage": "fr",
        "location": city,
        "organizer": {
            "@type": "GovernmentOrganization",
            "name": session.body,
            "areaServed": city,
        },
        "performer": [{"@type": "Person", "name": name} for name in dict.fromkeys(names)],
        "subEvent": [
            {"@type": "Event", "name": chapter.heading, "startDate": session.date.isoformat()}
            for chapter in script.chapters
            if chapter.item
        ],
    }
    if session.has_audio:
        event["recordedIn"] = _recording(script, house)
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n"


def _recording(script: Script, house: House) -> dict[str, Any]:
    session = script.session
    recording = {
        "@type": "AudioObject",
        "name": session.title,
        "contentUrl": house.sound(session.id),
        "encodingFormat": "audio/mpeg",
        "duration": iso_duration(session.duration_ms),
        "uploadDate": session.date.isoformat(),
        "hasPart": list(_clips(script, house)),
    }
    if licence := house.licence_url or house.licence:
        recording["license"] = licence
    return recording


def _clips(script: Script, house: House) -> Iterator[dict[str, Any]]:
    """The stretch of each point of the agenda that has words."""
    for chapter in script.chapters:
        if chapter.item and chapter.entries:
            start, end = chapter.entries[0].start_ms, chapter.entries[-1].end_ms
            yield {
                "@type": "Clip",
                "name": chapter.heading,
                "startOffset": start / 1000,
                "endOffset": end / 1000,
                "url": house.moment(script.session.id, start, end),
            }
