"""A session as a component of a ParlaMint corpus, which others' tools search and annotate. Pure.

ParlaMint narrows TEI: one licence, CC BY 4.0; whole addresses; no time line; speakers by their role
alone, for persons stand in the corpus's root (`parlamint_corpus`). An utterance's `source` leads to
its sound instead. See `tei` for people and times in one file.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date

from lxml import etree

from api.exports.script import Chapter, Gap, Script, Speech, clean
from api.exports.standards.house import House, identifier, iso_duration, written
from api.exports.standards.tei import ELEMENT as E
from api.exports.standards.tei import ID, LANGUAGE, NAMESPACE, decision, extent, gap, sizes
from api.views.links import slug
from api.views.wording import Who
from ingest.errors import BadInput
from ingest.text import fold

LICENCE = (
    "http://creativecommons.org/licenses/by/4.0/"  # the schema has this text, letter by letter
)
_CC_BY = re.compile(r"https?://creativecommons\.org/licenses/by/4\.0\b")
# From which day on a session is of which subcorpus, by ParlaMint's taxonomy of them: 2020-01-31 is
# WHO's emergency, 2022-02-24 the invasion of Ukraine. What is of the war is of the first as well.
_SUBCORPORA = ((date(2022, 2, 24), "#covid #war"), (date(2020, 1, 31), "#covid"))
_MEETING = "#parla.local #parla.meeting"  # of its categories of parliaments


def suits(house: House) -> bool:
    """May what this city publishes stand in such a corpus?"""
    named = house.licence == "CC BY 4.0" or _CC_BY.match(house.licence_url or "")
    return bool(house.address and named)


def check(house: House) -> None:
    """Raise `BadInput` where the city does not suit ParlaMint."""
    if not suits(house):
        raise BadInput(
            "ParlaMint demande la licence CC BY 4.0 et des adresses entières : réglez "
            "VERBATIM_DATA_LICENCE et VERBATIM_ADDRESS, ou prenez la séance en tei.xml."
        )


def corpus_name(house: House) -> str:
    """What the city's corpus is called: `ParlaMint-CH-rivemont`."""
    return identifier(f"ParlaMint-{house.country.upper()}", house.city)


def parlamint(script: Script, house: House) -> str:
    """The whole session as a document. Raises `BadInput` where the city does not suit it."""
    return written(component(script, house))


def component(script: Script, house: House) -> etree._Element:
    """The same as an element, whose identifier names its file. Raises as `parlamint` does."""
    check(house)
    name = f"{corpus_name(house)}_{slug(script.session.id)}"
    chapters = script.chapters or (Chapter(None, ()),)
    divisions = enumerate(chapters, 1)
    body = E.body(*(_division(script, house, f"{name}.u{n}", one) for n, one in divisions))
    scope = next((s for since, s in _SUBCORPORA if since <= script.session.date), "#reference")
    text = E.text(body, ana=scope)
    document = E.TEI(_header(script, house, text), text, ana=scope)
    document.set(ID, name)
    document.set(LANGUAGE, "fr")
    return document


def _header(script: Script, house: House, text: etree._Element) -> etree._Element:
    session = script.session
    day = session.date.isoformat()
    described = E.fileDesc(
        E.titleStmt(
            E.title(line(session.title), type="main"),
            E.meeting(
                line(session.body),
                n=session.id,
                ana=_MEETING,
                corresp=f"#{identifier('body', session.body)}",
            ),
        ),
        E.editionStmt(E.edition("1.0")),
        extent(sizes(script)),
        E.publicationStmt(
            E.publisher(E.orgName(line(house.city))),
            E.idno(house.page(session.id), type="URI"),
            E.availability(E.licence(LICENCE), E.p(script.state), status="free"),
            E.date(day, when=day),
        ),
        _source(script, house),
    )
    used = Counter(etree.QName(element).localname for element in text.iter())
    encoding = E.encodingDesc(E.projectDesc(E.p(script.state)), tags(used))
    setting = E.setting(E.name(line(house.city), type="city"), E.date(day, when=day))
    return E.teiHeader(described, encoding, E.profileDesc(E.settingDesc(setting)))


def tags(used: Mapping[str, int]) -> etree._Element:
    """How many there are of each element."""
    usage = (E.tagUsage(gi=name, occurs=str(times)) for name, times in sorted(used.items()))
    return E.tagsDecl(E.namespace(*usage, name=NAMESPACE))


def _source(script: Script, house: House) -> etree._Element:
    session = script.session
    day = session.date.isoformat()
    source = E.sourceDesc(
        E.bibl(
            E.title(line(session.title)),
            E.idno(house.page(session.id), type="URI"),
            E.date(day, when=day),
        )
    )
    if session.has_audio:
        heard = E.media(mimeType="audio/mpeg", url=house.sound(session.id))
        lasting = iso_duration(session.duration_ms)
        source.append(E.recordingStmt(E.recording(heard, type="audio", dur=lasting)))
    return source


def _division(script: Script, house: House, name: str, chapter: Chapter) -> etree._Element:
    """A point with what is said under it; one without a speech is a section of comments."""
    is_debated = any(isinstance(entry, Speech) for entry in chapter.entries)
    division = E.div(type="debateSection" if is_debated else "commentSection")
    if chapter.item and chapter.item.number:
        division.set("n", chapter.item.number)
    if chapter.heading:
        division.append(E.head(line(chapter.item.title if chapter.item else chapter.heading)))
    division.extend(_said(house, script, name, chapter))
    division.extend(map(decision, chapter.votes))
    if not len(division) or division[-1].tag == f"{{{NAMESPACE}}}head":
        division.append(E.note(script.state, type="comment"))
    return division


def _said(house: House, script: Script, name: str, chapter: Chapter) -> Iterator[etree._Element]:
    for at, entry in enumerate(chapter.entries, 1):
        if isinstance(entry, Gap):
            yield gap(entry)
        else:
            yield _utterance(house, script, f"{name}-{at}", entry)


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


def line(text: str) -> str:
    """A text on one line, which ParlaMint wants neither empty nor with spaces around it."""
    return " ".join(clean(text).split()) or "–"
