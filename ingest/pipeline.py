"""How recordings become a session: the whole story, top to bottom.

    files -> samples -> speech -> windows of words -> voices -> turns -> names -> archive

Every slow step leaves a checkpoint, and is skipped when its checkpoint is there: a killed ingest,
started again, goes on where it was. The session appears in the archive at the end, whole, a draft.
"""

from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

from ingest.agenda import agenda_times
from ingest.archive import Archive
from ingest.audio import decode_once
from ingest.blobs import Blobs, taken_back_on_failure
from ingest.checkpoints import Checkpoints, clear, job_id, one_at_a_time, workplace
from ingest.hear import Found, Hearing, Progress, named_by_tracks, unheeded
from ingest.names import attribute
from ingest.request import Request, already_kept, fingerprints, place_cues, place_parts, session_id
from ingest.review import review_list
from ingest.steps import Steps
from ingest.tracks import interleave
from ingest.transcript import Session, Transcript
from ingest.turns import cut_at


def ingest(
    request: Request,
    archive: Archive,
    blobs: Blobs,
    steps: Steps,
    work: Path,
    progress: Progress,
    found: Found = unheeded,
) -> Session:
    """Keep the recordings of one session and what was said in them; returns the session.

    Recordings that are kept already change nothing. Raises `BadInput` or `Conflict` when the
    request cannot be met, and then nothing is kept.
    """
    hashes = fingerprints(request.files)
    told_before = (request.roster, request.agenda, request.glossary) if steps.hints else ()
    for_words = asdict(replace(steps.generator, diarizer=""))  # voices are kept under its name
    shaped_by = [for_words, request.participants, repr(told_before)]
    checkpoints = Checkpoints(archive, job_id(hashes, shaped_by))
    found("work", checkpoints.job)
    if known := already_kept(archive, hashes):
        clear(work, checkpoints)
        return archive.session(known)
    session_id(archive, request)  # a name that cannot be had, or a model, is told before the work
    steps.check()
    steps.transcriber()

    with workplace(work, checkpoints) as folder:
        tracks = bool(request.participants)
        decode = partial(steps.decode, request.files, tracks, folder, partial(progress, "decode"))
        decoded = decode_once(folder, decode)
        parts = place_parts(request, hashes, decoded.durations_ms)
        found("duration_ms", max(part.end_ms for part in parts))
        cues = place_cues(request, parts)

        hearing = Hearing(steps, checkpoints, progress, request, found)
        lines = hearing.lines(decoded)
        found("speech_ms", sum(s.end_ms - s.start_ms for line in lines for s in line.speech))
        ends = () if tracks else [part.end_ms for part in parts]
        heard = [hearing.hear(line, ends, len(lines)) for line in lines]

        turns, twice = interleave([line.turns for line in heard])
        alone = named_by_tracks(lines, request.roster)
        told = attribute(cut_at(turns, ends), request.roster, cues, alone)
        found("voices", len(told.speakers))
        found("named", sum(speaker.person is not None for speaker in told.speakers))
        review = review_list(heard, twice, request.roster, told.review)
        with one_at_a_time(work):
            if known := already_kept(archive, hashes):
                return archive.session(known)
            session = Session(
                id=session_id(archive, request),
                title=request.title,
                date=request.date,
                body=request.body,
                parts=parts,
                agenda=agenda_times(told.turns, request.agenda),
                roster=request.roster,
            )
            missed = tuple(sorted(span for line in heard for span in line.unheard))
            made = (missed, steps.generator, review)
            transcript = Transcript(session.id, told.speakers, told.turns, *made)
            with taken_back_on_failure(blobs, session.id):
                for media in (decoded.opus, decoded.mp3):
                    blobs.put(f"{session.id}/{media.name}", media)
                archive.save(session, transcript)
    return session
