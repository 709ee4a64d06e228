"""Closing a passage, in three steps that need no script: choose it, read what goes, confirm.

Withheld, the office keeps it, and it comes back by one act; redacted, it is gone.

Nothing is changed before the last step, which is refused when the words are no longer those that
were read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query
from fastapi.responses import HTMLResponse, Response

from api.accounts.roles import Account
from api.routes import AtDesk, Clerk
from api.views.session import session_view
from api.views.wording import clock_in, nameless, read_clock_ms, who, write_clock
from ingest.archive.redactions import RedactionReason
from ingest.errors import BadInput, Conflict
from ingest.redaction.held import point_span
from ingest.redaction.proof import prove
from ingest.redaction.redact import Cut, RedactionRequest, cut, mark
from ingest.transcript import Session, Span, Transcript, Turn
from search.index.withdraw import redact_passage, withhold
from web.office.page import office_page, see_other, session_address
from web.site import READ, OnSite, Site

# What a passage to be redacted holds: the very words, and what stands around them.


_AROUND = 18  # words shown at each side
# Words by which a turn is recognised in a list, on one line; milliseconds of sound played before
# and after each edge, enough for the sentence around it. Chosen, not measured.
_EXCERPT = 9
EDGE_MS = 4_000
ASKED = {
    why.value: why
    for why in (RedactionReason.WITHHELD, RedactionReason.IN_CAMERA, RedactionReason.ERASED)
}


@dataclass(frozen=True)
class TurnChoice:
    """A turn to begin or end with, in a list."""

    index: int
    told: str


@dataclass(frozen=True)
class RedactedLine:
    """A turn that loses words: those that stay just before and after, and those that go."""

    who: str
    start: str | None
    before: str
    gone: str
    after: str


@dataclass(frozen=True)
class Asking:
    """The form as it was filled in: times, or else a point of the agenda, or turns; why."""

    de: str = ""
    a: str = ""
    premier: str = ""
    dernier: str = ""
    motif: str = ""
    point: str = ""

    @property
    def is_asked(self) -> bool:
        """Was anything filled in?"""
        return any((self.de, self.a, self.point, self.premier, self.dernier))

    @property
    def why(self) -> RedactionReason:
        """Why the passage is redacted. Raises `BadInput`."""
        try:
            return ASKED[self.motif]
        except KeyError:
            raise BadInput(
                "Choisissez le motif : réservé au bureau, huis clos, ou effacement demandé."
            ) from None

    def span(self, session: Session, transcript: Transcript) -> Span:
        """The passage of the request. Raises `BadInput`."""
        if self.de or self.a:
            if not (self.de and self.a):
                raise BadInput("Donnez le début et la fin du passage.")
            return Span(_place(self.de, session), _place(self.a, session))
        for choice, span in _placed(session):
            if str(choice.index) == self.point:
                return span
        turns = {str(turn.index): turn for turn in transcript.turns if turn.words}
        first, last = turns.get(self.premier), turns.get(self.dernier)
        if first is None or last is None or last.index < first.index:
            raise BadInput(
                "Choisissez une première intervention, et une dernière qui ne la précède pas."
            )
        chosen = [t for t in turns.values() if first.index <= t.index <= last.index]
        return Span(min(t.start_ms for t in chosen), max(t.end_ms for t in chosen))


def _place(text: str, session: Session) -> int:
    if session.is_recorded:
        return read_clock_ms(text)
    if not re.fullmatch(r"\d{1,9}", text):
        raise BadInput(f"« {text[:20]} » n'est pas un numéro de mot.")
    return int(text)


def written_place(at_ms: int, session: Session) -> str:
    """A place as the form takes it."""
    return write_clock(at_ms) if session.is_recorded else str(at_ms)


def _placed(session: Session) -> Iterator[tuple[TurnChoice, Span]]:
    """The points of the agenda that have a time, and what belongs to each."""
    for at, item in enumerate(session.agenda):
        if span := point_span(item, session):
            clock = clock_in(session, span.start_ms)
            named = f"{item.number} {item.title}".strip()
            yield TurnChoice(at, f"{clock} · {named}" if clock else named), span


def choices(session: Session, transcript: Transcript) -> tuple[TurnChoice, ...]:
    """Every turn, shown by its clock, its voice and its first words."""
    names = _names(session, transcript)
    return tuple(
        TurnChoice(turn.index, " · ".join(part for part in _told(turn, session, names) if part))
        for turn in transcript.turns
        if turn.words
    )


def _told(turn: Turn, session: Session, names: dict[str | None, str]) -> tuple[str, ...]:
    words = turn.text.split()
    excerpt = " ".join(words[:_EXCERPT]) + ("…" if len(words) > _EXCERPT else "")
    return clock_in(session, turn.start_ms) or "", names[turn.speaker], excerpt


def lines(
    session: Session, transcript: Transcript, cut: Cut, asked: Span
) -> Iterator[RedactedLine]:
    """The turns that lose words, in order."""
    names = _names(session, transcript)
    for splice in cut.splices:
        (turn,) = splice.before
        inside = [n for n, word in enumerate(turn.words) if asked.touches(word)]
        first, last = inside[0], inside[-1]
        texts = [word.text for word in turn.words]
        before, after = texts[:first], texts[last + 1 :]
        yield RedactedLine(
            names[turn.speaker],
            clock_in(session, turn.words[first].start_ms),
            ("… " if len(before) > _AROUND else "") + " ".join(before[-_AROUND:]),
            " ".join(texts[first : last + 1]),
            " ".join(after[:_AROUND]) + (" …" if len(after) > _AROUND else ""),
        )


def _names(session: Session, transcript: Transcript) -> dict[str | None, str]:
    numbers = nameless((turn.speaker for turn in transcript.turns), transcript.speakers)
    labels = {turn.speaker for turn in transcript.turns}
    people = {speaker.label: speaker.person for speaker in transcript.speakers}
    return {
        label: who(session, people.get(label or ""), numbers.get(label or "")).name
        for label in labels
    }


router = APIRouter(prefix="/bureau/seances/{session_id}/publication", include_in_schema=False)


def _asking(
    de: Annotated[str, Query(max_length=20)] = "",
    a: Annotated[str, Query(max_length=20)] = "",
    premier: Annotated[str, Query(max_length=9)] = "",
    dernier: Annotated[str, Query(max_length=9)] = "",
    motif: Annotated[str, Query(max_length=20)] = "",
    point: Annotated[str, Query(max_length=9)] = "",
) -> Asking:
    return Asking(de.strip(), a.strip(), premier, dernier, motif, point)


@router.api_route("/passage", methods=READ, response_class=HTMLResponse)
def passage(
    session_id: str,
    desk: AtDesk,
    site: OnSite,
    account: Clerk,
    asking: Annotated[Asking, Depends(_asking)],
) -> HTMLResponse:
    """The form; once it is filled in, what would go."""
    session, transcript = desk.archive.session(session_id), desk.archive.transcript(session_id)
    if not asking.is_asked:
        return _form(site, account, session, transcript, asking)
    try:
        asked = RedactionRequest(asking.span(session, transcript), asking.why, account.login)
        return _preview(site, account, session, transcript, asked)
    except BadInput as error:
        return _form(site, account, session, transcript, asking, str(error))


@router.post("/passage")
def close(
    session_id: str,
    desk: AtDesk,
    site: OnSite,
    account: Clerk,
    start_ms: Annotated[int, Form(ge=0)],
    end_ms: Annotated[int, Form(ge=1)],
    motif: Annotated[
        Literal[RedactionReason.WITHHELD, RedactionReason.IN_CAMERA, RedactionReason.ERASED], Form()
    ],
    vu: Annotated[str, Form(max_length=64)],
    certain: Annotated[str, Form()] = "",
) -> Response:
    """Withhold the passage; or redact it, look for its words in every table, and tell."""
    if motif is RedactionReason.WITHHELD:
        withhold(desk.archive, session_id, Span(start_ms, end_ms), account.login)
        desk.exports.forget(session_id)
        return see_other(session_address(session_id, "publication"))
    session, transcript = desk.archive.session(session_id), desk.archive.transcript(session_id)
    asked = RedactionRequest(Span(start_ms, end_ms), motif, account.login, vu)
    if certain != "oui":
        told = "Cochez la case qui confirme : rien n'a encore été effacé."
        return _preview(site, account, session, transcript, asked, told)
    found = cut(transcript.turns, session, asked.span)
    try:
        redact_passage(desk.archive, session_id, asked)
    except Conflict as error:
        return _preview(site, account, session, transcript, asked, str(error))
    proof = prove(desk.archive, session_id, found.gone, found.points)
    done = {"mots": str(len(found.gone)), "cherche": str(proof.runs), "tables": str(proof.tables)}
    left = {"trouve": ", ".join(proof.found)} if proof.found else {}
    return see_other(f"{session_address(session_id, 'publication')}?{urlencode(done | left)}")


def _form(
    site: Site,
    account: Account,
    session: Session,
    transcript: Transcript,
    asking: Asking,
    error: str = "",
) -> HTMLResponse:
    return office_page(
        site,
        account,
        "office/redact.html",
        422 if error else 200,
        session=session_view(session),
        asking=asking,
        choices=choices(session, transcript),
        points=[choice for choice, _ in _placed(session)],
        error=error,
    )


def _preview(
    site: Site,
    account: Account,
    session: Session,
    transcript: Transcript,
    asked: RedactionRequest,
    error: str = "",
) -> HTMLResponse:
    done = cut(transcript.turns, session, asked.span)
    span, end_ms = done.span, session.duration_ms
    return office_page(
        site,
        account,
        "office/redact_confirm.html",
        422 if error else 200,
        session=session_view(session),
        status=session.status,
        asked=asked,
        seen=mark(done),
        words=len(done.gone),
        lines=list(lines(session, transcript, done, asked.span)),
        titles=[point.title for point in done.points],
        de=written_place(asked.span.start_ms, session),
        a=written_place(asked.span.end_ms, session),
        first=(max(0, span.start_ms - EDGE_MS), min(end_ms, span.start_ms + EDGE_MS)),
        last=(max(0, span.end_ms - EDGE_MS), min(end_ms, span.end_ms + EDGE_MS)),
        start=clock_in(session, span.start_ms),
        end=clock_in(session, span.end_ms),
        error=error,
    )
