"""What is in camera: points of an agenda that are marked so, and what the chair announces.

Knows how clerks mark a title and how chairs close and open a session or give notice of a closing,
misheard forms included. In doubt it is in camera: a point that may be public is released by one
tick, a leak by nothing. Only what opens a session again is read narrowly. Does not know which point
a notice speaks of (`ingest.documents.agenda`), nor what was redacted or released.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.text import fold, sentence_ranges
from ingest.transcript import Span, Turn, Word

MARK = "(huis clos)"
_CLOSED = r"(?:(?:hui[st]?|oui|8) ?clo[st]?)\b"  # "huit clos", "huis clot", "8 clos" are heard

# --- titles ------------------------------------------------------------------------------------

_MARKS = re.compile(
    rf"\b(?:a )?{_CLOSED}|\bnon publi(?:cs?|ques?)\b|\bhors (?:la )?presence du public\b"
    r"|\b(?:hors|sans) public\b|\b(?:a )?portes (?:fermees|closes)\b|\b(?:en )?comite secret\b"
    r"|\b(?:seance|partie) (?:privee|secrete)\b|^ ?in camera\b"
)
# In its brackets, or set apart at an end: within a title "HC" may be a club's or a person's.
_LETTERS = re.compile(
    r"[(\[{*]\s?h\.?\s?c\.?\s?[)\]}*]|[(\[]\s?(?:confidentiel(?:le)?|seance privee|prive)\s?[)\]]"
    r"|^(?:h\.?c\.?|confidentiel(?:le)?) ?[-–—:/|]|[-–—:/|,;] ?(?:h\.?c\.?|confidentiel(?:le)?)$"
)
_ABOUT = re.compile(  # a matter of debate, not how it is debated
    r"\b(?:sur|concernant|contre|pour|supprimer|suppression|pratique|usage|regles?|regime|abus)"
    rf" (?:le|l|du|de l|des|les) ?{_CLOSED}"
)
_IN_BRACKETS = re.compile(r"[(\[{]([^()\[\]{}]{1,40})[)\]}]")
_NO = ("", "non", "no", "n", "0", "false", "faux", "-", "none", "public", "publique")
_FLAGS = ("huis clos", "a huis clos", "hc", "in camera", "non public", "seance non publique")


def is_marked(title: str) -> bool:
    """Does a title say that its point is in camera?

    >>> [is_marked(one) for one in ("Recours [HC]", "Rapport sur le huis clos des commissions")]
    [True, False]
    """
    folded = fold(title)
    text = _plain(folded)
    if not text.strip():
        return False
    return bool(_LETTERS.search(folded) or _MARKS.search(_ABOUT.sub(" ", text)))


def marked(title: str, closed: bool = True) -> str:
    """A title that says so, where the agenda flags its point: readers see it there too."""
    return f"{title} {MARK}" if closed and not is_marked(title) else title


def says_so(flag: object) -> bool:
    """Does the value of a flag say "in camera"? Anything but a clear no does."""
    return flag is not None and fold(str(flag)).strip(" .") not in _NO


def unmarked(title: str) -> str:
    """A title without its mark: the chair does not read that out."""
    folded = fold(title)
    return _MARKS.sub(" ", _plain(_LETTERS.sub(" ", folded))) if is_marked(title) else title


def public_title(title: str) -> str:
    """A title without a mark in brackets, for a point that is public again; else as it is.

    >>> [public_title(one) for one in ("Recours (à huis clos)", "Huis clos : recours")]
    ['Recours', 'Huis clos : recours']
    """
    bare = _IN_BRACKETS.sub(lambda part: " " if is_marked(part[0]) else part[0], title)
    bare = " ".join(bare.split())
    return bare if bare and not is_marked(bare) else title


def is_flag(column: str) -> bool:
    """Is this the name of a column or field that flags a point as in camera?"""
    return " ".join(_plain(fold(column)).split()) in _FLAGS


def _plain(folded: str) -> str:
    """A folded text's letters and digits, a space in the place of all else."""
    return re.sub(r"[^a-z0-9]+", " ", folded)


# --- what the chair says -----------------------------------------------------------------------


def _up_to(most: int, *but: str) -> str:
    """A few words, none of them one of those that turn the sense."""
    return rf"(?: (?!(?:{'|'.join((*but, 'pas'))})\b)\w+){{0,{most}}}"


_NOT_YET = ("n", "ne", "si", "a", "ai", "avons", "avait", "avions", "sera", "serait", "soit")
_PUBLIC = (
    r"\b(?:(?:le|au|du|notre|cher|aimable) public|la presse|les (?:spectat\w+|journalistes))\b"
)
_ROOM = r"(?:salle|lieux|tribunes?|galeries?|hemicycle|seance|enceinte)"
_LEAVES = (
    rf"(?:(?:quitt|evacu|liber)\w* (?:la |les |l |cette )?{_ROOM}|(?:se|vous) retir\w+|sort\w*)"
)
_HIDDEN = r"(?:non publi(?:que|c)|privee|secrete|fermee au public|a huis ?clos)\b"
_THERE = (
    rf"(?:(?:a|au|en|sous|dans) (?:le )?{_CLOSED}|en (?:seance|partie) {_HIDDEN}"
    r"|a portes (?:fermees|closes)\b|en comite secret\b)"
)
_GOES = (
    r"(?:pass|sieg|poursui|continu|entr|deliber|trait|debatt|all|bascul|mett|ouvr|commenc|abord"
    r"|ven|dev|entam)"
)
# What closes a session, and below what opens it again: D-195. In doubt it is closed.
_BEGINS = re.compile(
    "|".join(
        (
            rf"{_CLOSED}{_up_to(5, 'refuse', *_NOT_YET[:3], 'sera', 'serait', 'soit')}"
            r" (?:prononce|accepte|ordonne|decide|decrete|declare|vote|adopte|accorde|commence)\b",
            rf"\b(?:je?|nous|on){_up_to(2, *_NOT_YET)} (?:prononc|declar|ordonn|decret)\w+"
            rf"{_up_to(3)} (?:le |a )?{_CLOSED}",
            rf"\b(?:{_GOES}v?e?ons|sommes|nous voici){_up_to(7)} {_THERE}",
            rf"\b{_GOES}v?e?ons (?:la|une) (?:seance|partie) {_HIDDEN}",
            rf"\b(?:on|je|seance|suite|debat|conseil|assemblee){_up_to(3, *_NOT_YET)}"
            rf" (?:{_GOES}\w*|deroule|tient|reste|reprend|reunit){_up_to(5)} {_THERE}",
            rf"\bc(?:e|et|ette) (?:point|objet|dossier|sujet|affaire) est{_up_to(2)} {_THERE}",
            rf"{_PUBLIC}{_up_to(10)} {_LEAVES}",
            rf"\b(?:(?:faire|faites|fasse) sortir|evacue[rz]){_up_to(2)} {_PUBLIC}",
            rf"\bseance{_up_to(3, *_NOT_YET)} (?:est|devient|declaree){_up_to(3)} {_HIDDEN}",
            r"\bseance n est (?:pas|plus) publique\b",
            rf"\bdeclar\w+{_up_to(3)} seance{_up_to(2)} {_HIDDEN}",
            rf"\b(?:debut|ouverture) du {_CLOSED}",
            rf"^(?:(?:donc|alors|bien|place|maintenant|au|le) ){{0,4}}{_CLOSED}$",
        )
    )
)
_IF = re.compile(rf"\b(?:si|quand|lorsque|avant que|sans que) (?:le |l |un )?{_CLOSED}")
_LATER = (
    *("non", "n", "ne", "plus", "sera", "serait", "soit", "pourra", "pourront", "pourrait"),
    *("comme", "propose", "proposons", "demande", "demandons", "souhaite", "souhaitons"),
)
# Narrower than what closes: words read wrongly here would publish (D-195).
_ENDS = re.compile(
    "|".join(
        (
            rf"\b(?:le |l )?{_CLOSED}{_up_to(3, *_LATER)} (?:leve|termine|clos|fini|acheve)\b"
            r"(?! (?:dans|apres|des|quand|vers)\b)",
            rf"\b(?:le |l )?{_CLOSED}{_up_to(2, *_LATER)} (?:prend|a pris) fin\b",
            rf"\b(?:je|nous|on){_up_to(2, *_LATER, 'ai', 'avons', 'a')}"
            r" (?!\w+r(?:ai|a|ons|ont)\b)(?:lev|termin|clotur|sort|quitt|ferm|met)\w*"
            rf"{_up_to(2)} (?:le|du|au|ce) {_CLOSED}",
            rf"^(?:(?:c|est|voila|donc|bien) ){{0,3}}(?:la )?fin du {_CLOSED}",
            rf"\b(?:la )?seance{_up_to(3, *_LATER)} (?:est|redevient|devient){_up_to(3, *_LATER)}"
            r" publique\b",
            rf"\b(?:la )?seance publique{_up_to(3, *_LATER)}"
            r" (?:reprise|r(?:e)?ouverte|reprend|retablie|continue|poursuit)\b",
            r"\b(?:(?:nous|on) )?(?:reprenons|reprend|revenons|retournons|retour|poursuivons"
            r"|continuons|repassons|reprise|rouvrons|sommes (?:de|a) nouveau)"
            rf"{_up_to(4, *_LATER)} (?:en|a la|de la|la|au) (?:seance |partie |session )?"
            r"publi(?:que|c)\b",
            rf"{_PUBLIC}{_up_to(8, *_LATER)}"
            r" (?:revenir|rentrer|reprendre (?:sa |leur )?places?|regagner|reintegrer|rejoindre)\b",
            rf"\b(?:faire|faites|laissez|laissons) (?:r?entrer|revenir){_up_to(2)} {_PUBLIC}",
        )
    )
)
# Notice of a closing to come: "le point 7 sera traité à huis clos", and of a point in the present.
_WILL = (
    r"(?<!\bne )(?<!\bn )\b(?!(?:renonc|oppos|sort)\w*)"
    r"(?:\w+r(?:ai|a|ons|ont)|va|vont|allons|doit|doivent|devons)\b(?! fin\b)"
)
_NOT = ("ni", "ne", "n", "jamais", "leve\\w*")
_NOTICE = re.compile(
    "|".join(
        (
            rf"{_WILL}{_up_to(8, *_NOT)} {_THERE}",
            rf"\bseance{_up_to(3)} {_WILL}{_up_to(3, *_NOT)} {_HIDDEN}",
            rf"{_THERE}{_up_to(4, *_NOT)} {_WILL}",
            rf"{_CLOSED}{_up_to(4, *_NOT)} (?:(?:sera|seront){_up_to(2, *_NOT)} (?:prononce|ordonne"
            r"|decrete|declare|demande|propose|necessaire|prevu)|aura lieu|se tiendra|suivra"
            r"|commencera|debutera|interviendra|(?:est|etait) prevu)\b",
            rf"\b(?:aurons|aura|(?:prononc|demand)er(?:ai|a|ons)){_up_to(4, *_NOT)} {_CLOSED}",
            rf"\b(?:points?|objets?) (?:\w+ ){{1,8}}?(?<!\bne )(?<!\bn )(?:est|sont|se \w+|a lieu"
            rf"|ont lieu|figure\w*){_up_to(4, *_NOT)} {_THERE}",
        )
    )
)
_NUMBERED = re.compile(r"\b(?:points?|objets?) (?!restants?|suivants?|d[eu]\b)\w+")
# What stands right before it: a condition, or other meetings than this one.
_IF_IT_IS = re.compile(r"(?:(?<!meme )\bsi|\best ce que|\bfaut il)(?: \w+){0,3} $")
_OF_OTHERS = re.compile(
    r"\b(?:commissions?|bureau|comite|delegation|groupe|prochaine? (?:seance|fois|conseil))"
    r"(?: \w+){0,2} $"
)
# What says that it is not now: "le conseil siégera à huis clos" alone may close at once.
_NOT_NOW = re.compile(
    rf"{_NUMBERED.pattern}|\b(?:plus tard|tout a l heure|ensuite|(?:a|en) (?:la )?fin"
    r"|(?:des|apres) (?:le|l|la|les|\d+|qu\w*)|a partir|dans \w+ (?:minutes?|instants?|heures?))\b"
)
_FUTURE = re.compile(r"\b\w+r(?:ai|a|ons|ont)\b")
# What was closed stays closed where its opening is only spoken of.
_SPOKEN_OF = re.compile(
    r"\b(?:si|quand|lorsque|avant|apres|jusqu|tant que|une fois|des que|aussitot|est ce que"
    r"|faudra|faudrait)\b"
)


# Letters of which every announcement has some: what has none of them need not be read.
HINTS = ("clo", "clô", "publi", "presse", "spectat", "journalist", "priv", "secr", "portes")


@dataclass(frozen=True)
class Announced:
    """A stretch in camera by the chair's words; `lifted`: its end was announced too."""

    span: Span
    lifted: bool


@dataclass(frozen=True)
class Notice:
    """A sentence that says what will be in camera: when it is said, and its words."""

    at_ms: int
    text: str


def notices(turns: Sequence[Turn]) -> tuple[Notice, ...]:
    """The sentences that say what will be in camera, or which point is, and close nothing now."""
    return tuple(
        Notice(words[0].start_ms, " ".join(word.text for word in words))
        for turn in turns
        for words, text, _ in _telling(turn)
        if _gives_notice(text) and not _begins(text) and not words[-1].text.endswith("?")
    )


def _gives_notice(text: str) -> bool:
    """Does a sentence announce a closing to come in this very meeting?"""
    found = _NOTICE.search(text)
    if found is None or _IF_IT_IS.search(before := text[: found.start()]):
        return False
    return bool(_NUMBERED.search(text)) or not _OF_OTHERS.search(before)


def announced(turns: Sequence[Turn], end_ms: int) -> tuple[Announced, ...]:
    """Stretches that the chair closed, up to the words that open the session again, or its end."""
    found: list[Announced] = []
    start_ms: int | None = None
    for at, until, begins in sorted(mark for turn in turns for mark in _marks(turn)):
        if begins and start_ms is None:
            start_ms = until
        elif not begins and start_ms is not None:
            found.append(Announced(Span(start_ms, max(at, start_ms)), lifted=True))
            start_ms = None
    if start_ms is not None and start_ms < end_ms:
        found.append(Announced(Span(start_ms, end_ms), lifted=False))
    return tuple(one for one in found if one.span.start_ms < one.span.end_ms)


def _marks(turn: Turn) -> Iterator[tuple[int, int, bool]]:
    """Where a turn closes the session (True) or opens it: from and to which moment it says so."""
    for words, text, whose in _telling(turn):
        ends, begins = list(_ENDS.finditer(text)), _begins(text)
        asks = words[-1].text.endswith("?")
        for match in (*begins, *ends):
            closes = match in begins
            if (_IF if closes else _SPOKEN_OF).search(text[: match.end()]) or (asks and not closes):
                continue
            first, last = whose[match.start()], whose[match.end() - 1]
            yield words[first].start_ms, words[last].end_ms, closes


def _begins(text: str) -> list[re.Match[str]]:
    """Where a sentence closes the session: "nous mettons fin au huis clos" begins nothing."""
    ends = list(_ENDS.finditer(text))
    return [
        match
        for match in _BEGINS.finditer(text)
        if not any(match.start() < end.end() and end.start() < match.end() for end in ends)
        and not (_FUTURE.search(match[0]) and _NOT_NOW.search(text) and _gives_notice(text))
    ]


def _telling(turn: Turn) -> Iterator[tuple[Sequence[Word], str, list[int]]]:
    """The sentences of a turn that may announce something, each as words and as `_spoken`."""
    for run in sentence_ranges(turn.words):
        words = turn.words[run.start : run.stop]
        written = " ".join(word.text for word in words).lower()
        if any(hint in written for hint in HINTS):
            yield words, *_spoken(words)


def _spoken(words: Sequence[Word]) -> tuple[str, list[int]]:
    """Plain text of a sentence, and to which word each of its characters belongs."""
    pieces: list[str] = []
    whose: list[int] = []
    for at, word in enumerate(words):
        plain = _plain(fold(word.text)).strip()
        if plain:
            pieces.append(plain)
            whose += [at] * (len(plain) + 1)
    return " ".join(pieces), whose
