"""AnchorLedger: stores the signed head of the ledger outside the database."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from risksentinel.domain.ledger_entry import Head
from risksentinel.ports.environment import Clock
from risksentinel.ports.ledger_log import Anchors, HeadSigner, LedgerLog

INTERVAL: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class AnchorLedger:
    """An anchor is never overwritten: an older head than an anchor shows that entries are gone."""

    log: LedgerLog
    anchors: Anchors
    signer: HeadSigner | None
    clock: Clock

    def __call__(self) -> Head:
        """Anchor the head of all chained entries. Raises Unavailable."""
        head = self.log.head()
        if head.size:
            self.anchors.add(head, None if self.signer is None else self.signer.public)
            self.log.keep(head)
        return head

    def if_due(self) -> Head | None:
        """Anchor the head if the newest anchor is an hour old, and entries followed it."""
        last, head = self.log.anchored(), self.log.head()
        grown = head.size > (0 if last is None else last.size)
        if not grown or (last is not None and self.clock() - last.at < INTERVAL):
            return None
        return self()
