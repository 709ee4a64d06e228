"""The errors a user can meet, and whose fault each is.

    VerbatimError
    ├── UserError            the caller can mend it; exit code 2, HTTP 4xx
    │   ├── BadInput         a file, an option or a question that cannot be used
    │   ├── NotFound         no such thing (a reader gets the same for what is not published)
    │   ├── Conflict         it clashes with what is kept already
    │   └── InPreparation    it is there in a moment, and not before
    └── OurError             we failed; exit code 1, HTTP 500
        ├── ModelUnavailable a model's weights are absent or are not the ones expected
        ├── Corrupt          what is stored contradicts itself
        └── StorageFault     the disk or the database fails: its message may be shown to any reader
            ├── NoRoom       it is full
            ├── DatabaseUnreachable   the database's server does not answer
            └── MediaUnreachable      nor does the store of media files, or it refuses

Messages are in French, for users: one sentence that shows the offending value, then what to do.
"""

import errno
import reprlib
import sqlite3
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


class StorageFault(OurError):
    """The disk or the database fails: damaged, unreadable, not to be written to."""


class NoRoom(StorageFault):
    """The disk is full. What was acknowledged before is kept."""


class DatabaseUnreachable(StorageFault):
    """The database's server does not answer, for a while. What was acknowledged before is kept."""

    headers: ClassVar = {"Retry-After": "20"}


class MediaUnreachable(StorageFault):
    """The store of media files does not answer, or refuses. Words are served all the same."""

    headers: ClassVar = {"Retry-After": "20"}


_FULL = (
    "Le disque du serveur est plein : la dernière action n'a pas été enregistrée, et rien de ce "
    "qui l'était n'est perdu. Faites de la place sur ce disque, ou prévenez l'informatique, puis "
    "recommencez."
)
_DAMAGED = (
    "La base de données est endommagée : une partie ne se lit plus. Rien n'y a été changé. "
    "Prévenez l'informatique : arrêtez le serveur, examinez le disque, puis restaurez la dernière "
    "sauvegarde (verbatim restore) ; `verbatim verify` dit ce qui se lit encore."
)
_UNREADABLE = (
    "Le disque du serveur n'a pas pu être lu ou écrit : la dernière action n'a pas été "
    "enregistrée, et rien de ce qui l'était n'est perdu. Prévenez l'informatique : est-il plein, "
    "débranché ou abîmé ?"
)
_UNWRITABLE = (
    "Le dossier des données du serveur ne se laisse pas écrire : la dernière action n'a pas été "
    "enregistrée, et rien de ce qui l'était n'est perdu. Prévenez l'informatique : les droits de "
    "ce dossier (VERBATIM_DATA), et le disque, sont-ils bons ?"
)
_BUSY = "La base de données est occupée depuis longtemps : rien n'a été changé. Réessayez bientôt."

_OF_SQLITE: dict[int, tuple[type[VerbatimError], str]] = {
    sqlite3.SQLITE_FULL: (NoRoom, _FULL),
    sqlite3.SQLITE_IOERR_SHMSIZE: (NoRoom, _FULL),  # the log's index could not grow
    sqlite3.SQLITE_CORRUPT: (StorageFault, _DAMAGED),
    sqlite3.SQLITE_NOTADB: (StorageFault, _DAMAGED),
    sqlite3.SQLITE_IOERR: (StorageFault, _UNREADABLE),
    sqlite3.SQLITE_READONLY: (StorageFault, _UNWRITABLE),
    sqlite3.SQLITE_CANTOPEN: (StorageFault, _UNWRITABLE),
    sqlite3.SQLITE_BUSY: (InPreparation, _BUSY),
    sqlite3.SQLITE_LOCKED: (InPreparation, _BUSY),
}
_SILENT = (
    "La base de données ne répond pas : la dernière action n'a pas été enregistrée, et rien de ce "
    "qui l'était n'est perdu. Réessayez bientôt ; si cela dure, prévenez l'informatique : le "
    "serveur PostgreSQL (VERBATIM_DATABASE) tourne-t-il ?"
)
# By SQLSTATE, or its class: https://www.postgresql.org/docs/15/errcodes-appendix.html
_OF_POSTGRESQL: dict[str, tuple[type[VerbatimError], str]] = {
    "": (DatabaseUnreachable, _SILENT),  # no answer, so no code
    "08": (DatabaseUnreachable, _SILENT),
    "57P": (DatabaseUnreachable, _SILENT),  # it stops, or starts
    "53100": (NoRoom, _FULL),
    "53": (InPreparation, _BUSY),  # no memory or connection left
    "55P03": (InPreparation, _BUSY),
    "40": (InPreparation, _BUSY),  # another transaction was quicker
    "58030": (StorageFault, _UNREADABLE),
    "XX001": (StorageFault, _DAMAGED),
    "XX002": (StorageFault, _DAMAGED),
    "25006": (StorageFault, _UNWRITABLE),
    "22003": (NotFound, "Rien ne porte un numéro si grand."),  # SQLite's have 64 bits
}
_OF_THE_SYSTEM: dict[int | None, tuple[type[VerbatimError], str]] = {
    errno.ENOSPC: (NoRoom, _FULL),
    errno.EDQUOT: (NoRoom, _FULL),
    errno.EIO: (StorageFault, _UNREADABLE),
    errno.EROFS: (StorageFault, _UNWRITABLE),
}
_PRIMARY = 0xFF  # of SQLite's extended result codes: https://sqlite.org/rescode.html


def as_ours(error: Exception) -> Exception:
    """The error, or in its place what the disk or the database did, in a sentence of ours.

    SQLAlchemy's errors are what the database's were raised from.
    """
    if isinstance(error, VerbatimError):
        return error
    for one in (error, error.__cause__):
        fault = None
        if isinstance(one, sqlite3.Error):
            undecodable = "decode to UTF-8" in str(one)  # Python's own: it has no code
            code = getattr(one, "sqlite_errorcode", None) or 0
            code = sqlite3.SQLITE_CORRUPT if undecodable else code
            fault = _OF_SQLITE.get(code) or _OF_SQLITE.get(code & _PRIMARY)
        elif isinstance(one, OSError):
            fault = _OF_THE_SYSTEM.get(one.errno)
        elif one is not None and type(one).__module__.startswith("psycopg"):
            fault = _of_postgresql(one)
        if fault is not None:
            ours = fault[0](fault[1])
            ours.__cause__ = error
            return ours
    return error


def _of_postgresql(error: BaseException) -> tuple[type[VerbatimError], str] | None:
    code: str | None = getattr(error, "sqlstate", None)
    if code is None:
        return _OF_POSTGRESQL[""] if type(error).__name__ == "OperationalError" else None
    known = (code, code[:3], code[:2])
    return next((_OF_POSTGRESQL[one] for one in known if one in _OF_POSTGRESQL), None)


def reason(error: OSError) -> str:
    """Why the system refused, in a few words of French."""
    return _REASONS.get(error.errno, error.strerror or type(error).__name__)


_REASONS: dict[int | None, str] = {
    errno.ENOSPC: "le disque est plein",
    errno.EDQUOT: "la place accordée est épuisée",
    errno.EIO: "le disque ne répond pas bien",
    errno.EROFS: "le disque n'est qu'en lecture",
    errno.EACCES: "les droits manquent",
    errno.EPERM: "les droits manquent",
    errno.ENOENT: "ce chemin n'existe pas",
    errno.ENOTDIR: "ce chemin n'est pas un dossier",
    errno.EISDIR: "c'est un dossier",
    errno.EADDRINUSE: "le port est déjà pris",
    errno.EADDRNOTAVAIL: "cette machine n'a pas cette adresse",
}
