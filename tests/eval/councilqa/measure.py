"""How CouncilQA-fr is answered: what is shown, in which state, where the right passage ranks.

`python -m tests.eval.councilqa.measure --archives FOLDER`: each sitting is an archive of its own in
FOLDER, made there when it is missing (minutes each, with the models), so that a question is asked
of its sitting alone and every place that answers it is gold. A stretch is right that holds half of
the words of a gold place, or that lies by half of its own in one.
"""

import argparse
import os
import random
import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.table import Table

from api.answers.citation import Citation, Quote
from api.product import Product
from ingest.settings import Settings
from ingest.text_import.importer import TextRequest, import_texts
from ingest.transcript import Turn
from search.passage import Passage
from search.query.followup import resolve
from search.query.parsed import Query
from tests.eval.councilqa import Place, Question, read, speeches, text_file

SITTINGS = ("20130118", "20130121", "20130125", "20130131", "20130136", "20130139")
"""Those of `train.jsonl`; the Swiss speeches, in three languages and many sittings, are apart."""

_HALF = 0.5
_DEPTH = 10
_Key = TypeVar("_Key")
Words = tuple[int, int]
"""The first and last word of a stretch, counted from the beginning of a sitting."""


def opened(archives: Path, data: Path, session: str) -> Product:
    """The product over one sitting alone, imported and published if it was not yet."""
    product = Product(Settings(data=archives / session))
    if not product.published.sessions(1):
        request = TextRequest((text_file(data, session),), titled=str)
        for found in import_texts(request, product.archive):
            product.publish(found.session.id)
    return product


@dataclass(frozen=True)
class Sitting:
    """A sitting's words, counted through: as questions place them and as the archive has them."""

    product: Product
    texts: dict[str, str]

    @cached_property
    def _speeches(self) -> dict[str, int]:
        return dict(_starts((key, _count(text)) for key, text in self.texts.items()))

    @cached_property
    def _transcript(self) -> tuple[Turn, ...]:
        (session,) = self.product.published.sessions(2)
        turns = self.product.published.transcript(session.id).turns
        archived = _letters(word.text for turn in turns for word in turn.words)
        for key, at in self._speeches.items():
            said = _letters(_said(self.texts[key]))
            # In any order: a remark within a sentence stands after it in the archive.
            if Counter(archived[at : at + len(said)]) != Counter(said):
                raise ValueError(f"{session.id}: the archive has other words than the data")
        return turns

    @cached_property
    def _turns(self) -> dict[int, int]:
        return dict(_starts((id_, len(times)) for id_, times in self._times.items()))

    @cached_property
    def _times(self) -> dict[int, list[int]]:
        """Starts of each turn's words; an import parts "…" from the remark that it follows."""
        return {
            turn.id: [word.start_ms for word in turn.words if _letters([word.text])]
            for turn in self._transcript
        }

    def place(self, place: Place) -> Words:
        """The words of a gold place."""
        text = self.texts[place.speech]
        before = re.sub(r"\S+\Z", "", text[: place.start])  # it may begin within a word
        first = self._speeches[place.speech] + _count(before)
        return first, first + max(_count(place.quote), 1) - 1

    def cited(self, citation: Citation) -> Words:
        """The words of a quotation."""
        return self._stretch(citation.turn, citation.start_ms, citation.quote)

    def quoted(self, quote: Quote) -> Words:
        """The words of a run of sentences that is weighed."""
        start_ms = quote.turn.words[quote.first_word].start_ms
        return self._stretch(quote.turn.id, start_ms, quote.text)

    def passage(self, passage: Passage) -> Words:
        """The words of a passage."""
        return self._stretch(passage.first_turn, passage.start_ms, passage.text)

    def _stretch(self, turn: int, start_ms: int, text: str) -> Words:
        at = self.at(turn, start_ms)
        return at, at + max(_count(text), 1) - 1

    def at(self, turn: int, start_ms: int) -> int:
        """The number of a turn's word that begins then; a sign alone has that of the word after."""
        return self._turns[turn] + bisect_left(self._times[turn], start_ms)


def _letters(words: Iterable[str]) -> list[str]:
    """Words without their signs; those of signs alone are left out."""
    return [bare for word in words if (bare := "".join(filter(str.isalnum, word)))]


def _said(text: str) -> list[str]:
    """Words as an import has them: a remark that leans on a word, "jour(Rires.)", is parted."""
    return re.sub(r"(?<=\w)\((?=[A-ZÀ-Ý])", " (", text).split()


def _count(text: str) -> int:
    return len(_letters(_said(text)))


def _starts(counts: Iterable[tuple[_Key, int]]) -> Iterator[tuple[_Key, int]]:
    at = 0
    for key, count in counts:
        yield key, at
        at += count


def holds(found: Words, golds: Collection[Words]) -> bool:
    """Does a stretch hold half of a gold place, or lie by half in one?"""

    def shared(gold: Words) -> bool:
        both = min(found[1], gold[1]) - max(found[0], gold[0]) + 1
        return both >= _HALF * min(found[1] - found[0] + 1, gold[1] - gold[0] + 1)

    return any(map(shared, golds))


@dataclass(frozen=True)
class Judged:
    """A question that was asked; `rank` is that of the first right passage, from 1."""

    question: Question
    state: str
    right: tuple[bool, ...]
    rank: int | None
    quotes: tuple[str, ...]

    @property
    def shown(self) -> bool:
        """Are right words among the first three?"""
        return any(self.right[:3])

    @property
    def first(self) -> bool:
        """Are they the first, and given as the answer?"""
        return self.state == "answer" and any(self.right[:1])


def asked(product: Product, question: Question) -> Query:
    """The question as it is parsed, after the one that it follows."""
    if not question.context:
        return product.parse(question.question)
    before = product.parse(question.context)
    said = [c.speaker for c in product.ask(before).answer.citations if c.speaker]
    return resolve(question.question, before, product.vocabulary(), date.today(), answered=said)


def judge(sitting: Sitting, question: Question) -> Judged:
    """Ask one question."""
    query = asked(sitting.product, question)
    answer = sitting.product.ask(query).answer
    golds = [sitting.place(place) for place in question.gold]
    hits = sitting.product.retriever.find(query, _DEPTH) if golds else ()
    ranks = (n for n, hit in enumerate(hits, 1) if holds(sitting.passage(hit.passage), golds))
    return Judged(
        question,
        answer.state,
        tuple(holds(sitting.cited(c), golds) for c in answer.citations),
        next(ranks, None),
        tuple(c.quote for c in answer.citations),
    )


def of_sitting(
    session: str, archives: Path, data: Path, questions: Sequence[Question]
) -> list[Judged]:
    """Ask all of a sitting's questions."""
    sitting = Sitting(opened(archives, data, session), speeches(data, session))
    return [judge(sitting, question) for question in questions]


def figures(judged: Sequence[Judged]) -> dict[str, float]:
    """The figures by name, shares of 0 to 1; those of no question are left out."""
    able = [j for j in judged if j.question.answerable]
    unable = [j for j in judged if not j.question.answerable]
    found: dict[str, float] = {}
    if able:
        found |= {
            "shown_among_three": _share(j.shown for j in able),
            "first_as_answer": _share(j.first for j in able),
            "answerable_told_nothing": _share(not j.quotes for j in able),
            **{f"passage_r{n}": _share((j.rank or 99) <= n for j in able) for n in (1, 5, 10)},
        }
    if unable:
        found["unanswerable_as_answer"] = _share(j.state == "answer" for j in unable)
        found["unanswerable_told_nothing"] = _share(j.state == "nothing" for j in unable)
    return found


def _share(flags: Iterable[bool]) -> float:
    all_flags = list(flags)
    return sum(all_flags) / len(all_flags)


def sample(questions: Iterable[Question], limit: int) -> dict[str, list[Question]]:
    """At most so many questions of each session, drawn alike every time."""
    by_session = defaultdict(list)
    for question in questions:
        by_session[question.session].append(question)
    for drawn in by_session.values():
        random.Random(1).shuffle(drawn)
    return {session: drawn[:limit] for session, drawn in by_session.items()}


def _show(judged: Sequence[Judged], by: str) -> None:
    groups: dict[str, list[Judged]] = {"all": list(judged)}
    for one in judged:
        groups.setdefault(str(getattr(one.question, by)), []).append(one)
    names = list(figures(judged))
    table = Table(by, "n", *names, box=None)
    for group, members in groups.items():
        found = figures(members)
        cells = (f"{found[name]:.3f}" if name in found else "" for name in names)
        table.add_row(group, str(len(members)), *cells)
    Console(width=220).print(table)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.eval.councilqa.measure")
    parser.add_argument("--archives", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=os.environ.get("VERBATIM_EVAL_DATA"))
    parser.add_argument("--set", choices=("train", "held_out"), default="train")
    parser.add_argument("--session", action="append", help="these alone; may be repeated")
    parser.add_argument("--limit", type=int, default=60, help="questions a sitting")
    parser.add_argument("--by", default="kind", help="kind, style, language or session")
    parser.add_argument("--failing", action="store_true", help="print what failed")
    parser.add_argument("--processes", type=int, default=1)
    options = parser.parse_args()
    sessions = options.session or SITTINGS
    drawn = sample((q for q in read(options.set) if q.session in sessions), options.limit)
    ask = partial(of_sitting, archives=options.archives, data=Path(options.data))
    with ProcessPoolExecutor(options.processes) as pool:
        jobs = [pool.submit(ask, session, questions=asked) for session, asked in drawn.items()]
        judged = [one for job in jobs for one in job.result()]
    if options.failing:
        for one in judged:
            if not (one.first if one.question.answerable else one.state != "answer"):
                print(
                    f"{one.question.id} [{one.question.kind}, {one.state}, rank {one.rank}] "
                    f"{one.question.question}\n   gold: {[g.quote for g in one.question.gold][:2]}"
                    f"\n   said: {list(zip(one.right, one.quotes, strict=True))[:3]}"
                )
    _show(judged, options.by)
    print(Counter(one.state for one in judged))


if __name__ == "__main__":
    main()
