"""A follow-up question made whole by a language model, where a city has one.

« Et sur la piscine ? » after « Qu'a dit Mme Fontanet du budget ? ». The result is only ever shown
to the reader as what was understood, and it counts only if all that it says was asked: here or in
the question before.
"""

import logging
import re
from contextlib import closing
from urllib.parse import parse_qs

from api.llm.client import LLM, Unanswered
from api.llm.prompt import gives_orders, to_rewrite
from api.llm.sentences import plain
from search.language.stems import stems, tokens
from search.query.parsed import Understood

_LONGEST = 200  # characters
_ASKING = frozenset(stems("dit dire parle propose pense question sujet propos avis position"))
_log = logging.getLogger(__name__)


def rewritten(asked: Understood, llm: LLM) -> str | None:
    """A question that took something over from the one before, whole; None for any other."""
    carried = [chip.value for chip in asked.chips if chip.carried]
    if not carried:
        return None
    before = parse_qs(asked.before).get("q", [""])[0]
    return rewrite(asked.question, " ".join((before, *carried)), llm)


def rewrite(question: str, before: str, llm: LLM) -> str | None:
    """The question as it would be asked by itself, or None where that cannot be had or trusted.

    `before` is the question, or the topic, of the exchange that precedes.
    """
    if gives_orders(question) or gives_orders(before):
        return None
    text = ""
    try:
        with closing(llm.stream(to_rewrite(question, before))) as pieces:
            for piece in pieces:
                text += piece
                if len(text) > _LONGEST or "\n" in text.strip():
                    break
    except Unanswered as error:
        _log.info("follow-up not rewritten: %s", error.why)
        return None
    return _trusted(text, question, before)


def _trusted(text: str, question: str, before: str) -> str | None:
    """The first line, if every word, number and name in it was asked, and something new was."""
    line = plain(text.strip().partition("\n")[0].strip(" \"'«»"))
    if not isinstance(line, str) or len(line) > _LONGEST or not line.endswith("?"):
        return None
    asked = f"{question} {before}"
    own = set(stems(line)) - set(stems(asked)) - _ASKING
    numbers = {t for t in tokens(line) if t[0].isdigit()} - set(tokens(asked))
    names = re.findall(r"(?<=\s)[A-ZÀ-Ý][\w’'-]*", line)
    unnamed = [name for name in names if not set(tokens(name)) <= set(tokens(asked))]
    kept = set(stems(question)) <= set(stems(line))
    return None if own or numbers or unnamed or not kept else line
