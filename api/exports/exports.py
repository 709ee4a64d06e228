"""A session exported, in every form: captions, text, data, voices, minutes.

Knows which form can be made of which session and what its file is called; how each is written is
in a module of its own, over one `Script`.
"""

from dataclasses import replace
from enum import StrEnum

from api.exports.attendance import confirmed
from api.exports.captions import subrip, webvtt
from api.exports.minutes import fill
from api.exports.minutes_content import minutes
from api.exports.minutes_store import template
from api.exports.script import Script, script
from api.exports.standards.akoma_ntoso import akoma_ntoso
from api.exports.standards.house import House
from api.exports.standards.parlamint import parlamint, suits
from api.exports.standards.popolo import popolo
from api.exports.standards.schema_org import schema_org
from api.exports.standards.tei import tei
from api.exports.text import plain_text, rttm
from api.exports.transcript_json import transcript_json
from ingest.archive.repository import Archive
from ingest.errors import BadInput
from ingest.settings import Settings
from ingest.transcript import Session, Transcript
from search.votes.confirm import votes_of_session


class Form(StrEnum):
    """What a session can be exported as, by the end of the file's name."""

    DOCX = "docx"
    TXT = "txt"
    VTT = "vtt"
    SRT = "srt"
    JSON = "json"
    RTTM = "rttm"
    AKOMA_NTOSO = "akn.xml"
    TEI = "tei.xml"
    PARLAMINT = "parlamint.xml"
    POPOLO = "popolo.json"
    SCHEMA_ORG = "jsonld"


MEDIA_TYPES = {
    Form.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Form.TXT: "text/plain; charset=utf-8",
    Form.VTT: "text/vtt; charset=utf-8",
    Form.SRT: "application/x-subrip; charset=utf-8",
    Form.JSON: "application/json",
    Form.RTTM: "text/plain; charset=utf-8",
    Form.AKOMA_NTOSO: "application/akn+xml",
    Form.TEI: "application/tei+xml",
    Form.PARLAMINT: "application/tei+xml",
    Form.POPOLO: "application/json",
    Form.SCHEMA_ORG: "application/ld+json",
}
_TIMED = {Form.VTT: "sous-titres", Form.SRT: "sous-titres", Form.RTTM: "voix"}
_OF_THE_CITY = {
    Form.AKOMA_NTOSO: akoma_ntoso,
    Form.TEI: tei,
    Form.PARLAMINT: parlamint,
    Form.POPOLO: popolo,
    Form.SCHEMA_ORG: schema_org,
}
"""Forms that name the city and its addresses."""
_WITH_VOTES = (
    *(Form.DOCX, Form.TXT, Form.JSON, Form.AKOMA_NTOSO),
    *(Form.TEI, Form.PARLAMINT, Form.POPOLO),
)


def forms(session: Session, house: House | None = None) -> tuple[Form, ...]:
    """What a session can be exported as: without sound, nothing that is timed.

    With a `house`, without what its settings do not allow.
    """
    refused = set() if session.is_recorded else set(_TIMED)
    if house and not suits(house):
        refused.add(Form.PARLAMINT)
    return tuple(form for form in Form if form not in refused)


def read_form(written: str) -> Form:
    """A form by its name. Raises `BadInput` for another."""
    try:
        return Form(written.lower())
    except ValueError:
        known = ", ".join(Form)
        raise BadInput(f"Le format « {written[:20]} » n'existe pas : choisissez {known}.") from None


def house_of(settings: Settings, form: Form) -> House:
    """What a form needs of the city."""
    return House(
        city=settings.city,
        template=template(settings) if form is Form.DOCX else b"",
        address=settings.address or "",
        country=settings.country,
        licence=settings.data_licence,
        licence_url=settings.data_licence_url,
    )


def script_for(archive: Archive, session: Session, transcript: Transcript, form: Form) -> Script:
    """What a form is made of. Raises `BadInput` for a form that the session cannot have.

    Checks no rights: those were checked when session and transcript were read.
    """
    check(session, form)
    votes = votes_of_session(archive, session, transcript) if form in _WITH_VOTES else ()
    if form is not Form.DOCX:
        return script(session, transcript, votes)
    with archive.engine.connect() as db:
        return script(session, transcript, votes, confirmed(db, session))


def check(session: Session, form: Form) -> None:
    """Raise `BadInput` for a form that this session cannot have."""
    if form not in forms(session):
        raise BadInput(
            f"La séance « {session.id} » est un texte importé, sans enregistrement : elle n'a ni "
            f"temps ni {_TIMED[form]}. Prenez-la en texte, en JSON ou en DOCX."
        )


def export_bytes(given: Script, form: Form, house: House, *, timecodes: bool = False) -> bytes:
    """A session as a file. `timecodes` is for text and minutes: the others have their own."""
    if form is Form.DOCX:
        return fill(house.template, minutes(given, house.city, timecodes=timecodes))
    if form is Form.TXT:
        return plain_text(given, timecodes=timecodes).encode()
    if form in _OF_THE_CITY:
        return _OF_THE_CITY[form](given, house).encode()
    write = {
        Form.VTT: webvtt,
        Form.SRT: subrip,
        Form.JSON: transcript_json,
        Form.RTTM: rttm,
    }[form]
    return write(given).encode()


def seal(given: Script, form: Form, house: House) -> bytes:
    """Bytes that change whenever the file would, with clocks or without, made without making it.

    A document holds the hour at which it was written, so its own bytes cannot be compared.
    """
    shaping = [form, repr(replace(house, template=b"")), transcript_json(given)]
    if form is Form.DOCX:
        shaping.append("\n".join(f"{p.name}/{p.role}/{p.group}" for p in given.session.roster))
        shaping.append(repr(given.attendance))
    return "\0".join(shaping).encode() + house.template
