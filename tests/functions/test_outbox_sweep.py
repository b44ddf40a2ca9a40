from typing import Any, cast

import pytest

from functions.score import outbox_sweep
from risksentinel.http.function_app import function_app
from risksentinel.telemetry import tracing
from risksentinel.telemetry.metrics import FunctionMetrics
from risksentinel.usecases.relay_outbox import NOTHING, Relayed, RelayOutbox
from tests.telemetry.otlp_collector import collecting

PING = {
    "ce-specversion": "1.0",
    "ce-id": "1",
    "ce-source": "/timer",
    "ce-type": "dev.knative.sources.ping",
}


def swept(*passes: Relayed) -> tuple[int, list[str]]:
    """The response to one sweep with these passes over the outbox, and its spans."""
    relayed = iter(passes)

    def relay() -> Relayed:
        return next(relayed)

    app = function_app("score")
    app.register_blueprint(
        outbox_sweep.routes(cast("RelayOutbox", relay), lambda: 0, FunctionMetrics("score"))
    )
    with collecting() as collector:
        tracing.start(collector.endpoint)
        answer: Any = app.test_client().post(outbox_sweep.PATH, headers=PING)
        tracing.stop()
        return answer.status_code, [span.name for span in collector.spans]


def test_a_sweep_that_finds_nothing_makes_no_trace() -> None:
    """An idle sweep has no span: the timer runs every few seconds."""
    assert swept(NOTHING) == (204, [])


@pytest.mark.parametrize(
    "passes",
    [(Relayed(3, 0, 0), NOTHING), (Relayed(0, 1, 0),), (Relayed(0, 0, 1),)],
    ids=["delivered", "postponed", "dead"],
)
def test_a_sweep_that_finds_something_is_traced(passes: tuple[Relayed, ...]) -> None:
    """A sweep that publishes events has a span, for the analysis of a crash."""
    status, (name,) = swept(*passes)

    assert status == 204
    assert name.startswith("score ")
