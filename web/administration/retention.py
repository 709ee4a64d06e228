"""What is kept for how long: rules by body, what falls due, legal holds, recordings of drafts.

Clerks read all of it, and hold from erasure; administrators set rules and lift holds. A rule that
would erase sound is confirmed once its effect is read.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import Connection

from ingest.archive import repository, retention
from ingest.archive import schema as t
from ingest.archive.repository import has_words
from ingest.archive.retention import Due, Rule
from ingest.archive.schema import to_local
from ingest.errors import BadInput, UserError
from ingest.french_dates import day
from ingest.intake.form import title_of
from ingest.intake.intake import ArrivalState, every
from ingest.settings import Settings
from web.office.page import (
    AsAdministrator,
    AsClerk,
    Office,
    RowNumber,
    Text,
    see_other,
    session_address,
)
from web.site import READ

router = APIRouter(prefix="/bureau/conservation", include_in_schema=False)
HERE = "/bureau/conservation"
_LISTED = 100  # sessions that fall due next: several years of a council
_YEAR = 12  # months
_DONE = ("regle", "suspendu", "leve")


@dataclass(frozen=True)
class TypedRule:
    """A rule as it is typed; `effect` is what it would erase, once that was asked for."""

    body: str = ""
    amount: str = ""
    unit: str = "ans"
    effect: tuple[Due, ...] | None = None

    @property
    def months(self) -> int | None:
        """How long sound is kept; None: for good. Raises `BadInput`."""
        if not self.amount.strip():
            return None
        if not re.fullmatch(r"\d{1,4}", self.amount.strip()) or self.unit not in ("ans", "mois"):
            raise BadInput(f"« {self.amount[:20]} » n'est pas une durée : écrivez un nombre.")
        return int(self.amount) * (_YEAR if self.unit == "ans" else 1)


_NOTHING_TYPED = TypedRule()


@router.api_route("", methods=READ, response_class=HTMLResponse)
def overview(office: AsClerk, seance: str = "", fait: str = "") -> HTMLResponse:
    """The page; `seance` is the session that the form would hold."""
    return _page(office, session=seance, done=fait if fait in _DONE else "")


@router.post("/regle")
def rule(
    office: AsAdministrator,
    organe: Text = "",
    duree: Text = "",
    unite: Text = "ans",
    certain: Text = "",
) -> Response:
    """Set the rule of a body, or take it away where no length is given."""
    typed = TypedRule(organe.strip(), duree, unite)
    try:
        with office.desk.archive.begin() as db:
            effect = _effect(db, typed) if certain != "oui" else ()
            if not effect:
                retention.set_rule(db, typed.body, typed.months, office.account.login)
    except UserError as error:
        return _page(office, error, typed)
    if effect:
        return _page(office, typed=TypedRule(typed.body, duree, unite, effect))
    return see_other(f"{HERE}?fait=regle")


def _effect(db: Connection, typed: TypedRule) -> tuple[Due, ...]:
    """The sessions whose sound a rule would erase as things stand: those that are held stay."""
    if typed.months is None:
        return ()
    wanted = Rule(typed.body, typed.months, "", t.now())
    due = retention.due(db, rules={typed.body: wanted})
    return tuple(one for one in due if one.hold is None)


@router.post("/suspendre")
def hold(office: AsClerk, seance: Text = "", organe: Text = "", motif: Text = "") -> Response:
    """Hold a session, or a body's, from erasure."""
    try:
        with office.desk.archive.begin() as db:
            by = office.account.login
            retention.hold(db, seance.strip() or None, organe.strip() or None, motif, by)
    except UserError as error:
        return _page(office, error, session=seance, why=motif)
    return see_other(f"{HERE}?fait=suspendu#conservees")


@router.post("/suspendre/{number}/lever")
def lift(number: RowNumber, office: AsAdministrator) -> Response:
    """End a hold."""
    with office.desk.archive.begin() as db:
        retention.lift(db, number, office.account.login)
    return see_other(f"{HERE}?fait=leve#conservees")


# --- the page ---------------------------------------------------------------------------------


def _page(
    office: Office,
    error: UserError | None = None,
    typed: TypedRule = _NOTHING_TYPED,
    session: str = "",
    why: str = "",
    done: str = "",
) -> HTMLResponse:
    settings = office.desk.settings
    with office.desk.archive.engine.connect() as db:
        known = retention.rules_by_body(db)
        due = retention.due(db)
        holds = retention.all_holds(db)
        titles = repository.titles(db)
        bodies = retention.ruled_bodies(db)
        erased = retention.erased(db)
        sources = sorted(_sources(db, settings, titles), key=lambda one: one.until or date.max)
    return office.page(
        "office/retention.html",
        error,
        rules=[(one, *_length(one.months), _on(one.at)) for one in known.values()],
        bodies=bodies,
        typed=typed,
        due=[(one, day(one.session_date), day(one.on)) for one in due[:_LISTED]],
        unlisted=max(0, len(due) - _LISTED),
        first=day(typed.effect[0].on) if typed.effect else "",
        length=_length(typed.months) if typed.effect and typed.months else None,
        notice=retention.NOTICE_DAYS,
        holds=[one for one in holds if one.lifted_at is None],
        lifted=[one for one in holds if one.lifted_at is not None],
        on=_on,
        titles=titles,
        session=session if session in titles else "",
        why=why,
        erased=[(one, _on(at)) for one, at in erased[:_LISTED]],
        sources=sources,
        keep_source_days=settings.keep_source_days,
        keep_unsent_days=settings.keep_unsent_days,
        inbox=settings.inbox,
        done=done,
    )


def _length(months: int) -> tuple[str, int]:
    """A length as it is told: whole years, else months."""
    return ("months", months) if months % _YEAR else ("years", months // _YEAR)


def _on(at: datetime) -> str:
    """The day of a moment as it is kept (UTC), in words."""
    return day(to_local(at).date())


@dataclass(frozen=True)
class SentRecordings:
    """Recordings as they were sent, and until when they are kept; None: until they are used.

    `sent`: their session is made, and the recordings go when it is published; else a form waits.
    """

    title: str
    address: str
    until: date | None
    sent: bool

    @property
    def day(self) -> str:
        """The last day, in words."""
        return day(self.until) if self.until else ""


def _sources(
    db: Connection, settings: Settings, titles: Mapping[str, str]
) -> Iterator[SentRecordings]:
    """As `ingest.intake.uploads` removes them."""
    for one in every(db, ArrivalState.PREPARING, ArrivalState.DONE):
        if one.state is ArrivalState.PREPARING:
            until = one.touched_at.date() + timedelta(days=settings.keep_unsent_days)
            yield SentRecordings(title_of(one), f"/bureau/apporter/{one.id}", until, sent=False)
        elif one.files and one.session and one.session in titles:
            kept = retention.hold_of(db, one.session) or not has_words(db, one.session)
            until = one.touched_at.date() + timedelta(days=settings.keep_source_days)
            address = session_address(one.session)
            yield SentRecordings(titles[one.session], address, None if kept else until, sent=True)
