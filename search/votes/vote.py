"""A vote, and what kind of thing it decides: the types that all of this package shares.

Knows nothing of how votes are recognised or kept: a module that only reads votes imports no rule.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from search.filters import Outcome

COMMISSION = "commission"
"""The `body` of a committee's vote, which is reported in a session and not taken there."""

RULES = 5
"""Grows when what is extracted changes, so that kept votes are extracted again."""

KINDS = {
    "motion": ("M",), "proposition": ("PR", "PRD"), "projet de délibération": ("PRD", "PR"),
    "pétition": ("P",), "résolution": ("R",), "question écrite": ("QE",),
    "interpellation": ("IE",), "initiative": ("IN",),
}  # fmt: skip
"""The letters of the codes of what a noun names, the usual ones first."""


class Subject(StrEnum):
    """What kind of thing was decided on."""

    OBJECT = "object"  # motion, proposition, petition, credit...
    AMENDMENT = "amendment"
    URGENCY = "urgency"
    ENTRY = "entry"  # entrée en matière, prise en considération, discussion immédiate
    REFERRAL = "referral"
    POSTPONEMENT = "postponement"
    FILING = "filing"
    ARTICLE = "article"
    MINUTES = "minutes"
    AGENDA = "agenda"
    ORDER = "order"  # motion d'ordre


ON_THE_OBJECT = frozenset(
    {Subject.OBJECT, Subject.ENTRY, Subject.REFERRAL, Subject.POSTPONEMENT, Subject.FILING}
)
"""Decisions on an object itself, by which its course goes on or ends."""


@dataclass(frozen=True)
class Ballots:
    """Who voted how, by name; empty where a vote was not nominal."""

    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    abstentions: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Was it a nominal vote?"""
        return bool(self.yes or self.no or self.abstentions)


NO_BALLOTS = Ballots()


@dataclass(frozen=True)
class Vote:
    """A decision that was said, word `first_word` to `last_word` (inclusive) of one turn.

    `object` is the code of what was treated, written as the agenda does, `item` the title of the
    agenda's point, `noun` what the words call it ("motion", "amendement n° 8"), "" where they do
    not say: such a vote is quoted, and no sentence of ours names what it decided. `mover` is a
    person of the roster, or a name or group as it was said. `destination` says where it is sent.
    `unsure`: figures were said that cannot be so or were heard in two ways, and are left out.
    `body` is the session's, or `COMMISSION` for a committee's vote that is only reported.
    """

    session: str
    turn: int
    revision: int
    first_word: int
    last_word: int
    start_ms: int
    end_ms: int
    said: str
    subject: Subject
    noun: str
    object: str | None
    item: str
    mover: str | None
    outcome: Outcome
    destination: str
    yes: int | None
    no: int | None
    abstentions: int | None
    unanimous: bool
    margin: str
    body: str
    unsure: bool = False
    about: str = ""
    """What was said of it before, for finding it only: when it was taken up or moved."""
    ballots: Ballots = NO_BALLOTS
    confirmed: bool = False
    """Has a clerk said that it is so? See `verdicts`."""

    @property
    def committee(self) -> bool:
        """Is it a committee's vote, which is only reported?"""
        return self.body == COMMISSION

    @property
    def counted(self) -> bool:
        """Were both sides given in figures?"""
        return self.yes is not None and self.no is not None

    @property
    def voters(self) -> int:
        """How many took part, as far as figures were given."""
        return sum(n or 0 for n in (self.yes, self.no, self.abstentions))


def without_figures(vote: Vote) -> Vote:
    """A vote whose figures cannot be so."""
    left_out = replace(vote, yes=None, no=None, abstentions=None)
    return replace(left_out, unanimous=False, unsure=True)


def noun_of(code: str | None) -> str:
    """What an object is called by its code: `M-7` is a motion; "objet" where no code tells."""
    kind = (code or "").split("-")[0]
    return next((noun for noun, kinds in KINDS.items() if kind in kinds[:1]), "objet")


def plural_of(noun: str) -> str:
    """`motions`, `questions écrites`, `projets de loi`, `procès-verbaux`."""
    first, *more = noun.split(" ")
    several = f"{first[:-2]}aux" if first.endswith("al") else first + "s" * (first[-1] != "s")
    return " ".join((several, *(f"{w}s" if w in ("écrite", "immédiate") else w for w in more)))
