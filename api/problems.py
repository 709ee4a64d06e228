"""Errors as problem details (RFC 9457), in French, with a `type` that programs can rely on.

Says whose fault it is and what to do; never shows a trace, a path or a library's own message.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from api.accounts.oidc import NotProven, ProviderUnreachable
from api.accounts.oidc_accounts import NoAccess
from api.accounts.rate_limit import TooMany
from api.accounts.roles import NotAllowed, NotSignedIn
from api.accounts.sign_in import Refused
from ingest.errors import (
    BadInput,
    Conflict,
    DatabaseUnreachable,
    InPreparation,
    MediaUnreachable,
    ModelUnavailable,
    NoRoom,
    NotFound,
    OurError,
    StorageFault,
    UserError,
    as_ours,
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Problem:
    """The members of RFC 9457. `type` is stable; `detail` is for people."""

    type: str
    title: str
    status: int
    detail: str
    instance: str


@dataclass(frozen=True)
class FieldProblem:
    """What is wrong with one parameter."""

    field: str
    detail: str


@dataclass(frozen=True)
class InvalidRequest(Problem):
    """A problem that names the parameters at fault."""

    errors: tuple[FieldProblem, ...]


@dataclass(frozen=True)
class ProblemKind:
    """A sort of problem: the end of its `type`, its HTTP status and its title."""

    slug: str
    status: int
    title: str


class TooLong(HTTPException):
    """More was sent than the address takes."""

    def __init__(self, most: int) -> None:
        size = f"{most >> 20} Mo" if most >= 1 << 20 else f"{most >> 10} Ko"
        message = (
            f"Le corps de la demande est trop long : {size} au plus. Raccourcissez ce qu'il dit."
        )
        super().__init__(413, message)


# The kinds of problem, by exception: a name that programs may rely on, HTTP status, French title.
INTERNAL = ProblemKind("internal-error", 500, "Erreur du serveur")
_KINDS: dict[type[Exception], ProblemKind] = {
    BadInput: ProblemKind("bad-input", 422, "Demande inutilisable"),
    NotFound: ProblemKind("not-found", 404, "Introuvable"),
    Conflict: ProblemKind("conflict", 409, "Conflit"),
    InPreparation: ProblemKind("busy", 503, "En préparation"),
    NotSignedIn: ProblemKind("not-signed-in", 401, "Connexion requise"),
    NotAllowed: ProblemKind("not-allowed", 403, "Action non permise"),
    Refused: ProblemKind("not-signed-in", 401, "Connexion refusée"),
    NotProven: ProblemKind("not-proven", 401, "Connexion refusée"),
    NoAccess: ProblemKind("no-access", 403, "Compte sans accès"),
    TooMany: ProblemKind("too-many-requests", 429, "Trop d'essais"),
    UserError: ProblemKind("bad-request", 400, "Demande refusée"),
    ModelUnavailable: ProblemKind("model-unavailable", 503, "Modèle indisponible"),
    NoRoom: ProblemKind("disk-full", 507, "Disque plein"),
    DatabaseUnreachable: ProblemKind("database-unreachable", 503, "Base de données injoignable"),
    MediaUnreachable: ProblemKind("media-unreachable", 503, "Son injoignable"),
    StorageFault: ProblemKind("storage-fault", 500, "Panne du disque ou de la base"),
    ProviderUnreachable: ProblemKind("identity-unreachable", 502, "Service d'identité injoignable"),
    OurError: INTERNAL,
}
# The same for what the web framework refuses itself, by HTTP status; then its detail in French.
_HTTP_KINDS = {
    400: ProblemKind("unreadable", 400, "Demande illisible"),
    404: ProblemKind("unknown-address", 404, "Adresse inconnue"),
    405: ProblemKind("method-not-allowed", 405, "Méthode non admise"),
    413: ProblemKind("too-large", 413, "Demande trop longue"),
}
_HTTP_DETAILS = {
    400: "La demande n'a pas pu être lue : rechargez la page, et renvoyez-la.",
    404: "Aucune page ni ressource à cette adresse.",
    405: "Cette adresse existe, mais ne répond pas à cette méthode HTTP.",
}
_INVALID = ProblemKind("invalid-request", 422, "Paramètres invalides")
_FIELD_DETAILS = {
    "missing": "ce paramètre manque.",
    "int_parsing": "un nombre entier est attendu.",
    "int_type": "un nombre entier est attendu.",
    "string_type": "un texte est attendu.",
    "greater_than_equal": "valeur trop petite : {ge} au moins.",
    "less_than_equal": "valeur trop grande : {le} au plus.",
    "string_too_long": "texte trop long : {max_length} caractères au plus.",
    "too_long": "trop de valeurs : {max_length} au plus.",
    "too_short": "trop peu de valeurs : {min_length} au moins.",
    "bool_parsing": "valeur refusée : choisissez true ou false.",
} | dict.fromkeys(("enum", "literal_error"), "valeur refusée : choisissez {expected}.")
_DATE = "une date est attendue : AAAA-MM-JJ."
_ADMITTED = re.compile(r"'([^']*)'")  # as pydantic lists them: 'a', 'b' or 'c'
_BODY = "body"  # FastAPI's name for what is not in the address
_NOT_JSON = "Le corps de la demande n'est pas du JSON."
_NOT_AN_OBJECT = "Le corps de la demande doit être un objet JSON, annoncé comme application/json."
APOLOGY = "Le serveur n'a pas pu répondre. L'erreur est consignée ; réessayez dans un moment."


def kind_of(error: Exception) -> ProblemKind:
    """The sort of problem that an error is; anything unforeseen is our own fault."""
    if isinstance(error, HTTPException):
        return _HTTP_KINDS.get(error.status_code, ProblemKind("http", error.status_code, "Erreur"))
    if isinstance(error, RequestValidationError):
        return _INVALID
    return next((_KINDS[c] for c in type(error).__mro__ if c in _KINDS), INTERNAL)


def problem_of(error: Exception, path: str) -> Problem:
    """Problem details of an error met while answering at `path`."""
    error = as_ours(error)
    kind = kind_of(error)
    base = (f"urn:verbatim:problem:{kind.slug}", kind.title, kind.status)
    if isinstance(error, RequestValidationError):
        fields = tuple(_field_problem(e) for e in error.errors())
        detail = " ".join(_told(f) for f in fields)
        return InvalidRequest(*base, detail, path, fields)
    return Problem(*base, _detail(error, kind), path)


def _detail(error: Exception, kind: ProblemKind) -> str:
    if isinstance(error, TooLong):
        return error.detail
    if isinstance(error, HTTPException):
        return _HTTP_DETAILS.get(error.status_code, kind.title)
    is_for_users = isinstance(error, UserError | ProviderUnreachable | StorageFault)
    return str(error) if is_for_users else APOLOGY


def _field_problem(error: Mapping[str, object]) -> FieldProblem:
    location = error.get("loc")
    parts = [str(p) for p in location] if isinstance(location, tuple | list) else []
    if error.get("type") == "json_invalid":  # the rest of its place counts characters
        return FieldProblem(_BODY, _NOT_JSON)
    if parts == [_BODY]:
        return FieldProblem(_BODY, _NOT_AN_OBJECT)
    return FieldProblem(".".join(parts[1:]) or ".".join(parts) or "?", _reason(error))


def _reason(error: Mapping[str, object]) -> str:
    """What is wrong with a value, and which ones are admitted where that can be said."""
    kind, context = str(error.get("type")), error.get("ctx")
    if kind.startswith("date_"):
        return _DATE
    limits = dict(context) if isinstance(context, Mapping) else {}
    limits["expected"] = ", ".join(_ADMITTED.findall(str(limits.get("expected", ""))))
    return _FIELD_DETAILS.get(kind, "valeur refusée.").format_map(limits)


def _told(problem: FieldProblem) -> str:
    whole = problem.field == _BODY  # its detail is a sentence: no field has that name
    return problem.detail if whole else f"« {problem.field} » : {problem.detail}"


def headers_of(error: Exception | None) -> dict[str, str]:
    """HTTP headers of a page that may report an error: never cached, `Retry-After` of `TooMany`."""
    return {**(getattr(error, "headers", None) or {}), "Cache-Control": "no-store"}


def problem_response(request: Request, error: Exception) -> Response:
    """The HTTP response that reports an error to a program."""
    error = as_ours(error)
    problem = problem_of(error, request.url.path)
    report(request, error, problem.status)
    media_type = "application/problem+json"
    return JSONResponse(asdict(problem), problem.status, headers_of(error), media_type=media_type)


def report(request: Request, error: Exception, status: int) -> None:
    """Log what is our own fault, with its trace, and without the reader's question."""
    if status >= INTERNAL.status and not isinstance(error, UserError):
        log.error("%s %s", request.method, request.url.path, exc_info=error)


def install_problems(app: FastAPI) -> None:
    """Answer every error of an application with problem details."""
    for error in (UserError, OurError, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(error, problem_response)


def documented(*statuses: int) -> dict[int | str, dict[str, object]]:
    """OpenAPI entries for the problems that a route can answer with."""
    example = asdict(problem_of(NotFound("Aucune séance publiée « 2025-01-01 »."), "/api/..."))
    content = {"application/problem+json": {"example": example}}
    return {
        status: {"description": "Problème (RFC 9457)", "model": Problem, "content": content}
        for status in statuses
    }
