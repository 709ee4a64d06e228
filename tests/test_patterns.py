"""No text, typed by a stranger or held by a file, makes a pattern take longer than it is long."""

import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache

import pytest
from jinja2 import TemplateSyntaxError

from api.exports import minutes
from api.llm import entailment, writer
from api.llm.clauses import QuotedSource
from ingest.asr import hotwords
from ingest.documents import agenda
from ingest.editing.edits import Replace
from ingest.speakers import chair
from ingest.transcript import AgendaItem, Person
from search.language.offsets import LONGEST_READ, Folded
from search.query import entities
from search.query.followup import from_params
from search.query.parse import parse
from search.query.parsed import Budget, Intent
from search.query.url import MAX_QUESTION, MOST_VALUES
from tests.support.named_council import TODAY, vocabulary
from tests.support.patterns_of import (
    ROOT,
    WAYS,
    Found,
    Site,
    at_import,
    calls,
    hard_texts,
    inside,
    recording,
)
from tests.support.patterns_timed import Task, slow

VOCABULARY = vocabulary()
LONGEST = 16_384
"""Characters, where nothing bounds a text: what grows with its square shows long before."""
BOUNDED = {"search/query/": LONGEST_READ, "api/llm/entailment.py": writer._LONGEST}
"""Where texts are short for good: what reads a question, what reads a machine's one sentence."""

POINT = AgendaItem("12 b", "Crédit pour la piscine", "PR-12")
ROSTER = (Person("Anne D'Arc-Rochat", "vice-présidente", "Parti socialiste"),)
CITED = QuotedSource(
    "Le crédit est de deux millions.", "Anne D'Arc", date(2025, 3, 11), ("Piscine",)
)
MADE_OF_DATA: dict[tuple[str, str], Callable[[], object]] = {
    ("api/llm/entailment.py", "_reported"): lambda: entailment._reported(
        "Selon Anne D'Arc, Julien Rochat a refusé."
    ),
    ("api/llm/entailment.py", "_unsaid_quote"): lambda: entailment._unsaid_quote(
        "Il veut « deux millions »", [CITED]
    ),
    ("api/exports/minutes.py", "_explained"): lambda: minutes._explained(
        TemplateSyntaxError("otherwise", 1)
    ),
    ("ingest/documents/agenda.py", "_by_number"): lambda: agenda._by_number(POINT),
    ("ingest/documents/agenda.py", "_by_object"): lambda: agenda._by_object(POINT),
    ("ingest/editing/edits.py", "pattern"): Replace(find="d'une  piste (x+)", by="y").pattern,
    ("ingest/asr/hotwords.py", "_by_use"): lambda: list(hotwords._by_use(ROSTER, (), [POINT])),
    ("ingest/speakers/chair.py", "_only"): lambda: chair._only(ROSTER, vice=True),
    ("search/query/entities.py", "party_before"): lambda: entities.party_before(
        "le ps ", 6, VOCABULARY
    ),
    ("search/query/entities.py", "_pattern"): lambda: entities._pattern("Les Vert·e·s (aa)"),
    ("search/query/entities.py", "_bearing"): lambda: entities._bearing("Les Vert·e·s (aa)"),
    ("search/query/entities.py", "_lettered"): lambda: entities._lettered(("M-1 A",), "m 1 a"),
    ("search/query/entities.py", "last_session"): lambda: entities.last_session(
        Folded.of("la dernière séance du conseil"), VOCABULARY
    ),
    ("search/query/entities.py", "_body"): lambda: entities._body("Commission des aa"),
}
"""Patterns that are made while a function runs, by what makes it run."""


def longest(site: Site) -> int:
    return next((n for begin, n in BOUNDED.items() if site.file.startswith(begin)), LONGEST)


@cache
def every_pattern() -> list[Found]:
    """Each pattern of the product once, in each way in which it is applied."""
    made = {call.site: call for call in calls()}
    found = [Found(site, text, flags, made[site].ways) for site, text, flags in at_import()]
    for call in made.values():
        if not call.function:
            continue
        if known := inside(call):
            found.append(known)
            continue
        with recording() as seen:
            MADE_OF_DATA[call.site.file, call.function]()
        here = [(text, flags) for file, text, flags in seen if file == call.site.file]
        assert here, f"{call.site}: nothing was compiled"
        found += [Found(call.site, text, flags, call.ways) for text, flags in here]
    return list({(f.pattern, f.flags, f.ways): f for f in found}.values())


def test_every_place_that_makes_a_pattern_is_looked_at() -> None:
    made = calls()
    reached = {site for site, *_ in at_import()}
    assert {call.site for call in made if not call.function} <= reached
    assert reached <= {call.site for call in made}
    of_data = {(c.site.file, c.function) for c in made if c.function and inside(c) is None}
    assert of_data == set(MADE_OF_DATA)


def test_every_pattern_reads_the_longest_text_in_a_time_that_grows_with_it() -> None:
    tasks = [Task(found, longest(found.site)) for found in every_pattern()]
    assert len(tasks) > 350
    assert [f"{site}: {told}" for site, told in slow(tasks)] == []


@pytest.mark.parametrize(
    ("pattern", "way"),
    [
        (r"^(?:(?:m|mr|mm)\.? ?)+$", "search"),
        (r"que\W*(?:a)?\W*(?:on)?\W*dit", "search"),
        (r"\s*%", "search"),
        (r"\d.*\bvoix", "search"),
        (r"\w+(?:-\w+)*-?\w+!", "match"),
    ],
)
def test_a_pattern_that_goes_back_too_often_is_caught(
    pattern: str, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.support.patterns_timed.SILENT_S", 5.0)
    bad = Found(Site("bad.py", 1), pattern, re.compile(pattern).flags, (way,))
    good = Found(Site("good.py", 1), r"(?<!\s)\s*+(?:%|pour ?cent)", int(re.UNICODE), tuple(WAYS))
    assert [site.file for site, _ in slow([Task(bad, LONGEST), Task(good, LONGEST)])] == ["bad.py"]


# --- whole questions --------------------------------------------------------------------------

FORTY = f"{'m' * 40}x Rochat"
ASK_IT = """
import sys, tempfile
from pathlib import Path
from fastapi.testclient import TestClient
from tests.support.small_site import small_deps
from web.app import create_app

question = sys.argv[1]
with tempfile.TemporaryDirectory() as root, TestClient(create_app(small_deps(Path(root)))) as site:
    for path in ("/api/search", "/api/ask/stream", "/api/facets", "/", "/flux"):
        assert site.get(path, params={"q": question}).status_code == 200, path
    after = {"q": "Et elle ?", "avant": "q=" + question}
    for path in ("/api/search", "/", "/flux"):
        assert site.get(path, params=after).status_code == 200, path
    assert site.post("/api/ask", json={"question": question}).status_code == 200
    assert site.get("/api/health").status_code == 200
print("answered")
"""


def hard_questions() -> Sequence[str]:
    """Hard texts for what reads questions, as long as one may be: every twentieth is enough."""
    reading = [f for f in every_pattern() if f.site.file.startswith("search/query/")]
    texts = {hard.text(MAX_QUESTION)[:MAX_QUESTION] for f in reading if isinstance(f.pattern, str)
             for hard in hard_texts(f.pattern, f.flags)}  # fmt: skip
    return sorted(texts)[::20]


def test_forty_letters_do_not_freeze_the_site() -> None:
    """In a child: a pattern that holds the interpreter would hold this test as well."""
    asked = subprocess.run(
        [sys.executable, "-c", ASK_IT, FORTY],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert asked.stdout == "answered\n", asked.stderr


READ_THEM = """
import sys, time
from ast import literal_eval
from search.query.parse import parse
from tests.support.named_council import TODAY, vocabulary

known, plain = vocabulary(), "Qu'a dit Mme Fontanet sur la piscine en mai ? " * 11
def seconds(question, times=1):
    took = []
    for _ in range(times):
        start = time.thread_time()
        parse(question[:500], known, TODAY)
        took.append(time.thread_time() - start)
    return min(took)
usual = seconds(plain, 9)
for question in literal_eval(sys.stdin.read()):
    if seconds(question) > 20 * usual and seconds(question, 3) > 20 * usual:
        print(repr(question))
"""


def test_the_hardest_questions_take_hardly_longer_than_plain_ones() -> None:
    """Twenty times a plain question of the same length is still nothing that a reader notices."""
    questions = hard_questions()
    assert questions
    read = subprocess.run(
        [sys.executable, "-c", READ_THEM], input=repr(questions),
        cwd=ROOT, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert (read.returncode, read.stdout) == (0, ""), read.stderr


# --- a question's time ------------------------------------------------------------------------

SPOKEN = "Qu'a dit Madame Fontanet sur la piscine en mai ?"


class Clock:
    """A clock that goes on by a second each time it is looked at."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> float:
        self.now += 1
        return self.now


def test_a_question_that_takes_too_long_is_answered_by_its_words() -> None:
    in_time = parse(SPOKEN, VOCABULARY, TODAY)
    clock = Clock()
    assert parse(SPOKEN, VOCABULARY, TODAY, budget=Budget.of(10_000, clock)) == in_time
    looks = clock.now - 1
    assert looks > len(SPOKEN.split())  # before each word, and between the steps
    for seconds in range(looks):
        late = parse(SPOKEN, VOCABULARY, TODAY, budget=Budget.of(seconds, Clock()))
        assert (late.topic, late.sentence, late.chips, late.intent) == (
            SPOKEN,
            SPOKEN,
            (),
            Intent.OPEN,
        )


def test_what_a_reader_chose_holds_for_a_question_that_was_not_read() -> None:
    params = [("q", SPOKEN), ("personne", "Claire Fontanet"), ("sans", "periode:x")]
    late = from_params(params, VOCABULARY, TODAY, Budget.of(0, Clock()))
    assert late.filters.people == ("Claire Fontanet",) and late.removed == {"periode:x"}
    assert late.topic == SPOKEN


def test_a_follow_up_without_time_is_answered_by_its_words() -> None:
    params = [("q", "Et M. Girard ?"), ("avant", "q=Qui+soutient+la+piscine")]
    late = from_params(params, VOCABULARY, TODAY, Budget.of(0, Clock()))
    assert (late.topic, late.chips, late.before) == (
        "Et M. Girard ?",
        (),
        "q=Qui+soutient+la+piscine",
    )


def test_no_exchange_is_longer_than_a_question_may_be() -> None:
    long = "piscine " * 1_000
    asked = from_params([("q", long), ("sujet", long)], VOCABULARY, TODAY)
    assert len(asked.question) <= MAX_QUESTION and len(asked.topic) <= MAX_QUESTION


def test_no_more_filters_are_read_than_a_reader_chooses() -> None:
    """Of three hundred, each with a link that leaves it out, 60 KB of address made 39 MB."""
    asked = from_params([("personne", f"P{n}") for n in range(300)], VOCABULARY, TODAY)
    assert asked.filters.people == tuple(f"P{n}" for n in range(MOST_VALUES))


def test_one_character_that_folds_to_many_gives_no_longer_text() -> None:
    folded = Folded.of("\ufdfa" * MAX_QUESTION + " fin")
    assert len(folded.text) <= LONGEST_READ
    assert folded.original.endswith(folded.unread) and folded.unread.endswith("fin")
