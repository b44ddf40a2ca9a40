"""What SqlOutbox offers beyond `ports.Outbox`: topics, and the end of every lease at a start."""

from datetime import timedelta

from sqlalchemy import Engine

from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.outbox import SqlOutbox
from risksentinel.events.event import Event
from risksentinel.ports.publishing import PendingEvent
from tests.adapters.sql.samples import NOW, event

SOON = NOW + timedelta(seconds=30)
LATER = NOW + timedelta(seconds=60)


def enqueue(engine: Engine, *enqueued: Event) -> SqlOutbox:
    """Put events into the outbox."""
    with SqlLedger(engine).unit() as unit:
        unit.enqueue(enqueued)
    return SqlOutbox(engine)


def names(pending: list[PendingEvent]) -> list[str]:
    """The ids of the events."""
    return [each.event.id for each in pending]


def test_an_outbox_of_some_topics_leases_no_other(engine: Engine) -> None:
    """A slow webhook must not delay the scores."""
    enqueue(
        engine,
        event("ev-1", "acc-1", topic="alerts.raised"),
        event("ev-2", "acc-1", topic="transactions.received"),
    )

    scores = SqlOutbox(engine, ("transactions.received",)).lease(9, NOW, SOON)
    rest = SqlOutbox(engine).lease(9, NOW, SOON)

    assert names(scores) == ["ev-2"]
    assert names(rest) == ["ev-1"]


def test_a_start_frees_what_a_crash_left_leased_and_keeps_the_order(engine: Engine) -> None:
    """At the start no other relay runs, and waiting half a minute would be useless."""
    outbox = enqueue(engine, event("ev-1", "acc-1"), event("ev-2", "acc-1"))
    outbox.lease(1, NOW, LATER)
    assert outbox.lease(9, NOW, LATER) == []

    outbox.free()

    assert names(outbox.lease(9, NOW, LATER)) == ["ev-1"]
