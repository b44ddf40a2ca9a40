"""EventSettings: who may send events to the functions."""

from typing import Literal

from pydantic import BaseModel, Field

from risksentinel.settings.values import RequestRate

EventAuth = Literal["secret", "oidc", "none"] | None


class EventSettings(BaseModel):
    """The settings of the senders of events, a part of the settings of every process."""

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
    event_oidc_ca_file: str = Field(
        "",
        description="certificates that sign the certificate of EVENT_OIDC_ISSUER, in PEM; those of "
        "the system if unset",
    )
    event_oidc_audience: str = Field(
        "", description="audience that the tokens of senders must have, for EVENT_AUTH=oidc"
    )
    event_oidc_subjects: str = Field(
        "",
        description="subjects whose events are taken, for EVENT_AUTH=oidc; separated by spaces, "
        "like system:serviceaccount:risksentinel:transactions",
    )
