"""The review's page and its table of keys, without a browser."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from api.accounts.roles import Role
from tests.support import paths
from tests.support.office import signed_in
from tests.support.review_site import DRAFT, review_office
from web.office.review import GROUPS, Mode, Shortcut

WEB = paths.WEB
MODULES = sorted((WEB / "static" / "js" / "office").glob("*.js"))
TABLE = [shortcut for group in GROUPS for shortcut in group.shortcuts]
# What browsers, Windows and screen readers keep for themselves, whatever a page wants.
TAKEN = {
    *("Ctrl+N", "Ctrl+T", "Ctrl+W", "Ctrl+Shift+N", "Ctrl+Shift+T", "Ctrl+Tab", "Ctrl+F", "Ctrl+L"),
    *("Ctrl+P", "Ctrl+R", "Ctrl+A", "Ctrl+C", "Ctrl+V", "Ctrl+X", "F3", "F5", "F6", "F7", "F11"),
    *("F10", "F12", "Tab", "Shift+Tab", "Insert", "CapsLock"),
}


def test_the_page_is_for_clerks(tmp_path: Path) -> None:
    app = review_office(tmp_path)
    path = f"/bureau/seances/{DRAFT}/relecture"
    assert signed_in(app, "lectrice", Role.READER).get(path).status_code == 403
    clerk = signed_in(app)
    assert clerk.get("/bureau/seances/inconnue/relecture").status_code == 404
    page = clerk.get(path)
    assert page.headers["cache-control"] == "no-store"
    assert "Relecture" in page.text
    of_session = clerk.get(path.removesuffix("/relecture")).text
    assert "3 passages à réécouter · environ 3 erreurs restent" in of_session, "as the review says"


@pytest.mark.parametrize("shortcut", TABLE, ids=lambda s: f"{s.mode.value} {s.action}")
def test_a_key_is_free_to_be_taken(shortcut: Shortcut) -> None:
    for keys in shortcut.all_keys.split():
        assert keys not in TAKEN
        typed = len(keys.removeprefix("Shift+")) == 1 or keys == "Space"
        assert not typed or shortcut.mode is Mode.READING  # what writes a text is left to the text
        assert "Alt" not in keys  # menus, and the third level of European keyboards


def test_a_key_means_one_thing_where_one_is() -> None:
    anywhere = [k for s in TABLE if s.mode is Mode.ANYWHERE for k in s.all_keys.split()]
    for mode in (Mode.READING, Mode.EDITING, Mode.ELSEWHERE):
        own = [k for s in TABLE if s.mode is mode for k in s.all_keys.split()]
        assert [k for k, n in Counter(own + anywhere).items() if n > 1] == []


def test_every_sentence_of_the_script_has_a_text_and_the_reverse() -> None:
    texts = json.loads((WEB / "locale" / "fr-review.json").read_text("utf-8"))
    known = {key.removeprefix("review.say.") for key in texts if key.startswith("review.say.")}
    source = "\n".join(module.read_text("utf-8") for module in MODULES)
    said = set(re.findall(r"""(?<![\w.])"([a-z][a-z_-]*)\"""", source))
    counted = {key.rpartition(".")[0] for key in known if key.endswith((".one", ".other"))}
    plain = {key for key in known if not key.endswith((".one", ".other"))}
    used = set(re.findall(r'\.text\("([\w-]+)"', source))
    used_counted = set(re.findall(r'\.count\("([\w-]+)"', source))
    assert used <= plain
    assert used_counted <= counted
    together = {
        key for key in plain if key.startswith("kind_")
    }  # put together from a change's kind
    assert plain - used - together <= said
    assert counted - used_counted <= said


def test_modules_stay_small() -> None:
    for module in MODULES:
        assert len(module.read_text("utf-8").splitlines()) <= 500, module
