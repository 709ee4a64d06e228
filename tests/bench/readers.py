"""Readers who ask, browse and listen: what Locust runs for `tests.bench.load`, over real HTTP.

After each action a reader looks at what came for `PAUSE_S` seconds. Half of the questions were
asked before (a shared link, an example), half are worded as nobody worded them: an answer that is
kept and one that is made.
"""

import random
import re
import time
from itertools import count
from urllib.parse import urlencode

from locust import FastHttpUser, between, task

PAUSE_S = (2.0, 8.0)
QUESTIONS = (
    "combien coûte la piscine",
    "Que demande la M-7 ?",
    "qui est contre la piste cyclable",
    "Pourquoi faut-il rénover la piscine de la Prairie ?",
    "combien de places à la crèche de la rue du Midi",
    "Qu'a dit Patrick Lambert ?",
    "Comment a-t-on voté sur la piste cyclable ?",
    "restaurants scolaires prix du repas",
    "bruit la nuit",
    "Quand ouvrira la crèche ?",
)
PAGES = ("/", "/seances", "/personnes", "/objets", "/decisions", "/parcourir?q=piscine")
_WORDS = re.compile(rb"<blockquote|class=\"(?:near|nothing|refusal|notice)")
_SOUND = re.compile(r'data-opus="(/api/sessions/[\w-]+/audio\.opus)')
_SESSION = re.compile(r'href="(/seances/[\w-]+)"')
_SOUND_BYTES = 64 * 1024  # what a browser asks for at a time, some twenty seconds
_numbers = count()


class Asking(FastHttpUser):
    """Asks, reads the answer to its end, and listens to a quotation."""

    weight = 4
    wait_time = between(*PAUSE_S)

    @task
    def ask(self) -> None:
        """A question as the page asks it; the time to its first words is told apart."""
        question = random.choice(QUESTIONS)
        if random.random() < 0.5:
            question = f"{question} {next(_numbers)}"
        began, told, answer = time.perf_counter(), False, b""
        address = "/flux?" + urlencode({"q": question})
        with self.client.get(address, name="answer", stream=True) as response:
            while piece := response.stream.read(4_096):
                answer += piece
                if not told and _WORDS.search(answer):
                    told = True
                    self._tell("first words", 1000 * (time.perf_counter() - began), len(answer))
        if sounds := _SOUND.findall(answer.decode("utf-8", "replace")):
            at = random.randrange(3) * _SOUND_BYTES
            headers = {"Range": f"bytes={at}-{at + _SOUND_BYTES - 1}"}
            self.client.get(random.choice(sounds), name="sound", headers=headers)

    def _tell(self, name: str, milliseconds: float, length: int) -> None:
        self.environment.events.request.fire(
            request_type="GET",
            name=name,
            response_time=milliseconds,
            response_length=length,
            exception=None,
            context={},
        )


class Browsing(FastHttpUser):
    """Goes from page to page, and into a session."""

    weight = 4
    wait_time = between(*PAUSE_S)

    @task
    def look(self) -> None:
        """A page of lists, or a whole session."""
        if random.random() < 0.5:
            self.client.get(random.choice(PAGES), name="page")
            return
        sessions = _SESSION.findall(self.client.get("/seances", name="page").text)
        self.client.get(random.choice(sessions), name="session")


class Listening(FastHttpUser):
    """Plays a session, a piece at a time."""

    weight = 2
    wait_time = between(*PAUSE_S)

    def on_start(self) -> None:
        """Choose a session."""
        sessions = _SESSION.findall(self.client.get("/seances", name="page").text)
        self.sound = random.choice(sessions).replace("/seances/", "/api/sessions/") + "/audio.opus"
        self.at = 0

    @task
    def listen(self) -> None:
        """The next piece of the sound, from the start again after its end."""
        headers = {"Range": f"bytes={self.at}-{self.at + _SOUND_BYTES - 1}"}
        with self.client.get(
            self.sound, name="sound", headers=headers, catch_response=True
        ) as response:
            if response.status_code in (206, 416):
                response.success()
            else:
                response.failure(f"status {response.status_code}")
            self.at = self.at + _SOUND_BYTES if len(response.content) == _SOUND_BYTES else 0
