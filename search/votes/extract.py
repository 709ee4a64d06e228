"""The votes and decisions announced in a session, each with the words that announce it.

Pure. A result counts when the chair announces it, or when the speaker is unknown; what a speaker
wants, fears or remembers does not. A committee's vote that its reporter tells is kept as such.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.text import fold
from ingest.transcript import Person, Session, Transcript
from search.filters import Outcome
from search.votes.amendments import amendment_noun, amendments_in, amendments_of, article_noun
from search.votes.announcements import (
    LOOK_BACK,
    Statement,
    bare_count,
    called,
    committee_vote,
    is_announced,
    present_at,
    statements_of,
)
from search.votes.phrases import DecisionPhrase, Head, head
from search.votes.tallies import Tally, casts, code_of, codes_in, tally
from search.votes.under_debate import (
    MOST_TOGETHER,
    Part,
    Place,
    Stretch,
    places,
    stretches,
)
from search.votes.vote import COMMISSION, KINDS, Subject, Vote, noun_of, plural_of, without_figures

log = logging.getLogger(__name__)

# Whose amendment or motion is voted on, and where it is sent, as the words have it. Pure.


_NAME = r"(?P<name>(?:[A-ZÀ-Þ][\w'’-]++ ?){1,4})"
_TITLE = r"(?:[Mm]onsieur|[Mm]a ?dame|[Mm]\.|[Mm]me)"
_GROUP = (
    r"(?P<group>(?:groupe|parti) [\w-]+|[Vv]ert[\w·-]*|Centre|[Ss]ocialistes|[Ll]ibéraux[\w-]*|"
    r"[A-Z]{2,6}\b(?!-?\d| \d)|[Cc]ommission(?: (?:des?|du|de la) [\w-]+)?|"
    r"[Cc]onseil (?:administratif|d['’][ÉE]tat))"
)
_MOVED_BY = re.compile(
    r"(?:[Aa]m[ae]nd\w{1,12}|[Mm]otion|[Pp]roposition|[Pp]ostulat|[Rr][ée]solution)s? "
    rf"(?:d[eu]s? |d['’])(?:la )?(?:{_TITLE} {_NAME}|{_GROUP})"
)
_TAKES_BACK = re.compile(rf"{_TITLE} {_NAME}retir(?P<group>)")


def mover_of(noun: str, said: Sequence[str], roster: Sequence[Person]) -> str | None:
    """Whose `noun` (amendement, motion...) it is: a person of the roster, or who is named.

    `said` are the sentence of the vote, then those in which it was called, nearest first.
    """
    for n, text in enumerate(said):
        match = _MOVED_BY.search(text) or _TAKES_BACK.search(text)
        if match and (n == 0 or fold(noun)[:4] == fold(match[0])[:4]):
            return _full_name(match["name"], roster) if match["name"] else match["group"]
    return None


def _full_name(said: str, roster: Sequence[Person]) -> str:
    """The roster's person of that name, or the name as it was said."""
    wanted = fold(said).strip(" ,.").split()
    found = [
        person.name
        for person in roster
        if any(set(wanted) <= set(fold(name).split()) for name in person.spellings)
    ]
    return found[0] if len(found) == 1 else said.strip(" ,.")


def as_said(folded: str, text: str) -> str:
    """Folded words with the letters in which a text has them."""
    words = text.split()
    size = len(folded.split())
    for n in range(len(words) - size + 1):
        run = " ".join(words[n : n + size])
        if size and fold(run).strip(" ,.;:").endswith(folded):
            bare = run.strip(' ,.;:«»"()')
            return bare[2:] if bare[1:2] in ("'", "’") else bare
    return folded


def votes(session: Session, transcript: Transcript) -> tuple[Vote, ...]:
    """Every decision announced in a session, in the order of speech."""
    return record(session, transcript).votes


@dataclass(frozen=True)
class SessionRecord:
    """What a session's words tell of what was treated: its votes, and who spoke on what."""

    votes: tuple[Vote, ...] = ()
    debated: tuple[Stretch, ...] = ()


def record(session: Session, transcript: Transcript) -> SessionRecord:
    """Its votes and the stretches in which an amendment was debated, in the order of speech."""
    statements = tuple(statements_of(session, transcript))
    debate = _Debate(session, statements, places(session, statements))
    found: list[Vote] = []
    taken: set[int] = set()
    for at in range(len(statements)):
        if at not in taken:
            for vote, last in _votes_at(debate, at, taken):
                found.append(vote)
                taken.update(range(at, last + 1))
    debated = stretches(statements, debate.places)
    possible = _within_room(found, statements, session)
    return SessionRecord(tuple(_with_defence(tuple(possible), debated, transcript)), debated)


_PARTIAL = 2  # times a list of people that vote: such a list is of some of them only, D-220


def _within_room(
    found: Sequence[Vote], statements: Sequence[Statement], session: Session
) -> Iterator[Vote]:
    """The votes, without figures that more people make up than were there."""
    own = sorted(vote.voters for vote in found if vote.voters and vote.body != COMMISSION)
    usual = own[len(own) // 2] if own else 0
    present = [(ms, count) for ms, count in present_at(statements) if usual <= _PARTIAL * count]
    members = len(session.roster)
    for vote in found:
        most = [count for start_ms, count in present if start_ms <= vote.start_ms][-1:]
        most += [members] if usual <= _PARTIAL * members else []
        fits = vote.committee or vote.voters <= min(most, default=vote.voters)
        yield vote if fits else without_figures(vote)


_DEFENCE_WORDS = 150  # of a speech: what an amendment asks for is said at its beginning


def _with_defence(
    found: Sequence[Vote], debated: Sequence[Stretch], transcript: Transcript
) -> Iterator[Vote]:
    """Votes on numbered amendments, found by how the speeches that defend these begin.

    What else was said of amendments under the same point was of others.
    """
    begun: dict[str, str] = {}
    for one in debated:
        if one.part is Part.DEFENCE:
            turns = transcript.between(one.first_turn, one.last_turn)
            words = [word.text for turn in turns for word in turn.words][:_DEFENCE_WORDS]
            begun |= {code: " ".join(words) for code in one.codes if code not in begun}
    for vote in found:
        codes = amendments_in(vote.noun)
        said = [begun[code] for code in codes[:MOST_TOGETHER] if code in begun]
        yield replace(vote, about=". ".join(said)) if codes else vote


@dataclass(frozen=True)
class _Debate:
    """What votes are read from: every sentence, and what was under debate as it was said."""

    session: Session
    statements: tuple[Statement, ...]
    places: tuple[Place, ...]


def record_or_none(session: Session, transcript: Transcript) -> SessionRecord | None:
    """The votes of a session and what was debated as its words have them now; None if it fails.

    The session is published all the same: `search.integrity` lists it.
    """
    try:
        return record(session, transcript)
    except Exception:
        log.exception("%s: its votes could not be read.", session.id)
        return None


def _votes_at(debate: _Debate, at: int, taken: set[int]) -> Iterator[tuple[Vote, int]]:
    """The votes that a sentence tells, each with the last sentence that tells it."""
    session, statements = debate.session, debate.statements
    here = statements[at]
    if not here.may_decide or (here.asks and not any(map(str.isdigit, here.normal))):
        return
    decisions, announced = here.decisions, False
    for n, decision in enumerate(decisions):
        figures = tally(_figures_of(here.normal, decisions, n), refused=decision.refuses)
        first = last = at
        if not figures and len(decisions) == 1:
            first, last, figures = _counted_beside(statements, at, decision, taken)
        if figures and _is_taken_back(statements, last):
            last += 1
            again = tally(statements[last].normal, refused=decision.refuses)
            figures = again if again.counted else Tally(margin=figures.margin, unsure=True)
        if is_announced(statements, at, decision, figures, session.body):
            announced = True
            yield _vote(debate, (first, at, last), decision, figures), last
    if (
        not decisions
        and not _result_follows(statements, at)
        and not _is_taken_back(statements, at)
        and (counted := bare_count(statements, at))
    ):
        if counted[0].outcome is Outcome.TIED and (end := _settled(debate, at)):
            if statements[end].decisions and not tally(statements[end].normal, refused=False):
                (decision,) = statements[end].decisions
                yield _vote(debate, (at, end, end), decision, counted[1]), end
            return
        noted, last = _noted_result(statements, at)
        decision, figures = counted
        if noted:
            figures = tally(here.normal, refused=noted.refuses) if noted else figures
        yield _vote(debate, (at, at, at), noted or decision, figures), last
    elif not announced and (of_others := committee_vote(statements, at)):
        vote = _vote(debate, (at, at, at), *of_others)
        yield replace(vote, body=COMMISSION), at


def _result_follows(statements: Sequence[Statement], at: int) -> bool:
    """Does the next sentence tell the result of these figures, without any of its own?"""
    if at + 1 == len(statements) or statements[at + 1].turn is not statements[at].turn:
        return False
    after = statements[at + 1]
    return bool(after.decisions) and not tally(after.normal, refused=False)


_CORRECTS = re.compile(
    r"(?:(?:non|oh|ah|euh|alors),? )?(?:pardon|excuse[zr]|(?:je suis )?desolee?\b|erreur\b"
    r"|ou plutot|je (?:me (?:trompe|reprends|corrige)|corrige|rectifie))"
)


def _is_taken_back(statements: Sequence[Statement], at: int) -> bool:
    """Does the next sentence give figures anew: "Pardon, 42 oui"?"""
    if at + 1 == len(statements) or statements[at + 1].turn is not statements[at].turn:
        return False
    after = statements[at + 1]
    corrects = _CORRECTS.match(after.normal) and not after.decisions
    return bool(corrects and tally(after.normal, refused=False))


_SETTLED_WITHIN = 5  # sentences: "Il y a égalité. C'est à moi de trancher. Je vote oui."


def _settled(debate: _Debate, at: int) -> int | None:
    """The sentence that says what became of equal figures: by the president's vote, or as refused.

    The vote is stated at that sentence alone, with these figures if it gives none.
    """
    statements, figures = debate.statements, tally(debate.statements[at].normal, refused=False)
    cast = casts(statements[at].normal)
    for n in range(at + 1, min(len(statements), at + 1 + _SETTLED_WITHIN)):
        one = statements[n]
        if one.turn is not statements[at].turn:
            break
        cast = cast or casts(one.normal)
        if len(one.decisions) == 1:
            (decision,) = one.decisions
            told = is_announced(statements, n, decision, figures, debate.session.body)
            return n if told and (cast or decision.refuses) else None
        if counted := bare_count(statements, n):
            return n if cast and counted[0].outcome is not Outcome.TIED else None
    return None


_NOTED_WITHIN = 3  # sentences: applause, "Le scrutin est clos.", then what became of it


def _noted_result(statements: Sequence[Statement], at: int) -> tuple[DecisionPhrase | None, int]:
    """The record's own remark on what these figures decide, and where: `(... pas adopté.)`."""
    for n in range(at + 1, min(len(statements), at + 1 + _NOTED_WITHIN)):
        one = statements[n]
        if one.is_note and len(one.decisions) == 1 and not tally(one.normal, refused=False):
            return one.decisions[0], n
        if one.chaired is False or one.decisions:
            break
    return None, at


def _figures_of(normal: str, decisions: Sequence[DecisionPhrase], n: int) -> str:
    """The part of a sentence that holds a decision's figures: all of it when it is the only one."""
    if len(decisions) == 1:
        return normal
    return normal[
        decisions[n].start : decisions[n + 1].start if n + 1 < len(decisions) else len(normal)
    ]


def _counted_beside(
    statements: Sequence[Statement], at: int, decision: DecisionPhrase, taken: set[int]
) -> tuple[int, int, Tally]:
    """Figures in the sentences after the result, or in those before it."""
    for step in (1, -1):
        end = at
        while 0 <= end + step < len(statements) and _only_counts(statements, end + step, at, taken):
            end += step
        first, last = min(at, end), max(at, end)
        counted = " ".join(
            one.normal for one in statements[first : last + 1] if one is not statements[at]
        )
        if figures := tally(counted, refused=decision.refuses):
            return first, last, figures
    return at, at, Tally()


_FIGURES = 20  # words: a sentence of figures beside the result is no longer


def _only_counts(statements: Sequence[Statement], n: int, at: int, taken: set[int]) -> bool:
    """Is this a sentence of the same turn with figures, or how unanimous, and no result?"""
    one = statements[n]
    if (
        one.turn is not statements[at].turn
        or n in taken
        or one.decisions
        or abs(n - at) > _MOST_BESIDE
    ):
        return False
    return len(one.normal.split()) <= _FIGURES and bool(_TELLS_FIGURES.search(one.normal))


_MOST_BESIDE = 3  # sentences: "Pour : 25. Contre : 6. Abstentions : 2."
_TELLS_FIGURES = re.compile(
    r"^\D*+\d.*\b(?:oui|nons?|noms?|voix|pour|contre|abst)"
    r"|\b(?:pour|contre|oui|nons?|abst\w+) ?:? \d|unanimite|sans opposition|majorite"
)


# --- the vote itself --------------------------------------------------------------------------


def _vote(
    debate: _Debate,
    sentences: tuple[int, int, int],
    decision: DecisionPhrase,
    figures: Tally,
) -> Vote:
    """A vote from some sentences: the first, the one with the verb, the last."""
    first, at, last = sentences
    session, statements, place = debate.session, debate.statements, debate.places[first]
    here, turn = statements[at], statements[at].turn
    run = turn.words[statements[first].first : statements[last].last + 1]
    item = session.agenda_item_at(here.start_ms)
    since_ms = (item.start_ms if item else None) or 0
    context = _context(statements, first, at)
    of, named = _put(decision, context)
    treated = item.object if item else None
    codes = _codes(session, decision, of, context)
    several = of.plural and of.noun in KINDS
    if not (codes or several or (place.open and not of.noun)):
        codes = _codes_of_item(of, treated)
    code = None if several or not codes else codes[0]
    normal = " ".join(one.normal for one in statements[first : last + 1])
    tied = decision.outcome is Outcome.TIED
    around = " ".join((*(one.normal for one in reversed(context)), normal, _after(debate, last)))
    if not tied and not figures.allows(refused=decision.refuses, normal=around):
        figures = Tally(margin=figures.margin, unsure=True)
    return Vote(
        session=session.id,
        turn=turn.id,
        revision=turn.revision,
        first_word=statements[first].first,
        last_word=statements[last].last,
        start_ms=run[0].start_ms,
        end_ms=max(word.end_ms for word in run),
        said=" ".join(word.text for word in run),
        subject=of.subject,
        noun=_noun(of, named, place, codes) or (noun_of(code) if code else ""),
        object=code,
        item=item.title if item else "",
        mover=mover_of(of.noun or "", (here.text, *(one.text for one in context)), session.roster),
        outcome=decision.outcome,
        destination=as_said(decision.destination, here.text),
        yes=figures.yes,
        no=figures.no,
        abstentions=figures.abstentions,
        unanimous=figures.unanimous,
        margin=figures.margin,
        unsure=figures.unsure,
        body=session.body,
        about=_about(statements[max(0, first - _SAME_POINT) : first], since_ms, code, of.subject),
    )


_MAY_NAME = re.compile(
    r"motion|proposition|p[ée].?ition|r[ée]solution|projet|initiative|interpell|question|am[ae]nde|"
    r"\b[A-Z]{1,3}[ -]?\d",
    re.IGNORECASE,
)
_SAME_POINT = 400  # sentences: where the agenda has no times, what is older is of another point


def _about(before: Sequence[Statement], since_ms: int, code: str | None, subject: Subject) -> str:
    """What was said of the very object before, or since the point began of amending it."""
    wanted = code_of(code) if code else ""
    amending = subject is Subject.AMENDMENT
    return " ".join(
        one.text
        for one in before
        if _MAY_NAME.search(one.text)
        and (wanted in one.codes or (amending and one.start_ms >= since_ms and _amends(one)))
    )


def _amends(one: Statement) -> bool:
    return "amendement" in one.normal


def _context(statements: Sequence[Statement], first: int, at: int) -> tuple[Statement, ...]:
    """The sentences in which the vote was called, nearest first, up to the vote before."""
    before = []
    for n in range(first - 1, max(-1, first - 1 - LOOK_BACK), -1):
        if statements[n].chaired is False or statements[n].decisions:
            break
        before.append(statements[n])
    return tuple(before)


def _after(debate: _Debate, last: int) -> str:
    """The sentence after a result, which may tell the rule or the president's own vote."""
    after = debate.statements[last + 1 : last + 2]
    same = (one for one in after if one.turn is debate.statements[last].turn)
    return " ".join(one.normal for one in same if not one.decisions)


def _put(decision: DecisionPhrase, context: Sequence[Statement]) -> tuple[Head, str]:
    """What was decided on, and the words that name it: its own, or those that last called a vote.

    A result that says no more than "l'amendement" is of the one that was called.
    """
    own, said = decision.head, decision.region
    for one in context:
        if called(one) and (found := head(one.normal)).noun:
            named = amendments_of(one.normal) if found.subject is own.subject else ()
            if not own.noun or (named and not amendments_of(said)):
                return found, one.normal
    return own, said


def _noun(of: Head, named: str, place: Place, objects: Sequence[str]) -> str:
    """What was decided on as a council names it, with its number."""
    if of.subject is Subject.ARTICLE and of.noun == "article":
        return article_noun(named)
    if of.plural and of.subject is not Subject.AMENDMENT and of.noun:
        codes = objects if len(objects) > 1 and of.noun in KINDS else ()
        return f"{plural_of(of.noun)} {', '.join(codes)}".strip()
    if of.subject is not Subject.AMENDMENT or not of.noun:
        return of.noun or ""
    codes = amendments_of(named)
    together = place.identical and "identique" in named and len(codes) < _LISTED
    alone = not codes and len(place.codes) == 1
    whole = tuple(dict.fromkeys((*codes, *place.codes)))
    noun = amendment_noun(named, whole if together or alone else codes)
    return plural_of(noun) if of.plural and "n°" not in noun else noun


_LISTED = 2  # numbers: "l'amendement n° 90 et les identiques" means more than it names


def _codes(
    session: Session, decision: DecisionPhrase, of: Head, context: Sequence[Statement]
) -> tuple[str, ...]:
    """The codes that the words name, or those of what was called to the vote, as the agenda has
    them."""
    on_agenda = {code_of(i.object): i.object for i in session.agenda if i.object}
    called_for = [code for one in context if called(one) for code in one.codes]
    named = [
        code
        for code in (*codes_in(decision.region), *called_for)
        if code.split("-")[0] in KINDS.get(of.noun or "", (code.split("-")[0],))
    ]
    return tuple(dict.fromkeys(on_agenda.get(code, code) for code in named))


def _codes_of_item(of: Head, treated: str | None) -> tuple[str, ...]:
    """The code of what is being treated, where it can be what a noun names."""
    kind = code_of(treated).split("-")[0] if treated else ""
    return (treated,) if treated and kind in KINDS.get(of.noun or "", (kind,)) else ()
