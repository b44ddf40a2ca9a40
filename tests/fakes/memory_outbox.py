"""The outbox and the dead letters of a MemoryDatabase."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from risksentinel.errors import NotFound
from risksentinel.ports.publishing import DeadLetter, Delivery, PendingEvent
from tests.fakes.memory_rows import MemoryDatabase, OutboxRow


@dataclass(frozen=True, slots=True)
class InMemoryOutbox:
    """Meets `ports.Outbox`."""

    database: MemoryDatabase

    def lease(self, most: int, now: datetime, until: datetime) -> list[PendingEvent]:
        """Take the oldest due events; an event waits while an earlier one of its key does."""
        leased: list[PendingEvent] = []
        blocked: set[tuple[str, str]] = set()
        with self.database.transaction() as rows:
            for number, row in rows.outbox.items():
                key = (row.event.topic, row.event.key)
                if row.held_until is not None and row.held_until > now:
                    blocked.add(key)
                elif key not in blocked and len(leased) < most:
                    leased.append(PendingEvent(number, row.event, row.attempts, until))
                    rows.outbox[number] = replace(row, held_until=until)
        return leased

    def settle(
        self,
        delivered: Sequence[int],
        postponed: Mapping[int, datetime],
        dead: Mapping[int, Delivery],
        now: datetime,
    ) -> None:
        """End a lease: remove the delivered, count and date the postponed, bury the dead."""
        with self.database.transaction() as rows:
            for number, due in postponed.items():
                if number in rows.outbox:
                    row = rows.outbox[number]
                    rows.outbox[number] = OutboxRow(row.event, row.attempts + 1, due)
            for number in delivered:
                rows.outbox.pop(number, None)
            for number, delivery in dead.items():
                gone = rows.outbox.pop(number, None)
                if gone is not None:
                    rows.letters[number] = _letter(number, gone, delivery, now)

    def release(self, numbers: Sequence[int]) -> None:
        """End a lease without an attempt counted."""
        with self.database.transaction() as rows:
            for number in numbers:
                if number in rows.outbox:
                    rows.outbox[number] = replace(rows.outbox[number], held_until=None)

    def depth(self) -> int:
        """How many events wait, the leased ones included."""
        return len(self.database.committed.outbox)


@dataclass(frozen=True, slots=True)
class InMemoryDeadLetters:
    """Meets `ports.DeadLetters`."""

    database: MemoryDatabase

    def list(self, topic: str | None, most: int) -> list[DeadLetter]:
        """Newest first."""
        letters = self.database.committed.letters.values()
        wanted = [each for each in letters if topic is None or each.event.topic == topic]
        wanted.sort(key=lambda each: (each.died_at, int(each.id)), reverse=True)
        return wanted[:most]

    def show(self, letter_id: str) -> DeadLetter:
        """The letter. Raises NotFound."""
        for letter in self.database.committed.letters.values():
            if letter.id == letter_id:
                return letter
        raise NotFound("there is no such dead letter")

    def replay(self, letter_ids: Sequence[str], now: datetime) -> int:
        """Put them into the outbox again, in their old order, all of them or none.

        Raises:
            NotFound: one of them is not there.
        """
        assert now.tzinfo is not None
        with self.database.transaction() as rows:
            letters = sorted({int(self.show(name).id) for name in letter_ids})
            rows.add_events([rows.letters.pop(number).event for number in letters])
        return len(letters)


def _letter(number: int, row: OutboxRow, delivery: Delivery, now: datetime) -> DeadLetter:
    return DeadLetter(str(number), row.event, delivery.reason, delivery.code, row.attempts + 1, now)
