"""What is in a recording is told beside it when it arrives; what cannot be used is not sent."""

import html
import re
from pathlib import Path

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ingest.archive.repository import Archive
from ingest.intake import inbox
from ingest.intake.form import read_request
from ingest.intake.inbox import ERROR, look
from ingest.intake.intake import folder
from tests.support.media import cut, silence, speech, write_channels, write_streams
from tests.support.office import small_office
from tests.web.office.test_intake_form import errors, fresh, post, see


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    return small_office(tmp_path)


def sent(clerk: TestClient, path: Path, **fields: str) -> tuple[str, str]:
    """The form's address, and its page once a file has come."""
    address = fresh(clerk)
    post(clerk, address, [("files", (path.name, path.read_bytes()))], **fields)
    return address, html.unescape(clerk.get(address).text).replace("\xa0", " ")


def test_length_channels_and_speech_stand_beside_the_file(
    clerk: TestClient, tmp_path: Path
) -> None:
    _, page = sent(clerk, write_channels(tmp_path / "a.wav", [speech(), speech()]))
    assert "20 s · 2 canaux · parole probable" in page


def test_a_truncated_recording_is_told_at_the_upload_and_not_sent(
    app: FastAPI, clerk: TestClient, tmp_path: Path
) -> None:
    address, page = sent(clerk, cut(write_streams(tmp_path / "partie 1.mp4", [speech()])))
    (told,) = errors(page)
    assert "« partie 1.mp4 » est tronqué" in told
    answer = post(clerk, address, do="send")
    assert answer.status_code == 422
    part = see(app, address).recordings[0]
    assert f'href="#file-{part.id}"' in answer.text
    post(clerk, address, do=f"remove:{part.id}")
    whole = write_streams(tmp_path / "partie 1.mp4", [speech()])
    again = [("files", (whole.name, whole.read_bytes()))]
    assert post(clerk, address, again, do="send").status_code == 303


def test_each_fault_is_told_in_its_own_sentence(clerk: TestClient, tmp_path: Path) -> None:
    text, short = tmp_path / "notes.mp4", tmp_path / "court.wav"
    text.write_text("Procès-verbal\n" * 50, "utf-8")
    write_channels(short, [speech()[:4_800]])
    other = write_streams(tmp_path / "a.au", [speech()], "au", "pcm_s16be")
    told = [errors(sent(clerk, path)[1]) for path in (text, short, other)]
    assert [len(one) for one in told] == [1, 1, 1]
    for words, (sentence,) in zip(
        ("est un texte", "0,1 s", "format non accepté"), told, strict=True
    ):
        assert words in sentence


def test_silence_is_told_and_may_be_sent(clerk: TestClient, tmp_path: Path) -> None:
    address, page = sent(clerk, write_streams(tmp_path / "muet.m4a", [silence(speech())]))
    assert "On n'y entend que du silence" in page and errors(page) == []
    assert post(clerk, address, do="send").status_code == 303


def test_of_two_streams_the_one_with_speech_is_taken_and_another_may_be(
    app: FastAPI, clerk: TestClient, tmp_path: Path
) -> None:
    two = [speech(), np.roll(speech(), 9_600), silence(speech())]
    address, page = sent(clerk, write_streams(tmp_path / "trois.mp4", [two[2], *two[:2]]))
    assert "Ce fichier a 3 pistes son : la piste 2, où quelqu'un parle, est prise." in page
    (select,) = re.findall(r'<select id="stream-.*?</select>', page, re.DOTALL)
    assert select.count("<option") == 3 and "1 · silence" in select
    (name,) = re.findall(r'name="(stream-\w+)"', select)
    assert _streams(app, address) == (1,)
    post(clerk, address, **{name: "3"})
    assert "la piste 3, où quelqu'un parle, est prise" in html.unescape(clerk.get(address).text)
    assert _streams(app, address) == (2,)
    post(clerk, address, **{name: "99"})  # no page offers it
    assert _streams(app, address) == (1,)


def _streams(app: FastAPI, address: str) -> tuple[int | None, ...]:
    desk, arrival = app.state.desk, see(app, address)
    return read_request(desk.archive, arrival, folder(desk.settings.data, arrival.id)).streams


def test_a_watched_folder_says_the_same(
    tmp_path: Path, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "QUIET_S", 0)
    data, box = tmp_path / "data", tmp_path / "arrivées"
    for place in (data, box / "2025-05-13 Conseil"):
        place.mkdir(parents=True)
    cut(write_streams(box / "2025-05-13 Conseil" / "partie.mp4", [speech()]))
    assert look(archive, data, box) == 0
    told = (box / "2025-05-13 Conseil" / ERROR).read_text("utf-8")
    assert "« partie.mp4 » est tronqué" in told
