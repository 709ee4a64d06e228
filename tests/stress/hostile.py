"""Every route of the site and the office, called with whatever its own description allows and not.

    python -m tests.stress.hostile --examples 30 [--only '^/bureau/']

A small site is served with a description (OpenAPI) of all its routes, pages and office included;
Schemathesis calls them as a stranger and as an administrator. No answer may be a fault of ours
(5xx). What the archive holds need not outlive it.
"""

import argparse
import socket
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.accounts import accounts, cookies
from api.accounts import sessions as logins
from api.accounts.roles import Role
from tests.stress.acts import SESSIONS, Place, prepare, product_of
from web.app import create_app

# Signing out or closing the own account would end the attack.
_SPARED = "/bureau/(deconnexion|compte|comptes)"
_ANSWERS_501 = "/oembed$"  # for another format than JSON, as oEmbed asks
_KNOWN: dict[str, dict[str, Any]] = {
    "session_id": {"type": "string", "enum": [*SESSIONS, "texte", "absente"]},
    "job_id": {"type": "integer"},
    "extension": {"type": "string", "enum": ["opus", "mp3", "wav"]},
}


def described(app: FastAPI) -> dict[str, Any]:
    """The description of every route; what names a session names one that may be there."""
    for part in app.routes:
        for route in getattr(getattr(part, "original_router", None), "routes", ()):
            route.include_in_schema = True
        if hasattr(part, "include_context"):
            object.__setattr__(part.include_context, "include_in_schema", True)
    made = get_openapi(title="Verbatim", version="0", routes=app.routes)
    for operations in made["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                if known := _KNOWN.get(parameter["name"]):
                    parameter["schema"] = known
    return made


def serve(root: Path) -> None:
    """The site below a folder; prints its address and an administrator's token."""
    place = Place(root / "data", root / "outside")
    prepare(place)
    product = product_of(place)
    product.settings = product.settings.model_copy(update={"requests_per_minute": 0})
    with product.archive.begin() as db:
        chief = accounts.add(db, "tests", "chef", "Chef", Role.ADMINISTRATOR)
        token = logins.start(db, chief.id)
    app = create_app(product.deps(), product.desk())
    schema = described(app)

    @app.get("/api/all.json")
    def all_routes() -> dict[str, Any]:
        return schema

    listener = socket.create_server(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listener.getsockname()[1]} {token}", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])


def attack(address: str, examples: int, seed: int, *more: str) -> int:
    """The exit code of Schemathesis: 0 where every answer was ours and none a fault."""
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        *("run", f"{address}/api/all.json", "--checks", "not_a_server_error"),
        *("--max-examples", str(examples), "--seed", str(seed), "--no-color"),
        *("--phases", "examples,coverage,fuzzing", "--continue-on-failure"),
        *("--request-timeout", "60", "--suppress-health-check", "all"),
    ]
    return subprocess.run([*command, *more], check=False).returncode


def main() -> int:
    """1 where any answer was a fault."""
    parser = argparse.ArgumentParser(prog="python -m tests.stress.hostile", description=__doc__)
    parser.add_argument("--examples", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="a pattern of the paths to call")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve)
        return 0
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
        command = [sys.executable, "-m", "tests.stress.hostile", "--serve", folder]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            with closing(server.stdout):
                address, token = server.stdout.readline().split()
                only = ("--include-path-regex", given.only) if given.only else ()
                spared = ("--exclude-path-regex", f"{_SPARED}|{_ANSWERS_501}")
                signed = (
                    *("-H", f"Cookie: {cookies.SESSION}={token}"),
                    *("-H", "Sec-Fetch-Site: same-origin"),
                )
                ends = [
                    attack(address, given.examples, given.seed, *more)
                    for more in ((*spared, *only), (*spared, *signed, *only))
                ]
            server.kill()
    return int(any(ends))


if __name__ == "__main__":
    sys.exit(main())
