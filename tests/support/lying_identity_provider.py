"""An OpenID Connect provider that answers over HTTP with whatever ID token a test gives it."""

import json
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.support.identity_provider import CLIENT

KEY, OTHER = (RSAKey.generate_key(2048, {"kid": kid}) for kid in ("ours", "theirs"))
Claimed = dict[str, object]


class Liar:
    """Answers as a provider does, with whatever ID token a test gives it."""

    def __init__(self) -> None:
        self.token: Callable[[Claimed], str] = signed
        self.keys = [KEY]
        self.described: Claimed = {}
        self.userinfo: Claimed = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answer()

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.answer()

            def answer(self) -> None:
                body = json.dumps(outer.said(self.path)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.claims: Claimed = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "17",
            "nonce": "n",
            "iat": int(time.time()),
            "exp": int(time.time()) + 60,
        }

    def said(self, path: str) -> Claimed:
        if path == "/token":
            return {
                "access_token": "a",
                "token_type": "Bearer",
                "id_token": self.token(dict(self.claims)),
            }
        if path == "/keys":
            return {"keys": [key.as_dict(private=False) for key in self.keys]}
        if path == "/userinfo":
            return self.userinfo
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            **self.described,
        }


def signed(claims: Claimed, key: RSAKey = KEY, **header: str) -> str:
    return jwt.encode({"alg": "RS256", "kid": str(key.kid), **header}, claims, key)
