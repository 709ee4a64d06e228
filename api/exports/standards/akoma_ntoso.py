"""A session as an Akoma Ntoso 3 `debate` (OASIS LegalDocML), the form of parliaments. Pure.

Each speech names its speaker and bears a link to its moment; where the hour at which a part began
is known, the time of day too. What is withheld or was not understood is a `scene`, a decision a
`summary`.
"""

from collections.abc import Iterator
from datetime import timedelta

from lxml import etree
from lxml.builder import ElementMaker

from api.answers.vote_sentences import told
from api.exports.script import TOLD, Chapter, Gap, Script, Speech, one_line
from api.exports.standards.house import House, xml_id, xml_text
from ingest.text import clock
from ingest.transcript import Session

NAMESPACE = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0"
_E = ElementMaker(namespace=NAMESPACE, nsmap={None: NAMESPACE})
_SOURCE = "#verbatim"


def akoma_ntoso(script: Script, house: House) -> str:
    """The whole session as a document."""
    chapters = script.chapters or (Chapter(None, ()),)
    sections = [_section(script, house, n, chapter) for n, chapter in enumerate(chapters, 1)]
    debate = _E.debate(_meta(script, house), _E.debateBody(*sections), name="debate")
    return xml_text(_E.akomaNtoso(debate))


def _meta(script: Script, house: House) -> etree._Element:
    session = script.session
    work = f"/akn/{house.country}/debate/{session.date}/{xml_id('seance', session.id)}"
    text = f"{work}/fra@{session.date}"
    return _E.meta(
        _E.identification(
            _E.FRBRWork(*_core(session, work), _E.FRBRcountry(value=house.country)),
            _E.FRBRExpression(*_core(session, text), _E.FRBRlanguage(language="fra")),
            _E.FRBRManifestation(
                *_core(session, f"{text}.xml"), _E.FRBRformat(value="application/akn+xml")
            ),
            source=_SOURCE,
        ),
        _E.references(*_references(script, house), source=_SOURCE),
    )


def _core(session: Session, uri: str) -> tuple[etree._Element, ...]:
    return (
        _E.FRBRthis(value=f"{uri}/!main"),
        _E.FRBRuri(value=uri),
        _E.FRBRdate(date=session.date.isoformat(), name="session"),
        _E.FRBRauthor(href="#body"),
    )


def _references(script: Script, house: House) -> Iterator[etree._Element]:
    """The body, the product, and each person who speaks, once."""
    session = script.session
    yield _reference(_E.TLCOrganization, "body", f"{session.body}, {house.city}")
    yield _reference(_E.TLCOrganization, "verbatim", "Verbatim")
    for name in dict.fromkeys(speech.who.name for speech in script.speeches):
        yield _reference(_E.TLCPerson, xml_id("person", name), name)


def _reference(make: ElementMaker, name: str, shown: str) -> etree._Element:
    kind = "person" if name.startswith("person-") else "organization"
    return make(eId=name, href=f"/akn/ontology/{kind}/{name}", showAs=one_line(shown))


def _section(script: Script, house: House, number: int, chapter: Chapter) -> etree._Element:
    name = f"dbsect_{number}"
    kind = "agendaItem" if chapter.item else "opening" if number == 1 else "unspecified"
    section = _E.debateSection(name=kind, eId=name)
    if chapter.heading:
        section.append(_E.heading(chapter.heading))
    for at, entry in enumerate(chapter.entries, 1):
        if isinstance(entry, Gap):
            section.append(_E.scene(f"[{TOLD[entry.why]}]"))
        else:
            section.append(_speech(script.session, house, f"{name}__speech_{at}", entry))
    for vote in chapter.votes:
        section.append(_E.summary(one_line(f"Décision : {told(vote)}.")))
    return section


def _speech(session: Session, house: House, name: str, speech: Speech) -> etree._Element:
    start, end = speech.start_ms, speech.end_ms
    shown = clock(start) if session.is_recorded else speech.who.name
    link = _E.ref(shown, href=house.moment(session.id, start, end))
    by = f"#{xml_id('person', speech.who.name)}"
    # An imported text has no times: its link is its speaker's name.
    spoken_by = _E("from", f"{speech.who.name} ", link) if session.is_recorded else _E("from", link)
    element = _E.speech(spoken_by, _E.p(speech.text), by=by, eId=name)
    if moment := session.hour_at(start):
        element.set("startTime", moment.isoformat(timespec="seconds"))
        element.set("endTime", (moment + timedelta(milliseconds=end - start)).isoformat())
    return element
