"""A council to name voices in: its roster, and sittings made of what each voice says."""

from collections.abc import Iterable

from ingest.transcript import Person, Speaker, Turn, Word

CHAIR, BAUDIN = "S1", "Hélène Baudin"
ROSTER = (
    Person(BAUDIN, "présidente"),
    Person("Claire Fontanet", "conseillère municipale"),
    Person("Nadia Keller", "conseillère municipale"),
    Person("Julien Rochat", "conseiller municipal"),
    Person("Patrick Lambert", "conseiller municipal"),
    Person("Antoine Delcourt", "conseiller administratif"),
    Person("Sandrine Maillard", "conseillère administrative"),
)
SPEECH = "nous avons étudié cet objet avec soin pendant quatre longues séances de commission."
OPENING = (
    (CHAIR, "La séance est ouverte. La parole est à Monsieur Patrick Lambert."),
    ("S9", SPEECH),
)


def sitting(*said: tuple[str | None, str]) -> tuple[Turn, ...]:
    """Turns of (label, text), 400 ms a word, a second between turns."""
    turns, at = [], 0
    for index, (label, text) in enumerate(said):
        words = []
        for word in text.split():
            words.append(Word(at, at + 350, word, 0.9))
            at += 400
        at += 1_000
        turns.append(Turn(index, label, tuple(words)))
    return tuple(turns)


def named(speakers: Iterable[Speaker]) -> dict[str, str]:
    return {s.label: s.person for s in speakers if s.person is not None}
