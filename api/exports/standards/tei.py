"""A session as TEI, by the rules of Parla-CLARIN, the form of corpora of debates. Pure.

Times stand on a timeline of milliseconds. ParlaMint narrows Parla-CLARIN to one licence and to
categories of parliaments, which a city's council does not have.
"""

from collections.abc import Iterator

from lxml import etree
from lxml.builder import ElementMaker

from api.answers.vote_sentences import told
from api.exports.script import TOLD, Chapter, Gap, Script, Speech, Why, clean
from api.exports.standards.house import House, identifier, iso_duration, written
from api.views.wording import Who

NAMESPACE = "http://www.tei-c.org/ns/1.0"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_ID, _LANGUAGE = f"{_XML}id", f"{_XML}lang"
_E = ElementMaker(namespace=NAMESPACE, nsmap={None: NAMESPACE})


def tei(script: Script, house: House) -> str:
    """The whole session as a document."""
    chapters = script.chapters or (Chapter(None, ()),)
    body = _E.body(*(_division(script, n, chapter) for n, chapter in enumerate(chapters, 1)))
    text = _E.text(*_timeline(script), body)
    document = _E.TEI(_header(script, house), text)
    document.set(_ID, identifier("seance", script.session.id))
    document.set(_LANGUAGE, "fr")
    return written(document)


def _header(script: Script, house: House) -> etree._Element:
    session = script.session
    day = {"when": session.date.isoformat()}
    described = _E.fileDesc(
        _E.titleStmt(_E.title(session.title, type="main"), _E.meeting(session.body, n=session.id)),
        _E.extent(*_measures(script)),
        _E.publicationStmt(
            _E.publisher(clean(house.city)),
            _E.idno(house.page(session.id), type="URI"),
            _availability(script, house),
            _E.date(session.date.isoformat(), day),
        ),
        _source(script, house),
    )
    setting = _E.setting(_E.name(clean(house.city), type="city"), _E.date(day["when"], day))
    profile = _E.profileDesc(_E.settingDesc(setting))
    people = list(_people(script))
    if people:
        profile.append(_E.particDesc(_E.listPerson(*people)))
    return _E.teiHeader(described, _E.encodingDesc(_E.projectDesc(_E.p(script.state))), profile)


def _measures(script: Script) -> Iterator[etree._Element]:
    speeches = script.speeches
    words = sum(len(speech.words) for speech in speeches)
    for unit, count in (("speeches", len(speeches)), ("words", words)):
        yield _E.measure(str(count), unit=unit, quantity=str(count))


def _availability(script: Script, house: House) -> etree._Element:
    if house.licence is None:
        return _E.availability(_E.p(script.state), status="unknown")
    licence = _E.licence(clean(house.licence))
    if house.licence_url:
        licence.set("target", house.licence_url)
    return _E.availability(licence, status="free")


def _source(script: Script, house: House) -> etree._Element:
    session = script.session
    if not session.is_recorded:
        return _E.sourceDesc(_E.p(script.state))
    heard = _E.media(mimeType="audio/mpeg", url=house.sound(session.id))
    recording = _E.recording(
        heard if session.has_audio else _E.p(script.state),
        type="audio",
        dur=iso_duration(session.duration_ms),
    )
    return _E.sourceDesc(_E.recordingStmt(recording))


def _people(script: Script) -> Iterator[etree._Element]:
    """Each speaker once; voices without a name too, each a person of its own."""
    speakers: dict[str, Who] = {}
    for speech in script.speeches:
        speakers.setdefault(identifier("person", speech.who.name), speech.who)
    for name, who in speakers.items():
        person = _E.person(_E.persName(who.name))
        person.set(_ID, name)
        if who.office:
            person.append(_E.affiliation(who.office))
        yield person


def _timeline(script: Script) -> Iterator[etree._Element]:
    """The start and end of each speech, in milliseconds since the start; none without sound."""
    if not script.session.is_recorded:
        return
    moments = sorted({ms for speech in script.speeches for ms in (speech.start_ms, speech.end_ms)})
    line = _E.timeline(unit="ms", origin="#T")
    for name, since in [("T", None), *((f"T{moment}", moment) for moment in moments)]:
        when = _E.when()
        when.set(_ID, name)
        if since is not None:
            when.set("interval", str(since))
            when.set("since", "#T")
        line.append(when)
    yield line


def _division(script: Script, number: int, chapter: Chapter) -> etree._Element:
    division = _E.div(type="debateSection")
    if chapter.item and chapter.item.number:
        division.set("n", chapter.item.number)
    if chapter.heading:
        division.append(_E.head(chapter.item.title if chapter.item else chapter.heading))
    for at, entry in enumerate(chapter.entries, 1):
        if isinstance(entry, Gap):
            reason = "inaudible" if entry.why is Why.UNHEARD else "editorial"
            division.append(_E.gap(_E.desc(TOLD[entry.why]), reason=reason))
        else:
            division.append(_utterance(script, f"u-{number}-{at}", entry))
    for vote in chapter.votes:
        division.append(_E.note(clean(f"Décision : {told(vote)}."), type="vote"))
    if not len(division):
        division.append(_E.note(script.state, type="comment"))
    return division


def _utterance(script: Script, name: str, speech: Speech) -> etree._Element:
    words = _E.seg(speech.text)
    if speech.language:
        words.set(_LANGUAGE, speech.language)
    utterance = _E.u(words, who=f"#{identifier('person', speech.who.name)}")
    utterance.set(_ID, name)
    if script.session.is_recorded:
        utterance.set("start", f"#T{speech.start_ms}")
        utterance.set("end", f"#T{speech.end_ms}")
    return utterance
