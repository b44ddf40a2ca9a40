"""DispatchAlert: alert.raised -> every endpoint that has not received it."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field

from risksentinel.errors import Rejected, Retryable, Violation
from risksentinel.events import alert_raised
from risksentinel.events.event import Event
from risksentinel.ports.alerting import (
    AlertChannel,
    Deliveries,
    DeliveryStatus,
    Endpoint,
    StoredAlerts,
)
from risksentinel.ports.environment import Clock
from risksentinel.usecases.stored_event import stored_event
from risksentinel.usecases.unrecorded_deliveries import UnrecordedDeliveries


@dataclass(frozen=True, slots=True)
class DispatchAlert:
    """Sends an alert to every endpoint, at least once and rarely twice.

    What is sent is signed, so it is the stored alert: an event that states another one is refused.
    """

    alerts: StoredAlerts
    deliveries: Deliveries
    channels: Mapping[str, AlertChannel]
    endpoints: Sequence[Endpoint]
    clock: Clock
    unrecorded: UnrecordedDeliveries = field(default_factory=UnrecordedDeliveries)

    def __call__(self, event: Event) -> None:
        """Send to all endpoints that have not received the event, at the same time.

        Raises:
            Retryable: an endpoint did not accept the event now. A retry sends the event only to
                the endpoints that have not received it.
            Rejected: the event differs from the stored alert, or there is none; or an endpoint
                refused the event, and all others have received it. A retry sends the event once
                more to the endpoint that refused it.
        """
        alert = alert_raised.decode(event.data, event.type)
        if not self.endpoints:
            return
        event = stored_event(self.alerts, alert, event)
        names = [endpoint.id for endpoint in self.endpoints]
        waiting = self.deliveries.open(event.id, alert.id, names, self.clock())
        serving = [endpoint for endpoint in self.endpoints if endpoint.id in waiting]
        # Received before, but the database could not store that: stored now, and not sent again.
        sent = {each.id: None for each in serving if (event.id, each.id) in self.unrecorded}
        outcomes = sent | self._serve([each for each in serving if each.id not in sent], event)
        # In memory first: if the database fails below, a retry does not send these again.
        for name, failure in outcomes.items():
            if failure is None:
                self.unrecorded.add((event.id, name))
        for name, failure in outcomes.items():
            self._note(event.id, name, failure)
            self.unrecorded.discard((event.id, name))
        _raise_failures({name: failure for name, failure in outcomes.items() if failure})

    def _serve(self, endpoints: Sequence[Endpoint], event: Event) -> dict[str, Exception | None]:
        # One thread for each endpoint: all sends together take as long as the slowest one.
        with ThreadPoolExecutor(max(1, len(endpoints)), "dispatch") as threads:
            # Copied, because a new thread has no context of logs and traces.
            contexts = [copy_context() for _ in endpoints]
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
        except Exception as failure:  # noqa: BLE001 - raised again after the other outcomes are stored
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
    """Raise the most urgent failure: a bug first, then one to retry, then a refusal."""
    for failure in failures.values():
        if not isinstance(failure, Rejected | Retryable):
            raise failure
    violations = [Violation(name, str(failure)) for name, failure in failures.items()]
    if any(isinstance(failure, Retryable) for failure in failures.values()):
        raise Retryable("; ".join(map(str, violations)))
    if violations:
        raise Rejected(violations)
