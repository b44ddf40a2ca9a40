"""PaymentSink: where payments go; the engine in this process is one, a running instance another."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from http import HTTPStatus
from typing import Any, Final, Protocol

from risksentinel.errors import Retryable, Violation

Documents = Sequence[Mapping[str, Any]]
REFUSALS: Final = frozenset({400, 409, 413, 422})


class ImportOutcome(Enum):
    """What became of one payment."""

    NEW = auto()
    QUEUED = auto()
    KNOWN = auto()
    REFUSED = auto()
    UNDELIVERED = auto()


@dataclass(frozen=True, slots=True)
class PaymentResult:
    """The answer for one payment; `status` is what the HTTP API would say of it alone.

    `alerted` is whether it raised an alert, `decision` is approve, review or decline; None where
    the sink cannot tell.
    """

    status: int
    risk_level: str | None = None
    violations: tuple[Violation, ...] = ()
    alerted: bool | None = None
    decision: str | None = None

    @property
    def outcome(self) -> ImportOutcome:
        """What became of the payment."""
        if self.status in REFUSALS:
            return ImportOutcome.REFUSED
        return _OUTCOMES.get(self.status, ImportOutcome.UNDELIVERED)

    @property
    def is_fatal(self) -> bool:
        """Whether the next payment would fare no better; a 500 may be this payment's own."""
        ours = self.status == HTTPStatus.INTERNAL_SERVER_ERROR
        return self.outcome is ImportOutcome.UNDELIVERED and not ours

    @property
    def raised_alert(self) -> bool:
        """Whether an analyst hears of it; without better knowledge, from HIGH up."""
        if self.outcome is not ImportOutcome.NEW:
            return False
        return self.risk_level in {"high", "critical"} if self.alerted is None else self.alerted


class PaymentSink(Protocol):
    """Takes payments; the same id again changes nothing."""

    def send(self, documents: Documents) -> list[PaymentResult]:
        """One result a payment, in order. A part that does not answer is a result, no error."""


@dataclass(frozen=True, slots=True)
class EngineSink:
    """The engine in this process."""

    score: Callable[[Documents], list[PaymentResult]]

    def send(self, documents: Documents) -> list[PaymentResult]:
        """Score them as one batch."""
        try:
            return self.score(documents)
        except Retryable as why:
            away = PaymentResult(HTTPStatus.SERVICE_UNAVAILABLE, None, (Violation("", str(why)),))
            return [away] * len(documents)


_OUTCOMES: Final[Mapping[int, ImportOutcome]] = {
    HTTPStatus.CREATED: ImportOutcome.NEW,
    HTTPStatus.ACCEPTED: ImportOutcome.QUEUED,
    HTTPStatus.OK: ImportOutcome.KNOWN,
}
