"""What can be measured of a run of sentences beside a question, as one row of comparable figures.

Pure. Says nothing about which run answers: `api.answers.reader.learned` does, from these rows.
A figure that a question gives no reason to measure (no number is asked about, say) is `NOTHING`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from api.answers.answer_type import LIKELY, tells
from ingest.text import fold
from search.query.parsed import Intent, Query

Matrix = npt.NDArray[np.float32]

NOTHING = -1.0
_ALIKE = 75  # similarity of 100 from which another spelling, or another language's word, counts
_LONG_NAME, _MISHEARD = 6, 80  # letters; similarity of 100 that two spellings of one name have
_LONG_STEM = 4  # letters: shorter ones are alike by chance
_NUMBER = re.compile(r"\d+(?:v\d+)?")
_FIGURES = re.compile(r"\d|\b(?:mille|cent|vingt|trente|quarante|cinquante|soixante)\b")
_CHAIR = re.compile(
    r"la parole est a|avez la parole|je passe la parole|c'est a vous|merci,? (?:monsieur|madame)"
    r"|nous passons (?:a|au)|nous traitons|je mets au vo|quel est l'avis d|la seance est"
)
_NOT = re.compile(r"\b(?:ne|n|pas|jamais|aucune?|not|nicht|kein\w*|no|nao|non)\b")
_CAUSE = re.compile(r"\b(?:parce qu|car|puisqu|afin|en raison|a cause|c'est pourquoi|pour que)")
_OPINION = re.compile(r"\b(?:favorable|defavorable|oppos|soutien|souten|regrett|demand|souhait)")
_OUTCOME = re.compile(r"\b(?:adopt|rejet|retir|refus|accept|scrutin|voix|suffrages)")
_OWN = re.compile(r"\b(?:je|j|nous|notre|nos|mon|ma|mes)\b")
_NAMED = re.compile(r"(?<=[\w,;] )[A-ZÀ-Ý][\w'’-]+")


@dataclass(frozen=True, eq=False)
class Asked:
    """A question as runs are compared with it.

    `wanted`: the weight (idf) of each stem of its topic; `names`: stems of its proper names and
    codes; `noun`: stems of what it counts; `usual`: its mean cosine with all passages.
    """

    query: Query
    wanted: Mapping[str, float]
    names: frozenset[str]
    noun: frozenset[str]
    usual: float


@dataclass(frozen=True, eq=False)
class Measured:
    """A run of sentences and what stands around it, as far as figures are taken of it.

    Stems: of the run, of its topic and speaker, of the sentences beside it, of its passage. `rank`
    counts passages from 0, `behind` says how far its passage's score is below the best one's.
    """

    text: str
    stems: frozenset[str]
    around: frozenset[str]
    beside: frozenset[str]
    passage: frozenset[str]
    cosine: float
    best_sentence: float
    before: float
    after: float
    dense: float
    rank: int
    behind: float
    sentences: int
    at: int
    turn_words: int
    speaker: str


def figures(asked: Asked, runs: Sequence[Measured]) -> Matrix:
    """One row for each run, shape (runs, len(NAMES))."""
    if not runs:
        return np.empty((0, len(NAMES)), np.float32)
    question = _of_question(asked, runs)
    alike = _alike(asked.wanted, runs)
    people = frozenset((*asked.query.filters.people, *asked.query.mentioned))
    rows = [_of_run(asked, run, alike, people) for run in runs]
    own = np.array([list(row.values()) for row in rows], np.float32)
    whole = np.tile(np.array(list(question.values()), np.float32), (len(runs), 1))
    return np.hstack([own, _compared(own), whole])


def _of_run(
    asked: Asked,
    run: Measured,
    alike: Mapping[str, Mapping[str, float]],
    people: frozenset[str],
) -> dict[str, float]:
    """`people` are all whom the question names."""
    query, wanted = asked.query, asked.wanted
    held = run.stems | run.around
    folded = _folded(run.text)
    named = _share(run.stems, dict.fromkeys(asked.names, 1.0))
    numbers = {stem: 1.0 for stem in wanted if _NUMBER.fullmatch(stem)}
    told, likely = tells(query, run.text), LIKELY.get(query.intent)
    words = run.text.split()
    return {
        "cosine": run.cosine - asked.usual,
        "best_sentence": run.best_sentence - asked.usual,
        "before": run.before - asked.usual,
        "after": run.after - asked.usual,
        "dense": run.dense - asked.usual,
        "share": _share(held, wanted),
        "share_said": _share(run.stems, wanted),
        "share_beside": _share(held | run.beside, wanted),
        "share_passage": _share(held | run.passage, wanted),
        "share_alike": _soft_share(run.stems, wanted, alike),
        "share_alike_passage": _soft_share(run.stems | run.passage, wanted, alike),
        "missing": _missing(held | run.beside, wanted),
        "missing_passage": _missing(held | run.passage, wanted),
        "density": sum(stem in wanted for stem in run.stems) / max(len(run.stems), 1),
        "rank": float(run.rank),
        "behind": run.behind,
        "tells": float(told),
        "fits": float(told and _fits(asked, held, held | run.passage)),
        "likely": float(bool(likely.search(run.text))) if likely else NOTHING,
        "noun": float(bool(asked.noun & held)) if asked.noun else NOTHING,
        "names": named if asked.names else NOTHING,
        "names_passage": _share(held | run.passage, dict.fromkeys(asked.names, 1.0))
        if asked.names
        else NOTHING,
        "numbers": _share(held, numbers) if numbers else NOTHING,
        "numbers_passage": _share(held | run.passage, numbers) if numbers else NOTHING,
        "figures": float(len(_FIGURES.findall(folded))),
        "chair": float(bool(_CHAIR.search(folded))),
        "asks": float(run.text.rstrip(' »"').endswith("?")),
        "stage": float(run.text.startswith("(")),
        "not": float(bool(_NOT.search(folded))),
        "cause": float(bool(_CAUSE.search(folded))),
        "opinion": float(bool(_OPINION.search(folded))),
        "outcome": float(bool(_OUTCOME.search(folded))),
        "own": float(bool(_OWN.search(folded))),
        "named": float(len(_NAMED.findall(run.text))),
        "words": float(len(words)),
        "sentences": float(run.sentences),
        "at": float(run.at),
        "turn_words": float(min(run.turn_words, 500)),
        "speaker_asked": float(run.speaker in people) if people else NOTHING,
    }


def _of_question(asked: Asked, runs: Sequence[Measured]) -> dict[str, float]:
    query = asked.query
    folded = fold(query.question)
    return {
        "foreign": float(query.language != "fr"),
        "stems": float(len(asked.wanted)),
        "heaviest": max(asked.wanted.values(), default=0.0),
        "usual": asked.usual,
        "people": float(len(query.filters.people)),
        "mentioned": float(len(query.mentioned)),
        "presumed": float(query.presumed_outcome is not None),
        "question_not": float(bool(_NOT.search(folded))),
        "nearest": max(run.dense for run in runs) - asked.usual,
        **{f"intent_{intent}": float(query.intent is intent) for intent in Intent},
    }


def _fits(asked: Asked, held: frozenset[str], there: frozenset[str]) -> bool:
    """Is what the question counts in the run, and are its names there or in the passage?"""
    if asked.noun and not asked.noun & held and asked.query.language == "fr":
        return False
    return all(name in there or _misheard(name, there) for name in asked.names)


def _misheard(name: str, there: frozenset[str]) -> bool:
    """Is a long name there but for a letter or two? A short one, or a code, may not be misheard."""
    return len(name) >= _LONG_NAME and any(fuzz.ratio(name, s) >= _MISHEARD for s in there)


_COMPARED = ("cosine", "best_sentence", "dense", "share", "share_said", "share_alike")


def _compared(own: Matrix) -> Matrix:
    """How far each run is below the best one, and above the usual one in deviations, by figure."""
    some = own[:, [_OWN_NAMES.index(name) for name in _COMPARED]]
    spread = np.maximum(some.std(axis=0), 1e-3)
    return np.hstack([some - some.max(axis=0), (some - some.mean(axis=0)) / spread])


_folded = lru_cache(maxsize=20_000)(fold)  # the same runs come up again and again


def _share(held: frozenset[str], wanted: Mapping[str, float]) -> float:
    """Share of the weight that is held, 0..1."""
    total = sum(wanted.values())
    return sum(weight for stem, weight in wanted.items() if stem in held) / total if total else 0.0


def _missing(held: frozenset[str], wanted: Mapping[str, float]) -> float:
    """The heaviest stem that is not held, as a share of all weight."""
    total = sum(wanted.values())
    return max((w for stem, w in wanted.items() if stem not in held), default=0.0) / (total or 1.0)


def _alike(
    wanted: Mapping[str, float], runs: Sequence[Measured]
) -> Mapping[str, Mapping[str, float]]:
    """For each wanted stem, the stems that may be it in another spelling or language: 0..1."""
    there = sorted(frozenset[str]().union(*(run.stems | run.passage for run in runs)))
    stems = [stem for stem in wanted if len(stem) >= _LONG_STEM and not stem.isdigit()]
    if not there or not stems:
        return {}
    scores = process.cdist(stems, there, scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return {
        stem: {there[n]: float(row[n]) / 100 for n in np.flatnonzero(row)}
        for stem, row in zip(stems, scores, strict=True)
    }


def _soft_share(
    held: frozenset[str], wanted: Mapping[str, float], alike: Mapping[str, Mapping[str, float]]
) -> float:
    """`_share`, a stem in another spelling counting for as much as it is alike."""
    total = sum(wanted.values())
    found = 0.0
    for stem, weight in wanted.items():
        if stem in held:
            found += weight
        elif others := alike.get(stem):
            found += weight * max((how for s, how in others.items() if s in held), default=0.0)
    return found / total if total else 0.0


_BLANK = Measured(
    text="", stems=frozenset(), around=frozenset(), beside=frozenset(), passage=frozenset(),
    cosine=0, best_sentence=0, before=0, after=0, dense=0, rank=0, behind=0, sentences=1, at=0,
    turn_words=0, speaker="",
)  # fmt: skip
_NO_QUESTION = Asked(Query("", ""), {}, frozenset(), frozenset(), 0.0)
_OWN_NAMES = tuple(_of_run(_NO_QUESTION, _BLANK, {}, frozenset()))
NAMES = (
    *_OWN_NAMES,
    *(f"{name}_below_best" for name in _COMPARED),
    *(f"{name}_deviations" for name in _COMPARED),
    *_of_question(_NO_QUESTION, [_BLANK]),
)
"""The figures of a row, in order."""
