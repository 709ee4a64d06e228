"""Questions that a newcomer may start from, made from what the published sessions were about."""

from collections import Counter

from ingest.transcript import AgendaItem, Session
from web.text import Catalogue

COUNT = 5


def example_questions(sessions: tuple[Session, ...], text: Catalogue) -> tuple[str, ...]:
    """One question each for the newest points of the agenda that are not routine."""
    titles = Counter(item.title for s in sessions for item in s.agenda)
    items = [item for s in sessions for item in s.agenda if titles[item.title] == 1]
    items.sort(key=lambda item: item.object is None)  # stable: objects first, newest first
    return tuple(
        text(f"example.{n % 2}", topic=_topic(item)) for n, item in enumerate(items[:COUNT])
    )


def _topic(item: AgendaItem) -> str:
    """What an item is about, without its number: « piste » of « PR-12 : piste »."""
    head, separator, tail = item.title.partition(" : ")
    names_object = item.object is not None and item.object in head
    topic = tail if separator and names_object else item.title
    return topic[:1].upper() + topic[1:]
