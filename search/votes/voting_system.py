"""Results as an electronic voting system exports them, and the votes of a session that they are.

Pure. Three forms of table are read, below any lines of title: a line a vote with its figures; a
line a person with their vote, for one vote or several; a line a person and a column a vote. What is
not understood is refused with its line: a result that is guessed would be a false one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ingest.documents.text_files import Most, table_of, text_of
from ingest.errors import BadInput
from ingest.text import fold
from ingest.transcript import Person
from search.filters import Outcome
from search.votes.amendments import amendments_in
from search.votes.entered import Entered, ballots_of, named_in
from search.votes.tallies import codes_in
from search.votes.vote import Subject, Vote

MOST_FILE = Most(
    64 << 10, "les résultats d'un système de vote", "exportez un vote à la fois."
)  # read in this process, as all files up to that size (D-013): 1,500 lines
_TITLE_LINES = 15  # above the head of the table: name of the system, date, place

# One sign may mean two things (« - », « a »): such a cell is refused, not guessed.
_SAID = {
    "yes": ("oui", "pour", "yes", "ja", "si", "o", "y", "accepte", "favorable"),
    "no": ("non", "contre", "no", "nein", "n", "refuse", "defavorable"),
    "abstentions": ("abstention", "abst", "abst.", "abstenu", "abstenue", "enthaltung", "blanc"),
}
_NOT_THERE = re.compile(
    r"|absent(?:e|\(e\))?|excuse(?:e|\(e\))?|(?:n'a )?pas vote|non[ -]votant(?:e)?|ne vote pas|/"
)
_SIDES = {
    "yes": re.compile(r"(?:nombre de |total )?(?:oui|pour|yes|ja)s?"),
    "no": re.compile(r"(?:nombre de |total )?(?:non|contre|no|nein)s?"),
    "abstentions": re.compile(r"(?:nombre d'|total )?(?:abstentions?|abst\.?|enthaltung(?:en)?)"),
}
_OF = re.compile(
    r"(?:objet|titre|intitule|vote|scrutin|question|sujet|libelle|n°|numero|no|point)s?"
    r"(?: (?:du|de l'|de la|de|n°) ?\w+)?"
)
_NAME = re.compile(
    r"nom|noms|nom de famille|membre|nom (?:et|/) prenom|nom,? prenom|name|participant|votant|elue?"
)
_FIRST = re.compile(r"prenoms?|first ?name|vorname")
_CHOICE = re.compile(r"votes?|voix|choix|reponse|position|decision|stimme|suffrage")
_ASIDE = re.compile(
    r"groupe.*|parti.*|fonction|role|siege|place|id|badge|heure|date|commission|statut|present|"
    r"ponderation|poids|resultat|issue|total|participants?|votants|n°|numero|no"
)
_RESULT = re.compile(r"resultat|issue|decision|result")


@dataclass(frozen=True)
class Result:
    """One vote of a file: what the file calls it, and what it says of it."""

    title: str
    entered: Entered


@dataclass
class _Count:
    """The names on each side, as they are read."""

    title: str
    sides: dict[str, list[str]] = field(
        default_factory=lambda: {"yes": [], "no": [], "abstentions": []}
    )

    def result(self) -> Result:
        ballots = ballots_of(self.sides)
        yes, no = len(ballots.yes), len(ballots.no)
        return Result(self.title, Entered(_outcome(yes, no), ballots=ballots).checked())


def read_results(raw: bytes, source: str, roster: Sequence[Person]) -> tuple[Result, ...]:
    """The votes of a file. Raises `BadInput` for what is no such table, with the line."""
    MOST_FILE.check(len(raw), source)
    rows = [row for row in table_of(text_of(raw, source), source) if any(row[1])]
    for at, (_, head) in enumerate(rows[:_TITLE_LINES]):
        if results := _read(head, rows[at + 1 :], source, roster):
            return results
    raise BadInput(
        f"« {source} » : aucun résultat lu. On attend une ligne de titres avec Oui, Non et"
        " Abstentions, ou avec Nom et Vote."
    )


def _read(
    head: Sequence[str],
    rows: Sequence[tuple[int, list[str]]],
    source: str,
    roster: Sequence[Person],
) -> tuple[Result, ...]:
    names = [fold(cell).strip() for cell in head]
    of_side = {
        side: n
        for side, rule in _SIDES.items()
        for n, cell in enumerate(names)
        if rule.fullmatch(cell)
    }
    if "yes" in of_side and "no" in of_side:
        return tuple(_totals(names, of_side, rows, source))
    named = next((n for n, cell in enumerate(names) if _NAME.fullmatch(cell)), None)
    if named is None:
        return ()
    return tuple(_by_name(head, names, named, rows, source, roster))


def _totals(
    names: Sequence[str],
    of_side: Mapping[str, int],
    rows: Sequence[tuple[int, list[str]]],
    source: str,
) -> Iterator[Result]:
    titles = [
        n for n, cell in enumerate(names) if _OF.fullmatch(cell) and n not in of_side.values()
    ]
    told = next((n for n, cell in enumerate(names) if _RESULT.fullmatch(cell)), None)
    for line, cells in rows:
        if fold(cells[0]).startswith("total"):
            continue
        figures = {
            side: _figure(cells[n] if n < len(cells) else "", line, source)
            for side, n in of_side.items()
        }
        title = " ".join(cells[n] for n in titles if n < len(cells) and cells[n])
        outcome = _outcome(figures["yes"] or 0, figures["no"] or 0)
        said = fold(cells[told]) if told is not None and told < len(cells) else ""
        if re.match(r"accept|adopt|approuv", said):
            outcome = Outcome.ACCEPTED
        elif re.match(r"refus|rejet|repouss|non accept", said):
            outcome = Outcome.REFUSED
        counted = (figures.get("yes"), figures.get("no"), figures.get("abstentions"))
        entered = Entered(outcome, *counted, by_rule=bool(said)).checked()
        yield Result(title or f"Ligne {line}", entered)


def _figure(cell: str, line: int, source: str) -> int | None:
    if not cell:
        return None
    if not re.fullmatch(r"\d{1,4}", cell):
        raise BadInput(f"« {source} », ligne {line} : « {cell[:30]} » n'est pas un nombre de voix.")
    return int(cell)


def _by_name(
    head: Sequence[str],
    names: Sequence[str],
    named: int,
    rows: Sequence[tuple[int, list[str]]],
    source: str,
    roster: Sequence[Person],
) -> Iterator[Result]:
    first = next((n for n, cell in enumerate(names) if _FIRST.fullmatch(cell)), None)
    choice = next((n for n, cell in enumerate(names) if _CHOICE.fullmatch(cell)), None)
    others = [n for n in range(len(names)) if n not in (named, first, choice)]
    titled = [n for n in others if _OF.fullmatch(names[n])]
    columns = (
        [choice]
        if choice is not None
        else [n for n in others if not _ASIDE.fullmatch(names[n]) and names[n]]
    )
    counts: dict[str, _Count] = {}
    for line, cells in rows:
        row = [*cells, *[""] * (len(names) - len(cells))]
        if not row[named] or fold(row[named]).startswith("total"):
            continue
        person = named_in(roster, f"{row[first] if first is not None else ''} {row[named]}")
        for n in columns:
            own = " ".join(row[m] for m in titled if row[m])
            title = head[n] if choice is None else own or source
            side = _side(row[n], line, source)
            count = counts.setdefault(title, _Count(title))
            if side:
                count.sides[side].append(person)
    yield from (count.result() for count in counts.values())


def _side(cell: str, line: int, source: str) -> str | None:
    said = fold(cell).strip()
    for side, words in _SAID.items():
        if said in words:
            return side
    if _NOT_THERE.fullmatch(said):
        return None
    raise BadInput(
        f"« {source} », ligne {line} : « {cell[:30]} » n'est ni oui, ni non, ni abstention."
    )


def _outcome(yes: int, no: int) -> Outcome:
    return Outcome.TIED if yes == no else Outcome.ACCEPTED if yes > no else Outcome.REFUSED


# --- which vote it is -------------------------------------------------------------------------

_NAMED, _COUNTED = 2, 3  # a code that both name; the very figures that were announced


def proposed(results: Sequence[Result], votes: Sequence[Vote]) -> tuple[Vote | None, ...]:
    """For each result the vote that it surely is: by its code, its figures, or both."""
    free = list(votes)
    found: list[Vote | None] = []
    for one in results:
        ranked = sorted(((_likeness(one, vote), -n) for n, vote in enumerate(free)), reverse=True)
        alone = bool(ranked) and ranked[0][0] >= _NAMED
        if alone and len(ranked) > 1 and ranked[1][0] == ranked[0][0]:
            alone = False
        found.append(free.pop(-ranked[0][1]) if alone else None)
    return tuple(found)


def _likeness(one: Result, vote: Vote) -> int:
    codes = {*codes_in(one.title), *amendments_in(one.title)}
    named = {*amendments_in(vote.noun), *codes_in(f"{vote.object or ''} {vote.noun} {vote.said}")}
    given = one.entered
    amends = "amend" in fold(one.title)
    if amends is not (vote.subject is Subject.AMENDMENT):
        return 0
    same = vote.counted and (given.yes, given.no) == (vote.yes, vote.no)
    return _NAMED * bool(codes & named) + _COUNTED * same


def for_vote(result: Result, vote: Vote) -> Entered:
    """A result with what only the words tell: where an accepted object is sent."""
    told, heard = result.entered.outcome, vote.outcome
    sent = heard not in (Outcome.ACCEPTED, Outcome.REFUSED, Outcome.TIED)
    if sent and told is Outcome.ACCEPTED:
        return replace(result.entered, outcome=heard)
    if told is Outcome.TIED and heard in (Outcome.ACCEPTED, Outcome.REFUSED):
        return replace(result.entered, outcome=heard, by_rule=True)  # the president's own vote
    return result.entered
