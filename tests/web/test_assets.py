"""What a page loads: how much on a first visit, in how many answers, and kept how long."""

import re
from collections import Counter
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from web.assets import STATIC, joined

# 40 kB is the goal; this small site's page is 1 kB less than that of the samples.
MOST_BYTES, MOST_ANSWERS = 34_000, 5
LOADED = re.compile(
    r'(?:<link rel="(?:stylesheet|icon)" href|<script[^>]* src|<img src|<use href)="([^"#]+)'
)
ENTRIES = [*STATIC.glob("css/*.css"), *STATIC.glob("js/*.js"), *STATIC.glob("js/office/*.js")]


def _weight(client: TestClient, address: str) -> int:
    with client.stream("GET", address, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.status_code == 200, address
        return sum(len(part) for part in answer.iter_raw())


@pytest.mark.parametrize("page", ["/", "/ar/"])
def test_a_first_visit_loads_little(client: TestClient, page: str) -> None:
    weights = {page: _weight(client, page)}
    weights |= {u: _weight(client, u) for u in set(LOADED.findall(client.get(page).text))}
    print(f"{page}: {len(weights)} answers, {sum(weights.values())} bytes", weights)
    assert sum(weights.values()) <= MOST_BYTES, weights
    assert len(weights) <= MOST_ANSWERS, weights


def test_files_are_whole_and_kept_for_good_only_under_their_version(client: TestClient) -> None:
    [address] = re.findall(r'src="(/static/js/main\.js\?v=\w+)"', client.get("/").text)
    whole, alone = client.get(address), client.get("/static/js/main.js")
    assert "immutable" in whole.headers["cache-control"]
    assert "class Player" in whole.text and "import {" not in whole.text
    assert "// Wires" in alone.text and "// Wires" not in whole.text
    vendored = "vendor/htmx-sse-4.0.1.min.js"
    assert joined(vendored) == (STATIC / vendored).read_bytes()
    assert whole.headers["content-type"] == alone.headers["content-type"]
    assert alone.headers["cache-control"] == "no-cache"
    assert 'from "./player.js"' in alone.text
    assert client.get("/static/js/nowhere.js?v=1").status_code == 404


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda file: file.name)
def test_files_that_come_as_one_leave_no_import_and_share_no_name(entry: Path) -> None:
    text = joined(str(entry.relative_to(STATIC))).decode()
    assert not re.findall(r"^(?:@import|import) .*", text, re.MULTILINE)
    declared = r"^(?:export )?(?:async )?(?:const|let|class|function) (\w+)"
    assert [
        n for n, times in Counter(re.findall(declared, text, re.MULTILINE)).items() if times > 1
    ] == []
