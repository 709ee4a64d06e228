"""A city's notices about this product: how it works and errs, the law, accessibility.

Also the sheet (« fiche ») that territories share with each other, as a page and as Markdown. Texts
stand in `locale/fr-notices.json`; what a city adds of its own, in two text files of its settings.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import count, takewhile
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from api.catalogue import Catalogue
from api.routes.http import REVALIDATE, conditional
from web.site import READ, OnSite, Site

router = APIRouter(include_in_schema=False)
PAGES = ("/comment-ca-marche", "/mentions", "/accessibilite", "/fiche")

MEASURED: Mapping[str, Mapping[str, float]] = {
    "samples: hearing": {
        "wer": 0.1138,
        "names_spelt": 0.9388,
        "figures_right": 0.9135,
        "rightly_named": 0.9966,
    },
    "fleurs": {"wer": 0.2689},
    "names: simulated sittings": {
        "rightly_named_light_calls": 0.8668,
        "wrongly_named_light_calls": 0.0025,
    },
    "samples: asked again": {"gold_quoted": 0.905, "unanswerable_refused": 0.9286},
}
"""Shares that pages tell, by set and name of `tests/eval/baseline.json`; a test compares them."""

_ANSWERED_WRONGLY = 0.23  # of unanswerable questions on a held-out session: docs/quality.md
# Two processors for a fourteenth of the sound (docs/quality.md); the median of docs/reader.md.
_HOUR_CPU_S, _QUESTION_CPU_S = 2 * 3600 / 14, 0.32
_WATTS = 12  # of a busy core of a server, memory and cooling included: a model, not a measurement

_RGAA = Path(__file__).parent.parent / "rgaa.json"

_ROUNDS_AWAY = 0.01  # a share this near to none or all would be shown as none or all

_HOW = ("steps", "checks", "never", "yours")
_LEGAL = ("publisher", "machine", "data", "rights")
_ACCESS = ("state", "tested", "known", "help")
_SHEET = (
    *("problem", "users", "data", "models", "control", "results"),
    *("biometrics", "lawful", "service", "agents", "sober", "open", "assessed"),
    *("cost", "energy", "licence"),
)


@dataclass(frozen=True)
class Section:
    """A heading and its paragraphs; `is_own`: the city's, in its language."""

    title: str
    paragraphs: tuple[str, ...]
    is_own: bool = False


@dataclass(frozen=True)
class Criterion:
    """One criterion. `state` is C (met), NC (not met) or NA (the pages have no such thing)."""

    number: str
    title: str
    state: str
    evidence: str


@dataclass(frozen=True)
class Theme:
    """A theme of RGAA, with its criteria."""

    title: str
    criteria: tuple[Criterion, ...]


@router.api_route("/comment-ca-marche", methods=READ, response_class=HTMLResponse)
def how(site: OnSite) -> HTMLResponse:
    """From the sound to an answer, and how often each step errs."""
    steps, *rest = _sections(site, "how", _HOW)
    rates = _rates(site.text)
    return _page(site, "how", template="how.html", steps=steps, sections=rest, rates=rates)


@router.api_route("/mentions", methods=READ, response_class=HTMLResponse)
def legal(site: OnSite) -> HTMLResponse:
    """Who publishes, what a machine makes, what becomes of data; then the city's own text."""
    own = _own_text(site.settings.legal_notice, site.text("legal.own"))
    sections = (*_sections(site, "legal", _LEGAL), *own)
    return _page(site, "legal", sections=sections)


@router.api_route("/accessibilite", methods=READ, response_class=HTMLResponse)
def accessibility(site: OnSite) -> HTMLResponse:
    """The city's own statement, where it has one; else what was tested, and what is known."""
    own = _own_text(site.settings.accessibility, site.text("accessibility.own"))
    sections = tuple(own) or tuple(_sections(site, "accessibility", _ACCESS))
    return _page(site, "accessibility", sections=sections)


@router.api_route("/accessibilite/rgaa", methods=READ, response_class=HTMLResponse)
def criteria(site: OnSite) -> HTMLResponse:
    """Each criterion of RGAA 4.1, whether it is met, and by which evidence."""
    return _page(site, "rgaa", template="rgaa.html", themes=rgaa(), counts=state_counts(rgaa()))


@router.api_route("/fiche", methods=READ, response_class=HTMLResponse)
def sheet(site: OnSite) -> HTMLResponse:
    """The sheet of this use of artificial intelligence."""
    return _page(site, "sheet", sections=_sections(site, "sheet", _SHEET))


@router.api_route("/fiche.md", methods=READ)
def sheet_file(site: OnSite, request: Request) -> Response:
    """The same as a text, to be copied into a library of sheets."""
    kind = "text/markdown; charset=utf-8"
    return conditional(request, sheet_markdown(site).encode(), kind)


def sheet_markdown(site: Site) -> str:
    """The sheet in Markdown."""
    parts = [f"# {site.text('sheet.title')}", site.text("sheet.lead", **_values(site))]
    for section in _sections(site, "sheet", _SHEET):
        parts += [f"## {section.title}", *section.paragraphs]
    return "\n\n".join(parts) + "\n"


@cache
def rgaa() -> tuple[Theme, ...]:
    """The criteria of RGAA 4.1 (the French rules of accessibility), by theme."""
    stored = json.loads(_RGAA.read_text(encoding="utf-8"))
    return tuple(
        Theme(theme["title"], tuple(Criterion(*one) for one in theme["criteria"]))
        for theme in stored
    )


def state_counts(themes: tuple[Theme, ...]) -> dict[str, int]:
    """How many criteria are met, not met, and without object."""
    states = Counter(one.state for theme in themes for one in theme.criteria)
    return {"met": states["C"], "unmet": states["NC"], "without": states["NA"]}


def _page(site: Site, page: str, template: str = "notice.html", **given: object) -> HTMLResponse:
    body = site.render(template, page=page, values=_values(site), **given)
    return HTMLResponse(body, headers=REVALIDATE)


def _sections(site: Site, page: str, names: tuple[str, ...]) -> Iterator[Section]:
    values = _values(site)
    for name in names:
        keys = (f"{page}.{name}.{n}" for n in count(1))
        there = takewhile(site.text.texts.__contains__, keys)
        paragraphs = tuple(site.text(key, **values) for key in there)
        yield Section(site.text(f"{page}.{name}"), paragraphs)


def _values(site: Site) -> dict[str, str]:
    """What texts name of the city, and of what was measured."""
    hour, question = (cpu_s * _WATTS / 3600 for cpu_s in (_HOUR_CPU_S, _QUESTION_CPU_S))
    settings = site.settings
    return {
        "city": settings.city,
        "contact": settings.contact or site.text("notices.no_contact"),
        "wrong": site.text.percent(MEASURED["samples: hearing"]["wer"]),
        "wrong_hard": site.text.percent(MEASURED["fleurs"]["wer"]),
        "answered_wrongly": site.text.percent(_ANSWERED_WRONGLY),
        "watts": str(_WATTS),
        "hour_wh": site.text.number(hour, 1),
        "question_wh": site.text.number(question, 3),
    }


def _rates(text: Catalogue) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Each set that was measured, with what of it and the share: groups of lines of a table."""
    for measured, shares in MEASURED.items():
        kind = measured.split(":")[0]
        told = ((text(f"how.rate.{kind}.{name}"), share) for name, share in shares.items())
        yield measured, [(what, _percent(text, share)) for what, share in told]


def _percent(text: Catalogue, share: float) -> str:
    """A share of 1, with a decimal where it would round to none or to all."""
    return text.percent(share, 1 if min(share, 1 - share) < _ROUNDS_AWAY else 0)


def _own_text(path: Path | None, title: str) -> Iterator[Section]:
    """A city's own text: paragraphs apart by empty lines, `# ` before a heading."""
    if path is None:
        return
    heading, paragraphs = title, list[str]()
    for block in path.read_text(encoding="utf-8-sig").strip().split("\n\n"):
        said = " ".join(block.split())
        if said.startswith("# "):
            if paragraphs:
                yield Section(heading, tuple(paragraphs), is_own=True)
            heading, paragraphs = said.removeprefix("# "), []
        elif said:
            paragraphs.append(said)
    yield Section(heading, tuple(paragraphs), is_own=True)
