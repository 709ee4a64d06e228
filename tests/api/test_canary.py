"""A word that is in everything hidden, looked for through everything that answers the public.

The whole product is real but for the embedder: archive, publishing, index, answers, pages. A route
that is added without saying how to walk it fails here.
"""

import io
import json
import re
import zipfile
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import product as combinations

import av
import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from numpy.typing import NDArray

from api.answers.clip import PAD_MS
from api.assistants.tools import Tools
from api.exports.exports import Form
from api.llm.client import Message
from api.llm.writer import Writer
from api.product import Product
from ingest.archive.redactions import RedactionReason
from ingest.editing.edits import TextEdit
from ingest.errors import UserError
from ingest.redaction.held import HeldBack
from ingest.redaction.redact import RedactionRequest
from ingest.settings import Settings
from ingest.transcript import (
    AgendaItem,
    Doubt,
    Evidence,
    ImportedText,
    Person,
    ReviewItem,
    Span,
    Speaker,
    Status,
    Turn,
    Word,
)
from search.passage import Vectors
from search.votes.confirm import held_votes, judged_session
from tests.support.routes import all_routes
from tests.support.small_site import said, sitting, tones
from tests.support.word_embedder import WordEmbedder
from web.app import create_app

CANARY, NEVER = "rossignol", "bouvreuil"  # both French, of one length: the second is kept nowhere
OPEN, KEPT, TEXT = "2025-03-11-ouverte", "2025-03-18-reservee", "2025-03-19-texte"
CLOSED = {
    "2025-04-01-brouillon": Status.DRAFT,
    "2025-04-02-retiree": Status.WITHDRAWN,
    "2025-04-03-huis-clos": Status.IN_CAMERA,
    "2025-04-04-point-clos": Status.DRAFT,
}
ABSENT = "2025-04-09-absente"
SECRET, ERASED = Span(11_000, 14_580), Span(16_000, 16_780)
POINT, ANNOUNCED, CHOSEN = Span(4_000, 8_000), Span(12_500, 14_500), Span(17_000, 17_800)
SAID = f"Le {CANARY} chante la nuit dans la ville close."
QUESTIONS = (
    "Qui chante la nuit ?",
    "Qu'a dit Claire Fontanet sur la ville close ?",
    "Le crédit est de combien ?",
)
COMPLETIONS = "/v1/chat/completions"
BODY = {"question": QUESTIONS[0], "messages": [{"role": "user", "content": QUESTIONS[0]}]}
FORMATS = tuple(Form)


class _AlikeEmbedder(WordEmbedder):
    """Gives the two birds one vector: a model has one of any word, whatever the archive holds."""

    def queries(self, texts: Sequence[str]) -> Vectors:
        return super().queries([text.replace(CANARY, NEVER) for text in texts])


def _closed_sitting(product: Product, session_id: str) -> None:
    session, transcript = sitting(session_id, "Bonsoir à tous.", SAID)
    title = f"Le {CANARY}" + (" (huis clos)" if session_id.endswith("point-clos") else "")
    product.archive.save(
        replace(
            session,
            title=f"Séance {CANARY}",
            body=f"Commission {CANARY}",
            date=date(2025, 4, 1),
            agenda=(AgendaItem("1", title, "PR-77", None if "(" in title else 0),),
            roster=(Person(f"Zoé {CANARY}", f"rôle {CANARY}", f"Parti {CANARY}"),),
        ),
        replace(
            transcript,
            speakers=(
                Speaker("S1", f"Zoé {CANARY}", Evidence.CHAIR, 0.9, f"dit {CANARY}"),
                Speaker("S1.2", "Claire Fontanet", Evidence.CLERK, 1.0),
            ),
        ),
    )


def _partly_closed_sitting(product: Product) -> None:
    """Published, with its last turns spoken in `SECRET` and `ERASED`: redacted afterwards."""
    session, transcript = sitting(OPEN, "Bonsoir à toutes.", "Le crédit est de deux millions.")
    secret = Turn(2, "S1", said(SAID, SECRET.start_ms))
    erased = Turn(3, "S1", said(f"Un {CANARY}.", ERASED.start_ms))
    doubt = ReviewItem(11_000, 12_000, Doubt.REPAIR, f"« {CANARY} » entendu « rossi »")
    product.archive.save(
        session, replace(transcript, turns=(*transcript.turns, secret, erased), review=(doubt,))
    )


def _withheld_sitting(product: Product) -> None:
    """Published; some is withheld by its point, some by the chair's words, some by a clerk."""
    session, transcript = sitting(KEPT)
    talk = (
        ("S1", "Bonsoir à toutes.", 1_000),
        ("S3", f"La motion {CANARY} est acceptée par 40 oui contre 3 non. {CANARY}.", 4_000),
        ("S1", f"Le {CANARY} est de deux millions.", 8_100),  # corrected before readers see it
        ("S1", "Le huis clos est prononcé.", 11_000),
        ("S3", f"Un {CANARY} dort.", 13_100),
        ("S1", "Le huis clos est levé.", 14_600),
        ("S1", f"Merci. {CANARY} chante. Merci.", 16_600),
    )
    product.archive.save(
        replace(
            session,
            date=date(2025, 3, 18),
            agenda=(
                AgendaItem("1", "Communications", None, 0),
                AgendaItem("2", "Recours (huis clos)", "PR-77", POINT.start_ms),
                AgendaItem("3", "Crédit", "PR-12", POINT.end_ms),
            ),
        ),
        replace(
            transcript,
            turns=tuple(Turn(n, s, said(w, at, 300)) for n, (s, w, at) in enumerate(talk)),
            speakers=(
                Speaker("S1", "Claire Fontanet", Evidence.CHAIR, 0.9),
                Speaker("S3", f"Zoé {CANARY}", Evidence.CHAIR, 0.9, f"dit {CANARY}"),
            ),
            unheard=(Span(5_000, 6_000),),
            review=(ReviewItem(5_000, 6_000, Doubt.REPAIR, f"« {CANARY} » entendu « rossi »"),),
        ),
    )
    edit = TextEdit(turn=4, text=f"Un {CANARY} dort bien.")
    product.changes.make(KEPT, 1, "greffe", edit)
    corrected = TextEdit(turn=2, text="Le crédit est de deux millions.")
    product.changes.make(KEPT, 2, "greffe", corrected)
    product.publish(KEPT)
    product.withhold(KEPT, CHOSEN)


def _withheld_text(product: Product) -> None:
    """Minutes without sound, of which a point is withheld."""
    session, transcript = sitting(TEXT)
    words = f"Bonsoir à toutes. {SAID} Le crédit est voté.".split()
    spoken = tuple(Word(n, n + 1, word, 1.0) for n, word in enumerate(words))
    product.archive.save(
        replace(
            session,
            parts=(),
            date=date(2025, 3, 19),
            text=ImportedText("e" * 64, len(words)),
            agenda=(
                AgendaItem("1", "Communications", None, 0),
                AgendaItem("2", "Recours [HC]", None, 3),
                AgendaItem("3", "Crédit", "PR-12", 3 + len(SAID.split())),
            ),
        ),
        replace(transcript, turns=(Turn(0, "S1", spoken),), unheard=()),
    )
    product.publish(TEXT)


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Product:
    """One public session; what is hidden was draft, in camera, or published before."""
    root = tmp_path_factory.mktemp("canary")
    product = Product(Settings(data=root, requests_per_minute=0, _env_file=None))
    product.__dict__["embedder"] = _AlikeEmbedder()
    _partly_closed_sitting(product)
    for session_id in (OPEN, KEPT, *CLOSED):
        tones(root / "media" / session_id / "listen.opus", "ogg", "libopus")
        tones(root / "media" / session_id / "listen.mp3", "mp3", "libmp3lame")
    _withheld_sitting(product)
    _withheld_text(product)
    product.publish(OPEN)
    product.close(OPEN, RedactionRequest(SECRET, RedactionReason.IN_CAMERA, "greffe"))
    product.close(OPEN, RedactionRequest(ERASED, RedactionReason.ERASED, "greffe"))
    for session_id, status in CLOSED.items():
        _closed_sitting(product, session_id)
        if status is Status.WITHDRAWN:
            product.publish(session_id)
            product.corpus.now(patience_s=None)
            product.withdraw(session_id)
        elif status is Status.IN_CAMERA:
            product.hold_in_camera(session_id)
        elif session_id.endswith("point-clos"):
            with pytest.raises(HeldBack):
                product.publish(session_id)
    return product


@pytest.fixture(scope="module")
def site(walked: Product) -> FastAPI:
    return create_app(walked.deps(), walked.desk())


@pytest.fixture
def anyone(site: FastAPI) -> Iterator[TestClient]:
    with TestClient(site, raise_server_exceptions=False, follow_redirects=False) as client:
        yield client


SESSIONS = (OPEN, KEPT, TEXT, *CLOSED, ABSENT)
OF_KEPT = ("?t=4000-7000&r=1", "?t=8100-10000&r=2", "?t=13000-14500&r=1", "?t=16600-18000&r=2")
WHERE = ("", *OF_KEPT, "?t=6000-8780&r=1", "?t=6000", "?t=5000-9000&r=99", "?t=x")
ASKED = tuple(f"q={question}" for question in QUESTIONS)
NARROWED = (
    "",
    "object=PR-77",
    "person=Claire+Fontanet",
    f"session={next(iter(CLOSED))}",
    "since=2025-04-01",
)
QUERIES: dict[str, tuple[str, ...]] = {
    "/": ("", *(f"?{q}&{n}" for q, n in combinations(ASKED, NARROWED))),
    "/filtres": ("", *(f"?{q}&{n}" for q, n in combinations(ASKED, NARROWED))),
    "/flux": tuple(f"?{q}&id=e0123456789ab" for q in ASKED),
    "/flux/suite": tuple(f"?{q}&e=e0123456789ab" for q in ASKED),
    "/flux/passages.atom": tuple(f"?{narrowed}" for narrowed in NARROWED),
    "/parcourir": tuple(f"?{narrowed}" for narrowed in NARROWED),
    "/objets": ("", "?mots=PR-77", "?annee=2025", "?page=2"),
    "/objets/{code:path}": ("", "?page=2"),
    "/decisions": ("", "?objet=PR-77", "?resultat=accepted"),
    "/decisions.csv": ("", "?annee=2025"),
    "/calendrier": ("", "?annee=2025", "?organe=x"),
    "/calendrier.ics": ("", "?organe=x"),
    "/partis/{party}": ("",),
    "/personnes": ("", "?mots=parti"),
    "/personnes/{called}": ("", "?annee=2025"),
    "/sujets": ("", "?mots=piste"),
    "/sujets/{subject}": ("", "?page=2"),
    "/sujets/{subject}.atom": ("",),
    "/api/ask/stream": tuple(f"?{q}" for q in ASKED),
    "/api/search": tuple(f"?{q}&{n}" for q, n in combinations(ASKED, NARROWED)),
    "/api/passages": tuple(f"?{narrowed}" for narrowed in NARROWED[1:]),
    "/api/facets": tuple(f"?{narrowed}" for narrowed in (*NARROWED, *ASKED)),
    "/api/votes": tuple(f"?{narrowed}" for narrowed in (*NARROWED, *ASKED)),
    "/seances/{session_id}": WHERE,
    "/extrait/{session_id}": WHERE,
    "/extrait/{session_id}/image.png": OF_KEPT,
    "/extrait/{session_id}/video.mp4": (*OF_KEPT[:1], "?t=8100-9000"),
    "/oembed": tuple(
        f"?url=http://testserver/{kind}/{session_id}{where.replace('&', '%26')}"
        for kind in ("seances", "extrait")
        for session_id in SESSIONS
        for where in (*OF_KEPT, "?t=1000-9000")
    ),
    "/api/sessions/{session_id}/clip.{extension}": (
        *("?start_ms=1000&end_ms=9000", "?start_ms=-1"),
        "?start_ms=4000&end_ms=14500&download=1",
    ),
    "/api/sessions/{session_id}/interval.opus": ("?start_ms=1000&end_ms=9000", "?start_ms=-1"),
    "/signaler": tuple(
        f"?seance={one}&{at[1:]}" for one in SESSIONS for at in (*WHERE[1:], "?t=0-20000")
    ),
}
ALERTS = [f"/alertes{end}" for end in ("", "/demandee", "/suivi", "/confirmer", "/arreter")]
PLAIN = {
    *("/signaler/recu", "/alertes/tout-arreter", *ALERTS),
    *("/api/openapi.json", "/api/ask", "/api/sessions", "/api/health", "/seances", "/apropos"),
    *("/api/schemas/transcript.json", "/seances/{session_id}/export.{form}"),
    *("/api", "/llms.txt", "/api/archive.{kind}"),
    *("/flux/seances.atom", "/flux/podcast.xml", "/flux/pochette.png"),
    "/seances/{session_id}/chapitres.json",
    *("/theme.css", "/favicon.svg", "/logo", "/robots.txt", "/sitemap.xml", "/mcp"),
    *("/comment-ca-marche", "/mentions", "/accessibilite", "/fiche", "/fiche.md"),
    *(COMPLETIONS, "/v1/models", "/v1/models/{model}"),
    *("/api/sessions/{session_id}", "/api/sessions/{session_id}/transcript"),
    "/api/sessions/{session_id}/audio.{extension}",
    *("/organes", "/accessibilite/rgaa"),
}
VALUES = {
    "kind": ("jsonl", "zip"),
    "session_id": SESSIONS,
    "extension": ("opus", "mp3"),
    "form": FORMATS,
    "code": ("PR-12", "PR-77"),
    "called": ("claire-fontanet", "zoe"),
    "party": ("ps", "udc"),
    "subject": ("piste-cyclable", "credit-demande"),
}


def addresses(path: str, method: str = "GET") -> Iterator[str]:
    """The addresses to ask for a path: every session, every form, every query.

    HEAD does what GET does and sends less: of each path it is asked for one query.
    """
    if path.startswith("/bureau"):
        queries: tuple[str, ...] = ("",)
    elif method == "HEAD":
        queries = QUERIES.get(path, ("",))[:1]
    else:
        queries = QUERIES.get(path, ("",))
    names = re.findall(r"{(\w+)(?::\w+)?}", path)
    for values in combinations(*(VALUES.get(name, (OPEN, CANARY, "1")) for name in names)):
        filled = path
        for name, value in zip(names, values, strict=True):
            filled = re.sub(rf"{{{name}(?::\w+)?}}", value, filled)
        yield from (filled + query for query in queries)


def test_every_public_route_says_how_it_is_walked(site: FastAPI) -> None:
    paths = {route.path for route in all_routes(site) if not route.path.startswith("/bureau")}
    assert paths <= PLAIN | set(QUERIES), paths - PLAIN - set(QUERIES)


def test_every_state_that_readers_do_not_see_is_walked(walked: Product) -> None:
    states = {walked.archive.status(session_id) for session_id in CLOSED}
    assert states == set(Status) - {Status.PUBLISHED}
    for session_id in CLOSED:
        assert any(CANARY in turn.text for turn in walked.archive.transcript(session_id).turns)


def test_what_is_withheld_is_there_for_the_office(walked: Product) -> None:
    for session_id in (KEPT, TEXT):
        said_there = [turn.text for turn in walked.archive.transcript(session_id).turns]
        assert any(CANARY in text for text in said_there)
        shown = [turn.text for turn in walked.published.transcript(session_id).turns]
        assert any("Le crédit est" in text for text in shown)
    assert walked.published.turns(KEPT, 0, 6)
    read = judged_session(walked.archive, KEPT)
    (held,) = held_votes(walked.archive, read)
    assert CANARY in held.vote.said and held.vote not in read.found


def test_nothing_that_is_hidden_is_in_any_answer(site: FastAPI, anyone: TestClient) -> None:
    assert walk(site, anyone) > 150


def test_an_assistant_is_told_nothing_that_is_hidden(walked: Product) -> None:
    tools = Tools(walked.deps(), "")

    def of_session(session_id: str, word: str) -> Iterator[Callable[[], object]]:
        yield partial(tools.search, "ville", session=session_id)
        yield partial(tools.read_session, session_id)
        yield partial(tools.votes, session_id)
        for words in (word, "Un", f"Un {word} dort"):
            yield partial(tools.cite, session_id, words)

    def told(word: str) -> str:
        calls: tuple[Callable[[], object], ...] = (
            *(partial(tools.ask, question) for question in QUESTIONS),
            *(partial(tools.search, words, limit=50) for words in (*QUESTIONS, word)),
            *(partial(tools.search, "ville", person=name) for name in (word, f"Zoé {word}")),
            *(call for session_id in SESSIONS for call in of_session(session_id, word)),
            partial(tools.search, "ville", object="PR-77"),
            partial(tools.votes, None, "PR-77"),
            partial(tools.persons, ""),
            tools.sessions,
            tools.votes,
        )
        return repr([answered(call) for call in calls])

    of_nothing = told(NEVER)
    assert told(CANARY).replace(CANARY, NEVER) == of_nothing
    assert CANARY not in of_nothing.lower()


def answered(call: Callable[[], object]) -> object:
    try:
        return call()
    except UserError as error:
        return str(error)


class Parrot:
    """A language model that says whatever it is sent, as if it were true."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def stream(
        self, messages: Sequence[Message], shape: Mapping[str, object] | None = None
    ) -> Generator[str]:
        told = [message.content for message in messages]
        self.sent += told
        yield json.dumps({"phrase": " ".join(told), "sources": [1]})


def test_a_language_model_is_sent_nothing_that_is_hidden(walked: Product) -> None:
    parrot = Parrot()
    app = create_app(replace(walked.deps(), writer=Writer(parrot, walked.published)))
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as anyone:
        walk(app, anyone, {"/", "/flux/suite", "/api/ask", "/api/ask/stream", COMPLETIONS})
    assert any("deux millions" in text for text in parrot.sent)
    assert not any(CANARY in text.lower() for text in parrot.sent)


def test_nothing_that_is_hidden_is_in_another_language(
    site: FastAPI, anyone: TestClient, language: str = "/en"
) -> None:
    pages = {"/seances/{session_id}", "/extrait/{session_id}", "/decisions", "/parcourir"}
    assert walk(site, anyone, {*pages, "/", "/flux", "/objets/{code:path}"}, language) > 60


def walk(site: FastAPI, anyone: TestClient, paths: Collection[str] = (), language: str = "") -> int:
    """Ask for everything, or for these paths alone; the number of addresses asked for."""
    asked = 0
    for route in all_routes(site):
        walked = not paths or route.path in paths
        for address in addresses(route.path, route.method) if walked else ():
            if CANARY in address:
                continue
            body = BODY if route.method == "POST" else None
            answer = anyone.request(route.method, language + address, json=body)
            asked += 1
            told = text_of_answer(answer) + str(answer.headers)
            assert CANARY not in told.lower(), f"{route.method} {address}"
            assert answer.status_code < 500, f"{route.method} {address}: {answer.status_code}"
    return asked


def text_of_answer(answer: Response) -> str:
    """The text of an answer; of a ZIP, that of all its files."""
    if answer.headers.get("content-type") != "application/zip" or not answer.content:
        return str(answer.text)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as files:
        assert len(files.namelist()) == 1 + 2 * 3
        return "".join(name + files.read(name).decode() for name in files.namelist())


@pytest.mark.parametrize("closed", CLOSED)
def test_a_hidden_session_is_answered_like_one_that_never_was(
    site: FastAPI, anyone: TestClient, closed: str
) -> None:
    for route in all_routes(site):
        if "{session_id}" not in route.path or route.method not in ("GET", "HEAD"):
            continue
        for address in addresses(route.path, route.method):
            if closed not in address:
                continue
            there = anyone.request(route.method, address, headers={"Range": "bytes=0-99"})
            absent = anyone.request(
                route.method, address.replace(closed, ABSENT), headers={"Range": "bytes=0-99"}
            )
            assert there.status_code == absent.status_code, address
            assert there.text.replace(closed, ABSENT) == absent.text, address


@pytest.mark.parametrize("path", ["/", "/flux", "/api/ask/stream", "/parcourir"])
@pytest.mark.parametrize("question", ["{} ?", "Qu'a dit Zoé {} ?", "Séance {}", "Le Parti {}"])
def test_asking_for_a_redacted_word_is_answered_like_asking_for_one_never_said(
    anyone: TestClient, path: str, question: str
) -> None:
    def answer(word: str) -> str:
        text = anyone.get(path, params={"q": question.format(word), "id": "e0123456789ab"}).text
        return re.sub(r"\be[0-9a-f]{12}\b", "", text.replace(word, "MOT"))

    assert answer(CANARY) == answer(NEVER)


@pytest.mark.parametrize("form", ["opus", "mp3"])
@pytest.mark.parametrize(
    ("session_id", "closed"),
    [(OPEN, SECRET), (OPEN, ERASED), (KEPT, POINT), (KEPT, ANNOUNCED), (KEPT, CHOSEN)],
    ids=["in camera", "erased", "withheld by its point", "by the chair's words", "by a clerk"],
)
@pytest.mark.parametrize("cut", ["audio.{0}", "clip.{0}?{1}", "interval.opus?{1}"])
def test_the_redacted_seconds_are_silent_in_all_that_is_sent(
    anyone: TestClient, form: str, session_id: str, closed: Span, cut: str
) -> None:
    first_ms = closed.start_ms - 1000
    address = cut.format(form, f"start_ms={first_ms}&end_ms={closed.end_ms + 1000}")
    sound = anyone.get(f"/api/sessions/{session_id}/{address}")
    assert sound.status_code == 200
    begins_ms = 0 if cut.startswith("audio") else first_ms - PAD_MS
    samples = decoded(sound.content)
    secret = samples[(closed.start_ms - begins_ms) * 48 : (closed.end_ms - begins_ms) * 48]
    before = samples[: (closed.start_ms - begins_ms - 500) * 48]
    assert loudness(secret) < loudness(before) / 1000


@pytest.mark.parametrize("form", ["opus", "mp3"])
def test_pieces_of_the_sound_are_of_the_one_in_which_the_redacted_seconds_are_silent(
    anyone: TestClient, form: str
) -> None:
    address = f"/api/sessions/{OPEN}/audio.{form}"
    whole = anyone.get(address).content
    step = len(whole) // 7
    for first in range(0, len(whole), step):
        last = min(first + step, len(whole)) - 1
        piece = anyone.get(address, headers={"Range": f"bytes={first}-{last}"})
        assert (piece.status_code, piece.content) == (206, whole[first : last + 1])
    tail = anyone.get(address, headers={"Range": "bytes=-1000"})
    assert (tail.status_code, tail.content) == (206, whole[-1000:])


def decoded(sound: bytes) -> NDArray[np.float32]:
    with av.open(io.BytesIO(sound)) as container:
        to_mono = av.AudioResampler(format="flt", layout="mono", rate=48_000)
        frames = [*container.decode(audio=0), None]
        return np.concatenate([b.to_ndarray()[0] for f in frames for b in to_mono.resample(f)])


def loudness(samples: NDArray[np.float32]) -> float:
    return float(np.sqrt(np.mean(samples**2)))
