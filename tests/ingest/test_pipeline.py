"""The pipeline with fake models: what is kept, what is resumed, what bad input leaves behind."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ingest.archive.blobs import DirectoryBlobs
from ingest.archive.repository import Archive
from ingest.asr.align import Aligner
from ingest.asr.spoken_numbers import Style
from ingest.asr.tracks import decode_tracks
from ingest.asr.whisper import Transcriber
from ingest.audio.decode import Decoded, Pcm, decode
from ingest.audio.sandbox import ChildDied, ReportProgress
from ingest.documents.request import Request, session_id
from ingest.errors import BadInput, Conflict
from ingest.pipeline import Announce, ingest, unannounced
from ingest.steps import Steps
from ingest.transcript import (
    AgendaItem,
    Doubt,
    Person,
    Session,
    Span,
    SpeakerSpan,
    Status,
    Word,
    merge_spans,
)
from tests.conftest import GENERATOR, FakeDiarizer, FakeTranscriber, tone
from tests.support.media import overwrite, speech, write_streams

MINUTE = 60_000


class World:
    """An archive, a media folder and steps whose models are fakes."""

    def __init__(self, archive: Archive, folder: Path) -> None:
        self.archive, self.folder = archive, folder
        self.blobs = DirectoryBlobs(folder / "media")
        self.transcriber: FakeTranscriber = FakeTranscriber()
        self.decoded = 0
        self.hints = False
        self.diarize = _one_voice

    def steps(self) -> Steps:
        return FakeSteps(self)

    def ingest(self, request: Request, announce: Announce = unannounced) -> Session:
        work = self.folder / "work"
        steps = self.steps()
        return ingest(
            request, self.archive, self.blobs, steps, work, lambda stage, part: None, announce
        )

    @property
    def leftovers(self) -> list[Path]:
        return [path for path in (self.folder / "work").glob("*") if path.name != "keep.lock"]


class FakeSteps(Steps):
    """Steps whose models are the world's fakes."""

    generator = GENERATOR
    longest_window_ms = 4_000
    numbers: Style = "espace"

    def __init__(self, world: World) -> None:
        self._world, self.hints = world, world.hints

    def check(self) -> None:
        """Nothing can be missing."""

    def decode(
        self,
        files: tuple[Path, ...],
        together: bool,
        folder: Path,
        report: ReportProgress,
        streams: tuple[int | None, ...] = (),
    ) -> Decoded:
        self._world.decoded += 1
        task = decode_tracks if together else decode
        chosen = [one or 0 for one in streams]
        return task(files, folder, 12 * 60 * MINUTE, report, chosen)

    def detect_speech(self, pcm: Pcm, report: ReportProgress) -> tuple[Span, ...]:
        return _loud(pcm, report)

    def transcriber(self) -> Transcriber:
        return self._world.transcriber

    def aligner(self) -> Aligner:
        pytest.fail("an ingest aligns nothing")

    def diarize(
        self, pcm: Path, speech: Sequence[Span], report: ReportProgress, most: int | None = None
    ) -> tuple[SpeakerSpan, ...]:
        return self._world.diarize(pcm, speech, report)


def _one_voice(
    pcm: Path, speech: Sequence[Span], report: ReportProgress
) -> tuple[SpeakerSpan, ...]:
    return FakeDiarizer().spans(Pcm(pcm), speech, report)


def _loud(pcm: Pcm, report: Callable[[float], None]) -> tuple[Span, ...]:
    """Speech is wherever it is not silent, half a second at a time."""
    halves = range(0, pcm.duration_ms, 500)
    return merge_spans(
        [Span(at, at + 500) for at in halves if np.abs(pcm.read(at, at + 500)).max() > 0.1], 0
    )


@pytest.fixture
def world(archive: Archive, tmp_path: Path) -> World:
    return World(archive, tmp_path)


@pytest.fixture
def request_of(write_audio: Callable[..., Path]) -> Callable[..., Request]:
    def make(name: str = "séance.wav", seconds: float = 9.0, **more: object) -> Request:
        path = write_audio(name, tone(200 + len(name), seconds))
        return Request((path,), "Séance d'essai", date(2025, 3, 11), **more)  # type: ignore[arg-type]

    return make


MakeRequest = Callable[..., Request]


def test_a_recording_becomes_a_draft_with_its_media(world: World, request_of: MakeRequest) -> None:
    agenda = (AgendaItem("1", "Ouverture", None, 0),)
    session = world.ingest(request_of(agenda=agenda))
    assert session.id == "2025-03-11-seance-d-essai"
    assert session.status is Status.DRAFT
    assert session.duration_ms == 9_000
    transcript = world.archive.transcript(session.id)
    assert sum(len(turn.words) for turn in transcript.turns) == 9
    assert transcript.generator == GENERATOR
    for name in ("listen.opus", "listen.mp3"):
        assert world.blobs.find(f"{session.id}/{name}") is not None
    assert world.leftovers == []


def test_where_a_file_is_damaged_a_clerk_is_told(world: World, tmp_path: Path) -> None:
    path = overwrite(write_streams(tmp_path / "abîmé.m4a", [speech(40)]), 25_000)
    told: dict[str, int | str] = {}
    session = world.ingest(Request((path,), "Séance", date(2025, 3, 11)), told.__setitem__)
    review = world.archive.transcript(session.id).review
    (damaged,) = [item for item in review if item.doubt is Doubt.DAMAGED]
    assert 15_000 < damaged.start_ms < damaged.end_ms < 29_000
    assert "abîmé" in str(told["note 0"])


def test_the_same_recording_again_does_nothing(world: World, request_of: MakeRequest) -> None:
    request = request_of()
    first = world.ingest(request)
    again = world.ingest(replace(request, title="Autre titre"))
    assert again == first
    assert world.decoded == 1
    assert len(world.archive.sessions()) == 1


class Dies(FakeTranscriber):
    """Is killed in the third window."""

    def words(
        self, audio: NDArray[np.float32], speech: Sequence[Span], hints: str = ""
    ) -> Iterator[Word]:
        if self.windows == 2:
            raise KeyboardInterrupt
        yield from super().words(audio, speech)


def test_a_killed_ingest_goes_on_where_it_was(world: World, request_of: MakeRequest) -> None:
    request = request_of(seconds=14.0)
    world.transcriber = Dies()
    with pytest.raises(KeyboardInterrupt):
        world.ingest(request)
    assert world.archive.sessions() == ()
    assert world.transcriber.windows == 2

    world.transcriber = FakeTranscriber()
    session = world.ingest(request)
    assert world.decoded == 1
    assert world.transcriber.windows == 2  # of four, two were done
    words = [w for turn in world.archive.transcript(session.id).turns for w in turn.words]
    assert len(words) == len({w.start_ms for w in words}) == 14
    assert world.leftovers == []


def test_parts_share_one_time_line(world: World, write_audio: Callable[..., Path]) -> None:
    files = (write_audio("1.wav", tone(300, 3.0)), write_audio("2.wav", tone(400, 2.0)))
    session = world.ingest(Request(files, "Deux parties", date(2025, 3, 11)))
    assert [(p.offset_ms, p.duration_ms) for p in session.parts] == [(0, 3000), (3000, 2000)]
    assert world.archive.transcript(session.id).turns[-1].end_ms == 4_900
    with pytest.raises(Conflict, match=session.id):
        world.ingest(Request(files[::-1], "À l'envers", date(2025, 3, 11)))


def test_tracks_are_heard_apart_and_named_after_their_files(
    world: World, write_audio: Callable[..., Path]
) -> None:
    silence = tone(300, 3.0) * 0
    first = write_audio("a.wav", np.concatenate([tone(300, 3.0), silence]))
    second = write_audio("b.wav", np.concatenate([silence, tone(400, 3.0)]))
    names = ("Claire Fontanet", "salle du conseil")
    roster = (Person("Claire Fontanet", "conseillère municipale", "PS"),)
    session = world.ingest(
        Request((first, second), "Séance", date(2025, 3, 11), roster=roster, participants=names)
    )
    assert session.duration_ms == 6_000
    assert [(p.offset_ms, p.duration_ms) for p in session.parts] == [(0, 6000), (0, 6000)]
    transcript = world.archive.transcript(session.id)
    told = [(t.speaker, transcript.person(t), len(t.words)) for t in transcript.turns]
    assert told == [("P1", "Claire Fontanet", 3), ("P2.S1", None, 3)]


def test_words_are_kept_when_voices_cannot_be_told_apart(
    world: World, request_of: MakeRequest
) -> None:
    def dies(pcm: Path, speech: Sequence[Span], report: ReportProgress) -> tuple[SpeakerSpan, ...]:
        raise ChildDied("le traitement s'est interrompu (code -9)")

    world.diarize = dies
    session = world.ingest(request_of())
    transcript = world.archive.transcript(session.id)
    assert sum(len(turn.words) for turn in transcript.turns) == 9
    assert {turn.speaker for turn in transcript.turns} == {None}
    (doubt,) = transcript.review
    assert doubt.doubt is Doubt.VOICES and "code -9" in doubt.reason
    assert world.leftovers == []


def test_names_are_given_to_the_transcriber_if_set_and_put_right_after(
    world: World, request_of: MakeRequest
) -> None:
    class Mishears(FakeTranscriber):
        def words(
            self, audio: NDArray[np.float32], speech: Sequence[Span], hints: str = ""
        ) -> Iterator[Word]:
            told.append(hints)
            yield Word(0, 300, "Madame", 0.9)
            yield Word(300, 900, "Fontané.", 0.4)

    told: list[str] = []
    world.transcriber, world.hints = Mishears(), True
    roster = (Person("Claire Fontanet", "conseillère municipale", "PS"),)
    session = world.ingest(request_of(seconds=3.0, roster=roster))
    transcript = world.archive.transcript(session.id)
    assert told == ["Fontanet"]
    word = transcript.turns[0].words[1]
    assert (word.text, word.heard) == ("Fontanet.", "Fontané.")
    found = [(d.doubt, d.start_ms, d.end_ms) for d in transcript.review]
    assert found == [(Doubt.REPAIR, 300, 900), (Doubt.UNHEARD, 1100, 3000)]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "est vide"), (b"pas du son" * 100, "est un texte, pas un enregistrement")],
)
def test_a_bad_file_leaves_nothing(
    content: bytes, sentence: str, world: World, tmp_path: Path
) -> None:
    path = tmp_path / "mauvais.mp4"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=sentence) as error:
        world.ingest(Request((path,), "Séance", date(2025, 3, 11)))
    assert "mauvais.mp4" in str(error.value)
    assert world.archive.sessions() == ()
    assert world.leftovers == []


def test_a_missing_file_and_a_file_given_twice_are_refused(
    world: World, request_of: MakeRequest, tmp_path: Path
) -> None:
    request = request_of()
    with pytest.raises(BadInput, match="n'existe pas"):
        world.ingest(replace(request, files=(tmp_path / "absent.mp4",)))
    with pytest.raises(BadInput, match="différentes"):
        world.ingest(replace(request, files=request.files * 2))


def test_two_sessions_of_one_day_get_two_ids(world: World, request_of: MakeRequest) -> None:
    assert world.ingest(request_of("a.wav")).id == "2025-03-11-seance-d-essai"
    assert world.ingest(request_of("bb.wav")).id == "2025-03-11-seance-d-essai-2"


def test_two_sessions_ingested_at_once_keep_their_own_sound(
    world: World, request_of: MakeRequest
) -> None:
    """The 17h30 and the 20h30 sessions of one day bear one title: each needs its own name."""
    requests = [request_of("a.wav"), request_of("bb.wav")]
    with ThreadPoolExecutor(2) as pool:
        sessions = list(pool.map(world.ingest, requests))
    assert len({session.id for session in sessions}) == 2
    sounds = set()
    for session in sessions:
        sound = world.blobs.find(f"{session.id}/listen.opus")
        assert sound
        with world.blobs.local(sound) as path:
            sounds.add(path.read_bytes())
    assert len(sounds) == len(sessions)


def test_a_session_that_cannot_be_kept_leaves_no_sound_but_its_work(
    world: World, request_of: MakeRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("disk full")

    request = request_of()
    with monkeypatch.context() as patched:
        patched.setattr(Archive, "save", full)
        with pytest.raises(OSError, match="disk full"):
            world.ingest(request)
    assert world.blobs.find("2025-03-11-seance-d-essai/listen.opus") is None
    heard = world.transcriber.windows
    world.ingest(request)
    assert world.transcriber.windows == heard  # only the sound was decoded again


@pytest.mark.parametrize("mark", ["", "{", "[1"])
def test_a_kill_while_decoding_was_being_noted_does_not_block_the_recording(
    mark: str, world: World, request_of: MakeRequest
) -> None:
    world.transcriber = Dies()
    request = request_of(seconds=14.0)
    with pytest.raises(KeyboardInterrupt):
        world.ingest(request)
    (folder,) = [path for path in world.leftovers if path.is_dir()]
    (folder / "decoded.json").write_text(mark)
    world.transcriber = FakeTranscriber()
    assert world.ingest(request).duration_ms == 14_000


@pytest.mark.parametrize("name", ["../etc", "Majuscule", "", "é", "a b"])
def test_an_id_cannot_escape_its_folder(name: str, world: World, request_of: MakeRequest) -> None:
    with pytest.raises(BadInput, match="identifiant"):
        session_id(world.archive, request_of(id=name))
