"""Every function that reads text holds for every text: a French lexicon, and any Unicode.

One word, "ions", once kept a session from being published. What is tried is in
`tests.support.lexicon`; all of the lexicon is tried by `make stress`, of which `make test` takes a
part that is always the same.
"""

import logging
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import pairwise, product
from string import ascii_lowercase
from unicodedata import normalize

import pytest
from hypothesis import given, settings

from api.answers import answer_type, refusals
from api.answers.vote_sentences import figures, told
from api.exports.captions import subrip, webvtt
from api.exports.script import one_line, script
from api.llm import clauses, entailment, prompt, writer
from api.llm.clauses import QuotedSource
from api.views.answer import asked_view
from ingest import languages as text_languages
from ingest import phonetics
from ingest.asr.hallucinations import without_invented
from ingest.asr.hotwords import hints
from ingest.asr.name_repair import likeness, piece, repair, repairs_to_review
from ingest.documents.agenda import agenda_times
from ingest.documents.agenda_text import read_agenda_text
from ingest.documents.captions import tidy_name
from ingest.documents.glossary import Term
from ingest.documents.roster import given_roster
from ingest.editing import timing
from ingest.errors import UserError
from ingest.french_dates import day_written, read_date, read_hour
from ingest.intake.intake import natural
from ingest.languages import question_language
from ingest.redaction.proof import pattern
from ingest.speakers import participants
from ingest.speakers.identify import attribute
from ingest.text import fold, folded_words
from ingest.text_import import document, jsonl, minutes, tei
from ingest.transcript import (
    AgendaItem,
    Generator,
    Person,
    Session,
    Speaker,
    Transcript,
    Turn,
    Word,
)
from ingest.written_names import read_name
from search.filters import Filters
from search.index.passages import about, context, passages
from search.language import codes, parties
from search.language.acronyms import Acronym, Acronyms, acronyms, fits
from search.language.numbers import (
    days_in_figures,
    has_numbers,
    normal_amounts,
    normal_moments,
    normal_numbers,
)
from search.language.offsets import Folded, Stretch
from search.language.sentences import sentences
from search.language.spelling import one_spelling
from search.language.stemmer import stem
from search.language.stems import MAX_TOKEN, exact_stems, tokens
from search.query.date_filters import said_when
from search.query.dates import dates_in, relative_dates
from search.query.followup import context_of, from_params, pointing, resolve
from search.query.intents import intent_of, presumed_outcome
from search.query.parse import parse
from search.query.people import people_in
from search.query.url import filter_params, to_params
from search.query.vocabulary import code_key, vocabulary_of
from search.votes import phrases
from search.votes.extract import as_said, mover_of, votes
from search.votes.tallies import code_of, codes_in, council_normal, tally
from search.votes.vote import noun_of
from tests.support.lexicon import ANY_TEXT, STRESS, ends, french_words, sample
from tests.support.named_council import ROSTER, TODAY, sessions, vocabulary
from web.filters import typeset

VOCABULARY = vocabulary()
QUOTED = QuotedSource("La motion M-7 est acceptée par 41 oui.", "Claire Fontanet", date(2025, 5, 1))
TPG = Acronyms((Acronym("TPG", "Transports publics genevois"),))
FEW = settings(max_examples=1_000 if STRESS else 40, deadline=None)
MANY = settings(max_examples=5_000 if STRESS else 300, deadline=None)


class Loud(logging.Handler):
    """What the product goes on after with a line in the log is a failure here."""

    def emit(self, record: logging.LogRecord) -> None:
        raise AssertionError(record.getMessage()) from sys.exc_info()[1]


@pytest.fixture(scope="module", autouse=True)
def nothing_is_passed_over() -> Iterator[None]:
    loud = Loud(logging.ERROR)
    logging.getLogger("search").addHandler(loud)
    yield
    logging.getLogger("search").removeHandler(loud)


def failures(reader: Callable[[str], object], texts: Iterable[str]) -> list[str]:
    """The texts on which a reader raises, with what it raises: all of them are wanted at once."""
    found = []
    for text in texts:
        try:
            reader(text)
        except Exception as error:
            found.append(f"{text[:60]!r}: {error!r}")
    return found


# --- one word -------------------------------------------------------------------------------------


def has_a_stem(word: str) -> None:
    found = stem(word)
    assert found and found.isalnum()


def test_every_word_of_french_has_a_stem() -> None:
    folded = {fold(word) for word in french_words()}
    words = sorted({part for word in folded for part in re.findall(r"[^\W_]+", word)})
    assert len(words) > 200_000
    assert failures(has_a_stem, words) == []


def test_every_beginning_and_end_of_a_word_has_a_stem() -> None:
    parts = {fold(part) for part in ends(sample(french_words(), 10_000))}
    assert failures(has_a_stem, (part for part in parts if part.isalnum())) == []


def test_every_short_string_of_letters_has_a_stem() -> None:
    lengths = range(1, 5 if STRESS else 4)
    strings = (
        "".join(letters)
        for length in lengths
        for letters in product(ascii_lowercase, repeat=length)
    )
    assert failures(has_a_stem, strings) == []


def test_ions_are_the_plural_of_an_ion() -> None:
    assert stem("ions") == stem("ion") == "ion"
    assert exact_stems("La station retire les ions de l'eau.") == ["station", "retir", "ion", "eau"]


def test_folding_every_word_twice_changes_nothing() -> None:
    assert [word for word in french_words() if fold(fold(word)) != fold(word)] == []


def test_every_word_is_matched_by_something() -> None:
    def read(word: str) -> None:
        found = exact_stems(word)
        assert all(one and " " not in one and len(one) <= 2 * MAX_TOKEN for one in found)
        assert tokens(word) or not any(map(str.isalnum, word))

    assert failures(read, sample(french_words(), 20_000)) == []


# --- readers of text ------------------------------------------------------------------------------


def of_person(name: str) -> None:
    """A person of that name, role and group: a roster is as a clerk writes it."""
    one = Person(name, name, name)
    people = (one, *ROSTER)
    read_name(name), read_name(name, name, surname_first=True), tidy_name(name)
    phonetics.is_woman(one, people)
    phonetics.guesses(name.split(), phonetics.find_people(name.split(), people), len(people))
    phonetics.find_people(["Claire", "Fontanet"], people)
    participants.person_behind(name, people)
    participants.roster_name("Mme Fontanet", people)
    hints(people, (), (AgendaItem("1", name, name),))
    session = replace(sessions()[0], title=name, body=name, roster=people)
    made = vocabulary_of((session,), (name,))
    assert made.by_name and made.by_family and made.spellings
    parse("Qu'a dit Mme Fontanet du PS sur la M-7 ?", made, TODAY)
    parse(name, made, TODAY)


def of_title(title: str) -> None:
    """A point of the agenda, an object's code and a term of the glossary that are called so."""
    codes_in(title), code_of(title), noun_of(title), code_key(title), document.object_in(title)
    acronyms([Term(title, (title,), title)])
    fits("TPG", title), fits(title, title)


def of_answer(sentence: str) -> None:
    """A machine's sentence on quotations, and quotations of a text."""
    own = QuotedSource(sentence, sentence, date(2025, 5, 1), (sentence,))
    entailment.flaw(sentence, [QUOTED])
    entailment.flaw("La motion M-7 est acceptée par 41 oui.", [own])
    entailment.flaw(sentence, [own])
    writer.plain(sentence), writer._referred(sentence), writer._trusted(sentence, sentence, "")
    clauses.clauses(sentence), prompt.gives_orders(sentence), prompt.harmless(sentence)


def refused_at_most(reader: Callable[[str], object]) -> Callable[[str], object]:
    """A reader of what people type, which may refuse it with a sentence."""

    def read(text: str) -> object:
        try:
            return reader(text)
        except UserError as error:
            return str(error)

    return read


def of_file(read: Callable[[str, str, str], object]) -> Callable[[str], object]:
    """On the text of a file."""
    return lambda text: read("a.txt", text, "digest")


def on_folded(reader: Callable[[str], object]) -> Callable[[str], object]:
    return lambda text: reader(fold(text))


READERS: tuple[Callable[[str], object], ...] = (
    *map(on_folded, (one_spelling, has_numbers, normal_numbers, normal_amounts, normal_moments)),
    *map(on_folded, (days_in_figures, codes.with_codes, phrases.head, intent_of)),
    *map(on_folded, (presumed_outcome, pointing, phrases.first_noun)),
    *(exact_stems, tokens, TPG.stems, question_language, text_languages.language_of, of_title),
    *(parties.plain, parties.family_of_value, lambda text: re.compile(parties.said_forms(text))),
    *(folded_words, phonetics.sound, phonetics.letters, phonetics.surnames),
    *(participants.is_a_person, lambda text: participants.person_behind(text, ROSTER)),
    *(lambda text: likeness(text, "Fontanet"), lambda text: likeness("Fontanet", text)),
    *(document.tidy, lambda text: list(document.blocks(text)), day_written, natural, one_line),
    *map(refused_at_most, (read_date, read_hour, given_roster, read_agenda_text)),
    *(refused_at_most(lambda text: pattern(text).is_said(text)), typeset),
    *(refused_at_most(of_file(read)) for read in (minutes.read, tei.read)),
    lambda text: list(document.directions_apart(document.TextParagraph(text, ROSTER[0]))),
    refused_at_most(lambda text: jsonl.read("a.jsonl", text)),
    *(lambda text: tally(council_normal(text), refused="non" in text),),
    *(lambda text: mover_of("motion", (text, text), ROSTER), lambda text: as_said(text, text)),
)


@pytest.mark.parametrize("reader", READERS)
def test_every_word_is_read(reader: Callable[[str], object]) -> None:
    words = sample(french_words(), 500)
    assert failures(reader, (*words, *ends(words[::20]))) == []


@MANY
@given(ANY_TEXT)
def test_any_text_is_read(text: str) -> None:
    for reader in READERS:
        reader(text)


@FEW
@given(ANY_TEXT)
def test_a_person_may_be_called_anything(name: str) -> None:
    of_person(name)


@FEW
@given(ANY_TEXT)
def test_a_machine_may_write_anything(sentence: str) -> None:
    of_answer(sentence)


# --- where something stands -----------------------------------------------------------------------


@MANY
@given(ANY_TEXT)
def test_every_folded_letter_knows_where_it_was_typed(text: str) -> None:
    folded = Folded.of(text)
    assert len(folded.at) == len(folded.text)
    assert all(a <= b for a, b in pairwise(folded.at))
    size = len(folded.text)
    for stretch in (
        Stretch(at, end) for at in range(size + 1) for end in {at, at + 1, size} if end <= size
    ):
        start, stop = folded.place(stretch)
        assert 0 <= start <= stop <= len(text)
        assert folded.typed(stretch) == text[start:stop]
        kept = folded.text[stretch.start : stretch.end].strip()
        assert kept in Folded.of(folded.typed(stretch)).text


@MANY
@given(ANY_TEXT)
def test_what_is_found_stands_within_the_text(text: str) -> None:
    folded = Folded.of(text)
    size = len(folded.text)
    for found in (*dates_in(folded.text, TODAY), *said_when(folded.text, VOCABULARY, TODAY)):
        assert 0 <= found.start < found.end <= size
    for relative in relative_dates(folded.text, TODAY):
        assert 0 <= relative.start < relative.end <= size
    for mention in people_in(folded, VOCABULARY):
        assert 0 <= mention.words.start < mention.words.end <= size
    normal = council_normal(text)
    for decision in phrases.decisions(normal):
        assert 0 <= decision.start <= decision.end <= len(normal)


@MANY
@given(ANY_TEXT)
def test_a_word_taken_apart_is_whole(text: str) -> None:
    parts = piece(text)
    assert parts.opening + parts.elision + parts.core + parts.closing == text


# --- questions ------------------------------------------------------------------------------------


def ask(question: str) -> None:
    asked = parse(question, VOCABULARY, TODAY)
    assert all(chip.words in question for chip in asked.chips)
    assert asked.filters is not None and asked.preferred is not None
    to_params(asked), filter_params(asked.filters), asked.is_about_objects_alone
    asked_view(asked, VOCABULARY, (question,))
    answer_type.counted(asked), answer_type.tells(asked, question), answer_type.names_in(asked)
    refusals.unknown_in(asked), refusals.why_not(asked), refusals.near_only(asked)


def test_every_lone_word_is_parsed() -> None:
    assert failures(ask, sample(french_words(), 300)) == []


@MANY
@given(ANY_TEXT)
def test_any_question_is_parsed(question: str) -> None:
    ask(question)


@FEW
@given(ANY_TEXT, ANY_TEXT)
def test_any_question_follows_any_other(first: str, second: str) -> None:
    before = parse(first, VOCABULARY, TODAY)
    resolve(second, before, VOCABULARY, TODAY, answered=(first, "Claire Fontanet"))
    context = context_of(before, (second,))
    for params in ([("q", second), ("avant", context)], [("q", second), ("sujet", first)]):
        from_params([*params, ("sans", second)], VOCABULARY, TODAY)
    from_params([("q", second), ("avant", first)], VOCABULARY, TODAY)


@pytest.mark.parametrize("day", [date.min, date.max])
@pytest.mark.parametrize("question", ["Et avant ?", "Et après ?", "Et la semaine d'avant ?"])
def test_nothing_is_asked_for_before_the_first_day_or_after_the_last(
    day: date, question: str
) -> None:
    before = parse("la piscine", VOCABULARY, TODAY, filters=Filters(since=day, until=day))
    asked = from_params([("q", question), ("avant", context_of(before))], VOCABULARY, TODAY)
    assert asked.filters is not None


# --- what is said ---------------------------------------------------------------------------------


def sitting(text: str) -> tuple[Session, Transcript]:
    """A session in which a text is said, three voices by turns, under points that are called so."""
    turns: list[Turn] = []
    at = 0
    for sentence in re.split(r"(?<=[.?!])\s", text):
        if spoken := sentence.split():
            words = tuple(
                Word(at + 300 * n, at + 300 * n + 250, w, 0.5) for n, w in enumerate(spoken)
            )
            turns.append(Turn(len(turns), ("S1", "S2", None)[len(turns) % 3], words))
            at = words[-1].end_ms + 500
    agenda = (
        AgendaItem("1", text, None, 0),
        AgendaItem(text, text, text),
        AgendaItem("3", "Piscine", "M-7"),
    )
    session = Session("s", text, date(2025, 3, 11), agenda=agenda, roster=ROSTER)
    speakers = (Speaker("S1", "Hélène Baudin"), Speaker("S2"))
    return session, Transcript("s", speakers, tuple(turns), (), Generator("fake", "fake", "1", {}))


def hear(text: str) -> None:
    """What is done with words once they are heard: names put right, voices named."""
    session, transcript = sitting(text)
    heard = [word for turn in transcript.turns for word in turn.words]
    terms = (Term("TPG", ("t p g",), "Transports publics"), Term(text, (text,), text))
    put_right = repair(heard, (*ROSTER, Person(text)), terms)
    assert " ".join(word.heard or word.text for word in put_right).split() == text.split()
    repairs_to_review(put_right, ROSTER)
    without_invented(heard, lambda span: 0.0)
    agenda_times(transcript.turns, session.agenda)
    named = attribute(transcript.turns, ROSTER)
    assert [w for turn in named.turns for w in turn.words] == heard


def publish(text: str) -> None:
    """What is made of a session for its readers: passages, votes, texts to export."""
    session, transcript = sitting(text)
    for turn in transcript.turns:
        parts = [range(part.first_word, part.last_word + 1) for part in sentences(turn)]
        assert [at for part in parts for at in part] == list(range(len(turn.words)))
    made = passages(transcript, session)
    assert " ".join(passage.text for passage in made).split() == text.split()
    for passage in made:
        context(passage, transcript, session), about(passage, transcript, session)
    for vote in (decided := votes(session, transcript)):
        words = transcript.turns[vote.turn].words[vote.first_word : vote.last_word + 1]
        assert vote.said == " ".join(word.text for word in words)
        told(vote), figures(vote)
    written_out = script(session, transcript, decided)
    assert webvtt(written_out) and subrip(written_out) is not None


def correct(text: str) -> None:
    """A clerk types it in place of something, and something in place of it."""
    for before, typed in (("Le crédit demandé passe.", text), (text, "Le crédit passe.")):
        _, transcript = sitting(before)
        for turn in transcript.turns:
            refused_at_most(partial(timing.retyped, turn, room=timing.Room(0, 60_000)))(typed)
    refused_at_most(timing.check_text)(text)
    whole = "".join(normalize("NFC", text).split())
    assert "".join("".join(timing.tokens(text)).split()) == whole


@pytest.mark.parametrize("do", [hear, publish, correct])
def test_every_word_may_be_said(do: Callable[[str], None]) -> None:
    words = sample(french_words(), 2_000)
    lines = [" ".join(words[at : at + 20]) + "." for at in range(0, len(words), 20)]
    assert failures(do, lines) == []


@pytest.mark.parametrize("do", [hear, publish, correct])
@FEW
@given(text=ANY_TEXT)
def test_anything_may_be_said(do: Callable[[str], None], text: str) -> None:
    do(text)
