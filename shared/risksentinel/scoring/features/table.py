"""FEATURES: the features of a payment, one line each, in the order of the model's columns.

An unknown value is missing (NaN), never 0. Features of an account are computed from its last 64
payments, features by day from its last 40 days with payments. Amounts are used as ratios only, so
that a model is independent of the currency.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

_EVER: Final = "64 payments"


@dataclass(frozen=True, slots=True)
class Feature:
    """`window` is the period that the feature covers; `meaning` is for an analyst."""

    unit: str
    window: str
    meaning: str


def _labels(side: str) -> dict[str, Feature]:
    """Return the features of labels for one of the two accounts."""
    found: dict[str, Feature] = {}
    for name, window in (("1d", "1 day"), ("7d", "7 days"), ("30d", "30 days")):
        reach = f"{window} before the labels' delay"
        found |= {
            f"{side}_covered_{name}": Feature("payments", reach, f"the {side}'s, old enough"),
            f"{side}_frauds_{name}": Feature("frauds", f"{window} + delay", "as far as known"),
            f"{side}_fraud_rate_{name}": Feature("share", reach, "frauds by payments old enough"),
        }
    return found | {
        f"{side}_frauds": Feature("frauds", "32 labels", f"of the {side}, however long ago"),
        f"{side}_since_fraud": Feature("seconds", "32 labels", "since the last known one"),
        f"{side}_since_first_fraud": Feature("seconds", "45 days", "since the first known one"),
        f"{side}_uncovered": Feature("payments", _EVER, "too young for their labels"),
        f"{side}_clean_since_fraud": Feature(
            "payments", _EVER, "after the last known fraud, old enough for a label, without one"
        ),
    }


FEATURES: Final[Mapping[str, Feature]] = MappingProxyType(
    {
        "amount_to_median": Feature("times", _EVER, "the amount, in the sender's median amounts"),
        "amount_to_largest": Feature("times", _EVER, "the amount, in the sender's largest one"),
        "amount_deviation": Feature(
            "spreads", _EVER, "how far above the sender's median, in its interquartile ranges"
        ),
        "amount_rank": Feature("share", _EVER, "the sender's payments that were smaller"),
        "amount_spread": Feature("share", _EVER, "the sender's interquartile range in medians"),
        "sender_payments": Feature("payments", _EVER, "how many are kept of the sender"),
        "receiver_amount_to_median": Feature("times", _EVER, "in the median that the receiver got"),
        "receiver_amount_to_largest": Feature("times", _EVER, "in the most that the receiver got"),
        "receiver_amount_deviation": Feature(
            "spreads", _EVER, "how far above the receiver's median, likewise"
        ),
        "receiver_amount_rank": Feature("share", _EVER, "the receiver's that were smaller"),
        "receiver_payments": Feature("payments", _EVER, "how many are kept of the receiver"),
        "pooled_amount_to_median": Feature(
            "times", _EVER, "in the median of both accounts' payments together"
        ),
        "pooled_amount_deviation": Feature("spreads", _EVER, "above that median, likewise"),
        "pooled_amount_rank": Feature("share", _EVER, "of both accounts' that were smaller"),
        "count_5m": Feature("payments", "5 minutes", "the sender's earlier ones"),
        "count_1h": Feature("payments", "1 hour", "likewise"),
        "count_24h": Feature("payments", "24 hours", "likewise"),
        "sum_5m_to_median": Feature("times", "5 minutes", "the sum with this one, in medians"),
        "sum_1h_to_median": Feature("times", "1 hour", "likewise"),
        "sum_24h_to_median": Feature("times", "24 hours", "likewise"),
        "count_24h_to_habit": Feature(
            "times", "24 hours", "payments, this one too, in those of a day of the last 30"
        ),
        "sum_24h_to_habit": Feature(
            "times", "24 hours", "the sum, in that of a day of the last 30"
        ),
        "count_7d_to_habit": Feature("times", "7 days", "payments a day, in those of the last 30"),
        "sum_7d_to_habit": Feature("times", "7 days", "the sum of a day, in that of the last 30"),
        "payments_a_day": Feature("payments", "30 days", "the sender's, before today"),
        "since_last": Feature("seconds", _EVER, "since the sender's last payment"),
        "since_last_to_habit": Feature("times", _EVER, "the same, in the mean wait between two"),
        "receiver_count_1h": Feature("payments", "1 hour", "to the receiver before this one"),
        "receiver_count_24h": Feature("payments", "24 hours", "likewise"),
        "receiver_count_24h_to_habit": Feature(
            "times", "24 hours", "likewise with this one, in those of a day of the last 30"
        ),
        "receiver_payments_a_day": Feature("payments", "30 days", "the receiver's, before today"),
        "receiver_since_last": Feature("seconds", _EVER, "since the receiver was paid last"),
        "receiver_fan_in_24h": Feature("senders", "24 hours", "who paid the receiver before"),
        "receiver_is_new": Feature(
            "yes or no", _EVER, "the sender's first payment to the receiver"
        ),
        "receiver_surprise": Feature("bits", _EVER, "how seldom the sender paid the receiver"),
        "hour": Feature("hours", "now", "the time of the day by local clocks"),
        "weekday": Feature("days", "now", "0 is Monday, by local clocks"),
        "hour_surprise": Feature("bits", _EVER, "how seldom the sender pays within 2 hours of it"),
        "receiver_hour_surprise": Feature("bits", _EVER, "how seldom the receiver is paid then"),
        "weekday_surprise": Feature("bits", _EVER, "how seldom the sender pays on that weekday"),
        "channel_surprise": Feature("bits", _EVER, "how seldom the sender uses the channel"),
        "category_surprise": Feature("bits", _EVER, "how seldom the sender pays the category"),
        "category_amount_to_median": Feature(
            "times", _EVER, "the amount, in the sender's median for the category"
        ),
        "category_amount_to_largest": Feature(
            "times", _EVER, "the amount, in the sender's largest for the category"
        ),
        "unusual_24h": Feature(
            "payments", "24 hours", "the sender's that lay 3 spreads above the median"
        ),
        "unusual_7d": Feature("payments", "7 days", "likewise"),
        "unusual_30d": Feature("payments", "30 days", "likewise"),
        "since_unusual": Feature("seconds", _EVER, "since the last of them"),
        "unusual_sum_7d": Feature("spreads", "7 days", "all payments' distance above the median"),
        "unusual_sum_30d": Feature("spreads", "30 days", "likewise"),
        "largest_7d_to_median": Feature("times", "7 days", "the largest one, in medians"),
        "receiver_unusual_7d": Feature("payments", "7 days", "the receiver's 3 spreads above"),
        **_labels("receiver"),
        **_labels("sender"),
    }
)
NAMES: Final = tuple(FEATURES)
# Features that a model without labels uses.
FROM_LABELS: Final = frozenset({*_labels("receiver"), *_labels("sender")})
