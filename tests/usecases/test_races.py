"""Callers that race for the same payment: on a real database, whose locks decide."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from risksentinel.adapters.system_clock import new_id
from risksentinel.domain.label import Finding, LabelSource, Report
from risksentinel.domain.transaction import Rail
from risksentinel.events import report_due
from risksentinel.ports.stored_payment import StoredVerdict
from risksentinel.usecases.score_transactions import ScoreTransactions
from risksentinel.usecases.write_label import WriteLabel
from tests.stores import Store
from tests.strategies import NOW
from tests.usecases.payments import RISKY, paid

SOURCE = "/risksentinel/score"
CALLERS = 8


@pytest.fixture
def score_in_store(score: ScoreTransactions, store: Store) -> ScoreTransactions:
    """The use case on each of the stores."""
    return replace(score, ledger=store.ledger)


def at_once(call: Callable[[int], list[object]]) -> list[list[object]]:
    """The answers of eight callers at the same time."""
    with ThreadPoolExecutor(CALLERS) as threads:
        return list(threads.map(call, range(CALLERS)))


def test_racing_callers_get_one_verdict(store: Store, score_in_store: ScoreTransactions) -> None:
    """All callers read the verdict that the database accepted first."""
    batch = [paid(f"t{n}", RISKY, sender=f"S{n}") for n in range(20)]

    answers = at_once(lambda _: [*score_in_store(batch, SOURCE, {})])

    alert_ids = [[a.alert_id for a in run if isinstance(a, StoredVerdict)] for run in answers]
    created = [a for run in answers for a in run if isinstance(a, StoredVerdict) and a.created]
    assert all(ids == alert_ids[0] for ids in alert_ids)
    assert len(created) == len(store.alerts()) == len(store.audit()) == len(batch)
    assert store.outbox.depth() == 2 * len(batch)


def test_racing_callers_make_one_report_of_a_payment(
    store: Store, score_in_store: ScoreTransactions
) -> None:
    """A second report of one payment would be filed twice."""
    batch = [replace(paid(f"t{n}", "50000.00", sender=f"S{n}"), rail=Rail.CASH) for n in range(12)]

    at_once(lambda _: [*score_in_store(batch, SOURCE, {})])

    reports = store.reports()
    pending = store.outbox.lease(100, NOW, NOW)
    events = [each.event.id for each in pending if each.event.topic == report_due.TOPIC]
    assert sorted(each.report.transaction_id for each in reports) == sorted(p.id for p in batch)
    assert sorted(events) == sorted(f"{each.id}.due" for each in reports)


def test_racing_reports_of_labels_get_one_version_each(
    store: Store, score_in_store: ScoreTransactions
) -> None:
    """Two labels with one version number could not be ordered."""
    score_in_store([paid("p-1")], SOURCE, {})
    write = WriteLabel(store.ledger, lambda: NOW, SOURCE, new_id)
    findings = [Finding.FRAUD, Finding.GENUINE]

    at_once(
        lambda caller: [
            write(Report("p-1", LabelSource.ANALYST, findings[(caller + turn) % 2]), "thandi")
            for turn in range(2)
        ]
    )

    versions = [label.version for label in store.labels("p-1")]
    assert versions == [*range(1, len(versions) + 1)]
