"""A session without sound is found, quoted and shared like any other, and nothing in it plays."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.answers.answer import Answer, Verified
from api.answers.citation import Citation, Quote, check, cite
from api.deps import Deps
from ingest.archive.published import Published
from ingest.archive.repository import Archive
from ingest.errors import Corrupt
from ingest.text_import.importer import TextRequest, import_texts
from search.index.passages import passages
from search.index.publish import publish
from search.index.vocabulary_cache import CachedVocabulary
from search.query.parsed import Query
from tests.support.small_site import text_of
from tests.support.word_embedder import WordEmbedder
from web.app import create_app

MINUTES = """La séance est ouverte à 20 h 30.

2. Proposition PR-12 : piste cyclable

Mme Claire Fontanet (PS). Le crédit demandé est de deux millions.

Nous le voterons ce soir, avec conviction et avec joie.

M. Stark (UDC). Ich bitte Sie, den Antrag der Minderheit zu unterstützen,
denn sie ist klug und nicht teuer für die Stadt.
"""
ID = "2024-05-14-pv"
COST = "Le crédit demandé est de deux millions."
START, END = 8, 15  # of COST, in words


@pytest.fixture
def kept(archive: Archive, tmp_path: Path) -> Archive:
    """An archive with one session, imported and published."""
    path = tmp_path / f"{ID}.txt"
    path.write_text(MINUTES, "utf-8")
    import_texts(TextRequest((path,), titled=lambda day: f"Séance du {day}"), archive)
    publish(archive, ID, WordEmbedder())
    return archive


def citation(archive: Archive, turn: int = 1) -> Citation:
    """The quotation of a whole paragraph."""
    transcript = archive.transcript(ID)
    said = transcript.turns[turn]
    names = {speaker.label: speaker.person for speaker in transcript.speakers}
    return cite(Quote(ID, said, 0, len(said.words) - 1), names)


@pytest.fixture
def site(deps: Deps, kept: Archive) -> Iterator[TestClient]:
    """A visitor of a site over that session; each question is answered with two quotations."""
    quoted = (citation(kept), citation(kept, turn=3))

    def ask(asked: Query) -> Verified:
        return Verified(Answer(asked, quoted))

    published = Published(kept)
    vocabulary = CachedVocabulary(published)
    app = create_app(replace(deps, published=published, vocabulary=vocabulary, ask=ask))
    with TestClient(app) as client:
        yield client


def test_a_citation_of_a_text_is_verified_by_its_words_and_places(kept: Archive) -> None:
    good = citation(kept)
    assert (good.quote, good.start_ms, good.end_ms) == (COST, START, END)
    assert good.speaker == "Claire Fontanet"
    beyond = kept.session(ID).duration_ms + 1
    check(good, Published(kept))
    for wrong in ({"start_ms": START - 1}, {"end_ms": beyond}, {"quote": "Le crédit est de trois"}):
        with pytest.raises(Corrupt):
            check(replace(good, **wrong), Published(kept))


def test_passages_of_a_text_keep_its_speakers_and_points_apart(kept: Archive) -> None:
    found = passages(kept.transcript(ID), kept.session(ID))
    assert [(p.start_ms, p.text[:24]) for p in found] == [
        (0, "La séance est ouverte à "),
        (START, COST[:24]),
        (25, "Ich bitte Sie, den Antra"),
    ]


def test_the_api_gives_the_words_and_no_sound(site: TestClient) -> None:
    session = site.get(f"/api/sessions/{ID}").json()
    assert (session["has_audio"], session["duration_ms"]) == (False, None)
    assert session["duration"] == "44 mots"
    assert session["agenda"][0]["start"] is None
    turns = site.get(f"/api/sessions/{ID}/transcript").json()["turns"]
    assert [turn["start"] for turn in turns] == [None] * 4
    assert turns[0]["who"] == {
        "name": "Texte de la séance",
        "role": "",
        "group": "",
        "known": False,
        "evidence": "",
    }
    assert turns[3]["language"] == "de"
    (cited, german) = site.post("/api/ask", json={"question": "Combien ?"}).json()["citations"]
    assert cited["links"]["page"] == f"/seances/{ID}?t={START}-{END}&r=1#extrait"
    sounds = {"audio_opus", "audio_mp3", "clip_opus", "clip_mp3"}
    assert {cited["links"][name] for name in sounds} == {None}
    assert (cited["start"], cited["end"], cited["has_audio"]) == (None, None, False)
    assert cited["reference"].endswith("point 2, Proposition PR-12 : piste cyclable.")
    assert german["language"] == "de"


@pytest.mark.parametrize(
    "sound", ["audio.opus", "audio.mp3", f"clip.mp3?start_ms={START}&end_ms={END}"]
)
def test_asking_for_its_sound_is_answered_in_a_sentence(site: TestClient, sound: str) -> None:
    response = site.get(f"/api/sessions/{ID}/{sound}")
    assert response.status_code == 404
    assert "est un texte importé : rien n'y est à écouter" in response.json()["detail"]


def test_its_page_reads_as_a_text_and_offers_nothing_to_play(site: TestClient) -> None:
    page = site.get(f"/seances/{ID}").text
    # The bar of words that are selected is hidden; its script offers no sound where there is none.
    page = re.sub(r'(?s)<section id="citer".*?</section>', "", page)
    shown = text_of(page.split("<main")[1].split("</main>")[0])
    assert "Procès-verbal, sans enregistrement" in shown
    assert not re.search(r"automatique|Écouter|\d:\d\d:\d\d", shown)
    assert "Transcription automatique" not in text_of(page)
    page = page.split("<main")[1].split("</main>")[0]
    assert not re.search(r"<audio|data-from|data-act=\"play\"|data-opus|/clip|/audio", page)
    assert page.count("Claire Fontanet</a></span>") == 1  # her second paragraph goes on
    assert '<p class="said" lang="de">Ich bitte' in page
    assert '<h2 id="point-1">' in page


def test_a_link_to_its_words_marks_them(site: TestClient) -> None:
    page = site.get(f"/seances/{ID}", params={"t": f"{START}-{END}", "r": 1}).text
    assert re.findall(r"<mark[^>]*>(.*?)</mark>", page) == [COST]
    assert "None" not in page and 'data-act="play"' not in page
    assert "a été corrigé" not in page


def test_an_answer_from_texts_alone_promises_no_listening(site: TestClient) -> None:
    page = site.get("/", params={"q": "Combien coûte la piste ?"}).text
    answer = page[page.index('class="exchange') :]
    assert f"«&nbsp;{COST}&nbsp;»" in answer
    assert "<blockquote cite" in answer and 'lang="de"' in answer
    cards = answer[: answer.index("printed-address")]
    assert not re.search(
        r"data-act=\"play\"|<audio|download|data-clip|\bNone\b|class=\"clock\"", cards
    )
    assert "Dans la séance" in cards and "data-copy=" in cards and "procès-verbal, sans" in cards
    assert "2 citations, vérifiées mot pour mot dans les procès-verbaux" in text_of(answer)


def test_the_list_of_sessions_tells_words_instead_of_minutes(site: TestClient) -> None:
    listed = text_of(site.get("/seances").text)
    assert "44 mots" in listed and "0 s" not in listed
