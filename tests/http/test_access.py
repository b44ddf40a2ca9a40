import pytest
from werkzeug.test import Client

from risksentinel.domain.access import LOCAL, RIGHTS_OF, Principal, Right, Role
from risksentinel.errors import Unauthenticated
from risksentinel.http.access import caller
from risksentinel.http.function_app import FunctionApp, function_app
from risksentinel.ports.authentication import Credentials, loopback_caller

TABLE = {"/read": {"GET": Right.READ_PAYMENTS, "POST": Right.SUBMIT_PAYMENTS}}
READER = Principal("reader", frozenset({Right.READ_PAYMENTS}))


def _authenticate(credentials: Credentials) -> Principal:
    if credentials.authorization != "Bearer reader":
        raise Unauthenticated("send an API key")
    return READER


@pytest.fixture
def app() -> FunctionApp:
    """An app with a route that is in the table of access, and one that is not."""
    app = function_app("ingest", authenticate=_authenticate, access=TABLE)
    app.add_url_rule("/read", "read", lambda: {"caller": caller().name}, methods=["GET", "POST"])
    app.add_url_rule("/new", "new", lambda: "open")
    return app


def test_a_caller_with_the_right_of_the_route_is_served(app: FunctionApp) -> None:
    """The handler knows the caller by the credentials, not by what the request says."""
    response = Client(app).get("/read", headers={"Authorization": "Bearer reader"})

    assert (response.status_code, response.get_json()) == (200, {"caller": "reader"})


def test_a_request_without_valid_credentials_is_401(app: FunctionApp) -> None:
    """RFC 9110 requires WWW-Authenticate in the response."""
    response = Client(app).get("/read")

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_a_caller_without_the_right_of_the_route_is_403(app: FunctionApp) -> None:
    """The problem names the missing right, so that the administrator knows what to grant."""
    response = Client(app).post("/read", headers={"Authorization": "Bearer reader"})

    assert response.status_code == 403
    assert "payments.submit" in str((response.get_json() or {})["detail"])


def test_a_route_without_an_entry_in_the_table_is_not_served(app: FunctionApp) -> None:
    """A route that was forgotten in the table fails; it is not open."""
    response = Client(app).get("/new", headers={"Authorization": "Bearer reader"})

    assert response.status_code == 500


@pytest.mark.parametrize(
    ("address", "status"),
    [(None, 200), ("127.0.0.1", 200), ("::1", 200), ("10.0.0.7", 401), ("::ffff:10.0.0.7", 401)],
)
def test_without_auth_only_this_machine_is_served(address: str | None, status: int) -> None:
    """A server that listens elsewhere by its own options must not be open."""
    app = function_app("ingest", authenticate=loopback_caller, access=TABLE)
    app.add_url_rule("/read", "read", lambda: {"caller": caller().name})

    base = {} if address is None else {"REMOTE_ADDR": address}
    response = Client(app).get("/read", environ_base=base)

    assert response.status_code == status


def test_every_right_is_of_a_role_and_the_local_caller_has_all() -> None:
    """A right that no role has would be a route that no caller can use."""
    granted = frozenset[Right]().union(*(RIGHTS_OF[role] for role in Role))

    assert granted == frozenset(Right) == LOCAL.rights
