"""HttpIssuer: an OpenID provider on loopback that a test can make misbehave."""

import json
import ssl
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from joserfc.jwk import KeyBase
from typing_extensions import override

from tests.adapters.oidc.signing import FIRST, signed
from tests.functions.caller import NOW

JWK_SET: Final = "application/jwk-set+json"  # RFC 7517, section 8.5.2
CLIENT: Final = "risksentinel pages"  # a blank: the header Authorization must escape it
SECRET: Final = "s+cret%&"
REDIRECT: Final = "https://risk.example/sign-in/callback"


@dataclass
class HttpIssuer:
    """The issuer: `claims` and `callback` overwrite what it states, None leaves a member out."""

    address: str = ""
    document: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    callback: dict[str, Any] = field(default_factory=dict)
    key: KeyBase = field(default_factory=lambda: FIRST)
    alg: str = "RS256"
    secret: str | None = SECRET
    status: int = 200
    requests: list[Mapping[str, str]] = field(default_factory=list)  # of the token endpoint
    _codes: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def sign_in(self, location: str) -> str:
        """The person signs in at the address; returns the path and query of the callback."""
        asked = _single(urlsplit(location).query)
        assert location.startswith(f"{self.address}/authorize?")
        assert (asked["client_id"], asked["redirect_uri"]) == (CLIENT, REDIRECT)
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        code = f"code-{len(self._codes)}"
        self._codes[code] = asked
        usual = {"code": code, "state": asked["state"], "iss": self.address}
        query = {name: value for name, value in {**usual, **self.callback}.items() if value}
        return f"{urlsplit(REDIRECT).path}?{urlencode(query)}"

    def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """The document at the path."""
        if path == "/keys":
            return {"keys": [FIRST.as_dict(private=False)]}
        usual = {
            "issuer": self.address,
            "jwks_uri": f"{self.address}/keys",
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "end_session_endpoint": f"{self.address}/sign-out",
            "authorization_response_iss_parameter_supported": True,
        }
        return {name: each for name, each in {**usual, **self.document}.items() if each is not None}

    def token(self, form: Mapping[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """The answer of the token endpoint."""
        self.requests.append({**form, "authorization": authorization})
        if self._stated_client(form, authorization) != (CLIENT, self.secret):
            return 401, {"error": "invalid_client"}
        asked = self._codes.pop(form["code"], None)
        if asked is None or form["redirect_uri"] != REDIRECT:
            return 400, {"error": "invalid_grant"}
        digest = sha256(form["code_verifier"].encode()).digest()
        if _text(digest) != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        return self.status, {"access_token": "unused", "id_token": self._id_token(asked["nonce"])}

    def _stated_client(self, form: Mapping[str, str], authorization: str) -> tuple[str, str | None]:
        if authorization:
            pair = b64decode(authorization.removeprefix("Basic ")).decode()
            name, _, secret = pair.partition(":")
            return unquote_plus(name), unquote_plus(secret)
        return form.get("client_id", ""), form.get("client_secret")

    def _id_token(self, nonce: str) -> str:
        now = int(NOW.timestamp())
        usual = {
            "iss": self.address,
            "aud": CLIENT,
            "sub": "thandi@bank.example",
            "roles": ["analyst"],
            "nonce": nonce,
            "iat": now,
            "exp": now + 300,
        }
        stated = {name: each for name, each in {**usual, **self.claims}.items() if each is not None}
        if self.alg != "none":
            return signed(stated, self.key, self.alg)
        parts = ({"alg": "none", "kid": "first"}, stated)
        return ".".join(_text(json.dumps(part).encode()) for part in parts) + "."


@contextmanager
def http_issuer(tls: ssl.SSLContext | None = None) -> Iterator[HttpIssuer]:
    """An issuer while the block runs, by HTTPS with the certificate in `tls`."""
    issuer = HttpIssuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            # As the API server of Kubernetes, which has its keys in no other media type.
            if self.path == "/keys" and JWK_SET not in self.headers.get("Accept", ""):
                self._answer(406, {"error": "not acceptable"})
                return
            self._answer(200, issuer.get(self.path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer(*issuer.token(_single(body), self.headers.get("Authorization", "")))

        def _answer(self, status: int, document: object) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        @override
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        scheme = "http" if tls is None else "https"
        issuer.address = f"{scheme}://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield issuer
        finally:
            server.shutdown()
            thread.join()


def _single(query: str) -> dict[str, str]:
    return {name: each for name, (each,) in parse_qs(query, keep_blank_values=True).items()}


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
