"""Which of a question's dates tell when something was said, and which are what it is about.

« Qu'a-t-on dit en mai » narrows to May; « le chantier commencera en septembre », « l'essai du
premier novembre », « le budget en 2024 » do not. In doubt a date stays a word to search for: a
wrong filter would hide the answer.
"""

import re
from collections.abc import Iterator
from datetime import date

from search.language.offsets import Stretch
from search.query.dates import Lead, When, dates_in
from search.query.speech_acts import SAYS
from search.query.vocabulary import Vocabulary

_DECIDES = (
    r"(?:(?:vot|accept|refus|adopt|rejet|decid|trait|depos|present|abord|approuv|retir|class|ajourn"
    r"|report|amend|examin|oppos|soulev|publi|annonc|evoqu|debatt|discut|renvoy)"
    r"(?:e|ee|es|ees|u|ue|us|ues|re|ait|ent)?|prise? (?:en compte|la parole)|passe au vote"
    r"|said|say|opposed|supported|talked|discussed|debated|voted|mentioned|decided|spoke|asked|gesagt|besprochen"
    r"|diskutiert|debattiert|beschlossen|abgestimmt|gesprochen|erwahnt|dijo|dicho|hablo|debatio"
    r"|voto|opuso|opos|discutio|disse|dito|falou|discutiu|votou|detto|parlato|discusso|votato|deciso)"
)
_SAID = re.compile(rf"\b(?:{SAYS}|{_DECIDES})\b")
_NOUN = re.compile(
    r"\b(?:seances?|sessions?|debats?|votes?|votations? du conseil|discussions?|interventions?"
    r"|motions?|postulats?|interpellations?|decisions?|petitions?|amendements?|objets?|pv"
    r"|questions? (?:orales?|ecrites?)|proces-verba(?:l|ux)|resultats? du vote|prises? de parole"
    r"|sitzung|meeting|sesion|sessao|seduta)\b"
)
_SESSION = re.compile(
    r"\b(?:seances?|sessions?|debats?|votes?|conseil(?: (?:municipal|communal|general))?|plenum"
    r"|reunions?|assemblee|commission|sitzung|meeting|ordre du jour|proces-verbal|pv|discussions?"
    r"|motions|interventions|decisions|interpellations|postulats|sesion|sessao|seduta)"
    r"(?: (?:ordinaires?|extraordinaires?|plenieres?|publiques?))? $"
)
# Verbs that say when something else happens: will begin, would cost, begins, to build.
_OTHER = re.compile(
    r"\b(?:\w+(?:era|eront|erait|eraient|ira|iront|irait|dra|dront|drait)|(?!aura\b)\w*aura|auront"
    r"|va|vont|doi(?:t|vent)|devrait|commenc\w+|debut(?:e|era|ent)|ouvr\w+|inaugur\w+|prevue?s?"
    r"|construi\w+|planifi\w+|programm\w+|termin\w+|fini\w*|livr\w+|mise? en service|aura lieu"
    r"|(?!f[eé]vrier|janvier|dernier|premier|hier|quartier|chantier)[a-z]{3,}(?:[^i]er|ir|oir)"
    r"|will|would|begins?|starts?|opens?|beginnt|wird|soll)\b"
)
_ENDS_LIKE_VERBS = """
    hiver mer cher avenir soir noir espoir pouvoir loisir devoir ouvrier amer enfer super desir
    plaisir souvenir manoir trottoir terroir couloir miroir tiroir faire dire parler savoir entendre
"""
_NOT_VERBS = frozenset(_ENDS_LIKE_VERBS.split())
# What bears a year or a month of its own: the budget of 2024, an opening in September.
_BEARS_DATES = re.compile(
    r"\b(?:budgets?|comptes|exercices?|plans?|horizon|rentrees?|etats?|objectifs?|saisons?|vacances"
    r"|fetes?|essais?|chantiers?|travaux|ouvertures?|fermetures?|elections?|votations?|legislatures?"
    r"|accidents?|plaintes?|depenses?|recettes?|investissements?|impots?|effectifs?|naissances?"
    r"|deficits?|excedents?|benefices?|resultats? financiers?|subventions?|tarifs?|prix|loyers?"
    r"|population|habitants|chomage|canicules?|inondations?|incendies?|manifestations?|festivals?"
    r"|expositions?|spectacles?|concerts?|ventes?|achats?|naissance|mort|deces|guerre|pandemie"
    r"|logements|places|emplois|postes)(?: \w+)? $"
)
_RELATIVE = re.compile(r"\b(?:qui|dont|que|ou) ")
_FEW = re.compile(
    r"[^\w]*(?:(?:on|il|elle|ils|elles|t|deja|donc|y|en|ete|de|la|le|les|l|nous)\W+)*"
)


def said_when(text: str, vocabulary: Vocabulary, today: date) -> Iterator[When]:
    """The dates in a folded question that tell when something was said or decided."""
    for when in dates_in(text, today, vocabulary.dates):
        if _is_filter(text, when, vocabulary, today):
            yield when


def _is_filter(text: str, when: When, vocabulary: Vocabulary, today: date) -> bool:
    if when.period.since and when.period.since > today:
        return False
    before, after = text[: when.start], text[when.end :]
    of_session = bool(_SESSION.search(before))
    there = bool(vocabulary.on(when.period.since, when.period.until))
    if when.lead in (Lead.OF, Lead.NONE):
        day = when.period.since == when.period.until and when.lead is Lead.NONE
        return of_session or (day and there and not _tells_of_else(before))
    if of_session:
        return True
    last = _last_verb(before)
    if last is None and not before.strip(" ,«\"'¿?!"):
        return _opens(after, there=there)
    if last is None:
        noun = _NOUN.search(before) and not _BEARS_DATES.search(before)
        one_day = when.period.since is not None and when.period.since == when.period.until
        return there and bool(noun or one_day)
    return _after_verb(before, last, there=there)


def _last_verb(before: str) -> tuple[bool, Stretch] | None:
    """The verb nearest before a date: whether it tells of speaking, and where it is."""
    said = [(True, Stretch(*m.span())) for m in _SAID.finditer(before)]
    other = [
        (False, Stretch(*m.span()))
        for m in _OTHER.finditer(before)
        if m.group() not in _NOT_VERBS
        and not any(m.start() < s.end and s.start < m.end() for _, s in said)
    ]
    return max((*said, *other), key=lambda verb: verb[1].end, default=None)


def _tells_of_else(before: str) -> bool:
    last = _last_verb(before)
    return last is not None and not last[0]


def _opens(after: str, *, there: bool) -> bool:
    """« En mai 2025, qu'a-t-on dit... »: the date comes first, the verb after."""
    said, other = (
        _SAID.search(after),
        next((m for m in _OTHER.finditer(after) if m.group() not in _NOT_VERBS), None),
    )
    if said is None:
        return there and bool(_NOUN.search(after)) and other is None
    return other is None or said.start() <= other.start()


def _after_verb(before: str, verb: tuple[bool, Stretch], *, there: bool) -> bool:
    said, stretch = verb
    between = before[stretch.end :]
    if not said:
        return False
    if _FEW.fullmatch(between):
        return True
    if _RELATIVE.search(between) or _BEARS_DATES.search(before):
        return False
    return there
