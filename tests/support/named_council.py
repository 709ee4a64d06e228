"""A council whose sessions questions are asked about: who sits in it, when, on what."""

from datetime import date

from ingest.transcript import AgendaItem, Person, Session
from search.query.vocabulary import Vocabulary, vocabulary_of

TODAY = date(2025, 6, 20)
ROSTER = (
    Person("Hélène Baudin", "présidente", "Le Centre"),
    Person("Claire Fontanet", "conseillère municipale", "PS"),
    Person("Nadia Keller", "conseillère municipale", "Verts"),
    Person("Sandrine Maillard", "conseillère administrative", "PS"),
    Person("Julien Rochat", "conseiller municipal", "PLR"),
    Person("Paul Rochat", "conseiller municipal", "MCG"),
    Person("Bruno Girard", "conseiller municipal", "UDC"),
    Person("Antoine Delcourt", "conseiller administratif", "Verts"),
    Person("Thomas Blanc", "conseiller municipal", "Vert'libéraux"),
    Person("Patrick Lambert", "conseiller municipal", "PS"),
    Person("Yannick Bovet", "conseiller municipal", "Verts"),
    Person("Élodie Chappuis", "conseillère municipale", "Le Centre"),
    Person("Ève d'Arve", "conseillère municipale", "PLR"),
    Person("Anne-Lise Grandjean", "secrétaire du conseil"),
)
_SITTINGS = (
    ("2023-10-10", "Conseil municipal", "budget", ("PR-3", "M-2")),
    ("2024-02-06", "Commission des finances", "comptes", ("PR-3",)),
    ("2024-09-17", "Conseil municipal", "stade", ("PR-1594 A", "PR-1594 B", "M-414")),
    ("2025-03-11", "Conseil municipal", "piste-cyclable", ("PR-12", "P-3")),
    ("2025-04-08", "Conseil municipal", "piscine-creche", ("PR-18", "M-7", "PR-21")),
    ("2025-05-13", "Conseil municipal", "cantines-nuit", ("PR-25", "P-5", "M-14")),
)


def sessions() -> tuple[Session, ...]:
    """Six sessions of two bodies over three years."""
    return tuple(
        Session(
            f"{day}-{name}",
            f"Séance du {day}",
            date.fromisoformat(day),
            body,
            agenda=tuple(AgendaItem(str(n), f"Objet {code}", code) for n, code in enumerate(codes)),
            roster=ROSTER,
        )
        for day, body, name, codes in _SITTINGS
    )


def vocabulary() -> Vocabulary:
    """What they name."""
    return vocabulary_of(sessions())
