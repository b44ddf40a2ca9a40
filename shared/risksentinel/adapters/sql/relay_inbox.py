"""RelayInbox: what a process does with its committed events; the ledger hands them over."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from risksentinel.events.event import Event
from risksentinel.ports.publishing import PendingEvent


class RelayInbox(Protocol):
    """The relay of this process, as the ledger uses it."""

    def carries(self, topic: str) -> bool:
        """Whether anything takes the events of the topic; otherwise they need not be made."""

    def stores(self, topic: str) -> bool:
        """Whether the outbox stores the events of the topic until they are delivered."""

    def lease(self) -> datetime | None:
        """The end of the lease for events of this commit; None while the relay has too many."""

    def committed(
        self, leased: Sequence[PendingEvent], waiting: Collection[str], unstored: Sequence[Event]
    ) -> None:
        """Take the events of a commit.

        `leased` are held for this process. `waiting` are the topics of events that are only in the
        outbox. `unstored` are the events of topics that the outbox does not store.
        """
