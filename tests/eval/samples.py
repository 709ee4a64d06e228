"""What the product makes of the sample sessions, against what was really said in them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.answers.answer import Answer
from api.answers.citation import Citation
from api.product import Product
from ingest.transcript import Span, SpeakerSpan
from search.passage import Passage

SAMPLES = Path(__file__).parents[2] / "samples"
Scores = dict[str, float]


@dataclass(frozen=True)
class Said:
    """A sentence of the reference: who said it, when, in which words."""

    span: SpeakerSpan
    text: str


@dataclass(frozen=True)
class Question:
    """A question, and the intervals that answer it: none when nothing does."""

    id: str
    text: str
    kind: str
    gold: tuple[tuple[str, Span], ...]


def reference(session: str, folder: Path = SAMPLES) -> tuple[Said, ...]:
    """Every sentence of a sample, as it was written and voiced."""
    turns = json.loads((folder / session / "reference.json").read_text("utf-8"))["turns"]
    return tuple(
        Said(SpeakerSpan(s["start_ms"], s["end_ms"], turn["speaker"]), s["text"])
        for turn in turns
        for s in turn["sentences"]
    )


def questions() -> tuple[Question, ...]:
    """The samples' questions."""
    return tuple(map(_question, (SAMPLES / "questions.jsonl").read_text("utf-8").splitlines()))


def _question(line: str) -> Question:
    raw: dict[str, Any] = json.loads(line)
    gold = tuple((g["session"], Span(g["start_ms"], g["end_ms"])) for g in raw["gold"])
    return Question(raw["id"], raw["question"], raw["kind"], gold)


def hits_gold(answer: Answer, question: Question, first: int | None = None) -> bool:
    """Does a citation (one of the `first` ones) hold at least half of a gold interval?"""
    return any(holds_gold(cited, question) for cited in answer.citations[:first])


def holds_gold(found: Citation | Passage, question: Question) -> bool:
    """Does a stretch of a session hold at least half of a gold interval?"""
    return any(
        found.session == session
        and 2 * span.overlap_ms(found.start_ms, found.end_ms) >= span.end_ms - span.start_ms
        for session, span in question.gold
    )


def answering(product: Product) -> Scores:
    """How often the gold interval is quoted, quoted first, and refusals are right."""
    asked = [(question, product.ask(question.text).answer) for question in questions()]
    answerable = [(q, a) for q, a in asked if q.gold]
    unanswerable = [(q, a) for q, a in asked if not q.gold]
    return {
        "gold_quoted": share([hits_gold(a, q) for q, a in answerable]),
        "gold_quoted_first": share([hits_gold(a, q, 1) for q, a in answerable]),
        "answerable_refused": share([a.refused for _, a in answerable]),
        "unanswerable_refused": share([a.refused for _, a in unanswerable]),
    }


def share(flags: Sequence[bool]) -> float:
    """Of flags that are true, 0..1; 0 of none."""
    return sum(flags) / len(flags) if flags else 0.0


def finding(product: Product) -> Scores:
    """How often a passage that holds the gold interval is found first, and among five."""
    ranks = []
    for question in questions():
        if not question.gold:
            continue
        hits = product.search(question.text, 10)
        ranked = enumerate(hits, 1)
        ranks.append(next((n for n, hit in ranked if holds_gold(hit.passage, question)), None))
    return {
        "passage_r1": share([rank == 1 for rank in ranks]),
        "passage_r5": share([rank is not None and rank <= 5 for rank in ranks]),
    }
