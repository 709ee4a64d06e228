"""Who is called what, on sessions that are made up and then spoilt: right, wrong and open.

    python -m tests.eval.names [--sittings 12] [--only relais] [--show]

Four kinds of session before a roster of eighty, the samples' true turns, and those of `figures`,
where people speak uncalled. Names are spoilt as Whisper base really heard them (`misheard.tsv`: 200
names, each voiced once), voices as a diarizer spoils them: split, merged, their borders late. Needs
no model and no audio: seconds.
"""

import argparse
import csv
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest.documents.captions import Cue
from ingest.documents.roster import read_roster
from ingest.speakers.identify import attribute
from ingest.transcript import Person, ReviewItem, Speaker, Turn, Word
from tests.eval.sittings import KINDS, Said, council, is_woman, play

HERE = Path(__file__).parent
SAMPLES = HERE.parents[1] / "samples"
WORD_MS = 330
ROOM = "Salle du conseil"
Named = tuple[tuple[Turn, ...], tuple[Speaker, ...], tuple[ReviewItem, ...]]
Namer = Callable[[tuple[Turn, ...], tuple[Person, ...], tuple[Cue, ...]], Named]


@dataclass(frozen=True)
class Level:
    """How much is spoilt: chances per name, phrase, floor, and counts of voices."""

    name: str
    misheard: float = 0.0
    phrases: float = 0.0
    late: float = 0.0
    short_lost: float = 0.0
    split: int = 0
    merged: int = 0
    chair_merged: int = 0
    stray_cues: float = 0.0


LEVELS = (
    Level("clean"),
    Level("light", misheard=0.4, phrases=0.1, late=0.1, split=1, stray_cues=0.01),
    Level("medium", 0.8, 0.2, 0.2, 0.3, split=2, merged=1, stray_cues=0.03),
    Level("heavy", 1.0, 0.35, 0.35, 0.6, split=3, merged=2, chair_merged=1, stray_cues=0.06),
)
_PHRASES = (
    ("La parole", "L'appareil"),
    ("c'est à vous", "cet avou"),
    ("vous avez", "vous avait"),
    ("Madame", "Ma dame"),
    ("pour le groupe", "pour le grouppe"),
    ("Je réponds", "Je réponse"),
    ("Merci,", "Mercy"),
)


@dataclass(frozen=True)
class Truth:
    """Who really says a word, and whether the diarizer gave it to the voice before."""

    word: Word
    person: str
    slipped: bool


@dataclass
class Score:
    """Milliseconds by outcome, and review items: all, and those on turns that were wrong."""

    right: int = 0
    wrong: int = 0
    open: int = 0
    slipped: int = 0
    """Wrong because the diarizer gave the words to a neighbour: not the names' fault."""
    reviewed: int = 0
    notes: list[str] = field(default_factory=list)

    def add(self, other: "Score") -> None:
        self.right += other.right
        self.wrong += other.wrong
        self.open += other.open
        self.slipped += other.slipped
        self.reviewed += other.reviewed

    def __str__(self) -> str:
        total = max(1, self.right + self.wrong + self.open + self.slipped)
        shares = [ms / total for ms in (self.right, self.wrong, self.open, self.slipped)]
        return " ".join(f"{share:.3f}" for share in shares) + f" {self.reviewed:4d}"


def misheard() -> dict[str, list[str]]:
    """What Whisper base heard for each name, called by its surname or in full."""
    forms: dict[str, list[str]] = defaultdict(list)
    with (HERE / "misheard.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            forms[row["name"]].append(row["heard"])
    return forms


def spoil_text(text: str, level: Level, forms: dict[str, list[str]], rng: random.Random) -> str:
    """Names as they were heard, phrases as a small model spells them."""
    names = sorted((n for n in forms if n in text), key=len, reverse=True)
    for name in names:
        if rng.random() < level.misheard:
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", rng.choice(forms[name]), text)
    for said, heard in _PHRASES:
        if rng.random() < level.phrases:
            text = text.replace(said, heard)
    return text


def spoil_voices(
    said: Sequence[Said], roster: Sequence[Person], level: Level, rng: random.Random
) -> dict[str, str]:
    """A label for each person; merged people share one: two women, or two men."""
    women = {person.name: is_woman(person) for person in roster}
    people = list(dict.fromkeys(s.person for s in said))
    labels = {person: f"S{n}" for n, person in enumerate(people, 1)}
    others = [p for p in people if not any(s.chairs for s in said if s.person == p)]
    rng.shuffle(others)
    others.sort(key=lambda person: women[person] == women[people[0]])
    for n in range(min(level.merged, len(others) // 2)):
        labels[others[2 * n]] = labels[others[2 * n + 1]]
    if level.chair_merged and others:
        labels[others[-1]] = labels[people[0]]
    return labels


def spoil(
    said: Sequence[Said], roster: Sequence[Person], level: Level, rng: random.Random
) -> tuple[tuple[Turn, ...], list[Truth]]:
    """Turns as a transcriber and a diarizer would give them, and who really says each word."""
    forms = misheard()
    labels = spoil_voices(said, roster, level, rng)
    halves = set(rng.sample(sorted(labels), min(level.split, len(labels))))
    heard: list[tuple[str, Word]] = []
    truth: list[Truth] = []
    at, before = 0, ""
    for one in said:
        label = labels[one.person] + ("b" if one.person in halves and rng.random() < 0.35 else "")
        text = spoil_text(one.text, level, forms, rng)
        words = [
            Word(at + n * WORD_MS, at + n * WORD_MS + 300, word, 0.8)
            for n, word in enumerate(text.split())
        ]
        late = rng.randint(2, 6) if rng.random() < level.late else 0
        if len(words) <= 5 and rng.random() < level.short_lost:
            late = len(words)
        for n, word in enumerate(words):
            heard.append((before if n < late and before else label, word))
            truth.append(Truth(word, one.person, slipped=n < late and bool(before)))
        at = words[-1].end_ms + rng.randint(300, 1_200)
        before = label
    return _turns(heard), truth


def _turns(heard: Sequence[tuple[str, Word]]) -> tuple[Turn, ...]:
    runs: list[tuple[str, list[Word]]] = []
    for label, word in heard:
        if not runs or runs[-1][0] != label:
            runs.append((label, []))
        runs[-1][1].append(word)
    return tuple(Turn(n, label, tuple(words)) for n, (label, words) in enumerate(runs))


def captions(truth: Sequence[Truth], level: Level, rng: random.Random) -> tuple[Cue, ...]:
    """Cues of about ten words; half of the people sit behind one room device."""
    people = list(dict.fromkeys(said.person for said in truth))
    room = {people[0], *rng.sample(people, len(people) // 2)}
    shown = {p: ROOM if p in room else p for p in people}
    cues = []
    for at in range(0, len(truth), 10):
        chunk = truth[at : at + 10]
        for person in dict.fromkeys(said.person for said in chunk):
            words = [said.word for said in chunk if said.person == person]
            name = rng.choice(people) if rng.random() < level.stray_cues else person
            shift = rng.randint(-300, 300)
            cues.append(
                Cue(max(0, words[0].start_ms + shift), words[-1].end_ms + shift, shown[name])
            )
    return tuple(cue for cue in cues if cue.start_ms < cue.end_ms)


def score(named: Named, truth: Sequence[Truth]) -> Score:
    """By the word, as the samples are measured."""
    turns, speakers, doubts = named
    person = {speaker.label: speaker.person for speaker in speakers}
    who = {word.start_ms: person.get(str(t.speaker)) for t in turns for word in t.words}
    total = Score(reviewed=len(doubts))
    wrong: Counter[tuple[str, str]] = Counter()
    for said in truth:
        ms, given, true = (
            said.word.end_ms - said.word.start_ms,
            who[said.word.start_ms],
            said.person,
        )
        if given is None:
            total.open += ms
        elif given == true:
            total.right += ms
        elif said.slipped:
            total.slipped += ms
        else:
            total.wrong += ms
            wrong[true, given] += ms
    total.notes = [f"{true} -> {given}: {ms} ms" for (true, given), ms in wrong.items()]
    return total


def today(turns: tuple[Turn, ...], roster: tuple[Person, ...], cues: tuple[Cue, ...]) -> Named:
    """The product's way."""
    named = attribute(turns, roster, cues)
    return named.turns, named.speakers, named.review


def sample_sittings() -> Iterator[tuple[list[Said], tuple[Person, ...]]]:
    """The samples' true turns with the roster of eighty behind them."""
    for folder in sorted(SAMPLES.glob("20*/")):
        told = json.loads((folder / "reference.json").read_text("utf-8"))["turns"]
        roster = read_roster(folder / "roster.csv")
        known = {person.name for person in roster}
        more = tuple(p for p in council(random.Random(1)) if p.name not in known)
        plain = tuple(p for p in more if "municipal" in p.role)
        said = [
            Said(t["speaker"], " ".join(s["text"] for s in t["sentences"]), n == 0)
            for n, t in enumerate(told)
        ]
        yield said, roster + plain


def uncalled_sittings() -> Iterator[tuple[list[Said], tuple[Person, ...]]]:
    """Two sittings in which people speak uncalled, or are called by their role alone."""
    folder = HERE / "figures"
    people = json.loads((folder / "people.json").read_text("utf-8")).items()
    roster = tuple(Person(name, about["role"], about["group"]) for name, about in people)
    for script in sorted(folder.glob("20*.json")):
        told = json.loads(script.read_text("utf-8"))["turns"]
        yield (
            [Said(t["speaker"], " ".join(t["sentences"]), n == 0) for n, t in enumerate(told)],
            roster,
        )


_WRITTEN = {"samples": sample_sittings, "uncalled": uncalled_sittings}


def measure(namer: Namer, level: Level, kind: str, seeds: int, *, cued: bool) -> Score:
    """One cell of the table."""
    total = Score()
    for seed in range(seeds):
        rng = random.Random(f"{kind} {seed}")
        if kind in _WRITTEN:
            sittings = list(_WRITTEN[kind]())
            said, roster = sittings[seed % len(sittings)]
        else:
            roster = council(rng)
            said = list(play(kind, roster, rng))
        turns, truth = spoil(said, roster, level, rng)
        cues = captions(truth, level, rng) if cued else ()
        one = score(namer(turns, roster, cues), truth)
        total.notes += [f"{kind} {seed} {level.name}: {note}" for note in one.notes]
        total.add(one)
    return total


def scores(sittings: int = 6) -> dict[str, float]:
    """Shares of speech rightly and wrongly named, over every kind of session, by spoiling."""
    found = {}
    for level in LEVELS[1:3]:
        for cued in (False, True):
            total = Score()
            for kind in (*KINDS, "samples"):
                total.add(measure(today, level, kind, sittings, cued=cued))
            spoken = total.right + total.wrong + total.open + total.slipped
            by = "captions" if cued else "calls"
            found[f"rightly_named_{level.name}_{by}"] = total.right / spoken
            found[f"wrongly_named_{level.name}_{by}"] = total.wrong / spoken
    uncalled = measure(today, LEVELS[0], "uncalled", 2, cued=False)
    spoken = uncalled.right + uncalled.wrong + uncalled.open
    found["rightly_named_uncalled"] = uncalled.right / spoken
    found["wrongly_named_uncalled"] = uncalled.wrong / spoken
    return found


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.eval.names", description=__doc__)
    parser.add_argument("--sittings", type=int, default=9)
    parser.add_argument("--only", choices=[*KINDS, *_WRITTEN])
    parser.add_argument("--show", action="store_true", help="list what was wrongly named")
    options = parser.parse_args()
    print(
        f"{'sitting':10s} {'level':8s} calls: right wrong open slipped review   with captions: ..."
    )
    for kind in [options.only] if options.only else [*KINDS, *_WRITTEN]:
        for level in LEVELS:
            cells = [
                measure(today, level, kind, options.sittings, cued=cued) for cued in (False, True)
            ]
            print(f"{kind:10s} {level.name:8s} {cells[0]}   {cells[1]}", flush=True)
            if options.show:
                print("\n".join(f"    {note}" for cell in cells for note in cell.notes))


if __name__ == "__main__":
    main()
