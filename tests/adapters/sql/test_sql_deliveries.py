from datetime import timedelta

from sqlalchemy import Engine, select

from risksentinel.adapters.sql_deliveries import SqlDeliveries
from risksentinel.adapters.sql_engine import reading
from risksentinel.adapters.sql_tables import alert_deliveries
from tests.adapters.sql.samples import NOW

LATER = NOW + timedelta(minutes=1)
ENDPOINTS = ("desk", "pager")


def note(deliveries: SqlDeliveries, endpoint: str, *, delivered: bool, final: bool = False) -> None:
    """Note an attempt of the event ev-1."""
    reason = "" if delivered else "503"
    deliveries.note("ev-1", endpoint, delivered=delivered, final=final, reason=reason, at=LATER)


def test_every_endpoint_is_served_at_first(engine: Engine) -> None:
    """Nobody has heard of it yet."""
    deliveries = SqlDeliveries(engine)

    assert deliveries.open("ev-1", "a-1", ENDPOINTS, NOW) == {"desk", "pager"}
    assert deliveries.open("ev-2", "a-1", ["desk", "desk"], NOW) == {"desk"}
    assert deliveries.open("ev-3", "a-1", [], NOW) == set()


def test_a_repetition_serves_those_only_who_have_not_had_it(engine: Engine) -> None:
    """An analyst should not be woken twice because a colleague's pager was down."""
    deliveries = SqlDeliveries(engine)
    deliveries.open("ev-1", "a-1", ENDPOINTS, NOW)

    note(deliveries, "desk", delivered=True)
    note(deliveries, "pager", delivered=False)

    assert deliveries.open("ev-1", "a-1", (*ENDPOINTS, "new"), LATER) == {"pager", "new"}


def test_a_final_failure_ends_the_attempts(engine: Engine) -> None:
    """An address that is gone would be tried for ever."""
    deliveries = SqlDeliveries(engine)
    deliveries.open("ev-1", "a-1", ENDPOINTS, NOW)

    note(deliveries, "desk", delivered=False, final=True)

    assert deliveries.open("ev-1", "a-1", ENDPOINTS, LATER) == {"pager"}


def test_a_late_failure_takes_no_delivery_back(engine: Engine) -> None:
    """Two attempts can race, and one success is enough."""
    deliveries = SqlDeliveries(engine)
    deliveries.open("ev-1", "a-1", ["desk"], NOW)

    note(deliveries, "desk", delivered=True)
    note(deliveries, "desk", delivered=False)

    assert deliveries.open("ev-1", "a-1", ["desk"], LATER) == set()


def test_attempts_are_counted_with_the_last_reason(engine: Engine) -> None:
    """An operator must see why nobody heard of an alert."""
    deliveries = SqlDeliveries(engine)
    deliveries.open("ev-1", "a-1", ["desk"], NOW)

    note(deliveries, "desk", delivered=False)
    note(deliveries, "desk", delivered=False, final=True)

    with reading(engine) as connection:
        row = connection.execute(select(alert_deliveries)).one()
    assert (row.alert_id, row.status, row.attempts, row.last_reason) == ("a-1", "failed", 2, "503")
    assert (row.started_at, row.updated_at) == (NOW, LATER)
