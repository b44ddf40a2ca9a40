import pytest

from risksentinel.domain.access import LOCAL, Principal
from risksentinel.errors import Unauthenticated
from risksentinel.ports.authentication import Credentials
from risksentinel.usecases.authenticate import AuthenticateBearer

KEY = Principal("key:a", frozenset())


def test_a_key_and_a_token_go_to_their_own_verifiers() -> None:
    """Both are sent in the same header."""
    authenticate = AuthenticateBearer(lambda _: KEY, lambda _: LOCAL)

    assert authenticate(Credentials("Bearer rs_1_2")) is KEY
    assert authenticate(Credentials("bearer e30.e30.x")) is LOCAL


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "rs_1_2",
        "Basic cnNfMV8yOg==",
        "Token rs_1_2",
        "\tBearer rs_1",
    ],
)
def test_another_header_is_no_credential(header: str | None) -> None:
    """Only the scheme Bearer is accepted."""
    with pytest.raises(Unauthenticated, match="send an API key or an access token"):
        AuthenticateBearer(lambda _: KEY, lambda _: LOCAL)(Credentials(header))


@pytest.mark.parametrize(
    ("keys", "tokens", "sent"),
    [(None, lambda _: LOCAL, "Bearer rs_1_2"), (lambda _: KEY, None, "Bearer e30.e30.x")],
)
def test_a_kind_of_credential_that_is_not_configured_is_refused(
    keys: object, tokens: object, sent: str
) -> None:
    """AUTH names what is accepted."""
    with pytest.raises(Unauthenticated, match="only an"):
        AuthenticateBearer(keys, tokens)(Credentials(sent))  # type: ignore[arg-type] # either is None
