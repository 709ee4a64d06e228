"""The page of decisions: the votes of published sessions, narrowed, in pages and as a CSV file.

The file is that of RFC 4180 (commas, CRLF), in UTF-8 with a byte order mark: without one, Excel
reads its accents wrong. No cell begins as a formula would.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from unicodedata import category, normalize
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi import Query as Parameter
from fastapi.responses import HTMLResponse, Response

from api.catalogue import Catalogue
from api.routes import Parts
from api.routes.http import REVALIDATE, conditional
from api.views.votes import decision_line_of, vote_reader
from search.filters import Filters, Outcome
from search.votes.register import Decision, count, decisions
from web.public.paging import PageNumber, Year, part_of
from web.site import READ, OnSite

router = APIRouter(include_in_schema=False)
_LINES = 20  # of a page, each with its words
_COLUMNS = (
    *("date", "body", "session", "object", "item", "noun", "mover", "party", "outcome"),
    *("destination", "yes", "no", "abstentions", "state", "said", "address"),
)
# How a cell begins that spreadsheets compute (OWASP).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_Value = Annotated[str, Parameter(max_length=200)]


@dataclass(frozen=True)
class Narrowing:
    """What an address narrows the decisions to; an empty one is a field left as it was."""

    annee: Year = ""
    organe: _Value = ""
    objet: _Value = ""
    resultat: Annotated[str, Parameter(pattern=rf"^({'|'.join(Outcome)})?$")] = ""
    parti: _Value = ""
    auteur: _Value = ""

    @property
    def filters(self) -> Filters:
        """The same for the register."""
        year = max(int(self.annee), 1) if self.annee else None
        return Filters(
            people=(self.auteur,) if self.auteur else (),
            groups=(self.parti,) if self.parti else (),
            bodies=(self.organe,) if self.organe else (),
            objects=(self.objet,) if self.objet else (),
            since=date(year, 1, 1) if year else None,
            until=date(year, 12, 31) if year else None,
        )

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The results that are wanted; none: all."""
        return (Outcome(self.resultat),) if self.resultat else ()

    @property
    def params(self) -> dict[str, str]:
        """The fields that are not empty, as an address has them."""
        return {name: value for name, value in vars(self).items() if value}


Narrowed = Annotated[Narrowing, Depends()]


@router.api_route("/decisions", methods=READ, response_class=HTMLResponse)
def decision_list(
    deps: Parts, site: OnSite, wanted: Narrowed, number: PageNumber = 1
) -> HTMLResponse:
    """Decisions, newest session first, each with the words that announced it."""
    narrowing, vocabulary = (wanted.filters, wanted.outcomes), deps.vocabulary()
    shown = decisions(deps.published, *narrowing, limit=_LINES, offset=(number - 1) * _LINES)
    total, view = count(deps.published, *narrowing), vote_reader(deps.published)
    body = site.render(
        "decisions.html",
        page=part_of(shown, total, number, _LINES, "/decisions", wanted.params.items()),
        lines=[(decision_line_of(one), seen) for one in shown if (seen := view(one.vote))],
        wanted=wanted,
        years=sorted({day.year for day in vocabulary.dates}, reverse=True),
        bodies=vocabulary.bodies,
        parties=vocabulary.groups,
        outcomes=tuple(map(str, Outcome)),
        file=f"/decisions.csv?{urlencode(wanted.params)}".rstrip("?"),
    )
    return HTMLResponse(body, headers=REVALIDATE)


@router.api_route("/decisions.csv", methods=READ)
def decision_file(deps: Parts, site: OnSite, wanted: Narrowed, request: Request) -> Response:
    """The same, all of them, as a table for other programs."""
    found = decisions(deps.published, wanted.filters, wanted.outcomes)
    body = "\N{BOM}" + _table(found, site.text, deps.settings.address or "")
    response = conditional(request, body.encode(), "text/csv; charset=utf-8; header=present")
    response.headers["Content-Disposition"] = 'attachment; filename="decisions.csv"'
    return response


def _table(found: Iterable[Decision], text: Catalogue, site: str) -> str:
    file = io.StringIO(newline="")
    writer = csv.writer(file)  # whose usual form is that of RFC 4180
    writer.writerow(text(f"decisions.column.{name}") for name in _COLUMNS)
    for one in found:
        writer.writerow(map(_cell, _row(one, text, site)))
    return file.getvalue()


def _row(one: Decision, text: Catalogue, site: str) -> tuple[object, ...]:
    vote = one.vote
    state = "confirmed" if vote.confirmed else "unsure" if vote.unsure else "open"
    return (
        *(one.date.isoformat(), vote.body, one.title, vote.object, vote.item, vote.noun),
        *(vote.mover, one.party, text(f"votes.outcome.{vote.outcome}"), vote.destination),
        *(vote.yes, vote.no, vote.abstentions, text(f"decisions.state.{state}"), vote.said),
        site + decision_line_of(one).page,
    )


def _cell(value: object) -> str:
    written = "" if value is None else str(value)
    # Some spreadsheets drop what cannot be seen, and read full-width signs as the plain ones.
    seen = next((sign for sign in written if category(sign)[0] not in "CZM"), "")
    is_computed = normalize("NFKC", seen) in _FORMULA or written.startswith(_FORMULA)
    return f"'{written}" if is_computed else written
