"""A session as a component of a ParlaMint corpus, and the root that holds them together.

ParlaMint's RELAX NG is not packed here. `VERBATIM_PARLAMINT_SCHEMA` names a folder with
`ParlaMint-TEI.rng` and `ParlaMint-teiCorpus.rng` (Schema/ of clarin-eric/ParlaMint): then both
are held against it. What it asks beyond TEI is held in each run.
"""

import os
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from api.exports.exports import Form, export_bytes, forms
from api.exports.script import Script
from api.exports.standards.house import House
from api.exports.standards.parlamint import ParlaMintCorpus
from ingest.errors import BadInput
from ingest.transcript import Person
from tests.api.exports.test_exports import CITY, clocked, hostile, imported, silent, sitting, whole

XML = "{http://www.w3.org/XML/1998/namespace}"
SCHEMA = os.environ.get("VERBATIM_PARLAMINT_SCHEMA")
GIVEN = (whole, imported, clocked, silent)
needs_schema = pytest.mark.skipif(not SCHEMA, reason="VERBATIM_PARLAMINT_SCHEMA names no folder")
__all__ = ["hostile"]  # a fixture


def corpus(*scripts: Script, city: House = CITY) -> dict[str, bytes]:
    """The files of a corpus; the root is the last."""
    made = ParlaMintCorpus(city, date(2026, 12, 1))
    return dict([*map(made.add, scripts), made.root()])


def on(day: date, given: Script) -> Script:
    """The same session on another day."""
    session = replace(given.session, id=f"{day}-conseil", date=day)
    return replace(given, session=session)


def several() -> tuple[Script, ...]:
    """Sessions of three years, of two bodies, one without sound and one without a word."""
    of_committee = on(date(2020, 2, 4), imported())
    session = replace(of_committee.session, body="Commission des finances")
    return (
        on(date(2019, 5, 7), whole()),
        replace(of_committee, session=session),
        on(date(2022, 3, 1), silent()),
        whole(),
    )


def read(schema: str) -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(Path(SCHEMA or "", f"{schema}.rng")))


def joined(files: dict[str, bytes], folder: Path) -> etree._Element:
    """A corpus as an XML reader has it: the components in the place of what includes them."""
    for name, body in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(body)
    tree = etree.parse(folder / list(files)[-1])
    tree.xinclude()
    return tree.getroot()


@pytest.mark.parametrize("given", GIVEN)
def test_parlamint_is_as_narrow_as_its_grammar(given: Callable[[], Script]) -> None:
    document = etree.fromstring(export_bytes(given(), Form.PARLAMINT, CITY))
    (licence,) = document.iter("{*}licence")
    assert licence.text == "http://creativecommons.org/licenses/by/4.0/"
    text = document.find("{*}text")
    used = Counter(etree.QName(one).localname for one in text.iter())
    assert {one.get("gi"): int(one.get("occurs")) for one in document.iter("{*}tagUsage")} == used
    for division in text.iter("{*}div"):
        said = [
            etree.QName(one).localname for one in division if one.tag != f"{division.tag[:-3]}head"
        ]
        assert ("u" in said) == (division.get("type") == "debateSection")
        assert said
    for utterance in text.iter("{*}u"):
        assert set(utterance.attrib) <= {"who", "ana", "source", f"{XML}id"}
        assert utterance.get("ana") in ("#chair", "#regular", "#guest")


def test_parlamint_is_for_cities_of_its_licence_alone() -> None:
    session, _ = sitting()
    for house in (replace(CITY, licence="ODbL"), replace(CITY, address="")):
        assert Form.PARLAMINT not in forms(session, house)
        with pytest.raises(BadInput, match="VERBATIM_DATA_LICENCE"):
            export_bytes(whole(), Form.PARLAMINT, house)
    assert Form.PARLAMINT in forms(session, CITY)


@pytest.mark.parametrize(
    ("day", "part"),
    [
        (date(2020, 1, 30), "#reference"),
        (date(2020, 1, 31), "#covid"),
        (date(2022, 2, 24), "#covid #war"),
    ],
)
def test_a_session_is_of_the_subcorpus_of_its_day(day: date, part: str) -> None:
    document = etree.fromstring(export_bytes(on(day, whole()), Form.PARLAMINT, CITY))
    assert document.get("ana") == document.find("{*}text").get("ana") == part


def test_all_that_a_corpus_refers_to_stands_in_it_once(tmp_path: Path, hostile: Script) -> None:
    whole_corpus = joined(corpus(*several(), on(date(2023, 1, 1), hostile)), tmp_path)
    assert [one.tag for one in whole_corpus][1:] == ["{http://www.tei-c.org/ns/1.0}TEI"] * 5
    names = [one.get(f"{XML}id") for one in whole_corpus.iter() if one.get(f"{XML}id")]
    assert len(names) == len(set(names))
    named = {
        target
        for one in whole_corpus.iter("{*}*")
        for attribute in ("who", "ana", "corresp", "ref")
        for target in one.get(attribute, "").split()
    }
    assert named and named <= {f"#{name}" for name in names}


def test_the_root_counts_what_its_components_hold(tmp_path: Path) -> None:
    whole_corpus = joined(corpus(*several()), tmp_path)
    header, *components = whole_corpus
    used = Counter(
        etree.QName(one).localname for part in components for one in part.find("{*}text").iter()
    )
    assert {one.get("gi"): int(one.get("occurs")) for one in header.iter("{*}tagUsage")} == used
    (speeches,) = header.iterfind(".//{*}measure[@unit='speeches']")
    assert int(speeches.get("quantity")) == used["u"]
    period = header.find(".//{*}setting/{*}date")
    assert (period.get("from"), period.get("to")) == ("2019-05-07", "2025-03-11")


def test_a_root_says_of_people_what_rosters_say_and_no_more() -> None:
    given = whole()
    later = replace(given.session, roster=(Person("Julien Rochat", "maire", "PLR"),))
    root = etree.fromstring(
        list(corpus(given, on(date(2025, 5, 1), replace(given, session=later))).values())[-1]
    )
    (person,) = root.iterfind(f".//{{*}}person[@{XML}id='person-julien-rochat']")
    assert person.findtext("{*}persName/{*}term") == "Julien Rochat"
    assert [one.text for one in person.iterfind("{*}occupation")] == [
        "conseiller municipal",
        "maire",
    ]
    (party,) = person.iterfind("{*}affiliation")
    assert (party.get("role"), party.get("ref")) == ("member", "#group-plr")
    assert len(person) == 4
    roles = {one.findtext("{*}orgName"): one.get("role") for one in root.iter("{*}org")}
    assert roles == {"Conseil municipal": "parliament", "PLR": "politicalParty"}


def test_a_root_has_what_parlamint_asks_for_even_of_a_session_without_a_name() -> None:
    given = silent()
    nobody = replace(given, session=replace(given.session, roster=()))
    root = etree.fromstring(list(corpus(nobody).values())[-1])
    assert re.fullmatch("ParlaMint-[A-Z]{2}-rivemont", root.get(f"{XML}id"))
    for name in ("respStmt", "funder", "editorialDecl", "taxonomy", "org", "person", "language"):
        assert root.find(f".//{{*}}{name}") is not None, name


@needs_schema
@pytest.mark.parametrize("given", GIVEN)
def test_a_component_is_what_parlamints_schema_says(given: Callable[[], Script]) -> None:
    read("ParlaMint-TEI").assertValid(etree.fromstring(export_bytes(given(), Form.PARLAMINT, CITY)))


@needs_schema
def test_a_root_is_what_parlamints_schema_says(hostile: Script) -> None:
    schema = read("ParlaMint-teiCorpus")
    for scripts in (several(), (hostile,), (silent(),)):
        schema.assertValid(etree.fromstring(list(corpus(*scripts).values())[-1]))
