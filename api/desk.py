"""What the office works with: everything, published or not. Readers' routes never see it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from ingest.archive import Archive
from ingest.blobs import Blobs
from ingest.settings import Settings


@dataclass(frozen=True)
class Desk:
    """The office's parts. `wake` tells the workers that a job waits; it may be missed."""

    settings: Settings
    archive: Archive
    blobs: Blobs
    wake: Callable[[], None] = lambda: None


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


AtDesk = Annotated[Desk, Depends(_desk)]
