"""ServerSettings: what one HTTP server accepts from its clients."""

from typing import Annotated

from pydantic import BaseModel, Field, WrapValidator

from risksentinel.settings.values import unless_off

AddressLimit = Annotated[Annotated[int, Field(ge=1, le=100_000)] | None, WrapValidator(unless_off)]
DecisionDeadline = Annotated[
    Annotated[int, Field(ge=50, le=60_000)] | None, WrapValidator(unless_off)
]


class ServerSettings(BaseModel):
    """The settings of the HTTP server; `Settings` has them all."""

    max_waiting: int | None = Field(
        None,
        ge=1,
        le=10_000,
        description="requests that wait for a thread; more get 503 at once; 8 for each thread if "
        "unset",
    )
    max_connections: int = Field(
        1_000,
        ge=16,
        le=100_000,
        description="open connections; beyond them those that are idle for longest are closed",
    )
    max_connections_per_address: AddressLimit = Field(
        None,
        description="open connections of one address to `risksentinel serve`; not behind a proxy, "
        "which has one address; none: no limit",
    )
    rate_limit: str = Field(
        "",
        pattern=r"^([1-9][0-9]{0,6}/(second|minute|hour))?$",
        description="requests of one caller, like 100/second; a batch counts each payment; no "
        "limit if unset",
    )
    decision_deadline_ms: DecisionDeadline = Field(
        250,
        description="milliseconds from a payment's first byte to its decision; sources that take "
        "longer are left out, and looked at again later; none: no deadline",
    )
    header_timeout_seconds: float = Field(
        10.0, ge=0.1, le=300, description="seconds in which a request's headers must arrive"
    )
    body_timeout_seconds: float = Field(
        30.0, ge=0.1, le=600, description="seconds in which a request's body must arrive"
    )
