"""settings_of: the settings in the document of a policy -> Policy, with the bounds of each."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from risksentinel.domain.transaction import Channel, Rail
from risksentinel.errors import Malformed, Violation
from risksentinel.scoring.policy import Policy
from risksentinel.text.validation import violations_of

Score = Annotated[Decimal, Field(ge=Decimal("0.0001"), le=1)]
Risk = Annotated[float, Field(ge=0.01, le=1)]
LimitMultiple = Annotated[float, Field(ge=0.1, le=100)]
HabitMultiple = Annotated[float, Field(ge=1, le=1_000_000)]
Lateness = Annotated[int, Field(ge=60, le=3_153_600_000)]
WindowSeconds = Annotated[int, Field(ge=1, le=86_400)]
WindowCount = Annotated[int, Field(ge=1, le=500)]
WindowRand = Annotated[Decimal, Field(ge=1, le=1_000_000_000_000)]
ZScore = Annotated[float, Field(ge=0.1, le=100)]
Weight = Annotated[float, Field(ge=0, le=1)]
Ceiling = Annotated[Decimal, Field(ge=Decimal("0.01"), lt=Decimal(10) ** 16)]
_CARRIERS: Final = frozenset(member.value for member in (*Channel, *Rail))


class PolicySettings(BaseModel):
    """The settings of a policy; null turns an escalation off. Money and scores are text."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    medium: Score
    high: Score
    critical: Score
    alert_threshold: Score
    velocity_window_seconds: WindowSeconds
    velocity_max_count: WindowCount
    velocity_max_total_zar: WindowRand
    anomaly_z_score: ZScore
    ml_weight: Weight
    learnt_weights: bool
    escalate_velocity_review: LimitMultiple | None
    escalate_velocity_decline: LimitMultiple | None
    escalate_amount_to_habit: HabitMultiple | None
    escalate_amount_ceilings: dict[str, Ceiling] | None
    escalate_strong_signals: Risk | None
    escalate_strong_without_past: Risk | None
    max_lateness_seconds: Lateness | None

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if not self.medium <= self.high <= self.critical:
            raise PydanticCustomError("order", "medium, high and critical must be in rising order")
        unknown = (self.escalate_amount_ceilings or {}).keys() - _CARRIERS
        if unknown:
            names = ", ".join(sorted(_CARRIERS))
            raise PydanticCustomError("carrier", "ceilings must be of: {names}", {"names": names})
        return self


def settings_of(document: object) -> Policy:
    """Return the policy with these settings, without code and version.

    Raises:
        Malformed: all violations, with paths like `high`.
    """
    if not isinstance(document, Mapping):
        raise Malformed([Violation("", "must be an object")])
    try:
        found = PolicySettings.model_validate(dict(document))
    except ValidationError as error:
        raise Malformed(violations_of(error)) from None
    return Policy(**{name: getattr(found, name) for name in PolicySettings.model_fields})
