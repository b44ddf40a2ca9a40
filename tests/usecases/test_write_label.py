from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

import pytest

from risksentinel.adapters.system_clock import new_id
from risksentinel.domain.label import Finding, Label, LabelSource, Report
from risksentinel.domain.reviewed import Labelled
from risksentinel.domain.transaction import Transaction
from risksentinel.errors import NotFound
from risksentinel.events import transaction_labelled
from risksentinel.ports.ledger import Ledger
from risksentinel.usecases.remember_labels import RememberLabels
from risksentinel.usecases.score_transactions import ScoreTransactions
from risksentinel.usecases.write_label import WriteLabel
from tests.stores import Store
from tests.strategies import NOW
from tests.usecases.payments import paid

LATER = NOW + timedelta(days=1)
CHARGEBACK = Report("p-1", LabelSource.CHARGEBACK, Finding.FRAUD, NOW + timedelta(hours=1))
Keep = Callable[[Sequence[Transaction]], object]


@pytest.fixture
def keep(score: ScoreTransactions) -> Keep:
    """Scores payments, so that they are stored."""
    return lambda batch: score(batch, "/s", {})


@pytest.fixture
def write(ledger: Ledger) -> WriteLabel:
    """The use case, a day later."""
    return WriteLabel(ledger, lambda: LATER, "/risksentinel/ingest", new_id)


def test_a_label_its_audit_entry_and_its_event_are_one_commit(
    memory: Store, keep: Keep, write: WriteLabel
) -> None:
    """Training, the audit log and the history must never disagree about a label."""
    keep([paid("p-1")])

    label = write(CHARGEBACK, "visa").new

    assert label is not None
    assert memory.labels("p-1") == [label]
    assert label.occurred_at == paid("p-1").occurred_at
    (entry,) = [each for each in memory.audit() if each.action == "transaction.labelled"]
    pending = memory.outbox.lease(9, LATER, LATER)
    (event,) = [each.event for each in pending if each.event.topic == transaction_labelled.TOPIC]
    assert (entry.actor, entry.subject_id, entry.details["finding"]) == ("visa", "p-1", "fraud")
    assert event.key == "A"
    enqueued = transaction_labelled.decode(event.data)
    assert enqueued == Labelled(paid("p-1"), label, None, Finding.FRAUD)


def test_the_same_label_again_changes_nothing(memory: Store, keep: Keep, write: WriteLabel) -> None:
    """A redelivery must not look like a second report."""
    keep([paid("p-1")])
    first = write(CHARGEBACK, "visa")

    again = write(CHARGEBACK, "visa")

    assert again.new is None
    assert again.reviewed == first.reviewed
    assert len(memory.labels("p-1")) == 1


def test_contrary_labels_are_both_kept_and_an_analyst_decides(
    memory: Store, keep: Keep, write: WriteLabel
) -> None:
    """A forged label, or a representment that the merchant won: a person must find out which."""
    keep([paid("p-1")])
    write(CHARGEBACK, "visa")
    won = Report("p-1", LabelSource.CHARGEBACK, Finding.GENUINE, LATER)

    contrary = write(won, "visa").reviewed
    (alert,) = memory.alerts()
    decided = write(Report("p-1", LabelSource.ANALYST, Finding.GENUINE), "thandi").reviewed

    assert (contrary.standing, contrary.in_conflict) == (None, True)
    assert "contradict" in alert.reasons[0]
    assert [(label.version, label.finding) for label in memory.labels("p-1")[1:]] == [
        (1, Finding.FRAUD),
        (2, Finding.GENUINE),
    ]
    assert decided.standing is not None
    assert decided.standing.source is LabelSource.ANALYST


def test_a_payment_that_is_not_kept_is_not_found(write: WriteLabel) -> None:
    """A label without its payment has no use in training."""
    with pytest.raises(NotFound):
        write(CHARGEBACK, "visa")


def test_a_history_receives_only_labels_that_change_a_payment(
    keep: Keep, write: WriteLabel
) -> None:
    """An analyst's label after a chargeback must not count the fraud twice."""
    keep([paid("p-1")])
    heard: list[Labelled] = []

    class Memory:
        def label(self, batch: Sequence[Labelled]) -> None:
            heard.extend(batch)

    before = write(CHARGEBACK, "visa").reviewed
    analyst = write(Report("p-1", LabelSource.ANALYST, Finding.FRAUD), "thandi").new
    assert analyst is not None

    change = before.labelled(analyst)

    class Stored:
        def changes(self, labels: Sequence[Label]) -> Mapping[str, Labelled]:
            return {label.reference: change for label in labels}

    RememberLabels(Stored(), Memory())([change])

    assert heard == []
