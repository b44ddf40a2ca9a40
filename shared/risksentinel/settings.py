"""Settings: environment variables, read once; complete, or every fault reported together."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Self

from risksentinel.domain.label import CHARGEBACK_WINDOW
from risksentinel.errors import Misconfigured
from risksentinel.scoring.policy import AMOUNT_CEILINGS, Policy
from risksentinel.setting_values import (
    Parse,
    ceilings,
    decimal,
    flag,
    number,
    one_of,
    text,
    unless_off,
    whole,
)

_NOT_RISING: Final = "RISK_SCORE_CRITICAL must not be below RISK_SCORE_HIGH"


def _setting(parse: Parse, default: object, meaning: str, *, secret: bool = False) -> Any:  # noqa: ANN401 - a dataclass field has any type
    # What is secret, or may carry a password, has no place in a log or a traceback.
    metadata = {"parse": parse, "meaning": meaning}
    return field(default_factory=lambda: default, repr=not secret, metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One line a setting; the variable's name is the field's in capitals."""

    risk_score_medium: Decimal = _setting(
        decimal("0.0001", "1"),
        Decimal("0.4"),
        "from this score on a payment is MEDIUM, never above RISK_SCORE_HIGH",
    )
    risk_score_high: Decimal = _setting(
        decimal("0.0001", "1"), Decimal("0.7"), "from this score on a payment is HIGH: review"
    )
    risk_score_critical: Decimal = _setting(
        decimal("0.0001", "1"), Decimal("0.9"), "from this score on it is CRITICAL: decline"
    )
    alert_threshold: Decimal | None = _setting(
        decimal("0.0001", "1"),
        None,
        "from this score on an alert is raised; RISK_SCORE_HIGH if unset",
    )
    velocity_window_seconds: int = _setting(
        whole(1, 86_400), 300, "how far back the velocity signal looks, in seconds"
    )
    velocity_max_txn_count: int = _setting(
        whole(1, 500),
        10,
        "payments of one sender in the window that make its risk 1",
    )
    velocity_max_total_zar: Decimal = _setting(
        decimal("1", "1000000000000"),
        Decimal(50_000),
        "rand of one sender in the window, likewise",
    )
    amount_anomaly_zscore: float = _setting(
        number("0.1", "100"),
        3.0,
        "deviations above the sender's median that make a risk of one half",
    )
    escalate_velocity_review: float | None = _setting(
        unless_off(number("0.1", "100")),
        1.0,
        "times a velocity limit above which payments are reviewed; none: never",
    )
    escalate_velocity_decline: float | None = _setting(
        unless_off(number("0.1", "100")),
        3.0,
        "times a velocity limit above which payments are declined; none: never",
    )
    escalate_amount_to_habit: float | None = _setting(
        unless_off(number("1", "1000000")),
        25.0,
        "times the sender's largest habit from which a payment is reviewed; none: never",
    )
    escalate_amount_ceilings: Mapping[str, Decimal] | None = _setting(
        unless_off(ceilings),
        AMOUNT_CEILINGS,
        "rand above which a channel or rail carries no payment, so it is reviewed; none: no limits",
    )
    escalate_strong_signals: float | None = _setting(
        unless_off(number("0.01", "1")),
        0.9,
        "the risk from which two signals at once are reviewed; none: never",
    )
    escalate_strong_without_past: float | None = _setting(
        unless_off(number("0.01", "1")),
        0.9,
        "the risk from which one signal on an account without a past is reviewed; none: never",
    )
    ml_enabled: bool = _setting(flag, True, "whether a model takes part in the score")
    ml_weight: float = _setting(
        number("0", "1"),
        0.6,
        "the model's share of the score; 1 lets it replace the other signals",
    )
    ml_learnt_weights: bool = _setting(
        flag,
        False,
        "whether the weights that a model learnt from labels replace those of the four signals",
    )
    model_uri: str = _setting(
        text,
        "",
        "where the models are: s3://bucket/prefix or a folder; RISKSENTINEL_HOME if unset",
    )
    model_name: str = _setting(text, "payments", "which of them scores")
    model_refresh_seconds: float = _setting(
        number("0.1", "20"), 5.0, "how often a function looks whether another one was promoted"
    )
    s3_endpoint_url: str = _setting(text, "", "the object storage; Amazon's own if unset")
    aws_region: str = _setting(text, "", "its region; what boto3 finds if unset")
    chargeback_window_days: int = _setting(
        whole(1, 3_650),
        CHARGEBACK_WINDOW.days,
        "after so many days a payment that nobody reviewed counts as genuine",
    )
    risksentinel_home: Path = _setting(Path, Path(".risksentinel"), "where the embedded data lie")
    database_url: str = _setting(
        text,
        "",
        "SQLAlchemy URL of the database; SQLite in RISKSENTINEL_HOME if unset",
        secret=True,
    )
    redis_url: str = _setting(
        text,
        "",
        "Redis or a node of a Redis Cluster for the history; this process's memory if unset",
        secret=True,
    )
    kafka_bootstrap_servers: str = _setting(
        text, "", "Kafka brokers, host:port separated by commas; the outbox itself if unset"
    )
    host: str = _setting(text, "127.0.0.1", "the address that `risksentinel serve` listens on")
    port: int = _setting(whole(1, 65_535), 8080, "its port")
    threads: int = _setting(whole(1, 256), 8, "requests that it handles at once")
    webhook_urls: str = _setting(
        text,
        "",
        "where alerts are sent, signed as Standard Webhooks says; separated by spaces",
        secret=True,
    )
    webhook_secret: str = _setting(
        text, "", "signs them: whsec_ and base64 of 24 to 64 bytes", secret=True
    )
    slack_webhook_urls: str = _setting(
        text,
        "",
        "Slack-compatible incoming webhooks that get alerts in words; separated by spaces",
        secret=True,
    )
    webhook_allow_private: bool = _setting(
        flag, False, "whether such an address may be a loopback or private one"
    )
    event_webhook_origins: str = _setting(
        text,
        "",
        "hosts that may post events to ingest after CloudEvents' webhook handshake, separated by "
        "spaces; * allows all, unset none",
    )
    event_webhook_rate: int | None = _setting(
        unless_off(whole(1, 1_000_000)),
        None,
        "requests a minute that the handshake allows each of them; none: no limit",
    )
    otel_exporter_otlp_endpoint: str = _setting(
        text, "", "OTLP/HTTP collector for traces, like http://127.0.0.1:4318; no traces if unset"
    )
    log_level: str = _setting(
        one_of("debug", "info", "warning", "error"), "info", "the least level that is logged"
    )

    def __post_init__(self) -> None:
        if self.risk_score_critical < self.risk_score_high:
            raise Misconfigured(_NOT_RISING)

    @classmethod
    def read(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read the environment.

        Raises:
            Misconfigured: names every variable that is wrong and says what it must be.
        """
        environ = os.environ if environ is None else environ  # noqa: TID251 - the one place
        values, faults = _parsed(environ)
        try:
            settings = cls(**values)
        except Misconfigured as wrong:
            raise Misconfigured("; ".join([*faults, str(wrong)])) from None
        if faults:
            raise Misconfigured("; ".join(faults))
        return settings

    @property
    def database(self) -> str:
        """The database's URL, embedded or not."""
        return self.database_url or f"sqlite:///{self.risksentinel_home / 'risksentinel.db'}"

    def make_home(self) -> None:
        """Make the folder for the embedded data, readable by its owner only.

        Raises:
            Misconfigured: it cannot be made.
        """
        try:
            self.risksentinel_home.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise Misconfigured(f"RISKSENTINEL_HOME cannot be made: {error.strerror}") from None

    @property
    def models(self) -> str:
        """Where the models are: models/<name>/<version>/ lies under it."""
        return self.model_uri or str(self.risksentinel_home)

    @property
    def policy(self) -> Policy:
        """The figures that scoring takes."""
        return Policy(
            medium=min(self.risk_score_medium, self.risk_score_high),
            high=self.risk_score_high,
            critical=self.risk_score_critical,
            alert_threshold=self.alert_threshold or self.risk_score_high,
            velocity_window_seconds=self.velocity_window_seconds,
            velocity_max_count=self.velocity_max_txn_count,
            velocity_max_total_zar=self.velocity_max_total_zar,
            anomaly_z_score=self.amount_anomaly_zscore,
            ml_weight=self.ml_weight if self.ml_enabled else 0.0,
            learnt_weights=self.ml_learnt_weights,
            escalate_velocity_review=self.escalate_velocity_review,
            escalate_velocity_decline=self.escalate_velocity_decline,
            escalate_amount_to_habit=self.escalate_amount_to_habit,
            escalate_amount_ceilings=self.escalate_amount_ceilings,
            escalate_strong_signals=self.escalate_strong_signals,
            escalate_strong_without_past=self.escalate_strong_without_past,
        )


def _parsed(environ: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """The values that can be read, by their fields' names, and what is wrong with the others."""
    values, faults = {}, []
    for known in fields(Settings):
        written = environ.get(known.name.upper(), "").strip()
        if not written:
            continue
        try:
            values[known.name] = known.metadata["parse"](written)
        except ValueError as wrong:
            faults.append(f"{known.name.upper()} {wrong}")
    return values, faults
