"""The ledger's contract: one owner a job, leases that end, late writes refused, nothing lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import update

from ingest.archive.repository import Archive
from ingest.archive.schema import now
from ingest.errors import Conflict, NotFound
from ingest.jobs import queue
from ingest.jobs.queue import (
    MANY_DEATHS,
    MOST_DEATHS,
    Job,
    JobKind,
    JobState,
    Lease,
    Lost,
    claim,
    release,
)

ALL = tuple(JobKind)


def put(
    archive: Archive, subject: str = "s", kind: JobKind = JobKind.PUBLISH, **payload: object
) -> int:
    with archive.begin() as db:
        return queue.add(db, kind, subject, "greffe", payload)


def see(archive: Archive, job_id: int) -> Job:
    with archive.engine.connect() as db:
        return queue.job(db, job_id)


def states(archive: Archive) -> dict[JobState, int]:
    """How many jobs the ledger lists in each state."""
    with archive.engine.connect() as db:
        listed = {state: len(queue.jobs(db, (state,))) for state in JobState}
    return {state: count for state, count in listed.items() if count}


def lapse(archive: Archive, ago_s: int = 1) -> None:
    """Every lease runs out, as when workers die and a minute goes by."""
    with archive.begin() as db:
        db.execute(update(queue.table).values(leased_until=now() - timedelta(seconds=ago_s)))


def taken(archive: Archive, owner: str = "w1") -> Lease:
    lease = claim(archive, owner, ALL)
    assert lease is not None
    return lease


def test_a_job_is_done_once_and_says_how_it_went(archive: Archive) -> None:
    job_id = put(archive)
    lease = taken(archive)
    assert lease.job.id == job_id and lease.job.state is JobState.RUNNING
    assert claim(archive, "w2", ALL) is None
    lease.note("words", 0.5, {"words 0": 12})
    seen = see(archive, job_id)
    assert (seen.stage, seen.fraction, seen.found) == ("words", 0.5, {"words 0": 12})
    lease.done()
    ended = see(archive, job_id)
    assert ended.state is JobState.DONE and ended.fraction == 1.0 and ended.ended_at is not None
    assert claim(archive, "w2", ALL) is None


def test_the_same_that_waits_already_is_not_added_again(archive: Archive) -> None:
    assert put(archive, change=1) == put(archive, change=1)
    assert put(archive, change=2) != put(archive, change=1)
    taken(archive)
    assert put(archive, change=1) > 2  # the one that runs may have begun too early to see it


def test_many_workers_at_once_never_share_a_job(archive: Archive) -> None:
    wanted = {put(archive, f"s{n}") for n in range(12)}

    def drain(owner: str) -> list[int]:
        mine = []
        while lease := claim(archive, owner, ALL):
            mine.append(lease.job.id)
            lease.done()
        return mine

    with ThreadPoolExecutor(6) as pool:
        done = [job for found in pool.map(drain, [f"w{n}" for n in range(6)]) for job in found]
    assert sorted(done) == sorted(wanted)


def test_jobs_of_one_session_follow_each_other(archive: Archive) -> None:
    first, second, other = put(archive, "a", n=1), put(archive, "a", n=2), put(archive, "b")
    lease = taken(archive)
    assert lease.job.id == first
    assert taken(archive, "w2").job.id == other
    assert claim(archive, "w3", ALL) is None
    lease.done()
    assert taken(archive, "w3").job.id == second


def test_a_lane_takes_only_its_own(archive: Archive) -> None:
    put(archive, "a", JobKind.INGEST)
    short = put(archive, "b", JobKind.ALIGN)
    lease = claim(archive, "w", (JobKind.ALIGN, JobKind.PUBLISH))
    assert lease is not None and lease.job.id == short
    assert claim(archive, "w", (JobKind.ALIGN, JobKind.PUBLISH)) is None


def test_a_dead_worker_s_job_goes_on_with_another(archive: Archive) -> None:
    put(archive)
    taken(archive, "dies")
    assert claim(archive, "w2", ALL) is None
    lapse(archive)
    assert taken(archive, "w2").job.attempts == 2


def test_a_job_does_not_run_any_more_from_the_moment_that_its_lease_ends(archive: Archive) -> None:
    job_id = put(archive)
    lease = taken(archive, "dies")
    assert states(archive) == {JobState.RUNNING: 1}
    lapse(archive, 0)
    assert see(archive, job_id).state is JobState.INTERRUPTED
    assert states(archive) == {JobState.INTERRUPTED: 1}
    lease.extend()  # it was only slow
    assert see(archive, job_id).state is JobState.RUNNING


def test_a_clock_that_is_set_back_holds_no_dead_workers_job_and_takes_none_from_a_living_one(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(archive, "abandoned")
    put(archive, "held")
    taken(archive, "dies")
    held = taken(archive, "lives")
    late = timedelta(hours=-30)
    monkeypatch.setattr(queue, "now", lambda: now() + late)
    assert claim(archive, "other", ALL) is None
    held.extend()  # its next heartbeat
    late += timedelta(seconds=queue.LEASE_S - 1)
    assert claim(archive, "other", ALL) is None
    held.extend()
    late += timedelta(seconds=2)
    other = taken(archive, "other")
    assert other.job.subject == "abandoned"
    assert claim(archive, "third", ALL) is None
    held.done()
    other.done()
    assert states(archive) == {JobState.DONE: 2}


def test_what_is_cancelled_after_its_lease_ended_is_cancelled_at_once(archive: Archive) -> None:
    job_id = put(archive)
    late = taken(archive, "late")
    lapse(archive)
    with archive.begin() as db:
        queue.cancel(db, job_id)
    assert see(archive, job_id).state is JobState.CANCELLED
    with pytest.raises(Lost):
        late.done()


def test_no_job_waits_for_an_owner_known_to_be_dead(archive: Archive) -> None:
    put(archive)
    taken(archive, "dies")
    assert release(archive, lambda owner: owner == "lives") == 0
    assert release(archive, lambda owner: owner == "dies") == 1
    assert taken(archive, "w2")


def test_a_heartbeat_keeps_a_job(archive: Archive) -> None:
    put(archive)
    lease = taken(archive)
    lapse(archive)
    assert lease.extend() is False
    assert claim(archive, "w2", ALL) is None


def _finish(lease: Lease) -> None:
    lease.done()


def _progress(lease: Lease) -> None:
    lease.note("words", 0.9, {})


def _fail(lease: Lease) -> None:
    lease.failed("Raté.")


def _cancel(lease: Lease) -> None:
    lease.cancelled()


def _put_back(lease: Lease) -> None:
    lease.put_back()


def _extend(lease: Lease) -> None:
    lease.extend()


@pytest.mark.parametrize("write", [_finish, _progress, _fail, _cancel, _put_back, _extend])
def test_late_writes_of_a_worker_that_lost_its_job_are_refused(
    archive: Archive, write: Callable[[Lease], None]
) -> None:
    job_id = put(archive)
    late = taken(archive, "late")
    lapse(archive)
    taken(archive, "w2").note("voices", 0.7, {})
    with pytest.raises(Lost):
        write(late)
    seen = see(archive, job_id)
    assert (seen.state, seen.stage, seen.fraction) == (JobState.RUNNING, "voices", 0.7)


def test_what_is_written_with_the_end_is_not_written_by_a_late_worker(archive: Archive) -> None:
    put(archive)
    late = taken(archive, "late")
    lapse(archive)
    taken(archive, "w2")
    wrote: list[int] = []
    with pytest.raises(Lost):
        late.done(lambda db: wrote.append(1))
    assert wrote == []


def test_a_job_that_kills_its_workers_ends_with_a_sentence(archive: Archive) -> None:
    job_id = put(archive)
    for n in range(MOST_DEATHS):
        taken(archive, f"w{n}").note("words", 0.3, {})
        lapse(archive, 7200)
    assert claim(archive, "w", ALL) is None
    seen = see(archive, job_id)
    assert seen.state is JobState.FAILED and "s'est interrompu" in seen.error


def test_a_job_that_kills_many_rests_from_one_to_the_next(archive: Archive) -> None:
    put(archive)
    for n in range(MANY_DEATHS):
        taken(archive, f"w{n}").note("words", 0.3, {})
        lapse(archive)
    other = put(archive, "other")
    assert taken(archive).job.id == other
    release(archive, lambda owner: True)  # which does not make it rest for ever
    lapse(archive, 70)
    assert taken(archive, "w").job.attempts == MANY_DEATHS + 1


def test_a_job_that_gets_further_each_time_may_be_killed_for_ever(archive: Archive) -> None:
    put(archive)
    for n in range(3 * MOST_DEATHS):
        taken(archive, f"w{n}").note("words", 0.05 * n, {})
        lapse(archive)
    assert taken(archive)


def test_a_worker_that_stops_hands_its_job_back(archive: Archive) -> None:
    job_id = put(archive)
    for n in range(2 * MOST_DEATHS):
        taken(archive, f"w{n}").put_back()
    assert see(archive, job_id).attempts == 0
    taken(archive).put_back(after_s=60)
    assert claim(archive, "w", ALL) is None


def test_cancelling(archive: Archive) -> None:
    waits = put(archive, "a")
    with archive.begin() as db:
        queue.cancel(db, waits)
    assert see(archive, waits).state is JobState.CANCELLED
    runs = put(archive, "b")
    lease = taken(archive)
    with archive.begin() as db:
        queue.cancel(db, runs)
    assert lease.extend() is True and lease.note("words", 0.1, {}) is True
    lease.cancelled()
    assert see(archive, runs).state is JobState.CANCELLED
    with archive.begin() as db:
        queue.cancel(db, runs)  # has ended: nothing happens


def test_what_is_to_be_cancelled_is_not_taken_up_after_its_worker_died(archive: Archive) -> None:
    job_id = put(archive)
    taken(archive)
    with archive.begin() as db:
        queue.cancel(db, job_id)
    lapse(archive)
    assert claim(archive, "w2", ALL) is None
    assert see(archive, job_id).state is JobState.CANCELLED


def test_retrying(archive: Archive) -> None:
    job_id = put(archive)
    taken(archive).failed("Le disque est plein.")
    assert see(archive, job_id).error == "Le disque est plein."
    with archive.begin() as db:
        queue.retry(db, job_id)
    assert see(archive, job_id).error == ""
    with archive.begin() as db, pytest.raises(Conflict):
        queue.retry(db, job_id)
    taken(archive).done()
    with archive.begin() as db, pytest.raises(Conflict):
        queue.retry(db, job_id)
    with archive.begin() as db, pytest.raises(NotFound):
        queue.retry(db, 99)
