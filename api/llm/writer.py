"""What a language model writes: sentences about an answer, and a follow-up made whole.

A sentence is shown only once it is checked against the quotations that it cites (`write`, with a
last `Written` that says what was left out and why). A question made whole counts only if all of it
was in the conversation. The model is sent the quotations, the question and nothing else;
whatever the endpoint does, a reader gets nothing worse than no machine's text, for the quotations
are the answer.
"""

import json
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from unicodedata import category
from urllib.parse import parse_qs

from api.answers.answer import Verified
from api.answers.citation import Citation, Flaw, Sentence, Written
from api.llm.clauses import QuotedSource
from api.llm.client import LLM, OpenAIEndpoint, Patience, Unanswered
from api.llm.entailment import flaw
from api.llm.prompt import MOST_SENTENCES, gives_orders, shape, to_rewrite, to_write
from ingest.archive.published import Published
from ingest.errors import NotFound
from ingest.settings import Settings
from search.language.stems import stems, tokens
from search.query.parsed import Query

_DEEPEST = 8  # braces open at once: an answer has two, and whatever is deeper is no answer
_SHORTEST, _LONGEST = 15, 350  # characters
_MOST_TEXT = 8_000  # characters of an answer that are read
_MOST_FLAWED = 8  # sentences left out, after which no more is read
_MOST_REPEATED = 2  # a model that repeats itself does not stop
_ALIKE = 0.8  # share of words that two sentences have in common, above which they are one

_REFERENCE = re.compile(r"(?<!\s)\s*+[\[(]\s*+(\d{1,2}(?:\s*+[,;]\s*+\d{1,2})*+)\s*+[\])]")
# Links, markup, lists: what a page would show as something else than a sentence.
_MARKUP = re.compile(
    r"https?:|www\.|\w@\w|\w\.(?:ch|com|org|net|fr|eu|io|gouv)\b|[<>{}\[\]|\\`*_#~^=]"
    r"|^\s*[-•·–]\s|/{2}"
)
_LONGEST_QUESTION = 200  # characters of a question made whole
_ASKING = frozenset(stems("dit dire parle propose pense question sujet propos avis position"))
_log = logging.getLogger(__name__)


class Objects:
    """JSON objects with the key `key`, from a text in pieces, each as soon as it is whole."""

    def __init__(self, key: str) -> None:
        self.any = False  # whether any object was whole, with the key or without
        self._key = key
        self._text = ""
        self._read = 0
        self._starts: list[int] = []
        self._in_string = self._escaped = False

    def feed(self, piece: str) -> Iterator[Mapping[str, object]]:
        """The objects that this piece makes whole."""
        self._text += piece
        while self._read < len(self._text):
            sign = self._text[self._read]
            self._read += 1
            if self._in_string:
                self._string(sign)
            elif sign == '"' and self._starts:
                self._in_string = True
            elif sign == "{":
                self._starts = [*self._starts, self._read - 1][-_DEEPEST:]
            elif sign == "}" and self._starts and (item := self._whole()) is not None:
                yield item

    @property
    def unfinished(self) -> bool:
        """Did the text end in the middle of an object that has the key?"""
        return bool(self._starts) and f'"{self._key}"' in self._text[self._starts[-1] :]

    def _string(self, sign: str) -> None:
        if sign == "\n":  # no JSON string has one: the line was broken off, the next begins anew
            self._in_string, self._starts = False, []
        elif self._escaped:
            self._escaped = False
        elif sign == "\\":
            self._escaped = True
        elif sign == '"':
            self._in_string = False

    def _whole(self) -> Mapping[str, object] | None:
        start = self._starts.pop()
        try:
            item = json.loads(self._text[start : self._read])
        except (ValueError, RecursionError):
            return None
        if "<think>" in self._text and "</think>" not in self._text:
            return None
        self.any = True
        return item if isinstance(item, dict) and self._key in item else None


@dataclass
class _Reader:
    """Judges one sentence after the other."""

    sources: Mapping[int, QuotedSource]
    kept: list[Sentence] = field(default_factory=list)
    dropped: list[Flaw] = field(default_factory=list)
    _seen: list[frozenset[str]] = field(default_factory=list)

    def read(self, item: Mapping[str, object]) -> Sentence | None:
        """The sentence, if it stands."""
        judged = self._judge(item)
        if isinstance(judged, Flaw):
            self.dropped.append(judged)
            return None
        self.kept.append(judged)
        return judged

    @property
    def done(self) -> bool:
        """Is there no use in reading on?"""
        repeated = self.dropped.count(Flaw.REPEATED)
        many = len(self.kept) >= MOST_SENTENCES or len(self.dropped) >= _MOST_FLAWED
        return many or repeated >= _MOST_REPEATED

    def _judge(self, item: Mapping[str, object]) -> Sentence | Flaw:
        said, numbers = item.get("phrase"), item.get("sources")
        if not isinstance(said, str):
            return Flaw.UNREADABLE
        text, sources = plain(said), _numbers(numbers)
        if isinstance(text, Flaw):
            return text
        if not sources or not set(sources) <= set(self.sources):
            return Flaw.UNSOURCED
        if not set(_referred(said)) <= set(sources):
            return Flaw.UNSOURCED
        words = frozenset(stems(text))
        if any(len(words & old) >= _ALIKE * len(words | old) for old in self._seen):
            return Flaw.REPEATED
        self._seen.append(words)
        wrong = flaw(text, [self.sources[number] for number in sources])
        return wrong or Sentence(text, tuple(number - 1 for number in sources))


def plain(said: str) -> str | Flaw:
    """A sentence as it would be shown, without references such as [1]; or what is wrong with it."""
    text = " ".join(_REFERENCE.sub("", said).split())
    if any(category(c) in ("Cc", "Cf", "Co", "Cs", "Cn") for c in text) or _MARKUP.search(text):
        return Flaw.MARKUP
    if not _SHORTEST <= len(text) <= _LONGEST:
        return Flaw.LENGTH
    return Flaw.ORDERS if gives_orders(text) else text


def _numbers(cited: object) -> tuple[int, ...]:
    """The passages that a sentence cites, once each; empty where they cannot be read."""
    listed = cited if isinstance(cited, list) else [cited]
    numbers = [n for n in listed if isinstance(n, int) and not isinstance(n, bool)]
    return tuple(dict.fromkeys(numbers)) if len(numbers) == len(listed) else ()


def _referred(said: str) -> list[int]:
    return [int(n) for match in _REFERENCE.finditer(said) for n in re.findall(r"\d+", match[1])]


def write(
    question: str, sources: Sequence[QuotedSource | None], llm: LLM
) -> Iterator[Sentence | Written]:
    """Each sentence as soon as it is checked, then how it went.

    `sources` are the answer's citations in their order, None for one that may not be sent.
    """
    sent = {n: _without_orders(s) for n, s in enumerate(sources, 1) if s and _may_be_sent(s)}
    if not sent or gives_orders(question):
        yield Written(0, (), "withheld")
        return
    reader, objects, length = _Reader(sent), Objects("phrase"), 0
    try:
        with closing(llm.stream(to_write(question, sent), shape(tuple(sent)))) as pieces:
            for piece in pieces:
                length += len(piece)
                for item in objects.feed(piece):
                    if sentence := reader.read(item):
                        yield sentence
                    if reader.done:
                        break
                if reader.done or length > _MOST_TEXT:
                    break
    except Unanswered as error:
        yield Written(len(reader.kept), tuple(reader.dropped), error.why)
        return
    if objects.unfinished and not reader.done:
        reader.dropped.append(Flaw.UNREADABLE)
    yield Written(len(reader.kept), tuple(reader.dropped), _fallback(reader, objects))


def _may_be_sent(source: QuotedSource) -> bool:
    return not gives_orders(source.quote)


def _without_orders(source: QuotedSource) -> QuotedSource:
    """A passage less what names it and gives orders: rosters and agendas hold what people type."""
    speaker = source.speaker if source.speaker and not gives_orders(source.speaker) else None
    about = tuple(text for text in source.about if not gives_orders(text))
    return replace(source, speaker=speaker, about=about)


def _fallback(reader: _Reader, objects: Objects) -> str | None:
    if reader.dropped and (not reader.kept or len(reader.kept) < len(reader.dropped)):
        return "mistrusted"
    if not reader.kept:
        return "silent" if objects.any else "unreadable"
    return None


def rewritten(asked: Query, llm: LLM) -> str | None:
    """A question that took something over from the one before, whole; None for any other.

    « Et sur la piscine ? » after « Qu'a dit Mme Fontanet du budget ? ».
    """
    carried = [chip.value for chip in asked.chips if chip.carried]
    if not carried:
        return None
    before = parse_qs(asked.before).get("q", [""])[0]
    return rewrite(asked.question, " ".join((before, *carried)), llm)


def rewrite(question: str, before: str, llm: LLM) -> str | None:
    """The question as it would stand by itself, or None where that cannot be had or trusted.

    `before` is the question, or the topic, of the exchange that precedes.
    """
    if gives_orders(question) or gives_orders(before):
        return None
    text = ""
    try:
        with closing(llm.stream(to_rewrite(question, before))) as pieces:
            for piece in pieces:
                text += piece
                if len(text) > _LONGEST_QUESTION or "\n" in text.strip():
                    break
    except Unanswered as error:
        _log.info("follow-up not rewritten: %s", error.why)
        return None
    return _trusted(text, question, before)


def _trusted(text: str, question: str, before: str) -> str | None:
    """The first line, if all of it is of the dialogue, and all of the question is in it."""
    line = plain(text.strip().partition("\n")[0].strip(" \"'«»"))
    if not isinstance(line, str) or len(line) > _LONGEST_QUESTION or not line.endswith("?"):
        return None
    dialogue = f"{question} {before}"
    own = set(stems(line)) - set(stems(dialogue)) - _ASKING
    numbers = {t for t in tokens(line) if t[0].isdigit()} - set(tokens(dialogue))
    names = re.findall(r"(?<=\s)[A-ZÀ-Ý][\w’'-]*", line)
    unnamed = [name for name in names if not set(tokens(name)) <= set(tokens(dialogue))]
    kept = set(stems(question)) <= set(stems(line))
    return None if own or numbers or unnamed or not kept else line


@dataclass(frozen=True)
class Writer:
    """Has a model write from the quotations of verified answers."""

    llm: LLM
    published: Published

    def write(self, question: str, verified: Verified) -> Iterator[Sentence | Written]:
        """Each sentence once it is checked, then how it went. No model is asked for a refusal."""
        if not verified.answer.refused:
            sources = [self._source(citation) for citation in verified.answer.bearing]
            yield from write(question, sources, self.llm)

    def rewrite(self, query: Query) -> str | None:
        """A follow-up as a question by itself; None for any other, or where it is not trusted."""
        return rewritten(query, self.llm)

    def _source(self, citation: Citation) -> QuotedSource | None:
        with suppress(NotFound):  # withdrawn since it was verified: not sent either
            session = self.published.session(citation.session)
            item = session.agenda_item_at(citation.start_ms)
            person = session.person(citation.speaker) if citation.speaker else None
            office = (person.role, person.group) if person else ()
            topic = (item.title, item.object or "") if item else ()
            about = (*office, *topic, session.body)
            return QuotedSource(citation.quote, citation.speaker, session.date, about)
        return None


def endpoint(settings: Settings) -> LLM | None:
    """The model that a city configured, or None: then nothing leaves the machine."""
    if settings.llm_url is None:
        return None
    key = settings.llm_key.get_secret_value() if settings.llm_key else ""
    patience = Patience.of(settings.llm_timeout_s)
    return OpenAIEndpoint(settings.llm_url, settings.llm_model, key, patience)
