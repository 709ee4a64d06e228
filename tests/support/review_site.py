"""A session to review, in a site with its office, and visits of clerks who have signed in."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from jinja2 import Environment
from playwright.sync_api import Browser

from api.desk import Desk
from ingest.transcript import (
    AgendaItem,
    Doubt,
    Evidence,
    Generator,
    ImportedText,
    Person,
    Recording,
    ReviewItem,
    Session,
    Span,
    Speaker,
    Transcript,
    Turn,
    Word,
)
from tests.support.browser import DESKTOP, Scheme, Visit, until
from tests.support.office import signed_in, small_office
from tests.support.small_site import tones

DRAFT = "2025-05-20"
UNSURE = 0.3
NEWS_MS = 4_000  # how often a page asks what others did (edits.js)
SAVED_MS = 1_500  # how long a pause in writing is when the text is saved by itself (editor.js)
RETRY_MS = 1_000  # when a request is sent again that had no answer (wire.js)
# (voice, start, text); a word that ends in ~ is one the machine is unsure of
SAID = (
    ("S1", 500, "Mesdames et Messieurs, bonsoir. La séance est ouverte."),
    ("S2", 4000, "Merci Madame la Présidente. Le quai des Verdets~ sera refait."),
    ("S1", 8000, "Monsieur Rochas~ vous avez la parole."),
    ("S3", 10500, "Le quai des Verdets coûte trop cher."),
    ("S2", 13000, "Je ne suis pas d'accord. Nous voterons oui."),
)
SILENT = "2025-05-21-texte"


def draft() -> tuple[Session, Transcript]:
    """A draft of five turns: two doubtful words, a voice without a name, two voices at once."""
    turns = tuple(Turn(n, voice, _words(text, at)) for n, (voice, at, text) in enumerate(SAID))
    session = Session(
        id=DRAFT,
        title="Séance du 20 mai 2025",
        date=date(2025, 5, 20),
        parts=(Recording(DRAFT.ljust(64, "0"), 0, 20_000),),
        agenda=(AgendaItem("1", "Ouverture", None, 0), AgendaItem("2", "Le quai", "PR-7", 3500)),
        roster=(
            Person("Claire Fontanet", "présidente", "PS"),
            Person("Julien Rochat", "", "PLR"),
            Person("Nadia Keller", "", "Les Verts"),
            Person("Sandrine Maillard"),
        ),
    )
    speakers = (
        Speaker("S1", "Claire Fontanet", Evidence.CHAIR, 0.9),
        Speaker("S2", None, reason="voix sans nom, qui parle longtemps"),
        Speaker("S3", "Julien Rochat", Evidence.CHAIR, 0.9),
    )
    review = (ReviewItem(13_000, 14_000, Doubt.OVERLAP, "plusieurs voix à la fois"),)
    generator = Generator("whisper-base", "fake", "1", {})
    return session, Transcript(DRAFT, speakers, turns, (Span(17_000, 18_500),), generator, review)


def _words(text: str, at: int) -> tuple[Word, ...]:
    return tuple(
        Word(at + 250 * n, at + 250 * n + 230, word.rstrip("~"), UNSURE if "~" in word else 0.95)
        for n, word in enumerate(text.split())
    )


def review_office(root: Path) -> FastAPI:
    """A site with its office, the draft to review in it, and its sound."""
    app = small_office(root)
    desk: Desk = app.state.desk
    desk.archive.save(*draft())
    tones(root / "media" / DRAFT / "listen.opus", "ogg", "libopus")
    tones(root / "media" / DRAFT / "listen.mp3", "mp3", "libmp3lame")
    return app


def texts(app: FastAPI, session: str = DRAFT) -> list[str]:
    """What the turns say, as the archive has it."""
    return [turn.text for turn in app.state.desk.archive.transcript(session).turns]


def names(app: FastAPI, session: str = DRAFT) -> list[str | None]:
    """Who says them."""
    transcript = app.state.desk.archive.transcript(session)
    return [transcript.person(turn) for turn in transcript.turns]


@dataclass
class Clerk(Visit):
    """A clerk at the review of a session, who has nothing but a keyboard."""

    def keys(self, *keys: str) -> None:
        """Press one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type a text."""
        self.page.keyboard.type(text)

    def settled(self) -> None:
        """Wait until everything is saved."""
        until(self, "document.getElementById('etat').dataset.state === 'saved'")

    def passes(self, ms: int) -> None:
        """Let time pass on a page whose clock is stopped."""
        self.page.clock.run_for(ms)

    def here(self) -> dict[str, Any]:
        """The turn one is at: its text, and the word under the cursor."""
        here: dict[str, Any] = self.page.evaluate("""() => {
          const turn = document.querySelector('.turn[aria-current]');
          const [range] = CSS.highlights.get('cursor');
          const { startContainer: node, startOffset: start, endOffset: end } = range;
          return {
            text: turn.querySelector('.said').textContent,
            who: turn.querySelector('.who').textContent,
            word: node.data.slice(start, end),
            checked: turn.classList.contains('checked'),
            focused: turn === document.activeElement,
          };
        }""")
        return here

    def word(self) -> object:
        """The word under the cursor."""
        return self.here()["word"]

    def told(self) -> str:
        """What was said last to a screen reader."""
        return self.page.locator("#annonce").text_content() or ""


@contextmanager
def clerk_at(
    chromium: Browser,
    address: str,
    app: FastAPI,
    login: str = "marie",
    *,
    size: tuple[int, int] = DESKTOP,
    scheme: Scheme = "light",
    session: str = DRAFT,
    stopped: bool = False,
) -> Iterator[Clerk]:
    """A clerk whose page is ready; fails afterwards if console, CSP or network complained.

    The page's clock may be `stopped`: it then asks for no news and saves nothing by itself, until
    the test lets time pass.
    """
    context = chromium.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,
        reduced_motion="reduce",
        locale="fr-CH",
    )
    cookies = signed_in(app, login).cookies
    context.add_cookies([{"name": k, "value": v, "url": address} for k, v in cookies.items()])
    clerk = Clerk(context.new_page(), address)
    clerk.watch()
    if stopped:  # before the page begins: a timer that runs already would go on
        now = datetime.now()
        clerk.page.clock.install(time=now)
        clerk.page.clock.pause_at(now + timedelta(minutes=1))  # it cannot go back
    clerk.page.goto(f"{address}/bureau/seances/{session}/relecture")
    clerk.page.locator(".turn[aria-current]").wait_for()
    yield clerk
    context.close()
    assert not clerk.complaints, clerk.complaints


def as_text(session: Session, transcript: Transcript) -> tuple[Session, Transcript]:
    """The same as an imported text: without sound."""
    count = sum(len(turn.words) for turn in transcript.turns)
    at = 0
    turns = []
    for turn in transcript.turns:
        words = tuple(Word(at + n, at + n + 1, w.text, 1.0) for n, w in enumerate(turn.words))
        turns.append(replace(turn, words=words))
        at += len(words)
    silent = replace(session, id=SILENT, parts=(), text=ImportedText("0" * 64, count))
    return silent, replace(transcript, session=SILENT, turns=tuple(turns), unheard=(), review=())


MARKED = """[...CSS.highlights.get('doubt')].map(
  (range) => range.startContainer.data.slice(range.startOffset, range.endOffset))"""
NOW = "document.querySelector('audio').currentTime * 1000"
PLAYS = "!document.querySelector('audio').paused"
Arrive = Callable[..., AbstractContextManager[Clerk]]


def review_app(root: Path, templates: Environment) -> FastAPI:
    """The office, with templates that were compiled for an earlier test."""
    app = review_office(root)
    app.state.site = replace(app.state.site, templates=templates)
    return app


def write(clerk: Clerk, text: str) -> None:
    """Write a turn anew."""
    clerk.keys("Enter", "Control+a")
    clerk.type(text)
    clerk.keys("Enter")


def replacing(clerk: Clerk, find: str, by: str) -> None:
    """Ask for a replacement, and wait for what it would change."""
    clerk.keys("c", "Control+a")
    clerk.type(find)
    clerk.keys("Tab", "Control+a")
    clerk.type(by)
    clerk.keys("Enter")
    until(clerk, "document.activeElement.dataset.does === 'apply'")
