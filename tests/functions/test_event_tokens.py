"""Senders of events that authenticate by tokens of an issuer."""

from collections.abc import Callable

import pytest

from risksentinel.adapters.oidc.event_tokens import TokenSenders
from risksentinel.adapters.oidc.issuer_keys import IssuerKeys
from risksentinel.adapters.oidc.tokens import TokenVerifier
from risksentinel.errors import Unavailable
from tests.adapters.oidc.signing import AUDIENCE, ISSUER, SECOND, Issuer, claims, signed
from tests.strategies import NOW as TOKEN_TIME

SUBJECT = "system:serviceaccount:risksentinel:transactions-received--to--score"


def senders(issuer: Issuer, *subjects: str) -> TokenSenders:
    """The authenticator of a cluster with this issuer."""
    ticks: Callable[[], float] = lambda: 100.0  # noqa: E731 - a clock that stands still
    verifier = TokenVerifier(ISSUER, IssuerKeys(ISSUER, ticks, issuer.get), lambda: TOKEN_TIME)
    return TokenSenders(verifier, AUDIENCE, frozenset(subjects), ticks)


def test_a_token_of_a_named_source_is_accepted() -> None:
    """Its subject is the name of the sender; the keys are fetched once."""
    issuer = Issuer()
    authenticate = senders(issuer, SUBJECT, "another")
    token = f"Bearer {signed(claims(sub=SUBJECT))}"

    found = [authenticate(token) for _ in range(3)]

    assert found == [SUBJECT] * 3
    assert issuer.fetched == 1


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        (signed(claims(sub=SUBJECT, aud="another")), "wrong_credentials"),
        (signed(claims(sub=SUBJECT, iss="https://another.example")), "wrong_credentials"),
        (signed(claims(sub=SUBJECT, exp=1)), "wrong_credentials"),
        (signed(claims(sub=SUBJECT), SECOND), "wrong_credentials"),
        (signed(claims(sub="system:serviceaccount:other:stranger")), "unknown_subject"),
        (signed(claims(sub=None)), "unknown_subject"),
        ("no.token.atall", "wrong_credentials"),
    ],
    ids=["audience", "issuer", "expired", "key", "subject", "no subject", "text"],
)
def test_another_token_is_refused(token: str, reason: str) -> None:
    """A pod of the cluster has a token of the same issuer, for another audience or subject."""
    with pytest.raises(Exception, match="senders of this deployment") as refusal:
        senders(Issuer(), SUBJECT)(f"Bearer {token}")

    assert getattr(refusal.value, "reason", None) == reason


def test_without_the_keys_of_the_issuer_events_wait() -> None:
    """An outage of the issuer must lose no event: the source sends it again."""
    with pytest.raises(Unavailable):
        senders(Issuer(down=True), SUBJECT)(f"Bearer {signed(claims(sub=SUBJECT))}")
