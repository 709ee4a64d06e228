"""Several people change one transcript: nothing is lost, all of it can be shown and taken back."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from ingest.archive import repository
from ingest.archive.change_log import revision, since
from ingest.archive.repository import Archive, Outline, open_archive
from ingest.archive.splices import content
from ingest.asr.confidence import load_calibration
from ingest.editing.changes import Changes, Edit, Overtaken, redo, stacks, undo
from ingest.editing.edits import Accept, Boundary, Merge, Replace, Split, TextEdit, Voice
from ingest.editing.progress import checked, mark
from ingest.editing.review_progress import (
    all_open_doubts,
    likely_errors,
    open_doubts,
    unsettled,
)
from ingest.errors import BadInput, Conflict, UserError
from ingest.jobs import queue
from ingest.transcript import (
    DOUBTFUL_BELOW,
    AgendaItem,
    Doubt,
    ImportedText,
    ReviewItem,
    Status,
    Transcript,
    Turn,
    Word,
)
from tests.conftest import small_session
from tests.support import paths
from tests.support.splicing import applied
from tests.support.waiting import until

TEXTS = ("un deux trois quatre", "cinq six", "sept huit neuf", "dix", "onze douze treize")
NUMBERS = count()


@dataclass(frozen=True)
class Progress:
    """Turns with words and how many were checked; doubtful words heard, and how many are settled.

    A doubtful word is settled when its turn was checked, or when it was written anew.
    """

    turns: int
    checked: int
    doubtful: int
    settled: int


def progress(db: Connection, session_id: str) -> Progress:
    """How far the review of a session is."""
    turns = [turn for turn in repository.current_turns(db, session_id) if turn.words]
    done = checked(db, session_id)
    left = sum(_doubtful(turn.words) for turn in turns if turn.id not in done)
    here = sum(_doubtful(turn.words) for turn in turns)
    gone = sum(
        sum(_doubtful(turn.words) for turn in splice.before)
        - sum(_doubtful(turn.words) for turn in splice.after)
        for change in since(db, session_id, 1)
        for splice in change.splices
    )
    heard = max(here + gone, left)
    return Progress(len(turns), sum(t.id in done for t in turns), heard, heard - left)


def _doubtful(words: Sequence[Word]) -> int:
    return sum(word.confidence < DOUBTFUL_BELOW for word in words)


def kept(archive: Archive, texts: tuple[str, ...] = TEXTS) -> str:
    """A new session of these turns; its id."""
    session, transcript = small_session(f"s{next(NUMBERS)}", texts)
    archive.save(session, transcript)
    return session.id


def said(archive: Archive, session_id: str) -> list[str]:
    return [turn.text for turn in archive.transcript(session_id).turns]


def at(archive: Archive, session_id: str) -> int:
    with archive.engine.connect() as db:
        return revision(db, session_id)


@pytest.fixture
def changes(archive: Archive) -> Changes:
    return Changes(archive)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return open_archive(f"sqlite:///{tmp_path_factory.mktemp('log') / 'archive.sqlite'}")


# --- any changes, by hypothesis -----------------------------------------------------------------

WORDS = st.sampled_from(("un", "deux", "six", "neuf", "oui", "non"))
ACTIONS = st.one_of(
    st.builds(
        lambda turn, words: TextEdit(turn=turn, text=" ".join(words)),
        st.integers(0, 5),
        st.lists(WORDS, max_size=4),
    ),
    st.builds(lambda turn, word: Split(turn=turn, word=word), st.integers(0, 5), st.integers(0, 3)),
    st.builds(lambda turn: Merge(turn=turn), st.integers(0, 5)),
    st.builds(
        lambda turn, word, into: Boundary(turn=turn, word=word, into=into),
        st.integers(0, 5),
        st.integers(0, 3),
        st.sampled_from(("next", "previous")),
    ),
    st.builds(
        lambda turn, person, here: Voice(turn=turn, person=person, everywhere=here),
        st.integers(0, 5),
        st.sampled_from((None, "Anne Autre", "Claire Fontanet")),
        st.booleans(),
    ),
    st.builds(lambda find, by: Replace(find=find, by=by), WORDS, WORDS),
    st.sampled_from(("undo", "redo", "undo", "undo")),
)
Steps = list[tuple[str, int, Edit | str]]
STEPS = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 3), ACTIONS), max_size=14)


def step(changes: Changes, session_id: str, author: str, behind: int, action: Edit | str) -> bool:
    """One act of a clerk whose page is `behind` by so many changes; whether it was done."""
    base = max(1, at(changes.archive, session_id) - behind)
    try:
        if action == "undo":
            undo(changes, session_id, base, author)
        elif action == "redo":
            redo(changes, session_id, base, author)
        else:
            changes.make(session_id, base, author, action)  # type: ignore[arg-type]
    except UserError:
        return False
    return True


def all_of_it(transcript: Transcript) -> object:
    return [content(turn) for turn in transcript.turns], {
        (s.label, s.person) for s in transcript.speakers
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_the_log_tells_how_what_stands_came_to_be(shared: Archive, steps: Steps) -> None:
    changes, session_id = Changes(shared), kept(shared)
    turns = shared.transcript(session_id).turns
    for author, behind, action in steps:
        step(changes, session_id, author, behind, action)
    with shared.engine.connect() as db:
        log = since(db, session_id, 1)
    for change in log:
        for splice in change.splices:
            assert turns[splice.first : splice.stop] == tuple(
                replace(turn, index=splice.first + n) for n, turn in enumerate(splice.before)
            )
        turns = applied(turns, change.splices, change.number + 1)
    now = shared.transcript(session_id)
    assert now.turns == turns
    assert [change.number for change in log] == list(range(1, len(log) + 1))
    assert all(turn.words for turn in now.turns)
    labels = {speaker.label for speaker in now.speakers}
    assert {turn.speaker for turn in now.turns} - {None} <= labels


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_one_who_works_alone_takes_everything_back_and_makes_it_again(
    shared: Archive, steps: Steps
) -> None:
    changes, session_id = Changes(shared), kept(shared)
    before = all_of_it(shared.transcript(session_id))
    for _, _, action in steps:
        step(changes, session_id, "a", 0, action)
    done = all_of_it(shared.transcript(session_id))
    with shared.engine.connect() as db:
        mine = stacks(db, session_id, "a").done
    for _ in mine:
        assert step(changes, session_id, "a", 0, "undo")
    assert all_of_it(shared.transcript(session_id)) == before
    for _ in mine:
        assert step(changes, session_id, "a", 0, "redo")
    assert all_of_it(shared.transcript(session_id)) == done


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS, ACTIONS)
def test_what_is_done_and_taken_back_leaves_all_as_it_was(
    shared: Archive, steps: Steps, last: Edit | str
) -> None:
    changes, session_id = Changes(shared), kept(shared)
    for author, behind, action in steps:
        step(changes, session_id, author, behind, action)
    before, number = all_of_it(shared.transcript(session_id)), at(shared, session_id)
    if last in ("undo", "redo") or not step(changes, session_id, "c", 2, last):
        return
    if at(shared, session_id) > number:
        assert step(changes, session_id, "c", 0, "undo")
    assert all_of_it(shared.transcript(session_id)) == before


# --- two at once ----------------------------------------------------------------------------------


def test_two_at_once_in_different_turns_lose_nothing(archive: Archive, changes: Changes) -> None:
    texts = tuple(f"mot{n}" for n in range(20))
    session_id = kept(archive, texts)

    def work(who: int) -> None:
        author = ("a", "b")[who]
        for n in range(who, 20, 2):
            # each on the very first revision: all that others did since is followed
            changes.make(session_id, 1, author, TextEdit(turn=n, text=f"{author}{n} dit"))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    assert said(archive, session_id) == [f"{'ab'[n % 2]}{n} dit" for n in range(20)]
    assert at(archive, session_id) == 21


def test_of_two_at_once_in_one_turn_one_is_refused(archive: Archive, changes: Changes) -> None:
    session_id = kept(archive)

    def write(author: str) -> str | None:
        with suppress(Overtaken):
            changes.make(session_id, 1, author, TextEdit(turn=0, text=f"écrit par {author}"))
            return author
        return None

    with ThreadPoolExecutor(4) as pool:
        won = [author for author in pool.map(write, "abcd") if author]
    assert len(won) == 1 and said(archive, session_id)[0] == f"écrit par {won[0]}"


_EVERYWHERE = Voice(turn=0, person="Anne", everywhere=True)


@pytest.mark.parametrize(
    ("first", "second", "is_told"),
    [
        (Split(turn=1, word=1), TextEdit(turn=1, text="x"), True),
        (Merge(turn=0), Split(turn=1, word=1), True),
        (Boundary(turn=0, word=2), TextEdit(turn=1, text="x"), True),
        (Voice(turn=1, person="Anne", everywhere=False), TextEdit(turn=1, text="x"), True),
        (Replace(find="six", by="dix"), TextEdit(turn=1, text="x"), True),
        (TextEdit(turn=1, text="x"), Replace(find="six", by="dix"), False),
        (TextEdit(turn=1, text="six x"), Replace(find="six", by="dix"), True),
        (_EVERYWHERE, replace(_EVERYWHERE, turn=2, person="Marc"), True),
        (TextEdit(turn=0, text=""), TextEdit(turn=1, text="x"), False),
        (Split(turn=0, word=2), Merge(turn=1), False),
    ],
)  # fmt: skip
def test_the_second_clerk_learns_of_the_first_where_it_matters(
    archive: Archive, changes: Changes, first: Edit, second: Edit, is_told: bool
) -> None:
    session_id = kept(archive)
    changes.make(session_id, 1, "a", first)
    if is_told:
        with pytest.raises(Overtaken, match="« a »"):
            changes.make(session_id, 1, "b", second)
    else:
        changes.make(session_id, 1, "b", second)


def test_a_machine_that_times_words_is_in_no_clerks_way(archive: Archive, changes: Changes) -> None:
    from ingest.archive.change_log import ChangeKind
    from ingest.archive.splices import Splice
    from ingest.editing.changes import Drawn

    session_id = kept(archive)
    changes.make(session_id, 1, "a", TextEdit(turn=0, text="un deux sept quatre"))
    turn = archive.transcript(session_id).turns[0]
    timed = replace(turn, words=tuple(replace(w, guessed=False) for w in turn.words))
    with archive.begin() as db:
        drawn = Drawn((Splice(0, (turn,), (timed,)),))
        changes.write(db, session_id, "machine", ChangeKind.ALIGN, drawn, 1)
    changes.make(session_id, 2, "b", Split(turn=0, word=1))
    undo(changes, session_id, 4, "b")
    undo(changes, session_id, 5, "a")
    assert (
        archive.transcript(session_id).turns[0].words == small_session("x", TEXTS)[1].turns[0].words
    )


# --- what follows a change ------------------------------------------------------------------------


def test_only_changed_words_ask_for_an_alignment(archive: Archive, changes: Changes) -> None:
    session_id = kept(archive)
    changes.make(session_id, 1, "a", Split(turn=0, word=1))
    changes.make(session_id, 2, "a", TextEdit(turn=0, text="Un."))
    with archive.engine.connect() as db:
        assert not db.execute(queue.table.select()).all()
    changes.make(session_id, 3, "a", TextEdit(turn=0, text="Un bis."))
    archive.set_status(session_id, Status.PUBLISHED)
    changes.make(session_id, 4, "a", Merge(turn=0))
    with archive.engine.connect() as db:
        found = [(row.kind, row.by) for row in db.execute(queue.table.select())]
    assert found == [("align", "a"), ("publish", "a")]


def test_a_text_without_sound_is_corrected_in_its_place(archive: Archive, changes: Changes) -> None:
    session, transcript = small_session("texte", ("un deux", "trois quatre"))
    turns = tuple(
        Turn(n, "S1", tuple(Word(2 * n + k, 2 * n + k + 1, w, 1.0) for k, w in enumerate(words)))
        for n, words in enumerate((("un", "deux"), ("trois", "quatre")))
    )
    session = replace(session, parts=(), text=ImportedText("digest", 4))
    archive.save(session, replace(transcript, turns=turns))
    changes.make("texte", 1, "a", TextEdit(turn=0, text="un et demi puis deux"))
    found = archive.transcript("texte").turns
    assert [turn.text for turn in found] == ["un et demi puis deux", "trois quatre"]
    assert found[1] == turns[1] and not any(word.guessed for word in found[0].words)
    assert all(0 <= w.start_ms < w.end_ms <= 2 for w in found[0].words)
    with archive.engine.connect() as db:
        assert not db.execute(queue.table.select()).all()


def test_a_typed_word_stays_with_its_point_of_the_agenda(
    archive: Archive, changes: Changes
) -> None:
    session, transcript = small_session("s", ("un deux", "trois quatre"))
    starts = [turn.start_ms for turn in transcript.turns]
    items = tuple(AgendaItem(str(n), "Point", None, at) for n, at in enumerate(starts))
    archive.save(replace(session, agenda=items), transcript)
    changes.make("s", 1, "a", TextEdit(turn=1, text="avant tout trois quatre"))
    changes.make("s", 2, "a", TextEdit(turn=0, text="un deux et encore"))
    first, second = archive.transcript("s").turns
    assert second.start_ms == starts[1] and first.end_ms <= starts[1]


def test_progress_counts_turns_and_doubtful_words(archive: Archive, changes: Changes) -> None:
    session, transcript = small_session("s", ("un deux", "trois", "quatre"))
    unsure = tuple(
        replace(turn, words=tuple(replace(w, confidence=0.3) for w in turn.words))
        for turn in transcript.turns
    )
    archive.save(session, replace(transcript, turns=unsure))
    changes.make("s", 1, "a", TextEdit(turn=0, text="un autre"))
    with archive.begin() as db:
        mark(db, "s", [1], "a", True)
        found = progress(db, "s")
    assert (found.turns, found.checked, found.doubtful, found.settled) == (3, 1, 4, 2)


def test_a_doubt_is_settled_by_who_checks_or_changes_what_it_is_about() -> None:
    _, transcript = small_session("s", ("un deux", "trois", "quatre cinq"))
    turns = tuple(
        Outline(t.start_ms, t.end_ms, t.id, t.revision, t.speaker) for t in transcript.turns
    )
    word = ReviewItem(turns[1].start_ms, turns[1].end_ms, Doubt.REPAIR, "")
    gap = ReviewItem(turns[1].end_ms + 1, turns[2].start_ms, Doubt.UNHEARD, "")
    whole = ReviewItem(0, 10_000, Doubt.VOICES, "")
    name = ReviewItem(turns[2].start_ms, turns[2].end_ms, Doubt.NAME, "")
    every = (word, gap, whole, name)
    assert unsettled(every, turns, (), (), {}) == every
    assert unsettled(every, turns, (), {1}, {}) == (gap, whole, name)
    assert unsettled(every, turns, (), {1, 2}, {}) == (whole,)
    (said,) = transcript.turns[1].words
    typed = replace(said, confidence=1.0)
    assert word not in unsettled(every, turns, (), (), {1: (typed,)})
    assert word in unsettled(every, turns, (), (), {1: (said,)}), "cut or joined, not corrected"


def test_cutting_joining_and_undoing_keep_what_was_heard_and_is_doubtful(archive: Archive) -> None:
    session, transcript = small_session("s", ("Monsieur Rochat parle ici", "et là"))
    first = transcript.turns[0]
    noted = replace(first.words[1], heard="Rocha", confidence=0.4)
    words = (first.words[0], noted, *first.words[2:])
    doubt = ReviewItem(noted.start_ms, noted.end_ms, Doubt.REPAIR, "entendu « Rocha »")
    turns = (replace(first, words=words), *transcript.turns[1:])
    archive.save(session, replace(transcript, turns=turns, review=(doubt,)))
    changes = Changes(archive)

    def state() -> tuple[list[tuple[str | None, float]], bool]:
        now = archive.transcript("s").turns
        kept = [(w.heard, w.confidence) for turn in now for w in turn.words if w.text == "Rochat"]
        with archive.engine.connect() as db:
            outlines, voices = repository.outlines(db, "s"), repository.speakers(db, "s")
            return kept, doubt in open_doubts(db, "s", outlines, voices, ())

    as_heard = ([("Rocha", 0.4)], True)
    changes.make("s", 1, "a", Split(turn=0, word=1))
    assert state() == as_heard
    changes.make("s", 2, "a", Merge(turn=0))
    assert state() == as_heard
    changes.make("s", 3, "a", Merge(turn=0))
    assert state() == as_heard
    undo(changes, "s", 4, "a")
    assert state() == as_heard
    changes.make("s", 5, "a", TextEdit(turn=0, text="Monsieur Rochas parle ici"))
    assert not state()[1]
    undo(changes, "s", 6, "a")
    assert state() == as_heard


def test_each_run_of_doubtful_words_is_one_doubt_until_it_is_accepted(archive: Archive) -> None:
    session, transcript = small_session("s", ("un deux trois quatre", "cinq six"))
    unsure = {"deux": 0.3, "trois": 0.5, "cinq": 0.4}

    def heard(turn: Turn) -> Turn:
        words = [replace(w, confidence=unsure.get(w.text, 0.9)) for w in turn.words]
        return replace(turn, words=tuple(words))

    first, second = map(heard, transcript.turns)
    repair = ReviewItem(second.start_ms, second.end_ms, Doubt.REPAIR, "")
    generator = replace(transcript.generator, transcriber=load_calibration().transcriber)
    made = replace(transcript, turns=(first, second), review=(repair,), generator=generator)
    archive.save(session, made)
    changes = Changes(archive)

    def state() -> tuple[list[Doubt], int | None]:
        with archive.engine.connect() as db:
            found = all_open_doubts(db, "s"), likely_errors(db, "s", checked(db, "s"))
            assert all("deux trois" in i.reason for i in found[0] if i.doubt is Doubt.WORD)
            return [item.doubt for item in found[0]], found[1]

    assert state() == ([Doubt.WORD, Doubt.REPAIR], 2), "a run that another doubt begins in is its"
    changes.make("s", 1, "a", Accept(turn=0, first=1, last=2))
    assert state() == ([Doubt.REPAIR], 1)
    undo(changes, "s", 2, "a")
    assert state() == ([Doubt.WORD, Doubt.REPAIR], 2)
    changes.make("s", 3, "a", Accept(turn=1, first=0, last=0))
    with archive.begin() as db:
        mark(db, "s", [0], "a", True)
    assert state() == ([], 0)
    with pytest.raises(BadInput, match="rechargez"):
        changes.make("s", 4, "a", Accept(turn=0, first=3, last=4))


# --- killed in the middle -------------------------------------------------------------------------

_WORKER = """
import sys
from ingest.archive.repository import open_archive
from ingest.editing.changes import Changes
from ingest.editing.edits import Replace
changes = Changes(open_archive(sys.argv[1]))
for at in range(int(sys.argv[2]), 100_000):
    old, new = ("pair", "impair") if at % 2 else ("impair", "pair")
    changes.make("s", at, "a", Replace(find=old, by=new))
    print(at, flush=True)
"""


def test_a_change_that_is_killed_is_made_or_not_made(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'archive.sqlite'}"
    archive = open_archive(url)
    session, transcript = small_session("s", tuple("pair et rien" for _ in range(60)))
    archive.save(session, transcript)
    for _ in range(4):
        before = at(archive, "s")
        worker = subprocess.Popen(
            [sys.executable, "-c", _WORKER, url, str(before)],
            stdout=subprocess.PIPE,
            cwd=paths.ROOT,
        )
        assert worker.stdout is not None and worker.stdout.readline()
        until(lambda before=before: at(archive, "s") > before)  # type: ignore[misc]
        time.sleep(random.uniform(0.0, 0.4))
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        worker.stdout.close()
        now = at(archive, "s")
        word = "pair" if now % 2 == 1 else "impair"
        assert said(archive, "s") == [f"{word} et rien"] * 60
        with archive.engine.connect() as db:
            log = since(db, "s", 1)
            current = repository.current_turns(db, "s")
        assert len(log) == now - 1
        assert {turn.revision for turn in current} == {now}
    assert at(archive, "s") >= 5


def test_nothing_is_taken_back_where_nothing_was_done(archive: Archive, changes: Changes) -> None:
    session_id = kept(archive)
    act: Callable[..., int]
    for act in (undo, redo):
        with pytest.raises(Conflict):
            act(changes, session_id, 1, "a")
    assert said(archive, session_id) == list(TEXTS)


# --- ids ------------------------------------------------------------------------------------------


def ids(archive: Archive, session_id: str) -> list[int]:
    return [turn.id for turn in archive.transcript(session_id).turns]


def test_a_turn_keeps_its_id_wherever_edits_move_it(archive: Archive, changes: Changes) -> None:
    session_id = kept(archive)
    changes.make(session_id, 1, "a", Split(turn=0, word=2))
    assert ids(archive, session_id) == [0, 5, 1, 2, 3, 4], "the new half has a new id"
    changes.make(session_id, 2, "b", Merge(turn=2))
    assert ids(archive, session_id) == [0, 5, 1, 3, 4], "a join keeps the first's"
    changes.make(session_id, 3, "a", TextEdit(turn=4, text=""))
    undo(changes, session_id, 4, "b")
    assert ids(archive, session_id) == [0, 5, 1, 2, 3], "an undo brings the old id back"
    undo(changes, session_id, 5, "a")
    assert ids(archive, session_id) == [0, 5, 1, 2, 3, 4], "in its place"


def test_the_id_of_a_turn_that_went_is_given_to_no_other(
    archive: Archive, changes: Changes
) -> None:
    session_id = kept(archive)
    changes.make(session_id, 1, "a", Split(turn=4, word=1))
    undo(changes, session_id, 2, "a")
    changes.make(session_id, 3, "a", Split(turn=4, word=2))
    assert ids(archive, session_id) == [0, 1, 2, 3, 4, 6]


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_two_neighbours_that_went_come_back_in_their_order(
    archive: Archive, changes: Changes, order: str
) -> None:
    session_id = kept(archive)
    for author in "ab":
        changes.make(session_id, at(archive, session_id), author, TextEdit(turn=1, text=""))
    assert ids(archive, session_id) == [0, 3, 4]
    for author in order:
        undo(changes, session_id, at(archive, session_id), author)
    assert ids(archive, session_id) == [0, 1, 2, 3, 4]


def test_a_turn_that_came_back_between_two_keeps_them_from_being_joined(
    archive: Archive, changes: Changes
) -> None:
    session_id = kept(archive)
    changes.make(session_id, 1, "a", TextEdit(turn=1, text=""))
    undo(changes, session_id, 2, "a")
    with pytest.raises(Overtaken, match="« a »"):
        changes.make(session_id, 2, "b", Merge(turn=0))
