"""Feeds: Atom of published sessions and of passages, a podcast of the sessions' sound.

By RFC 4287, RSS 2.0 with iTunes' elements, and Podcasting 2.0. An entry's identifier outlives every
correction: it is made of the session's own recording. A feed needs the site's address, for its
readers keep whole addresses, and a request's own host does not go into them.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from email.utils import format_datetime
from functools import cache, partial
from typing import Any
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, UUID, uuid5

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.deps import Deps
from api.exports.picture import cover
from api.routes import Parts
from api.routes.audio import Extension, listening_key
from api.routes.http import conditional
from api.routes.search import browse
from api.routes.turns import Turns
from api.views.answer import CitationView, PassageView
from api.views.links import whole_sound
from api.views.session import SessionView, session_view
from ingest.errors import InPreparation, NotFound
from ingest.transcript import Session
from search.query.url import filter_params, filters_from
from web.site import READ, OnSite, Site
from web.theme import LIGHT, initial, tones

router = APIRouter(include_in_schema=False)
MOST = 50  # entries of a feed: a year of a council; older sessions stay on the site
PASSAGES = 20  # of a feed of what was said: two pages of the site
_PODCASTS = UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")  # of podcast:guid, as its text sets it
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2
_COVERS = Turns("d'images")


@dataclass(frozen=True)
class Item:
    """A session as an entry: `at` is when it was held, `updated` when it last became another."""

    session: SessionView
    id: UUID
    at: datetime
    updated: datetime


@dataclass(frozen=True)
class Episode:
    """A session to be heard. `length` is that of its sound, in bytes; `people` who speak in it."""

    item: Item
    length: int
    people: Sequence[str]

    @property
    def sound(self) -> str:
        """The address of its sound on the site."""
        return whole_sound(self.item.session.id)

    @property
    def published(self) -> str:
        """When it was held, by RFC 5322."""
        return format_datetime(self.item.at)


@dataclass(frozen=True)
class FeedEntry:
    """Words as an entry: who says them, the view that tells where and when, the text."""

    id: UUID
    who: str
    place: PassageView | CitationView
    text: str


def feed_id(session: Session) -> UUID:
    """What a session is called in every feed, whatever is corrected: after what it was made of."""
    origin = session.parts[0].id if session.parts else session.text and session.text.id
    return uuid5(NAMESPACE_URL, f"{session.id} {origin}")


def _address(site: Site) -> str:
    address = site.settings.address
    if address is None:
        raise NotFound("Ce site n'a pas de fil : son adresse (VERBATIM_ADDRESS) n'est pas réglée.")
    return address


def _items(deps: Deps) -> Iterator[Item]:
    changed = deps.published.updated()
    for session in deps.published.sessions(MOST):
        begins = next((part.starts_at for part in session.parts if part.starts_at), time())
        at = datetime.combine(session.date, begins).astimezone()
        updated = changed.get(session.id)
        late = max(at, updated.replace(tzinfo=UTC)) if updated else at
        yield Item(session_view(session), feed_id(session), at, late)


def _feed(site: Site, request: Request, template: str, kind: str, **values: Any) -> Response:
    body = site.render(template, address=_address(site), **values)
    return conditional(request, _NOT_XML.sub("", body).encode(), f"{kind}; charset=utf-8")


@router.api_route("/flux/seances.atom", methods=READ)
def sessions_feed(deps: Parts, site: OnSite, request: Request) -> Response:
    """Published sessions, newest first."""
    return _feed(
        site, request, "feeds/sessions.atom", "application/atom+xml", items=tuple(_items(deps))
    )


@router.api_route("/flux/podcast.xml", methods=READ)
def podcast(deps: Parts, site: OnSite, request: Request) -> Response:
    """The sound of published sessions, with transcript, chapters and who speaks."""
    address = _address(site)
    guid = uuid5(_PODCASTS, f"{address.partition('://')[2]}/flux/podcast.xml")
    episodes = tuple(_episodes(deps))
    return _feed(
        site, request, "feeds/podcast.xml", "application/rss+xml", guid=guid, episodes=episodes
    )


def _episodes(deps: Deps) -> Iterator[Episode]:
    """What can be heard. A store of objects is asked once, for all of it."""
    items = {
        listening_key(item.session.id, Extension.MP3): item
        for item in _items(deps)
        if item.session.has_audio
    }
    kept = deps.blobs.find_all(items)
    for key, item in items.items():
        if key not in kept:
            continue
        try:
            deps.published.check_sound(item.session.id, Extension.MP3)
            voices = deps.published.speakers(item.session.id)
        except (NotFound, InPreparation):  # withdrawn meanwhile, or sound that is being made
            continue
        people = dict.fromkeys(voice.person for voice in voices if voice.person)
        yield Episode(item, kept[key].size, tuple(people))


@router.api_route("/flux/pochette.png", methods=READ)
async def podcast_cover(site: OnSite, request: Request) -> Response:
    """The podcast's picture: the city's initial in its colour, as podcast apps want it."""
    fill = tones(site.settings.colour, LIGHT)
    letter = initial(site.settings.city)
    body = await _COVERS.make(partial(cover, letter, fill.fill, fill.on_fill))
    return conditional(request, body, "image/png")


@router.api_route("/seances/{session_id}/chapitres.json", methods=READ)
def chapters(session_id: str, deps: Parts, site: OnSite, request: Request) -> Response:
    """The points of the agenda as chapters of the sound (Podcasting 2.0, JSON chapters 1.2)."""
    session = deps.published.session(session_id)
    placed = [point for point in session.agenda if point.start_ms is not None]
    view = session_view(session)
    address = site.settings.address or ""
    body = {
        "version": "1.2.0",
        "title": session.title,
        "chapters": [
            {
                "startTime": (point.start_ms or 0) / 1000,
                "title": f"{point.number}. {point.title}",
                "url": f"{address}{view.page}?t={point.start_ms}ms",
            }
            for point in sorted(placed, key=lambda point: point.start_ms or 0)
        ],
    }
    return conditional(request, json.dumps(body).encode(), "application/json+chapters")


@router.api_route("/flux/passages.atom", methods=READ)
def passages_feed(deps: Parts, site: OnSite, request: Request) -> Response:
    """What was said, newest first, within the filters of the address: a person's, an object's."""
    filters = filters_from(request.query_params.multi_items())
    params = filter_params(filters)
    session = cache(deps.published.session)
    entries = (
        FeedEntry(
            uuid5(feed_id(session(passage.session)), str(passage.start_ms)),
            ", ".join(who.name for who in passage.who),
            passage,
            passage.text,
        )
        for passage in browse(deps, filters, PASSAGES, 0)
    )
    query = urlencode(params)
    wanted = ", ".join(value for _, value in params)
    here = f"/flux/passages.atom?{query}"
    return said_feed(site, request, tuple(entries), wanted, (f"/parcourir?{query}", here))


def said_feed(
    site: Site, request: Request, entries: Sequence[FeedEntry], wanted: str, pages: tuple[str, str]
) -> Response:
    """Words as Atom, newest first. `pages` are the address of the page of the same and its own."""
    page, here = pages
    return _feed(
        site,
        request,
        "feeds/passages.atom",
        "application/atom+xml",
        entries=entries,
        wanted=wanted,
        page=page,
        here=here,
        id=uuid5(NAMESPACE_URL, f"{_address(site)}{page}"),
    )
