"""Is the service able to answer? For load balancers and monitoring."""

from dataclasses import dataclass

from fastapi import APIRouter

from api.routes import Parts

router = APIRouter(tags=["service"])


@dataclass(frozen=True)
class Health:
    """The service reads its archive and finds so many published sessions."""

    status: str
    published_sessions: int


@router.head("/health", include_in_schema=False)
@router.get("/health")
def health(deps: Parts) -> Health:
    """Read the archive: a database out of reach is an error 500."""
    return Health("ok", deps.published.count())
