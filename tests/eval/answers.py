"""Answers to questions that teach no weight: samples asked again, conversations, Swiss debates.

Their failures have been read, so they hold what was reached and no longer measure it fairly. See
`questions/README.md` for what gold means and how each set was made.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from api.answers.answer import Answer
from api.answers.citation import Citation
from api.product import Product
from ingest.text import fold
from ingest.text_import.importer import TextRequest, import_texts
from ingest.transcript import Span
from search.query.followup import resolve
from search.query.parsed import Field, Query
from tests.eval.samples import Question, Scores, hits_gold, share

_TRIED = "tried.jsonl"
QUESTIONS = Path(__file__).parent / "questions"
_BODIES = {"S": "Conseil des États", "N": "Conseil national", "V": "Assemblée fédérale"}
_SHARED_WORDS = 0.6  # of the shorter of two quotations that say the same
Line = dict[str, Any]


def lines(name: str) -> list[Line]:
    """The questions of a file."""
    return [json.loads(line) for line in (QUESTIONS / name).read_text("utf-8").splitlines()]


@dataclass(frozen=True)
class Judged:
    """A question that was asked: what came, whether something answers it, whether that came."""

    question: str
    kind: str
    answerable: bool
    answer: Answer
    right: bool
    right_first: bool


def scores(judged: Sequence[Judged]) -> Scores:
    """How often gold is quoted, quoted first, and refusals are right."""
    able = [j for j in judged if j.answerable]
    unable = [j for j in judged if not j.answerable]
    return {
        "gold_quoted": share([j.right for j in able]),
        "gold_quoted_first": share([j.right_first for j in able]),
        "answerable_refused": share([j.answer.refused for j in able]),
        "unanswerable_refused": share([j.answer.refused for j in unable]),
    }


# --- the samples, asked again -------------------------------------------------------------------


def asked_again(product: Product) -> Scores:
    """How `samples_more.jsonl` is answered."""
    asked = lines("samples_more.jsonl")
    return scores([_judged(line, product.ask(line["question"]).answer) for line in asked])


def _judged(line: Line, answer: Answer) -> Judged:
    asked = question_of(line)
    return Judged(
        question=line["question"],
        kind=line.get("kind", ""),
        answerable=bool(line["gold"]),
        answer=answer,
        right=hits_gold(answer, asked),
        right_first=hits_gold(answer, asked, 1),
    )


def question_of(line: Line) -> Question:
    """A line whose gold is intervals of the samples."""
    gold = tuple((g["session"], Span(g["start_ms"], g["end_ms"])) for g in line["gold"])
    return Question(line.get("id", ""), line["question"], line.get("kind", ""), gold)


def tried(product: Product) -> Scores:
    """How `tried.jsonl` is answered: questions that failed once, asked as new users would."""
    judged = [(line, _tried(line, product.ask(line["question"]).answer)) for line in lines(_TRIED)]
    return {
        "tried_right_words": share([words for line, (words, _) in judged if line["right"]]),
        "tried_right_state": share([state for _, (_, state) in judged]),
    }


def _tried(line: Line, answer: Answer) -> tuple[bool, bool]:
    """Are the right words among the first three (or first), and is the state a right one?"""
    shown = [fold(c.quote) for c in answer.citations[: 1 if line["first"] else 3]]
    words = any(re.search(line["right"] or "", quote) for quote in shown)
    return words, answer.state in line["states"]


# --- conversations ------------------------------------------------------------------------------


def conversations(product: Product) -> Scores:
    """How often a later step's query is as it should be, and its gold quoted."""
    understood, quoted = [], []
    for conversation in lines("followups.jsonl"):
        before: Query | None = None
        said: list[str] = []
        for step in conversation["steps"]:
            asked = (
                resolve(step["question"], before, product.vocabulary(), date.today(), answered=said)
                if before
                else product.parse(step["question"])
            )
            answer = product.ask(asked).answer
            if before and step["expects"]:
                understood.append(_as_expected(asked, step["expects"]))
            if before and step["gold"]:
                quoted.append(hits_gold(answer, question_of(step)))
            said = list(dict.fromkeys(c.speaker for c in answer.citations if c.speaker))
            before = asked
    return {"steps_understood": share(understood), "steps_gold_quoted": share(quoted)}


def _as_expected(asked: Query, expects: Line) -> bool:
    filters = asked.filters
    people = (*filters.people, *(c.value for c in asked.only(Field.PERSON)))
    person = expects["person"]
    days = [expects[name] and date.fromisoformat(expects[name]) for name in ("since", "until")]
    words = expects["topic"].casefold().split()
    return (
        all(word in asked.topic.casefold() for word in words)
        and (person in people if person else not filters.people)
        and [filters.since, filters.until] == days
        and asked.intent == expects["intent"]
    )


# --- the Swiss debates --------------------------------------------------------------------------


def swiss(product: Product, data: Path) -> Scores:
    """Questions on the Swiss parliament's speeches; importing them takes 20 min on two cores."""
    with TemporaryDirectory() as scratch:
        own = Product(product.settings.model_copy(update={"data": Path(scratch)}))
        own.__dict__["embedder"] = product.embedder
        import_swiss(own, data)
        return scores(swiss_judged(own))


def import_swiss(product: Product, data: Path) -> None:
    """Keep and publish the speeches, a session of a council each."""
    request = TextRequest((data,), titled=lambda day: f"Séance du {day}", bodies=_BODIES)
    for found in import_texts(request, product.archive):
        product.publish(found.session.id)


def swiss_judged(product: Product) -> list[Judged]:
    """`swiss.jsonl`, judged by words: a quotation is right that shares most of them with a gold."""
    return [_judged_by_words(line, product) for line in lines("swiss.jsonl")]


def _judged_by_words(line: Line, product: Product) -> Judged:
    answer = product.ask(line["question"]).answer
    golds = [_words(gold["quote"]) for gold in line["gold"]]

    def right(cited: Iterable[Citation]) -> bool:
        return any(_alike(_words(c.quote), gold) for c in cited for gold in golds)

    return Judged(
        question=line["question"],
        kind=line["kind"],
        answerable=bool(golds),
        answer=answer,
        right=right(answer.citations),
        right_first=right(answer.citations[:1]),
    )


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.replace("[NB]", " ").casefold()))


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= _SHARED_WORDS * min(len(one), len(other))
