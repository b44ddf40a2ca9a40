"""Settings: environment variables, read once; complete, or every violation is reported."""

import os
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, ValidationError

from risksentinel.domain.label import CHARGEBACK_WINDOW
from risksentinel.errors import Misconfigured
from risksentinel.settings.events import EventSettings
from risksentinel.settings.kafka import KafkaSettings
from risksentinel.settings.scoring import ScoringSettings
from risksentinel.settings.server import ServerSettings
from risksentinel.settings.sign_in import SignInSettings
from risksentinel.settings.storage import StorageSettings
from risksentinel.text.validation import violations_of

LogLevel = Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(str.lower)]


class Settings(  # the order of the fields is that of the bases from the last to the first
    EventSettings,
    KafkaSettings,
    StorageSettings,
    ServerSettings,
    SignInSettings,
    ScoringSettings,
):
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

    model_name: str = Field("payments", description="name of the model that scores")
    model_refresh_seconds: float = Field(
        5.0, ge=0.1, le=20, description="interval of the check for a newly promoted model, seconds"
    )
    chargeback_window_days: int = Field(
        CHARGEBACK_WINDOW.days,
        ge=1,
        le=3_650,
        description="days after which a payment without a review counts as genuine",
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
    otel_exporter_otlp_endpoint: str = Field(
        "",
        description="OTLP/HTTP collector of traces, like http://127.0.0.1:4318; no traces if unset",
    )
    log_level: LogLevel = Field("info", description="lowest level that is logged")

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
