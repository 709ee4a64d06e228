"""What a text without sound says: who says what, under which point. Every reader of texts makes it.

Pure. Knows no file format, no session and no database. Words are kept as they are written; only
white space, invisible characters and a publisher's layout marks are evened out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from unicodedata import category

from ingest.text import fold
from ingest.transcript import Person

_WRAPPED_AT = 120  # characters: a line longer than that is a paragraph, not a line of one
_LAYOUT = re.compile(r"\[(?:VS|GZ|NB|NAM|PAGE \d{1,6})\]")  # as Swiss parliaments publish
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))
_CODE = re.compile(r"\b(?:PRD|PR|QE|IE|IN|[PMRI])[-‑]\d{1,5}(?: ?[A-Z](?:/[A-Z])?)?\b")


@dataclass(frozen=True)
class TextParagraph:
    """A paragraph. `person` None: no one's speech, as the words that report a vote.

    `language` is a code of two letters where the text gives one.
    """

    text: str
    person: Person | None = None
    language: str | None = None


@dataclass(frozen=True)
class TextPoint:
    """A point of the agenda that is taken up here; `number` None where the text gives none."""

    title: str
    number: str | None = None
    object: str | None = None


Entry = TextParagraph | TextPoint


@dataclass(frozen=True)
class Document:
    """The text of one session, and what the text itself tells of it.

    `digest` is the SHA-256 of what it was read from, `name` what to call that in a message, `key`
    what tells the session from the others of its file, `skipped` what could not be read of it.
    """

    digest: str
    name: str
    entries: tuple[Entry, ...]
    key: str | None = None
    title: str | None = None
    day: date | None = None
    body: str | None = None
    skipped: tuple[str, ...] = ()


def tidy(text: str) -> str:
    """One line of text that can be stored: runs of white space are one space."""
    bare = _LAYOUT.sub(" ", text).translate(_INVISIBLE)
    if not bare.isprintable():  # JSON can hold control characters and half a character
        bare = "".join(" " if category(c) in ("Cc", "Cs") else c for c in bare)
    return " ".join(bare.split())


# What is done while somebody speaks, as stenographers note it in brackets, folded.
_DONE = re.compile(
    r"\b(?:applaudi\w+|rires?|rit|rient|sourires?|brouhaha|exclamations?|protestations?|huees?"
    r"|murmures?|hilarite|ovations?|chahut|sifflets?|bravos?|mouvements? divers|interruptions?|cris"
    r"|silence|inaudibles?|hors micro|micro (?:coupe|ferme)|musique|vote a main levee|assentiment"
    r"|pause|un temps|acquiesce\w*|hoche\w*|sonnette|cloche|coupure|panne|rumeurs?|remous"
    r"|(?:quitte|entre dans|regagne|sort de) (?:la|sa) (?:salle|place|seance|tribune))\b"
)
_BRACKETS = re.compile(r"\([^()]{2,300}\)|\[[^\[\]]{2,300}\]")
_FIRST_WORDS = 8  # of what stands in brackets: "Vifs applaudissements sur les bancs ..."


def is_direction(bracketed: str) -> bool:
    """Does a text in brackets tell what happens, rather than what is said?

    >>> [is_direction(one) for one in ("(Vifs applaudissements.)", "(voir l'annexe 3)")]
    [True, False]
    """
    done = _DONE.search(" ".join(fold(bracketed).split()[:_FIRST_WORDS]))
    sentence = bracketed[1:2].isupper() and bracketed[-2] in ".!"  # "(M. Rey se lève.)"
    return bool(done) or sentence


def directions_apart(said: "TextParagraph") -> Iterator["TextParagraph"]:
    """A paragraph without stage directions, and each of these by itself, as nobody's speech.

    One within a sentence comes after the paragraph: the sentence stays whole.
    """
    if said.person is None:
        yield said
        return
    spoken, waiting = "", []
    at = 0
    for found in _BRACKETS.finditer(said.text):
        if not is_direction(found[0]):
            continue
        spoken, at = f"{spoken} {said.text[at : found.start()]}", found.end()
        after = said.text[at:].lstrip()
        if after and not after[0].isupper():
            waiting.append(found[0])
            continue
        yield from _tidied(replace(said, text=spoken))
        spoken = ""
        yield from (TextParagraph(one) for one in (*waiting, found[0]))
        waiting = []
    if at == 0:
        yield said
        return
    yield from _tidied(replace(said, text=f"{spoken} {said.text[at:]}"))
    yield from (TextParagraph(one) for one in waiting)


def _tidied(said: "TextParagraph") -> Iterator["TextParagraph"]:
    text = re.sub(r" (?=[,.;])", "", " ".join(said.text.split()))
    if text.strip(" .,;"):
        yield replace(said, text=text)


def blocks(text: str) -> Iterator[tuple[str, ...]]:
    """The lines of each paragraph of a text, tidied.

    Blank lines part paragraphs; so does every end of line, where lines are as long as paragraphs.
    """
    lines = [tidy(line) for line in text.splitlines()]
    alone = any(len(line) > _WRAPPED_AT for line in lines)
    block: list[str] = []
    for line in lines:
        if block and (alone or not line):
            yield tuple(block)
            block = []
        if line:
            block.append(line)
    if block:
        yield tuple(block)


def paragraphs(text: str) -> Iterator[str]:
    """The paragraphs of a text, each on one line."""
    return (" ".join(block) for block in blocks(text))


def object_in(title: str) -> str | None:
    """The object that a title names: PR-12, M-414 A."""
    found = _CODE.search(title)
    return found[0].replace("‑", "-") if found else None
