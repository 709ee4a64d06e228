"""A party: who belongs to it now and did before, and what it moved."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.records.decisions import DecisionLine, decision_line_of
from api.records.people import PersonLine, by_family_name, person_lines_of
from api.views.links import slug
from ingest.archive.published import Published
from ingest.archive.speaking import Spoken
from ingest.errors import NotFound
from search.filters import Filters
from search.query.vocabulary import Vocabulary
from search.votes.register import decisions

_VOTES = 10  # the newest


@dataclass(frozen=True)
class PartySheet:
    """A party by its name on rosters. Times are those of a person, whichever the party was then."""

    name: str
    members: tuple[PersonLine, ...]
    former: tuple[PersonLine, ...]
    moved: tuple[DecisionLine, ...]


def party_sheet(
    published: Published, vocabulary: Vocabulary, called: str, totals: Mapping[str, Spoken]
) -> PartySheet:
    """The sheet of the party that addresses call so. Raises `NotFound`."""
    names = tuple(group for group in vocabulary.groups if slug(group) == called)
    if not names:
        raise NotFound(f"Aucun parti de ce nom dans les séances publiées : « {called[:60]} ».")
    ever = [member for member in vocabulary.people if set(member.groups) & set(names)]
    ever.sort(key=by_family_name)
    now = [member for member in ever if member.groups[0] in names]
    return PartySheet(
        name=names[0],
        members=person_lines_of(now, totals),
        former=person_lines_of([member for member in ever if member not in now], totals),
        moved=tuple(
            map(decision_line_of, decisions(published, Filters(groups=names), limit=_VOTES))
        ),
    )
