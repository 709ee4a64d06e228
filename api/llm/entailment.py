"""Is a sentence that a machine wrote borne out by the quotations that it cites?

Pure. A sentence may only use what its quotations say: their numbers, names, dates, outcomes and
words, those of one quotation in one clause; none negated that was not, none asserted that was only
wished for, nothing decided of one object that was of another, no one's own words unless it says
whose. A number has one form, spoken or written (`search.language.numbers`); it must be there, count
what it counts there, and stand on the same side of « contre ». Beyond them a sentence has function
words and a few that assert nothing (`_GLUE`). No grammar is known, so much that is true is refused,
and a clause of a quotation's words may still join them otherwise; what is let through stands next
to the quotations, which alone count.
"""

import re
from collections.abc import Callable, Sequence

from api.answers.citation import Flaw
from api.llm.clauses import CUT, OUTCOMES, PRONOUN, QuotedSource, clauses, codes
from ingest.french_dates import FOLDED_MONTHS as MONTHS
from ingest.text import fold
from search.language.numbers import normal_numbers
from search.language.stems import stems, tokens


def flaw(sentence: str, cited: Sequence[QuotedSource]) -> Flaw | None:
    """The first thing that the cited quotations do not bear out, or None.

    A sentence that reports one person's words must be borne out by that person's alone.
    """
    speakers = _reported(sentence)
    for name in speakers:
        spoken = [s for s in cited if s.speaker and set(name) <= set(tokens(s.speaker))]
        if not spoken:
            return Flaw.SPEAKER
        cited = spoken if len(speakers) == 1 else cited
    return next((kind for kind, lacks in _CHECKS if lacks(sentence, cited)), None)


# --- names ------------------------------------------------------------------------------------

# Forms of address: capitals that are no part of a name.
_TITLES = frozenset(
    ("m", "mr", "mme", "mmes", "mm", "mlle", "monsieur", "madame", "messieurs", "mesdames", "dr")
)
_CAPITALS = re.compile(r"[A-ZÀ-ÖØ-Þ][\w’'.-]*(?:[ -][A-ZÀ-ÖØ-Þ][\w’'-]*)*")
# Verbs and phrases that report what a person said, folded.
_SAYS = (
    r"(?:dit|disait|affirme|affirmait|declare|explique|expliquait|indique|precise|rappelle|souligne"
    r"|ajoute|estime|pense|juge|trouve|repond|repondu|propose|demande|annonce|promet|promis|soutient"
    r"|soutenu|defend|defendu|critique|denonce|regrette|souhaite|veut|voulait|refuse|accepte"
    r"|s'oppose|s'est oppose|salue|relate|raconte|constate|signale|evoque|mentionne|considere"
    r"|insiste|plaide|craint|espere|reproche|craignait|est favorable|est contre|est pour)"
)
_APPOSED = r"(?: \([^)]*\)|,[^,]{0,60},)?(?: l'| s'| n'| ne| a| avait| aussi){0,3}"
_WHO = r"(?:(?:m\.|mme|mr|monsieur|madame|le conseiller|la conseillere)(?: \w+)? )?"


def _runs(sentence: str) -> list[tuple[bool, list[str]]]:
    """Words with capitals that follow each other: proper names, and whether each opens a sentence.

    A function word, or one that asserts nothing, owes its capital to its place.
    """
    names = []
    for match in _CAPITALS.finditer(sentence):
        opens = sentence[: match.start()].rstrip()[-1:] in ("", ".", "!", "?", ":")
        words = [w for part in match.group().split() for w in tokens(part)]
        while words and _is_common(words[0], opens):
            words = words[1:]
        if words:
            names.append((opens, words))
    return names


def _is_common(word: str, opens: bool) -> bool:
    return word in _TITLES or len(word) == 1 or (opens and _is_glue(word))


def _reported(sentence: str) -> list[list[str]]:
    """Those whose words a sentence reports: « X a dit... », « selon X »."""
    text, names = fold(sentence), []
    for _, name in _runs(sentence):
        called = r"[ '-]".join(re.escape(word) for word in name)
        before = rf"\b(?:selon|d'apres|pour) {_WHO}{called}\b"
        after = rf"\b{called}{_APPOSED} ?{_SAYS}"
        if re.search(rf"{before}|{after}\b", text):
            names.append(name)
    return names


def _unknown_name(sentence: str, cited: Sequence[QuotedSource]) -> bool:
    fields = [words for s in cited for words in (s.said, *s.named)]
    spoken = {stem for s in cited for stem in stems(s.quote)}
    for opens, run in _runs(sentence):
        plain = opens and len(run) == 1 and spoken.issuperset(stems(run[0]))
        if not plain and not any(_holds(words, run) for words in fields):
            return True
    return False


def _holds(words: Sequence[str], run: Sequence[str]) -> bool:
    size = len(run)
    return any(list(words[at : at + size]) == list(run) for at in range(len(words) - size + 1))


# --- numbers and dates -------------------------------------------------------------------------

_DATE = rf"(?:(\d{{1,2}}|premier) )?\b({'|'.join(MONTHS)})\b(?: (\d{{4}}))?"
_WEEKDAY = r"(?:(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche) )?"
# The date of the session itself: after its name, or in front of the sentence.
_OF_SESSION = re.compile(
    rf"\b(?:seance|assemblee|reunion)\b[\w' ]{{0,30}}?\b(?:du|de|d'|en) {_WEEKDAY}{_DATE}"
    rf"|^(?:le|en) {_WEEKDAY}{_DATE}(?=,)"
)
_VOTES = frozenset(stems("oui non abstention voix contre"))
_FEW = {"un": "1", "une": "1", "aucun": "0", "aucune": "0", "zero": "0"}


def _day(date: tuple[str | None, ...]) -> tuple[int | None, int, int | None]:
    number, month, year = date
    day = 1 if number == "premier" else int(number) if number else None
    return day, MONTHS.index(month or "") + 1, int(year) if year else None


def _dates(text: str) -> list[tuple[int | None, int, int | None]]:
    return [_day(match.groups()) for match in re.finditer(_DATE, text)]


def _without_session_date(sentence: str, cited: Sequence[QuotedSource]) -> str:
    """The sentence in its normal form, less a date that is the cited session's own."""

    def shown(match: re.Match[str]) -> str:
        groups = match.groups()
        day, month, year = _day(groups[:3] if groups[1] else groups[3:])
        for at in (source.day for source in cited):
            if month == at.month and day in (None, at.day) and year in (None, at.year):
                return "seance"
        return match.group()

    return _OF_SESSION.sub(shown, normal_numbers(fold(sentence)))


def _wrong_date(sentence: str, cited: Sequence[QuotedSource]) -> bool:
    """Does it name a day, month or year that is neither said nor the cited session's?"""
    said = [at for s in cited for at in _dates(normal_numbers(fold(s.quote)))]
    for wanted in _dates(_without_session_date(sentence, cited)):
        if not any(all(w in (None, h) for w, h in zip(wanted, at, strict=True)) for at in said):
            return True
    return False


def _wrong_number(sentence: str, cited: Sequence[QuotedSource]) -> bool:
    """Does it hold a number that is not there, or that counts something else there?"""
    words = tokens(_without_session_date(sentence, cited))
    said = [source.said for source in cited]
    known = {word for s in cited for said_words in (s.said, *s.named) for word in said_words}
    if any(any(c.isdigit() for c in word) and word not in known for word in words):
        return True
    return _counts_otherwise(words, said) or bool(
        _opposed(words) - set().union(*map(_opposed, said))
    )


def _counts_otherwise(words: Sequence[str], said: Sequence[Sequence[str]]) -> bool:
    """« 41 non, 27 oui » where 41 said yes: right numbers, each with the other one's noun."""
    counted = {pair for one in said for pair in _counted(one)}
    nouns = {noun for _, noun in counted}
    return any(
        pair not in counted and (pair[1] in _VOTES or pair[1] in nouns) for pair in _counted(words)
    )


def _counted(words: Sequence[str]) -> list[tuple[str, str]]:
    """Each number with what it counts: (41, oui); `un` only where votes are counted."""
    pairs = []
    for at, word in enumerate(words):
        number = word if word[0].isdigit() else _FEW.get(word)
        rest = [noun for word in words[at + 1 : at + 3] for noun in stems(word)]
        if number and rest and (word not in _FEW or rest[0] in _VOTES):
            pairs.append((number, rest[0]))
    return pairs


def _opposed(words: Sequence[str]) -> set[tuple[str, str]]:
    """Numbers on both sides of `contre`, in their order."""
    pairs = set()
    for at, word in enumerate(words):
        before = [w for w in words[max(0, at - 3) : at] if w[0].isdigit()]
        after = [w for w in words[at + 1 : at + 4] if w[0].isdigit()]
        if word == "contre" and before and after:
            pairs.add((before[-1], after[0]))
    return pairs


# --- quoted words -----------------------------------------------------------------------------

# Words between any pair of quotation marks, French, English or German.
_QUOTED = re.compile(r"«(.*?)»|“(.*?)”|„(.*?)“|\"(.*?)\"|‹(.*?)›|(?<!\w)['‘](\S.*?)['’](?!\w)")
_MARKS = re.compile(r"[«»“”„\"‹›‘]")


def _unsaid_quote(sentence: str, cited: Sequence[QuotedSource]) -> bool:
    said = [_typed(source.quote) for source in cited]
    for match in _QUOTED.finditer(sentence):
        words = _typed(next(group for group in match.groups() if group is not None)).strip(" .,…")
        run = re.compile(rf"(?<!\w){re.escape(words)}(?!\w)")
        if not words or not any(run.search(quote) for quote in said):
            return True
    return bool(_MARKS.search(_QUOTED.sub(" ", sentence)))


def _typed(text: str) -> str:
    return " ".join(re.sub("[’ʼ]", "'", text).split())


# --- who speaks, and of what ------------------------------------------------------------------

# The first and second person: words of a speaker rather than about one.
_VOICE = re.compile(
    r"\b[jm]'|\b(?:je|moi|mon|ma|mes|nous|notre|nos|tu|toi|votre|vos)\b|(?<!rendez-)\bvous\b"
)
# « il » that stands for nothing: « il y a », « il faut », « il est prévu ».
_IMPERSONAL = re.compile(
    r"il (?:ne |n')?(?:y |s'agi|faut|faudra|fallait|(?:est|etait|sera|a ete) (?:\w+ment )?"
    r"(?:prevu|propose|demande|possible|impossible|necessaire|important|question)\b)"
)
_POINTED = re.compile(rf"\b{PRONOUN}")


def _own_voice(sentence: str, _cited: Sequence[QuotedSource]) -> bool:
    """Is it a speaker's words without saying so: « nous vous demandons un crédit »?"""
    return bool(_VOICE.search(fold(_QUOTED.sub(" ", sentence))))


def _points_back(sentence: str, cited: Sequence[QuotedSource]) -> bool:
    """Does a pronoun stand for what the sentence does not name: « Elle est acceptée »?

    It would mean whatever the sentence before it, of another quotation, was about; so would bare
    figures of a vote, « 39 oui contre 35 non ».
    """
    text = fold(sentence)
    words = _content(_without_session_date(text, cited))
    return all(word[0].isdigit() or word in OUTCOMES for word in words) or any(
        not _content(_without_session_date(text[: match.start()], cited))
        and not _IMPERSONAL.match(text, match.start())
        for match in _POINTED.finditer(text)
    )


# --- what is affirmed -------------------------------------------------------------------------


def _wrong_outcome(sentence: str, cited: Sequence[QuotedSource]) -> bool:
    said = [(clause, _agenda(source)) for source in cited for clause in source.clauses]
    for clause in clauses(sentence):
        for word in clause.stems & OUTCOMES:
            if not any(
                word in c.stems and c.bears(clause) and c.is_about(clause.objects, agenda)
                for c, agenda in said
            ):
                return True
    return False


def _agenda(source: QuotedSource) -> frozenset[str]:
    """The codes of the item under which it was said."""
    return codes(word for words in source.named for word in words)


_MONTH_STEMS = frozenset(stems(" ".join(MONTHS)))


def _wrong_negation(sentence: str, cited: Sequence[QuotedSource]) -> bool:
    """Are most of a clause's words said, but where the opposite is said of them?

    A clause of numbers and months (« le 3 mars, ») affirms nothing by itself.
    """
    said = [clause for source in cited for clause in source.clauses]
    spoken = {word for clause in said for word in clause.stems}
    for clause in clauses(sentence):
        if all(word[0].isdigit() or word in _MONTH_STEMS for word in clause.stems):
            continue
        shared = clause.stems & spoken
        alike = {w for w in shared for c in said if w in c.stems and c.negated == clause.negated}
        if (clause.negated and not shared) or len(alike) * 2 < len(shared):
            return True
    return False


# --- words of its own -------------------------------------------------------------------------

# Words that assert nothing by themselves: of saying, of a council's business, auxiliaries.
_GLUE = frozenset(
    stems(
        """dit dire declare affirme affirmait explique indique precise rappelle souligne ajoute
        mentionne evoque observe note signale constate estime pense considere selon notamment
        egalement ainsi enfin ensuite puis afin seance conseil municipal conseiller conseillere
        intervenant intervenante orateur oratrice personne membre point sujet propos question
        concernant concerne relatif porte parle debat discussion discute aborde intervention
        plusieurs certain certains autre part raison cause car fait passage extrait citation
        monsieur madame mme mm mlle lors cours actuellement aujourd hui etre avoir peut pouvoir"""
    )
)
# Kinds of objects, which a code may stand beside.
_OBJECTS = frozenset(
    ("motion", "proposition", "petition", "resolution", "initiative", "interpellation")
)
_CODE = re.compile(r"[a-z]{1,3}\d+")
# « a été », which is no summer
_BEEN = re.compile(r"\b(?:a|ont|avait|avaient|aurait|ayant)(?: pas| jamais| ainsi| donc)? ete\b")
_SPELT_OUT = {"km": "kilometre", "kmh": "kilometre"}


def _is_glue(word: str) -> bool:
    return all(stem in _GLUE for stem in stems(word))


def _invented(sentence: str, cited: Sequence[QuotedSource]) -> bool:
    """Are there words of its own, or does one clause mix the words of two quotations?

    Either can say anything: « Le tramway coûtera plus cher que la crèche », of what costs more and
    of a crèche.
    """
    text = _without_session_date(sentence, cited)
    spoken = {stem for s in cited for stem in stems(s.quote)}
    words = set(_content(text))
    grounded = len(words & spoken)
    if grounded == 0 or grounded < min(2, len(words)):
        return True
    names = {stem for s in cited for stem in stems(s.speaker or "")}
    known = [names.union(*map(stems, (s.quote, *s.about))) for s in cited]
    parts = [set(_content(part)) for part in CUT.split(text)]
    return not all(any(part <= one for one in known) for part in parts)


def _content(text: str) -> list[str]:
    """Stems that assert something; the kind of an object beside its code does not."""
    words = tokens(_BEEN.sub(" ", fold(text)))
    kept = [
        _SPELT_OUT.get(word, word)
        for at, word in enumerate(words)
        if not (word in _OBJECTS and at + 1 < len(words) and _CODE.fullmatch(words[at + 1]))
    ]
    return [stem for word in kept for stem in stems(word) if stem not in _GLUE]


_CHECKS: tuple[tuple[Flaw, Callable[[str, Sequence[QuotedSource]], bool]], ...] = (
    (Flaw.QUOTE, _unsaid_quote),
    (Flaw.DATE, _wrong_date),
    (Flaw.NUMBER, _wrong_number),
    (Flaw.NAME, _unknown_name),
    (Flaw.OUTCOME, _wrong_outcome),
    (Flaw.NEGATION, _wrong_negation),
    (Flaw.INVENTED, _invented),
    (Flaw.VOICE, _own_voice),
    (Flaw.POINTING, _points_back),
)
