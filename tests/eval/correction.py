"""A review of thirty seeded errors by keyboard alone in a real Chromium: what it takes, counted.

`python -m tests.eval.correction` prints the figures beside the committed ones; `--save` keeps them.

The clerk here knows what was said, goes through the session once, turn by turn, takes the shortest
way of keys to each error, and validates every turn. What is counted: `commands`, keys pressed to
move, open, choose and save; `letters`, keys that write the right words and names. The robot's time
says nothing of a person's; `estimated_minutes` is the keystroke-level model's (Card, Moran and
Newell, 1980): the sound heard once, 0.28 s a key, 1.35 s to make up one's mind at each error.
"""

import argparse
import json
import shutil
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from fastapi import FastAPI
from playwright.sync_api import Browser

from tests.eval.seeded import (
    COUNT,
    CUT,
    MERGED,
    NAMES,
    SAMPLE,
    WRONG_VOICE,
    Line,
    listening_file,
    reference,
    seeded,
)
from tests.support.browser import launched, serving_app, until
from tests.support.office import small_office
from tests.support.review_site import Clerk, clerk_at, names, texts

BASELINE = Path(__file__).parent / "correction.json"
_KEY_S, _MIND_S = 0.28, 1.35


@dataclass(frozen=True)
class Figures:
    """What the review took."""

    errors: int
    commands: int
    letters: int
    commands_per_error: float
    estimated_minutes: float


@dataclass
class Hands:
    """Counts what is pressed."""

    clerk: Clerk
    commands: int = 0
    letters: int = 0
    keys: list[str] = field(default_factory=list)

    def press(self, *keys: str) -> None:
        """Commands."""
        self.commands += len(keys)
        self.keys += keys
        self.clerk.keys(*keys)

    def type(self, text: str) -> None:
        """Words of the session, and letters of a name."""
        self.letters += len(text)
        self.clerk.type(text)


@dataclass(frozen=True)
class Place:
    """The turn one is at: its words, the one under the cursor, and where D stops in it."""

    words: list[str]
    word: int
    stops: list[int]


def place(clerk: Clerk) -> Place:
    """Where the clerk is."""
    text, at, stops = clerk.page.evaluate("""() => {
      const node = document.querySelector('.turn[aria-current] .said').firstChild;
      const [cursor] = CSS.highlights.get('cursor');
      const doubts = [...CSS.highlights.get('doubt')].filter((r) => r.startContainer === node);
      return [node.data, cursor.startOffset, doubts.map((r) => r.startOffset)];
    }""")
    marked = sorted(text[:offset].count(" ") for offset in stops)
    return Place(text.split(" "), text[:at].count(" "), [n for n in marked if n - 1 not in marked])


def way(here: Place, target: int) -> list[str]:
    """The fewest keys from the cursor to a word of the same turn."""
    ways: dict[int, list[str]] = {here.word: []}
    waiting = deque([here.word])
    while target not in ways:
        at = waiting.popleft()
        for key, to in _steps(here, at):
            if 0 <= to < len(here.words) and to not in ways:
                ways[to] = [*ways[at], key]
                waiting.append(to)
    return ways[target]


def _steps(here: Place, at: int) -> Iterator[tuple[str, int]]:
    begins = [0, *(n + 1 for n, word in enumerate(here.words) if word[-1] in ".?!…")]
    yield "d", next((n for n in here.stops if n > at), -1)
    yield "Shift+D", next((n for n in reversed(here.stops) if n < at), -1)
    yield "Control+ArrowRight", next((n for n in begins if n > at), -1)
    yield "Control+ArrowLeft", next((n for n in reversed(begins) if n < at), -1)
    yield "ArrowRight", at + 1
    yield "ArrowLeft", at - 1


class Review:
    """The clerk's way through the session."""

    def __init__(self, clerk: Clerk) -> None:
        self.clerk, self.hands = clerk, Hands(clerk)
        self.right = reference()
        self.told: set[str] = set()

    def go(self, *words: str, last: bool = False) -> None:
        """To where these words follow each other in the turn; to the last of them if asked."""
        here = place(self.clerk)
        found = next(
            n for n in range(len(here.words)) if here.words[n : n + len(words)] == list(words)
        )
        self.hands.press(*way(here, found + (len(words) - 1 if last else 0)))

    def rewrite(self, wrong: str, right: str) -> None:
        """Write words anew: the first one is selected when the text opens, its signs are kept."""
        parts = wrong.split(" ")
        self.go(*parts)
        self.hands.press("Enter", *["Control+Shift+ArrowRight"] * (len(parts) - 1))
        self.hands.type(right.rstrip(".,"))
        self.hands.press("Enter")

    def insert(self, word: str, before: str) -> None:
        """Write a word that lacks."""
        self.go(before)
        self.hands.press("Enter", "ArrowLeft")
        self.hands.type(f"{word} ")
        self.hands.press("Enter")

    def remove(self, *words: str) -> None:
        """Take a word out: the second of these."""
        self.go(*words, last=True)
        self.hands.press("Delete")

    def everywhere(self, wrong: str, right: str) -> None:
        """Put a name right wherever it stands, if that was not done yet."""
        wrong, right = wrong.rstrip(".,"), right.rstrip(".,")
        if right in self.told:
            return
        self.told.add(right)
        self.hands.press("c")
        self.hands.type(wrong)
        self.hands.press("Tab")
        self.hands.type(right)
        self.hands.press("Enter")
        until(self.clerk, "document.activeElement.dataset.does === 'apply'")
        self.hands.press("Enter")
        self.clerk.settled()

    def speaker(self, letters: str, *, everywhere: bool = False) -> None:
        """Say who speaks here, or wherever the voice is heard, by a few letters."""
        self.hands.press("q")
        self.hands.type(letters)
        self.hands.press("Control+Enter" if everywhere else "Enter")
        self.clerk.settled()

    def shape(self, *keys: str) -> None:
        """Keys that change the row of turns."""
        self.hands.press(*keys)
        self.clerk.settled()

    def check(self) -> None:
        """This turn is right: on to the next."""
        line = self.line()
        assert self.clerk.here()["text"] == line.text, (self.clerk.here(), line.text)
        self.hands.press("v")

    def line(self) -> Line:
        """What the turn one is at should say: it is the first one that is not checked yet."""
        done = self.clerk.page.locator(".turn.checked").count()
        return self.right[done]


def turns(review: Review) -> Iterator[None]:
    """Do what there is to do, turn by turn of the reference."""
    yield from _first_turns(review)
    yield from _last_turns(review)


def _first_turns(r: Review) -> Iterator[None]:
    fontanet, _, rochat, _ = NAMES
    r.rewrite("conseillé", "conseiller")
    yield
    r.everywhere(fontanet.wrong, fontanet.right)
    r.go("Merci,")
    r.shape("Shift+ArrowDown")
    yield
    r.rewrite("étudier", "étudié")
    r.rewrite("cette objecte", "cet objet")
    r.rewrite("demandait à", "demandé est")
    r.rewrite("qu'est.", "quai")
    yield
    r.everywhere(rochat.wrong, rochat.right)
    r.hands.press("ArrowDown")
    r.go("la", "parole.", last=True)
    r.shape("Shift+ArrowUp")
    r.hands.press("ArrowUp")
    yield
    r.rewrite("chair.", "cher")
    r.rewrite("marognais.", "marronniers")
    if CUT:
        r.shape("j")
    yield
    r.insert("complètement", "faux\u00a0!")
    r.speaker("kel", everywhere=True)
    yield
    r.remove("vous", "vous")
    if MERGED:
        r.go("Moi,")
    r.shape("s")
    r.speaker("gir")
    r.hands.press("ArrowUp")
    yield


def _last_turns(r: Review) -> Iterator[None]:
    r.rewrite("trop tinette.", "trottinette")
    r.rewrite("vota compte,", "votera contre")
    yield
    if WRONG_VOICE:
        r.speaker("bau")
    yield
    r.rewrite("emporter,", "emportée")
    r.insert("beaucoup", "trop\u00a0:")
    r.go("La", "parole")
    r.shape("s")
    r.speaker("bau")
    r.hands.press("ArrowUp")
    yield
    yield
    r.remove("dois", "euh")
    yield
    r.shape("j")
    yield
    r.remove("de", "de")
    yield
    r.speaker("bla")
    r.go("Est-ce")
    r.shape("Shift+ArrowDown")
    yield
    r.insert("pas", "le")
    yield
    yield


def office(root: Path) -> FastAPI:
    """A site with its office, and the session with its errors in it."""
    app = small_office(root)
    app.state.desk.archive.save(*seeded())
    there = root / "media" / SAMPLE / "listen.opus"
    there.parent.mkdir(parents=True)
    shutil.copy(listening_file(), there)
    return app


def measure(chromium: Browser, root: Path) -> tuple[Figures, float]:
    """Correct everything, check that nothing is left; the figures, and the robot's seconds."""
    app = office(root)
    with (
        serving_app(app) as address,
        clerk_at(chromium, address, app, session=SAMPLE) as clerk,
    ):
        review = Review(clerk)
        start = time.monotonic()
        for _ in turns(review):
            review.check()
        clerk.settled()
        took = time.monotonic() - start
        hands = review.hands
        done = clerk.page.locator(".turn.checked").count()
    right = reference()
    assert texts(app, SAMPLE) == [line.text for line in right]
    assert names(app, SAMPLE) == [line.person for line in right]
    assert done == len(right)
    heard_s = right[-1].words[-1].end_ms / 1000
    person_s = heard_s + (hands.commands + hands.letters) * _KEY_S + COUNT * _MIND_S
    figures = Figures(
        errors=COUNT,
        commands=hands.commands,
        letters=hands.letters,
        commands_per_error=round(hands.commands / COUNT, 2),
        estimated_minutes=round(person_s / 60, 2),
    )
    return figures, took


def main() -> None:
    """Measure, print, and keep if asked."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--save", action="store_true")
    wants = parser.parse_args()
    with launched() as chromium, tempfile.TemporaryDirectory() as root:
        figures, took = measure(chromium, Path(root))
    kept = json.loads(BASELINE.read_text("utf-8")) if BASELINE.exists() else {}
    for name, value in asdict(figures).items():
        print(f"{name:20} {value:8} {kept.get(name, '')!s:>8}")
    print(f"{'robot seconds':20} {took:8.1f}")
    if wants.save:
        BASELINE.write_text(json.dumps(asdict(figures), indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
