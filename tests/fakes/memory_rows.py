"""MemoryRows: what an in-memory ledger stores; MemoryDatabase: its transactions."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock

from risksentinel.domain.alert import Alert
from risksentinel.domain.label import Label
from risksentinel.domain.policy_version import PolicyVersion
from risksentinel.domain.report_filing import StoredReport
from risksentinel.domain.revision import Revision
from risksentinel.domain.shadowed import Shadowed
from risksentinel.domain.transaction import Transaction
from risksentinel.domain.verdict import Scored
from risksentinel.events.event import Event
from risksentinel.ports.ledger import AuditEntry
from risksentinel.ports.publishing import DeadLetter
from risksentinel.rules.rule import StoredRule


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """An event in the outbox; `held_until` is the end of its lease or of its wait."""

    event: Event
    attempts: int = 0
    held_until: datetime | None = None


@dataclass(slots=True)
class MemoryRows:
    """Everything that a ledger stores. The order of a mapping is the order of writing."""

    payments: dict[str, Transaction] = field(default_factory=dict)
    verdicts: dict[str, Scored] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    reports: dict[str, StoredReport] = field(default_factory=dict)
    labels: list[Label] = field(default_factory=list)
    rules: dict[str, list[StoredRule]] = field(default_factory=dict)  # all versions of each
    policies: list[PolicyVersion] = field(default_factory=list)
    shadowed: list[Shadowed] = field(default_factory=list)
    revisions: dict[str, Revision] = field(default_factory=dict)
    audit: list[AuditEntry] = field(default_factory=list)
    outbox: dict[int, OutboxRow] = field(default_factory=dict)  # by number
    letters: dict[int, DeadLetter] = field(default_factory=dict)
    last_number: int = 0  # of the outbox

    def copy(self) -> "MemoryRows":
        """The same rows, to be changed without changing these."""
        return replace(
            self,
            payments=dict(self.payments),
            verdicts=dict(self.verdicts),
            alerts=dict(self.alerts),
            reports=dict(self.reports),
            labels=list(self.labels),
            rules={name: list(versions) for name, versions in self.rules.items()},
            policies=list(self.policies),
            shadowed=list(self.shadowed),
            revisions=dict(self.revisions),
            audit=list(self.audit),
            outbox=dict(self.outbox),
            letters=dict(self.letters),
        )

    def add_events(self, events: "list[Event]") -> None:
        """Put events into the outbox, each under a number that was never used before."""
        for event in events:
            self.last_number += 1
            self.outbox[self.last_number] = OutboxRow(event)


class MemoryDatabase:
    """The committed rows. One transaction at a time; readers see committed rows only."""

    def __init__(self) -> None:
        self.committed = MemoryRows()
        self._writing = Lock()

    @contextmanager
    def transaction(self) -> Iterator[MemoryRows]:
        """Rows to change: they are committed at the end of the block, or dropped on an error."""
        with self._writing:
            rows = self.committed.copy()
            yield rows
            self.committed = rows
