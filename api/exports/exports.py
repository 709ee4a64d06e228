"""A sitting taken out, in every form: captions, text, data, voices, minutes.

Knows which form can be made of which sitting and what its file is called; how each is written is
in a module of its own, over one `Script`.
"""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

from api.exports.minutes import fill, minutes
from api.exports.script import Script, script
from api.exports.subtitles import subrip, webvtt
from api.exports.text import plain_text, rttm
from api.exports.transcript_json import transcript_json
from ingest.archive.repository import Archive
from ingest.errors import BadInput
from ingest.transcript import Session, Transcript
from search.votes.confirm import votes_of_session


class Form(StrEnum):
    """What a sitting can be taken out as, by the end of the file's name."""

    DOCX = "docx"
    TXT = "txt"
    VTT = "vtt"
    SRT = "srt"
    JSON = "json"
    RTTM = "rttm"


MEDIA_TYPES = {
    Form.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Form.TXT: "text/plain; charset=utf-8",
    Form.VTT: "text/vtt; charset=utf-8",
    Form.SRT: "application/x-subrip; charset=utf-8",
    Form.JSON: "application/json",
    Form.RTTM: "text/plain; charset=utf-8",
}
_TIMED = {Form.VTT: "sous-titres", Form.SRT: "sous-titres", Form.RTTM: "voix"}
_WITH_VOTES = (Form.DOCX, Form.TXT, Form.JSON)


@dataclass(frozen=True)
class House:
    """What minutes have of the city: its name, and its template."""

    city: str
    template: bytes


def forms(session: Session) -> tuple[Form, ...]:
    """What a sitting can be taken out as: without sound, nothing that is timed."""
    return tuple(form for form in Form if session.has_audio or form not in _TIMED)


def read_form(written: str) -> Form:
    """A form by its name. Raises `BadInput` for another."""
    try:
        return Form(written.lower())
    except ValueError:
        known = ", ".join(Form)
        raise BadInput(f"Le format « {written[:20]} » n'existe pas : choisissez {known}.") from None


def written_down(archive: Archive, session: Session, transcript: Transcript, form: Form) -> Script:
    """What a form is made of. Whether it may be read was asked when session and words were read."""
    check(session, form)
    votes = votes_of_session(archive, session, transcript) if form in _WITH_VOTES else ()
    return script(session, transcript, votes)


def check(session: Session, form: Form) -> None:
    """Raise `BadInput` for a form that this sitting cannot have."""
    if form not in forms(session):
        raise BadInput(
            f"La séance « {session.id} » est un texte importé, sans enregistrement : elle n'a ni "
            f"temps ni {_TIMED[form]}. Prenez-la en texte, en JSON ou en DOCX."
        )


def taken_out(given: Script, form: Form, house: House, *, timecodes: bool = False) -> bytes:
    """A sitting as a file. `timecodes` is for text and minutes: the others have their own."""
    if form is Form.DOCX:
        return fill(house.template, minutes(given, house.city, timecodes=timecodes))
    if form is Form.TXT:
        return plain_text(given, timecodes=timecodes).encode()
    write = {
        Form.VTT: webvtt,
        Form.SRT: subrip,
        Form.JSON: transcript_json,
        Form.RTTM: rttm,
    }[form]
    return write(given).encode()


def seal(given: Script, form: Form, house: House) -> bytes:
    """Bytes that change whenever the file would, with clocks or without, made without making it.

    A document holds the hour at which it was written, so its own bytes tell nothing.
    """
    told = [form, house.city, transcript_json(given)]
    if form is Form.DOCX:
        people = (f"{p.name}/{p.role}/{p.group}" for p in given.session.roster)
        told.append("\n".join(people))
        return "\0".join(told).encode() + house.template
    return "\0".join(told).encode()


def disposition(session_id: str, form: Form) -> dict[str, str]:
    """The header that names the file, as RFC 6266 has it."""
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(session_id)}.{form}"}
