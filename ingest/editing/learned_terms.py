"""The words that corrections taught: « toujours écrire ainsi », for the sessions to come.

They stand beside the city's own file, and are used as its terms are. Where both write a word, the
file's own forms are kept and the clerks' are added.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    DateTime,
    Integer,
    String,
    Table,
    Text,
    delete,
    insert,
    select,
    update,
)

from ingest.archive import audit
from ingest.archive import schema as t
from ingest.archive.repository import Archive
from ingest.documents.glossary import Term, check_form
from ingest.errors import BadInput, NotFound
from ingest.text import fold

table = Table(
    "terms",
    t.metadata,
    Column("id", Integer, primary_key=True),
    Column("text", Text, nullable=False, unique=True),
    Column("spoken", JSON, nullable=False),
    Column("note", Text, nullable=False),
    Column("by", String, nullable=False),
    Column("at", DateTime, nullable=False),
)
# Terms in a city's list: it is shown on one page and read at every ingest, so a mass import into it
# is refused. Chosen, not measured.
_MOST = 2_000


@dataclass(frozen=True)
class Taught:
    """A term that a person added. `id` is its number."""

    id: int
    term: Term
    by: str
    at: datetime


def taught(db: Connection) -> tuple[Taught, ...]:
    """Every term, in the order in which they were added."""
    return tuple(
        Taught(row.id, Term(row.text, tuple(row.spoken), row.note), row.by, row.at)
        for row in db.execute(select(table).order_by(table.c.id))
    )


def teach(db: Connection, text: str, spoken: Sequence[str], by: str) -> Taught:
    """Add a term, or spoken forms to one that is there. Raises `BadInput` for what is none.

    A form that another term is heard as, or is written as, stays that one's: it would be refused.
    """
    written = _form(text)
    forms = tuple(dict.fromkeys(f for f in map(_form, spoken) if fold(f) != fold(written)))
    known = taught(db)
    for other in known:
        for form in (written, *forms):
            if other.term.text != written and _means(other.term, form):
                raise BadInput(
                    f"« {form} » figure déjà sous « {other.term.text} » : un terme ou une forme"
                    " orale ne se donne qu'une fois."
                )
    old = next((one for one in known if one.term.text == written), None)
    if old is None and len(known) >= _MOST:
        raise BadInput(f"La liste compte déjà {_MOST} termes : retirez-en d'abord.")
    at = t.now()
    if old:
        every = tuple(dict.fromkeys((*old.term.spoken, *forms)))
        db.execute(update(table).where(table.c.id == old.id).values(spoken=list(every)))
        made = replace(old, term=replace(old.term, spoken=every))
    else:
        values = {"text": written, "spoken": list(forms), "note": "", "by": by, "at": at}
        done = db.execute(insert(table).values(values))
        number = int((done.inserted_primary_key or (0,))[0])
        made = Taught(number, Term(written, forms), by, at)
    audit.record(db, by, "term.add", str(made.id))
    return made


def forget(db: Connection, number: int, by: str) -> None:
    """Remove a term. Raises `NotFound`."""
    if db.execute(delete(table).where(table.c.id == number)).rowcount == 0:
        raise NotFound(f"Aucun terme n° {number} dans la liste.")
    audit.record(db, by, "term.remove", str(number))


def glossary(archive: Archive, city: Sequence[Term] = ()) -> tuple[Term, ...]:
    """The city's terms and the clerks', each once, as an ingest is given them."""
    with archive.engine.connect() as db:
        added = [one.term for one in taught(db)]
    terms = {fold(term.text): term for term in city}
    used = {fold(form) for term in city for form in (term.text, *term.spoken)}
    for term in added:
        forms = tuple(form for form in term.spoken if fold(form) not in used)
        known = terms.get(fold(term.text))
        if known is None and fold(term.text) in used:
            continue  # the city hears this word as another one
        terms[fold(term.text)] = (
            Term(known.text, (*known.spoken, *forms), known.note)
            if known
            else replace(term, spoken=forms)
        )
        used |= {fold(term.text), *map(fold, forms)}
    return tuple(terms.values())


def _means(term: Term, form: str) -> bool:
    return fold(form) in {fold(term.text), *map(fold, term.spoken)}


def _form(text: str) -> str:
    form = " ".join(text.split())
    check_form(form)
    return form
