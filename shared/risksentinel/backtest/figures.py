"""Figures of one policy: what it decided, what it found, and which customers it disturbed."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal as Exact
from typing import Any, Final

import numpy as np

from risksentinel.backtest.tables import CODES, Both, Columns, Ints, named
from risksentinel.domain.verdict import Decision
from risksentinel.domain.wilson import wilson

RULE: Final = "rule"
ESCALATION: Final = "escalation"
_LISTS: Final[Mapping[str, str]] = {RULE: "rules", ESCALATION: "escalations"}


@dataclass(slots=True)
class Ground:
    """One rule, or one escalation, and the payments that it applied to."""

    payments: int = 0
    flagged: int = 0  # of them, not approved
    fraud: int = 0
    genuine: int = 0
    fraud_cents: int = 0

    def add(self, both: Both, columns: Columns, places: Ints) -> None:
        """Count the payments at these places."""
        fraud = both.fraud[places]
        self.payments += len(places)
        self.flagged += int(columns.flagged[places].sum())
        self.fraud += int(fraud.sum())
        self.genuine += int(both.genuine[places].sum())
        self.fraud_cents += int(both.cents[places][fraud].sum())

    def row(self) -> dict[str, Any]:
        """The counts; `precision` is of the labelled payments."""
        labelled = self.fraud + self.genuine
        return {
            "payments": self.payments,
            "flagged": self.flagged,
            "labelled_fraud": self.fraud,
            "labelled_genuine": self.genuine,
            "unlabelled": self.payments - labelled,
            "precision": share(self.fraud, labelled),
            "fraud_zar": rand(self.fraud_cents),
        }


@dataclass(slots=True)
class Figures:
    """Counts over all segments; a payment that is reviewed or declined is flagged."""

    decisions: Counter[str] = field(default_factory=Counter)
    alerts: int = 0
    alerts_by_day: Counter[int] = field(default_factory=Counter)
    frauds_flagged: int = 0
    genuine_flagged: int = 0
    unlabelled_flagged: int = 0
    saved_cents: Counter[str] = field(default_factory=Counter)  # of labelled fraud, by decision
    customers_hit: set[str] = field(default_factory=set)
    grounds: dict[tuple[str, str], Ground] = field(default_factory=dict)

    def add(self, both: Both, columns: Columns) -> None:
        """Count one segment."""
        flagged = columns.flagged
        for decision in Decision:
            mine = columns.decisions == CODES[decision]
            self.decisions[decision] += int(mine.sum())
            self.saved_cents[decision] += int(both.cents[mine & both.fraud].sum())
        self.alerts += int(columns.alerts.sum())
        days, counts = np.unique(both.days[columns.alerts], return_counts=True)
        self.alerts_by_day.update(dict(zip(days.tolist(), counts.tolist(), strict=True)))
        self.frauds_flagged += int((flagged & both.fraud).sum())
        hit = flagged & both.genuine
        self.genuine_flagged += int(hit.sum())
        self.unlabelled_flagged += int((flagged & ~both.fraud & ~both.genuine).sum())
        senders = columns.table.column("sender_id").take(np.flatnonzero(hit)).to_pylist()
        self.customers_hit.update(senders)
        for kind, column in _LISTS.items():
            for name, places in named(columns, column):
                self.grounds.setdefault((kind, name), Ground()).add(both, columns, places)

    def row(self, frauds: int, days: int) -> dict[str, Any]:
        """The figures; `frauds` is the number of labelled frauds, `days` that of calendar days."""
        found, labelled = self.frauds_flagged, self.frauds_flagged + self.genuine_flagged
        declined = self.saved_cents[Decision.DECLINE]
        reviewed = self.saved_cents[Decision.REVIEW]
        return {
            "decisions": {each.value: self.decisions[each] for each in Decision},
            "alerts": self.alerts,
            "alerts_a_day": round(self.alerts / days, 4) if days else None,
            "busiest_day_alerts": max(self.alerts_by_day.values(), default=0),
            "precision": share(found, labelled),
            "recall": share(found, frauds),
            "frauds_caught": found,
            "frauds_missed": frauds - found,
            "genuine_payments_hit": self.genuine_flagged,
            "good_customers_hit": len(self.customers_hit),
            "flagged_without_label": self.unlabelled_flagged,
            "zar_saved": rand(declined + reviewed),
            "zar_saved_declined": rand(declined),
            "zar_saved_reviewed": rand(reviewed),
            "zar_missed": rand(self.saved_cents[Decision.APPROVE]),
        }


def share(hits: int, of: int) -> dict[str, Any]:
    """A share as in the report, with its interval and its counts."""
    return {**wilson(hits, of)._asdict(), "hits": hits, "of": of}


def rand(cents: int) -> str:
    """An exact amount."""
    return str(Exact(cents).scaleb(-2))
