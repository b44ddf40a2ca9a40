from datetime import timedelta
from typing import Any

import pytest

from risksentinel.adapters.oidc.access_tokens import AccessTokens, Claims
from risksentinel.adapters.oidc.issuer_keys import IssuerKeys
from risksentinel.adapters.oidc.tokens import TokenVerifier
from risksentinel.domain.access import RIGHTS_OF, Principal, Right, Role
from risksentinel.domain.label import LabelSource
from risksentinel.errors import Unauthenticated
from tests.adapters.oidc.signing import AUDIENCE, ISSUER, Issuer, claims, signed
from tests.strategies import NOW


class Bench:
    """Access tokens at a time that the test sets."""

    def __init__(self, roles: str = "roles", actor: str = "sub") -> None:
        self.now, self.tick = NOW, 100.0
        keys = IssuerKeys(ISSUER, lambda: self.tick, Issuer().get)
        verifier = TokenVerifier(ISSUER, keys, lambda: self.now)
        self.tokens = AccessTokens(verifier, Claims(AUDIENCE, roles, actor), lambda: self.tick)


def principal(stated: dict[str, Any], roles: str = "roles", actor: str = "sub") -> Principal:
    """The principal of a token with these claims."""
    return Bench(roles, actor).tokens(signed(stated))


def test_a_token_s_caller_is_a_person_with_the_rights_of_its_roles() -> None:
    """An analyst may report what an analyst found, and nothing of another source."""
    found = principal(claims(roles=["analyst", "wiki-editor"]))

    assert (found.name, found.person) == ("thandi@bank.example", True)
    assert found.rights == RIGHTS_OF[Role.ANALYST]
    assert found.label_sources == {LabelSource.ANALYST}


@pytest.mark.parametrize(
    ("stated", "path"),
    [
        ({"roles": "auditor analyst"}, "roles"),
        ({"realm_access": {"roles": ["auditor"]}}, "realm_access.roles"),
        ({"https://bank.example/roles": ["auditor"]}, "https://bank.example/roles"),
    ],
    ids=str,
)
def test_roles_are_where_the_issuer_puts_them(stated: dict[str, Any], path: str) -> None:
    """Keycloak nests them, Auth0 requires a URL as the name, others write one text."""
    assert Right.READ_LEDGER in principal(claims(**stated), path).rights


@pytest.mark.parametrize(
    "roles", [None, [], "", ["Analyst"], 7, {"analyst": True}, [["analyst"]]], ids=str
)
def test_without_a_known_role_there_is_no_right(roles: object) -> None:
    """An unreadable claim must not give a right."""
    assert not principal(claims(roles=roles)).rights


@pytest.mark.parametrize(
    "name", ["", "local", "key:core-banking", "operator:root", "/risksentinel/score", "a\nb", 7]
)
def test_the_name_of_another_kind_of_actor_is_refused(name: object) -> None:
    """The audit log must not show a key, an operator or a function where a person acted."""
    with pytest.raises(Unauthenticated):
        principal(claims(sub=name))


def test_the_actor_may_be_another_claim() -> None:
    """Some issuers have an opaque `sub`."""
    assert principal(claims(email="thandi@bank"), actor="email").name == "thandi@bank"


def test_an_expired_token_is_refused_although_it_was_verified_before() -> None:
    """What is cached lasts a few seconds."""
    bench, token = Bench(), signed(claims())
    bench.tokens(token)

    bench.now, bench.tick = NOW + timedelta(hours=1), 200.0

    with pytest.raises(Unauthenticated):
        bench.tokens(token)


def test_a_token_that_differs_from_a_verified_one_is_verified() -> None:
    """The cache knows whole tokens only."""
    bench, token = Bench(), signed(claims())
    bench.tokens(token)

    with pytest.raises(Unauthenticated):
        bench.tokens(f"{token}x")
