"""Pages for programs and who writes them: the API with its examples, `llms.txt` for assistants.

The examples are those that `tests/web/public/test_developers.py` runs, as they stand on the page.
"""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from api.deps import Deps
from api.exports.exports import Form, house_of
from api.exports.standards.parlamint import suits
from api.routes import Parts
from api.routes.http import REVALIDATE, conditional, site_of
from api.views.links import session_page
from ingest.french_dates import day
from ingest.transcript import Session
from search.query.url import MAX_QUESTION
from web.site import READ, OnSite

router = APIRouter(include_in_schema=False)
_QUESTION = "Combien coûte la piste ?"
_SAMPLE = "2025-03-11"  # where nothing is published yet
_LISTED = 50  # newest sessions that `llms.txt` names: one page of a model's attention


@dataclass(frozen=True)
class Example:
    """Something to try: `key` names its sentence in the catalogue, `code` is to be pasted."""

    key: str
    code: str


def examples(site: str, session: Session | None, *, is_corpus: bool) -> tuple[Example, ...]:
    """The examples, for a site's address and its newest session; `is_corpus` as `suits` says."""
    name = session.id if session else _SAMPLE
    clip = f"{site}/api/sessions/{name}/clip.mp3?start_ms=1000&end_ms=9000"
    curl = {
        "ask": f"""--json '{{"question": "{_QUESTION}"}}' {site}/api/ask""",
        "stream": f"-N -G --data-urlencode 'q={_QUESTION}' {site}/api/ask/stream",
        "search": f"-G --data-urlencode 'q=piste cyclable' -d limit=3 {site}/api/search",
        "passages": f"-G -d du=2025-01-01 {site}/api/passages",
        "votes": f"'{site}/api/votes?outcome=accepted&limit=5'",
        "sessions": f"{site}/api/sessions",
        "transcript": f"{site}/api/sessions/{name}/transcript",
        "export": f"-O {site}/seances/{name}/export.txt",
        "archive": f"-o seances.zip {site}/api/archive.zip",
    }
    if is_corpus:
        curl["corpus"] = f"-o corpus.zip {site}/api/archive.parlamint.zip"
    if session is None or session.has_audio:
        curl["clip"] = f"-o extrait.mp3 '{clip}'"
    return tuple(Example(key, f"curl {rest}") for key, rest in curl.items())


def openai_example(site: str) -> str:
    """A question by OpenAI's Python client."""
    return (
        "from openai import OpenAI\n\n"
        f'client = OpenAI(base_url="{site}/v1", api_key="-")\n'
        "answer = client.chat.completions.create(\n"
        '    model="verbatim",\n'
        f'    messages=[{{"role": "user", "content": "{_QUESTION}"}}],\n'
        ")\n"
        "print(answer.choices[0].message.content)\n"
    )


@router.api_route("/api", methods=READ, response_class=HTMLResponse)
def developers(deps: Parts, site: OnSite, request: Request) -> HTMLResponse:
    """How programs read what is published: addresses, examples, licence, limits."""
    address, newest = site_of(request), next(iter(deps.published.sessions(1)), None)
    body = site.render(
        "developers.html",
        address=address,
        addresses=_addresses(request),
        examples=examples(address, newest, is_corpus=suits(house_of(deps.settings, Form.JSON))),
        openai_example=openai_example(address),
        settings=deps.settings,
        longest=MAX_QUESTION,
    )
    return HTMLResponse(body, headers=REVALIDATE)


def _addresses(request: Request) -> list[tuple[str, str]]:
    """Each method and address that the API describes."""
    described = request.app.openapi()["paths"]
    return [(method.upper(), path) for path, methods in described.items() for method in methods]


@router.api_route("/llms.txt", methods=READ)
def llms(deps: Parts, site: OnSite, request: Request) -> Response:
    """What a language model should know of the site (llmstxt.org)."""
    address = site_of(request)
    licence = deps.settings.data_licence
    parts = (
        f"# {deps.settings.city}",
        f"> {site.text('llms.summary')}",
        site.text("llms.rules"),
        *([site.text("llms.licence", licence=licence)] if licence else ()),
        f"## {site.text('llms.programs')}",
        "\n".join(
            f"- [{path}]({address}{path}) : {site.text(f'llms.{key}')}"
            for key, path in (("api", "/api"), ("openapi", "/api/openapi.json"), ("mcp", "/mcp"))
        ),
        f"## {site.text('nav.sessions')}",
        "\n".join(_session_lines(deps, address)),
    )
    return conditional(request, "\n\n".join(parts).encode() + b"\n", "text/plain; charset=utf-8")


def _session_lines(deps: Deps, address: str) -> list[str]:
    """The newest sessions, each as a text to be read whole, with its points."""
    return [
        f"- [{session.title}]({address}{session_page(session.id)}/export.{Form.TXT}) : "
        f"{session.body}, {day(session.date)}. " + " ; ".join(item.title for item in session.agenda)
        for session in deps.published.sessions(_LISTED)
    ]
