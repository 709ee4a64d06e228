"""How recordings become a session: the whole story, top to bottom.

    files -> samples -> speech -> windows of words -> voices -> turns -> names -> archive

Every slow step leaves a checkpoint, and is skipped when its checkpoint is there: a killed ingest,
started again, goes on where it was. The session appears in the archive at the end, whole, a draft.
"""

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path

from ingest.agenda import agenda_times
from ingest.archive import Archive
from ingest.audio import Pcm, decode_once
from ingest.blobs import Blobs, taken_back_on_failure
from ingest.checkpoints import Checkpoints, clear, job_id, one_at_a_time, workplace
from ingest.names import name_speakers
from ingest.request import Request, already_kept, fingerprints, place_cues, place_parts, session_id
from ingest.speech import cut_windows, unheard
from ingest.steps import Steps
from ingest.swallowed import part_swallowed
from ingest.transcribe import words_of
from ingest.transcript import Session, Span, SpeakerSpan, Transcript, Word
from ingest.turns import join

Progress = Callable[[str, float], None]
"""Called with a stage (decode, speech, words, voices) and the fraction of it that is done."""


def ingest(
    request: Request, archive: Archive, blobs: Blobs, steps: Steps, work: Path, progress: Progress
) -> Session:
    """Keep the recordings of one session and what was said in them; returns the session.

    Recordings that are kept already change nothing. Raises `BadInput` or `Conflict` when the
    request cannot be met, and then nothing is kept.
    """
    hashes = fingerprints(request.files)
    checkpoints = Checkpoints(archive, job_id(hashes, asdict(steps.generator)))
    if known := already_kept(archive, hashes):
        clear(work, checkpoints)
        return archive.session(known)
    session_id(archive, request)  # a name that cannot be had, or a model, is told before the work
    steps.transcriber()

    with workplace(work, checkpoints) as folder:
        decode = partial(steps.decode, request.files, folder, partial(progress, "decode"))
        decoded = decode_once(folder, decode)
        pcm = Pcm(decoded.pcm)
        parts = place_parts(hashes, decoded.durations_ms)

        find_speech = partial(steps.detect_speech, pcm, partial(progress, "speech"))
        speech = checkpoints.step("speech", Span, find_speech)

        part_ends = [part.end_ms for part in parts]
        words: list[Word] = []
        for window in cut_windows(speech, pcm.duration_ms, part_ends, steps.longest_window_ms):
            hear = partial(words_of, window, pcm, speech, steps.transcriber, progress)
            words += checkpoints.step("words", Word, hear, window.start_ms)

        def tell_apart() -> tuple[SpeakerSpan, ...]:
            return steps.diarizer().spans(pcm, speech, partial(progress, "voices"))

        voices = checkpoints.step("voices", SpeakerSpan, tell_apart)

        turns = part_swallowed(join(words, voices), request.roster)
        speakers = name_speakers(turns, request.roster, place_cues(request, parts))
        with one_at_a_time(work):
            if known := already_kept(archive, hashes):
                return archive.session(known)
            session = Session(
                id=session_id(archive, request),
                title=request.title,
                date=request.date,
                body=request.body,
                parts=parts,
                agenda=agenda_times(turns, request.agenda),
                roster=request.roster,
            )
            missed = unheard(speech, words)
            transcript = Transcript(session.id, speakers, turns, missed, steps.generator)
            with taken_back_on_failure(blobs, session.id):
                for media in (decoded.opus, decoded.mp3):
                    blobs.put(f"{session.id}/{media.name}", media)
                archive.save(session, transcript)
    return session
