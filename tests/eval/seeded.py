"""A sample's reference transcript with thirty errors put in, of the kinds that machines make.

Most of the words are what the small speech model really heard there. Knows each error's place in
what is shown, and what stands in the reference; not how it is put right (`correction`).
"""

import csv
import json
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from ingest.editing.timing import tokens
from ingest.transcript import (
    Evidence,
    Generator,
    Person,
    Recording,
    Session,
    Speaker,
    Transcript,
    Turn,
    Word,
)

SAMPLE = "2025-03-11-piste-cyclable"
SURE, UNSURE = 0.93, 0.4
_SAMPLES = Path(__file__).parents[2] / "samples"


@dataclass(frozen=True)
class Heard:
    """Words of a turn that were heard otherwise; `right` or `wrong` is empty where words lack or
    are too many. `after` is what stands just before them, for lacking ones."""

    turn: int
    right: str
    wrong: str
    confidence: float = UNSURE
    after: str = ""


# Turns count as in the reference.
MISHEARD = (
    Heard(0, "conseiller", "conseillé"),
    Heard(2, "étudié", "étudier", SURE),
    Heard(2, "cet objet", "cette objecte"),
    Heard(2, "demandé est", "demandait à"),
    Heard(2, "quai.", "qu'est."),
    Heard(4, "cher.", "chair."),
    Heard(4, "marronniers.", "marognais."),
    Heard(7, "trottinette.", "trop tinette."),
    Heard(7, "votera contre,", "vota compte,"),
    Heard(9, "emportée,", "emporter,", SURE),
)
NAMES = (
    Heard(1, "Fontanet,", "Fontaine,"),
    Heard(3, "Fontanet.", "Fontaine."),
    Heard(3, "Rochat,", "Rocha,", SURE),
    Heard(12, "Rochat.", "Rocha.", SURE),
)
LACKING = (
    Heard(5, "complètement", "", after="c'est"),
    Heard(9, "beaucoup", "", after="monte"),
    Heard(15, "pas", "", after="n'est"),
)
TOO_MANY = (
    Heard(6, "", "vous", SURE, after="vous"),
    Heard(11, "", "euh", after="dois"),
    Heard(13, "", "de", SURE, after="et"),
)
NAMELESS = "Nadia Keller"  # her voice bears no name, wherever it is heard
WRONG_VOICE = {8: "Bruno Girard", 14: "Hélène Baudin"}  # turn: who is said to speak there
CUT = {4: "Quarante", 12: "L'amendement"}  # turn: the word before which it was cut in two
MERGED = (6, 9)  # the next turn was taken for this one's
TO_NEXT = {3: 2}  # words of the turn's end that the next one has
TO_PREVIOUS = {2: 4, 15: 2}  # words of the turn's beginning that the one before has
COUNT = (
    len(MISHEARD)
    + len(NAMES)
    + len(LACKING)
    + len(TOO_MANY)
    + 1
    + len(WRONG_VOICE)
    + len(CUT)
    + len(MERGED)
    + len(TO_NEXT)
    + len(TO_PREVIOUS)
)


@dataclass(frozen=True)
class Line:
    """A turn of the reference: who says it, in which words."""

    person: str
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """The words joined by one space."""
        return " ".join(word.text for word in self.words)


def reference() -> tuple[Line, ...]:
    """The sample as it was written and voiced, its words as an editor writes them."""
    raw = json.loads((_SAMPLES / SAMPLE / "reference.json").read_text("utf-8"))["turns"]
    return tuple(
        Line(turn["speaker"], tuple(w for s in turn["sentences"] for w in _words(s)))
        for turn in raw
    )


def _words(sentence: dict[str, Any]) -> list[Word]:
    """A sentence's words; where the voice gave no times they share the sentence's."""
    texts = tokens(sentence["text"])
    timed = sentence.get("words", ())
    if len(timed) == len(texts):
        return [
            Word(w["start_ms"], w["end_ms"], text, SURE)
            for w, text in zip(timed, texts, strict=True)
        ]
    start, each = sentence["start_ms"], (sentence["end_ms"] - sentence["start_ms"]) // len(texts)
    return [
        Word(start + n * each, start + (n + 1) * each, text, SURE) for n, text in enumerate(texts)
    ]


def seeded() -> tuple[Session, Transcript]:
    """The session as a machine might have left it, with `COUNT` errors."""
    right = reference()
    people = list(dict.fromkeys(line.person for line in right))
    lines = [_misheard(n, line) for n, line in enumerate(right)]
    said = [replace(line, person=WRONG_VOICE.get(n, line.person)) for n, line in enumerate(lines)]
    turns = tuple(
        Turn(n, f"S{people.index(line.person) + 1}", line.words)
        for n, line in enumerate(_shaped(said))
    )
    speakers = tuple(
        Speaker(f"S{n}", None if name == NAMELESS else name, Evidence.CHAIR, 0.9)
        for n, name in enumerate(people, 1)
    )
    generator = Generator("seeded", "seeded", "1", {})
    return _session(), Transcript(SAMPLE, speakers, turns, (), generator)


def _session() -> Session:
    about = json.loads((_SAMPLES / SAMPLE / "session.json").read_text("utf-8"))
    with (_SAMPLES / SAMPLE / "roster.csv").open(encoding="utf-8", newline="") as file:
        roster = tuple(Person(r["name"], r["role"], r["group"]) for r in csv.DictReader(file))
    parts = (Recording("5" * 64, 0, about["duration_ms"]),)
    return Session(
        SAMPLE, about["title"], date.fromisoformat(about["date"]), parts=parts, roster=roster
    )


def listening_file() -> Path:
    """The sample's sound."""
    return _SAMPLES / SAMPLE / "part1.opus"


def _misheard(n: int, line: Line) -> Line:
    for error in (*MISHEARD, *NAMES, *LACKING, *TOO_MANY):
        if error.turn == n:
            line = replace(line, words=_with(line.words, error))
    return line


def _with(words: tuple[Word, ...], error: Heard) -> tuple[Word, ...]:
    texts = [word.text for word in words]
    right, wrong = error.right.split(" "), error.wrong.split(" ")
    if error.after:
        at = texts.index(error.after) + 1
        if error.right:
            assert texts[at] == error.right, (texts, error)
            return words[:at] + words[at + 1 :]
        extra = replace(words[at - 1], text=error.wrong, confidence=error.confidence)
        return (*words[:at], replace(extra, start_ms=extra.end_ms - 60), *words[at:])
    at = next(n for n in range(len(texts)) if texts[n : n + len(right)] == right)
    start, end = words[at].start_ms, words[at + len(right) - 1].end_ms
    each = (end - start) // len(wrong)
    heard = (
        Word(start + n * each, start + (n + 1) * each, text, error.confidence)
        for n, text in enumerate(wrong)
    )
    return (*words[:at], *heard, *words[at + len(right) :])


def _shaped(lines: list[Line]) -> list[Line]:
    """Turns cut, merged, and with words on the wrong side of their boundaries."""
    shaped = list(lines)
    for n, count in TO_NEXT.items():
        shaped[n + 1] = replace(shaped[n + 1], words=shaped[n].words[-count:] + shaped[n + 1].words)
        shaped[n] = replace(shaped[n], words=shaped[n].words[:-count])
    for n, count in TO_PREVIOUS.items():
        shaped[n - 1] = replace(shaped[n - 1], words=shaped[n - 1].words + shaped[n].words[:count])
        shaped[n] = replace(shaped[n], words=shaped[n].words[count:])
    made: list[Line] = []
    for n, line in enumerate(shaped):
        if n - 1 in MERGED:
            made[-1] = replace(made[-1], words=made[-1].words + line.words)
        elif n in CUT:
            at = [word.text for word in line.words].index(CUT[n])
            made += [replace(line, words=line.words[:at]), replace(line, words=line.words[at:])]
        else:
            made.append(line)
    return made
