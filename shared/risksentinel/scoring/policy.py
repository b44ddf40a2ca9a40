"""Policy: the thresholds, limits and weights that a risk team sets."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from risksentinel.domain.policy_version import PROMOTED

# Limits of one payment by channel or rail, in rand; docs/decisions.md has the sources.
AMOUNT_CEILINGS: Final[Mapping[str, Decimal]] = MappingProxyType(
    {
        "atm": Decimal(40_000),
        "pos": Decimal(500_000),
        "ecommerce": Decimal(500_000),
        "ussd": Decimal(25_000),
        "wallet": Decimal(25_000),
        "payshap": Decimal(50_000),
        "rtc": Decimal(5_000_000),
        "eft": Decimal(5_000_000),
    }
)


@dataclass(frozen=True, slots=True)
class Policy:
    """Thresholds are scores from 0 to 1; limits are for one sender in one velocity window.

    The fields `escalate_...` and `max_lateness_seconds` are thresholds of escalations
    (scoring/escalations); None turns one off.
    """

    medium: Decimal = Decimal("0.4")
    high: Decimal = Decimal("0.7")
    critical: Decimal = Decimal("0.9")
    alert_threshold: Decimal = Decimal("0.7")
    velocity_window_seconds: int = 300
    velocity_max_count: int = 10
    velocity_max_total_zar: Decimal = Decimal(50_000)
    anomaly_z_score: float = 3.0
    ml_weight: float = 0.6
    learnt_weights: bool = False  # use the weights of a model that learnt them
    escalate_velocity_review: float | None = 1.0  # times a velocity limit
    escalate_velocity_decline: float | None = 3.0  # times a velocity limit
    escalate_amount_to_habit: float | None = 25.0  # times the largest habit
    escalate_amount_ceilings: Mapping[str, Decimal] | None = field(
        default_factory=lambda: AMOUNT_CEILINGS
    )
    escalate_strong_signals: float | None = 0.9  # risk from which on a signal is strong
    escalate_strong_without_past: float | None = 0.9  # the same, on an account without history
    max_lateness_seconds: int | None = 604_800  # between a payment and its arrival; None: no limit
    code: str = ""  # digest of the code that decides: see assembly/code_digest.py
    version: int | None = None  # of all that decides; None before the first one is stored
    model: str = PROMOTED  # or one version of the model, as domain/model_choice.py writes it

    def choosing(self, model: str | None) -> "Policy":
        """Return the policy with the model of a version; without a model it has no weight."""
        if model is None:
            return replace(self, ml_weight=0.0)
        return replace(self, model=model)
