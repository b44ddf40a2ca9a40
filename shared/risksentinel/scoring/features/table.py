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
            f"{side}_covered_{name}": Feature(
                "payments", reach, f"{side}'s payments older than the delay"
            ),
            f"{side}_frauds_{name}": Feature(
                "frauds", f"{window} + delay", f"known frauds of the {side}"
            ),
            f"{side}_fraud_rate_{name}": Feature(
                "share", reach, "known frauds / payments older than the delay"
            ),
        }
    return found | {
        f"{side}_frauds": Feature("frauds", "32 labels", f"known frauds of the {side}"),
        f"{side}_since_fraud": Feature(
            "seconds", "32 labels", f"since the last known fraud of the {side}"
        ),
        f"{side}_since_first_fraud": Feature(
            "seconds", "45 days", f"since the first known fraud of the {side}"
        ),
        f"{side}_uncovered": Feature(
            "payments", _EVER, f"{side}'s payments younger than the delay"
        ),
        f"{side}_clean_since_fraud": Feature(
            "payments",
            _EVER,
            f"{side}'s payments since the last known fraud, older than the delay, not fraud",
        ),
    }


FEATURES: Final[Mapping[str, Feature]] = MappingProxyType(
    {
        "amount_to_median": Feature("times", _EVER, "amount / sender's median amount"),
        "amount_to_largest": Feature("times", _EVER, "amount / sender's largest amount"),
        "amount_deviation": Feature(
            "spreads", _EVER, "(amount - sender's median) / sender's interquartile range"
        ),
        "amount_rank": Feature("share", _EVER, "share of the sender's payments that were smaller"),
        "amount_spread": Feature("share", _EVER, "sender's interquartile range / sender's median"),
        "sender_payments": Feature("payments", _EVER, "stored payments of the sender"),
        "receiver_amount_to_median": Feature(
            "times", _EVER, "amount / median of the payments to the receiver"
        ),
        "receiver_amount_to_largest": Feature(
            "times", _EVER, "amount / largest payment to the receiver"
        ),
        "receiver_amount_deviation": Feature(
            "spreads", _EVER, "(amount - receiver's median) / receiver's interquartile range"
        ),
        "receiver_amount_rank": Feature(
            "share", _EVER, "share of the payments to the receiver that were smaller"
        ),
        "receiver_payments": Feature("payments", _EVER, "stored payments to the receiver"),
        "pooled_amount_to_median": Feature(
            "times", _EVER, "amount / median of both accounts' payments"
        ),
        "pooled_amount_deviation": Feature(
            "spreads", _EVER, "(amount - both accounts' median) / their interquartile range"
        ),
        "pooled_amount_rank": Feature(
            "share", _EVER, "share of both accounts' payments that were smaller"
        ),
        "count_5m": Feature("payments", "5 minutes", "sender's earlier payments"),
        "count_1h": Feature("payments", "1 hour", "sender's earlier payments"),
        "count_24h": Feature("payments", "24 hours", "sender's earlier payments"),
        "sum_5m_to_median": Feature(
            "times", "5 minutes", "sender's sum with this payment / sender's median amount"
        ),
        "sum_1h_to_median": Feature(
            "times", "1 hour", "sender's sum with this payment / sender's median amount"
        ),
        "sum_24h_to_median": Feature(
            "times", "24 hours", "sender's sum with this payment / sender's median amount"
        ),
        "count_24h_to_habit": Feature(
            "times", "24 hours", "sender's payments with this one / mean of a day of the last 30"
        ),
        "sum_24h_to_habit": Feature(
            "times", "24 hours", "sender's sum with this payment / mean sum of a day of the last 30"
        ),
        "count_7d_to_habit": Feature(
            "times", "7 days", "sender's mean payments a day / mean of a day of the last 30"
        ),
        "sum_7d_to_habit": Feature(
            "times", "7 days", "sender's mean sum a day / mean sum of a day of the last 30"
        ),
        "payments_a_day": Feature(
            "payments", "30 days", "sender's mean payments a day, before today"
        ),
        "since_last": Feature("seconds", _EVER, "since the sender's last payment"),
        "since_last_to_habit": Feature(
            "times", _EVER, "since the sender's last payment / mean time between two payments"
        ),
        "receiver_count_1h": Feature("payments", "1 hour", "earlier payments to the receiver"),
        "receiver_count_24h": Feature("payments", "24 hours", "earlier payments to the receiver"),
        "receiver_count_24h_to_habit": Feature(
            "times",
            "24 hours",
            "payments to the receiver with this one / mean of a day of the last 30",
        ),
        "receiver_payments_a_day": Feature(
            "payments", "30 days", "mean payments a day to the receiver, before today"
        ),
        "receiver_since_last": Feature("seconds", _EVER, "since the last payment to the receiver"),
        "receiver_fan_in_24h": Feature(
            "senders", "24 hours", "different senders that paid the receiver before"
        ),
        "receiver_is_new": Feature(
            "yes or no", _EVER, "whether this is the sender's first payment to the receiver"
        ),
        "receiver_surprise": Feature(
            "bits", _EVER, "-log2 of the share of the sender's payments to the receiver"
        ),
        "hour": Feature("hours", "now", "time of day in local time"),
        "weekday": Feature("days", "now", "day of the week in local time, 0 is Monday"),
        "hour_surprise": Feature(
            "bits", _EVER, "-log2 of the share of the sender's payments within 2 hours of this time"
        ),
        "receiver_hour_surprise": Feature(
            "bits",
            _EVER,
            "-log2 of the share of the receiver's payments within 2 hours of this time",
        ),
        "weekday_surprise": Feature(
            "bits", _EVER, "-log2 of the share of the sender's payments on this weekday"
        ),
        "channel_surprise": Feature(
            "bits", _EVER, "-log2 of the share of the sender's payments by this channel"
        ),
        "category_surprise": Feature(
            "bits", _EVER, "-log2 of the share of the sender's payments in this category"
        ),
        "category_amount_to_median": Feature(
            "times", _EVER, "amount / sender's median in this category"
        ),
        "category_amount_to_largest": Feature(
            "times", _EVER, "amount / sender's largest amount in this category"
        ),
        "unusual_24h": Feature(
            "payments", "24 hours", "sender's payments that were 3 spreads above the median"
        ),
        "unusual_7d": Feature(
            "payments", "7 days", "sender's payments that were 3 spreads above the median"
        ),
        "unusual_30d": Feature(
            "payments", "30 days", "sender's payments that were 3 spreads above the median"
        ),
        "since_unusual": Feature(
            "seconds", _EVER, "since the sender's last payment that was 3 spreads above the median"
        ),
        "unusual_sum_7d": Feature(
            "spreads", "7 days", "sum of the sender's payments above the median, in spreads"
        ),
        "unusual_sum_30d": Feature(
            "spreads", "30 days", "sum of the sender's payments above the median, in spreads"
        ),
        "largest_7d_to_median": Feature(
            "times", "7 days", "sender's largest payment / sender's median amount"
        ),
        "receiver_unusual_7d": Feature(
            "payments", "7 days", "payments to the receiver that were 3 spreads above its median"
        ),
        **_labels("receiver"),
        **_labels("sender"),
    }
)
NAMES: Final = tuple(FEATURES)
