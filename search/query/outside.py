"""What a question names that lies outside the record: a time without sessions, another chamber.

Debates speak of other years and of other councils: that a question names one is no reason to refuse
it. It tells the reader why nothing answers, where nothing does.
"""

import re
from collections.abc import Iterator
from datetime import date

from ingest.text import fold
from search.language.offsets import Folded, Stretch
from search.query.dates import dates_in
from search.query.parsed import Outside
from search.query.periods import Period
from search.query.vocabulary import Vocabulary

_COMING = re.compile(
    r"\b(?:demain|apres-demain|(?:la semaine|l'annee|l'an|le mois) prochaine?"
    r"|tomorrow|next (?:week|month|year)|morgen(?! abend)|nachste(?:s|n)? (?:jahr|woche)|manana"
    r"|amanha|domani)\b"
)
_CHAMBERS = (
    r"(?:grand conseil|conseil national|conseil des etats|conseil federal|conseil d'etat"
    r"|conseil constitutionnel|assemblee nationale|senat|parlement(?: europeen| federal)?|bundestag"
    r"|conseil (?:general|communal|municipal|departemental|regional) de (?:la |l'|d')?[\w-]+"
    r"|national council|council of states|nationalrat|standerat|grosser rat)"
)
_THERE = re.compile(
    r"\b(?:au|a l'|aux|devant (?:le|la|l')|seance d(?:u|e l'|e la)|debats? d(?:u|e l'|e la)"
    rf"|in the|im|at the) ?(?P<body>{_CHAMBERS})\b"
)
_SENT = re.compile(
    r"\b(?:renvo\w+|transm\w+|adress\w+|soumis\w*|confi\w+|demand\w+|mandat\w+|repond\w*)"
    r"\b[^,?]*$"
)


def outside_of(question: Folded, vocabulary: Vocabulary, today: date) -> tuple[Outside, ...]:
    """What of the question lies outside the sessions that are published, in order."""
    if not vocabulary.sessions:
        return ()
    found = [*_times(question, vocabulary, today), *_bodies(question, vocabulary)]
    return tuple(dict.fromkeys(found))


def _times(question: Folded, vocabulary: Vocabulary, today: date) -> Iterator[Outside]:
    newest, oldest = vocabulary.dates[0], vocabulary.dates[-1]
    record = (oldest, newest)
    for coming in _COMING.finditer(question.text):
        if newest <= today:
            yield Outside.of_time(question.typed(Stretch(*coming.span())), record, later=True)
    for when in dates_in(question.text, today, vocabulary.dates):
        words = question.typed(Stretch(when.start, when.end)).strip()
        if _years_apart(when.period, newest, oldest):
            later = bool(when.period.since and when.period.since > newest)
            yield Outside.of_time(words, record, later=later)


def _years_apart(period: Period, newest: date, oldest: date) -> bool:
    """Is a period with both ends wholly outside the years of the sessions, or after the last?"""
    if not (period.since and period.until):
        return False
    return period.since > newest or period.until.year < oldest.year


def _bodies(question: Folded, vocabulary: Vocabulary) -> Iterator[Outside]:
    known = [fold(body) for body in vocabulary.bodies]
    for found in _THERE.finditer(question.text):
        ours = any(found["body"] in body or body in found["body"] for body in known)
        if not ours and not _SENT.search(question.text[: found.start()]):
            yield Outside(body=question.typed(Stretch(*found.span("body"))))
