"""OpenID Connect: proving an identity at the city's own provider. Authorization code, PKCE.

Knows the protocol (OpenID Connect Core 1.0, RFC 6749, RFC 7636) through authlib, and nothing of
accounts. Nothing is fetched before the first sign-in that way.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import Any

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from sqlalchemy import Connection, delete, insert, select

from api.accounts.schema import kept, new_token, visits
from ingest.archive.schema import now
from ingest.errors import OurError, UserError

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
_TIMEOUT_S = 10.0  # for each request: someone waits before a page
_LEEWAY_S = 60  # between their clock and ours
_DISCOVERY = "/.well-known/openid-configuration"


class ProviderUnreachable(OurError):
    """The provider of identities does not answer, or not as one does. Its cause says how."""

    def __init__(self) -> None:
        super().__init__(
            "Le service d'identité de la ville ne répond pas comme prévu : réessayez dans un "
            "moment, ou connectez-vous avec un mot de passe si vous en avez un."
        )


class NotProven(UserError):
    """What came back from the provider proves no identity."""

    def __init__(self) -> None:
        super().__init__(
            "La connexion n'a pas abouti : le service d'identité n'a pas confirmé qui vous êtes. "
            "Recommencez depuis cette page."
        )


@dataclass(frozen=True)
class Client:
    """How the city's provider knows us. `issuer`: its address, as it writes it itself."""

    issuer: str
    id: str
    secret: str
    scopes: str


@dataclass(frozen=True)
class Departure:
    """Where to send a browser, and what to remember until it is back."""

    address: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Identity:
    """A person, as the provider vouches. `subject` is for good, the claims are of today."""

    issuer: str
    subject: str
    claims: Mapping[str, Any]


class Provider:
    """The city's provider of identities."""

    def __init__(self, client: Client) -> None:
        self._us = client
        self._lock = Lock()
        self._metadata: Mapping[str, Any] | None = None
        self._keys: KeySet | None = None

    def depart(self, back: str) -> Departure:
        """Begin: an address at the provider. Raises `ProviderUnreachable`."""
        metadata = self._described()
        nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        with self._client(metadata, back) as client:
            address, state = client.create_authorization_url(
                metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce
            )
        return Departure(address, state, nonce, verifier)

    def arrive(self, code: str, back: str, nonce: str, verifier: str) -> Identity:
        """End: who it is. Raises `NotProven`, `ProviderUnreachable`."""
        metadata = self._described()
        try:
            with self._client(metadata, back) as client:
                token = client.fetch_token(
                    metadata["token_endpoint"], code=code, code_verifier=verifier
                )
                claims = self._verified(token, nonce)
                more = self._userinfo(client, metadata, claims["sub"])
        except (AuthlibBaseError, JoseError, KeyError, ValueError) as error:
            raise NotProven from error
        except httpx2.HTTPError as error:
            raise ProviderUnreachable from error
        return Identity(self._us.issuer, claims["sub"], {**more, **claims})

    def _client(self, metadata: Mapping[str, Any], back: str) -> OAuth2Client:
        known = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        basic = "client_secret_basic" in known
        return OAuth2Client(
            client_id=self._us.id,
            client_secret=self._us.secret,
            token_endpoint_auth_method="client_secret_basic" if basic else "client_secret_post",
            scope=self._us.scopes,
            redirect_uri=back,
            code_challenge_method="S256",
            timeout=_TIMEOUT_S,
        )

    def _described(self) -> Mapping[str, Any]:
        """What the provider says of itself (OpenID Connect Discovery 1.0), fetched once."""
        with self._lock:
            if self._metadata is None:
                found = _fetched(self._us.issuer.rstrip("/") + _DISCOVERY)
                needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
                if found.get("issuer") != self._us.issuer or not all(map(found.get, needed)):
                    raise ProviderUnreachable from ValueError(f"issuer {found.get('issuer')!r}")
                self._metadata = found
            return self._metadata

    def _key_set(self, again: bool = False) -> KeySet:
        with self._lock:
            if self._keys is None or again:
                assert self._metadata is not None  # noqa: S101  (`arrive` described it first)
                self._keys = KeySet.import_key_set(_fetched(self._metadata["jwks_uri"]))  # type: ignore[arg-type]
            return self._keys

    def _verified(self, token: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
        """The claims of the ID token; signature, issuer, audience, time and nonce are right."""
        registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
        try:
            signed = jwt.decode(token["id_token"], self._key_set(), registry=registry)
        except InvalidKeyIdError:  # they have a new key
            signed = jwt.decode(token["id_token"], self._key_set(again=True), registry=registry)
        claims = CodeIDToken(
            signed.claims,
            signed.header,
            {
                "iss": {"essential": True, "value": self._us.issuer},
                "aud": {"essential": True, "value": self._us.id},
                "exp": {"essential": True},
                "sub": {"essential": True},
            },
            {
                "nonce": nonce,
                "client_id": self._us.id,
                "access_token": token.get("access_token"),
            },
        )
        claims.validate(leeway=_LEEWAY_S)
        return dict(claims)

    def _userinfo(
        self, client: OAuth2Client, metadata: Mapping[str, Any], subject: str
    ) -> Mapping[str, Any]:
        """Many providers give names and groups here only. Another subject's are ignored."""
        address = metadata.get("userinfo_endpoint")
        if not address:
            return {}
        response = client.get(address)
        response.raise_for_status()
        found = response.json()
        return found if isinstance(found, dict) and found.get("sub") == subject else {}


def _fetched(address: str) -> Mapping[str, Any]:
    try:
        response = httpx2.get(address, timeout=_TIMEOUT_S)
        response.raise_for_status()
        found = response.json()
    except (httpx2.HTTPError, ValueError) as error:
        raise ProviderUnreachable from error
    if not isinstance(found, dict):
        raise ProviderUnreachable from TypeError("no JSON object")
    return found


LASTS = timedelta(minutes=10)  # to sign in there, with a second factor


@dataclass(frozen=True)
class Visit:
    """A browser that went to the provider and is not back yet, named by a cookie.

    What the provider's answer is held against; `then`: the page to go to.
    """

    nonce: str
    verifier: str
    then: str


def begin(db: Connection, departure: Departure, then: str) -> str:
    """Remember a departure; the token for the browser's cookie."""
    token, moment = new_token(), now()
    db.execute(delete(visits).where(visits.c.expires_at < moment))
    db.execute(
        insert(visits).values(
            token=kept(token),
            state=departure.state,
            nonce=departure.nonce,
            verifier=departure.verifier,
            then=then,
            expires_at=moment + LASTS,
        )
    )
    return token


def end(db: Connection, token: str | None, state: str) -> Visit:
    """What was remembered, and is no longer. Raises `NotProven`."""
    mine = visits.c.token == kept(token or "")
    row = db.execute(select(visits).where(mine, visits.c.expires_at >= now())).first()
    if row is None or not hmac.compare_digest(row.state.encode(), state.encode()):
        raise NotProven
    db.execute(delete(visits).where(mine))
    return Visit(row.nonce, row.verifier, row.then)
