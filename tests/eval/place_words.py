"""Do hints and repair write more names rightly, and at what cost? A table; then every repair.

    VERBATIM_EVAL_DATA=... python -m tests.eval.place_words [--hints] [--words FOLDER]

Names are those of the roster wherever a sample's text says them. Repair sees the sample's roster
of 14 people, and then the same in a council of over eighty. Repairs made in other French speech
and in speeches of a parliament, before a roster that no speaker there is on, are all wrong ones.
"""

import argparse
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

from rapidfuzz.distance import Levenshtein
from rich.console import Console
from rich.table import Table

from ingest.asr.confidence import calibrated
from ingest.asr.hotwords import hints
from ingest.asr.name_repair import repair
from ingest.asr.whisper import whisper_name
from ingest.documents.agenda_text import read_agenda
from ingest.documents.roster import read_roster
from ingest.settings import Settings
from ingest.steps import Steps
from ingest.text import fold
from ingest.transcript import Person, Word
from tests.eval.error_rates import word_errors
from tests.eval.recordings import Known, hear, heard_once, real_voices, recordings
from tests.eval.samples import SAMPLES
from tests.eval.sittings import MEN, WOMEN

Heard = dict[str, list[Word]]
DOUBTFUL = 0.5  # confidence given to words that come without one: the worst case for repair


def roster_of(sample: str) -> tuple[Person, ...]:
    """The people of a sample."""
    return read_roster(SAMPLES / sample / "roster.csv")


def padded(roster: Sequence[Person]) -> tuple[Person, ...]:
    """The same people among those of the made-up sessions: a council as large as Geneva's."""
    known = {person.name for person in roster}
    women, men = (re.split(r"[;\n]", names) for names in (WOMEN, MEN))
    others = [Person(name, "conseillère municipale") for name in women if name not in known]
    others += [Person(name, "conseiller municipal") for name in men if name not in known]
    half = len(others) // 2
    return (*others[:half], *roster, *others[half:])


def names_heard(said: str, words: Sequence[Word], roster: Sequence[Person]) -> tuple[int, int]:
    """How many of the names that were said were heard where they were said; and how many were."""
    names = {part for person in roster for part in _tokens(person.name)}
    told, heard = _tokens(said), _tokens(" ".join(word.text for word in words))
    found = total = 0
    for edit in Levenshtein.opcodes(told, heard):
        count = sum(token in names for token in told[edit.src_start : edit.src_end])
        total += count
        found += count if edit.tag == "equal" else 0
    return found, total


def _tokens(text: str) -> list[str]:
    return re.findall(r"\w+", fold(text))


def measure(title: str, known: Sequence[Known], heard: Heard, table: Table) -> None:
    """One line of the table: names, WER, how many words there are and how many were repaired."""
    found = total = edits = length = 0
    real_edits = real_length = 0
    for one in known:
        errors = word_errors(one.said, " ".join(word.text for word in heard[one.id]))
        if one.real:
            real_edits, real_length = (
                real_edits + errors.edits,
                real_length + errors.reference_words,
            )
            continue
        edits, length = edits + errors.edits, length + errors.reference_words
        right, names = names_heard(one.said, heard[one.id], roster_of(one.id))
        found, total = found + right, total + names
    words = [word for one in known for word in heard[one.id]]
    repaired = sum(word.heard is not None for word in words)
    table.add_row(
        title,
        f"{found}/{total}",
        f"{found / total:.3f}",
        f"{edits / length:.4f}",
        f"{real_edits / real_length:.4f}" if real_length else "-",
        str(len(words)),
        str(repaired),
    )


def repaired(known: Sequence[Known], heard: Heard, *, padding: bool) -> Heard:
    """What was heard, with names put right; real voices are before the first sample's roster."""
    first = next(one.id for one in known if not one.real)
    after = {}
    for one in known:
        roster = roster_of(first if one.real else one.id)
        after[one.id] = list(repair(heard[one.id], padded(roster) if padding else roster))
    return after


def false_repairs(speeches: Path, roster: Sequence[Person]) -> tuple[int, list[str]]:
    """Words of the French speeches, and repairs made in them: no one of the roster speaks there."""
    count, wrong = 0, []
    for line in speeches.read_text("utf-8").splitlines():
        speech = json.loads(line)
        if speech["language"] == "DE":
            continue
        texts = speech["text"].split()
        words = [Word(n, n + 1, text, DOUBTFUL) for n, text in enumerate(texts)]
        count += len(words)
        wrong += [f"{w.heard} -> {w.text}" for w in repair(words, roster) if w.heard]
    return count, wrong


def hints_for(known: Known, kind: str) -> str:
    """What the recogniser is given of a sample: surnames, or titles and codes as well."""
    if known.real or kind == "none":
        return ""
    items = read_agenda(SAMPLES / known.id / "agenda.json") if kind == "all" else ()
    return hints(roster_of(known.id), (), items)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.eval.place_words", description=__doc__)
    parser.add_argument("--hints", action="store_true", help="hear everything again with hints")
    parser.add_argument("--words", type=Path, help="keep what was heard without hints in this file")
    options = parser.parse_args()
    known, settings = recordings(real_voices()), Settings()
    steps = Steps(settings)
    raw = heard_once(options.words, known, steps.transcriber)
    name = whisper_name(settings)
    heard = {id_: list(calibrated(words, name)) for id_, words in raw.items()}
    table = Table("", "names", "recall", "WER", "WER, real voices", "words", "repaired", box=None)
    measure("heard", known, heard, table)
    roster = roster_of(known[0].id)
    for people, padding in ((roster, False), (padded(roster), True)):
        title = f"repaired, {len(people)} people"
        measure(title, known, repaired(known, heard, padding=padding), table)
    for kind in ("names", "all") if options.hints else ():
        told = {one.id: hear(one, steps.transcriber(), hints_for(one, kind)) for one in known}
        told = {id_: list(calibrated(words, name)) for id_, words in told.items()}
        measure(f"told {kind}", known, told, table)
        measure(f"told {kind}, repaired", known, repaired(known, told, padding=True), table)
    Console().print(table)
    for one, words in repaired(known, heard, padding=True).items():
        for word in words:
            if word.heard is not None:
                print(f"{one}: {word.heard} -> {word.text}")
    where = os.environ.get("VERBATIM_EVAL_DATA")
    if where and (speeches := Path(where) / "debates" / "swiss_jura.jsonl").exists():
        count, wrong = false_repairs(speeches, padded(roster))
        print(f"wrong repairs in {count} words of other speeches: {len(wrong)}", *wrong)


if __name__ == "__main__":
    main()
