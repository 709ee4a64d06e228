"""What is said to people who build on it is true: its examples are run as they stand."""

import argparse
import html
import re
import shlex
from dataclasses import replace
from functools import partial

import pytest
from fastapi.testclient import TestClient

from api.deps import Deps
from tests.support.small_site import CANARY, COST, PUBLISHED
from web.app import create_app

SITE = "http://testserver"


def examples(page: str) -> list[str]:
    """The code that stands on the page."""
    return [
        html.unescape(code) for code in re.findall(r"<code[^>]*>(.*?)</code></pre>", page, re.S)
    ]


def curl(client: TestClient, command: str) -> tuple[int, bytes]:
    """What curl does with the options that the page uses: status and body."""
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    for flag in ("-N", "-G", "-O"):
        parser.add_argument(flag, action="store_true")
    for option in ("--json", "-o"):
        parser.add_argument(option)
    for option in ("--data-urlencode", "-d"):
        parser.add_argument(option, action="append", default=[])
    name, *words = shlex.split(command)
    assert name == "curl"
    given = parser.parse_args(words)
    assert given.address.startswith(SITE)
    if given.json:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        answer = client.post(given.address, content=given.json, headers=headers)
    else:
        fields = [one.partition("=") for one in (*given.data_urlencode, *given.d)]
        params = {name: value for name, _, value in fields} or None
        answer = client.get(given.address, params=params)
    return answer.status_code, answer.content


def test_every_example_of_the_page_works(client: TestClient) -> None:
    commands = [code for code in examples(client.get("/api").text) if code.startswith("curl")]
    assert len(commands) == 10
    for command in commands:
        status, body = curl(client, command)
        assert status == 200 and body, command
        assert CANARY.encode() not in body


def test_the_python_example_prints_the_answer(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import openai  # takes a second to load: not while every worker collects

    (code,) = [code for code in examples(client.get("/api").text) if "openai" in code]
    monkeypatch.setattr(openai, "OpenAI", partial(openai.OpenAI, http_client=client))
    exec(code, {})
    assert COST in capsys.readouterr().out


def test_the_page_names_every_address_the_limits_and_the_licence(deps: Deps) -> None:
    licensed = {"data_licence": "CC BY 4.0", "data_licence_url": "https://creativecommons.org/"}
    settings = deps.settings.model_copy(update=licensed)
    with TestClient(create_app(replace(deps, settings=settings))) as client:
        page = html.unescape(client.get("/api").text)
        described = client.get("/api/openapi.json").json()
        (corpus,) = (code for code in examples(page) if "parlamint" in code)
        assert curl(client, corpus)[0] == 200
    assert all(path in page for path in described["paths"])
    assert "120 demandes par minute" in page and 'rel="license">CC BY 4.0</a>' in page
    assert described["info"]["license"]["name"] == "CC BY 4.0"


def test_a_language_model_is_led_to_the_sessions_as_texts(client: TestClient) -> None:
    told = client.get("/llms.txt").text
    assert told.startswith("# Ville de Rivemont\n\n> Ce qui a été dit")
    assert "Communications ; Piste cyclable" in told and CANARY not in told
    links = re.findall(rf"\]\({SITE}([^)]+)\)", told)
    assert f"/seances/{PUBLISHED}/export.txt" in links
    assert all(client.get(link).status_code == 200 for link in links if link != "/mcp")
