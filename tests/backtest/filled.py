"""A database that the engine itself filled, and the same past decided by a backtest."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import Engine

from risksentinel.adapters.memory.history import MemoryHistory
from risksentinel.adapters.sql.kept_payments import SqlKeptPayments
from risksentinel.adapters.sql.label_records import SqlLabelRecords
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.past_payments import Lateness, Period, SqlPast
from risksentinel.domain.label import CHARGEBACK_WINDOW, Finding, LabelSource, Report
from risksentinel.domain.transaction import EARLIEST, Transaction
from risksentinel.ports.history import History
from risksentinel.rules.rule import Rule
from risksentinel.scoring.partitions.in_order import InOrder
from risksentinel.scoring.partitions.past_events import PastPayment
from risksentinel.scoring.partitions.past_outcome import PastOutcome
from risksentinel.scoring.policy import Policy
from risksentinel.usecases.decide_past import DecidePast
from risksentinel.usecases.decide_payments import DecidePayments
from risksentinel.usecases.gather_facts import Scoring
from risksentinel.usecases.score_transactions import ScoreTransactions
from risksentinel.usecases.write_label import WriteLabel
from tests.fakes.meter import RememberingMeter
from tests.fakes.scoring import RULES, FixedLists, FixedModel, FixedRules
from tests.strategies import NOW

POLICY = Policy(max_lateness_seconds=86_400)
AGES = timedelta(days=400)


@dataclass
class Engined:
    """The engine on a database, with a clock of its own."""

    engine: Engine
    policy: Policy = POLICY
    now: datetime = NOW
    rules: Sequence[Rule] = RULES
    _ids: "count[int]" = field(default_factory=count)

    def __post_init__(self) -> None:
        window = timedelta(seconds=self.policy.velocity_window_seconds)
        kept = SqlKeptPayments(self.engine, self.clock, AGES)
        self.history = MemoryHistory(window, kept=kept)
        self.ledger = SqlLedger(self.engine)
        self.score = ScoreTransactions(
            DecidePayments(scoring(self.policy, self.history, self.rules)),
            self.ledger,
            self.clock,
            self.new_id,
        )

    def clock(self) -> datetime:
        """The time now."""
        return self.now

    def new_id(self) -> str:
        """An id of an alert or a report."""
        return f"i{next(self._ids)}"

    def pay(self, batch: Sequence[Transaction], *, learn_only: bool = False) -> None:
        """Score one request."""
        self.score(batch, "tests", {}, learn_only=learn_only)

    def label(self, payment: str, source: LabelSource, finding: Finding) -> None:
        """Write a label, which the history learns at once."""
        write = WriteLabel(self.ledger, self.clock, "tests", self.new_id)
        written = write(Report(payment, source, finding), "analyst")
        if written.new is not None:
            changes = self.labels().changes([written.new])
            change = changes[written.new.reference]
            if change.before is not change.standing:
                self.history.label([change])

    def labels(self) -> SqlLabelRecords:
        """The stored labels."""
        return SqlLabelRecords(self.engine, CHARGEBACK_WINDOW)

    def past(self, since: datetime = EARLIEST, warm_since: datetime = EARLIEST) -> SqlPast:
        """What the engine did so far."""
        until = self.now + timedelta(seconds=1)
        bound = timedelta(seconds=self.policy.max_lateness_seconds or 0)
        return SqlPast(
            self.engine,
            Period(warm_since, since, until),
            Lateness(bound, bound),
            list(self.labels().labelled(EARLIEST, until)),
        )


def scoring(policy: Policy, history: History, rules: Sequence[Rule] = RULES) -> Scoring:
    """The default rules or others, no model and no lists."""
    return Scoring(
        FixedRules(rules, policy), history, FixedModel(), policy, RememberingMeter(), FixedLists()
    )


def decided_again(past: SqlPast, policy: Policy = POLICY) -> list[tuple[PastPayment, PastOutcome]]:
    """The past, decided by the policy."""
    window = policy.velocity_window_seconds
    history = MemoryHistory(timedelta(seconds=window))  # never asked
    decide = InOrder(DecidePast(scoring(policy, history)), window)
    events = list(past.events())
    return [
        pair for begin in range(0, len(events), 7) for pair in decide(events[begin : begin + 7])
    ]


def moment(day: int, seconds: int = 0) -> datetime:
    """A time of the tests' past."""
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day, seconds=seconds)
