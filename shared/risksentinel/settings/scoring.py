"""ScoringSettings: the parameters of scoring."""

from decimal import Decimal

from pydantic import BaseModel, Field, ValidationInfo, field_validator

from risksentinel.scoring.policy import AMOUNT_CEILINGS, Policy
from risksentinel.scoring.policy_settings import (
    Score,
    Weight,
    WindowCount,
    WindowRand,
    WindowSeconds,
    ZScore,
)
from risksentinel.settings.values import (
    Ceilings,
    HabitMultiple,
    Lateness,
    LimitMultiple,
    Risk,
)


class ScoringSettings(BaseModel):
    """The settings that decide, a part of the settings of every process; `policy` has them all."""

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
    velocity_window_seconds: WindowSeconds = Field(
        300, description="period that the velocity signal counts, in seconds"
    )
    velocity_max_txn_count: WindowCount = Field(
        10, description="payments of one sender in the window that give risk 1"
    )
    velocity_max_total_zar: WindowRand = Field(
        Decimal(50_000),
        description="rand of one sender in the window that give risk 1",
    )
    amount_anomaly_zscore: ZScore = Field(
        3.0, description="deviations above the sender's median that give risk 0.5"
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
    ml_weight: Weight = Field(
        0.6,
        description="weight of the model in the score; with 1 it replaces the other signals",
    )
    ml_learnt_weights: bool = Field(
        default=False,
        description="whether weights that a model learnt from labels replace those of the four "
        "signals",
    )

    @field_validator("risk_score_critical")
    @classmethod
    def _is_not_below_high(cls, critical: Decimal, info: ValidationInfo) -> Decimal:
        if critical < info.data.get("risk_score_high", critical):
            raise ValueError("must not be below RISK_SCORE_HIGH")
        return critical

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
