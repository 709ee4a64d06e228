"""What may have been heard wrongly is marked in a quotation, and told with what is copied."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from api.answers.citation import Quote, cite
from api.views.answer import CitationView, citation_view
from ingest.transcript import Recording, Reviewed, Session, Turn, Word

SURE, UNSURE = 0.95, 0.3
SESSION = Session("s", "Séance", date(2025, 3, 11), parts=(Recording("h", 0, 9000),))


def view(
    marked: str, session: Session = SESSION, strong: tuple[int, int] | None = None
) -> CitationView:
    """A view of a turn, in which unsure words are written with a star before them."""
    words = tuple(
        Word(n * 400, n * 400 + 300, text.lstrip("*"), UNSURE if text[0] == "*" else SURE)
        for n, text in enumerate(marked.split(" "))
    )
    return citation_view(
        cite(Quote("s", Turn(0, "A", words), 0, len(words) - 1, strong), {}), session
    )


def test_words_of_low_confidence_are_marked_without_their_signs() -> None:
    shown = view("Le *crédit, est de *2\u202f700\u202f000 francs.", strong=(3, 4))
    assert "".join(text for text, _, _ in shown.pieces) == shown.quote
    assert [text for text, _, unsure in shown.pieces if unsure] == ["crédit", "2\u202f700\u202f000"]
    strong = "".join(text for text, strong, _ in shown.pieces if strong)
    assert strong == "de 2\u202f700\u202f000"


@pytest.mark.parametrize(
    ("marked", "note"),
    [
        (
            "Le crédit est de *2\u202f700\u202f000 francs.",
            "À vérifier à l'écoute : 2\u202f700\u202f000.",
        ),
        ("Le *crédit est de 300 francs.", ""),
    ],
)
def test_an_unsure_figure_is_copied_with_a_warning(marked: str, note: str) -> None:
    assert view(marked).reference.split("\n")[2:] == ([note] if note else [])


def test_a_reviewed_session_has_no_unsure_words() -> None:
    reviewed = replace(SESSION, reviewed=Reviewed("Anne", datetime(2025, 4, 1, tzinfo=UTC)))
    shown = view("Le crédit est de *300 francs.", reviewed)
    assert shown.unsure == ()
    assert "vérifier" not in shown.reference
