"""PaymentSink: takes payments: the engine in this process, or a running instance."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from http import HTTPStatus
from typing import Any, Final, Protocol

from risksentinel.errors import Retryable, Violation

Documents = Sequence[Mapping[str, Any]]
REFUSALS: Final = frozenset({400, 409, 413, 422})


class ImportOutcome(Enum):
    """The outcome of one payment."""

    NEW = auto()
    QUEUED = auto()
    KNOWN = auto()
    REFUSED = auto()
    UNDELIVERED = auto()


@dataclass(frozen=True, slots=True)
class PaymentResult:
    """The answer for one payment; `status` is the HTTP status of the API for this payment alone.

    `alerted`: whether an alert was raised; `decision`: approve, review or decline; None if the
    sink does not answer it.
    """

    status: int
    risk_level: str | None = None
    violations: tuple[Violation, ...] = ()
    alerted: bool | None = None
    decision: str | None = None

    @property
    def outcome(self) -> ImportOutcome:
        """The outcome that the status means."""
        if self.status in REFUSALS:
            return ImportOutcome.REFUSED
        return _OUTCOMES.get(self.status, ImportOutcome.UNDELIVERED)

    @property
    def is_fatal(self) -> bool:
        """Whether the next payment would fail too; a 500 may concern this payment only."""
        ours = self.status == HTTPStatus.INTERNAL_SERVER_ERROR
        return self.outcome is ImportOutcome.UNDELIVERED and not ours

    @property
    def raised_alert(self) -> bool:
        """Whether an alert was raised; if unknown, whether the risk level is HIGH or CRITICAL."""
        if self.outcome is not ImportOutcome.NEW:
            return False
        return self.risk_level in {"high", "critical"} if self.alerted is None else self.alerted


class PaymentSink(Protocol):
    """Takes payments; a repeated id changes nothing."""

    def send(self, documents: Documents) -> list[PaymentResult]:
        """Return one result per payment, in order; an unavailable engine is a result."""


@dataclass(frozen=True, slots=True)
class EngineSink:
    """The engine in this process."""

    score: Callable[[Documents], list[PaymentResult]]

    def send(self, documents: Documents) -> list[PaymentResult]:
        """Score the payments as one batch."""
        try:
            return self.score(documents)
        except Retryable as why:
            unavailable = PaymentResult(
                HTTPStatus.SERVICE_UNAVAILABLE, None, (Violation("", str(why)),)
            )
            return [unavailable] * len(documents)


_OUTCOMES: Final[Mapping[int, ImportOutcome]] = {
    HTTPStatus.CREATED: ImportOutcome.NEW,
    HTTPStatus.ACCEPTED: ImportOutcome.QUEUED,
    HTTPStatus.OK: ImportOutcome.KNOWN,
}
