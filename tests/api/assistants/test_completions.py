"""Chat completions, by OpenAI's own client."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from api.answers.answer import Answer, Verified
from api.deps import Deps
from search.query.parsed import Query
from tests.support.small_site import COST, citation
from tests.support.talking_site import NOTHING, UNSURE, talking_deps
from web.app import create_app

if TYPE_CHECKING:
    import openai
    from openai.types.chat import ChatCompletionMessageParam

KEY = "une clé assez longue".encode().hex()


@pytest.fixture(scope="module")
def talking(tmp_path_factory: pytest.TempPathFactory) -> Deps:
    return talking_deps(tmp_path_factory.mktemp("completions"))


def client_of(deps: Deps, key: str = "-") -> "openai.OpenAI":
    """OpenAI's client, which speaks to the site within this process."""
    import openai  # takes a second to load: not while every worker collects

    site = TestClient(create_app(deps))
    return openai.OpenAI(
        base_url="http://testserver/v1", api_key=key, http_client=site, max_retries=0
    )


@pytest.fixture
def client(talking: Deps) -> Iterator["openai.OpenAI"]:
    with client_of(talking) as client:
        yield client


def user(text: str) -> "ChatCompletionMessageParam":
    return {"role": "user", "content": text}


def test_the_answer_is_the_quotations_each_with_its_source(client: "openai.OpenAI") -> None:
    (model,) = client.models.list().data
    done = client.chat.completions.create(model=model.id, messages=[user("Combien coûte-t-elle ?")])
    message = done.choices[0].message
    assert message.content is not None and done.choices[0].finish_reason == "stop"
    assert f"« {COST} »\nClaire Fontanet (conseillère municipale, PS)" in message.content
    annotation = (message.annotations or [])[0]
    source = annotation.url_citation
    assert message.content[source.start_index : source.end_index] == COST
    assert source.url.startswith("http://testserver/seances/2025-03-11?t=6000-8780")


def test_a_stream_says_the_same(client: "openai.OpenAI") -> None:
    asked = {"model": "verbatim", "messages": [user("Combien ?")]}
    whole = client.chat.completions.create(**asked).choices[0].message  # type: ignore[call-overload]
    deltas = [
        chunk.choices[0].delta
        for chunk in client.chat.completions.create(**asked, stream=True)  # type: ignore[call-overload]
    ]
    assert "".join(delta.content or "" for delta in deltas) == whole.content
    annotations = [
        one for delta in deltas for one in (delta.model_extra or {}).get("annotations", ())
    ]
    assert annotations == [one.model_dump() for one in whole.annotations]


@pytest.mark.parametrize(
    ("question", "told"), [("Le téléphérique ?", NOTHING), ("Le trottoir ?", UNSURE)]
)
def test_what_is_no_answer_says_so_first(client: "openai.OpenAI", question: str, told: str) -> None:
    done = client.chat.completions.create(model="verbatim", messages=[user(question)])
    assert (done.choices[0].message.content or "").startswith(told)


def test_a_follow_up_leans_on_the_messages_before(talking: Deps) -> None:
    asked: list[Query] = []

    def ask(query: Query) -> Verified:
        asked.append(query)
        return Verified(Answer(query, (citation(),)))

    with client_of(replace(talking, ask=ask)) as client:
        first = user("Combien coûte la piste cyclable (PR-12) ?")
        talk = [{"role": "system", "content": "Réponds."}, first]
        for question in ("Et qu'a dit Bruno Girard ?", "Qu'a-t-elle répondu ?"):
            reply = client.chat.completions.create(model="verbatim", messages=talk)  # type: ignore[arg-type]
            talk += [
                reply.choices[0].message.model_dump(include={"role", "content"}),
                user(question),
            ]
        client.chat.completions.create(model="verbatim", messages=talk)  # type: ignore[arg-type]
        client.chat.completions.create(
            model="verbatim",
            messages=[user("x" * 600), {"role": "assistant", "content": "?"}, first],
        )
    values = [{(str(chip.field), chip.value) for chip in query.chips} for query in asked]
    assert ("objet", "PR-12") in values[0]
    assert {("personne", "Bruno Girard"), ("objet", "PR-12")} <= values[1]
    assert {("personne", "Claire Fontanet"), ("objet", "PR-12")} <= values[2]
    assert len(asked) == 4 and not asked[3].before


@pytest.mark.parametrize(
    ("model", "message", "told"),
    [
        ("gpt-9", user("Combien ?"), "Valeurs : verbatim"),
        ("verbatim", {"role": "assistant", "content": "Bonjour."}, "est « user »"),
        ("verbatim", user("x" * 501), "500 au plus"),
    ],
)
def test_refusals_name_what_may_be_sent(
    client: "openai.OpenAI", model: str, message: "ChatCompletionMessageParam", told: str
) -> None:
    import openai

    with pytest.raises(openai.UnprocessableEntityError) as refused:
        client.chat.completions.create(model=model, messages=[message])
    assert told in refused.value.response.json()["detail"]


def test_a_city_may_ask_for_a_key(talking: Deps, tmp_path: Path) -> None:
    import openai

    settings = talking.settings.model_copy(update={"assistants_key": SecretStr(KEY)})
    closed = replace(talking, settings=settings)
    with client_of(closed) as stranger, pytest.raises(openai.AuthenticationError):
        stranger.models.list()
    with client_of(closed, KEY) as known:
        assert known.models.list().data[0].id == "verbatim"
    with TestClient(create_app(closed)) as other:
        assert other.post("/mcp", json={}).status_code == 401
        assert other.post("/api/ask", json={"question": "Combien ?"}).status_code == 200
