"""Whether a sentence announces a decision of this session, a committee's, or nothing of the kind.

Pure. Knows who chairs and what was said just before; `phrases` knows the words of a decision.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ingest.speakers.chair import OF_SOMETHING_ELSE, read_debate
from ingest.text import fold
from ingest.transcript import Session, Transcript, Turn
from search.filters import Outcome
from search.language.sentences import sentences
from search.votes.phrases import DecisionPhrase, Tense, decisions, first_noun, head
from search.votes.tallies import Tally, codes_in, council_normal, tally

LOOK_BACK = 6  # sentences in which a vote is called before its result
_INTERJECTION = 40  # words: what is read out by another than the chair is no longer
_COUNT = 25  # words: a sentence of figures is no longer

_MAY_DECIDE = re.compile(
    r"accept|adopt|approuv|valid|vot[eé]|refus|rejet|repouss|renvoy|transm|class|retir|report|"
    r"ajourn|\boui\b|\bnons?\b|\bnoms?\b|voix|unanim|abst",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Statement:
    """A sentence: words `first` to `last` of a turn. `chaired` is None if unknown."""

    turn: Turn
    first: int
    last: int
    chaired: bool | None

    @cached_property
    def text(self) -> str:
        """Its words."""
        return self.turn.said(self.first, self.last)

    @cached_property
    def normal(self) -> str:
        """Its words as rules read them."""
        return council_normal(self.text)

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The objects it names."""
        return codes_in(self.text)

    @cached_property
    def decisions(self) -> tuple[DecisionPhrase, ...]:
        """The decisions that it speaks of, at any time and by any body."""
        return tuple(decisions(self.normal)) if self.may_decide else ()

    @property
    def may_decide(self) -> bool:
        """Could it tell a decision or a count? Costs little: most sentences could not."""
        return _MAY_DECIDE.search(self.text) is not None

    @property
    def asks(self) -> bool:
        """Is it a question?"""
        return self.text.rstrip().endswith("?")

    @property
    def is_note(self) -> bool:
        """Is it the record's own remark? `(L'amendement n° 8 n'est pas adopté.)`"""
        return self.chaired is not False and self.text.startswith("(")

    @property
    def start_ms(self) -> int:
        """Start of its first word."""
        return self.turn.words[self.first].start_ms


def statements_of(session: Session, transcript: Transcript) -> Iterator[Statement]:
    """Every sentence of a session, with whether its speaker chairs."""
    chairs = _chairs(session, transcript)
    for turn in transcript.turns:
        known = bool(chairs) and turn.speaker is not None
        chaired = turn.speaker in chairs if known else None
        for part in sentences(turn):
            yield Statement(turn, part.first_word, part.last_word, chaired)


def _chairs(session: Session, transcript: Transcript) -> frozenset[str]:
    """Labels of the voices that chair: by the roster, and by who gives the floor."""
    presidents = {
        person.name
        for person in session.roster
        if (role := fold(person.role)).startswith("president")
        and not OF_SOMETHING_ELSE.search(role)
    }
    named = {s.label for s in transcript.speakers if s.person in presidents}
    return read_debate(transcript.turns, session.roster).chairs | named


# --- how many are there -----------------------------------------------------------------------

_MAY_COUNT = re.compile(r"présent|\bsommes\b", re.IGNORECASE)
_MEMBERS = r"(?:conseill\w+(?: \w+aux)?|membres(?: du conseil)?|elue?s?|deputee?s?|deleguee?s?)"
_PRESENT = re.compile(
    rf"\b(\d{{1,3}}) (?:{_MEMBERS} )?(?:sur \d{{1,3}} )?(?:sont |etant )?present(?:e?s)\b"
    rf"|\bpresents(?: :)? (\d{{1,3}})\b"
    rf"|\bnous sommes (?:\w+ )?(\d{{1,3}})(?= (?:{_MEMBERS}|dans la salle|votants)\b|[.,]|$)"
)
_NOT_HERE = re.compile(r"\b(?:etai\w+|etions|public|tribune|en commission)\b")


def present_at(statements: Sequence[Statement]) -> tuple[tuple[int, int], ...]:
    """When the chair says how many are there, and how many, in order."""
    return tuple(
        (one.start_ms, int(next(count for count in match.groups() if count)))
        for one in statements
        if one.chaired is not False and _MAY_COUNT.search(one.text)
        if (match := _PRESENT.search(one.normal)) and not _NOT_HERE.search(one.normal)
    )


# --- a decision of this session ---------------------------------------------------------------

_CALLS = re.compile(
    r"\b(?:mets? aux voix|mett(?:ons|re) aux voix|mise?s? aux voix|au vote|nous votons|"
    r"allons voter|vote (?:sur|est|nominal|electronique)|scrutin|"
    r"resultats? du vote|qui (?:accepte|est pour|approuve)|"
    r"s'oppose|oppositions? \?|fait voter|avis contraire)\b"
)
_NOT_SAID = re.compile(
    r"\b(?:si|s'il|s'ils|lorsque|lorsqu'\w+|quand|une fois que|des que|tant que|avant que|afin que|"
    r"pour que|a condition que|jusqu'a ce que|j'espere|esper\w+|souhait\w+|voudr\w+|je pense|"
    r"crois|croyons|regrett\w+|imagin\w+|parce que|puisque|soit)\b"
)
_TOLD_THAT = re.compile(r"\b(?:constat\w+|annonc\w+|vois|voyons|sign?al\w+|proclam\w+) qu\w*\b")
_SUBORDINATE = re.compile(r"\b(?:que|qu'elle|qu'il|qui|dont|ou|comme)\b(?: [\w'-]+){0,6} $")
_NEVER_NOW = re.compile(
    r"^en (?:19|20)\d\d\b|\b(?:le peuple|votation|autrefois|jadis|a l'epoque|deja|en commission)\b"
)
_PAST = re.compile(
    r"\b(?:(?:19|20)\d\d|le peuple|votation|en commission|commission des? .{0,20} a |dernier|"
    r"derniere|passee?|epoque|autrefois|jadis|hier|precedente?s?|deja|en son temps|"
    r"il y a (?!\d+ (?:oui|non|voix)))\b"
)
_ELSEWHERE = re.compile(
    r"\ble (?P<body>conseil (?:d'etat|federal|national|des etats)|grand conseil)\b"
)
_COMMITTEE_ACTS = re.compile(
    r"(?<!a )\b(?:la|notre|votre|cette|les) commissions?\b|\bpar la commission\b|"
    r"\ben (?:sous-)?commission\b|\bcommissaires?\b"
)
_OF_COMMITTEE = re.compile(
    r"\b(?:conclusions?|rapports?|amendements?|propositions?|texte|version) de (?:la|notre) "
    r"commission"
)
_OPENS = re.compile(r"(?:(?:donc|alors|ainsi|bien|et),? )*(?:la |le |l'|les |cet |cette |ce |mis)")


def called(one: Statement) -> bool:
    """Does a sentence call a vote?"""
    return _CALLS.search(one.normal) is not None


def is_announced(
    statements: Sequence[Statement], at: int, decision: DecisionPhrase, figures: Tally, body: str
) -> bool:
    """Whether a decision that a sentence tells is one that this session takes."""
    here, before = statements[at], statements[at].normal[: decision.start]
    if _NOT_SAID.search(before) or not _is_of_this_session(here, before, decision, body):
        return False
    if decision.outcome is Outcome.WITHDRAWN:
        named = decision.head.noun is not None or decision.pronoun
        return named and (here.chaired is not False or decision.tense is Tense.ACTIVE)
    announced = _announced(statements, at)
    if here.is_note or here.chaired is False:
        interjected = announced and bool(figures) and len(here.turn.words) < _INTERJECTION
        return interjected or (here.is_note and decision.tense is not Tense.ACTIVE)
    if _SUBORDINATE.search(before) and not _TOLD_THAT.search(before):
        return bool(here.chaired and figures.counted)
    if figures:
        now = decision.tense is Tense.PRESENT
        reported = decision.tense is Tense.PERFECT and _reports(statements, at)
        return now or here.chaired is True or (announced and not reported)
    return _is_told_plainly(here, before, decision, announced=announced)


def _is_told_plainly(
    here: Statement, before: str, decision: DecisionPhrase, *, announced: bool
) -> bool:
    """Is it a result although nothing says of how many?"""
    chaired = here.chaired is True
    if decision.tense is Tense.PRESENT:
        opens = decision.head.noun is not None and bool(_OPENS.match(before))
        return announced or (chaired and opens)
    return decision.tense is Tense.PERFECT and chaired and announced


def _is_of_this_session(here: Statement, before: str, decision: DecisionPhrase, body: str) -> bool:
    """Does nothing say that it was decided at another time, or by others?"""
    past = decision.tense is not Tense.PRESENT
    context = here.normal if past and decision.outcome is not Outcome.COMMITTEE else before
    if (_PAST if past else _NEVER_NOW).search(context) or "par la commission" in here.normal:
        return False
    if _COMMITTEE_ACTS.search(_OF_COMMITTEE.sub("", before)):
        return False
    elsewhere = _ELSEWHERE.search(context)
    return elsewhere is None or elsewhere["body"] in fold(body)


def _announced(statements: Sequence[Statement], at: int) -> bool:
    """Was a vote called in this sentence or shortly before it?"""
    return any(
        statements[n].chaired is not False and called(statements[n])
        for n in range(max(0, at - LOOK_BACK), at + 1)
        if statements[at].chaired is not None or statements[n].turn is statements[at].turn
    )


# What a ballot says of itself decides nothing, and is long.
_BALLOT = re.compile(
    r"\bvoici le resultat du scrutin(?: public)?|\b(?:nombre de (?:votants|suffrages exprimes)|"
    r"majorite absolue)[ :=]{1,3}\d+|\bmotion de renvoi en commission"
)
_OUI_NON = re.compile(r"^(?=.*\boui\b).*\bnons?\b")


def bare_count(statements: Sequence[Statement], at: int) -> tuple[DecisionPhrase, Tally] | None:
    """A result that is given in figures alone: `Le vote donne : oui 30, non 40.`"""
    here = statements[at]
    figures, said = tally(here.normal, refused=False), _BALLOT.sub("", here.normal)
    if not figures.counted or here.chaired is False or len(said.split()) > _COUNT:
        return None
    if any(rule.search(said) for rule in (_PAST, _COMMITTEE_ACTS, _NOT_SAID, _ELSEWHERE)):
        return None
    if not _announced(statements, at) and not (
        here.chaired is True and _OUI_NON.search(here.normal)
    ):
        return None
    outcome = _outcome(figures, _around(statements, at))
    if outcome is None:
        return None
    of = head(here.normal)
    return DecisionPhrase(outcome, "", Tense.BARE, of, False, here.normal, 0, 0), figures


def _around(statements: Sequence[Statement], at: int) -> str:
    """What is said around figures, up to the decisions before and after: the rule may be told."""
    before = statements[max(0, at - LOOK_BACK) : at]
    after = statements[at : at + 3]
    near = [*(one for one in before if one.chaired is not False), *after]
    return " ".join(one.normal for one in near if one is statements[at] or not one.decisions)


def _outcome(figures: Tally, around: str) -> Outcome | None:
    """What figures decide by the rule that is told, None where that cannot be said."""
    if figures.yes == figures.no:
        return Outcome.TIED
    accepted = figures.accepted(around)
    return accepted if accepted is None else Outcome.ACCEPTED if accepted else Outcome.REFUSED


# --- a committee's, as its reporter tells it --------------------------------------------------

_VERBS = r"accept|adopt|approuv|refus|rejet|repouss|class"
_VERDICT = re.compile(
    rf"\b(?:(?:d'|de |a |vous |et |la |l')(?P<todo>{_VERBS})er\b"
    rf"|(?:a|ont|avons|ete|est) (?:[\w'-]+ ){{0,3}}(?P<done>{_VERBS})ee?s?\b"
    rf"|commissions? (?P<does>{_VERBS})e(?:nt)?\b"
    rf"|(?P<bare>{_VERBS})ee?s?(?:,? par \d| a l'unan)"
    r"|(?P<against>pas (?:entrer|donner))|(?P<favour>soutenir|donner suite|d'entrer en matiere|"
    r"voter l'entree))"
)
_COMMITTEE = 35  # members: more have voted in a plenary, here or elsewhere
_REFUSING = ("refus", "rejet", "repouss", "against")


def committee_vote(statements: Sequence[Statement], at: int) -> tuple[DecisionPhrase, Tally] | None:
    """What a sentence tells of a committee's vote, with figures or unanimity, or None."""
    here = statements[at]
    acts = _COMMITTEE_ACTS.search(here.normal)
    if not acts and not _reports(statements, at):
        return None
    verdict = _VERDICT.search(here.normal)
    if not verdict or _NOT_SAID.search(here.normal) or _ELSEWHERE.search(here.normal):
        return None
    verb = next((v for v in verdict.groups()[:4] if v), verdict.lastgroup or "")
    figures = tally(here.normal, refused=verb in _REFUSING)
    if not (figures.counted or figures.unanimous) or figures.voters > _COMMITTEE:
        return None
    outcome = Outcome.REFUSED if verb in _REFUSING else Outcome.ACCEPTED
    outcome = Outcome.FILED if verb == "class" else outcome
    after = here.normal[verdict.end() :]
    passive = here.normal[verdict.start() :].startswith(("est", "ete", "a ete"))
    of = head(here.normal[: verdict.start()]) if passive else first_noun(after)
    return DecisionPhrase(outcome, "", Tense.ACTIVE, of, False, here.normal, 0, 0), figures


def _reports(statements: Sequence[Statement], at: int) -> bool:
    """Has a speaker who does not chair spoken of a committee just before?"""
    here = statements[at]
    return here.chaired is not True and any(
        statements[n].turn is here.turn and _COMMITTEE_ACTS.search(statements[n].normal)
        for n in range(max(0, at - 3 * LOOK_BACK), at)
    )
