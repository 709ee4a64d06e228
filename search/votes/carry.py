"""What clerks said of votes, carried over to the votes of words that were heard anew.

A verdict holds for its very words (`verdicts`). On other words it is given again where these tell
the same decision at the same time; the old one stays in the table, for its words may come back.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from ingest.transcript import Doubt, ReviewItem
from search.votes.confirm import read_judged
from search.votes.verdicts import Judged, give, table
from search.votes.vote import Vote

# The announcement of one vote takes some ten seconds, and two votes are further apart. Chosen, not
# measured.
_NEAR_MS = 10_000
_LONGEST = 120  # characters of a vote's words in a list


@dataclass(frozen=True)
class CarriedVotes:
    """How many verdicts stand on the words as they are now, and those that do not."""

    done: int
    left: tuple[ReviewItem, ...]


def verdicts_on(db: Connection, session_id: str) -> tuple[Judged, ...]:
    """The votes of a session that a clerk judged, as its words are now."""
    any_row = select(table.c.start_ms).where(table.c.session_id == session_id).limit(1)
    if db.execute(any_row).first() is None:
        return ()  # to extract votes takes seconds
    return tuple(one for one in read_judged(db, session_id).votes if one.verdict is not None)


def carry_verdicts(db: Connection, session_id: str, before: Sequence[Judged]) -> CarriedVotes:
    """Give what was said of votes `before` to the same decisions, on the words as they are now."""
    if not before:
        return CarriedVotes(0, ())
    now = read_judged(db, session_id).votes
    kept = {(one.kept_ms, one.kept_said) for one in now if one.verdict is not None}
    free = [one for one in now if one.verdict is None]
    done, left = 0, []
    for old in before:
        if (old.kept_ms, old.kept_said) in kept:
            done += 1
            continue
        same = next((one for one in free if _is_same(old, one)), None)
        if same is None or old.verdict is None:
            left.append(_to_review(old.vote))
            continue
        free.remove(same)
        give(db, same, old.verdict, old.by or "", old.entered)
        done += 1
    return CarriedVotes(done, tuple(left))


def _is_same(old: Judged, new: Judged) -> bool:
    """Is it the same decision? What a clerk entered herself need not be in the words."""
    if old.is_added or new.is_added:
        return old.is_added and new.is_added and old.kept_ms == new.kept_ms
    return (
        abs(old.vote.start_ms - new.vote.start_ms) <= _NEAR_MS
        and _about(old.vote) == _about(new.vote)
        and (old.entered is not None or _figures(old.vote) == _figures(new.vote))
    )


def _about(vote: Vote) -> tuple[object, ...]:
    return vote.subject, vote.object, vote.outcome, vote.body


def _figures(vote: Vote) -> tuple[object, ...]:
    return vote.yes, vote.no, vote.abstentions, vote.unanimous


def _to_review(vote: Vote) -> ReviewItem:
    said = vote.said if len(vote.said) <= _LONGEST else f"{vote.said[:_LONGEST]}…"
    reason = f"vote confirmé ou écarté, dont les mots ont changé : « {said} »"
    return ReviewItem(vote.start_ms, vote.end_ms, Doubt.CARRY, reason)
