"""What a form of the site asks: the parameters of an address, from what a reader filled in.

Pure. A form says more than an address: fields left empty, and `encore`, the exchange that stands on
the page. Filters chosen without a question narrow that exchange; without one, they are browsed.
"""

from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode

from search.filters import Filters
from search.question.addressed import Params, filter_params, filters_from

AGAIN = "encore"
_LONGEST = 8_000  # characters of an exchange's address; what is longer is not one of ours
_DAYS = frozenset({"du", "au"})


def question_in(params: Iterable[tuple[str, str]]) -> str | None:
    """The question of an address as it is written there, None where there is no field for it."""
    return next((value for name, value in params if name == "q"), None)


def narrowed(params: Params) -> str | None:
    """The address (a query string) of the standing exchange within newly chosen filters.

    None where something else is asked. Raises `BadInput` for a date that cannot be read.
    """
    standing = next((value for name, value in params if name == AGAIN), "")
    chosen = filter_params(_chosen_alone(params))
    if not (chosen and standing) or len(standing) > _LONGEST:
        return None
    days = _DAYS if any(name in _DAYS for name, _ in chosen) else frozenset()
    kept = [(name, value) for name, value in parse_qsl(standing) if name not in days]
    return urlencode(list(dict.fromkeys((*kept, *chosen))))


def browsed(params: Params) -> str | None:
    """The filters (a query string) that are chosen without any question; None where one is asked.

    Raises `BadInput` for a date that cannot be read.
    """
    chosen = _chosen_alone(params)
    return urlencode(filter_params(chosen)) if chosen else None


def _chosen_alone(params: Params) -> Filters:
    """The filters chosen without a question."""
    return filters_from([] if (question_in(params) or "").strip() else params)
