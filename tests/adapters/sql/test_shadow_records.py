"""The comparison of a version in shadow, on SQLite and PostgreSQL."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from risksentinel.adapters.sql import shadow_records
from risksentinel.adapters.sql.engine import open_engine
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.shadow_records import SqlShadowRecords
from risksentinel.domain.label import Finding, Label, LabelSource
from risksentinel.domain.shadowed import Outcome, Shadowed
from risksentinel.domain.verdict import Decision
from tests.adapters.sql.emptied import emptied
from tests.strategies import NOW
from tests.usecases.payments import paid

LOW = Outcome(Decision.APPROVE, Decimal("0.1000"), alert=False)
HIGH = Outcome(Decision.REVIEW, Decimal("0.8000"), alert=True)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine on a migrated database."""
    engine = open_engine(request.getfixturevalue(f"{request.param}_url"))
    yield engine
    engine.dispose()


@pytest.fixture
def engine(shared: Engine) -> Engine:
    """An engine on an empty database."""
    return emptied(shared)


def decided(name: str, live: Outcome, shadow: Outcome, *, revision: int = 2) -> Shadowed:
    """A payment of R 100 that both versions decided; t10 is ten hours after t0."""
    return Shadowed(
        version=2,
        revision=revision,
        live_version=1,
        transaction_id=name,
        sender_id="A",
        amount=Decimal("100.00"),
        live=live,
        shadow=shadow,
        reasons=("a reason",),
        scored_at=NOW + timedelta(hours=int(name[1:])),
    )


def stored(engine: Engine, decisions: list[Shadowed], labels: dict[str, Finding]) -> None:
    """Store decisions in shadow, their payments, and labels."""
    with SqlLedger(engine).unit() as unit:
        unit.receive([paid(name) for name in labels], NOW)
        unit.keep_shadowed(decisions)
        for name, finding in labels.items():
            unit.write_label(Label(name, LabelSource.ANALYST, 1, finding, "thandi", NOW, NOW, NOW))


def test_a_version_that_never_decided_has_no_payments(engine: Engine) -> None:
    """The reader sees that there is nothing to compare."""
    found = SqlShadowRecords(engine).comparison(2)

    assert (found.payments, found.since, found.examples, found.complete) == (0, None, (), True)


def test_decisions_are_counted_with_labels_and_examples(engine: Engine) -> None:
    """What an operator promotes by: what is newly caught, missed, hit and spared."""
    fraud, genuine = Finding.FRAUD, Finding.GENUINE
    stored(
        engine,
        [
            decided("t0", LOW, LOW),
            decided("t1", LOW, HIGH),
            decided("t2", HIGH, LOW),
            decided("t3", LOW, HIGH),
            decided("t4", HIGH, LOW),
            decided("t5", LOW, HIGH),
            decided("t48", HIGH, HIGH),
        ],
        {"t1": fraud, "t2": fraud, "t3": genuine, "t4": genuine, "t48": fraud},
    )

    found = SqlShadowRecords(engine).comparison(2)

    assert (found.payments, found.agreements) == (7, 2)
    assert (found.caught, found.missed, found.hit, found.spared) == (1, 1, 1, 1)
    assert (found.live_alerts, found.alerts, found.days) == (3, 4, 2.0)
    assert {each.payments: each.amount for each in found.counts} == {
        1: Decimal("100.00"),
        2: Decimal("200.00"),
        3: Decimal("300.00"),
    }
    assert [(each.transaction_id, each.fraud) for each in found.examples] == [
        ("t5", None),
        ("t4", False),
        ("t3", False),
        ("t2", True),
        ("t1", True),
    ]
    assert found.examples[0].shadow == HIGH


def test_only_the_newest_time_in_shadow_counts(engine: Engine) -> None:
    """A draft that was edited in between is another policy."""
    stored(engine, [decided("t0", LOW, HIGH), decided("t1", LOW, LOW, revision=5)], {})

    found = SqlShadowRecords(engine).comparison(2)

    assert (found.payments, found.agreements) == (1, 1)


def test_a_comparison_says_when_it_did_not_read_every_label(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bounded answer must not look complete."""
    monkeypatch.setattr(shadow_records, "MAX_LABELLED", 1)
    labels = {"t1": Finding.FRAUD, "t2": Finding.FRAUD}
    stored(engine, [decided("t1", LOW, HIGH), decided("t2", LOW, HIGH)], labels)

    found = SqlShadowRecords(engine).comparison(2)

    assert (found.caught, found.complete) == (1, False)
