"""Documents for any reader: made once, followed by every change, gone when they must."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from fastapi.testclient import TestClient

from api.commands.integrity import no_trace
from api.exports import kept_exports
from api.exports.kept_exports import KeptExports
from api.exports.minutes_store import keep
from api.product import Product
from ingest.archive.redactions import RedactionReason
from ingest.errors import BadInput, InPreparation, NotFound
from ingest.redaction.redact import RedactionRequest
from ingest.transcript import Status
from search.index.withdraw import redact_passage
from tests.api.exports.test_minutes import made_of
from tests.support.office import desk_of, signed_in, small_office
from tests.support.redaction_site import LAST, OTHER, SECRET, SECRET_SPAN, SITTING, published_at
from tests.support.small_site import PUBLISHED
from tests.support.waiting import PATIENCE_S
from web.app import create_app

pytestmark = pytest.mark.usefixtures("filled_here")

ASKED = RedactionRequest(SECRET_SPAN, RedactionReason.IN_CAMERA, "greffe")
DOCX = f"/seances/{SITTING}/export.docx"
SEAL = b"as it stands"


@pytest.fixture
def product(tmp_path: Path) -> Product:
    return published_at(tmp_path / "data")


@pytest.fixture
def site(product: Product) -> TestClient:
    app = create_app(product.deps(), product.desk())
    return TestClient(app, raise_server_exceptions=False)


def files(product: Product, session_id: str = SITTING) -> list[str]:
    return sorted(path.name for path in (product.settings.data / "exports" / session_id).glob("*"))


def text_of(document: bytes) -> str:
    return "\n".join(paragraph.text for paragraph in Document(BytesIO(document)).paragraphs)


class Maker:
    """Counts how often a document is made."""

    def __init__(self, does: Callable[[], object] = lambda: None) -> None:
        self.times, self.does = 0, does

    def __call__(self) -> bytes:
        self.times += 1
        self.does()
        return b"document"


def ask(exports: KeptExports, make: Maker, seal: bytes = SEAL, variant: str = ".docx") -> bytes:
    return exports.document("s", seal, make, lambda: seal, variant)


def test_requests_at_once_are_answered_by_one_document(tmp_path: Path) -> None:
    clerk = signed_in(small_office(tmp_path))
    with ThreadPoolExecutor(8) as several:
        address = f"/seances/{PUBLISHED}/export.docx"
        answers = list(several.map(lambda _: clerk.get(address), range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1  # each would hold its own hour
    assert answers[0].content == clerk.get(address).content


def test_a_document_is_made_once(tmp_path: Path) -> None:
    exports, make = KeptExports(tmp_path), Maker()
    with ThreadPoolExecutor(8) as several:
        assert set(several.map(lambda _: ask(exports, make), range(8))) == {b"document"}
    assert make.times == 1
    ask(exports, make, variant=".horaires.docx")
    ask(exports, make)
    assert make.times == 2


def test_a_document_of_what_was_before_is_dropped(tmp_path: Path) -> None:
    exports, make = KeptExports(tmp_path), Maker()
    ask(exports, make)
    ask(exports, make, variant=".horaires.docx")
    ask(exports, make, b"as it stands now")
    assert make.times == 3 and len(list((tmp_path / "exports" / "s").iterdir())) == 1


def test_why_a_document_cannot_be_made_is_kept_for_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise BadInput("Ce modèle est trop lourd.")

    exports, make = KeptExports(tmp_path), Maker(refuse)
    for _ in range(3):
        with pytest.raises(BadInput, match="trop lourd"):
            ask(exports, make)
    assert make.times == 1
    monkeypatch.setattr(kept_exports, "_REFUSED_S", 0.0)
    with pytest.raises(BadInput, match="trop lourd"):
        ask(exports, make)
    assert make.times == 2


def test_what_is_kept_is_bounded_and_what_was_asked_for_last_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_exports, "LARGEST", 3 * len(b"document"))
    exports, make = KeptExports(tmp_path), Maker()
    for session_id in ("a", "b", "c", "a", "d"):
        exports.document(session_id, SEAL, make, lambda: SEAL)
    kept = {path.parent.name for path in (tmp_path / "exports").rglob("*") if path.is_file()}
    assert kept == {"a", "c", "d"} and make.times == 4


def test_more_requests_than_may_wait_are_sent_away_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_exports, "_waiting", threading.BoundedSemaphore(1))
    begun, over = threading.Event(), threading.Event()

    def slowly() -> None:
        begun.set()
        over.wait(PATIENCE_S)

    exports = KeptExports(tmp_path)
    first = threading.Thread(target=ask, args=(exports, Maker(slowly)))
    first.start()
    assert begun.wait(PATIENCE_S)
    with pytest.raises(InPreparation, match="en préparation"):
        ask(exports, Maker())
    over.set()
    first.join()
    assert ask(exports, Maker()) == b"document"


def test_a_document_follows_a_correction_and_the_citys_template(
    product: Product, site: TestClient
) -> None:
    first = site.get(DOCX)
    assert site.get(DOCX).content == first.content and "Hélène Baudin" in text_of(first.content)
    product.name(SITTING, "S1", "Anne Martin")
    second = site.get(DOCX)
    assert second.headers["etag"] != first.headers["etag"]
    assert "Hélène Baudin" not in text_of(second.content)
    assert len(files(product)) == 1
    keep(product.settings, made_of("Commune de {{ ville }}"))
    assert text_of(site.get(DOCX).content).startswith("Commune de")


def test_clocks_are_another_document(site: TestClient) -> None:
    with_clocks = site.get(f"{DOCX}?horaires=1")
    assert site.get(DOCX).headers["etag"] != with_clocks.headers["etag"]
    assert "0:00:01" in text_of(with_clocks.content)


def test_a_redacted_passage_is_in_no_kept_document(product: Product, site: TestClient) -> None:
    site.get(DOCX), site.get(f"{DOCX}?horaires=1"), site.get(f"/seances/{OTHER}/export.docx")
    assert any(trace.file.startswith("exports/") for trace in no_trace(product, [SECRET]))
    product.close(SITTING, ASKED)
    assert list(no_trace(product, [SECRET])) == []
    assert files(product) == [] and len(files(product, OTHER)) == 1
    text = text_of(site.get(DOCX).content)
    assert LAST in text and "Untel" not in text


def test_a_document_that_is_made_while_a_passage_is_redacted_is_neither_given_nor_kept(
    product: Product,
) -> None:
    def seal_now() -> bytes:
        return repr(product.archive.transcript(SITTING)).encode()

    redact = Maker(lambda: redact_passage(product.archive, SITTING, ASKED))
    with pytest.raises(InPreparation, match="vient de changer"):
        product.desk().exports.document(SITTING, seal_now(), redact, seal_now)
    assert files(product) == []


def test_removing_waits_for_what_is_being_made(tmp_path: Path) -> None:
    begun, over = threading.Event(), threading.Event()

    def slowly() -> None:
        begun.set()
        over.wait(PATIENCE_S)

    exports = KeptExports(tmp_path)
    making = threading.Thread(target=ask, args=(exports, Maker(slowly)))
    making.start()
    assert begun.wait(PATIENCE_S)
    removing = threading.Thread(target=exports.forget, args=("s",))
    removing.start()
    over.set()
    making.join()
    removing.join()
    assert not (tmp_path / "exports" / "s").exists()


def test_what_is_withdrawn_or_erased_is_not_kept(product: Product, site: TestClient) -> None:
    for hide in (product.withdraw, product.hold_in_camera):
        site.get(DOCX)
        assert files(product)
        hide(SITTING)
        assert files(product) == [] and site.get(DOCX).status_code == 404
        product.reopen(SITTING)
        product.publish(SITTING)
    site.get(DOCX)
    product.erase(SITTING)
    assert files(product) == [] and site.get(DOCX).status_code == 404


def test_the_office_withdraws_what_is_kept_too(tmp_path: Path) -> None:
    clerk = signed_in(small_office(tmp_path))
    folder = tmp_path / "exports" / PUBLISHED
    address = f"/seances/{PUBLISHED}/export.docx"
    assert clerk.get(address).status_code == 200 and list(folder.iterdir())
    assert clerk.post(f"/bureau/seances/{PUBLISHED}/publication/retirer").status_code == 303
    assert desk_of(clerk).archive.status(PUBLISHED) is Status.WITHDRAWN
    assert not folder.exists()


def test_a_draft_that_the_office_takes_out_is_not_kept(product: Product) -> None:
    product.withdraw(SITTING)
    clerk = signed_in(create_app(product.deps(), product.desk()))
    assert SECRET in text_of(clerk.get(f"/bureau{DOCX}").content)
    assert files(product) == []
    with pytest.raises(NotFound):
        product.published.session(SITTING)
