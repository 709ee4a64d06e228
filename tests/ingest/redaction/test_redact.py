"""A redacted passage: out of text, log, search, answers, sound, files, and nothing else."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import text

from api.commands.integrity import findings, no_trace
from api.commands.redaction import close_and_prove
from api.product import Product
from ingest.archive import redactions
from ingest.archive.backup import back_up
from ingest.archive.change_log import revision
from ingest.archive.redactions import RedactionReason, RedactionStage
from ingest.editing.changes import Changes, undo
from ingest.editing.edits import TextEdit, Voice
from ingest.errors import BadInput, Conflict, NotFound
from ingest.jobs import queue
from ingest.redaction.proof import pattern, traces
from ingest.redaction.redact import RedactionRequest, cut, mark
from ingest.redaction.silence import AFTER_MS, BEFORE_MS, loudest
from ingest.text_import.importer import TextRequest, import_texts
from ingest.transcript import Erased, ImportedText, Span, Status, Word
from search.index.store import follow
from search.index.withdraw import hold_in_camera, preview, redact_passage, reopen
from search.language.stems import stems
from tests.support.office import signed_in
from tests.support.redaction_site import (
    AFTER,
    BEFORE,
    LAST,
    OPENING,
    OTHER,
    SECRET,
    SECRET_SPAN,
    SITTING,
    product_at,
    published_at,
    sitting,
)
from web.app import create_app

ASKED = RedactionRequest(SECRET_SPAN, RedactionReason.IN_CAMERA, "greffe")
QUESTION = "Monsieur Untel souffre d'une maladie ?"


@pytest.fixture
def product(tmp_path: Path) -> Product:
    return published_at(tmp_path / "data")


def decoded(path: Path) -> NDArray[np.int16]:
    to_mono = av.AudioResampler("s16", "mono", 48_000)
    with av.open(str(path)) as container:
        blocks = [
            block.to_ndarray()[0]
            for frame in container.decode(container.streams.audio[0])
            for block in to_mono.resample(frame)
        ]
    return np.concatenate(blocks)


def part(samples: NDArray[np.int16], start_ms: int, end_ms: int) -> NDArray[np.int16]:
    return samples[start_ms * 48 : end_ms * 48]


def packets(path: Path) -> list[tuple[int, bytes]]:
    with av.open(str(path)) as container:
        return [(p.pts, bytes(p)) for p in container.demux(audio=0) if p.size]


def found(product: Product) -> set[str]:
    return {hit.passage.session for hit in product.search("crédit piscine", 20)}


def texts(product: Product) -> list[str]:
    return [turn.text for turn in product.archive.transcript(SITTING).turns]


# --- words ------------------------------------------------------------------------------------


def test_the_words_go_and_those_around_them_keep_their_times(product: Product) -> None:
    before = product.archive.transcript(SITTING)
    product.close(SITTING, ASKED)
    after = product.archive.transcript(SITTING)
    assert texts(product) == [OPENING, BEFORE, AFTER, LAST]
    assert [turn.index for turn in after.turns] == [0, 1, 2, 3]
    assert after.closed == (SECRET_SPAN,)
    kept = {word for turn in before.turns for word in turn.words if word.text in AFTER.split()}
    assert set(after.turns[2].words) <= kept
    assert product.archive.session(SITTING).status is Status.PUBLISHED


def test_a_word_at_the_edge_goes_whole(product: Product) -> None:
    done = product.close(SITTING, replace(ASKED, span=Span(7_500, 7_600)))
    assert done.span == Span(7_400, 7_780)
    assert SECRET.split()[1] not in " ".join(texts(product)).split()


def test_a_turn_of_which_nothing_is_left_goes_with_a_voice_that_said_nothing_else(
    product: Product,
) -> None:
    product.close(SITTING, replace(ASKED, span=Span(4_400, 12_000)))
    transcript = product.archive.transcript(SITTING)
    assert texts(product) == [OPENING, LAST]
    assert [speaker.label for speaker in transcript.speakers] == ["S1"]


def test_what_is_noted_of_the_passage_goes_too(product: Product) -> None:
    product.close(SITTING, ASKED)
    transcript = product.archive.transcript(SITTING)
    assert [one.start_ms for one in transcript.review] == [14_000]
    assert transcript.unheard == (Span(9_780, 13_000),)
    reasons = {speaker.label: speaker.reason for speaker in transcript.speakers}
    assert reasons == {"S1": "", "S2": "appelée à 0:00:01"}


def test_nothing_outside_the_session_can_be_redacted(product: Product) -> None:
    for span in (Span(5_000, 5_000), Span(9_000, 8_000), Span(19_000, 21_000)):
        with pytest.raises(BadInput, match="n'est pas dans la séance"):
            product.close(SITTING, replace(ASKED, span=span))
    with pytest.raises(NotFound):
        product.close("absente", ASKED)
    assert SECRET in " ".join(texts(product))


def test_words_changed_since_they_were_shown_are_not_erased_unseen(product: Product) -> None:
    session = product.archive.session(SITTING)
    seen = mark(preview(product.archive, session, ASKED))
    changes = Changes(product.archive, (follow,))
    corrected = f"{BEFORE} Monsieur Untel souffre d'une maladie bénigne. {AFTER}"
    changes.make(SITTING, 1, "autre", TextEdit(turn=1, text=corrected))
    with pytest.raises(Conflict, match="ont changé"):
        redact_passage(product.archive, SITTING, replace(ASKED, seen=seen))
    assert "bénigne." in " ".join(texts(product))


def test_redacting_the_same_again_changes_no_word(product: Product) -> None:
    product.close(SITTING, ASKED)
    before = texts(product)
    product.close(SITTING, replace(ASKED, why=RedactionReason.ERASED))
    assert texts(product) == before
    assert product.archive.transcript(SITTING).closed == (SECRET_SPAN,)


def test_what_was_erased_on_request_is_told_apart_from_what_was_held_in_camera(
    product: Product,
) -> None:
    product.close(SITTING, replace(ASKED, why=RedactionReason.ERASED))
    assert product.archive.transcript(SITTING).closed == (Erased(7_000, 9_780),)


def test_a_text_without_sound_is_redacted_by_its_words() -> None:
    session, transcript = sitting()
    of_text = replace(session, parts=(), text=ImportedText("x", 20_000))
    assert cut(transcript.turns, of_text, SECRET_SPAN).near == Span(6_995, 9_785)


# --- the log of changes -----------------------------------------------------------------------


def test_the_log_keeps_who_and_when_but_not_what_was_said(product: Product) -> None:
    changes = Changes(product.archive, (follow,))
    corrected = f"{BEFORE} Monsieur Untel souffre d'une maladie bénigne. {AFTER}"
    changes.make(SITTING, 1, "zoe", TextEdit(turn=1, text=corrected))
    changes.make(SITTING, 2, "zoe", TextEdit(turn=2, text="La crèche ouvrira en octobre."))
    product.close(SITTING, ASKED)
    with product.archive.engine.connect() as db:
        log = db.execute(text("SELECT author, kind, splices FROM changes ORDER BY number")).all()
    assert [(row.author, row.kind) for row in log] == [
        ("zoe", "text"),
        ("zoe", "text"),
        ("greffe", "close"),
    ]
    assert not any(
        word in log[0].splices + log[2].splices for word in ("Untel", "bénigne", "crédit")
    )
    assert "octobre." in log[1].splices and "septembre." in log[1].splices


def test_the_log_forgets_who_said_nothing_else(product: Product) -> None:
    changes = Changes(product.archive, (follow,))
    changes.name(SITTING, "S2", "Ludivine Tranquart", "zoe")
    changes.name(SITTING, "S1", "Aldegonde Mirabaud", "zoe")
    product.close(SITTING, replace(ASKED, span=Span(4_400, 12_000)))  # all that S2 said
    with product.archive.engine.connect() as db:
        log = str(db.execute(text("SELECT author, kind, voices FROM changes")).all())
    assert "zoe" in log and "Aldegonde" in log
    assert "Ludivine" not in log and "Fontanet" not in log


def test_a_change_from_before_is_not_taken_back_over_it(product: Product) -> None:
    changes = Changes(product.archive, (follow,))
    changes.make(SITTING, 1, "greffe", TextEdit(turn=1, text=f"{BEFORE} {AFTER}"))
    redact_passage(product.archive, SITTING, ASKED)
    with product.archive.engine.connect() as db:
        now = revision(db, SITTING)
    with pytest.raises(Conflict, match="rien à annuler"):
        undo(changes, SITTING, now, "greffe")


def test_a_clerk_who_edits_what_was_redacted_meanwhile_learns_of_it(product: Product) -> None:
    redact_passage(product.archive, SITTING, ASKED)
    changes = Changes(product.archive, (follow,))
    with pytest.raises(Conflict, match="greffe"):
        changes.make(SITTING, 1, "autre", TextEdit(turn=1, text=f"{BEFORE} {SECRET} {AFTER}"))
    changes.make(SITTING, 1, "autre", TextEdit(turn=2, text="La crèche ouvrira en mai."))
    assert texts(product)[3] == "La crèche ouvrira en mai."


# --- search and answers -----------------------------------------------------------------------


def test_redacted_words_are_found_nowhere_from_the_first_moment_on(product: Product) -> None:
    assert any(SECRET in hit.passage.text for hit in product.search(QUESTION, 20))
    redact_passage(product.archive, SITTING, ASKED)  # and no job has run yet
    assert not any("Untel" in hit.passage.text for hit in product.search(QUESTION, 20))
    assert not any("Untel" in c.quote for c in product.ask(QUESTION).answer.citations)
    product.redactor.finish(SITTING)
    said = {hit.passage.text for hit in product.search("crédit piscine crèche", 20)}
    assert any(AFTER in passage for passage in said)
    assert not any("Untel" in passage for passage in said)


def test_a_draft_stays_a_draft(product: Product) -> None:
    product.withdraw(SITTING)
    product.close(SITTING, ASKED)
    assert product.archive.status(SITTING) is Status.WITHDRAWN
    assert SITTING not in found(product)


@pytest.mark.parametrize("vectors", ["memory", "chroma"])
def test_no_byte_of_it_is_left(tmp_path: Path, vectors: str) -> None:
    root = tmp_path / "data"
    product = published_at(root, vectors=vectors)
    product.search(QUESTION, 5)
    if product.index:
        product.index.sync(patience_s=None)
    said = [SECRET, "maladie grave", "Untel"]
    places = {trace.where for trace in no_trace(product, said)}
    assert {"octets", "table turns", "table passages", "recherche"} <= places
    done = close_and_prove(product, SITTING, ASKED, preview_words(product))
    assert done.words == 6 and done.runs > 0 and done.traces == ()
    assert list(no_trace(product, said)) == []
    assert list(findings(product)) == []
    kept = tmp_path / "kept"
    back_up(product.archive, root, product.blobs, kept / "after.tar", lambda _: None)
    shutil.unpack_archive(kept / "after.tar", kept / "unpacked", filter="data")
    assert (kept / "unpacked" / "archive.sqlite").is_file()
    assert list(traces(kept, [pattern(one) for one in said])) == []
    if product.index:
        product.index.close()


def preview_words(product: Product) -> tuple[Word, ...]:
    return preview(product.archive, product.archive.session(SITTING), ASKED).gone


def test_the_index_on_disk_is_made_anew_without_it(tmp_path: Path) -> None:
    product = published_at(tmp_path / "data")
    assert product.index is not None
    product.index.sync(patience_s=None)
    before = set((tmp_path / "data" / "index").rglob("store-*"))
    done = redact_passage(product.archive, SITTING, ASKED)
    product.redactor.finish(SITTING)
    after = set((tmp_path / "data" / "index").rglob("store-*"))
    assert before and not before & after
    held = b"".join(p.read_bytes() for p in (tmp_path / "data" / "index").rglob("*") if p.is_file())
    assert done.passages and not any(id_.encode() in held for id_ in done.passages)
    product.index.close()


# --- sound ------------------------------------------------------------------------------------


def test_the_sound_is_silence_there_and_the_same_everywhere_else(product: Product) -> None:
    folder = product.settings.data / "media" / SITTING
    old, old_packets = decoded(folder / "listen.opus"), packets(folder / "listen.opus")
    product.close(SITTING, ASKED)
    new, new_packets = decoded(folder / "listen.opus"), packets(folder / "listen.opus")
    start, end = SECRET_SPAN.start_ms - BEFORE_MS, SECRET_SPAN.end_ms + AFTER_MS
    assert len(new) == len(old)
    assert not part(new, start, end).any()
    assert (part(new, 0, start - 20) == part(old, 0, start - 20)).all()
    assert (part(new, end + 700, 20_000) == part(old, end + 700, 20_000)).all()
    for before, after in zip(old_packets, new_packets, strict=True):
        at_ms = before[0] / 48
        if at_ms + 20 <= start or at_ms >= end:
            assert before == after
    mp3 = decoded(folder / "listen.mp3")
    assert abs(len(mp3) - len(old)) < 48 * 100
    assert np.abs(part(mp3, start + 60, end - 60)).max() <= 2
    assert np.abs(part(mp3, 1_000, start - 100)).max() > 1_000


def test_silence_is_added_to_silence(product: Product) -> None:
    product.close(SITTING, ASKED)
    product.close(SITTING, replace(ASKED, span=Span(14_000, 16_000)))
    folder = product.settings.data / "media" / SITTING
    for name in ("listen.opus", "listen.mp3"):
        assert loudest(folder / name, [SECRET_SPAN, Span(14_000, 16_000)]) <= 2


@pytest.mark.parametrize("span", [Span(0, 500), Span(19_000, 20_000), Span(0, 20_000)])
def test_a_passage_may_be_the_first_or_the_last_or_all_there_is(
    product: Product, span: Span
) -> None:
    product.close(SITTING, replace(ASKED, span=span))
    folder = product.settings.data / "media" / SITTING
    assert not part(decoded(folder / "listen.opus"), span.start_ms, span.end_ms).any()
    assert list(findings(product)) == []


def test_a_reader_who_streams_the_old_file_gets_no_more_of_it(product: Product) -> None:
    path = product.settings.data / "media" / SITTING / "listen.opus"
    with path.open("rb", buffering=0) as held:
        held.read(100)
        product.close(SITTING, ASKED)
        assert held.read() == b""
    assert list(path.parent.glob("*.new")) == []


# --- whole sessions ---------------------------------------------------------------------------


def test_a_whole_session_in_camera_is_gone_and_comes_back_as_a_draft(product: Product) -> None:
    hold_in_camera(product.archive, SITTING)
    assert product.archive.status(SITTING) is Status.IN_CAMERA
    assert SITTING not in found(product)
    with pytest.raises(Conflict, match="huis clos"):
        product.publish(SITTING)
    reopen(product.archive, SITTING)
    assert product.archive.status(SITTING) is Status.DRAFT
    product.publish(SITTING)
    assert SITTING in found(product)
    with pytest.raises(Conflict, match="retirez-la"):
        reopen(product.archive, SITTING)


def test_a_correction_does_not_publish_what_was_withdrawn(product: Product) -> None:
    changes = Changes(product.archive, (follow,))
    changes.make(SITTING, 1, "greffe", TextEdit(turn=2, text="La crèche ouvrira en mai."))
    product.withdraw(SITTING)
    with product.archive.engine.connect() as db:
        publishing = queue.newest(db, SITTING, queue.JobKind.PUBLISH)
    assert publishing is not None and publishing.state is queue.JobState.CANCELLED
    product.refresh(SITTING)  # as a job does that had begun before
    assert product.archive.status(SITTING) is Status.WITHDRAWN


def test_a_session_that_is_erased_leaves_nothing_but_the_others(product: Product) -> None:
    product.erase(SITTING)
    assert [session.id for session in product.archive.sessions()] == [OTHER]
    assert not (product.settings.data / "media" / SITTING).exists()
    assert list(no_trace(product, [SECRET, BEFORE, LAST])) == []
    assert list(findings(product)) == []
    product.archive.save(*sitting())  # and it can be brought in again


def test_remains_of_an_ingest_that_was_killed_go_too(product: Product) -> None:
    (secret,) = [turn for turn in product.archive.transcript(SITTING).turns if turn.index == 1]
    heard = [[w.start_ms, w.end_ms, w.text, 0.9, None] for w in secret.words]
    with product.archive.begin() as db:
        insert = (
            "INSERT INTO checkpoints (job, stage, \"window\", result) VALUES (:j, 'words 0', 0, :r)"
        )
        db.execute(text(insert), {"j": "killed", "r": json.dumps(heard).encode()})
        db.execute(text(insert), {"j": "another", "r": b'[[1, 2, "autre", 0.9, null]]'})
    work = product.settings.data / "work"
    for job in ("killed", "another"):
        (work / job).mkdir(parents=True)
        (work / job / "audio.pcm").write_bytes(b"sound")
    product.close(SITTING, ASKED)
    with product.archive.engine.connect() as db:
        assert db.execute(text("SELECT job FROM checkpoints")).scalars().all() == ["another"]
    assert [path.name for path in work.glob("*/")] == ["another"]


def test_a_redaction_is_noted_until_it_is_done(product: Product) -> None:
    done = redact_passage(product.archive, SITTING, ASKED)
    assert done.stage is RedactionStage.WORDS and done.passages
    with product.archive.engine.connect() as db:
        assert [job.kind for job in queue.jobs(db, queue.WAITING)] == ["close", "publish"]
    product.redactor.finish(SITTING)
    with product.archive.engine.connect() as db:
        (one,) = redactions.of_session(db, SITTING)
    assert one.stage is RedactionStage.DONE and one.passages == ()


def test_no_word_of_it_is_left_in_the_full_text(product: Product) -> None:
    product.close(SITTING, ASKED)
    with product.archive.engine.connect() as db:
        terms = set(" ".join(db.execute(text("SELECT stems FROM passages")).scalars()).split())
    assert set(stems("piscine municipale")) <= terms
    assert not set(stems("Untel maladie grave")) & terms


# --- what came with the words -----------------------------------------------------------------

MINUTES = """La séance est ouverte à 20 h 30.

1. Communications

Mme Hélène Baudin (PS). Bonsoir à toutes et à tous.

2. Naturalisations

3. Requête de Monsieur Zbigniew Wisniewski

Mme Oda Quilleret (PLR). Le requérant souffre d'un mal grave.

4. Piscine municipale

Mme Hélène Baudin (PS). Revenons à la piscine municipale.
"""
TEXT = "2024-05-14-pv"
HIDDEN_TITLE, HIDDEN_NAME = "Requête de Monsieur Zbigniew Wisniewski", "Oda Quilleret"


@pytest.fixture
def minutes(tmp_path: Path) -> Product:
    """A product with one published text, in which a clerk has named a voice anew."""
    product = product_at(tmp_path / "data")
    path = tmp_path / f"{TEXT}.txt"
    path.write_text(MINUTES, "utf-8")
    import_texts(TextRequest((path,), titled=lambda day: f"Séance du {day}"), product.archive)
    product.publish(TEXT, without_times=True)
    return product


def whole_turn(product: Product, words: str) -> RedactionRequest:
    turns = product.archive.transcript(TEXT).turns
    turn = next(turn for turn in turns if words in turn.text)
    return RedactionRequest(Span(turn.start_ms, turn.end_ms), RedactionReason.ERASED, "greffe")


def titles_of(product: Product) -> list[str]:
    return [item.title for item in product.archive.session(TEXT).agenda]


def test_titles_and_names_that_came_with_an_erased_text_are_left_nowhere(minutes: Product) -> None:
    changes = Changes(minutes.archive, (follow,))
    turn = next(t for t in minutes.archive.transcript(TEXT).turns if "requérant" in t.text)
    edit = Voice(turn=turn.index, person="Ludivine Tranquart", everywhere=False)
    changes.make(TEXT, 1, "greffe", edit)  # another is said to speak, then yet another
    edit = Voice(turn=turn.index, person="Aldegonde Mirabaud", everywhere=False)
    changes.make(TEXT, 2, "greffe", edit)
    names = [HIDDEN_NAME, "Ludivine Tranquart", "Aldegonde Mirabaud"]
    phrases = [HIDDEN_TITLE, "Zbigniew", "Naturalisations", *names]
    places = {trace.where for trace in no_trace(minutes, phrases)}
    assert {"table agenda_items", "table changes", "table people", "table speakers"} <= places
    asked = whole_turn(minutes, "requérant")
    found = preview(minutes.archive, minutes.archive.session(TEXT), asked)
    assert [point.title for point in found.points] == ["Naturalisations", HIDDEN_TITLE]
    done = close_and_prove(minutes, TEXT, asked, found.gone, found.points)
    assert done.traces == ()
    assert list(no_trace(minutes, phrases)) == []
    assert titles_of(minutes) == ["Communications", "Piscine municipale"]
    said = {person.name for person in minutes.archive.session(TEXT).roster}
    assert said == {"Hélène Baudin"}
    assert list(findings(minutes)) == []


def test_a_title_stays_as_long_as_a_word_is_left_under_it(minutes: Product) -> None:
    asked = whole_turn(minutes, "requérant")
    minutes.close(TEXT, replace(asked, span=Span(asked.span.start_ms, asked.span.end_ms - 1)))
    assert HIDDEN_TITLE in titles_of(minutes)
    minutes.close(TEXT, whole_turn(minutes, "grave."))  # which was the last of them
    assert titles_of(minutes) == ["Communications", "Piscine municipale"]


def test_what_goes_with_the_words_is_shown_before_and_counts_for_what_was_seen(
    minutes: Product,
) -> None:
    clerk = signed_in(create_app(minutes.deps(), minutes.desk()))
    asked = whole_turn(minutes, "requérant")
    span = {"de": str(asked.span.start_ms), "a": str(asked.span.end_ms), "motif": "erased"}
    page = clerk.get(f"/bureau/seances/{TEXT}/publication/passage", params=span)
    assert HIDDEN_TITLE in page.text and "Naturalisations" in page.text
    seen = mark(preview(minutes.archive, minutes.archive.session(TEXT), asked))
    with minutes.archive.begin() as db:
        db.execute(text("UPDATE agenda_items SET title = 'Autre' WHERE number = '3'"))
    with pytest.raises(Conflict, match="ont changé"):
        redact_passage(minutes.archive, TEXT, replace(asked, seen=seen))


def test_the_agenda_of_a_recording_is_not_what_was_said(product: Product) -> None:
    product.close(SITTING, replace(ASKED, span=Span(0, 20_000)))
    assert [item.title for item in product.archive.session(SITTING).agenda] == ["Divers"]
