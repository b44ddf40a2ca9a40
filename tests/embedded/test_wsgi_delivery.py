from datetime import UTC, datetime

import pytest
from werkzeug.wrappers import Request, Response

from risksentinel.embedded.wsgi_delivery import deliver_batches, deliver_singly
from risksentinel.events.event import Event
from risksentinel.ports.publishing import Outcome

AT = datetime(2026, 5, 1, tzinfo=UTC)
EVENTS = [Event("a", f"e{n}", "t", "/s", "x", f"k{n}", AT, {}) for n in range(3)]


def _answering(status: int, body: str = "", media_type: str = "text/plain", **headers: str):  # type: ignore[no-untyped-def]  # noqa: ANN202  # a WSGI app
    @Request.application
    def app(_request: Request) -> Response:
        return Response(body, status, headers, mimetype=media_type)

    return app


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (204, Outcome.DELIVERED),
        (422, Outcome.REFUSED),
        (400, Outcome.REFUSED),
        (404, Outcome.FAILED),
        (409, Outcome.FAILED),
        (429, Outcome.FAILED),
        (500, Outcome.FAILED),
        (503, Outcome.FAILED),
    ],
)
def test_a_status_has_the_outcome_that_it_has_in_knative(status: int, outcome: Outcome) -> None:
    """The same response must have the same effect in one process and in a cluster."""
    deliveries = deliver_singly(_answering(status))(EVENTS)

    assert [delivery.outcome for delivery in deliveries] == [outcome] * 3
    assert {delivery.code for delivery in deliveries} == {status}


def test_a_failure_has_the_reason_of_the_response() -> None:
    """The operator reads the reason in the dead letter."""
    problem = '{"detail": "webhook-1: answered 500"}'
    app = _answering(503, problem, "application/problem+json")

    (delivery,) = deliver_singly(app)(EVENTS[:1])

    assert delivery.reason == "webhook-1: answered 500"


def test_the_events_of_a_refused_batch_are_delivered_one_by_one() -> None:
    """One malformed event must not fail the other events of the batch."""
    seen: list[str] = []

    @Request.application
    def app(request: Request) -> Response:
        seen.append(request.mimetype)
        return Response(status=400 if "batch" in request.mimetype else 204)

    deliveries = deliver_batches(app)(EVENTS)

    assert [delivery.outcome for delivery in deliveries] == [Outcome.DELIVERED] * 3
    assert len(seen) == 4
