"""Backbone: the ports and use cases of one process, each built once."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final

from sqlalchemy import Engine

from risksentinel.adapters.cached_fraud_model import CachedFraudModel
from risksentinel.adapters.cached_model import CachedModel
from risksentinel.adapters.channels import channels
from risksentinel.adapters.channels.endpoints import endpoints_from
from risksentinel.adapters.guarded_http import GuardedHttp
from risksentinel.adapters.memory_history import MemoryHistory
from risksentinel.adapters.model_registries import open_registry
from risksentinel.adapters.sql_alert_records import SqlAlertRecords
from risksentinel.adapters.sql_dashboard_records import SqlDashboardRecords
from risksentinel.adapters.sql_dead_letters import SqlDeadLetters
from risksentinel.adapters.sql_deliveries import SqlDeliveries
from risksentinel.adapters.sql_engine import open_engine
from risksentinel.adapters.sql_label_records import SqlLabelRecords
from risksentinel.adapters.sql_ledger import Inbox, SqlLedger
from risksentinel.adapters.sql_outbox import SqlOutbox
from risksentinel.adapters.sql_payments_in_order import payments_in_order
from risksentinel.adapters.sql_rule_book import SqlRuleBook
from risksentinel.adapters.sql_rule_records import SqlRuleRecords
from risksentinel.adapters.sql_schema import schema_is_current
from risksentinel.adapters.sql_transaction_records import SqlTransactionRecords
from risksentinel.adapters.system_clock import new_id, now
from risksentinel.assembly.model_features import features_of, load_model
from risksentinel.domain.label import Labelled
from risksentinel.domain.transaction import Transaction
from risksentinel.errors import Unavailable
from risksentinel.events.sources import ALERT_DISPATCH
from risksentinel.ports import (
    Bell,
    Clock,
    DeadLetters,
    History,
    LabelMemory,
    Meter,
    ModelRegistry,
    NewId,
    Publisher,
    RebuildableHistory,
)
from risksentinel.runtime.health import Check
from risksentinel.runtime.metrics import FunctionMetrics
from risksentinel.runtime.settings import Settings
from risksentinel.runtime.tracing import traced
from risksentinel.scoring.features.reasons import reasons
from risksentinel.usecases.change_alert import ChangeAlert
from risksentinel.usecases.dispatch_alert import DispatchAlert
from risksentinel.usecases.hand_over import HandOver
from risksentinel.usecases.receive_transactions import ReceiveTransactions
from risksentinel.usecases.score_transactions import ScoreTransactions, Scoring
from risksentinel.usecases.submit_payments import SubmitPayments
from risksentinel.usecases.write_label import WriteLabel
from risksentinel.usecases.write_rule import WriteRule

if TYPE_CHECKING:
    from risksentinel.adapters.kafka_sender import KafkaSender

REMEMBERED: Final = timedelta(days=90)  # of history, when a process starts
SOMEBODY_WAITS: Final = 0.045  # seconds without a sign of life after which Redis is left alone
NOBODY_WAITS: Final = 0.25  # likewise, for events


def nobody_listens() -> None:
    """The bell of a process that leaves its announcements to another one's sweep."""


@dataclass(frozen=True)
class Backbone:
    """Wire with it in one thread; afterwards everything that it built is safe to share."""

    settings: Settings
    bell: Bell = nobody_listens
    inbox: Inbox | None = None  # of the relay that the bell wakes
    clock: Clock = now
    new_id: NewId = new_id
    _ends: list[Callable[[], None]] = field(default_factory=list)

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
    def needed(self) -> Mapping[str, Check]:
        """The checks without which no function is ready."""
        return {"database": lambda: schema_is_current(self.engine)}

    @cached_property
    def helpful(self) -> Mapping[str, Check]:
        """The checks without which less is known."""
        return {"rules": self.rule_book.is_whole}

    def helpful_to_score(self, history: RebuildableHistory) -> Mapping[str, Check]:
        """The checks without which payments are scored with less."""
        checks = {**self.helpful, "history": history.check}
        return {**checks, "model": self.model.check} if self._model_takes_part else checks

    @cached_property
    def ledger(self) -> SqlLedger:
        """Where payments and verdicts are kept."""
        return SqlLedger(self.engine, self.inbox if self.settings.kafka_bootstrap_servers else None)

    @cached_property
    def outbox(self) -> SqlOutbox:
        """Where announcements wait."""
        return SqlOutbox(self.engine)

    @cached_property
    def dead_letters(self) -> DeadLetters:
        """Where events lie that were given up: on the broker, or in the database without one."""
        if self._sender is None:
            return SqlDeadLetters(self.engine)
        from risksentinel.adapters.kafka_dead_letters import KafkaDeadLetters

        return KafkaDeadLetters(self.settings.kafka_bootstrap_servers, self._sender)

    @cached_property
    def publisher(self) -> Publisher | None:
        """The broker; None without one."""
        if self._sender is None:
            return None
        from risksentinel.adapters.kafka_publisher import KafkaPublisher

        return KafkaPublisher(self._sender)

    @cached_property
    def _sender(self) -> "KafkaSender | None":
        if not self.settings.kafka_bootstrap_servers:
            return None
        from risksentinel.adapters.kafka_sender import KafkaSender

        return KafkaSender(self.settings.kafka_bootstrap_servers)

    @cached_property
    def history(self) -> RebuildableHistory:
        """What senders and receivers did: in Redis, or as far as the database remembers."""
        if self.settings.redis_url:
            return self._redis_history(SOMEBODY_WAITS)
        history = MemoryHistory(self._window)
        history.rebuild(self.remembered_payments())
        history.label(list(self.remembered_labels()))
        return history

    @cached_property
    def patient_history(self) -> RebuildableHistory:
        """The same for events: nobody stands at a till, and the unknown is an analyst's work."""
        return self._redis_history(NOBODY_WAITS) if self.settings.redis_url else self.history

    @property
    def _window(self) -> timedelta:
        return timedelta(seconds=self.settings.velocity_window_seconds)

    def _redis_history(self, patience: float) -> RebuildableHistory:
        from risksentinel.adapters.redis_history import RedisHistory

        history = RedisHistory(self.settings.redis_url, self._window, patience=patience)
        with suppress(Unavailable):  # it is found when it is back
            history.warm_up(self.settings.threads)
        return history

    def remembered_payments(self) -> Iterator[Transaction]:
        """The kept payments that a history is rebuilt from, the oldest first."""
        return payments_in_order(self.engine, self.clock() - REMEMBERED)

    @property
    def _model_takes_part(self) -> bool:
        return self.settings.policy.ml_weight > 0

    @cached_property
    def model_registry(self) -> ModelRegistry:
        """Where models are published. Raises Misconfigured where MODEL_URI names no place."""
        settings = self.settings
        return open_registry(settings.models, settings.s3_endpoint_url, settings.aws_region)

    @cached_property
    def model(self) -> CachedFraudModel:
        """The promoted model, kept fresh."""
        settings = self.settings
        every = settings.model_refresh_seconds
        cached = CachedModel(
            self.model_registry, settings.model_name, load_model, refresh_seconds=every
        )
        return CachedFraudModel(cached, features_of, reasons)

    def remembered_labels(self) -> Iterator[Labelled]:
        """What their labels changed, in order: a history learns it after the payments."""
        now = self.clock()
        return self.label_records.labelled(now - REMEMBERED, now)

    @cached_property
    def rule_book(self) -> SqlRuleBook:
        """The rules in force."""
        return SqlRuleBook(self.engine, self.clock)

    @cached_property
    def transaction_records(self) -> SqlTransactionRecords:
        """Payments, to read."""
        return SqlTransactionRecords(self.engine)

    @cached_property
    def alert_records(self) -> SqlAlertRecords:
        """Alerts, to read."""
        return SqlAlertRecords(self.engine)

    @cached_property
    def rule_records(self) -> SqlRuleRecords:
        """Rules, to read."""
        return SqlRuleRecords(self.engine)

    @cached_property
    def dashboard_records(self) -> SqlDashboardRecords:
        """Figures, to read."""
        return SqlDashboardRecords(self.engine)

    @cached_property
    def write_rule(self) -> WriteRule:
        """How rules are changed."""
        return WriteRule(self.ledger, self.clock, self.new_id, self.bell)

    @cached_property
    def change_alert(self) -> ChangeAlert:
        """How alerts are changed."""
        labels = self.write_label(ALERT_DISPATCH)
        return ChangeAlert(self.ledger, self.clock, self.bell, labels)

    @property
    def label_memory(self) -> LabelMemory:
        """Where the history keeps what payments turned out to be."""
        return self.patient_history

    @cached_property
    def label_records(self) -> SqlLabelRecords:
        """Labels, to learn from."""
        window = timedelta(days=self.settings.chargeback_window_days)
        return SqlLabelRecords(self.engine, window)

    def write_label(self, source: str) -> WriteLabel:
        """How the function of this source writes what payments turned out to be."""
        return WriteLabel(self.ledger, self.clock, self.bell, source)

    @cached_property
    def deliveries(self) -> SqlDeliveries:
        """Who has heard of which alert."""
        return SqlDeliveries(self.engine)

    @cached_property
    def dispatch_alert(self) -> DispatchAlert:
        """How alerts go out. Raises Misconfigured where an address or the secret is wrong."""
        settings = self.settings
        endpoints = endpoints_from(
            {"webhook": settings.webhook_urls, "slack": settings.slack_webhook_urls},
            settings.webhook_secret or None,
            allow_private=settings.webhook_allow_private,
        )
        http = GuardedHttp(allow_private=settings.webhook_allow_private)
        ways = traced(channels(http, self.clock))
        return DispatchAlert(self.deliveries, ways, endpoints, self.clock)

    def score_transactions(self, meter: Meter, history: History) -> ScoreTransactions:
        """How payments are scored."""
        policy = self.settings.policy
        scoring = Scoring(self.rule_book, history, self.model, policy, meter)
        return ScoreTransactions(scoring, self.ledger, self.clock, self.new_id, self.bell)

    def watch_model(self, metrics: FunctionMetrics) -> None:
        """Let the function's metrics tell how well the model still fits; with it that ends too."""
        if self._model_takes_part:
            model = self.model
            metrics.watch_model(model.score_drift, model.feature_drift, model.is_faulty)
            self.on_close(metrics.unwatch)

    def submit_payments(self, meter: Meter) -> SubmitPayments:
        """How payments come in."""
        receive = ReceiveTransactions(self.ledger, self.clock, self.bell)
        score = self.score_transactions(meter, self.history)
        spare = None if self.publisher is None else HandOver(self.publisher)
        return SubmitPayments(score, receive, self.clock, self.new_id, spare)

    def on_close(self, end: Callable[[], None]) -> None:
        """Do this before the connections are given back."""
        self._ends.append(end)

    def close(self) -> None:
        """Give back the connections that were made."""
        for end in self._ends:
            end()
        made = vars(self)  # to ask for a part would make it
        for part in ("history", "patient_history", "model", "model_registry", "_sender"):
            getattr(made.get(part), "close", nobody_listens)()
        if "engine" in made:
            self.engine.dispose()
