"""What must hold when a killed process is followed by another: found by reading everything back.

The next process is a worker that does what `verbatim worker` does at its start, and the jobs that
wait. Nothing else is done: no command, no repair. Then what was acknowledged is held against what
is there, and nothing may be there twice.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import func, select, update

from api.commands.integrity import findings, kept_traces
from api.product import Product
from api.redaction import order_due, take_up
from api.worker.worker import KEEPING, LONG, SHORT, Worker
from ingest.archive import audit, change_log, redactions
from ingest.archive import schema as t
from ingest.archive.backup import check
from ingest.archive.redactions import RedactionStage
from ingest.archive.repository import opened
from ingest.database.transfer import copy, first_used, tables
from ingest.intake import intake
from ingest.intake.intake import ArrivalState, folder
from ingest.intake.uploads import sweep
from ingest.jobs import queue
from ingest.redaction.proof import pattern
from ingest.transcript import Status
from search.index import store
from tests.stress.acts import SESSIONS, Place, product_of, secret, sound_of

_ROUNDS = 6  # of a worker: a redaction that finds the index busy is queued twice at most


def recovered(place: Place) -> Iterator[str]:
    """What is wrong after the next process has come up, a sentence each."""
    product = product_of(place)
    lines = place.lines()
    yield from _go_on(product)
    yield from _uploads(product, place, lines)
    yield from _sessions(product, lines)
    yield from _text(product, lines)
    yield from _redactions(product, lines)
    yield from _backups(place, lines)
    yield from _migration(product, place, lines)
    yield from (f"verify: {one.where}: {one.what}" for one in findings(product))
    product.archive.engine.dispose()


def _go_on(product: Product) -> Iterator[str]:
    settings, archive = product.settings, product.archive
    worker = Worker(product)
    for _ in range(_ROUNDS):
        worker.bury()
        sweep(archive, settings.data, settings.keep_unsent_days, settings.keep_source_days)
        order_due(archive, date.today())
        take_up(archive)
        with archive.begin() as db:
            if not queue.jobs(db, queue.WAITING):
                break
            db.execute(update(queue.table).values(not_before=None))  # time passes
        for lane in (LONG, SHORT, KEEPING):
            worker.work(lane)
    worker.end(1.0)
    with archive.engine.connect() as db:
        for job in queue.jobs(db, (*queue.WAITING, queue.JobState.FAILED)):
            yield f"job {job.kind} {job.subject} is {job.state}: {job.error}"


def _uploads(product: Product, place: Place, lines: list[dict[str, Any]]) -> Iterator[str]:
    """Bytes that were acknowledged are there, in their order."""
    numbers = {one["arrival"]: one["number"] for one in lines if one["what"] == "begun"}
    kept = {one["file"]: one for one in lines if one["what"] == "kept"}
    with product.archive.engine.connect() as db:
        known = {one.id: one for one in intake.every(db, *ArrivalState)}
    for file, line in kept.items():
        arrival_id, wanted = line["arrival"], line["bytes"]
        if arrival_id not in known:
            yield f"arrival {arrival_id} is gone"
            continue
        received = {one.id: one.received for one in known[arrival_id].files}
        if received.get(file, wanted) < wanted:
            yield f"{wanted} bytes of {file} were acknowledged, {received[file]} are"
        path = folder(place.data, arrival_id) / file
        if known[arrival_id].state is ArrivalState.DONE and not path.exists():
            continue
        content = sound_of(numbers[arrival_id])[:wanted]
        if not path.exists() or path.read_bytes()[:wanted] != content:
            yield f"{wanted} bytes of {file} were acknowledged, and are not there"
    sent = {one["arrival"] for one in lines if one["what"] == "sent"}
    for arrival_id in sent:
        if arrival_id not in known or known[arrival_id].state is ArrivalState.PREPARING:
            yield f"arrival {arrival_id} was sent, and is not"


def _sessions(product: Product, lines: list[dict[str, Any]]) -> Iterator[str]:
    """Each recording that was heard is one session, with its words and its sound."""
    with product.archive.engine.connect() as db:
        done = [one for one in intake.every(db, ArrivalState.DONE) if one.session]
        left = db.execute(select(func.count()).select_from(t.checkpoints)).scalar_one()
    made = Counter(one.session for one in done)
    heard = {arrival for one in lines for arrival in one.get("arrivals", ())}
    yield from (f"session of {one} is gone" for one in heard - {one.id for one in done})
    yield from (f"session {one} is of {n} arrivals" for one, n in made.items() if n > 1)
    expected = {*SESSIONS, "texte", *made}
    there = [session.id for session in product.archive.sessions()]
    if Counter(there) != Counter(expected):
        yield f"sessions are {sorted(there)}, not {sorted(map(str, expected))}"
    if left:
        yield f"{left} checkpoints are left of recordings that were heard"
    for session_id in made:
        words = [
            w for turn in product.archive.transcript(str(session_id)).turns for w in turn.words
        ]
        if len(words) != len({word.start_ms for word in words}) or not words:
            yield f"session {session_id} has words twice, or none"


def _text(product: Product, lines: list[dict[str, Any]]) -> Iterator[str]:
    """Edits that were acknowledged were made, each once; what is published follows them."""
    with product.archive.engine.connect() as db:
        made = [one for one in change_log.since(db, "texte", 1) if one.author == "greffe"]
        entries = [e for e in audit.newest(db, 10_000) if e.what == "texte"]
        passages = list(db.execute(select(store.passages.c.text, store.passages.c.session_id)))
    begun = [one["text"] for one in lines if one["what"] == "editing"]
    ended = [one["text"] for one in lines if one["what"] == "edited"]
    if not len(ended) <= len(made) <= len(begun):
        yield f"{len(ended)} edits were acknowledged, {len(begun)} begun, {len(made)} are there"
    last = {one["turn"]: one["text"] for one in lines if one["what"] == "edited"}
    possible = {one["turn"]: one["text"] for one in lines if one["what"] == "editing"}
    for turn in product.archive.transcript("texte").turns:
        text = " ".join(word.text for word in turn.words)
        if turn.index in last and text not in (last[turn.index], possible[turn.index]):
            yield f"turn {turn.index} says « {text} », not « {last[turn.index]} »"
    acts = Counter(entry.action for entry in entries)
    ordered = sum(one["what"] == "ordered" and one["act"] == "publish" for one in lines)
    ended_n = sum(one["what"] == "published" for one in lines)
    if not ended_n <= acts["session.publish"] <= ordered + 1:
        yield f"published {acts['session.publish']} times, ordered {ordered}, ended {ended_n}"
    status = product.archive.status("texte")
    begins = [one["what"] for one in lines if one["act"] == "publish" and "number" not in one]
    if begins and begins[-1] in ("ordered", "published") and status is not Status.PUBLISHED:
        yield f"the text was to be published, and is {status}"
    shown = "\n".join(text for text, session_id in passages if session_id == "texte")
    if status is Status.PUBLISHED:
        for turn in product.archive.transcript("texte").turns:
            text = " ".join(word.text for word in turn.words)
            if shown.count(text) != 1:
                yield f"« {text} » is found {shown.count(text)} times among what is searched"


def _redactions(product: Product, lines: list[dict[str, Any]]) -> Iterator[str]:
    """A redaction that was acknowledged holds; one that was begun is whole, or never was."""
    closed = {one["session"] for one in lines if one["what"] == "closed"}
    begun = {one["session"] for one in lines if one["what"] == "closing"}
    for session_id in begun:
        with product.archive.engine.connect() as db:
            found = [one.stage for one in redactions.of_session(db, session_id)]
        if not found and session_id in closed:
            yield f"the redaction of {session_id} is gone"
        if len(found) > 1 or (found and found[0] is not RedactionStage.DONE):
            yield f"the redactions of {session_id} are {found}"
        if found:
            traces = kept_traces(product, [pattern(secret(session_id))])
            yield from (f"the secret of {session_id} is in {one.file}" for one in traces)


def _backups(place: Place, lines: list[dict[str, Any]]) -> Iterator[str]:
    """Every backup that is there is whole, and none that was made is gone; nothing else is left."""
    kept = place.outside / "backups"
    for path in kept.iterdir():
        if path.suffix == ".sha256":
            continue
        if path.suffix != ".tar":
            yield f"{path.name} is left beside the backups"
        elif path.name not in _read:
            check(path, lambda _: None)
            _read.add(path.name)
    made = {one["name"] for one in lines if one["what"] == "made"}
    yield from (f"backup {one} is gone" for one in made - {path.name for path in kept.iterdir()})


_read: set[str] = set()


def _migration(product: Product, place: Place, lines: list[dict[str, Any]]) -> Iterator[str]:
    """A copy that was cut off has left an empty database, in which the command ends."""
    act = [one for one in lines if one["act"] == "migrate" and "url" in one]
    if not lines or lines[-1]["act"] != "migrate" or not act:
        return
    url, is_whole = act[-1]["url"], act[-1]["what"] == "copied"
    with opened(url) as other:
        with other.engine.connect() as db:
            used = first_used(db, tables(db))
        if is_whole and not used:
            yield "a database that was copied is empty"
        if not used:
            with product.archive.begin() as source, other.begin() as target:
                copy(source, target, lambda _: None)
        if place.other:  # the next one is to find it empty
            with other.begin() as db:
                db.exec_driver_sql("DROP SCHEMA public CASCADE")
                db.exec_driver_sql("CREATE SCHEMA public")
    for path in place.outside.glob("other-*"):
        path.unlink()
