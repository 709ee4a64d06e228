"""What pages load: styles and scripts. A sheet or script comes with all that it imports.

In the tree they are many small files, which import each other as browsers do; under an address that
names its version each entry is one answer, kept for good. `theme` is the city's colour, as rules.
Knows nothing of templates or languages.
"""

import hashlib
import re
from collections.abc import Iterator
from functools import cache
from mimetypes import guess_type
from pathlib import Path

from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
# The one form in which ours import: named, from a file beside them. `export` may stay in a script.
_IMPORT = re.compile(r'^(?:@import|import \{[^}]*\} from) "([\w.][\w./-]*)";\n', re.MULTILINE)
# What is made for each city is asked for apart where a sheet is not joined.
_THEME = '@import "/theme.css";\n'
# On lines of their own, as all of ours stand: a third of a script, which readers need not load.
_COMMENT = re.compile(r"^[ \t]*(?://[^\n]*|/\*(?:(?!\*/).)*\*/[ \t]*)\n", re.MULTILINE | re.DOTALL)
_TYPES = {".css": "text/css", ".js": "text/javascript"}


class VersionedFiles(StaticFiles):
    """Static files: kept for good when the address names a version, checked each time otherwise."""

    def __init__(self, directory: Path, theme: str) -> None:
        super().__init__(directory=directory)
        self._theme = theme

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, with how long it may be kept; with what it imports, under a version."""
        response = await super().get_response(path, scope)
        lasting = scope["query_string"].startswith(b"v=")
        if lasting and isinstance(response, FileResponse) and Path(path).suffix in _TYPES:
            response = Response(joined(path, self._theme), media_type=guess_type(path)[0])
        kept = "public, max-age=31536000, immutable" if lasting else "no-cache"
        response.headers["Cache-Control"] = kept
        return response


@cache
def asset(path: str, theme: str) -> str:
    """The address of a static file: it changes with the content of all that the file imports."""
    digest = hashlib.sha256(joined(path, theme)).hexdigest()[:10]
    return f"/static/{path}?v={digest}"


@cache
def joined(path: str, theme: str = "") -> bytes:
    """A static file; a sheet or script of ours after all that it imports, without comments."""
    file = STATIC / path
    if file.suffix not in _TYPES or file.parent.name == "vendor":
        return file.read_bytes()
    whole = "".join(_IMPORT.sub("", f.read_text("utf-8")) for f in _in_order(file, set()))
    return _COMMENT.sub("", whole).replace(_THEME, theme).encode()


def _in_order(file: Path, seen: set[Path]) -> Iterator[Path]:
    if file in seen:
        return
    seen.add(file)
    for name in _IMPORT.findall(file.read_text("utf-8")):
        yield from _in_order((file.parent / name).resolve(), seen)
    yield file
