"""Who may send events: every type, to every function, with every kind of wrong credentials."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from werkzeug.test import Client, TestResponse

from risksentinel.assembly.container import Container
from risksentinel.assembly.event_senders import event_senders
from risksentinel.embedded.engine import running
from risksentinel.embedded.functions import FUNCTIONS
from risksentinel.errors import Misconfigured
from risksentinel.events import (
    alert_raised,
    fraud_confirmed,
    payment_submitted,
    transaction_labelled,
    transaction_received,
)
from risksentinel.http.route_access import ROUTE_ACCESS, Open
from risksentinel.settings import Settings
from risksentinel.telemetry.series import REGISTRY
from tests.adapters.oidc.signing import AUDIENCE, ISSUER
from tests.functions.caller import NOW, PAYMENT, TRANSACTIONS, said

SUBJECT = "system:serviceaccount:risksentinel:transactions-received--to--score"
SECRET = "of-these-tests-and-of-nothing-else"


EVERYWHERE = "0.0.0.0"  # noqa: S104 - nothing listens there


TYPES = {
    "payment.submitted": payment_submitted.TYPE,
    "transaction.received": transaction_received.TYPE,
    "fraud.confirmed": fraud_confirmed.TYPE,
    "transaction.labelled": transaction_labelled.TYPE,
    "alert.raised": alert_raised.TYPE,
    "ping": "dev.knative.sources.ping",
}


ROUTES = [("ingest", "/"), ("score", "/"), ("score", "/outbox/sweep"), ("alert-dispatch", "/")]


WRONG = {
    "nothing": None,
    "another secret": "Bearer of-somebody-else-and-of-nobody-here",
    "no scheme": SECRET,
    "basic": "Basic b2Y6dGhlc2U=",
    "empty": "Bearer ",
    "longer": f"Bearer {SECRET}x",
    "not ASCII": "Bearer \xff\xfe",
}


@pytest.fixture
def secured(migrated: Path, tmp_path: Path) -> Iterator[Callable[[str], Client]]:
    """Clients of the functions of a deployment with a shared secret."""
    (tmp_path / "risksentinel.db").write_bytes(migrated.read_bytes())
    settings = Settings(
        risksentinel_home=tmp_path, host=EVERYWHERE, event_auth="secret", event_secret=SECRET
    )
    container = Container(settings, clock=lambda: NOW)
    yield lambda name: Client(FUNCTIONS[name](container))
    container.close()


def post(function: Client, path: str, event_type: str, authorization: str | None) -> TestResponse:
    """Post an event with these credentials."""
    headers = {
        "ce-specversion": "1.0",
        "ce-id": "forged",
        "ce-source": "/forged",
        "ce-type": event_type,
        "Content-Type": "application/json",
    }
    if authorization is not None:
        headers["Authorization"] = authorization
    return function.post(path, data=b'{"sender_id":"ZA-7654321"}', headers=headers)


def refused(function: str) -> float:
    """The refused requests of the function, whatever the reason."""
    reasons = ("no_credentials", "wrong_credentials", "unknown_subject")
    name = "risksentinel_event_senders_refused_total"
    found = [
        REGISTRY.get_sample_value(name, {"function": function, "reason": reason})
        for reason in reasons
    ]
    return sum(each or 0 for each in found)


@pytest.mark.parametrize("event_type", TYPES.values(), ids=TYPES)
@pytest.mark.parametrize(("name", "path"), ROUTES, ids=str)
def test_a_forged_event_is_refused_and_counted(
    secured: Callable[[str], Client], name: str, path: str, event_type: str
) -> None:
    """A client that reaches a function must not be able to label, to score or to alert."""
    function = secured(name)

    for authorization in WRONG.values():
        before = refused(name)
        with capture_logs() as logs:
            answer = post(function, path, event_type, authorization)

        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert refused(name) == before + 1
        assert "event.sender_refused" in {line["event"] for line in logs}
        assert "ZA-7654321" not in f"{logs}{answer.text}"


@pytest.mark.parametrize(("name", "path"), ROUTES, ids=str)
def test_the_sender_with_the_secret_is_heard(
    secured: Callable[[str], Client], name: str, path: str
) -> None:
    """Whatever the function then answers, it has read the event."""
    before = refused(name)

    answer = post(secured(name), path, "unknown.v1", f"Bearer {SECRET}")

    assert answer.status_code != 401
    assert refused(name) == before


def test_every_route_for_events_is_in_these_tests() -> None:
    """A new one must be tried as well."""
    routes = {path for path, methods in ROUTE_ACCESS.items() if Open.EVENTS in methods.values()}

    assert routes == {path for _, path in ROUTES}


def test_a_label_of_an_event_is_by_its_sender(secured: Callable[[str], Client]) -> None:
    """Of what an event states of its reporter nothing is proved."""
    ingest, score = secured("ingest"), secured("score")
    said(ingest.post(TRANSACTIONS, json={**PAYMENT, "id": "p-1"}), 201)
    event = {
        "specversion": "1.0",
        "id": "cb-1",
        "source": "/bank",
        "type": fraud_confirmed.TYPE,
        "data": {
            "transaction_id": "p-1",
            "source": "chargeback",
            "reported_at": "2026-05-01T12:00:00Z",
            "reported_by": "visa",
        },
    }

    answer = score.post(
        "/",
        json=event,
        headers={
            "Content-Type": "application/cloudevents+json",
            "Authorization": f"Bearer {SECRET}",
        },
    )

    label = said(ingest.get(f"{TRANSACTIONS}p-1"))["label"]
    assert answer.status_code == 204
    assert label["reported_by"] == "event-source"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"host": EVERYWHERE}, "set EVENT_AUTH to secret or oidc"),
        ({"host": "engine.example"}, "set EVENT_AUTH to secret or oidc"),
        ({"event_auth": "secret"}, "needs EVENT_SECRET with at least 32"),
        ({"event_auth": "secret", "event_secret": "short"}, "needs EVENT_SECRET with at least 32"),
        ({"event_auth": "oidc", "event_oidc_issuer": ISSUER}, "EVENT_OIDC_AUDIENCE, EVENT_OIDC_SU"),
        (
            {
                "event_auth": "oidc",
                "event_oidc_issuer": "http://issuer.example",
                "event_oidc_audience": AUDIENCE,
                "event_oidc_subjects": SUBJECT,
            },
            "must be an https URL",
        ),
    ],
    ids=str,
)
def test_a_function_that_would_take_events_from_everybody_does_not_start(
    settings: dict[str, str], message: str
) -> None:
    """The error says what to set."""
    container = Container(Settings.model_validate(settings))

    with pytest.raises(Misconfigured, match=message):
        event_senders(container)


@pytest.mark.parametrize(
    "settings",
    [{}, {"host": "localhost"}, {"host": "::1"}, {"host": EVERYWHERE, "event_auth": "none"}],
)
def test_on_loopback_or_where_it_is_stated_everything_is_taken(settings: dict[str, str]) -> None:
    """A laptop needs no secret."""
    assert event_senders(Container(Settings.model_validate(settings)))(None) == "local"


@pytest.mark.parametrize("host", ["127.0.0.1", EVERYWHERE])
def test_the_embedded_engine_takes_no_events_but_its_own(tmp_path: Path, host: str) -> None:
    """Its functions deliver to one another in the process, and its port has no route for events."""
    settings = Settings(risksentinel_home=tmp_path, host=host)

    with running(settings) as engine:
        api = Client(engine.gateway)
        answers = [
            post(api, path, transaction_received.TYPE, None).status_code
            for path in ("/", "//", "/outbox/sweep", "/score/", "/api/v1/", "/api/v1/alerts/../")
        ]
        sender = event_senders(engine.container)

    assert set(answers) <= {404, 405}
    with pytest.raises(Exception, match="senders of this deployment"):
        sender(None)
