"""What a form of a session needs of the city. Knows nothing of any form."""

from dataclasses import dataclass

from lxml import etree

from api.views.links import moment_page, session_page, whole_sound
from ingest.text import fold


@dataclass(frozen=True)
class House:
    """The city's name, its minutes' template (no bytes for other forms), and where it publishes.

    `address` begins links, "" where none is set; `country` is a code of ISO 3166; `licence` has a
    name and perhaps an address.
    """

    city: str
    template: bytes
    address: str = ""
    country: str = "fr"
    licence: str | None = None
    licence_url: str | None = None

    def page(self, session_id: str) -> str:
        """The address of a session's page."""
        return self.address + session_page(session_id)

    def moment(self, session_id: str, start_ms: int, end_ms: int) -> str:
        """The address of an interval on it."""
        return self.address + moment_page(session_id, start_ms, end_ms)

    def sound(self, session_id: str) -> str:
        """The address of the whole sound of a session that has some."""
        return self.address + whole_sound(session_id)


def xml_id(kind: str, name: str) -> str:
    """A name as an identifier of XML and of addresses: `person-claire-fontanet`.

    >>> identifier("person", "Zoé d'Arc (PS)")
    'person-zoe-d-arc-ps'
    """
    letters = "".join(c if c.isascii() and c.isalnum() else " " for c in fold(name))
    return "-".join((kind, *letters.split()))


def iso_duration(duration_ms: int) -> str:
    """A duration by ISO 8601.

    >>> iso_duration(61_500)
    'PT61.500S'
    """
    return f"PT{duration_ms / 1000:.3f}S"


def xml_text(document: etree._Element) -> str:
    """An XML document as a file's text."""
    made: bytes = etree.tostring(
        document, encoding="utf-8", xml_declaration=True, pretty_print=True
    )
    return made.decode()
