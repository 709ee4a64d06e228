"""The votes and decisions of a session: confirmed, set aside, completed, added, imported.

Words, figures and the verdict are one form: a clerk who corrects what was heard has confirmed it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from api.answers.vote_sentences import sentence
from api.views.session import session_view
from api.views.wording import clock_in, moment
from ingest.archive.remainder import open_part
from ingest.archive.repository import Archive
from ingest.documents.agenda_store import PlaceSentence
from ingest.editing.edits import TextEdit
from ingest.errors import BadInput, Conflict, UserError
from ingest.transcript import Session
from search.filters import Outcome
from search.votes.confirm import (
    JudgedSession,
    Seen,
    add,
    held_votes,
    judge,
    judge_all,
    judged_session,
)
from search.votes.entered import Entered, entered_of, named_in, spoken_near
from search.votes.phrases import SUBJECTS
from search.votes.verdicts import MOVED_MS, Judged, Verdict, digest
from search.votes.vote import Ballots, Vote
from search.votes.voting_system import MOST_FILE, Result, for_vote, proposed, read_results
from web.office.agenda import read_place
from web.office.page import AsClerk, Office, see_other, session_address
from web.site import READ

router = APIRouter(prefix="/bureau/seances/{session_id}/votes", include_in_schema=False)
_VERDICTS = {"confirmed": Verdict.CONFIRMED, "refused": Verdict.REFUSED, "none": None}
_MOST_RESULTS = 300  # votes of one file, and of one form: several long sessions'
_LONGEST_CODE = 40  # signs: the longest code of an object in the samples has seven
_AROUND_MS, _MOST_CHOICES = 30_000, 9  # where the sentence is looked for that tells a vote
_DONE = ("tous", "ajoute", "fichier")


class Judging(BaseModel):
    """A form on one vote: its key, the verdict, and what is corrected of it, if that was open."""

    start_ms: int
    said: str
    verdict: str = "confirmed"
    revision: int | None = None
    others: list[str] = []
    words: str | None = None
    outcome: str | None = None
    yes: str = ""
    no: str = ""
    abstentions: str = ""
    by_rule: bool = False
    names_yes: str = ""
    names_no: str = ""
    names_abstentions: str = ""

    @property
    def seen(self) -> Seen:
        """The vote as the page showed it."""
        return Seen(self.start_ms, self.said, self.revision, frozenset(self.others))

    def entered(self, session: Session) -> Entered | None:
        """What is typed of it, None where only a verdict is sent. Raises `BadInput`."""
        if self.outcome is None:
            return None
        ballots = Ballots(
            _names(self.names_yes, session),
            _names(self.names_no, session),
            _names(self.names_abstentions, session),
        )
        figures = _figure(self.yes), _figure(self.no), _figure(self.abstentions)
        return Entered(_outcome(self.outcome), *figures, ballots, self.by_rule).checked()


class Adding(Judging):
    """A form on a vote that the words do not tell: where it is announced, and on what.

    `phrase` is when the sentence begins that the clerk chose to be quoted.
    """

    start_ms: int = 0
    said: str = ""
    at: str
    noun: str
    object: str = ""
    phrase: str = ""


_USUAL = Entered(Outcome.ACCEPTED, noun="motion")


@dataclass(frozen=True)
class Addition:
    """A vote that a clerk is adding: what is typed of it, and the sentences she may choose from."""

    at: str = ""
    entered: Entered = _USUAL
    choices: tuple[PlaceSentence, ...] = ()


_NOTHING_ADDED = Addition()


def _outcome(typed: str) -> Outcome:
    if typed not in list(Outcome):
        raise BadInput(f"« {typed[:40]} » n'est pas un résultat : rechargez la page.")
    return Outcome(typed)


def _names(typed: str, session: Session) -> tuple[str, ...]:
    """The names of a field, one a line, as the roster has them."""
    return tuple(named_in(session.roster, line) for line in typed.splitlines() if line.strip())


def _figure(typed: str) -> int | None:
    if not typed.strip():
        return None
    if not typed.strip().isdecimal():
        raise BadInput(f"« {typed[:20]} » n'est pas un nombre de voix.")
    return int(typed)


@router.api_route("", methods=READ, response_class=HTMLResponse)
def votes(session_id: str, office: AsClerk, fait: str = "") -> HTMLResponse:
    """Every vote that the words announce now."""
    return _page(office, session_id, done=fait if fait in _DONE else "")


@router.post("")
def say(session_id: str, office: AsClerk, given: Annotated[Judging, Form()]) -> Response:
    """Confirm a vote, with its words and figures; set it aside; take that back."""
    if given.verdict not in _VERDICTS:
        raise BadInput(
            f"« {given.verdict[:40]} » n'est pas un avis sur un vote : rechargez la page."
        )
    archive, login = office.desk.archive, office.account.login
    verdict = _VERDICTS[given.verdict]
    try:
        entered = given.entered(archive.session(session_id)) if given.outcome else None
        seen, again = _with_words(office, session_id, given)
        if again is None:
            vote = judge(archive, session_id, seen, verdict, login, entered)
        elif entered is None:
            raise BadInput(
                "Ces mots n'annoncent plus de vote : dites-en le résultat, ou écartez-le."
            )
        else:
            vote = add(archive, session_id, again, entered, login)
    except (Conflict, BadInput) as error:
        return _page(office, session_id, error, open_at=given.start_ms)
    return see_other(f"{session_address(session_id, 'votes')}#vote-{vote.start_ms}")


def _with_words(office: Office, session_id: str, given: Judging) -> tuple[Seen, int | None]:
    """The vote that is meant once its words are written as they are typed.

    Also where they stand if they tell no vote any more: it is then added there.
    """
    words = " ".join((given.words or "").split())
    if not words or given.revision is None or digest(words) == given.said:
        return given.seen, None
    archive = office.desk.archive
    read = judged_session(archive, session_id)
    key = (given.start_ms, given.said)
    vote = next(
        (one.vote for one in read.votes if (one.vote.start_ms, digest(one.vote.said)) == key), None
    )
    if vote is None:
        return given.seen, None
    (turn,) = read.transcript.between(vote.turn, vote.turn)
    spoken = [word.text for word in turn.words]
    text = " ".join((*spoken[: vote.first_word], words, *spoken[vote.last_word + 1 :]))
    edit = TextEdit(turn=turn.index, text=text)
    office.desk.changes.make(session_id, read.revision, office.account.login, edit)
    now = judged_session(archive, session_id)
    for one in now.votes:
        if (
            one.vote.turn == vote.turn
            and one.vote.first_word <= vote.first_word <= one.vote.last_word
        ):
            return Seen(one.vote.start_ms, digest(one.vote.said)), None
    (turn,) = now.transcript.between(vote.turn, vote.turn)
    return given.seen, turn.words[min(vote.first_word, len(turn.words) - 1)].start_ms


@router.post("/tous")
def say_all(
    session_id: str,
    office: AsClerk,
    vote: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Confirm all that the page shows and has no verdict, but figures that are to be checked."""
    seen = [
        Seen(int(start), said)
        for start, _, said in (one.partition(":") for one in vote or ())
        if start.isdecimal()
    ]
    judge_all(office.desk.archive, session_id, seen, office.account.login)
    return see_other(f"{session_address(session_id, 'votes')}?fait=tous")


@router.post("/ajouter")
def add_one(session_id: str, office: AsClerk, given: Annotated[Adding, Form()]) -> Response:
    """Add a vote that the words do not tell, at the sentence that the clerk chose.

    Without one, the page shows those that are said around the moment.
    """
    archive = office.desk.archive
    adding = Addition(given.at)
    try:
        session = archive.session(session_id)
        at_ms = read_place(session, given.at.strip())
        if at_ms is None or at_ms >= session.duration_ms:
            raise BadInput(f"« {given.at[:20]} » ne se lit pas : écrivez 0:12:31 ou 12:31.")
        entered = given.entered(session)
        if entered is None or given.noun not in SUBJECTS:
            raise BadInput("Dites sur quoi l'on a voté, et ce qui en est résulté.")
        code = given.object.strip()[:_LONGEST_CODE] or None
        entered = replace(entered, noun=given.noun, object=code)
        adding = Addition(given.at, entered, _choices(archive, session_id, at_ms))
        if adding.choices and given.phrase not in {str(one.start_ms) for one in adding.choices}:
            return _page(office, session_id, open_at=-1, adding=adding)
        start_ms = int(given.phrase) if adding.choices else at_ms
        made = add(archive, session_id, start_ms, entered, office.account.login)
    except (Conflict, BadInput) as error:
        return _page(office, session_id, error, open_at=-1, adding=adding)
    return see_other(f"{session_address(session_id, 'votes')}?fait=ajoute#vote-{made.start_ms}")


def _choices(archive: Archive, session_id: str, at_ms: int) -> tuple[PlaceSentence, ...]:
    """The sentences around a moment that readers may read, in order."""
    transcript = open_part(archive.transcript(session_id))
    near = spoken_near(transcript, at_ms, _AROUND_MS)[:_MOST_CHOICES]
    places = (
        PlaceSentence(
            turn.words[one.first_word].start_ms, turn.id, turn.said(one.first_word, one.last_word)
        )
        for turn, one in near
    )
    return tuple(sorted(places, key=lambda place: place.start_ms))


# --- the voting system's file -----------------------------------------------------------------


@router.post("/fichier")
async def bring(session_id: str, request: Request, office: AsClerk) -> Response:
    """Read the file of a voting system, and show which votes its results would be."""
    async with request.form(max_files=1, max_fields=4, max_part_size=MOST_FILE.size + 1) as form:
        file = form.get("resultats")
        raw = await file.read(MOST_FILE.size + 1) if isinstance(file, UploadFile) else b""
        name = file.filename if isinstance(file, UploadFile) else ""
    return await run_in_threadpool(_brought, session_id, office, raw, name or "fichier")


def _brought(session_id: str, office: Office, raw: bytes, name: str) -> Response:
    read = judged_session(office.desk.archive, session_id)
    try:
        if not raw:
            raise BadInput("Choisissez d'abord le fichier que donne le système de vote.")
        results = read_results(raw, name, read.session.roster)[:_MOST_RESULTS]
    except BadInput as error:
        return _page(office, session_id, error)
    found = proposed(results, [one.vote for one in read.votes])
    return office.page(
        "office/votes_import.html",
        session=session_view(read.session),
        lines=[_result_line(read, *pair) for pair in zip(results, found, strict=True)],
        votes=[_line(read, one) for one in read.votes],
        name=name,
    )


def _result_line(read: JudgedSession, result: Result, vote: Vote | None) -> dict[str, object]:
    entered = for_vote(result, vote) if vote else result.entered
    return {
        "title": result.title,
        "entered": entered,
        "kept": json.dumps(entered.kept(), ensure_ascii=False),
        "key": f"vote-{vote.start_ms}" if vote else "",
    }


@router.post("/fichier/garder")
async def keep(session_id: str, request: Request, office: AsClerk) -> Response:
    """Keep the results for the votes that the clerk said they are."""
    async with request.form(max_files=0, max_fields=2 * _MOST_RESULTS + 2) as form:
        given = FormData(form.multi_items())
    return await run_in_threadpool(_kept, session_id, office, given)


def _kept(session_id: str, office: Office, given: FormData) -> Response:
    chosen = list(zip(given.getlist("kept"), given.getlist("vote"), strict=False))
    wanted = [str(vote) for _, vote in chosen if vote]
    archive, login = office.desk.archive, office.account.login
    try:
        if len(set(wanted)) < len(wanted):
            raise BadInput("Deux résultats vont au même vote : choisissez-en un pour chacun.")
        read = judged_session(archive, session_id)
        for kept, vote in chosen:
            start, _, said = str(vote).partition(":")
            if start.isdecimal():
                seen, entered = Seen(int(start), said), _read_kept(str(kept))
                judge(archive, session_id, seen, Verdict.CONFIRMED, login, entered, read)
    except (Conflict, BadInput) as error:
        return _page(office, session_id, error)
    return see_other(f"{session_address(session_id, 'votes')}?fait=fichier")


def _read_kept(kept: str) -> Entered:
    try:
        return entered_of(json.loads(kept)).checked()
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise BadInput("Ce résultat ne se lit plus : redonnez le fichier.") from None


# --- the page ---------------------------------------------------------------------------------


def _page(
    office: Office,
    session_id: str,
    error: UserError | None = None,
    open_at: int | None = None,
    done: str = "",
    adding: Addition = _NOTHING_ADDED,
) -> HTMLResponse:
    read = judged_session(office.desk.archive, session_id)
    lines = [_line(read, one) for one in read.votes]
    return office.page(
        "office/votes.html",
        error,
        session=session_view(read.session),
        status=read.session.status,
        lines=lines,
        held=[_line(read, one) for one in held_votes(office.desk.archive, read)],
        left=sum(line["state"] == "none" for line in lines),
        sure=sum(line["state"] == "none" and not line["unsure"] for line in lines),
        revision=read.revision,
        outcomes=[one.value for one in Outcome],
        nouns=sorted(SUBJECTS),
        objects=_objects(read.session, [one.vote for one in read.votes]),
        adding=adding,
        open_at=open_at,
        done=done,
    )


def _objects(session: Session, found: Sequence[Vote]) -> list[str]:
    codes = [item.object for item in session.agenda] + [vote.object for vote in found]
    return sorted({code for code in codes if code})


def _others(read: JudgedSession, vote: Vote) -> list[str]:
    """The seals of the votes so near that one of them could be taken for this one."""
    near = (
        digest(one.vote.said)
        for one in read.votes
        if abs(one.vote.start_ms - vote.start_ms) <= 2 * MOVED_MS
    )
    return sorted(set(near) - {digest(vote.said)})


def _line(read: JudgedSession, one: Judged) -> dict[str, object]:
    """A vote as it is shown. `key` names it in the address, `seal` its words in the form."""
    vote, session = one.vote, read.session
    words = sentence(vote)
    figures = (vote.yes, vote.no, vote.abstentions)
    by_rule = one.entered is not None and one.entered.by_rule
    return {
        "key": f"vote-{vote.start_ms}",
        "seal": digest(vote.said),
        "others": _others(read, vote),
        "told": f"{words[0].upper()}{words[1:]}.",
        "said": vote.said,
        "unsure": vote.unsure,
        "added": one.is_added,
        "given": Entered(vote.outcome, *figures, vote.ballots, by_rule),
        "committee": vote.committee,
        "object": vote.object,
        "item": vote.item,
        "who": read.transcript.person(*read.transcript.between(vote.turn, vote.turn)),
        "start_ms": vote.start_ms,
        "end_ms": vote.end_ms,
        "start": clock_in(session, vote.start_ms) or "",
        "state": one.verdict.value if one.verdict else "none",
        "judged": f"{one.by}, {moment(one.at)}" if one.at and one.verdict else "",
    }
