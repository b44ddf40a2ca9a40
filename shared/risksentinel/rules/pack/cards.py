"""Stolen card numbers: tested with small payments, then used with large ones."""

from typing import Final

from risksentinel.rules.pack.writing import Rule, asks, either, every

_BY_CARD: Final = either(asks("rail", "eq", "card"), asks("rail", "exists", False))  # noqa: FBT003 - a rule's value
_ONLINE: Final = asks("channel", "eq", "ecommerce")

CARDS: Final[dict[str, Rule]] = {
    # A stolen card number is used without card and PIN, far above its owner's habit. Three
    # deviations are the default threshold of the anomaly signal.
    "za-card-not-present": {
        "name": "Unusual online purchase without the card",
        "description": (
            "A payment in an online shop, three or more deviations above what the sender usually "
            "pays: the card's number may be in other hands."
        ),
        "condition": every(_ONLINE, _BY_CARD, asks("anomaly.z", "gte", 3)),
        "weight": 0.7,
        "severity": "high",
        "action": "flag",
    },
    # Goods that are easily sold are bought at once: gift cards, airtime, phones.
    "za-card-spree": {
        "name": "Many unusual online card payments",
        "description": (
            "Six or more payments within an hour, R5,000 or more in all, this one in an online "
            "shop and three times the sender's median or more: a stolen card number is being used. "
            "Call the cardholder."
        ),
        "condition": every(
            _ONLINE,
            _BY_CARD,
            asks("sender.count_1h", "gte", 6),
            asks("sender.sum_zar_1h", "gte", "5000.00"),
            asks("amount.to_median", "gte", 3),
        ),
        "weight": 0.5,
        "severity": "high",
        "action": "review",
    },
    # Test payments stay below the amounts that a cardholder notices and below the velocity limits
    # of five minutes. A game or a phone shop also takes many small payments, but is one merchant.
    "za-card-testing": {
        "name": "Many small online card payments",
        "description": (
            "Within an hour eight or more online card payments at four or more merchants, or "
            "fifteen or more, none above R100.00: this may be a test of a stolen card. Block "
            "the card."
        ),
        "condition": every(
            _ONLINE,
            _BY_CARD,
            asks("amount_zar", "lte", "100.00"),
            asks("sender.count_1h", "gte", 8),
            asks("sender.largest_zar_1h", "lte", "100.00"),
            either(asks("sender.beneficiaries_1h", "gte", 4), asks("sender.count_1h", "gte", 15)),
        ),
        "weight": 0.5,
        "severity": "high",
        "action": "review",
    },
}
