"""What a provider says is believed only if everything about it is right."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from api.accounts import accounts
from api.accounts.oidc import Client, Identity, NotProven, Provider, ProviderUnreachable
from api.accounts.roles import Role
from tests.api.accounts.test_oidc import BACK, Office, depart
from tests.api.accounts.test_oidc import office as office  # noqa: PLC0414  (a fixture)
from tests.api.accounts.test_sign_in import browser
from tests.support.identity_provider import CLIENT, SECRET
from tests.support.lying_identity_provider import KEY, OTHER, Claimed, Liar, signed


@pytest.fixture
def liar() -> Iterator[Liar]:
    made = Liar()
    Thread(target=made.server.serve_forever, daemon=True).start()
    yield made
    made.server.shutdown()
    made.server.server_close()


def ask(liar: Liar, provider: Provider | None = None) -> Identity:
    provider = provider or Provider(Client(liar.issuer, CLIENT, SECRET, "openid"))
    return provider.arrive("code", BACK, "n", "v" * 43)


def test_the_liar_is_believed_when_it_tells_the_truth(liar: Liar) -> None:
    assert ask(liar).subject == "17"


def unsigned(claims: Claimed) -> str:
    head = jwt.encode({"alg": "HS256"}, claims, OctKey.generate_key(256)).split(".")
    return f"eyJhbGciOiJub25lIn0.{head[1]}."  # {"alg":"none"}


def with_the_public_key_as_secret(claims: Claimed) -> str:
    def part(value: bytes) -> str:
        return urlsafe_b64encode(value).rstrip(b"=").decode()

    head = part(b'{"alg":"HS256","kid":"ours"}')
    body = f"{head}.{part(json.dumps(claims).encode())}"
    return f"{body}.{part(hmac.digest(KEY.as_pem(private=False), body.encode(), 'sha256'))}"


LIES: dict[str, Callable[[Claimed], str]] = {
    "signed by somebody else": lambda c: signed(c, OTHER, kid="ours"),
    "by a key that is not theirs": lambda c: signed(c, OTHER),
    "not signed": unsigned,
    "signed with the public key": with_the_public_key_as_secret,
    "altered": lambda c: signed(c).replace(".", ".e30", 1),
    "expired": lambda c: signed({**c, "exp": time.time() - 3_600}),
    "without an end": lambda c: signed({k: v for k, v in c.items() if k != "exp"}),
    "for another product": lambda c: signed({**c, "aud": "autre"}),
    "for another, by us": lambda c: signed({**c, "aud": "autre", "azp": CLIENT}),
    "by another issuer": lambda c: signed({**c, "iss": "https://evil.example"}),
    "for another sign-in": lambda c: signed({**c, "nonce": "autre"}),
    "for any sign-in": lambda c: signed({k: v for k, v in c.items() if k != "nonce"}),
    "of nobody": lambda c: signed({k: v for k, v in c.items() if k != "sub"}),
    "from tomorrow": lambda c: signed({**c, "iat": time.time() + 86_400}),
    "for another access": lambda c: signed({**c, "at_hash": "eHh4"}),
    "no token at all": lambda _: "rien",
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_not_believed(liar: Liar, lie: str) -> None:
    liar.token = LIES[lie]
    with pytest.raises(NotProven):
        ask(liar)


def test_a_provider_may_change_its_key(liar: Liar) -> None:
    provider = Provider(Client(liar.issuer, CLIENT, SECRET, "openid"))
    assert ask(liar, provider).subject == "17"
    liar.keys, liar.token = [OTHER], lambda claims: signed(claims, OTHER)
    assert ask(liar, provider).subject == "17"


def test_what_userinfo_says_of_another_person_is_ignored(liar: Liar) -> None:
    liar.described = {"userinfo_endpoint": f"{liar.issuer}/userinfo"}
    liar.userinfo = {"sub": "18", "groups": ["admins"]}
    assert "groups" not in ask(liar).claims
    liar.userinfo = {"sub": "17", "groups": ["greffe"], "aud": "autre"}
    assert ask(liar).claims["groups"] == ["greffe"]
    assert ask(liar).claims["aud"] == CLIENT


def test_who_says_to_be_another_issuer_is_not_asked(liar: Liar) -> None:
    liar.described = {"issuer": "https://evil.example"}
    with pytest.raises(ProviderUnreachable):
        ask(liar)


def test_a_mail_that_was_not_verified_names_no_account(liar: Liar, office: Office) -> None:
    liar.claims |= {"email": "greffe@ville.test", "email_verified": False}
    app = office(liar.issuer, roles={})
    with app.state.desk.archive.begin() as db:
        accounts.add(db, "tests", "greffe@ville.test", "Greffe", Role.CLERK)
    client = browser(app)
    state = parse_qs(urlsplit(depart(client)).query)
    liar.claims["nonce"] = state["nonce"][0]
    assert client.get(f"/bureau/connexion/retour?code=c&state={state['state'][0]}").status_code == (
        403
    )
    liar.claims["email_verified"] = True
    state = parse_qs(urlsplit(depart(client)).query)
    liar.claims["nonce"] = state["nonce"][0]
    done = client.get(f"/bureau/connexion/retour?code=c&state={state['state'][0]}")
    assert done.status_code == 303
