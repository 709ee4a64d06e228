"""Are corrected words said when the transcript says so? The samples, corrected to their reference.

Every turn is typed anew as the reference has it, through the clerk's own edit, and then aligned in
the way the worker does it. Word starts are held against the reference's: first as they were put
between their neighbours, then as they were aligned.
"""

import json
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Collection, Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from rapidfuzz.distance import Levenshtein

from api.product import Product
from ingest.archive.change_log import revision
from ingest.archive.repository import Archive
from ingest.editing.edits import TextEdit
from ingest.text import fold
from ingest.transcript import Word
from tests.eval.samples import SAMPLES, Scores


@dataclass(frozen=True)
class Timed:
    """A word of the reference, and when it is said; None where the reference does not know."""

    text: str
    start_ms: int | None


def said(session: str) -> list[Timed]:
    """Every word of a sample's reference, in order."""
    turns = json.loads((SAMPLES / session / "reference.json").read_text("utf-8"))["turns"]
    return [word for turn in turns for sentence in turn["sentences"] for word in _words(sentence)]


def _words(sentence: dict[str, object]) -> Iterator[Timed]:
    text = str(sentence["text"])
    known = sentence.get("words")
    if isinstance(known, list):
        yield from (Timed(word["text"], word["start_ms"]) for word in known)
    else:
        yield from (Timed(word, None) for word in text.split())


def correct(product: Product, session_id: str) -> int:
    """Type every turn as the reference has it; how many were typed anew."""
    typed = 0
    for index, text in enumerate(_texts(product.archive, session_id)):
        with product.archive.engine.connect() as db:
            now = revision(db, session_id)
        edit = TextEdit(turn=index, text=text)
        typed += product.changes.make(session_id, now, "eval", edit) > now
    return typed


def _texts(archive: Archive, session_id: str) -> list[str]:
    """What each turn should say: the reference's words that its own words stand for."""
    turns = archive.transcript(session_id).turns
    heard = [(turn.index, _key(word.text)) for turn in turns for word in turn.words]
    truth = said(session_id)
    texts: list[list[str]] = [[] for _ in turns]
    for op in Levenshtein.opcodes([key for _, key in heard], [_key(word.text) for word in truth]):
        here = heard[op.src_start : op.src_end]
        for n, word in enumerate(truth[op.dest_start : op.dest_end]):
            near = here[min(n, len(here) - 1)] if here else heard[max(0, op.src_start - 1)]
            texts[near[0]].append(word.text)
    return [" ".join(words) for words in texts]


def errors(
    words: Sequence[Word],
    truth: Sequence[Timed],
    typed: Container[int] | None = None,
) -> list[int]:
    """How far words start from where the reference has them: all, or those `typed` (places)."""
    return [
        abs(words[op.src_start + n].start_ms - start_ms)
        for op in Levenshtein.opcodes([_key(w.text) for w in words], [_key(w.text) for w in truth])
        if op.tag == "equal"
        for n in range(op.src_end - op.src_start)
        if (start_ms := truth[op.dest_start + n].start_ms) is not None
        and (typed is None or op.src_start + n in typed)
    ]


def _key(text: str) -> str:
    return "".join(char for char in fold(text) if char.isalnum())


def corrected(product: Product, *sessions: str) -> Scores:
    """Errors of word starts (seconds) after correction, over all samples or those named.

    Made on a copy.
    """
    with tempfile.TemporaryDirectory() as scratch:
        data = Path(scratch) / "data"
        shutil.copytree(product.settings.data, data)
        copy = Product(product.settings.model_copy(update={"data": data}))
        copy.steps = product.steps  # the models are loaded already
        return measured(copy, sessions)


def measured(product: Product, sessions: Collection[str] = ()) -> Scores:
    """The same, on data that may be changed."""
    found: dict[str, list[int]] = defaultdict(list)
    for session in product.archive.sessions():
        named = not sessions or session.id in sessions
        if not named or not (SAMPLES / session.id / "reference.json").exists():
            continue
        truth = said(session.id)
        correct(product, session.id)
        guessed = _all_words(product.archive, session.id)
        typed = {n for n, word in enumerate(guessed) if word.guessed}
        product.realign(session.id, lambda: None)
        aligned = _all_words(product.archive, session.id)
        found["guessed_start_error"] += errors(guessed, truth, typed)
        found["changed_start_error"] += errors(aligned, truth, typed)
        found["all_start_error"] += errors(aligned, truth)
    medians = {name: median(some) / 1000 for name, some in found.items()}
    ninth = {f"{name}_p90": quantiles(some, n=10)[-1] / 1000 for name, some in found.items()}
    return medians | ninth


def _all_words(archive: Archive, session_id: str) -> list[Word]:
    return [word for turn in archive.transcript(session_id).turns for word in turn.words]
