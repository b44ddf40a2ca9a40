"""Container: the ports and use cases of one process, each built once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Final

from risksentinel.adapters.sql.engine import open_engine
from risksentinel.adapters.sql.schema import schema_is_current
from risksentinel.adapters.system_clock import new_id, now
from risksentinel.assembly.lazy_publisher import LazyPublisher
from risksentinel.ports.environment import Clock, NewId, WakeUp
from risksentinel.settings import Settings
from risksentinel.telemetry.tracing import traced_publisher

# A function asks for some of these parts, and imports no other: see tests of import budgets.
if TYPE_CHECKING:
    from sqlalchemy import Engine

    from risksentinel.adapters.kafka.sender import KafkaSender
    from risksentinel.adapters.models.cached_fraud_model import CachedFraudModel
    from risksentinel.adapters.sql.alert_records import SqlAlertRecords
    from risksentinel.adapters.sql.dashboard_records import SqlDashboardRecords
    from risksentinel.adapters.sql.deliveries import SqlDeliveries
    from risksentinel.adapters.sql.label_records import SqlLabelRecords
    from risksentinel.adapters.sql.ledger import RelayInbox, SqlLedger
    from risksentinel.adapters.sql.list_book import SqlListBook
    from risksentinel.adapters.sql.list_records import SqlListRecords
    from risksentinel.adapters.sql.outbox import SqlOutbox
    from risksentinel.adapters.sql.report_records import SqlReportRecords
    from risksentinel.adapters.sql.rule_book import SqlRuleBook
    from risksentinel.adapters.sql.rule_records import SqlRuleRecords
    from risksentinel.adapters.sql.transaction_records import SqlTransactionRecords
    from risksentinel.domain.label import Labelled
    from risksentinel.http.health import Check
    from risksentinel.ports.announcements import DeadLetters, Publisher
    from risksentinel.ports.environment import Meter
    from risksentinel.ports.history import History, LabelMemory, RebuildableHistory, Remembered
    from risksentinel.ports.model_registry import ModelRegistry
    from risksentinel.telemetry.metrics import FunctionMetrics
    from risksentinel.usecases.change_alert import ChangeAlert
    from risksentinel.usecases.change_report import ChangeReport
    from risksentinel.usecases.dispatch_alert import DispatchAlert
    from risksentinel.usecases.score_transactions import ScoreTransactions
    from risksentinel.usecases.submit_payments import SubmitPayments
    from risksentinel.usecases.write_label import WriteLabel
    from risksentinel.usecases.write_list import WriteList
    from risksentinel.usecases.write_rule import WriteRule

REMEMBERED: Final = timedelta(days=90)  # of history, whoever reads it from the database


def no_op() -> None:
    """The wake-up callback of a process whose outbox another process sweeps."""


@dataclass(frozen=True)
class Container:
    """Wire with it in one thread; afterwards everything that it built is safe to share."""

    settings: Settings
    wake_up: WakeUp = no_op
    inbox: RelayInbox | None = None  # of the relay that `wake_up` wakes
    clock: Clock = now
    new_id: NewId = new_id
    _ends: list[Callable[[], None]] = field(default_factory=list)
    _turn: Lock = field(default_factory=Lock)

    @cached_property
    def engine(self) -> Engine:
        """The database. Raises Misconfigured where it is not migrated."""
        engine = open_engine(self.settings.database)
        try:
            schema_is_current(engine)
        except BaseException:
            engine.dispose()
            raise
        return engine

    @cached_property
    def required(self) -> Mapping[str, Check]:
        """The checks without which no function is ready."""
        return {"database": lambda: schema_is_current(self.engine)}

    @cached_property
    def optional(self) -> Mapping[str, Check]:
        """The checks without which less is known."""
        return {"rules": self.rule_book.is_whole}

    def optional_to_score(self, history: RebuildableHistory) -> Mapping[str, Check]:
        """The checks without which payments are scored with less."""
        checks = {**self.optional, "history": history.check}
        return {**checks, "model": self.model.check} if self._model_takes_part else checks

    @cached_property
    def ledger(self) -> SqlLedger:
        """Where payments and verdicts are kept."""
        from risksentinel.adapters.sql.ledger import SqlLedger

        return SqlLedger(self.engine, self.inbox if self.settings.kafka_bootstrap_servers else None)

    @cached_property
    def outbox(self) -> SqlOutbox:
        """Where announcements wait."""
        from risksentinel.adapters.sql.outbox import SqlOutbox

        return SqlOutbox(self.engine)

    @cached_property
    def dead_letters(self) -> DeadLetters:
        """Where events lie that were given up: on the broker, or in the database without one."""
        if not self.announces_on_kafka:
            from risksentinel.adapters.sql.dead_letters import SqlDeadLetters

            return SqlDeadLetters(self.engine)
        from risksentinel.adapters.kafka.dead_letters import KafkaDeadLetters

        return KafkaDeadLetters(self.settings.kafka_bootstrap_servers, self._letter_sender)

    @cached_property
    def _letter_sender(self) -> KafkaSender:
        from risksentinel.adapters.kafka.sender import (
            LARGEST_UNCOMPRESSED_REPLAY,
            REPLAY_BUDGET,
            KafkaSender,
        )

        servers = self.settings.kafka_bootstrap_servers
        return KafkaSender(servers, budget=REPLAY_BUDGET, largest=LARGEST_UNCOMPRESSED_REPLAY)

    @property
    def announces_on_kafka(self) -> bool:
        """Whether there is a broker; without one the outbox itself is where events go from."""
        return bool(self.settings.kafka_bootstrap_servers)

    @cached_property
    def publisher(self) -> Publisher | None:
        """The broker; None without one."""
        return LazyPublisher(self._late_sender) if self.announces_on_kafka else None

    def _late_sender(self) -> KafkaSender:
        with self._turn:
            return self._sender

    @cached_property
    def _sender(self) -> KafkaSender:
        from risksentinel.adapters.kafka.sender import KafkaSender

        return KafkaSender(self.settings.kafka_bootstrap_servers)

    @cached_property
    def history(self) -> RebuildableHistory:
        """What senders and receivers did: in Redis, or as far as the database remembers."""
        from risksentinel.assembly.histories import (
            INTERACTIVE_TIMEOUT,
            memory_history,
            redis_history,
        )

        if self.settings.redis_url:
            return redis_history(self.settings, INTERACTIVE_TIMEOUT)
        from risksentinel.adapters.sql.kept_payments import SqlKeptPayments

        return memory_history(self.settings, SqlKeptPayments(self.engine, self.clock, REMEMBERED))

    @cached_property
    def async_history(self) -> RebuildableHistory:
        """The same for events: nobody stands at a till, and the unknown is an analyst's work."""
        from risksentinel.assembly.histories import BACKGROUND_TIMEOUT, redis_history

        if self.settings.redis_url:
            return redis_history(self.settings, BACKGROUND_TIMEOUT)
        return self.history

    def remembered_payments(self) -> Iterator[Remembered]:
        """The kept payments that a history is rebuilt from, the oldest first."""
        from risksentinel.adapters.sql.payments_in_order import payments_in_order

        return payments_in_order(self.engine, self.clock() - REMEMBERED)

    @property
    def _model_takes_part(self) -> bool:
        return self.settings.policy.ml_weight > 0

    @cached_property
    def model_registry(self) -> ModelRegistry:
        """Where models are published. Raises Misconfigured where MODEL_URI names no place."""
        from risksentinel.adapters.models.registries import open_registry

        settings = self.settings
        return open_registry(settings.models, settings.s3_endpoint_url, settings.aws_region)

    @cached_property
    def model(self) -> CachedFraudModel:
        """The promoted model, kept fresh."""
        from risksentinel.assembly.model_in_use import model_in_use

        settings = self.settings
        return model_in_use(
            self.model_registry, settings.model_name, settings.model_refresh_seconds
        )

    def remembered_labels(self) -> Iterator[Labelled]:
        """What their labels changed, in order: a history learns it after the payments."""
        now = self.clock()
        return self.label_records.labelled(now - REMEMBERED, now)

    @cached_property
    def rule_book(self) -> SqlRuleBook:
        """The rules in force."""
        from risksentinel.adapters.sql.rule_book import SqlRuleBook

        return SqlRuleBook(self.engine, self.clock)

    @cached_property
    def list_book(self) -> SqlListBook:
        """The named lists, as rules look at them; nothing is loaded before a rule does."""
        from risksentinel.adapters.sql.list_book import SqlListBook

        return SqlListBook(self.engine, self.clock)

    @cached_property
    def list_records(self) -> SqlListRecords:
        """Named lists, to read."""
        from risksentinel.adapters.sql.list_records import SqlListRecords

        return SqlListRecords(self.engine)

    @cached_property
    def write_list(self) -> WriteList:
        """How named lists are changed."""
        from risksentinel.adapters.sql.list_unit import SqlListLedger
        from risksentinel.usecases.write_list import WriteList

        return WriteList(SqlListLedger(self.engine), self.clock, self.new_id)

    @cached_property
    def transaction_records(self) -> SqlTransactionRecords:
        """Payments, to read."""
        from risksentinel.adapters.sql.transaction_records import SqlTransactionRecords

        return SqlTransactionRecords(self.engine)

    @cached_property
    def alert_records(self) -> SqlAlertRecords:
        """Alerts, to read."""
        from risksentinel.adapters.sql.alert_records import SqlAlertRecords

        return SqlAlertRecords(self.engine)

    @cached_property
    def report_records(self) -> SqlReportRecords:
        """Statutory reports, to read."""
        from risksentinel.adapters.sql.report_records import SqlReportRecords

        return SqlReportRecords(self.engine)

    @cached_property
    def rule_records(self) -> SqlRuleRecords:
        """Rules, to read."""
        from risksentinel.adapters.sql.rule_records import SqlRuleRecords

        return SqlRuleRecords(self.engine)

    @cached_property
    def dashboard_records(self) -> SqlDashboardRecords:
        """Figures, to read."""
        from risksentinel.adapters.sql.dashboard_records import SqlDashboardRecords

        return SqlDashboardRecords(self.engine)

    @cached_property
    def write_rule(self) -> WriteRule:
        """How rules are changed."""
        from risksentinel.usecases.write_rule import WriteRule

        return WriteRule(self.ledger, self.clock, self.new_id, self.wake_up)

    @cached_property
    def change_alert(self) -> ChangeAlert:
        """How alerts are changed."""
        from risksentinel.events.sources import ALERT_DISPATCH
        from risksentinel.usecases.change_alert import ChangeAlert

        labels = self.write_label(ALERT_DISPATCH)
        return ChangeAlert(self.ledger, self.clock, self.wake_up, labels)

    @cached_property
    def change_report(self) -> ChangeReport:
        """How statutory reports are filed."""
        from risksentinel.usecases.change_report import ChangeReport

        return ChangeReport(self.ledger, self.clock)

    @property
    def label_memory(self) -> LabelMemory:
        """Where the history keeps what payments turned out to be."""
        return self.async_history

    @cached_property
    def label_records(self) -> SqlLabelRecords:
        """Labels, to learn from."""
        from risksentinel.adapters.sql.label_records import SqlLabelRecords

        window = timedelta(days=self.settings.chargeback_window_days)
        return SqlLabelRecords(self.engine, window)

    def write_label(self, source: str) -> WriteLabel:
        """How the function of this source writes what payments turned out to be."""
        from risksentinel.usecases.write_label import WriteLabel

        return WriteLabel(self.ledger, self.clock, self.wake_up, source)

    @cached_property
    def deliveries(self) -> SqlDeliveries:
        """Who has heard of which alert."""
        from risksentinel.adapters.sql.deliveries import SqlDeliveries

        return SqlDeliveries(self.engine)

    @cached_property
    def dispatch_alert(self) -> DispatchAlert:
        """How alerts go out. Raises Misconfigured where an address or the secret is wrong."""
        from risksentinel.assembly.alerting import dispatch_alert

        return dispatch_alert(self.settings, self.deliveries, self.clock)

    def score_transactions(self, meter: Meter, history: History) -> ScoreTransactions:
        """How payments are scored."""
        from risksentinel.usecases.decide_payments import DecidePayments
        from risksentinel.usecases.gather_facts import Scoring
        from risksentinel.usecases.score_transactions import ScoreTransactions

        policy = self.settings.policy
        scoring = Scoring(self.rule_book, history, self.model, policy, meter, self.list_book)
        return ScoreTransactions(
            DecidePayments(scoring), self.ledger, self.clock, self.new_id, self.wake_up
        )

    def watch_model(self, metrics: FunctionMetrics) -> None:
        """Let the function's metrics tell how well the model still fits; with it that ends too."""
        if self._model_takes_part:
            model = self.model
            metrics.watch_model(
                model.score_drift, model.feature_drift, model.is_faulty, model.is_in_use
            )
            self.on_close(metrics.unwatch)

    def submit_payments(self, meter: Meter) -> SubmitPayments:
        """How payments come in."""
        from risksentinel.usecases.queue_payments import QueuePayments
        from risksentinel.usecases.receive_transactions import ReceiveTransactions
        from risksentinel.usecases.submit_payments import SubmitPayments

        receive = ReceiveTransactions(self.ledger, self.clock, self.wake_up)
        score = self.score_transactions(meter, self.history)
        publisher = self.publisher
        fallback = (
            None if publisher is None else QueuePayments(traced_publisher("ingest", publisher))
        )
        return SubmitPayments(score, receive, self.clock, self.new_id, fallback)

    def on_close(self, end: Callable[[], None]) -> None:
        """Do this before the connections are given back."""
        self._ends.append(end)

    def close(self) -> None:
        """Give back the connections that were made."""
        for end in self._ends:
            end()
        made = vars(self)  # to ask for a part would make it
        for part in (
            "list_book",
            "history",
            "async_history",
            "model",
            "model_registry",
            "_sender",
            "_letter_sender",
        ):
            getattr(made.get(part), "close", no_op)()
        if "engine" in made:
            self.engine.dispose()
