"""Sessions as a corpus of ParlaMint, which others' tools search and annotate. Pure.

ParlaMint narrows TEI: one licence, CC BY 4.0; whole addresses; no time line; speakers by their role
alone, for persons stand in the corpus's root. An utterance's `source` leads to its sound instead.
See `tei` for people and times in one file.

To make the root, sessions are handed in one after another, and only what it says of them is kept. A
name stands whole in a `term`: rosters do not separate family names. Roles are occupations.
Membership of a council is not stated, since rosters list its speakers; of a party it is.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date

from babel import Locale
from lxml import etree
from lxml.builder import ElementMaker

from api.exports.script import Chapter, Gap, Script, Speech, one_line
from api.exports.standards.house import House, iso_duration, xml_id, xml_text
from api.exports.standards.tei import ELEMENT as E
from api.exports.standards.tei import ID, LANGUAGE, NAMESPACE, decision, extent, gap, sizes
from api.views.links import slug
from api.views.wording import UNNAMED, Who
from ingest.errors import BadInput
from ingest.text import fold
from ingest.transcript import Person

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
    return xml_id(f"ParlaMint-{house.country.upper()}", house.city)


def parlamint(script: Script, house: House) -> str:
    """The whole session as a document. Raises `BadInput` where the city does not suit it."""
    return xml_text(component(script, house))


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
                corresp=f"#{xml_id('body', session.body)}",
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
        utterance.set("who", f"#{xml_id('person', speech.who.name)}")
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
    return " ".join(one_line(text).split()) or "–"


_XINCLUDE = "http://www.w3.org/2001/XInclude"
_INCLUDE = ElementMaker(namespace=_XINCLUDE).include
_ROOT = ElementMaker(namespace=NAMESPACE, nsmap={None: NAMESPACE, "xi": _XINCLUDE}).teiCorpus
_PROJECT = (
    "Séances publiées du conseil, d'après leur enregistrement ou leur procès-verbal. Chacune dit "
    "ce qui en a été relu. Le procès-verbal officiel fait foi."
)
_EDITORIAL = {
    "correction": "Les transcriptions sont automatiques ; une partie est relue et corrigée.",
    "normalization": "Aucune, hormis les espaces et les signes qui ne s'impriment pas.",
    "hyphenation": "Aucun mot n'est coupé en fin de ligne.",
    "quotation": "Les guillemets restent dans le texte, sans balise.",
    "segmentation": "Une intervention (u) est ce que dit une voix sous un point, en un segment.",
}
# Those of ParlaMint's categories that components name; their identifiers are the same in all
# corpora, their texts are ours. Taxonomy, its name, and name and text of each category.
_TAXONOMIES = {
    ("parla.legislature", "Assemblées"): {
        "parla.local": ("Assemblée locale", "conseil d'une commune"),
        "parla.meeting": ("Séance", "réunion de l'assemblée, d'un jour ou davantage"),
    },
    ("speaker_types", "Qui parle"): {
        "chair": ("Présidence", "qui dirige la séance"),
        "regular": ("Membre", "qui a un rôle ou un parti dans la liste de la séance"),
        "guest": ("Tiers", "qui n'y en a pas, ou dont le nom n'est pas connu"),
    },
    ("subcorpus", "Périodes"): {
        "reference": ("Référence", "jusqu'au 30 janvier 2020"),
        "covid": ("Covid-19", "dès le 31 janvier 2020, urgence déclarée par l'OMS"),
        "war": ("Guerre", "dès le 24 février 2022, invasion de l'Ukraine"),
    },
}


class ParlaMintCorpus:
    """A corpus in the making: `add` each session, then take its `root`."""

    def __init__(self, house: House, made: date) -> None:
        self._house = house
        self._made = made
        self._files: dict[str, date] = {}
        self._sizes: Counter[str] = Counter(speeches=0, words=0)
        self._tags: Counter[str] = Counter()
        self._languages = {"fr": None}
        self._bodies: dict[str, str] = {}
        self._groups: dict[str, str] = {}
        self._people: dict[str, tuple[str, dict[tuple[str, str], None]]] = {}

    @property
    def has_sessions(self) -> bool:
        """Is there something to include?"""
        return bool(self._files)

    def add(self, script: Script) -> tuple[str, bytes]:
        """A session's file: its name, and a component. Raises `BadInput` as `parlamint` does."""
        document = component(script, self._house)
        session = script.session
        name = f"{session.date.year}/{document.get(ID)}.xml"
        self._files[name] = session.date
        self._sizes.update(sizes(script))
        for usage in document.iter(f"{{{NAMESPACE}}}tagUsage"):
            self._tags[str(usage.get("gi"))] += int(usage.get("occurs", "0"))
        self._bodies.setdefault(xml_id("body", session.body), line(session.body))
        for person in session.roster:
            self._meet(person)
        for speech in script.speeches:
            self._languages.setdefault(speech.language or "fr")
            if speech.who.known:
                self._meet(Person(speech.who.name))
        return name, xml_text(document).encode()

    def _meet(self, person: Person) -> None:
        name, role, group = (
            line(text) if text else "" for text in (person.name, person.role, person.group)
        )
        if group:
            self._groups.setdefault(xml_id("group", group), group)
        known = self._people.setdefault(xml_id("person", name), (name, {}))
        known[1].setdefault((role, group))

    def root(self) -> tuple[str, bytes]:
        """The root's file: its name, and what includes all components. One session at least."""
        described = E.fileDesc(
            self._titles(),
            E.editionStmt(E.edition("1.0")),
            extent(self._sizes),
            E.publicationStmt(
                E.publisher(E.orgName(line(self._house.city))),
                E.idno(f"{self._house.address}/seances", type="URI"),
                E.availability(E.licence(LICENCE), E.p(_PROJECT), status="free"),
                E.date(self._made.isoformat(), when=self._made.isoformat()),
            ),
            self._source(),
        )
        encoding = E.encodingDesc(
            E.projectDesc(E.p(_PROJECT)),
            E.editorialDecl(*(E(kind, E.p(text)) for kind, text in _EDITORIAL.items())),
            tags(self._tags),
            E.classDecl(*(_taxonomy(*named, of) for named, of in _TAXONOMIES.items())),
        )
        profile = E.profileDesc(
            self._setting(), E.particDesc(self._organisations(), self._persons()), self._spoken()
        )
        included = (_INCLUDE(href=name) for name in sorted(self._files))
        document = _ROOT(E.teiHeader(described, encoding, profile), *included)
        document.set(ID, corpus_name(self._house))
        document.set(LANGUAGE, "fr")
        return f"{document.get(ID)}.xml", xml_text(document).encode()

    def _titles(self) -> etree._Element:
        """ParlaMint asks who is responsible and who funds: the city, which publishes."""
        city = line(self._house.city)
        return E.titleStmt(
            E.title(f"Séances publiées : {city}", type="main"),
            E.respStmt(E.persName(city), E.resp("Publication des séances")),
            E.funder(E.orgName(city)),
        )

    def _source(self) -> etree._Element:
        address = f"{self._house.address}/seances"
        title = E.title(f"Séances publiées : {line(self._house.city)}")
        return E.sourceDesc(E.bibl(title, E.idno(address, type="URI"), self._period()))

    def _setting(self) -> etree._Element:
        country = self._house.country.upper()
        return E.settingDesc(
            E.setting(
                E.name(line(self._house.city), type="city"),
                E.name(country, type="country", key=country),
                self._period(),
            )
        )

    def _period(self) -> etree._Element:
        first, last = min(self._files.values()), max(self._files.values())
        bounds = {"from": first.isoformat(), "to": last.isoformat()}
        return E.date(" – ".join(bounds.values()), bounds)

    def _organisations(self) -> etree._Element:
        listed = E.listOrg()
        for name, body in self._bodies.items():
            role = "committee" if fold(body).startswith("commission") else "parliament"
            listed.append(_named(E.org(E.orgName(body, full="yes"), role=role), name))
            listed[-1].set("ana", "#parla.local")
        for name, group in self._groups.items():
            form = "abb" if group.isupper() else "yes"
            listed.append(_named(E.org(E.orgName(group, full=form), role="politicalParty"), name))
        return listed

    def _persons(self) -> etree._Element:
        """People of the rosters and named speakers; one unnamed person where the list is empty."""
        listed = E.listPerson()
        for name, (called, offices) in self._people.items():
            person = _named(E.person(E.persName(E.term(called))), name)
            groups = dict.fromkeys(group for _, group in offices if group)
            person.extend(
                E.affiliation(role="member", ref=f"#{xml_id('group', one)}") for one in groups
            )
            person.extend(E.occupation(r) for r in dict.fromkeys(r for r, _ in offices if r))
            listed.append(person)
        if not len(listed):
            listed.append(_named(E.person(E.persName(E.term(UNNAMED))), "person"))
        return listed

    def _spoken(self) -> etree._Element:
        names = Locale("fr").languages
        return E.langUsage(
            *(E.language(names.get(code, code), ident=code) for code in self._languages)
        )


def _taxonomy(name: str, called: str, categories: dict[str, tuple[str, str]]) -> etree._Element:
    taxonomy = _named(E.taxonomy(E.desc(E.term(called))), f"ParlaMint-taxonomy-{name}")
    for category, (term, text) in categories.items():
        described = E.catDesc(E.term(term), f" : {text}")
        taxonomy.append(_named(E.category(described), category))
    return taxonomy


def _named(element: etree._Element, name: str) -> etree._Element:
    element.set(ID, name)
    return element
