"""RecordRead: a person or a key that reads unmasked account numbers leaves an audit entry."""

from dataclasses import dataclass

from risksentinel.domain.access import LOCAL, Principal, Right
from risksentinel.ports.environment import Clock
from risksentinel.ports.ledger import AuditEntry, Ledger


@dataclass(frozen=True, slots=True)
class RecordRead:
    """Writes the entry before the response is sent: a read that is not recorded is not answered.

    Without authentication there is no entry, as it would name no one.
    """

    ledger: Ledger
    clock: Clock

    def __call__(self, caller: Principal, kind: str, subject_id: str) -> None:
        """Record that the caller reads a payment, an alert, a report or a list in full."""
        if caller is LOCAL or not caller.may(Right.READ_ACCOUNTS):
            return
        entry = AuditEntry(self.clock(), caller.name, "accounts.read", kind, subject_id, {})
        with self.ledger.unit() as unit:
            unit.audit([entry])
