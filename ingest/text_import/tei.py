"""Parliamentary debates in TEI, as ParlaMint writes them: `<u who="#id"><seg>...</seg></u>`.

Knows utterances, speeches (`<sp><speaker>`), speakers' notes, persons and headings; not linguistic
annotation. What is noted in between (applause, results of votes) is no one's speech. A file is
parsed as what it is, a stranger's: no entity is expanded, nothing is fetched, depth is bounded.
"""

import re
from collections.abc import Iterator
from datetime import date
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from ingest.errors import BadInput
from ingest.french_dates import day_written
from ingest.text_import.document import Document, Entry, TextParagraph, TextPoint, object_in, tidy
from ingest.transcript import Person

_DEEPEST = 100  # levels of elements: bounds the stack of open ones; chosen, not measured
_MOST_NODES = 2_000_000
"""Elements and attributes, 150 bytes each: a session with every word annotated has 500,000."""
_NOTES = ("note", "incident", "vocal", "kinesic", "desc", "gap", "writing", "stage")
_TEXTS = ("seg", "p", "ab", "l")
_LANGUAGE = "xml:lang"
_GROUP = re.compile(r"(?P<name>[^()]+?)(?: ?\((?P<group>[^()]{1,60})\))?")


def read(name: str, text: str, digest: str) -> Document:
    """The debate of one TEI document. Raises `BadInput` for anything that is not one."""
    root = _parse(name, text)
    people = dict(_people(root))
    body = root.find(".//text/body")
    entries = tuple(_entries(body, people, None)) if body is not None else ()
    if not any(isinstance(entry, TextParagraph) for entry in entries):
        raise BadInput(
            f"« {name} » ne contient aucune parole : il faut du TEI avec des éléments <u> ou <p>"
            " sous <text><body>."
        )
    head = root.find(".//teiHeader")
    titles = [] if head is None else list(head.iter("title"))
    title = next((_text(t) for t in titles if t.get("type") != "sub"), None)
    return Document(digest, name, entries, title=title or None, day=_date(root))


def _parse(name: str, text: str) -> Element:
    """The root element, namespaces dropped. Raises `BadInput` with the line."""
    builder, depth, nodes = TreeBuilder(), 0, 0
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise BadInput(
            f"« {name} », ligne {parser.CurrentLineNumber} : les entités XML sont refusées ;"
            " enregistrez le texte sans <!ENTITY>."
        )

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, nodes
        depth += 1
        nodes += 1 + len(attributes)
        if depth > _DEEPEST or nodes > _MOST_NODES:
            what = "trop d'emboîtements" if depth > _DEEPEST else "trop d'éléments"
            raise BadInput(
                f"« {name} », ligne {parser.CurrentLineNumber} : {what} pour le texte d'une séance."
            )
        builder.start(tag.rpartition(":")[2], attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag.rpartition(":")[2])

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.EntityDeclHandler = parser.SkippedEntityHandler = refuse
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        raise BadInput(
            f"« {name} », ligne {error.lineno} : le XML ne peut pas être lu"
            f" ({expat.ErrorString(error.code)}) ; corrigez le fichier."
        ) from error
    return builder.close()


def _people(root: Element) -> Iterator[tuple[str, Person]]:
    """The persons whom the header describes, by id."""
    for person in root.iter("person"):
        named = person.find("persName")
        if named is None:
            continue
        parts = [_text(part) for tag in ("forename", "surname") for part in named.findall(tag)]
        name = " ".join(part for part in parts if part) or _text(named)
        role = next((_text(r) for r in person.iter("roleName")), "")
        yield person.get("xml:id", ""), Person(name, role)


def _entries(
    element: Element, people: dict[str, Person], speaker: Person | None
) -> Iterator[Entry]:
    """What stands in an element, in order; `speaker` says it unless an utterance has its own."""
    announced: Person | None = None
    for child in element:
        if child.tag == "head":
            if title := _text(child):
                yield TextPoint(title, child.get("n"), object_in(title))
        elif child.tag == "note" and child.get("type") == "speaker":
            announced = Person(_text(child).rstrip(" :.–—-"))
            announced = announced if announced.name else None
        elif child.tag in ("u", "sp"):
            yield from _uttered(child, people, _named(child) or announced)
            announced = None
        elif child.tag == "speaker":
            continue  # of the speech around it
        elif child.tag in _TEXTS or child.tag in _NOTES:
            said_by = _named(child) or speaker
            yield from _paragraph(child, said_by if child.tag in _TEXTS else None)
        else:
            yield from _entries(child, people, speaker)


def _named(speech: Element) -> Person | None:
    """Who speaks as a speech says by itself: `<sp><speaker>Mme Rey</speaker>`."""
    found = speech.find("speaker")
    name = _text(found).rstrip(" :.–—-") if found is not None else ""
    parted = _GROUP.fullmatch(name)
    return Person(parted["name"], "", parted["group"] or "") if parted else None


def _uttered(
    utterance: Element, people: dict[str, Person], announced: Person | None
) -> Iterator[Entry]:
    known = utterance.get("who", "").split()
    ids = [reference.rpartition("#")[2] for reference in known]
    speaker = people.get(ids[0]) if ids else None
    if speaker is None:
        speaker = announced or (Person(ids[0]) if ids else None)
    if any(child.tag in _TEXTS for child in utterance):
        yield from _entries(utterance, people, speaker)
    else:
        yield from _paragraph(utterance, speaker)


def _paragraph(element: Element, speaker: Person | None) -> Iterator[TextParagraph]:
    """An element's words, then what is noted within them, which is no one's speech."""
    notes: list[str] = []
    words = tidy("".join(_words(element, notes)))
    if words:
        yield TextParagraph(words, speaker, element.get(_LANGUAGE, "")[:2].lower() or None)
    yield from (TextParagraph(note) for note in notes if note)


def _words(element: Element, notes: list[str]) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.tag in _NOTES:
            notes.append(_text(child))
        elif child.tag != "speaker":
            yield from _words(child, notes)
        yield child.tail or ""


def _text(element: Element) -> str:
    return tidy("".join(element.itertext()))


def _date(root: Element) -> date | None:
    """The day of the session: that of the setting, else the first that the header gives."""
    dates = [*root.iterfind(".//settingDesc//date"), *root.iterfind(".//sourceDesc//date")]
    given = (d.get("when") or d.get("ana") or _text(d) for d in dates)
    return next((day for text in given if (day := day_written(text))), None)
