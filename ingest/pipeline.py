"""How recordings become a session: the whole story, top to bottom.

    files -> samples -> speech -> windows of words -> voices -> turns -> names -> archive

Every slow step leaves a checkpoint, and is skipped when its checkpoint is there: a killed ingest,
started again, goes on where it was. The session appears in the archive at the end, whole, a draft.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TypeVar

from ingest.archive.blobs import Blobs, taken_back_on_failure
from ingest.archive.checkpoints import Checkpoints, clear, job_id, one_at_a_time, workplace
from ingest.archive.repository import Archive
from ingest.asr.confidence import calibrated
from ingest.asr.hallucinations import loops
from ingest.asr.hotwords import hints, items_in
from ingest.asr.name_repair import repair, repairs_to_review
from ingest.asr.tracks import interleave, own_speech
from ingest.asr.vad import cut_windows, unheard
from ingest.asr.whisper import words_of
from ingest.audio.decode import Decoded, Pcm, decode_once
from ingest.diarization.diarize import cut_at, join
from ingest.documents.agenda import agenda_times
from ingest.documents.request import (
    Request,
    already_kept,
    fingerprints,
    place_cues,
    place_parts,
    session_id,
)
from ingest.errors import OurError
from ingest.speakers.identify import attribute
from ingest.speakers.participants import person_behind
from ingest.steps import Steps
from ingest.transcript import (
    Doubt,
    Evidence,
    Person,
    ReviewItem,
    Session,
    Span,
    Speaker,
    SpeakerSpan,
    Transcript,
    Turn,
    Word,
)

# One line of sound becomes turns: its speech, its words, its voices, and the two joined.


T = TypeVar("T")
Progress = Callable[[str, float], None]
"""Called with a stage (decode, speech, words, voices) and the fraction of it that is done."""
Found = Callable[[str, int | str], None]
"""Called with what came to light on the way: work (the job's name), duration_ms, speech_ms,
"words N" (so far, on line N), voices, named."""


def unheeded(_what: str, _value: int | str) -> None:
    """For whoever does not want to know."""


@dataclass(frozen=True)
class Line:
    """Sound and the speech in it. `participant` is whose track it is, None for a whole room."""

    number: int
    pcm: Pcm
    speech: tuple[Span, ...]
    participant: str | None = None


@dataclass(frozen=True)
class Heard:
    """What a line holds. `voices_lost` says why its voices could not be told apart, if so."""

    line: Line
    words: tuple[Word, ...]
    voices: tuple[SpeakerSpan, ...]
    voices_lost: str | None = None

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The words by voice."""
        return join(self.words, self.voices)

    @cached_property
    def unheard(self) -> tuple[Span, ...]:
        """Speech for which no word was recognised."""
        return unheard(self.line.speech, self.words)


@dataclass(frozen=True)
class Hearing:
    """One job: the steps that hear, what of them is done, and who is told of it."""

    steps: Steps
    checkpoints: Checkpoints
    progress: Progress
    request: Request
    found: Found = unheeded

    def lines(self, decoded: Decoded) -> tuple[Line, ...]:
        """The sitting's one line, or each participant's, with the speech in it."""
        participants = self.request.participants
        if not participants:
            pcm = Pcm(decoded.pcm)
            return (Line(0, pcm, self._speech(0, pcm, 1)),)
        tracks = [Pcm(decoded.track(number)) for number in range(len(participants))]
        spoken = [self._speech(n, pcm, len(tracks)) for n, pcm in enumerate(tracks)]
        own = own_speech(tracks, spoken)
        return tuple(map(Line, range(len(tracks)), tracks, own, participants))

    def hear(self, line: Line, ends: Sequence[int], of: int = 1) -> Heard:
        """Words and voices of a line, one `of` so many; no window reaches over one of `ends`."""
        heard = sorted(self._words(line, ends, of), key=lambda word: word.start_ms)
        likely = calibrated(heard, self.steps.generator.transcriber)
        words = repair(likely, self.request.roster, self.request.glossary)
        if _person(line, self.request.roster) is not None:
            alone = (SpeakerSpan(s.start_ms, s.end_ms, _label(line)) for s in line.speech)
            return Heard(line, words, tuple(alone))
        try:
            tell_apart = partial(self._voices, line, of)
            stage = f"voices {line.number} {self.steps.generator.diarizer}"
            voices = self.checkpoints.step(stage, SpeakerSpan, tell_apart)
        except OurError as failure:  # the words are worth keeping without them
            return Heard(line, words, (), str(failure))
        return Heard(line, words, voices)

    def _speech(self, number: int, pcm: Pcm, of: int) -> tuple[Span, ...]:
        report = self._report("speech", number, of)
        detect = _told(report, 0.0, partial(self.steps.detect_speech, pcm, report))
        return self.checkpoints.step(f"speech {number}", Span, detect)

    def _words(self, line: Line, ends: Sequence[int], of: int) -> Iterator[Word]:
        report = self._report("words", line.number, of)
        longest = self.steps.longest_window_ms
        heard = 0
        for window in cut_windows(line.speech, line.pcm.duration_ms, ends, longest):
            listen = partial(
                words_of,
                window,
                line.pcm,
                line.speech,
                self.steps.transcriber,
                report,
                self._hints(window),
            )
            begun = _told(report, window.start_ms / line.pcm.duration_ms, listen)
            words = self.checkpoints.step(f"words {line.number}", Word, begun, window.start_ms)
            heard += len(words)
            self.found(f"words {line.number}", heard)
            yield from words

    def _hints(self, window: Span) -> str:
        if not self.steps.hints:
            return ""
        items = items_in(window, self.request.agenda)
        return hints(self.request.roster, self.request.glossary, items)

    def _voices(self, line: Line, of: int) -> Iterator[SpeakerSpan]:
        report = self._report("voices", line.number, of)
        report(0.0)
        for span in self.steps.diarize(line.pcm.path, line.speech, report):
            yield replace(span, label=f"{_label(line)}.{span.label}") if of > 1 else span

    def _report(self, stage: str, number: int, of: int) -> Callable[[float], None]:
        return lambda fraction: self.progress(stage, (number + fraction) / of)


def _told(
    report: Callable[[float], None], fraction: float, make: Callable[[], Iterable[T]]
) -> Callable[[], Iterable[T]]:
    """A step that tells where it begins, if it is not done already."""

    def begin() -> Iterable[T]:
        report(fraction)
        return make()

    return begin


def named_by_tracks(lines: Sequence[Line], roster: Sequence[Person]) -> dict[str, Speaker]:
    """The voices that are alone on a track, by label: nothing tells better who they are."""
    named = {}
    for line in lines:
        if (person := _person(line, roster)) is not None:
            reason = f"piste « {line.participant} »"
            named[_label(line)] = Speaker(_label(line), person, Evidence.PLATFORM, 0.99, reason)
    return named


def _person(line: Line, roster: Sequence[Person]) -> str | None:
    """Whom a track is named after, None for a room's or a device's."""
    if line.participant is None:
        return None
    return person_behind(line.participant, roster)


def _label(line: Line) -> str:
    return f"P{line.number + 1}"


# What a clerk should hear again, gathered from everything that raised a doubt on the way.


_TWICE = "entendu de même sur plusieurs pistes : à qui est cette voix ?"
_OVERLAP_MS = 700  # less is one voice coming in before the other has quite ended


def review_list(
    heard: Sequence[Heard],
    twice: Sequence[Span],
    roster: Sequence[Person],
    names: Sequence[ReviewItem],
) -> tuple[ReviewItem, ...]:
    """Everything that awaits a clerk, by start.

    `twice` is what several tracks hear alike, `names` are the doubts about who speaks.
    """
    nobodys = (ReviewItem(s.start_ms, s.end_ms, Doubt.NAME, _TWICE) for s in twice)
    found = [*names, *nobodys, *(item for line in heard for item in _doubts(line, roster))]
    return tuple(sorted(found, key=lambda item: (item.start_ms, item.end_ms, item.doubt)))


def _doubts(line: Heard, roster: Sequence[Person]) -> Iterator[ReviewItem]:
    yield from repairs_to_review(line.words, roster)
    for span in line.unheard:
        yield ReviewItem(span.start_ms, span.end_ms, Doubt.UNHEARD, "parole sans aucun mot reconnu")
    for span in loops(line.words):
        yield ReviewItem(span.start_ms, span.end_ms, Doubt.LOOP, "les mêmes mots se répètent")
    for span in overlaps(line.voices):
        yield ReviewItem(span.start_ms, span.end_ms, Doubt.OVERLAP, "plusieurs voix à la fois")
    if line.voices_lost is not None:
        reason = f"voix non distinguées : {line.voices_lost}"
        yield ReviewItem(0, line.line.pcm.duration_ms, Doubt.VOICES, reason)


def overlaps(voices: Sequence[SpeakerSpan]) -> Iterator[Span]:
    """Stretches in which a voice comes in well before the one before it ends."""
    latest = 0
    for voice in sorted(voices):
        end = min(latest, voice.end_ms)
        if end - voice.start_ms >= _OVERLAP_MS:
            yield Span(voice.start_ms, end)
        latest = max(latest, voice.end_ms)


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
