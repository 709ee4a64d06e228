"""One line of sound becomes turns: its speech, its words, its voices, and the two joined.

A sitting has one such line, or one for each participant's track. Speech, every window of words and
the voices each leave a checkpoint.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TypeVar

from ingest.audio import Decoded, Pcm
from ingest.checkpoints import Checkpoints
from ingest.errors import OurError
from ingest.hearing.confidence import calibrated
from ingest.hearing.hints import hints, items_in
from ingest.hearing.repair import repair
from ingest.hearing.speech import cut_windows, unheard
from ingest.naming.participants import person_behind
from ingest.request import Request
from ingest.steps import Steps
from ingest.tracks import own_speech
from ingest.transcribe import words_of
from ingest.transcript import Evidence, Person, Span, Speaker, SpeakerSpan, Turn, Word
from ingest.turns import join

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
