"""How recordings become a session: the whole story, top to bottom.

    files -> samples -> speech -> windows of words -> voices -> turns -> names -> archive

Every slow step leaves a checkpoint, and is skipped when its checkpoint is there: a killed ingest,
started again, goes on where it was. The session appears in the archive at the end, whole, a draft.
Knows the order of the steps and what each hands to the next; not how any of them works.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Protocol

from ingest.archive.blobs import Blobs, taken_back_on_failure
from ingest.archive.checkpoints import (
    Checkpoints,
    again_id,
    clear,
    job_id,
    one_at_a_time,
    workplace,
)
from ingest.archive.repository import Archive
from ingest.asr.confidence import calibrated, weighed
from ingest.asr.hallucinations import drifted, loops
from ingest.asr.hotwords import hints, items_in
from ingest.asr.name_repair import expected_terms, repair, repairs_to_review
from ingest.asr.spoken_numbers import Style, join_numbers, objects_expected, write_amounts
from ingest.asr.tracks import interleave, own_speech
from ingest.asr.vad import cut_windows, unheard
from ingest.asr.whisper import words_of
from ingest.asr.word_signs import Expected, expected_words
from ingest.audio import waveform
from ingest.audio.decode import Decoded, Pcm, decode_once
from ingest.audio.sandbox import ReportProgress
from ingest.diarization.diarize import cut_at, join
from ingest.documents.agenda import agenda_times
from ingest.documents.captions import Cue
from ingest.documents.glossary import Term
from ingest.documents.request import (
    Request,
    already_kept,
    fingerprints,
    place_cues,
    place_parts,
    session_id,
)
from ingest.errors import BadInput, OurError
from ingest.speakers.identify import Attribution, attribute
from ingest.speakers.participants import person_behind
from ingest.steps import Steps
from ingest.text import clock
from ingest.transcript import (
    Doubt,
    Evidence,
    Recording,
    ReviewItem,
    Session,
    Span,
    Speaker,
    SpeakerSpan,
    Transcript,
    Turn,
    Word,
)


class Progress(Protocol):
    """Called with a stage (decode, speech, words, voices) and the fraction of it that is done."""

    def __call__(self, stage: str, fraction: float, /) -> None:
        """Show it."""


class Announce(Protocol):
    """Called with what is known before the end: work (the job's name), duration_ms, speech_ms,
    "words N" (so far, on track N), voices, named."""

    def __call__(self, figure: str, value: int | str, /) -> None:
        """Keep or show it."""


def unannounced(_figure: str, _value: int | str) -> None:
    """For callers that show no figures."""


def ingest(
    request: Request,
    archive: Archive,
    blobs: Blobs,
    steps: Steps,
    work: Path,
    progress: Progress,
    announce: Announce = unannounced,
) -> Session:
    """Keep the recordings of one session and what was said in them; returns the session.

    Recordings that are kept already change nothing. Raises `BadInput` or `Conflict` when the
    request cannot be met, and then nothing is kept.
    """
    hashes = fingerprints(request.files)
    checkpoints = Checkpoints(archive, job_id(hashes, _shaped_by(request, steps)))
    announce("work", checkpoints.job)
    if known := already_kept(archive, hashes):
        clear(work, checkpoints)
        return archive.session(known)
    session_id(archive, request)  # an id or a model that cannot be had is refused before the work
    steps.check()
    steps.transcriber()

    with workplace(work, checkpoints) as folder:
        recognition = Recognition(steps, checkpoints, progress, request, announce)
        decoded = recognition.decoded(folder)
        parts = place_parts(request, hashes, decoded.durations_ms)
        heard = recognition.transcript(decoded, parts)

        with one_at_a_time(work):
            if known := already_kept(archive, hashes):
                return archive.session(known)
            session = _session(session_id(archive, request), request, parts, heard.turns)
            transcript = replace(heard, session=session.id)
            with taken_back_on_failure(blobs, session.id):
                drawn = folder / waveform.NAME
                drawn.write_bytes(waveform.of_pcm(decoded.pcm))
                for media in (decoded.opus, decoded.mp3, drawn):
                    blobs.put(f"{session.id}/{media.name}", media)
                archive.save(session, transcript)
    return session


_SAME_LENGTH_MS = 1_000  # decoders differ by some frames: 20 to 100 ms


@contextmanager
def heard_again(
    request: Request,
    session: Session,
    archive: Archive,
    steps: Steps,
    work: Path,
    progress: Progress,
    announce: Announce = unannounced,
    words: Transcript | None = None,
) -> Iterator[Transcript]:
    """What is heard now in a session's sound, which `request.files` hold; nothing of it is kept.

    Where `words` are given, voices alone are told apart again, and the words are these. What was
    done serves again after a kill, until the block that is given the transcript has ended. Raises
    `BadInput` for sound of another length.
    """
    job = job_id(fingerprints(request.files), _shaped_by(request, steps))
    checkpoints = Checkpoints(archive, again_id(session.id, job))
    announce("work", checkpoints.job)
    steps.check()
    if words is None:
        steps.transcriber()
    with workplace(work, checkpoints) as folder:
        recognition = Recognition(steps, checkpoints, progress, request, announce)
        decoded = recognition.decoded(folder)
        join_numbers = max if request.participants else sum
        length_ms = join_numbers(decoded.durations_ms)
        if abs(length_ms - session.duration_ms) > _SAME_LENGTH_MS:
            raise BadInput(
                f"L'enregistrement dure {clock(length_ms)}, et la séance"
                f" {clock(session.duration_ms)} : ce n'est pas le même son."
            )
        if words is None:
            yield replace(recognition.transcript(decoded, session.parts), session=session.id)
        else:
            yield recognition.voiced(words, decoded, session.parts)


def _shaped_by(request: Request, steps: Steps) -> list[object]:
    """What makes the words what they are; the name of the diarizer is in its checkpoint's key."""
    expected = (request.roster, request.agenda, request.glossary) if steps.hints else ()
    shaped: list[object] = [asdict(replace(steps.generator, diarizer="")), request.participants]
    shaped.append(repr(expected))
    if any(stream is not None for stream in request.streams):
        shaped.append(request.streams)
    return shaped


def _session(
    name: str, request: Request, parts: tuple[Recording, ...], turns: tuple[Turn, ...]
) -> Session:
    return Session(
        id=name,
        title=request.title,
        date=request.date,
        body=request.body,
        parts=parts,
        agenda=agenda_times(turns, request.agenda),
        roster=request.roster,
        most_voices=request.most_voices,
    )


# --- from sound to words and voices -----------------------------------------------------------


@dataclass(frozen=True)
class Track:
    """Sound and the speech in it: of one participant, or of the whole room (None)."""

    number: int
    pcm: Pcm
    speech: tuple[Span, ...]
    participant: str | None = None
    person: str | None = None
    """Whose voice alone is on the track; None for a room's or a device's."""

    @property
    def label(self) -> str:
        """The label of its voice, where there is one alone."""
        return f"P{self.number + 1}"


@dataclass(frozen=True)
class Recognised:
    """What is said on a track. `voices_lost` says why its voices could not be told apart, if so."""

    track: Track
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
        return unheard(self.track.speech, self.words)


@dataclass(frozen=True)
class Recognition:
    """One job's speech, words and voices; each is kept as soon as it is there."""

    steps: Steps
    checkpoints: Checkpoints
    progress: Progress
    request: Request
    announce: Announce

    def decoded(self, folder: Path) -> Decoded:
        """The recordings as sound."""
        request, decoding = self.request, partial(self.progress, "decode")
        given = (request.files, bool(request.participants), folder, decoding, request.streams)
        decoded = decode_once(folder, partial(self.steps.decode, *given))
        for number, note in enumerate(decoded.notes):
            self.announce(f"note {number}", note)
        return decoded

    def transcript(self, decoded: Decoded, parts: Sequence[Recording]) -> Transcript:
        """What is said, by whom, and what is doubtful; of no session yet."""
        request, announce = self.request, self.announce
        announce("duration_ms", max(part.end_ms for part in parts))
        cues = place_cues(request, parts)
        tracks = self.tracks(decoded)
        announce("speech_ms", sum(s.end_ms - s.start_ms for track in tracks for s in track.speech))
        ends = () if request.participants else [part.end_ms for part in parts]
        recognised = [self.of(track, ends, len(tracks)) for track in tracks]

        turns, echoes = interleave([one.turns for one in recognised])
        named = self._named(cut_at(turns, ends), cues, tracks)
        return Transcript(
            session="",
            speakers=named.speakers,
            turns=named.turns,
            unheard=tuple(sorted(span for one in recognised for span in one.unheard)),
            generator=self.steps.generator,
            review=review_list(recognised, echoes, request, [*named.review, *damage(decoded)]),
        )

    def tracks(self, decoded: Decoded) -> tuple[Track, ...]:
        """The session's one track, or each participant's, with the speech in it."""
        participants = self.request.participants
        if not participants:
            pcm = Pcm(decoded.pcm)
            return (Track(0, pcm, self._speech(0, pcm, 1)),)
        sound = [Pcm(decoded.track(number)) for number in range(len(participants))]
        own = own_speech(sound, [self._speech(n, pcm, len(sound)) for n, pcm in enumerate(sound)])
        people = [person_behind(name, self.request.roster) for name in participants]
        return tuple(map(Track, range(len(sound)), sound, own, participants, people))

    def of(self, track: Track, ends: Sequence[int], count: int) -> Recognised:
        """Words and voices of one of `count` tracks; no window reaches over one of `ends`."""
        raw = sorted(self._words(track, ends, count), key=lambda word: word.start_ms)
        recogniser = self.steps.generator.transcriber
        right = put_right(raw, self.request, recogniser, self.steps.numbers)
        words = weighed(right, recogniser, expected_in(self.request))
        if track.person is not None:
            alone = (SpeakerSpan(s.start_ms, s.end_ms, track.label) for s in track.speech)
            return Recognised(track, words, tuple(alone))
        try:
            voices = self._told_apart(track, count)
        except OurError as failure:  # the words are worth keeping without them
            return Recognised(track, words, (), str(failure))
        return Recognised(track, words, voices)

    def voiced(self, words: Transcript, decoded: Decoded, parts: Sequence[Recording]) -> Transcript:
        """The same words by voices told apart anew in the one track that there is."""
        self.announce("duration_ms", max(part.end_ms for part in parts))
        cues = place_cues(self.request, parts)
        (track,) = self.tracks(decoded)
        voices = self._told_apart(track, 1)
        said = [word for turn in words.turns for word in turn.words]
        turns = cut_at(join(said, voices), [part.end_ms for part in parts])
        named = self._named(turns, cues, (track,))
        others = [item for item in words.review if item.doubt not in _OF_VOICES]
        doubts = sorted([*others, *named.review, *_overlap_doubts(voices)])
        return replace(
            words,
            speakers=named.speakers,
            turns=named.turns,
            generator=replace(words.generator, diarizer=self.steps.generator.diarizer),
            review=tuple(doubts),
        )

    def _named(
        self, turns: tuple[Turn, ...], cues: tuple[Cue, ...], tracks: Sequence[Track]
    ) -> Attribution:
        """The turns by voices that are told apart, and their names."""
        named = attribute(turns, self.request.roster, cues, named_by_tracks(tracks))
        self.announce("voices", len(named.speakers))
        self.announce("named", sum(speaker.person is not None for speaker in named.speakers))
        return named

    def _told_apart(self, track: Track, count: int) -> tuple[SpeakerSpan, ...]:
        stage = f"voices {track.number} {self.steps.generator.diarizer}"
        if self.request.most_voices:
            stage += f" of {self.request.most_voices}"
        return self.checkpoints.step(stage, SpeakerSpan, partial(self._voices, track, count))

    def _speech(self, number: int, pcm: Pcm, count: int) -> tuple[Span, ...]:
        report = self._report("speech", number, count)

        def detect() -> Iterable[Span]:
            report(0.0)
            return self.steps.detect_speech(pcm, report)

        return self.checkpoints.step(f"speech {number}", Span, detect)

    def _words(self, track: Track, ends: Sequence[int], count: int) -> Iterator[Word]:
        recognised = 0
        longest_ms = self.steps.longest_window_ms
        for window in cut_windows(track.speech, track.pcm.duration_ms, ends, longest_ms):
            make = partial(self._words_in, window, track, count)
            words = self.checkpoints.step(f"words {track.number}", Word, make, window.start_ms)
            recognised += len(words)
            self.announce(f"words {track.number}", recognised)
            yield from words

    def _words_in(self, window: Span, track: Track, count: int) -> Iterator[Word]:
        report = self._report("words", track.number, count)
        report(window.start_ms / track.pcm.duration_ms)
        expected = ""
        if self.steps.hints:
            items = items_in(window, self.request.agenda)
            expected = hints(self.request.roster, self.request.glossary, items)
        transcriber = self.steps.transcriber
        yield from words_of(window, track.pcm, track.speech, transcriber, report, expected)

    def _voices(self, track: Track, count: int) -> Iterator[SpeakerSpan]:
        report = self._report("voices", track.number, count)
        report(0.0)
        most = self.request.most_voices
        for span in self.steps.diarize(track.pcm.path, track.speech, report, most):
            yield replace(span, label=f"{track.label}.{span.label}") if count > 1 else span

    def _report(self, stage: str, number: int, count: int) -> ReportProgress:
        return lambda fraction: self.progress(stage, (number + fraction) / count)


def put_right(
    raw: Sequence[Word], request: Request, recogniser: str, numbers: Style
) -> tuple[Word, ...]:
    """The words as they were heard, names that the request holds and numbers put right."""
    terms = (*request.glossary, *_named_by(request))
    named = repair(calibrated(raw, recogniser), request.roster, terms)
    return write_amounts(objects_expected(join_numbers(named), request.agenda), numbers)


def expected_in(request: Request) -> Expected:
    """The words that what is known of a session lets expect."""
    people = [text for p in request.roster for text in (*p.spellings, p.role, p.group)]
    titles = [item.title for item in request.agenda]
    return expected_words((request.body, *titles, *people, *(t.text for t in request.glossary)))


def named_by_tracks(tracks: Sequence[Track]) -> dict[str, Speaker]:
    """The voices that are alone on a track, by label: no other evidence is as good."""
    return {
        track.label: Speaker(
            track.label, track.person, Evidence.PLATFORM, 0.99, f"piste « {track.participant} »"
        )
        for track in tracks
        if track.person is not None
    }


# --- what a clerk should hear again -----------------------------------------------------------

_DAMAGED = "le fichier est abîmé ici : il y manque du son"
_ECHO = "entendu de même sur plusieurs pistes : à qui est cette voix ?"
_OF_VOICES = (Doubt.NAME, Doubt.OVERLAP, Doubt.VOICES)
_OVERLAP_MS = 700  # less is one voice coming in before the other has quite ended


def review_list(
    recognised: Sequence[Recognised],
    echoes: Sequence[Span],
    request: Request,
    others: Sequence[ReviewItem],
) -> tuple[ReviewItem, ...]:
    """Everything that awaits a clerk, by start.

    `echoes` is what several tracks hear alike, `others` are the doubts about who speaks, and about
    the files.
    """
    items = [*others, *(ReviewItem(s.start_ms, s.end_ms, Doubt.NAME, _ECHO) for s in echoes)]
    items += [item for one in recognised for item in _doubts(one, request)]
    return tuple(sorted(items, key=lambda item: (item.start_ms, item.end_ms, item.doubt)))


def damage(decoded: Decoded) -> list[ReviewItem]:
    """Where a file is damaged, and silence stands in the place of what was said."""
    return [
        ReviewItem(span.start_ms, span.end_ms, Doubt.DAMAGED, _DAMAGED) for span in decoded.damaged
    ]


def _named_by(request: Request) -> tuple[Term, ...]:
    """What agenda, body and parties name."""
    return expected_terms(request.agenda, request.body, request.roster)


def _doubts(one: Recognised, request: Request) -> Iterator[ReviewItem]:
    yield from repairs_to_review(one.words, request.roster, _named_by(request))
    for doubt, reason, spans in (
        (Doubt.UNHEARD, "parole sans aucun mot reconnu", one.unheard),
        (Doubt.LOOP, "les mêmes mots se répètent", loops(one.words)),
        (Doubt.LANGUAGE, "écrit dans une autre langue", drifted(one.words)),
    ):
        for span in spans:
            yield ReviewItem(span.start_ms, span.end_ms, doubt, reason)
    yield from _overlap_doubts(one.voices)
    if one.voices_lost is not None:
        reason = f"voix non distinguées : {one.voices_lost}"
        yield ReviewItem(0, one.track.pcm.duration_ms, Doubt.VOICES, reason)


def _overlap_doubts(voices: Sequence[SpeakerSpan]) -> Iterator[ReviewItem]:
    for span in _overlaps(voices):
        yield ReviewItem(span.start_ms, span.end_ms, Doubt.OVERLAP, "plusieurs voix à la fois")


def _overlaps(voices: Sequence[SpeakerSpan]) -> Iterator[Span]:
    """Stretches in which a voice comes in well before the one before it ends."""
    latest = 0
    for voice in sorted(voices):
        end = min(latest, voice.end_ms)
        if end - voice.start_ms >= _OVERLAP_MS:
            yield Span(voice.start_ms, end)
        latest = max(latest, voice.end_ms)
