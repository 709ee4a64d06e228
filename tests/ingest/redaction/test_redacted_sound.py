"""A redacted passage of a real sample, listened to by the model that heard it: gone, it alone."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from api.commands.integrity import findings
from api.commands.redaction import close_and_prove
from api.product import Product
from ingest.archive.backup import back_up, restore
from ingest.archive.blobs import DirectoryBlobs
from ingest.archive.redactions import RedactionReason
from ingest.asr.vad import detect_speech
from ingest.asr.whisper import words_of
from ingest.audio.decode import Pcm
from ingest.redaction.redact import RedactionRequest
from ingest.settings import Settings
from ingest.transcript import Span
from search.index.withdraw import preview

pytestmark = pytest.mark.models
SITTING = "2025-03-11-piste-cyclable"
CLOSED = Span(80_000, 110_000)
QUESTIONS = (
    "Combien coûte la piste cyclable ?",
    "Qu'a dit Julien Rochat des arbres ?",
    "La piscine sera-t-elle fermée ?",
    "La motion M-7 a-t-elle été acceptée ?",
    "Combien coûte le tramway ?",
)


@pytest.fixture(scope="module")
def copied(product: Product, tmp_path_factory: pytest.TempPathFactory) -> Product:
    """The samples' product over a copy of its data."""
    data = tmp_path_factory.mktemp("copied") / "data"
    shutil.copytree(product.settings.data, data)
    copy = Product(Settings(data=data, _env_file=None))
    copy.__dict__.update({name: getattr(product, name) for name in ("embedder", "steps")})
    return copy


def heard(product: Product, pcm: Path) -> list[int]:
    """Where each word begins, in what is heard before, within and after the closed passage."""
    sound = Pcm(pcm)
    speech = detect_speech(sound, lambda _: None)
    window = Span(CLOSED.start_ms - 35_000, CLOSED.end_ms + 35_000)
    words = words_of(window, sound, speech, product.steps.transcriber, lambda _: None)
    return [word.start_ms for word in words]


def test_whisper_hears_silence_there_and_elsewhere_the_sound_is_the_same(
    copied: Product, tmp_path: Path
) -> None:
    session = copied.archive.session(SITTING)
    asked = RedactionRequest(CLOSED, RedactionReason.IN_CAMERA, "greffe")
    gone = preview(copied.archive, session, asked).gone
    path = copied.settings.data / "media" / SITTING / "listen.opus"

    def decode(name: str) -> Path:
        (tmp_path / name).mkdir()
        return copied.steps.decode((path,), False, tmp_path / name, lambda *_: None).pcm

    before = decode("before")
    done = close_and_prove(copied, SITTING, asked, gone)
    after = decode("after")
    assert done.traces == () and done.runs > 5
    assert list(findings(copied)) == []

    span = done.span
    silence = Pcm(after).read(span.start_ms, span.end_ms)
    sound = Pcm(before).read(span.start_ms, span.end_ms)
    assert np.sqrt((silence**2).mean()) == 0.0 and np.sqrt((sound**2).mean()) > 0.01
    far = (span.start_ms - 1_000, span.end_ms + 1_500)
    for start, end in ((0, far[0]), (far[1], session.duration_ms)):
        assert (Pcm(before).read(start, end) == Pcm(after).read(start, end)).mean() > 0.999

    now = heard(copied, after)
    inside = Span(span.start_ms, span.end_ms - 500)  # the next word may be heard a little early
    assert not any(inside.start_ms <= at < inside.end_ms for at in now)
    assert len(now) > 100


def test_a_restored_product_gives_the_same_answers(copied: Product, tmp_path: Path) -> None:
    back_up(
        copied.archive, copied.settings.data, copied.blobs, tmp_path / "all.tar", lambda _: None
    )
    data = tmp_path / "data"
    restore(
        tmp_path / "all.tar",
        data,
        DirectoryBlobs(data / "media"),
        f"sqlite:///{data}/archive.sqlite",
        lambda _: None,
    )
    again = Product(Settings(data=data, _env_file=None))
    again.__dict__["embedder"] = copied.embedder
    assert list(findings(again)) == []
    for question in QUESTIONS:
        assert again.ask(question).answer == copied.ask(question).answer
