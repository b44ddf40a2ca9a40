import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from risksentinel.adapters.oidc.issuer_keys import IssuerKeys
from risksentinel.adapters.oidc.tokens import LEEWAY_SECONDS, MAX_BYTES, TokenVerifier
from risksentinel.errors import Unauthenticated, Unavailable
from tests.adapters.oidc.signing import (
    AUDIENCE,
    FIRST,
    ISSUER,
    SECOND,
    Issuer,
    claims,
    signed,
)
from tests.strategies import NOW

SECONDS = int(NOW.timestamp())


def verifier(issuer: Issuer | None = None) -> TokenVerifier:
    """A verifier at NOW."""
    keys = IssuerKeys(ISSUER, lambda: 100.0, (issuer or Issuer()).get)
    return TokenVerifier(ISSUER, keys, lambda: NOW)


def verified(token: str, issuer: Issuer | None = None) -> Mapping[str, Any]:
    """The claims of a token for AUDIENCE at NOW."""
    return verifier(issuer).claims(token, AUDIENCE)


@pytest.mark.parametrize(
    ("key", "alg"),
    [
        (FIRST, "RS256"),
        (FIRST, "PS256"),
        (ECKey.generate_key("P-256", {"kid": "first"}), "ES256"),
        (OKPKey.generate_key("Ed25519", {"kid": "first"}), "Ed25519"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_token_of_the_issuer_is_accepted(key: RSAKey, alg: str) -> None:
    """Issuers sign with RSA or with elliptic curves."""
    found = verified(signed(claims(), key, alg), Issuer(keys=[key]))

    assert found == claims()


def test_an_audience_may_be_one_of_several() -> None:
    """RFC 7519 allows a list."""
    assert verified(signed(claims(aud=["https://other.example", AUDIENCE])))


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://other.example"},
        {"iss": f"{ISSUER}/"},
        {"iss": None},
        {"aud": "https://other.example"},
        {"aud": ["https://other.example"]},
        {"aud": None},
        {"exp": SECONDS - LEEWAY_SECONDS},
        {"exp": None},
        {"exp": "never"},
        {"exp": True},
        {"exp": 1e300},
        {"nbf": SECONDS + LEEWAY_SECONDS + 1},
        {"nbf": "now"},
        {"iat": SECONDS + LEEWAY_SECONDS + 1},
    ],
    ids=str,
)
def test_a_wrong_claim_is_refused(changed: dict[str, Any]) -> None:
    """A token of another service, or of another time, is no proof."""
    with pytest.raises(Unauthenticated):
        verified(signed(claims(**changed)))


@pytest.mark.parametrize(
    "changed", [{"exp": SECONDS - LEEWAY_SECONDS + 1}, {"nbf": SECONDS + LEEWAY_SECONDS}], ids=str
)
def test_clocks_may_differ_by_a_minute(changed: dict[str, Any]) -> None:
    """The clocks of two machines are never the same."""
    assert verified(signed(claims(**changed)))


def test_a_token_without_a_signature_is_refused() -> None:
    """`none` is an algorithm of RFC 7518, and a classic attack."""
    parts = [{"alg": "none", "kid": "first"}, claims()]
    token = ".".join(_encoded(json.dumps(each).encode()) for each in parts) + "."

    with pytest.raises(Unauthenticated):
        verified(token)


@pytest.mark.parametrize("form", ["pem", "der", "json"])
def test_the_public_key_is_not_a_shared_secret(form: str) -> None:
    """Everybody knows the public key: an HMAC made with it proves nothing."""
    secret = {
        "pem": FIRST.as_pem(private=False),
        "der": FIRST.as_der(private=False),
        "json": json.dumps(FIRST.as_dict(private=False)).encode(),
    }[form]
    parts = [{"alg": "HS256", "kid": "first"}, claims()]
    text = ".".join(_encoded(json.dumps(each).encode()) for each in parts)
    token = f"{text}.{_encoded(hmac.new(secret, text.encode(), sha256).digest())}"

    with pytest.raises(Unauthenticated):
        verified(token)


def test_a_shared_secret_in_the_key_set_is_no_key() -> None:
    """A secret in a public document is none."""
    shared = OctKey.generate_key(256, {"kid": "shared"})

    with pytest.raises(Unauthenticated):
        verified(signed(claims(), shared, "HS256", "shared"), Issuer(keys=[FIRST, shared]))


def test_a_token_of_another_key_is_refused() -> None:
    """The key id names a key; it does not prove that the key signed."""
    with pytest.raises(Unauthenticated):
        verified(signed(claims(), SECOND, kid="first"))


def test_a_weak_key_is_refused() -> None:
    """RSA keys below 2,048 bits can be broken."""
    with pytest.warns(SecurityWarning):
        weak = RSAKey.generate_key(1024, {"kid": "weak"})
    token = signed(claims(), weak, kid="weak")

    with pytest.raises(Unauthenticated):
        verified(token, Issuer(keys=[FIRST, weak]))


def test_a_key_for_encryption_signs_nothing() -> None:
    """RFC 7517: `use` says what a key is for."""
    other = RSAKey.generate_key(2048, {"kid": "enc", "use": "enc"})
    signing = RSAKey.import_key(other.as_dict(private=True) | {"use": "sig"})

    with pytest.raises(Unauthenticated):
        verified(signed(claims(), signing, kid="enc"), Issuer(keys=[FIRST, other]))


def test_a_token_without_a_key_id_needs_an_issuer_with_one_key() -> None:
    """The key id is optional in RFC 7515."""
    token = signed(claims(), kid=None)

    assert verified(token)
    with pytest.raises(Unauthenticated):
        verified(token, Issuer(keys=[FIRST, SECOND]))


def test_the_document_of_another_issuer_is_not_used() -> None:
    """Its keys would sign for ours."""
    with pytest.raises(Unavailable, match="another issuer"):
        verified(signed(claims()), Issuer(issuer="https://other.example"))


@given(st.text(max_size=200) | st.just("." * MAX_BYTES) | st.just("a." * MAX_BYTES))
def test_no_text_is_a_token_by_chance(text: str) -> None:
    """A header may contain anything; the answer is 401, never 500."""
    with pytest.raises(Unauthenticated):
        verified(text)


@given(st.integers(0, 2), st.data())
def test_a_changed_token_is_refused(part: int, data: st.DataObject) -> None:
    """The signature covers header and claims."""
    parts = signed(claims()).split(".")
    at = data.draw(st.integers(0, len(parts[part]) - 2))  # the last digit has unused bits
    new = data.draw(st.sampled_from("ABCDwxyz0189-_").filter(lambda c: c != parts[part][at]))
    parts[part] = parts[part][:at] + new + parts[part][at + 1 :]

    with pytest.raises(Unauthenticated):
        verified(".".join(parts))


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
