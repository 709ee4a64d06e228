"""What a clerk enters of a vote: its figures, who voted how, and votes that the words do not tell.

Pure. Figures that are typed are held against the outcome as those that are said are. A vote that is
added stands at a sentence of the session, which is what readers are shown of it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from ingest.errors import BadInput
from ingest.text import fold
from ingest.transcript import Person, Session, Span, Transcript, Turn, Word
from search.filters import Outcome
from search.language.sentences import Sentence, sentences
from search.votes.phrases import SUBJECTS
from search.votes.vote import NO_BALLOTS, Ballots, Subject, Vote

_MOST = 9_999  # voters: more than any assembly has
_SIDES = ("yes", "no", "abstentions")
_COUNTED = frozenset(Outcome) - {Outcome.WITHDRAWN, Outcome.POSTPONED}


@dataclass(frozen=True)
class Entered:
    """Figures and names as a clerk has them; `noun` and `object` are of a vote that is added.

    `by_rule`: another majority than that of the votes decided, or the president's own vote.
    """

    outcome: Outcome
    yes: int | None = None
    no: int | None = None
    abstentions: int | None = None
    ballots: Ballots = NO_BALLOTS
    by_rule: bool = False
    noun: str = ""
    object: str | None = None

    def checked(self) -> "Entered":
        """The same with figures counted from the names. Raises `BadInput` where they cannot be."""
        whole = self._counted() if self.ballots else self
        if (whole.yes is None) != (whole.no is None):
            raise BadInput("Donnez les oui et les non, ou aucun des deux : 0 se tape aussi.")
        yes, no = whole.yes or 0, whole.no or 0
        if max(yes, no, whole.abstentions or 0) > _MOST or min(yes, no) < 0:
            raise BadInput(f"Plus de {_MOST} voix ? Vérifiez ces chiffres.")
        refused, accepts = whole.outcome is Outcome.REFUSED, whole.outcome in _COUNTED
        impossible = yes > no if refused else (accepts and yes <= no)
        if whole.outcome is Outcome.TIED:
            impossible = yes != no
        if whole.yes is not None and impossible and not whole.by_rule:
            raise BadInput(
                f"{yes} oui contre {no} non ne donnent pas ce résultat : corrigez-les, ou cochez"
                " qu'une autre règle l'a décidé."
            )
        return whole

    def _counted(self) -> "Entered":
        for side in _SIDES:
            names, figure = getattr(self.ballots, side), getattr(self, side)
            if figure is not None and figure != len(names):
                raise BadInput(
                    f"{len(names)} noms pour {figure} voix : complétez les noms, ou laissez le"
                    " chiffre vide, il sera compté."
                )
        (name, count), *_ = Counter(_all(self.ballots)).most_common(1)
        if count > 1:
            raise BadInput(f"« {name} » figure deux fois : une personne ne vote qu'une fois.")
        yes, no, abstentions = (len(getattr(self.ballots, side)) for side in _SIDES)
        return replace(self, yes=yes, no=no, abstentions=abstentions)

    def kept(self) -> dict[str, Any]:
        """As it is kept in the archive."""
        return asdict(self)


def entered_of(kept: Mapping[str, Any]) -> Entered:
    """What was kept so."""
    ballots = ballots_of(kept["ballots"])
    return Entered(**{**kept, "outcome": Outcome(kept["outcome"]), "ballots": ballots})


def ballots_of(kept: Mapping[str, Iterable[str]]) -> Ballots:
    """Names by side, as the archive keeps them."""
    return Ballots(**{side: tuple(kept.get(side, ())) for side in _SIDES})


def _all(ballots: Ballots) -> Iterable[str]:
    return (*ballots.yes, *ballots.no, *ballots.abstentions)


def with_entered(vote: Vote, entered: Entered) -> Vote:
    """A vote with what a clerk entered in place of what was heard."""
    told = replace(vote, outcome=entered.outcome, ballots=entered.ballots)
    if entered.yes is None:
        return told
    yes, no, abstentions = entered.yes, entered.no, entered.abstentions
    alone = not no and not abstentions and bool(yes)
    told = replace(told, yes=yes, no=no, abstentions=abstentions, unsure=False)
    return replace(told, unanimous=alone, margin="" if yes and no else vote.margin)


def named_in(roster: Sequence[Person], written: str) -> str:
    """A name as the roster has it, in whichever order its parts stand; else as it is written."""
    name = " ".join(written.replace(",", " ").split())
    parts = sorted(fold(name).split())
    known = [p.name for p in roster if sorted(fold(p.name).split()) == parts]
    return known[0] if len(known) == 1 else name


def spoken_near(
    transcript: Transcript, at_ms: int, within_ms: int
) -> tuple[tuple[Turn, Sentence], ...]:
    """The sentences said within so much of a moment, the nearest first."""
    near = Span(at_ms - within_ms, at_ms + within_ms + 1)
    turns = [one for one in transcript.turns if one.words and near.touches(one)]
    places = [(turn, one) for turn in turns for one in sentences(turn)]
    by_distance = sorted((_away(turn.words, one, at_ms), n) for n, (turn, one) in enumerate(places))
    return tuple(places[n] for (away_ms, _), n in by_distance if away_ms <= within_ms)


def added_vote(
    session: Session, transcript: Transcript, start_ms: int, entered: Entered, within_ms: int
) -> Vote | None:
    """A vote at the sentence that is said at a moment, None where none is within so much of it."""
    places = spoken_near(transcript, start_ms, within_ms)
    if not places:
        return None
    turn, one = places[0]
    run = turn.words[one.first_word : one.last_word + 1]
    item = session.agenda_item_at(run[0].start_ms)
    blank = Vote(
        session=session.id,
        turn=turn.id,
        revision=turn.revision,
        first_word=one.first_word,
        last_word=one.last_word,
        start_ms=run[0].start_ms,
        end_ms=max(word.end_ms for word in run),
        said=turn.said(one.first_word, one.last_word),
        subject=SUBJECTS.get(entered.noun, Subject.OBJECT),
        noun=entered.noun,
        object=entered.object,
        item=item.title if item else "",
        mover=None,
        outcome=entered.outcome,
        destination="",
        yes=None,
        no=None,
        abstentions=None,
        unanimous=False,
        margin="",
        body=session.body,
    )
    return with_entered(blank, entered)


def _away(words: Sequence[Word], one: Sentence, at_ms: int) -> tuple[int, int]:
    """How far a sentence is from a moment: none within it; the one that begins nearest first."""
    start, end = words[one.first_word].start_ms, words[one.last_word].end_ms
    return max(start - at_ms, at_ms - end + 1, 0), abs(start - at_ms)
