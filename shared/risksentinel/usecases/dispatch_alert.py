"""alert.raised -> every endpoint that has not had it."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field

from risksentinel.errors import Rejected, Retryable, Violation
from risksentinel.events import alert_raised
from risksentinel.events.event import Event
from risksentinel.ports.alerting import AlertChannel, Deliveries, DeliveryStatus, Endpoint
from risksentinel.ports.environment import Clock
from risksentinel.usecases.unrecorded_deliveries import UnrecordedDeliveries


@dataclass(frozen=True, slots=True)
class DispatchAlert:
    """Tells everyone of an alert, each at least once and hardly ever twice."""

    deliveries: Deliveries
    channels: Mapping[str, AlertChannel]
    endpoints: Sequence[Endpoint]
    clock: Clock
    unnoted: UnrecordedDeliveries = field(default_factory=UnrecordedDeliveries)

    def __call__(self, event: Event) -> None:
        """Serve the endpoints that are still to be served, all at once.

        Raises:
            Retryable: somebody did not take it now; sent again, it goes to those without it only.
            Rejected: somebody never will, everybody else has it. Sent again, it tries them anew.
        """
        alert = alert_raised.decode(event.data, event.type)
        if not self.endpoints:
            return
        names = [endpoint.id for endpoint in self.endpoints]
        waiting = self.deliveries.open(event.id, alert.id, names, self.clock())
        serving = [endpoint for endpoint in self.endpoints if endpoint.id in waiting]
        told = {each.id: None for each in serving if (event.id, each.id) in self.unnoted}
        outcomes = told | self._serve([each for each in serving if each.id not in told], event)
        for name, failure in outcomes.items():
            if failure is None:
                self.unnoted.add((event.id, name))
        for name, failure in outcomes.items():
            self._note(event.id, name, failure)
            self.unnoted.discard((event.id, name))
        _raise_failures({name: failure for name, failure in outcomes.items() if failure})

    def _serve(self, endpoints: Sequence[Endpoint], event: Event) -> dict[str, Exception | None]:
        # A thread each: an endpoint takes seconds at worst, and so do all of them together.
        with ThreadPoolExecutor(max(1, len(endpoints)), "dispatch") as threads:
            contexts = [copy_context() for _ in endpoints]  # a thread starts without: logs, traces
            attempts = threads.map(
                lambda context, endpoint: context.run(self._attempt, endpoint, event),
                contexts,
                endpoints,
            )
            return {
                endpoint.id: failure for endpoint, failure in zip(endpoints, attempts, strict=True)
            }

    def _attempt(self, endpoint: Endpoint, event: Event) -> Exception | None:
        try:
            self.channels[endpoint.channel].send(endpoint, event)
        except Exception as failure:  # noqa: BLE001 - raised again when all the others are noted
            return failure
        return None

    def _note(self, event_id: str, endpoint: str, failure: Exception | None) -> None:
        known = isinstance(failure, Rejected | Retryable)
        self.deliveries.note(
            event_id,
            endpoint,
            status=_status(failure),
            reason=str(failure) if known else type(failure).__name__ if failure else "",
            at=self.clock(),
        )


def _status(failure: Exception | None) -> DeliveryStatus:
    if failure is None:
        return DeliveryStatus.DELIVERED
    return DeliveryStatus.FAILED if isinstance(failure, Rejected) else DeliveryStatus.PENDING


def _raise_failures(failures: Mapping[str, Exception]) -> None:
    """Raise what the caller can do most about: a bug, then another delivery, then a refusal."""
    for failure in failures.values():
        if not isinstance(failure, Rejected | Retryable):
            raise failure
    violations = [Violation(name, str(failure)) for name, failure in failures.items()]
    if any(isinstance(failure, Retryable) for failure in failures.values()):
        raise Retryable("; ".join(map(str, violations)))
    if violations:
        raise Rejected(violations)
