"""Which sentences answer a question, and whether they answer it at all.

Search finds passages; readers want the sentence. Each sentence of the passages found is weighed by
what it means (cosine of its embedding), by the question's words that it and its neighbours hold
(weighted by rarity), and by whether it holds the kind of thing asked for (an amount, a vote, a
date). A refusal rests on the same evidence, with weights learned on questions that the samples do
and do not answer: see `calibration.py`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from search.embed import Embedder

from api.calibration import Calibration, Features
from ingest.transcript import Turn
from search.french import stems
from search.retrieve import Hit
from search.sentences import sentences

_SENTENCES_EMBEDDED = 24  # the most promising ones: embedding is what costs time here
_FEW_WORDS = 8  # a shorter quotation says too little by itself
_OWN_WORDS, _NEAR_WORDS, _KIND, _RANK, _CHAIRING = 0.25, 0.12, 0.05, 0.03, 0.08
_CLOSE = 0.07  # a sentence this much weaker than the best one is still worth quoting

# What is asked for, and what a sentence that tells it looks like.
_MONTHS = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
_KINDS = (
    ("combien|montant|coût|coûte|prix|budget|crédit", r"\d|francs?|mille|millions?"),
    (
        "votes?|voté|acceptée?|refusée?|adoptée?",
        "oui|non|abstentions?|acceptée?|refusée?|unanimité",
    ),
    ("quand|date|heures?|jusqu'à", rf"\d|heures?|années?|{_MONTHS}"),
    ("pourquoi|raisons?", "parce que|parce qu|car|puisque|afin|pour"),
)
_CHAIR = re.compile(
    r"la parole est à|avez la parole|je passe la parole|c'est à vous|merci,? (monsieur|madame)"
    r"|nous passons (à|au)|nous traitons|je mets au vo",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Evidence:
    """Words `first` to `last` of a turn, as an answer; a higher score supports it better."""

    session: str
    turn: Turn
    first: int
    last: int
    score: float


@dataclass(frozen=True)
class Support:
    """The evidence for an answer, best first, and whether it is enough to answer at all."""

    best: tuple[Evidence, ...]
    enough: bool
    features: Features


Weigher = Callable[[str, Sequence[Hit], Mapping[str, tuple[Turn, ...]]], Support]


@dataclass(frozen=True)
class _Candidate:
    evidence: Evidence
    text: str
    around: str
    rank: float


@dataclass(frozen=True)
class SentenceWeigher:
    """Weighs sentences with the same embedder and the same French as search."""

    embedder: Embedder
    weights: Callable[[str], Mapping[str, float]]
    calibration: Calibration

    def __call__(
        self, question: str, hits: Sequence[Hit], turns: Mapping[str, tuple[Turn, ...]]
    ) -> Support:
        """The sentences of `hits` that answer `question`; `turns` by passage id."""
        wanted = self.weights(question)
        candidates = _candidates(hits, turns)
        if not candidates:
            return Support((), enough=False, features=Features())
        shares = [(_share(c.text, wanted), _share(c.around, wanted)) for c in candidates]
        first_look = [
            own + near + c.rank for c, (own, near) in zip(candidates, shares, strict=True)
        ]
        chosen = sorted(range(len(candidates)), key=lambda n: -first_look[n])[:_SENTENCES_EMBEDDED]
        query = self.embedder.queries([question])[0]
        cosines = self.embedder.documents([candidates[n].text for n in chosen]) @ query
        kind = _kind_asked(question)
        scored = [
            replace(
                candidates[n].evidence,
                score=_score(candidates[n], float(cosine), *shares[n], kind),
            )
            for n, cosine in zip(chosen, cosines, strict=True)
        ]
        features = Features(
            passage_cosine=max(hit.dense for hit in hits),
            passage_words=max(hit.lexical for hit in hits),
            sentence_cosine=float(np.max(cosines)),
            sentence_words=max(shares[n][0] for n in chosen),
            near_words=max(shares[n][1] for n in chosen),
        )
        return Support(_choose(scored), self.calibration.answers(features), features)


def _candidates(hits: Sequence[Hit], turns: Mapping[str, tuple[Turn, ...]]) -> list[_Candidate]:
    found: dict[tuple[str, int, int], _Candidate] = {}
    for rank, hit in enumerate(hits):
        passage = hit.passage
        for turn in turns.get(passage.id, ()):
            bounds = _bounds(turn)
            texts = [" ".join(w.text for w in turn.words[a : b + 1]) for a, b in bounds]
            for n, (first, last) in enumerate(bounds):
                if turn.words[first].start_ms >= passage.end_ms:
                    continue
                if turn.words[last].end_ms <= passage.start_ms:
                    continue
                evidence = Evidence(passage.session, turn, first, last, 0.0)
                around = " ".join(texts[max(0, n - 1) : n + 2])
                candidate = _Candidate(evidence, texts[n], around, 1.0 / (1 + rank))
                found.setdefault((passage.session, turn.index, first), candidate)
    return list(found.values())


def _bounds(turn: Turn) -> list[tuple[int, int]]:
    return [(s.first_word, s.last_word) for s in sentences(turn)]


def _share(text: str, wanted: Mapping[str, float]) -> float:
    """Share of the question's weight that a text holds, 0..1."""
    total = sum(wanted.values())
    held = set(stems(text))
    return sum(weight for stem, weight in wanted.items() if stem in held) / total if total else 0.0


def _kind_asked(question: str) -> re.Pattern[str] | None:
    for asked, told in _KINDS:
        if re.search(rf"\b({asked})\b", question, re.IGNORECASE):
            return re.compile(rf"\b({told})", re.IGNORECASE)
    return None


def _score(
    candidate: _Candidate, cosine: float, own: float, near: float, kind: re.Pattern[str] | None
) -> float:
    score = cosine + _OWN_WORDS * own + _NEAR_WORDS * near + _RANK * candidate.rank
    if kind and kind.search(candidate.text):
        score += _KIND
    if _CHAIR.search(candidate.text):
        score -= _CHAIRING
    return score


def _choose(scored: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The strongest sentences, made long enough to be understood, those that touch joined."""
    ranked = sorted(scored, key=lambda e: -e.score)
    near_best = [e for e in ranked if e.score >= ranked[0].score - _CLOSE]
    chosen: list[Evidence] = []
    for evidence in map(_lengthen, near_best):
        beside = next((c for c in chosen if _touch(c, evidence)), None)
        if beside is None:
            chosen.append(evidence)
        else:
            joined = replace(
                beside,
                first=min(beside.first, evidence.first),
                last=max(beside.last, evidence.last),
            )
            chosen[chosen.index(beside)] = joined
    return tuple(chosen)


def _touch(a: Evidence, b: Evidence) -> bool:
    same = (a.session, a.turn.index) == (b.session, b.turn.index)
    return same and a.first <= b.last + 1 and b.first <= a.last + 1


def _lengthen(evidence: Evidence) -> Evidence:
    """Takes in the sentence after, or before, while a quotation is too short to stand alone."""
    bounds = _bounds(evidence.turn)
    first, last = evidence.first, evidence.last
    while last - first + 1 < _FEW_WORDS:
        after = next((b for a, b in bounds if a == last + 1), None)
        before = next((a for a, b in bounds if b == first - 1), None)
        if after is not None:
            last = after
        elif before is not None:
            first = before
        else:
            break
    return replace(evidence, first=first, last=last)
