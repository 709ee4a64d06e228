"""A session as TEI, by the rules of Parla-CLARIN, the form of corpora of debates. Pure.

Times stand on a timeline of milliseconds. `parlamint` is narrower.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from lxml import etree
from lxml.builder import ElementMaker

from api.answers.vote_sentences import told
from api.exports.script import TOLD, Chapter, Gap, GapReason, Script, Speech, one_line
from api.exports.standards.house import House, iso_duration, xml_id, xml_text
from api.views.wording import Who
from search.votes.vote import Vote

NAMESPACE = "http://www.tei-c.org/ns/1.0"
_XML = "{http://www.w3.org/XML/1998/namespace}"
ID, LANGUAGE = f"{_XML}id", f"{_XML}lang"
ELEMENT = ElementMaker(namespace=NAMESPACE, nsmap={None: NAMESPACE})


def tei(script: Script, house: House) -> str:
    """The whole session as a document."""
    chapters = script.chapters or (Chapter(None, ()),)
    body = ELEMENT.body(*(_division(script, n, chapter) for n, chapter in enumerate(chapters, 1)))
    text = ELEMENT.text(*_timeline(script), body)
    document = ELEMENT.TEI(_header(script, house), text)
    document.set(ID, xml_id("seance", script.session.id))
    document.set(LANGUAGE, "fr")
    return xml_text(document)


def _header(script: Script, house: House) -> etree._Element:
    session = script.session
    day = {"when": session.date.isoformat()}
    described = ELEMENT.fileDesc(
        ELEMENT.titleStmt(
            ELEMENT.title(session.title, type="main"), ELEMENT.meeting(session.body, n=session.id)
        ),
        extent(sizes(script)),
        ELEMENT.publicationStmt(
            ELEMENT.publisher(one_line(house.city)),
            ELEMENT.idno(house.page(session.id), type="URI"),
            _availability(script, house),
            ELEMENT.date(session.date.isoformat(), day),
        ),
        _source(script, house),
    )
    setting = ELEMENT.setting(
        ELEMENT.name(one_line(house.city), type="city"), ELEMENT.date(day["when"], day)
    )
    profile = ELEMENT.profileDesc(ELEMENT.settingDesc(setting))
    people = list(_people(script))
    if people:
        profile.append(ELEMENT.particDesc(ELEMENT.listPerson(*people)))
    return ELEMENT.teiHeader(
        described, ELEMENT.encodingDesc(ELEMENT.projectDesc(ELEMENT.p(script.state))), profile
    )


def sizes(script: Script) -> Counter[str]:
    """How many speeches and words a session has."""
    speeches = script.speeches
    words = sum(len(speech.words) for speech in speeches)
    return Counter(speeches=len(speeches), words=words)


def extent(counts: Mapping[str, int]) -> etree._Element:
    """What `sizes` counts."""
    return ELEMENT.extent(
        *(
            ELEMENT.measure(str(count), unit=unit, quantity=str(count))
            for unit, count in counts.items()
        )
    )


def _availability(script: Script, house: House) -> etree._Element:
    if house.licence is None:
        return ELEMENT.availability(ELEMENT.p(script.state), status="unknown")
    licence = ELEMENT.licence(one_line(house.licence))
    if house.licence_url:
        licence.set("target", house.licence_url)
    return ELEMENT.availability(licence, status="free")


def _source(script: Script, house: House) -> etree._Element:
    session = script.session
    if not session.is_recorded:
        return ELEMENT.sourceDesc(ELEMENT.p(script.state))
    heard = ELEMENT.media(mimeType="audio/mpeg", url=house.sound(session.id))
    recording = ELEMENT.recording(
        heard if session.has_audio else ELEMENT.p(script.state),
        type="audio",
        dur=iso_duration(session.duration_ms),
    )
    return ELEMENT.sourceDesc(ELEMENT.recordingStmt(recording))


def _people(script: Script) -> Iterator[etree._Element]:
    """Each speaker once; voices without a name too, each a person of its own."""
    speakers: dict[str, Who] = {}
    for speech in script.speeches:
        speakers.setdefault(xml_id("person", speech.who.name), speech.who)
    for name, who in speakers.items():
        person = ELEMENT.person(ELEMENT.persName(who.name))
        person.set(ID, name)
        if who.office:
            person.append(ELEMENT.affiliation(who.office))
        yield person


def _timeline(script: Script) -> Iterator[etree._Element]:
    """The start and end of each speech, in milliseconds since the start; none without sound."""
    if not script.session.is_recorded:
        return
    moments = sorted({ms for speech in script.speeches for ms in (speech.start_ms, speech.end_ms)})
    line = ELEMENT.timeline(unit="ms", origin="#T")
    for name, since in [("T", None), *((f"T{moment}", moment) for moment in moments)]:
        when = ELEMENT.when()
        when.set(ID, name)
        if since is not None:
            when.set("interval", str(since))
            when.set("since", "#T")
        line.append(when)
    yield line


def _division(script: Script, number: int, chapter: Chapter) -> etree._Element:
    division = ELEMENT.div(type="debateSection")
    if chapter.item and chapter.item.number:
        division.set("n", chapter.item.number)
    if chapter.heading:
        division.append(ELEMENT.head(chapter.item.title if chapter.item else chapter.heading))
    for at, entry in enumerate(chapter.entries, 1):
        if isinstance(entry, Gap):
            division.append(gap(entry))
        else:
            division.append(_utterance(script, f"u-{number}-{at}", entry))
    division.extend(map(decision, chapter.votes))
    if not len(division):
        division.append(ELEMENT.note(script.state, type="comment"))
    return division


def gap(entry: Gap) -> etree._Element:
    """What has no words, and why."""
    reason = "inaudible" if entry.why is GapReason.UNHEARD else "editorial"
    return ELEMENT.gap(ELEMENT.desc(TOLD[entry.why]), reason=reason)


def decision(vote: Vote) -> etree._Element:
    """What was decided, in a sentence."""
    return ELEMENT.note(one_line(f"Décision : {told(vote)}."), type="vote")


def _utterance(script: Script, name: str, speech: Speech) -> etree._Element:
    words = ELEMENT.seg(speech.text)
    if speech.language:
        words.set(LANGUAGE, speech.language)
    utterance = ELEMENT.u(words, who=f"#{xml_id('person', speech.who.name)}")
    utterance.set(ID, name)
    if script.session.is_recorded:
        utterance.set("start", f"#T{speech.start_ms}")
        utterance.set("end", f"#T{speech.end_ms}")
    return utterance
