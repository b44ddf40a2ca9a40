"""Comparison: both policies over all payments, and what the candidate changes."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from risksentinel.backtest.figures import Figures, rand
from risksentinel.backtest.inputs import CANDIDATE, COMPARED
from risksentinel.backtest.tables import Both
from risksentinel.domain.local_day import date_of
from risksentinel.domain.verdict import Decision

EXAMPLES: Final = 20  # of each kind, the largest amounts
_APPROVED: Final = Decision.APPROVE.value
Row = dict[str, Any]
OnChange = Callable[[Iterable[Row]], None]

KINDS: Final[Mapping[str, str]] = {
    "newly_caught": "labelled fraud that the candidate stops, and the other policy approves",
    "newly_missed": "labelled fraud that the candidate approves, and the other policy stops",
    "newly_hit": "labelled genuine that the candidate stops, and the other policy approves",
    "newly_spared": "labelled genuine that the candidate approves, and the other policy stops",
    "newly_flagged": "without label: the candidate stops it, and the other policy approves it",
    "newly_released": "without label: the candidate approves it, and the other policy stops it",
    "other_decision": "both policies stop it: one reviews it, the other declines it",
    "other_alert": "the same decision: one policy raises an alert, and the other does not",
}
_STOPPED: Final = {True: "newly_caught", False: "newly_hit", None: "newly_flagged"}
_APPROVES: Final = {True: "newly_missed", False: "newly_spared", None: "newly_released"}


@dataclass(slots=True)
class Changed:
    """The changed payments of one kind: how many, their sum, and the largest as examples."""

    payments: int = 0
    cents: int = 0
    _largest: list[tuple[int, int, Row]] = field(default_factory=list)

    def add(self, row: Row) -> None:
        """Count one; of equal amounts the earlier one is kept."""
        self.payments += 1
        self.cents += row["cents"]
        heapq.heappush(self._largest, (row["cents"], -row["order"], row))
        if len(self._largest) > EXAMPLES:
            heapq.heappop(self._largest)

    @property
    def examples(self) -> list[Row]:
        """The largest first."""
        return [row for _, _, row in sorted(self._largest, reverse=True)]


@dataclass(slots=True)
class Comparison:
    """Adds up segments; memory depends on the number of customers that are hit, and of days."""

    payments: int = 0
    frauds: int = 0
    genuine: int = 0
    fraud_cents: int = 0
    good_customers: set[str] = field(default_factory=set)
    payments_by_day: Counter[int] = field(default_factory=Counter)
    figures: dict[str, Figures] = field(
        default_factory=lambda: {CANDIDATE: Figures(), COMPARED: Figures()}
    )
    decisions: Counter[tuple[str, str]] = field(default_factory=Counter)  # compared, candidate
    changes: dict[str, Changed] = field(default_factory=lambda: {name: Changed() for name in KINDS})

    def add(self, both: Both, on_change: OnChange) -> None:
        """Add one segment; `on_change` gets a row for each payment that is changed."""
        self.payments += len(both.cents)
        self.frauds += int(both.fraud.sum())
        self.genuine += int(both.genuine.sum())
        self.fraud_cents += int(both.cents[both.fraud].sum())
        days, counts = np.unique(both.days, return_counts=True)
        self.payments_by_day.update(dict(zip(days.tolist(), counts.tolist(), strict=True)))
        genuine = both.candidate.table.column("sender_id").take(np.flatnonzero(both.genuine))
        self.good_customers.update(genuine.to_pylist())
        self.figures[CANDIDATE].add(both, both.candidate)
        self.figures[COMPARED].add(both, both.compared)
        every = list(Decision)
        codes = both.compared.decisions * len(every) + both.candidate.decisions
        for code, count in zip(*np.unique(codes, return_counts=True), strict=True):
            before, after = divmod(int(code), len(every))
            self.decisions[every[before].value, every[after].value] += int(count)
        rows = [_row(ours, theirs) for ours, theirs in both.rows(both.changed)]
        for row in rows:
            self.changes[row["kind"]].add(row)
        on_change(rows)

    @property
    def days(self) -> int:
        """The number of calendar days with payments: old payments that came late add few."""
        return len(self.payments_by_day)

    def by_day(self) -> list[Row]:
        """The payments and alerts of each day in South Africa."""
        return [
            {
                "day": date_of(day).isoformat(),
                "payments": self.payments_by_day[day],
                **{f"alerts_{side}": of.alerts_by_day[day] for side, of in self.figures.items()},
            }
            for day in sorted(self.payments_by_day)
        ]


def _row(ours: Row, theirs: Row) -> Row:
    return {
        "kind": _kind(ours, theirs),
        "order": ours["order"],
        "id": ours["id"],
        "received_at": ours["at"],
        "occurred_at": ours["occurred_at"],
        "sender_id": ours["sender_id"],
        "receiver_id": ours["receiver_id"],
        "channel": ours["channel"],
        "cents": ours["cents"],
        "amount_zar": rand(ours["cents"]),
        "fraud": ours["fraud"],
        **_said(CANDIDATE, ours),
        **_said(COMPARED, theirs),
    }


def _said(side: str, row: Row) -> Row:
    return {
        f"{side}_decision": row["decision"],
        f"{side}_score": row["score"] / 10_000,
        f"{side}_alert": row["alert"],
        f"{side}_rules": row["rules"],
        f"{side}_escalations": row["escalations"],
        f"{side}_reasons": row["reasons"],
    }


def _kind(ours: Row, theirs: Row) -> str:
    mine, other = ours["decision"], theirs["decision"]
    if mine == other:
        return "other_alert"
    if other == _APPROVED:
        return _STOPPED[ours["fraud"]]
    return _APPROVES[ours["fraud"]] if mine == _APPROVED else "other_decision"
