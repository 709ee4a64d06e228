"""A real S3-compatible server, whose buckets are folders: what it keeps can be read as bytes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.waiting import free_port, listens, until

BUCKET, PREFIX = "son", "ville/seances"
KEY, SECRET = "verbatim", "not-a-secret"


@dataclass(frozen=True)
class S3Server:
    """One that runs. `folder` is what its bucket holds below the prefix."""

    address: str
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def settings(self) -> dict[str, str]:
        """The product's settings for it."""
        return {
            "media": f"s3://{BUCKET}/{PREFIX}",
            "media_endpoint": self.address,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
        }


@contextmanager
def s3_server(folder: Path, port: int = 0) -> Iterator[S3Server]:
    """One that serves a folder; on a free port, unless one is given."""
    port = port or free_port()
    (folder / BUCKET).mkdir(parents=True, exist_ok=True)
    command = [str(Path(sys.executable).with_name("nanio")), "serve", "--data-dir", str(folder)]
    server = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port)],
        env=os.environ | {"NANIO_ACCESS_KEY": KEY, "NANIO_SECRET_KEY": SECRET},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: listens(port))
        yield S3Server(f"http://127.0.0.1:{port}", folder / BUCKET / PREFIX, server)
    finally:
        server.kill()
        server.wait()
