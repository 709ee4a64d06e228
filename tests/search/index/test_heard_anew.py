"""A session that is heard again: what people did to it stands on the new words, or is listed."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from api.product import Product
from ingest.archive import redactions
from ingest.archive.change_log import ChangeKind, revision
from ingest.archive.redactions import RedactionReason
from ingest.archive.remainder import open_part
from ingest.editing import progress
from ingest.editing.changes import redo, undo
from ingest.editing.edits import Split, TextEdit, Voice
from ingest.errors import BadInput
from ingest.redaction import held
from ingest.redaction.redact import RedactionRequest
from ingest.transcript import (
    Doubt,
    Evidence,
    Generator,
    Recording,
    ReviewProgress,
    Span,
    Speaker,
    Transcript,
    Turn,
    Word,
)
from search.filters import Outcome
from search.index.heard_anew import Anew, CarriedOver, destroyed, replace_transcript
from search.index.withdraw import redact_passage, withhold
from search.votes.confirm import add, judged_session
from search.votes.entered import Entered
from tests.support.redaction_site import (
    AFTER,
    BEFORE,
    LAST,
    OPENING,
    SECRET,
    SITTING,
    product_at,
    sitting,
)
from tests.support.small_site import said

CLERK = "greffe"
LARGER = Generator("larger", "fake", "2", {})


@pytest.fixture
def product(tmp_path: Path) -> Product:
    made = product_at(tmp_path / "data")
    made.archive.save(*sitting())
    return made


def heard(*turns: tuple[str, Sequence[Word]], speakers: Sequence[Speaker] = ()) -> Transcript:
    made = tuple(Turn(n, voice, tuple(words)) for n, (voice, words) in enumerate(turns))
    labels = dict.fromkeys(voice for voice, _ in turns)
    named = tuple(speakers) or tuple(Speaker(label) for label in labels)
    return Transcript(SITTING, named, made, (), LARGER)


def larger(**words: str) -> Transcript:
    """What a larger model hears: the same but for some words, a tenth of a second later."""
    texts = [BEFORE, SECRET, AFTER]
    given = {"opening": OPENING, "last": LAST} | words
    speech = given.get("speech", " ".join(texts))
    late = [
        replace(word, start_ms=word.start_ms + 100, end_ms=word.end_ms + 100)
        for text, at in zip(texts, (4_500, 7_000, 10_000), strict=True)
        for word in said(text, at)
    ]
    if len(speech.split()) == len(late):
        late = [replace(w, text=text) for w, text in zip(late, speech.split(), strict=True)]
    return heard(
        ("S1", said(given["opening"], 1_000)), ("S2", late), ("S1", said(given["last"], 14_000))
    )


def put(product: Product, new: Transcript, kind: ChangeKind = ChangeKind.AGAIN) -> CarriedOver:
    before = product.archive.transcript(SITTING)
    with product.archive.engine.connect() as db:
        gone = destroyed(db, SITTING)
    return replace_transcript(product.archive, Anew(new, before, gone, kind, CLERK))


def edit(product: Product, change: TextEdit | Split | Voice) -> None:
    with product.archive.engine.connect() as db:
        base = revision(db, SITTING)
    product.changes.make(SITTING, base, CLERK, change)


def texts(product: Product) -> list[str]:
    return [turn.text for turn in product.archive.transcript(SITTING).turns]


def test_words_names_and_reading_are_carried_over_and_undone_as_one(product: Product) -> None:
    edit(product, TextEdit(turn=2, text=LAST.replace("crèche", "Crèche")))
    product.changes.name(SITTING, "S2", "Bruno Girard", CLERK)
    with product.archive.begin() as db:
        progress.mark(db, SITTING, [0, 2], CLERK, True)
    before = product.archive.transcript(SITTING)

    wrong = larger(last="La crache ouvrira en septembre.", speech=" ".join([BEFORE, SECRET, AFTER]))
    carried = put(product, wrong)

    now = product.archive.transcript(SITTING)
    assert texts(product)[2] == "La Crèche ouvrira en septembre."
    assert now.generator == LARGER
    assert now.speaker("S2") == Speaker(
        "S2", "Bruno Girard", Evidence.CLERK, 1.0, "dit par le secrétariat"
    )
    assert (carried.corrections, carried.corrections_left, carried.voices) == (1, 0, 1)
    assert (carried.read, carried.read_left) == (2, 0)  # the same words: read still
    assert product.archive.session(SITTING).reading == ReviewProgress(2, 3)

    undo(product.changes, SITTING, 1, CLERK)
    assert product.archive.transcript(SITTING).generator == before.generator
    assert product.archive.transcript(SITTING).review == before.review
    assert [t.words for t in product.archive.transcript(SITTING).turns] == [
        t.words for t in before.turns
    ]
    assert product.archive.session(SITTING).reading == ReviewProgress(2, 3)
    redo(product.changes, SITTING, 1, CLERK)
    assert texts(product) == [turn.text for turn in now.turns]
    assert product.archive.transcript(SITTING).generator == LARGER


def test_it_is_carried_over_a_second_time(product: Product) -> None:
    edit(product, TextEdit(turn=2, text=LAST.replace("crèche", "Crèche")))
    edit(product, Voice(turn=0, person="Anne Rey", everywhere=False))
    for _ in range(2):
        carried = put(product, larger(last="La crache ouvrira en septembre."))
        assert carried.corrections == 1
        turns = product.archive.transcript(SITTING).turns
        assert turns[2].text == "La Crèche ouvrira en septembre."
        assert product.archive.transcript(SITTING).person(turns[0]) == "Anne Rey"


def test_what_does_not_fit_is_listed_with_its_time(product: Product) -> None:
    edit(product, TextEdit(turn=2, text=LAST.replace("crèche", "Crèche")))
    other = larger(last="Il pleut des cordes.")
    assert put(product, other).corrections_left == 1
    (item,) = [i for i in product.archive.review(SITTING) if i.doubt is Doubt.CARRY]
    assert item.start_ms == 14_400 and "« Crèche »" in item.reason
    assert texts(product)[2] == "Il pleut des cordes."
    assert product.archive.session(SITTING).reviewed is None


def test_what_is_withheld_stays_so_whatever_is_heard_there(product: Product) -> None:
    first, last = said(SECRET, 7_000)[0], said(SECRET, 7_000)[-1]
    withhold(product.archive, SITTING, Span(first.start_ms, last.end_ms), CLERK)
    late = [
        replace(w, start_ms=w.start_ms + 350, end_ms=w.end_ms + 350) for w in said(SECRET, 7_000)
    ]
    early = Word(6_650, 6_980, "Monsieur", 0.9)  # outside the stretch by its time alone
    speech = [*said(BEFORE, 4_500), early, *late[1:], *said(AFTER, 10_400)]
    speech[-len(AFTER.split()) - 1] = Word(9_790, 10_050, "grave.", 0.9)
    carried = put(product, heard(("S1", said(OPENING, 1_000)), ("S2", speech)))
    public = " ".join(t.text for t in open_part(product.archive.transcript(SITTING)).turns)
    assert not {"Monsieur", "Untel", "maladie", "grave."} & set(public.split())
    assert "voté." in public and "Revenons" in public
    assert carried.widened == 1
    with product.archive.engine.connect() as db:
        (one,) = redactions.of_session(db, SITTING)
    assert (one.span, one.why, one.stage) == (
        Span(6_650, 10_050),
        RedactionReason.WITHHELD,
        "words",
    )


@pytest.mark.parametrize("is_public", [False, True])
def test_what_was_announced_in_camera_is_kept_where_the_words_do_not_say_it_any_more(
    product: Product, is_public: bool
) -> None:
    closing = "Je prononce le huis clos."
    product.archive.save(
        replace(sitting()[0], id="camera", parts=(Recording("9" * 64, 0, 20_000),)),
        replace(_announcing(closing), session="camera"),
    )
    session = product.archive.session("camera")
    with product.archive.engine.connect() as db:
        (stretch,) = held.stretches(held.held(db, session))
    if is_public:
        product.publish("camera")
    before = product.archive.transcript("camera")
    new = replace(_announcing("Je prononce le lui clos."), session="camera")
    replace_transcript(product.archive, Anew(new, before, (), ChangeKind.AGAIN, CLERK))
    with product.archive.engine.connect() as db:
        (kept,) = redactions.of_session(db, "camera")
    assert kept.why is RedactionReason.WITHHELD
    assert kept.span.start_ms <= stretch.start_ms and stretch.end_ms <= kept.span.end_ms
    assert SECRET not in " ".join(
        turn.text for turn in open_part(product.archive.transcript("camera")).turns
    )


def test_what_a_person_released_stays_public(product: Product) -> None:
    product.archive.save(
        replace(sitting()[0], id="camera", parts=(Recording("9" * 64, 0, 20_000),)),
        replace(_announcing("Je prononce le huis clos."), session="camera"),
    )
    session = product.archive.session("camera")
    with product.archive.begin() as db:
        held.release(db, session, held.held(db, session), CLERK)
    before = product.archive.transcript("camera")
    new = replace(_announcing("Je prononce le huis clos.", 1_150), session="camera")
    replace_transcript(product.archive, Anew(new, before, (), ChangeKind.AGAIN, CLERK))
    with product.archive.engine.connect() as db:
        assert (held.held(db, session), redactions.of_session(db, "camera")) == ((), ())


def _announcing(closing: str, start_ms: int = 1_000) -> Transcript:
    return heard(
        ("S1", said(closing, start_ms)),
        ("S2", said(SECRET, 7_000)),
        ("S1", said("La séance est publique de nouveau.", 12_000)),
        speakers=(Speaker("S1", "Hélène Baudin", Evidence.CHAIR, 0.9), Speaker("S2")),
    )


def test_nothing_that_was_destroyed_comes_back(product: Product) -> None:
    edit(product, TextEdit(turn=2, text=LAST.replace("crèche", "Crèche")))
    new = larger()
    before = product.archive.transcript(SITTING)
    redact_passage(
        product.archive,
        SITTING,
        RedactionRequest(Span(7_000, 9_780), RedactionReason.ERASED, CLERK),
    )
    with pytest.raises(BadInput, match="pendant la transcription"):
        replace_transcript(product.archive, Anew(new, before, (), ChangeKind.AGAIN, CLERK))
    put(product, new)
    assert not any(word in " ".join(texts(product)) for word in ("Untel", "maladie", "souffre"))
    assert "Crèche" in texts(product)[-1]


def test_votes_are_confirmed_on_the_new_words_with_the_figures_typed(product: Product) -> None:
    entered = Entered(Outcome.ACCEPTED, 12, 3, noun="crédit")
    add(product.archive, SITTING, 4_500, entered, CLERK)
    carried = put(product, larger(speech=f"Les crédits demandés sont votés. {SECRET} {AFTER}"))
    assert (carried.votes, carried.votes_left) == (1, 0)
    (vote,) = [one for one in judged_session(product.archive, SITTING).votes if one.verdict]
    assert (vote.vote.yes, vote.vote.no, vote.by) == (12, 3, CLERK)
    assert vote.vote.said.startswith("Les crédits")


def test_voices_are_told_apart_again_and_the_words_stay(product: Product) -> None:
    edit(product, TextEdit(turn=2, text=LAST.replace("crèche", "Crèche")))
    product.changes.name(SITTING, "S1", "Anne Rey", CLERK)
    now = product.archive.transcript(SITTING)
    words = [turn.words for turn in now.turns]
    voiced = heard(("S1", words[0]), ("S2", words[1][:5]), ("S3", words[1][5:]), ("S1", words[2]))
    carried = put(product, voiced, ChangeKind.VOICES)
    after = product.archive.transcript(SITTING)
    assert [turn.speaker for turn in after.turns] == ["S1", "S4", "S2", "S1"]
    assert after.person(after.turns[3]) == "Anne Rey"
    assert [w for turn in after.turns for w in turn.words] == [w for ws in words for w in ws]
    assert (carried.corrections, carried.voices) == (0, 1)
    edit(product, TextEdit(turn=0, text="Bonjour."))  # and all of it counts, next time
    assert put(product, larger(last="La crache ouvrira en septembre.")).corrections_left == 0
    assert texts(product)[-1] == "La Crèche ouvrira en septembre."
