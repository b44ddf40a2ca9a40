"""Every protocol that the use cases need, in one place. An adapter meets one; it inherits none.

Each method that reaches out raises `Unavailable` when its part does not answer.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from risksentinel.domain.alert import Alert, AlertStatus
from risksentinel.domain.history import Snapshot
from risksentinel.domain.label import KnownOutcome, Label, Labelled, Reviewed
from risksentinel.domain.model_version import Manifest, ModelArtefact, Pointer
from risksentinel.domain.signal import Opinion
from risksentinel.domain.transaction import Transaction, TransactionStatus
from risksentinel.domain.verdict import Decision, RiskLevel, Scored
from risksentinel.errors import Conflict
from risksentinel.events.event import Event
from risksentinel.rules.rule import KeptRule, Rule
from risksentinel.scoring.facts import Facts

Item = TypeVar("Item")
Clock = Callable[[], datetime]  # the time now, in UTC
NewId = Callable[[], str]  # a fresh UUIDv7
Bell = Callable[[], None]  # rung after a commit that left announcements in the outbox

Origins = Mapping[str, str]  # traceparents of those who brought payments, by transaction id


class Meter(Protocol):
    """What is counted and timed while the work goes on."""

    def stage(self, name: str) -> AbstractContextManager[object]:
        """Time a stage of the work."""

    def decision(self, decision: str) -> None: ...

    def silent(self, signal: str) -> None: ...


class History(Protocol):
    """What senders and receivers did before."""

    def record(self, batch: Sequence[Transaction]) -> list[Snapshot]:
        """Record each in turn; a repeated id changes nothing and gets its first snapshot."""


class LabelMemory(Protocol):
    """Where a history keeps what payments turned out to be."""

    def label(self, batch: Sequence[Labelled]) -> None:
        """Learn, in order, what counts now instead of what counted before.

        A repeated label changes nothing: its reference is the same.
        """


class RebuildableHistory(History, LabelMemory, Protocol):
    """A history that can be made anew from the payments that are kept."""

    def check(self) -> None:
        """Hear whether it answers."""

    def rebuild(self, payments: Iterable[Transaction]) -> int:
        """Record payments in the order in which they came; answers how many."""


class FraudModel(Protocol):
    """The model in use."""

    def risks(self, batch: Sequence[Facts]) -> list[Opinion]:
        """One opinion a payment, in order, from all of them at once.

        Silent where there is no model, or nothing is known of the payment's accounts. It never
        raises: a payment goes on without a model.
        """


class RuleBook(Protocol):
    """The rules in force."""

    def active(self) -> Sequence[Rule]:
        """Rules that are at most two seconds old; the last good ones while the database is away."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to which thing, when."""

    at: datetime
    actor: str
    action: str
    subject_kind: str
    subject_id: str
    details: Mapping[str, Any]


class Unit(Protocol):
    """One database transaction: all of it is kept, or nothing."""

    def receive(self, batch: Sequence[Transaction], at: datetime) -> set[str]:
        """Keep payments that wait for their score; answers the ids that were not known before."""

    def keep(self, batch: Sequence[Scored]) -> set[str]:
        """Keep payments with their scores; answers the ids whose verdict is the first and stands.

        An id that belongs to another payment keeps that one and is left out of the answer.
        """

    def known(self, transaction_ids: Sequence[str]) -> dict[str, "Known"]:
        """What is kept of these ids, by others too: after the commit nothing need be read."""

    def raise_alerts(self, alerts: Sequence[Alert]) -> None: ...

    def announce(self, events: Sequence[Event]) -> None:
        """Put announcements into the outbox, in this order."""

    def audit(self, entries: Sequence[AuditEntry]) -> None: ...

    def alert(self, alert_id: str) -> Alert:
        """The alert, held against other writers until the unit ends. Raises NotFound."""

    def change_alert(self, alert: Alert) -> None: ...

    def reviewed(self, transaction_id: str) -> Reviewed:
        """The payment and its labels, held against other writers until the unit ends.

        Raises NotFound.
        """

    def write_label(self, label: Label) -> None: ...

    def rule(self, rule_id: str) -> KeptRule:
        """The newest version, held against other writers until the unit ends. Raises NotFound."""

    def write_rule(self, rule: KeptRule) -> None:
        """Keep a new version. Raises Conflict where another active rule has its name."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The verdict that stands for a payment, and the alert it raised.

    `first` says that whoever got this answer brought the payment, and did not repeat it.
    """

    scored: Scored
    alert_id: str | None
    first: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """A payment that is kept; `standing` is None while it waits for its score."""

    transaction: Transaction
    standing: Standing | None

    def answer(self, asked: Transaction) -> Standing | Transaction | Conflict:
        """What to say to whoever sends this id: the verdict, or the waiting payment itself."""
        if not self.transaction.is_the_payment(asked):
            return Conflict("this id belongs to another payment: give each payment its own id")
        return self.standing or self.transaction


class Ledger(Protocol):
    """The database, seen from the use cases that write."""

    def unit(self) -> AbstractContextManager[Unit]:
        """Open a transaction: it commits at the end of the block, or rolls back on an error."""

    def known(self, transaction_ids: Sequence[str]) -> dict[str, Known]:
        """The payments that are kept, scored or not, by id."""


class Outcome(StrEnum):
    """What became of one announcement."""

    DELIVERED = "delivered"
    REFUSED = "refused"  # can never work: dead letter at once
    FAILED = "failed"  # may work later
    HELD = "held"  # not tried: an earlier one of its key has not gone through


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a publisher says of one event."""

    outcome: Outcome
    reason: str = ""
    code: int | None = None


@dataclass(frozen=True, slots=True)
class PendingEvent:
    """An announcement that is leased out of the outbox; `attempts` counts failed deliveries."""

    number: int
    event: Event
    attempts: int
    held_until: datetime


class Publisher(Protocol):
    """Where announcements go: the functions themselves, or a broker."""

    def publish(self, events: Sequence[Event]) -> list[Delivery]:
        """Deliver in order; answers one delivery an event."""


class Outbox(Protocol):
    """Announcements that were committed and not yet delivered."""

    def lease(self, most: int, now: datetime, until: datetime) -> list[PendingEvent]:
        """Take the oldest due ones; an event waits while an earlier one of its key does."""

    def settle(
        self,
        delivered: Sequence[int],
        postponed: Mapping[int, datetime],
        dead: Mapping[int, Delivery],
        now: datetime,
    ) -> None:
        """End a lease: remove the delivered, count and date the postponed, bury the dead."""

    def release(self, numbers: Sequence[int]) -> None:
        """End a lease without an attempt counted."""

    def depth(self) -> int: ...


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that was given up, with the reason."""

    id: str
    event: Event
    reason: str
    code: int | None
    attempts: int
    died_at: datetime


class DeadLetters(Protocol):
    """Events that were given up, kept until they are replayed."""

    def list(self, topic: str | None, most: int) -> list[DeadLetter]:
        """Newest first."""

    def show(self, letter_id: str) -> DeadLetter:
        """Raises NotFound."""

    def replay(self, letter_ids: Sequence[str], now: datetime) -> int:
        """Announce them again with fresh attempts; answers how many. Raises NotFound."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where alerts are sent: `id` is stable and says nothing secret."""

    id: str
    channel: str
    address: str = field(repr=False)
    secret: str | None = field(repr=False)


class Channel(Protocol):
    """A way to tell people of an alert."""

    def send(self, endpoint: Endpoint, event: Event) -> None:
        """Raises Rejected where it can never work, Retryable where it may work later."""


class Deliveries(Protocol):
    """Which endpoint has had which announcement."""

    def open(
        self, event_id: str, alert_id: str, endpoints: Sequence[str], at: datetime
    ) -> set[str]:
        """Start what is not there yet; answers the endpoints still to be served."""

    def note(
        self,
        event_id: str,
        endpoint: str,
        *,
        delivered: bool,
        reason: str,
        at: datetime,
    ) -> None:
        """Count an attempt and keep how it went; nothing takes a delivery back."""


class DeliveryStatus(StrEnum):
    """Whether an endpoint has an announcement."""

    PENDING = "pending"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class KeptDelivery:
    """How far one endpoint's delivery has come; `last_reason` is empty where it has it."""

    endpoint: str
    status: DeliveryStatus
    attempts: int
    last_reason: str
    updated_at: datetime


class AlertDeliveries(Protocol):
    """Who has heard of an alert, seen from those who only read."""

    def of_alert(self, alert_id: str) -> Sequence[KeptDelivery]:
        """One an endpoint, in the order of their names."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a list; `following` is the key of its last item, None on the last page."""

    items: Sequence[Item]
    following: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class KeptTransaction:
    """A payment as it is kept; what comes of the score is None until it has one."""

    transaction: Transaction
    status: TransactionStatus
    received_at: datetime
    score: Decimal | None
    risk_level: RiskLevel | None
    decision: Decision | None
    reasons: tuple[str, ...]
    alert_id: str | None
    scored_at: datetime | None


@dataclass(frozen=True, slots=True)
class TransactionFilter:
    """Which payments: `since` included, `until` excluded, both by when the payment occurred."""

    status: TransactionStatus | None = None
    sender_id: str | None = None
    risk_level: RiskLevel | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Which alerts."""

    severity: RiskLevel | None = None
    status: AlertStatus | None = None
    assignee: str | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of the last 24 hours by the time of scoring, and the alerts that wait now."""

    transactions: int
    amount_zar: Decimal
    mean_score: Decimal | None
    decisions: Mapping[Decision, int]
    declined_zar: Decimal
    waiting_for_score: int
    alerts_raised: int
    alerts_open: Mapping[RiskLevel, int]  # not resolved, by severity, however old


@dataclass(frozen=True, slots=True)
class TrendHour:
    """One hour of scores; an hour without payments has no mean."""

    hour: datetime
    transactions: int
    mean_score: Decimal | None
    alerts: int


class TransactionRecords(Protocol):
    """Payments, seen from those who only read."""

    def transactions(
        self, which: TransactionFilter, after: tuple[str, ...] | None, most: int
    ) -> Page[KeptTransaction]:
        """Newest first by when they occurred. Raises NoCursor where `after` is no key."""

    def transaction(self, transaction_id: str) -> KeptTransaction:
        """Raises NotFound."""

    def explanation(self, transaction_id: str) -> Mapping[str, Any]:
        """The receipt of the score. Raises NotFound, also while the payment waits for its score."""


class AlertRecords(Protocol):
    """Alerts, seen from those who only read."""

    def alerts(self, which: AlertFilter, after: tuple[str, ...] | None, most: int) -> Page[Alert]:
        """Newest first by when they were raised. Raises NoCursor where `after` is no key."""

    def alert(self, alert_id: str) -> Alert:
        """Raises NotFound."""


class LabelRecords(Protocol):
    """Labels, seen from those who only read and learn."""

    def of(self, transaction_id: str) -> Sequence[Label]:
        """All that was said of a payment, each source's words in their order."""

    def written(self, since: datetime, until: datetime) -> Iterable[Label]:
        """Every label, superseded ones too, in the order of writing; `until` is excluded.

        Whoever trains as of a moment reads until it, and so learns only what was known then.
        """

    def labelled(self, since: datetime, until: datetime) -> Iterable[Labelled]:
        """What each of these labels changed, in the same order: a history is rebuilt from it."""

    def outcomes(
        self, since: datetime, as_of: datetime
    ) -> Iterable[tuple[Transaction, KnownOutcome | None]]:
        """The payments that came since then, in order, and what each turned out to be.

        None where nobody could know as of that moment: a payment that nobody reviewed is genuine
        only once its chargeback window is over.
        """


class RuleRecords(Protocol):
    """Rules, seen from those who only read: the newest version of each."""

    def rules(
        self, after: tuple[str, ...] | None, most: int, *, active_only: bool
    ) -> Page[KeptRule]:
        """Newest first by when they were made. Raises NoCursor where `after` is no key."""

    def rule(self, rule_id: str) -> KeptRule:
        """The newest version. Raises NotFound."""


class DashboardRecords(Protocol):
    """The figures of all payments together."""

    def summary(self, now: datetime) -> Summary: ...

    def risk_trend(self, now: datetime) -> list[TrendHour]:
        """The last 24 full or begun hours, oldest first, every hour present."""


class ModelRegistry(Protocol):
    """Versions of models, kept for good, and which of them is promoted.

    Each method raises Malformed where a name is none, and where what is kept is not what it says.
    """

    def promoted(self, name: str) -> Pointer | None:
        """Which version is promoted; None before the first promotion. Cheap enough to poll."""

    def artefact(self, name: str, pointer: Pointer) -> ModelArtefact:
        """The version's manifest and model, both verified. Raises NotFound."""

    def current(self, name: str) -> ModelArtefact | None:
        """The promoted version, verified; None before the first promotion. Raises NotFound."""

    def publish(self, manifest: Manifest, files: Mapping[str, bytes]) -> None:
        """Keep a new version, which nobody sees before it is whole.

        Raises Malformed where the files are not the manifest's, and Conflict where it exists.
        """

    def promote(self, name: str, version: str) -> Pointer:
        """Point to a version that can be served.

        Raises NotFound where it is not published, StaleVersion where somebody else was faster.
        """

    def rollback(self, name: str) -> Pointer:
        """Point again to the version that was promoted before the promoted one.

        Raises NotFound where there is none, StaleVersion where somebody else was faster.
        """

    def manifest(self, name: str, version: str) -> Manifest:
        """What a published version says of itself. Raises NotFound."""

    def versions(self, name: str) -> Sequence[str]:
        """The published versions, in the order of their names: v10 comes after v9."""

    def close(self) -> None: ...
