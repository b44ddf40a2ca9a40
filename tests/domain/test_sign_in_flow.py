from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.domain.sign_in_flow import FLOW_LIFE, flow_of, new_flow
from risksentinel.errors import Malformed
from risksentinel.text import strict_json
from tests.strategies import NOW, moments


def _random(count: int) -> bytes:
    return bytes(range(count))


@given(st.binary(min_size=96, max_size=96), moments)
def test_a_flow_is_read_from_its_cookie(chance: bytes, at: datetime) -> None:
    """The browser brings back what the callback needs; no function stores it."""
    pieces = iter([chance[:32], chance[32:64], chance[64:]])
    flow = new_flow("/docs", at, lambda _: next(pieces))

    assert flow_of(flow.cookie) == flow
    assert flow.answers(flow.state)
    assert not flow.answers(flow.nonce + flow.verifier)


def test_the_secrets_of_a_flow_have_256_bits_and_are_not_shown() -> None:
    """A traceback or a log must not show the verifier."""
    flow = new_flow("/", NOW, _random)

    assert {len(flow.state), len(flow.nonce), len(flow.verifier)} == {43}
    assert flow.verifier not in repr(flow)


def test_the_challenge_is_that_of_s256() -> None:
    """RFC 7636, section 4.2."""
    flow = new_flow("/", NOW, _random)

    digest = sha256(flow.verifier.encode("ascii")).digest()
    assert flow.challenge == urlsafe_b64encode(digest).decode().rstrip("=")


def test_a_flow_ends_after_ten_minutes() -> None:
    """A callback that arrives days later is not what the person is doing now."""
    flow = new_flow("/", NOW, _random)

    assert not flow.is_over(NOW)
    assert not flow.is_over(NOW + FLOW_LIFE - timedelta(microseconds=1))
    assert flow.is_over(NOW + FLOW_LIFE)
    assert flow.is_over(NOW - timedelta(seconds=1))


def test_a_flow_returns_to_this_address_only() -> None:
    """The path is checked when a flow begins, and when its cookie is read."""
    with pytest.raises(Malformed):
        new_flow("//evil.example", NOW, _random)

    written = {"state": "a", "nonce": "b", "verifier": "c", "to": "//evil.example"}
    body = strict_json.encode({**written, "began_at": "2026-05-01T12:00:00Z"})
    assert flow_of(urlsafe_b64encode(body).decode()) is None


@given(
    st.text(max_size=60)
    | st.binary(max_size=60).map(lambda data: urlsafe_b64encode(data).decode())
    | st.dictionaries(st.sampled_from(["state", "nonce", "verifier", "to", "began_at"]), st.text())
    .map(strict_json.encode)
    .map(lambda data: urlsafe_b64encode(data).decode())
)
def test_any_other_cookie_is_no_flow(cookie: str) -> None:
    """A cookie is input of a stranger: it must not end in an error of the server."""
    assert flow_of(cookie) is None
