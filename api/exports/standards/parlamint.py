"""A session as a component of a ParlaMint corpus, which others' tools search and annotate. Pure.

ParlaMint narrows TEI: one licence, CC BY 4.0; whole addresses; no time line; speakers by their role
alone, for persons stand in the corpus's own file, which is made by who gathers many sessions. An
utterance's `source` leads to its sound instead. See `tei` for people and times in one file.
"""

import re
from collections import Counter
from collections.abc import Iterator

from lxml import etree

from api.exports.script import Chapter, Gap, Script, Speech, clean
from api.exports.standards.house import House, identifier, iso_duration, written
from api.exports.standards.tei import ELEMENT as E
from api.exports.standards.tei import ID, LANGUAGE, NAMESPACE, decision, gap, measures
from api.views.wording import Who
from ingest.errors import BadInput
from ingest.text import fold

LICENCE = (
    "http://creativecommons.org/licenses/by/4.0/"  # the schema has this text, letter by letter
)
_CC_BY = re.compile(r"https?://creativecommons\.org/licenses/by/4\.0\b")
_SCOPE = "#reference"  # the corpus's part: ParlaMint has another for the years of a pandemic
_MEETING = "#parla.local #parla.meeting"  # of its categories of parliaments


def suits(house: House) -> bool:
    """May what this city publishes stand in such a corpus?"""
    named = house.licence == "CC BY 4.0" or _CC_BY.match(house.licence_url or "")
    return bool(house.address and named)


def parlamint(script: Script, house: House) -> str:
    """The whole session as a document. Raises `BadInput` where the city does not suit it."""
    if not suits(house):
        raise BadInput(
            "ParlaMint demande la licence CC BY 4.0 et des adresses entières : réglez "
            "VERBATIM_DATA_LICENCE et VERBATIM_ADDRESS, ou prenez la séance en tei.xml."
        )
    chapters = script.chapters or (Chapter(None, ()),)
    body = E.body(*(_division(script, house, n, one) for n, one in enumerate(chapters, 1)))
    text = E.text(body, ana=_SCOPE)
    document = E.TEI(_header(script, house, text), text, ana=_SCOPE)
    document.set(ID, f"ParlaMint-{house.country.upper()}_{identifier('seance', script.session.id)}")
    document.set(LANGUAGE, "fr")
    return written(document)


def _header(script: Script, house: House, text: etree._Element) -> etree._Element:
    session = script.session
    day = session.date.isoformat()
    described = E.fileDesc(
        E.titleStmt(
            E.title(_line(session.title), type="main"),
            E.meeting(_line(session.body), n=session.id, ana=_MEETING),
        ),
        E.editionStmt(E.edition("1.0")),
        E.extent(*measures(script)),
        E.publicationStmt(
            E.publisher(E.orgName(_line(house.city))),
            E.idno(house.page(session.id), type="URI"),
            E.availability(E.licence(LICENCE), E.p(script.state), status="free"),
            E.date(day, when=day),
        ),
        _source(script, house),
    )
    used = Counter(etree.QName(element).localname for element in text.iter())
    usage = (E.tagUsage(gi=name, occurs=str(times)) for name, times in sorted(used.items()))
    encoding = E.encodingDesc(
        E.projectDesc(E.p(script.state)), E.tagsDecl(E.namespace(*usage, name=NAMESPACE))
    )
    setting = E.setting(E.name(_line(house.city), type="city"), E.date(day, when=day))
    return E.teiHeader(described, encoding, E.profileDesc(E.settingDesc(setting)))


def _source(script: Script, house: House) -> etree._Element:
    session = script.session
    day = session.date.isoformat()
    source = E.sourceDesc(
        E.bibl(
            E.title(_line(session.title)),
            E.idno(house.page(session.id), type="URI"),
            E.date(day, when=day),
        )
    )
    if session.has_audio:
        heard = E.media(mimeType="audio/mpeg", url=house.sound(session.id))
        lasting = iso_duration(session.duration_ms)
        source.append(E.recordingStmt(E.recording(heard, type="audio", dur=lasting)))
    return source


def _division(script: Script, house: House, number: int, chapter: Chapter) -> etree._Element:
    """A point with what is said under it; one without a speech is a section of comments."""
    is_debated = any(isinstance(entry, Speech) for entry in chapter.entries)
    division = E.div(type="debateSection" if is_debated else "commentSection")
    if chapter.item and chapter.item.number:
        division.set("n", chapter.item.number)
    if chapter.heading:
        division.append(E.head(_line(chapter.item.title if chapter.item else chapter.heading)))
    division.extend(_said(house, script, number, chapter))
    division.extend(map(decision, chapter.votes))
    if not len(division) or division[-1].tag == f"{{{NAMESPACE}}}head":
        division.append(E.note(script.state, type="comment"))
    return division


def _said(house: House, script: Script, number: int, chapter: Chapter) -> Iterator[etree._Element]:
    for at, entry in enumerate(chapter.entries, 1):
        if isinstance(entry, Gap):
            yield gap(entry)
        else:
            yield _utterance(house, script, f"u-{number}-{at}", entry)


def _utterance(house: House, script: Script, name: str, speech: Speech) -> etree._Element:
    words = E.seg(speech.text)
    if speech.language:
        words.set(LANGUAGE, speech.language)
    utterance = E.u(words, ana=_role(speech.who))
    utterance.set(ID, name)
    if speech.who.known:
        utterance.set("who", f"#{identifier('person', speech.who.name)}")
    if script.session.is_recorded:
        moment = house.moment(script.session.id, speech.start_ms, speech.end_ms)
        utterance.set("source", moment)
    return utterance


def _role(who: Who) -> str:
    """One of ParlaMint's three kinds of speakers: who presides, who sits, who does neither."""
    if fold(who.role).startswith("president"):
        return "#chair"
    return "#regular" if who.office else "#guest"


def _line(text: str) -> str:
    """A text on one line, which ParlaMint wants neither empty nor with spaces around it."""
    return " ".join(clean(text).split()) or "–"
