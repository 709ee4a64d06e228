"""The real product on the sample sessions: real Whisper, voices, embedder, Chroma.

What a reader is promised is held against every sample question and many random ones; what a figure
promises is held against the committed baseline.
"""

import io
import json
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest
from rapidfuzz import fuzz

from api.answers.answer import Answer, State
from api.answers.citation import check
from api.answers.clip import cut
from ingest.asr.vad import detect_speech
from ingest.asr.whisper import words_of
from ingest.audio.decode import Pcm, decode
from ingest.documents.request import Request
from ingest.samples import sample_requests
from ingest.transcript import Session, Span, Status
from tests.conftest import SAMPLES
from tests.eval import __main__ as evaluation
from tests.eval.corrected import corrected
from tests.eval.error_rates import normal_words
from tests.eval.samples import questions

if TYPE_CHECKING:
    from api.product import Product

pytestmark = pytest.mark.models


def _random_queries(product: "Product", count: int) -> Iterator[str]:
    """Words of the sessions in any order, noise, other scripts, very long pastes."""
    chance = random.Random(2025)
    said = [
        word.text
        for session in product.published.sessions()
        for turn in product.published.transcript(session.id).turns
        for word in turn.words
    ]
    yield from ["?", "«»\"'*()^-:", "🚲🚲", "ما هي تكلفة المسار؟", "AND OR NOT NEAR", "a" * 10_000]
    for _ in range(count):
        yield " ".join(chance.choices(said, k=chance.randint(1, 12)))


@pytest.fixture(scope="module")
def answers(product: "Product") -> list[Answer]:
    asked = [*(q.text for q in questions()), *_random_queries(product, 20)]
    return [product.ask(question).answer for question in asked]


def test_every_citation_is_what_was_said_where_it_was_said(
    product: "Product", answers: list[Answer]
) -> None:
    cited = [citation for answer in answers for citation in answer.citations]
    assert len(cited) > 80
    for citation in cited:
        check(citation, product.published)
        session = product.published.session(citation.session)
        turn = product.archive.turn(session.id, citation.turn, citation.revision)
        assert session.status is Status.PUBLISHED
        assert citation.quote in turn.text
        assert 0 <= citation.start_ms < citation.end_ms <= session.duration_ms
        inside = [w for w in turn.words if citation.start_ms <= w.start_ms < citation.end_ms]
        assert citation.quote.split() == " ".join(w.text for w in inside).split()


def test_an_answer_has_quotations_or_says_why_not(answers: list[Answer]) -> None:
    for answer in answers:
        if answer.refused:  # what comes nearest, or what was decided instead, is said to be so
            assert answer.why
            assert bool(answer.citations) == (answer.state is not State.NOTHING)
        else:
            assert answer.bearing and answer.why is None


def test_bold_are_only_words_that_answer(answers: list[Answer]) -> None:
    near = [c for answer in answers if answer.state is State.NEAR for c in answer.citations]
    assert near
    assert all(citation.strong is None for citation in near)


def test_cited_clips_hold_the_words_they_are_said_to_hold(
    product: "Product", answers: list[Answer], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Cut by the clip route's own code, then heard again by Whisper with nothing else around."""
    cited = {c.quote: c for a in answers[: len(questions())] for c in a.citations[:1]}
    chosen = [c for c in cited.values() if len(c.quote.split()) >= 8][:5]
    transcriber = product.steps.transcriber()
    likeness = []
    for citation in chosen:
        source = product.settings.data / "media" / citation.session / "listen.opus"
        duration = product.published.session(citation.session).duration_ms
        folder = tmp_path_factory.mktemp("clip")
        clip = folder / "clip.opus"
        clip.write_bytes(cut(source, citation.start_ms, citation.end_ms, duration, "opus"))
        pcm = Pcm(decode((clip,), folder, 600_000, lambda fraction: None).pcm)
        speech = detect_speech(pcm, lambda fraction: None)
        whole = Span(0, pcm.duration_ms)
        heard = words_of(whole, pcm, speech, lambda: transcriber, lambda fraction: None)
        again = " ".join(word.text for word in heard)
        likeness.append(
            fuzz.ratio(" ".join(normal_words(citation.quote)), " ".join(normal_words(again)))
        )
    assert len(likeness) == 5
    assert np.median(likeness) >= 90, likeness
    assert min(likeness) >= 60, likeness


def test_listening_files_play_in_a_browser_and_last_as_long_as_the_session(
    product: "Product",
) -> None:
    for session in product.published.sessions():
        for name, codec in (("listen.opus", "opus"), ("listen.mp3", "mp3float")):
            path = product.settings.data / "media" / session.id / name
            with av.open(io.BytesIO(path.read_bytes())) as container:
                assert container.streams.audio[0].codec_context.name in (codec, codec[:3])
                assert container.duration / 1000 == pytest.approx(session.duration_ms, abs=80)


def test_no_figure_fell_below_the_baseline(product: "Product") -> None:
    """All but those of corrected words, for which `make eval` aligns every session anew."""
    baseline = json.loads(evaluation.BASELINE.read_text("utf-8"))
    kinds = [kind for kind in evaluation.KINDS if kind != "correcting"]
    assert evaluation.worse(baseline, evaluation.measure_samples(product, kinds)) == []


def test_corrected_words_start_when_they_are_said(product: "Product") -> None:
    """In one session; what is promised of all of them stands in `tests/eval/test_baseline.py`."""
    found = corrected(product, "2025-03-11-piste-cyclable")
    assert found["changed_start_error"] <= 0.08 and found["all_start_error"] <= 0.08
    assert found["changed_start_error"] < found["guessed_start_error"]


def test_ingesting_the_samples_again_does_nothing(product: "Product") -> None:
    before = product.archive.sessions()
    for request in sample_requests(SAMPLES):
        product.ingest(request, lambda stage, fraction: pytest.fail(f"{stage} was done again"))
    assert product.archive.sessions() == before


@pytest.fixture
def withdrawn(product: "Product") -> Iterator[Session]:
    session = product.withdraw("2025-04-08-piscine-creche")
    yield session
    product.publish(session.id)


def test_a_withdrawn_session_is_found_no_more(product: "Product", withdrawn: Session) -> None:
    for question in ("Combien coûte la piscine ?", "piscine de la Prairie", "crèche"):
        assert withdrawn.id not in {hit.passage.session for hit in product.search(question, 100)}
        assert withdrawn.id not in {c.session for c in product.ask(question).answer.citations}


def test_words_keep_their_order_and_their_place(product: "Product") -> None:
    for session in product.published.sessions():
        transcript = product.published.transcript(session.id)
        words = [word for turn in transcript.turns for word in turn.words]
        starts = [word.start_ms for word in words]
        assert starts == sorted(starts)
        assert all(0 <= w.start_ms < w.end_ms <= session.duration_ms for w in words)
        assert all(re.search(r"[\w%]", word.text) for word in words)  # no sign by itself


def test_a_request_with_the_same_recordings_under_another_name_is_the_same_session(
    product: "Product",
) -> None:
    request: Request = replace(sample_requests(SAMPLES)[0], title="Autre", id="autre")
    assert product.ingest(request, lambda stage, fraction: None).id == "2025-03-11-piste-cyclable"
