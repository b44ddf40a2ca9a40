"""Settings: environment variables, read once; complete, or every fault reported together."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final, Self

from risksentinel.domain.label import CHARGEBACK_WINDOW
from risksentinel.errors import Misconfigured
from risksentinel.scoring.policy import Policy

Parse = Callable[[str], Any]
_MOST_DIGITS: Final = 10
_NOT_RISING: Final = "RISK_SCORE_CRITICAL must not be below RISK_SCORE_HIGH"


def _setting(parse: Parse, default: object, meaning: str, *, secret: bool = False) -> Any:  # noqa: ANN401 - a dataclass field has any type
    # What is secret, or may carry a password, has no place in a log or a traceback.
    return field(default=default, repr=not secret, metadata={"parse": parse, "meaning": meaning})


def _text(text: str) -> str:
    return text


def _flag(text: str) -> bool:
    known = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    if text.lower() not in known:
        raise ValueError("must be true or false")
    return known[text.lower()]


def _decimal(least: str, most: str) -> Parse:
    def parse(text: str) -> Decimal:
        try:
            value = Decimal(text)
        except InvalidOperation:
            raise ValueError("must be a number") from None
        if not (value.is_finite() and Decimal(least) <= value <= Decimal(most)):
            raise ValueError(f"must lie between {least} and {most}")
        return value

    return parse


def _number(least: str, most: str) -> Parse:
    return lambda text: float(_decimal(least, most)(text))


def _whole(least: int, most: int) -> Parse:
    def parse(text: str) -> int:
        digits = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
        if not (digits and least <= int(text) <= most):
            raise ValueError(f"must be a whole number between {least} and {most}")
        return int(text)

    return parse


def _one_of(*names: str) -> Parse:
    def parse(text: str) -> str:
        if text.lower() not in names:
            raise ValueError(f"must be one of {', '.join(names)}")
        return text.lower()

    return parse


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One line a setting; the variable's name is the field's in capitals."""

    risk_score_high: Decimal = _setting(
        _decimal("0.0001", "1"), Decimal("0.7"), "from this score on a payment is HIGH: review"
    )
    risk_score_critical: Decimal = _setting(
        _decimal("0.0001", "1"), Decimal("0.9"), "from this score on it is CRITICAL: decline"
    )
    alert_threshold: Decimal | None = _setting(
        _decimal("0.0001", "1"),
        None,
        "from this score on an alert is raised; RISK_SCORE_HIGH if unset",
    )
    velocity_window_seconds: int = _setting(
        _whole(1, 86_400), 300, "how far back the velocity signal looks, in seconds"
    )
    velocity_max_txn_count: int = _setting(
        _whole(1, 1_000),
        10,
        "payments of one sender in the window that make its risk 1",
    )
    velocity_max_total_zar: Decimal = _setting(
        _decimal("1", "1000000000000"),
        Decimal(50_000),
        "rand of one sender in the window, likewise",
    )
    amount_anomaly_zscore: float = _setting(
        _number("0.1", "100"),
        3.0,
        "deviations above the sender's median that make a risk of one half",
    )
    ml_enabled: bool = _setting(_flag, True, "whether a model takes part in the score")
    ml_weight: float = _setting(
        _number("0", "1"),
        0.6,
        "the model's share of the score; 1 lets it replace the other signals",
    )
    ml_learnt_weights: bool = _setting(
        _flag,
        False,
        "whether the weights that a model learnt from labels replace those of the four signals",
    )
    model_uri: str = _setting(
        _text,
        "",
        "where the models are: s3://bucket/prefix or a folder; RISKSENTINEL_HOME if unset",
    )
    model_name: str = _setting(_text, "payments", "which of them scores")
    model_refresh_seconds: float = _setting(
        _number("0.1", "20"), 5.0, "how often a function looks whether another one was promoted"
    )
    s3_endpoint_url: str = _setting(_text, "", "the object storage; Amazon's own if unset")
    aws_region: str = _setting(_text, "", "its region; what boto3 finds if unset")
    chargeback_window_days: int = _setting(
        _whole(1, 3_650),
        CHARGEBACK_WINDOW.days,
        "after so many days a payment that nobody reviewed counts as genuine",
    )
    risksentinel_home: Path = _setting(Path, Path(".risksentinel"), "where the embedded data lie")
    database_url: str = _setting(
        _text,
        "",
        "SQLAlchemy URL of the database; SQLite in RISKSENTINEL_HOME if unset",
        secret=True,
    )
    redis_url: str = _setting(
        _text,
        "",
        "Redis or a node of a Redis Cluster for the history; this process's memory if unset",
        secret=True,
    )
    kafka_bootstrap_servers: str = _setting(
        _text, "", "Kafka brokers, host:port separated by commas; the outbox itself if unset"
    )
    host: str = _setting(_text, "127.0.0.1", "the address that `risksentinel serve` listens on")
    port: int = _setting(_whole(1, 65_535), 8080, "its port")
    threads: int = _setting(_whole(1, 256), 8, "requests that it handles at once")
    webhook_urls: str = _setting(
        _text,
        "",
        "where alerts are sent, signed as Standard Webhooks says; separated by spaces",
        secret=True,
    )
    webhook_secret: str = _setting(
        _text, "", "signs them: whsec_ and base64 of 24 to 64 bytes", secret=True
    )
    slack_webhook_urls: str = _setting(
        _text,
        "",
        "Slack-compatible incoming webhooks that get alerts in words; separated by spaces",
        secret=True,
    )
    webhook_allow_private: bool = _setting(
        _flag, False, "whether such an address may be a loopback or private one"
    )
    otel_exporter_otlp_endpoint: str = _setting(
        _text, "", "OTLP/HTTP collector for traces, like http://127.0.0.1:4318; no traces if unset"
    )
    log_level: str = _setting(
        _one_of("debug", "info", "warning", "error"), "info", "the least level that is logged"
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
            high=self.risk_score_high,
            critical=self.risk_score_critical,
            alert_threshold=self.alert_threshold or self.risk_score_high,
            velocity_window_seconds=self.velocity_window_seconds,
            velocity_max_count=self.velocity_max_txn_count,
            velocity_max_total_zar=self.velocity_max_total_zar,
            anomaly_z_score=self.amount_anomaly_zscore,
            ml_weight=self.ml_weight if self.ml_enabled else 0.0,
            learnt_weights=self.ml_learnt_weights,
        )


def _parsed(environ: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """The values that can be read, by their fields' names, and what is wrong with the others."""
    values, faults = {}, []
    for known in fields(Settings):
        text = environ.get(known.name.upper(), "").strip()
        if not text:
            continue
        try:
            values[known.name] = known.metadata["parse"](text)
        except ValueError as wrong:
            faults.append(f"{known.name.upper()} {wrong}")
    return values, faults
