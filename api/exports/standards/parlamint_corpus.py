"""The root of a ParlaMint corpus: its size, people, organisations, categories, and its components.

Sessions are handed in one after another, and only what the root says of them is kept. A name stands
whole in a `term`: rosters do not separate family names. Roles are occupations. Membership of a
council is not stated, since rosters list its speakers; membership of a party is.
"""

from collections import Counter
from datetime import date

from babel import Locale
from lxml import etree
from lxml.builder import ElementMaker

from api.exports.script import Script
from api.exports.standards.house import House, identifier, written
from api.exports.standards.parlamint import LICENCE, component, corpus_name, line, tags
from api.exports.standards.tei import ELEMENT as E
from api.exports.standards.tei import ID, LANGUAGE, NAMESPACE, extent, sizes
from api.views.wording import UNNAMED
from ingest.text import fold
from ingest.transcript import Person

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


class Corpus:
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
        self._bodies.setdefault(identifier("body", session.body), line(session.body))
        for person in session.roster:
            self._meet(person)
        for speech in script.speeches:
            self._languages.setdefault(speech.language or "fr")
            if speech.who.known:
                self._meet(Person(speech.who.name))
        return name, written(document).encode()

    def _meet(self, person: Person) -> None:
        name, role, group = (
            line(text) if text else "" for text in (person.name, person.role, person.group)
        )
        if group:
            self._groups.setdefault(identifier("group", group), group)
        known = self._people.setdefault(identifier("person", name), (name, {}))
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
        return f"{document.get(ID)}.xml", written(document).encode()

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
                E.affiliation(role="member", ref=f"#{identifier('group', one)}") for one in groups
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
