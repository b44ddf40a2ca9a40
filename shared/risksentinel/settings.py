"""Settings: environment variables, read once; complete, or every violation is reported."""

import os
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from stat import S_ISVTX
from typing import Annotated, Final, Literal, Self

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from risksentinel.domain.label import CHARGEBACK_WINDOW
from risksentinel.errors import Misconfigured
from risksentinel.scoring.policy import AMOUNT_CEILINGS, Policy
from risksentinel.server_settings import ServerSettings
from risksentinel.setting_values import (
    Ceilings,
    HabitMultiple,
    Lateness,
    LimitMultiple,
    RequestRate,
    Risk,
    Score,
)
from risksentinel.sign_in_settings import SignInSettings
from risksentinel.text.validation import violations_of

DATABASE_FILE: Final = "risksentinel.db"
EventAuth = Literal["secret", "oidc", "none"] | None
KafkaProtocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
KafkaMechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]
LogLevel = Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(str.lower)]


class Settings(SignInSettings, ServerSettings):
    """One field per setting; the environment variable has the name of the field in capitals.

    A field with `repr=False` may contain a password, which must not reach a log or a traceback.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        hide_input_in_errors=True,
        protected_namespaces=(),
    )

    risk_score_medium: Score = Field(
        Decimal("0.4"),
        description="a payment is MEDIUM from this score on, never above RISK_SCORE_HIGH",
    )
    risk_score_high: Score = Field(
        Decimal("0.7"), description="a payment is HIGH from this score on: review"
    )
    risk_score_critical: Score = Field(
        Decimal("0.9"),
        validate_default=True,
        description="a payment is CRITICAL from this score on: decline",
    )
    alert_threshold: Score | None = Field(
        None, description="an alert is raised from this score on; RISK_SCORE_HIGH if unset"
    )
    velocity_window_seconds: int = Field(
        300, ge=1, le=86_400, description="period that the velocity signal counts, in seconds"
    )
    velocity_max_txn_count: int = Field(
        10, ge=1, le=500, description="payments of one sender in the window that give risk 1"
    )
    velocity_max_total_zar: Decimal = Field(
        Decimal(50_000),
        ge=1,
        le=1_000_000_000_000,
        description="rand of one sender in the window that give risk 1",
    )
    amount_anomaly_zscore: float = Field(
        3.0, ge=0.1, le=100, description="deviations above the sender's median that give risk 0.5"
    )
    escalate_velocity_review: LimitMultiple = Field(
        1.0, description="multiple of a velocity limit above which payments are reviewed; none: off"
    )
    escalate_velocity_decline: LimitMultiple = Field(
        3.0, description="multiple of a velocity limit above which payments are declined; none: off"
    )
    escalate_amount_to_habit: HabitMultiple = Field(
        25.0,
        description="multiple of the sender's largest habit from which payments are reviewed; "
        "none: off",
    )
    escalate_amount_ceilings: Ceilings = Field(
        default_factory=lambda: AMOUNT_CEILINGS,
        description="rand above which a payment of the channel or rail is reviewed, because the "
        "channel or rail does not carry such amounts; none: off",
    )
    escalate_strong_signals: Risk = Field(
        0.9, description="risk from which two signals together cause a review; none: off"
    )
    escalate_strong_without_past: Risk = Field(
        0.9,
        description="risk from which one signal on an account without history causes a review; "
        "none: off",
    )
    max_lateness_seconds: Lateness = Field(
        604_800,
        description="seconds between a payment and its arrival above which the payment is "
        "reviewed, because its date may be false; none: off",
    )
    ml_enabled: bool = Field(default=True, description="whether a model contributes to the score")
    ml_weight: float = Field(
        0.6,
        ge=0,
        le=1,
        description="weight of the model in the score; with 1 it replaces the other signals",
    )
    ml_learnt_weights: bool = Field(
        default=False,
        description="whether weights that a model learnt from labels replace those of the four "
        "signals",
    )
    model_uri: str = Field(
        "", description="model storage: s3://bucket/prefix or a folder; RISKSENTINEL_HOME if unset"
    )
    model_name: str = Field("payments", description="name of the model that scores")
    model_refresh_seconds: float = Field(
        5.0, ge=0.1, le=20, description="interval of the check for a newly promoted model, seconds"
    )
    ledger_uri: str = Field(
        "",
        description="storage of the ledger's anchors: s3://bucket/prefix or a folder; MODEL_URI if "
        "unset",
    )
    ledger_signing_key_file: str = Field(
        "",
        description="file of the Ed25519 private key that signs the ledger; without DATABASE_URL "
        "a key in RISKSENTINEL_HOME if unset",
    )
    s3_endpoint_url: str = Field("", description="URL of the object storage; Amazon S3 if unset")
    aws_region: str = Field(
        "", description="region of the object storage; the default of boto3 if unset"
    )
    chargeback_window_days: int = Field(
        CHARGEBACK_WINDOW.days,
        ge=1,
        le=3_650,
        description="days after which a payment without a review counts as genuine",
    )
    risksentinel_home: Path = Field(
        Path(".risksentinel"), description="folder of the embedded data"
    )
    database_url: str = Field(
        "",
        repr=False,
        description="SQLAlchemy URL of the database; SQLite in RISKSENTINEL_HOME if unset",
    )
    redis_url: str = Field(
        "",
        repr=False,
        description="URL of Redis, or of one node of a Redis Cluster, for the history; process "
        "memory if unset",
    )
    redis_ca_file: str = Field(
        "",
        description="certificates that sign the certificate of a rediss:// server, in PEM; those "
        "of the system if unset",
    )
    kafka_bootstrap_servers: str = Field(
        "",
        description="Kafka brokers, host:port separated by commas; the outbox is the broker "
        "if unset",
    )
    kafka_security_protocol: KafkaProtocol = Field(
        "PLAINTEXT",
        description="how to connect to Kafka: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL",
    )
    kafka_sasl_mechanism: KafkaMechanism = Field(
        "SCRAM-SHA-512",
        description="login of SASL_PLAINTEXT and SASL_SSL: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512",
    )
    kafka_username: str = Field("", description="user of the login at Kafka")
    kafka_password: str = Field("", repr=False, description="password of the login at Kafka")
    kafka_ca_file: str = Field(
        "",
        description="certificates that sign the certificates of the Kafka brokers, in PEM; those "
        "of the system if unset",
    )
    kafka_cert_file: str = Field(
        "", description="certificate that this client shows to Kafka, in PEM; none if unset"
    )
    kafka_key_file: str = Field("", description="private key of KAFKA_CERT_FILE, in PEM")
    host: str = Field("127.0.0.1", description="address that `risksentinel serve` listens on")
    port: int = Field(
        8080, ge=1, le=65_535, description="port that `risksentinel serve` listens on"
    )
    threads: int = Field(
        16, ge=1, le=256, description="requests that `risksentinel serve` handles at once"
    )
    webhook_urls: str = Field(
        "",
        repr=False,
        description="URLs that receive alerts, signed by Standard Webhooks; separated by spaces",
    )
    webhook_secret: str = Field(
        "", repr=False, description="key of the signatures: whsec_ and base64 of 24 to 64 bytes"
    )
    slack_webhook_urls: str = Field(
        "",
        repr=False,
        description="Slack-compatible incoming webhooks that receive alerts as text; separated by "
        "spaces",
    )
    webhook_allow_private: bool = Field(
        default=False,
        description="whether an alert URL may have a loopback or private address",
    )
    event_webhook_origins: str = Field(
        "",
        description="hosts that may post events to ingest after the webhook handshake of "
        "CloudEvents, separated by spaces; * allows all, unset none",
    )
    event_webhook_rate: RequestRate = Field(
        None,
        description="requests per minute that the handshake allows each host; none: no limit",
    )
    event_auth: EventAuth = Field(
        None,
        description="how the senders of events are authenticated: secret, oidc or none; unset: "
        "none on a loopback HOST, and required on any other",
    )
    event_secret: str = Field(
        "",
        repr=False,
        description="secret of all senders of events, for EVENT_AUTH=secret; 32 characters or more",
    )
    event_oidc_issuer: str = Field(
        "", description="issuer of the tokens of senders, for EVENT_AUTH=oidc; an https:// URL"
    )
    event_oidc_audience: str = Field(
        "", description="audience that the tokens of senders must have, for EVENT_AUTH=oidc"
    )
    event_oidc_subjects: str = Field(
        "",
        description="subjects whose events are taken, for EVENT_AUTH=oidc; separated by spaces, "
        "like system:serviceaccount:risksentinel:transactions",
    )
    otel_exporter_otlp_endpoint: str = Field(
        "",
        description="OTLP/HTTP collector of traces, like http://127.0.0.1:4318; no traces if unset",
    )
    log_level: LogLevel = Field("info", description="lowest level that is logged")

    @field_validator("risk_score_critical")
    @classmethod
    def _is_not_below_high(cls, critical: Decimal, info: ValidationInfo) -> Decimal:
        if critical < info.data.get("risk_score_high", critical):
            raise ValueError("must not be below RISK_SCORE_HIGH")
        return critical

    @classmethod
    def read(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read the environment.

        Raises:
            Misconfigured: names every variable with a wrong value and what the value must be.
        """
        environ = os.environ if environ is None else environ  # noqa: TID251 - the one place
        texts = {name: environ.get(name.upper(), "").strip() for name in cls.model_fields}
        try:
            return cls.model_validate({name: text for name, text in texts.items() if text})
        except ValidationError as error:
            wrong = [f"{each.path.upper()} {each.message}" for each in violations_of(error)]
            raise Misconfigured("; ".join(wrong)) from None

    @property
    def database(self) -> str:
        """The URL of the database; SQLite in RISKSENTINEL_HOME if DATABASE_URL is unset."""
        return self.database_url or f"sqlite:///{self.risksentinel_home / DATABASE_FILE}"

    def make_home(self, *, with_database: bool = True) -> None:
        """Make the folder of the embedded data and its database readable by their owner only.

        `with_database` is false for a folder that will have no database.

        Raises:
            Misconfigured: the folder cannot be created, or belongs to another user.
        """
        home = self.risksentinel_home
        try:
            home.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not home.stat().st_mode & S_ISVTX:  # a folder of all users, like /tmp, stays so
                home.chmod(0o700)
            if with_database and not self.database_url:
                (home / DATABASE_FILE).touch(0o600)  # what SQLite adds to it gets its mode
            for file in home.glob(f"{DATABASE_FILE}*"):
                file.chmod(0o600)
        except OSError as error:
            raise Misconfigured(
                f"RISKSENTINEL_HOME cannot be used: {error.strerror}; set it to a folder that you "
                "own and may write to"
            ) from None

    @property
    def models(self) -> str:
        """The root of the model storage, which contains models/<name>/<version>/."""
        return self.model_uri or str(self.risksentinel_home)

    @property
    def anchors(self) -> str:
        """The root of the storage of the ledger's anchors."""
        return self.ledger_uri or self.models

    @property
    def policy(self) -> Policy:
        """The parameters of scoring."""
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
            max_lateness_seconds=self.max_lateness_seconds,
        )
