"""Questions for what an amendment says, as against what became of it. Pure.

« De quoi parle l'amendement n° 8 ? » is answered by the speech that defends it, which seldom says
its number; the chair's lines that do call it or tell its fate.
"""

import re

from api.answers.reader.word_meanings import content_words
from ingest.text import fold
from search.language.stems import stems
from search.query.parsed import Intent, Query
from search.votes.amendments import KIND, amendments_in

# The chair's own words: which amendments are put to the vote, have the floor, or became what.
_CALLS = re.compile(
    r"\b(?:mets?|mettre) aux voix\b|\bsaisie?s? d"
    r"|\bpour (?:soutenir|defendre|presenter) (?:l'|les |le |son |cet )?(?:sous-)?amendement"
    r"|\bamendements? (?:identiques? )?[\d ,.°enost]+ (?:n'est|ne sont|n'ont|est|sont|ont)"
    r" (?:pas |plus )?(?:ete )?(?:adopte|defendu|soutenu|retire|rejete|tombe|sans objet)"
)
_FATE = re.compile(
    r"\b(?:sort|issue|devenue?s?|devient|devint|passee?s?|resultats?|scrutins?|voix|vot\w+"
    r"|adopt\w+|rejet\w+|accept\w+|refus\w+|retir\w+|tomb\w+|unanim\w+"
    r"|ete (?:defendu|soutenu)\w*)\b"
)
# « 5298 de Fritch », « la enmienda 646 »: a number that a person, or the word in another language,
# says to be an amendment's; not a year.
_BARE = re.compile(r"(?<![\d.,])(?!(?:19|20)\d\d\b)[1-9]\d{1,4}(?![\d%]|[.,]\d)")
_ABROAD = re.compile(r"\b(?:enmiendas?|emendament[oi]|emendas?|anderungsantr\w+)\b")
_NAMED = frozenset(stems("amendement amendment sous numéro article alinéa premier enmienda"))
_MOST_BESIDE = 1  # words of a topic: « prévoit », « contenu », « argument »


def is_call(text: str) -> bool:
    """Does a text call amendments or tell what became of them, rather than what they say?"""
    return "mendement" in text and bool(_CALLS.search(fold(text)))


def named_in(query: Query) -> tuple[str, ...]:
    """The numbers of the amendments that a question names, in any language."""
    codes = amendments_in(query.question) or amendments_in(query.wording)
    if not codes and _ABROAD.search(fold(query.wording)):
        return tuple(dict.fromkeys(_BARE.findall(query.wording)))
    return tuple(code.removeprefix(KIND) for code in codes)


def asked_for(query: Query) -> tuple[str, ...]:
    """The numbers of amendments whose content is, or seems to be, asked for, and not their fate."""
    if asks_fate(query):
        return ()
    bare = _BARE.findall(query.wording) if query.mentioned else ()
    return named_in(query) or tuple(dict.fromkeys(bare))


def asks_fate(query: Query) -> bool:
    """Is what became of something asked for?"""
    return query.intent is Intent.VOTE or bool(_FATE.search(fold(query.wording)))


def is_alone(query: Query) -> bool:
    """Is an amendment's content all that is asked for, with who defends it at most?"""
    if not asked_for(query):
        return False
    named = _NAMED | frozenset(stems(" ".join(query.mentioned)))
    words = (w for w in content_words(query.topic) if not _ABROAD.fullmatch(fold(w)))
    return len({stem for word in words for stem in stems(word)} - named) <= _MOST_BESIDE


def tells_fate(text: str, query: Query) -> bool:
    """Do these words tell what became of an amendment that a question asks after?"""
    asked = set(amendments_in(query.wording)) if asks_fate(query) else set()
    return bool(asked & set(amendments_in(text))) and is_call(text)
