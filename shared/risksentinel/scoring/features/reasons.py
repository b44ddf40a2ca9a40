"""Reasons: the features that make a payment anomalous for its sender, in words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf, log2
from typing import Final

from risksentinel.scoring.features.table import NAMES

MAX_REASONS: Final = 3
_TWICE: Final = 2.0  # no decimals from this value on


@dataclass(frozen=True, slots=True)
class Phrase:
    """`least` is the value from which on the feature is reported.

    Above it the binary logarithm counts: a doubling is equally anomalous in each feature.
    """

    feature: str
    least: float
    words: Callable[[float], str]
    about: str  # of two phrases about one subject the more anomalous is reported

    def magnitude(self, value: float) -> float:
        """Return log2(value / least); minus infinity below it and for a missing value."""
        return 1.0 + log2(value / self.least) if value >= self.least else -inf


def _times(words: str) -> Callable[[float], str]:
    return lambda value: (
        f"{value:.0f} times {words}" if value >= _TWICE else f"{value:.1f} times {words}"
    )


def _said(words: str) -> Callable[[float], str]:
    return lambda _: words


def _counted(one: str, many: str) -> Callable[[float], str]:
    return lambda value: f"{value:.0f} {one if value == 1 else many}"


PHRASES: Final = (
    Phrase("amount_to_median", 3, _times("this sender's usual amount"), "amount"),
    Phrase("amount_to_largest", 1.5, _times("this sender's largest amount so far"), "amount"),
    Phrase(
        "category_amount_to_largest",
        1.5,
        _times("this sender's largest amount in the merchant's category"),
        "amount",
    ),
    Phrase("sum_1h_to_median", 10, _times("the usual amount within an hour"), "burst"),
    Phrase("count_24h_to_habit", 5, _times("as many payments as on a usual day"), "burst"),
    Phrase("sum_24h_to_habit", 5, _times("the sum of a usual day"), "burst"),
    Phrase("receiver_is_new", 1, _said("first payment to this receiver"), "receiver"),
    Phrase("receiver_amount_to_largest", 1.5, _times("the most this receiver got"), "got"),
    Phrase("receiver_count_24h_to_habit", 5, _times("the receiver's usual payments"), "got"),
    Phrase("hour_surprise", 4, _said("a time of the day when this sender seldom pays"), "time"),
    Phrase("channel_surprise", 4, _said("a channel that this sender seldom uses"), "channel"),
    Phrase("category_surprise", 4, _said("a category that this sender seldom pays"), "category"),
    Phrase(
        "unusual_24h",
        1,
        _counted(
            "earlier unusually large payment within 24 hours",
            "earlier unusually large payments within 24 hours",
        ),
        "memory",
    ),
    Phrase(
        "receiver_frauds_30d",
        1,
        _counted("recent fraud known at this receiver", "recent frauds known at this receiver"),
        "frauds",
    ),
    Phrase(
        "sender_frauds_30d",
        1,
        _counted("recent fraud known of this sender", "recent frauds known of this sender"),
        "own frauds",
    ),
)
_PLACES: Final = tuple((phrase, NAMES.index(phrase.feature)) for phrase in PHRASES)


def reasons(row: Sequence[float]) -> tuple[str, ...]:
    """Return at most three reasons, the most anomalous first.

    The row has the features in the order of FEATURES; missing values give no reason.
    """
    found: dict[str, tuple[float, str]] = {}
    for phrase, place in _PLACES:
        value = float(row[place])
        magnitude = phrase.magnitude(value)
        if magnitude > found.get(phrase.about, (0.0, ""))[0]:
            found[phrase.about] = (magnitude, phrase.words(value))
    ordered = sorted(found.values(), key=lambda pair: -pair[0])
    return tuple(words for _, words in ordered[:MAX_REASONS])
