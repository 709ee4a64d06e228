"""The errors a user can meet, and whose fault each is.

    VerbatimError
    ├── UserError            the caller can mend it; exit code 2, HTTP 4xx
    │   ├── BadInput         a file, an option or a question that cannot be used
    │   ├── NotFound         no such thing (a reader is told the same of what is not published)
    │   ├── Conflict         it clashes with what is kept already
    │   └── InPreparation    it is there in a moment, and not before
    └── OurError             we failed; exit code 1, HTTP 500
        ├── ModelUnavailable a model's weights are absent or are not the ones expected
        └── Corrupt          what is stored contradicts itself

Messages are in French, for users: one sentence that shows the offending value, then what to do.
"""

import reprlib
from typing import ClassVar

_SHOWN = 40  # characters of a bad value


class VerbatimError(Exception):
    """Anything this product raises on purpose."""


class UserError(VerbatimError):
    """The caller can mend it."""


class BadInput(UserError):
    """A file, an option or a question that cannot be used."""


class NotFound(UserError):
    """No such thing, or nothing the caller may see."""


class Conflict(UserError):
    """It clashes with what is kept already."""


class InPreparation(UserError):
    """It is there in a moment, and not before."""

    headers: ClassVar = {"Retry-After": "20"}


class OurError(VerbatimError):
    """The product failed."""


class ModelUnavailable(OurError):
    """A model's weights are absent, or are not the ones expected."""


class Corrupt(OurError):
    """What is stored contradicts itself."""


def shown(value: object) -> str:
    """A bad value as a message shows it: its beginning, however long or deep it is."""
    text = str(value) if isinstance(value, str | int | float) else reprlib.repr(value)
    return text[:_SHOWN].encode("utf-8", "replace").decode("utf-8")
