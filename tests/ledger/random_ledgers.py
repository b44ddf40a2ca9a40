"""Random ledgers: entries of every kind in a random order, chained and anchored meanwhile."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

from hypothesis import strategies as st

from risksentinel.adapters.memory.history import MemoryHistory
from risksentinel.adapters.sql.alert_records import SqlAlertRecords
from risksentinel.assembly.account_erasure import erase_account
from risksentinel.assembly.alert_changes import change_alert
from risksentinel.assembly.container import Container
from risksentinel.assembly.label_changes import write_label
from risksentinel.assembly.rule_changes import write_list, write_rule
from risksentinel.assembly.scoring import score_transactions
from risksentinel.domain.alert import AlertChange
from risksentinel.domain.label import Finding, LabelSource, Report
from risksentinel.domain.named_list import EntryDraft
from risksentinel.events.sources import INGEST
from risksentinel.payment_formats.payment_document import document
from risksentinel.ports.alert_records import AlertFilter
from tests.fakes.meter import RememberingMeter
from tests.functions.caller import LARGE, PAYMENT, RULE
from tests.ledger.kept import anchored, chained, commit

TILE: Final = 256  # leaves


@dataclass(slots=True)
class Writer:
    """Writes entries with the use cases of the engine; each act has a number of its own."""

    container: Container
    payments: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    senders: set[str] = field(default_factory=set)

    def pay(self, number: int, stated: dict[str, Any] = PAYMENT) -> None:
        """Score a payment."""
        sender = f"acc-{number % 3}"
        read = document({**stated, "id": f"p-{number}", "sender_id": sender})
        payment = read.transaction(str, self.container.clock())
        history = MemoryHistory(timedelta(seconds=300))
        score_transactions(self.container, RememberingMeter(), history)([payment], INGEST, {})
        self.payments.append(payment.id)
        self.senders.add(sender)

    def alert(self, number: int) -> None:
        """Score a payment that raises an alert, and acknowledge it."""
        self.pay(number, LARGE)
        found = SqlAlertRecords(self.container.engine).alerts(AlertFilter(), None, 1000)
        (mine,) = [each for each in found.items if each.transaction_id == f"p-{number}"]
        change = AlertChange(assignee=f"analyst-{number}")
        change_alert(self.container)(mine.id, change, None, "thandi")

    def label(self, number: int) -> None:
        """Label a payment, if there is one."""
        if self.payments:
            name = self.payments[number % len(self.payments)]
            finding = (Finding.FRAUD, Finding.GENUINE)[number % 2]
            report = Report(name, LabelSource.CHARGEBACK, finding)
            write_label(self.container, INGEST)(report, "bank")

    def rule(self, number: int) -> None:
        """Write a rule; each second time change one."""
        write = write_rule(self.container)
        if number % 2 and self.rules:
            rule = self.rules[number % len(self.rules)]
            write.patch(rule, {"description": f"changed {number}"}, None, "thandi")
        else:
            made = write.create({**RULE, "name": f"rule {number}"}, "thandi")
            self.rules.append(made.id)

    def listed(self, number: int) -> None:
        """Write a list with an entry."""
        write = write_list(self.container)
        write.create(f"list-{number}", "", "thandi")
        write.put(f"list-{number}", EntryDraft(f"mule-{number}", "", None), "thandi")

    def operate(self, number: int) -> None:
        """An act of an operator, which no other row describes."""
        commit(self.container.engine, number)

    def fill_a_tile(self, number: int) -> None:
        """As many entries in one transaction as a tile has."""
        commit(self.container.engine, *range(number, number + TILE))

    def chain(self, _number: int) -> None:
        """Chain what is committed."""
        chained(self.container)

    def anchor(self, _number: int) -> None:
        """Chain, and store the head."""
        chained(self.container)
        anchored(self.container)

    def erase(self, _number: int) -> None:
        """Erase an account."""
        if self.senders:
            erase_account(self.container, self.senders.pop(), "operator:test", keep_reported=True)


_ACTS: Final = MappingProxyType(
    {
        name: getattr(Writer, name)
        for name in ("pay", "alert", "label", "rule", "listed", "operate", "chain", "anchor")
    }
)
_RARE: Final = MappingProxyType({"fill_a_tile": Writer.fill_a_tile, "erase": Writer.erase})
Act = Callable[[Writer, int], None]
names: Final = st.lists(st.sampled_from([*_ACTS, *_ACTS, *_ACTS, *_RARE]), min_size=1, max_size=10)


def written(container: Container, acts: Sequence[str]) -> Writer:
    """Write the entries of these acts after a payment and an operator's act, and chain them all."""
    writer, known = Writer(container), {**_ACTS, **_RARE}
    for number, name in enumerate(("operate", "pay", *acts, "chain")):
        known[name](writer, number)
    return writer
