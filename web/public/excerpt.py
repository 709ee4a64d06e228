"""A session's words as other sites show them: a page to embed, a picture, what oEmbed asks.

Each is made of one `Excerpt`: the words as they stand now, or the notice that they are not public
any more. Embedded pages have a policy of their own: no script, and any site may frame them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from api.answers.clip import PAD_MS, RATE
from api.exports.captions import Caption, captions_of
from api.exports.picture import SIZE, Card, picture
from api.exports.script import one_line
from api.exports.video import SoundSamples, video
from api.routes import Parts
from api.routes.allowance import use_allowance
from api.routes.audio import ClipSource, made_of, source_of
from api.routes.http import REVALIDATE, attachment, etag_of, matches, unchanged
from api.routes.turns import Turns
from api.views.excerpt import Excerpt, Speech, excerpt, read_moment
from api.views.wording import clock_in
from ingest.errors import BadInput, NotFound
from web.filters import voice
from web.languages import without_language
from web.site import READ, OnSite, Site
from web.theme import LIGHT, tones

router = APIRouter(include_in_schema=False)
FRAMED = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors *"
    ),
    "Cross-Origin-Resource-Policy": "cross-origin",
}
WIDTH, HEIGHT = 640, 320  # of a frame: words of four lines, with their source and the player
_READINGS, _PICTURES, _VIDEOS = Turns("d'extraits"), Turns("d'images"), Turns("de vidéos")
_MOST_WORDS = 400  # in a frame, whose page is to stay below 15 kB


@dataclass(frozen=True)
class Shared:
    """An excerpt as it is shown elsewhere. Addresses are whole where the site's own is set.

    `speeches` are its first words; `more`: there are others.
    """

    said: Excerpt
    speeches: tuple[Speech, ...]
    more: bool
    names: str
    page: str
    frame: str
    image: str
    title: str
    source: str


def shared(said: Excerpt, site: Site) -> Shared:
    """An excerpt with its addresses and the line that names it."""
    session, t, origin = said.session, site.text, site.settings.address or ""
    named = f"?t={said.start_ms}-{said.end_ms}&r={said.revision}"
    frame = f"{origin}/extrait/{quote(session.id, safe='')}"
    speeches = tuple(_first_words(said.speeches))
    at = clock_in(session, said.start_ms)
    source = t("quote.source", body=session.body, day=t.day(session.date))
    return Shared(
        said=said,
        speeches=speeches,
        more=speeches != said.speeches,
        names=", ".join(dict.fromkeys(voice(t, speech.who) for speech in said.speeches)),
        page=f"{origin}{said.links.page}",
        frame=frame + named,
        image=f"{frame}/image.png{named}",
        title=f"« {' '.join(s.text for s in speeches)} »" if speeches else t("share.gone"),
        source=f"{source}, {at}" if at else source,
    )


def _first_words(speeches: Sequence[Speech]) -> Iterator[Speech]:
    left = _MOST_WORDS
    for speech in speeches:
        if left > 0:
            yield replace(speech, words=speech.words[:left])
        left -= len(speech.words)


def _excerpt(session_id: str, deps: Parts, t: str = "", r: int | None = None) -> Excerpt:
    moment = read_moment(t)
    if moment is None:
        raise BadInput("Un extrait a un début et une fin : donnez t=12000-15000.")
    said = excerpt(deps.published, session_id, moment, r)
    if not said.speeches and not said.closed:
        raise NotFound(f"Rien n'est dit à ce moment de la séance « {session_id} ».")
    return said


async def _excerpt_in_turn(
    session_id: str, deps: Parts, t: str = "", r: int | None = None
) -> Excerpt:
    """The same for what is made of it: many at once do not take the threads of other pages."""
    return await _READINGS.make(partial(_excerpt, session_id, deps, t, r))


FromLink = Annotated[Excerpt, Depends(_excerpt)]
InTurn = Annotated[Excerpt, Depends(_excerpt_in_turn)]


@router.api_route("/extrait/{session_id}", methods=READ, response_class=HTMLResponse)
def excerpt_page(said: FromLink, site: OnSite) -> HTMLResponse:
    """Words with who says them, their source and their sound, for other sites to embed."""
    body = site.render("excerpt.html", shared=shared(said, site))
    return HTMLResponse(body, headers=REVALIDATE | FRAMED)


@router.api_route(
    "/extrait/{session_id}/image.png", methods=READ, dependencies=[Depends(use_allowance)]
)
async def excerpt_picture(said: InTurn, site: OnSite, request: Request) -> Response:
    """The words as a picture of 1200 by 630."""
    card = _card(shared(said, site), site)
    etag = etag_of(repr(card).encode())
    if matches(request, etag):
        return unchanged(etag)
    body = await _PICTURES.make(partial(picture, card))
    return Response(body, headers={"ETag": etag, **REVALIDATE}, media_type="image/png")


def _card(view: Shared, site: Site) -> Card:
    return Card(
        words=view.title,
        who=view.said.names,
        where=view.source,
        city=site.settings.city,
        colour=tones(site.settings.colour, LIGHT).ink,
    )


@router.api_route(
    "/extrait/{session_id}/video.mp4", methods=READ, dependencies=[Depends(use_allowance)]
)
async def excerpt_video(
    said: InTurn,
    source: Annotated[ClipSource, Depends(source_of)],
    site: OnSite,
    deps: Parts,
    request: Request,
) -> Response:
    """The sound as a video with captions, 90 seconds at most."""
    if said.closed:
        raise NotFound(site.text("share.gone"))
    card = _card(shared(said, site), site)
    etag = etag_of(f"{source.version} {card} {said.start_ms} {said.end_ms}".encode())
    if matches(request, etag):
        return unchanged(etag)

    def make() -> bytes:
        samples = source.samples(said.start_ms, said.end_ms)
        captions = [c for speech in said.speeches for c in _captions(speech)]
        return video(card, captions, SoundSamples(samples, RATE, max(0, said.start_ms - PAD_MS)))

    body = await made_of(source, said.session.id, deps, _VIDEOS, make)
    kept = attachment(f"{said.session.date} {said.names}.mp4")
    return Response(body, headers={**kept, "ETag": etag, **REVALIDATE}, media_type="video/mp4")


def _captions(speech: Speech) -> list[Caption]:
    return captions_of(speech.words, [one_line(word.text) for word in speech.words])


@router.api_route("/oembed", methods=READ, dependencies=[Depends(use_allowance)])
def oembed(
    deps: Parts,
    site: OnSite,
    url: Annotated[str, Query(max_length=2000)],
    format: str = "json",
    maxwidth: Annotated[int, Query(ge=1)] = WIDTH,
    maxheight: Annotated[int, Query(ge=1)] = HEIGHT,
) -> Response:
    """How to embed one of our addresses, by oEmbed 1.0: those of a session's words."""
    if format != "json":
        raise HTTPException(501)
    origin = site.settings.address
    if origin is None:  # a request's own host may be forged, and caches keep what it is told
        raise NotFound("Ce site ne dit pas son adresse (VERBATIM_ADDRESS) : il n'a pas d'oEmbed.")
    view = shared(_named(url, deps, origin), site)
    width, height = min(maxwidth, WIDTH), min(maxheight, HEIGHT)
    body: dict[str, Any] = {
        "version": "1.0",
        "type": "rich",
        "provider_name": site.settings.city,
        "provider_url": origin,
        "title": view.title,
        "author_name": view.said.names,
        "html": site.render("partials/frame.html", shared=view, width=width, height=height),
        "width": width,
        "height": height,
        "thumbnail_url": view.image,
        "thumbnail_width": SIZE[0],
        "thumbnail_height": SIZE[1],
    }
    return JSONResponse(body, headers=REVALIDATE)


def _named(url: str, deps: Parts, origin: str) -> Excerpt:
    """The words that an address of ours names. Raises `NotFound` for any other address."""
    try:
        address = urlsplit(url)
    except ValueError:  # no host is written so
        address = urlsplit("")
    kind, _, session_id = without_language(address.path).strip("/").partition("/")
    ours = address.netloc == urlsplit(origin).netloc
    if not ours or kind not in ("seances", "extrait") or not session_id:
        raise NotFound(f"« {url[:80]} » n'est pas l'adresse d'un extrait de ce site.")
    given = parse_qs(address.query)
    revision = given.get("r", [""])[0]
    return _excerpt(
        unquote(session_id),
        deps,
        given.get("t", [""])[0],
        int(revision) if revision.isdecimal() and len(revision) <= 9 else None,  # noqa: PLR2004
    )
