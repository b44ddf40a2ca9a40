"""Policy: the figures that a risk team sets."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Policy:
    """Thresholds are scores from 0 to 1, limits are for one sender in one velocity window."""

    high: Decimal = Decimal("0.7")
    critical: Decimal = Decimal("0.9")
    alert_threshold: Decimal = Decimal("0.7")
    velocity_window_seconds: int = 300
    velocity_max_count: int = 10
    velocity_max_total_zar: Decimal = Decimal(50_000)
    anomaly_z_score: float = 3.0
    ml_weight: float = 0.6
    learnt_weights: bool = False  # those of a model that has them, in the place of the others
