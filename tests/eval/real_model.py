"""What a real language model writes about the samples' questions, and what is kept of it.

    verbatim demo samples --no-serve  # once, so that there is something to ask
    VERBATIM_LLM_URL=http://127.0.0.1:8091/v1 python -m tests.eval.real_model q01 q11 q40

Without ids, every question is asked. Prints Markdown: each question, each sentence with what became
of it, the seconds until the first and the last one. A sentence marked `kept` is to be held against
the quotations by a person: `--quotations` prints them beside it.
"""

import argparse
import sys
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from api.answers.answer import Verified
from api.answers.citation import Sentence, Written
from api.llm.client import LLM, Message, OpenAIEndpoint, Patience
from api.llm.writer import Objects, Writer, endpoint, plain
from api.product import Product
from ingest.settings import Settings
from tests.eval.samples import Question, questions


@dataclass
class Overheard:
    """A model whose words are kept, with the moment of the first."""

    llm: LLM
    text: str = ""
    first: float | None = None
    requests: int = 0

    def stream(
        self, messages: Sequence[Message], shape: Mapping[str, object] | None = None
    ) -> Generator[str, None, None]:
        """The pieces, as they come."""
        self.text, self.first = "", None
        self.requests += 1
        for piece in self.llm.stream(messages, shape):
            self.first = self.first or time.monotonic()
            self.text += piece
            yield piece


@dataclass(frozen=True)
class Tried:
    """What came of one question. Times are in seconds since the model was asked."""

    question: Question
    verified: Verified
    sentences: tuple[tuple[str, str], ...] = ()  # each with what became of it
    fallback: str | None = None
    word_s: float | None = None
    kept_s: tuple[float, ...] = ()
    end_s: float = 0.0
    raw: str = field(default="", repr=False)


def tried(question: Question, product: Product, model: Overheard) -> Tried:
    """Ask one question as the site does."""
    verified = product.ask(question.text)
    requests, began = model.requests, time.monotonic()
    kept: list[Sentence] = []
    kept_s: list[float] = []
    outcome = Written(0, (), None)
    for piece in Writer(model, product.published).write(question.text, verified):
        if isinstance(piece, Written):
            outcome = piece
        else:
            kept.append(piece)
            kept_s.append(time.monotonic() - began)
    end_s = time.monotonic() - began
    if model.requests == requests:
        return Tried(question, verified)
    return Tried(
        question,
        verified,
        tuple(_fates(model.text, kept, outcome)),
        outcome.fallback,
        model.first - began if model.first else None,
        tuple(kept_s),
        end_s,
        model.text,
    )


def _fates(text: str, kept: Sequence[Sentence], outcome: Written) -> Iterator[tuple[str, str]]:
    """Each sentence that was judged, in order, with `kept` or why it was left out."""
    stands, flaws = list(kept), list(outcome.dropped)
    for item in Objects("phrase").feed(text):
        said = str(item["phrase"])
        if stands and plain(said) == stands[0].text:
            yield stands.pop(0).text, "kept"
        elif flaws:
            yield said, flaws.pop(0)


def report(all_tried: Sequence[Tried], quotations: bool) -> Iterator[str]:
    """Markdown: a table of the sentences, then the totals."""
    yield "| question | sentence | became | first word, end |"
    yield "|---|---|---|---|"
    for one in all_tried:
        yield from _rows(one)
        if quotations:
            for n, cited in enumerate(one.verified.answer.citations, 1):
                yield f"| | [{n}] {cited.speaker}, {cited.session}: {_cell(cited.quote)} | | |"
    asked = [one for one in all_tried if one.raw or one.fallback]
    fates = [fate for one in asked for _, fate in one.sentences]
    shown = [one for one in asked if one.fallback is None]
    yield ""
    yield f"{len(all_tried)} questions, {len(asked)} sent to the model, {len(shown)} with its text."
    yield f"{len(fates)} sentences judged, {fates.count('kept')} kept."
    if ends := [one.end_s for one in asked]:
        yield f"Seconds until the end: {median(ends):.0f} in the median, {max(ends):.0f} at most."


def _rows(one: Tried) -> Iterator[str]:
    name = f"{one.question.id} {_cell(one.question.text)}"
    if one.verified.answer.refused:
        yield f"| {name} | | refused, nothing sent | |"
        return
    word = f"{one.word_s:.0f}" if one.word_s is not None else "-"
    seconds = f"{word}, {one.end_s:.0f} s"
    rows = [*one.sentences]
    if one.fallback:
        rows.append(("", f"nothing shown: {one.fallback}"))
    for at, (said, fate) in enumerate(rows or [("", "nothing")]):
        head = (name, seconds) if at == 0 else ("", "")
        yield f"| {head[0]} | {_cell(said)} | {fate} | {head[1]} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "¦")


def main() -> None:
    """Ask the questions, print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("ids", nargs="*", help="ids in samples/questions.jsonl, as q01")
    parser.add_argument(
        "--wait", type=float, help="seconds, where the setting's limit is too short"
    )
    parser.add_argument("--quotations", action="store_true", help="print them, to compare")
    parser.add_argument("--raw", action="store_true", help="print what the model wrote, to stderr")
    arguments = parser.parse_args()
    settings = Settings()
    llm = endpoint(settings)
    if llm is None:
        sys.exit("VERBATIM_LLM_URL names no model.")
    if arguments.wait and isinstance(llm, OpenAIEndpoint):
        llm = replace(llm, patience=Patience.of(arguments.wait))
    product, model = Product(settings), Overheard(llm)
    product.warm()
    wanted = [q for q in questions() if not arguments.ids or q.id in arguments.ids]
    all_tried = []
    for question in wanted:
        all_tried.append(one := tried(question, product, model))
        print(f"{question.id} {one.end_s:.0f} s", file=sys.stderr)
        if arguments.raw:
            print(one.raw, file=sys.stderr)
    print("\n".join(report(all_tried, arguments.quotations)))


if __name__ == "__main__":
    main()
