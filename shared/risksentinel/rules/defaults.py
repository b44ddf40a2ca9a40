"""The seven rules that RiskSentinel starts with: what a South African analyst would miss first.

A rule carries a floor where it alone is reason enough for a person to look, whatever the other
signals say. Descriptions are for that person.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

_REMOTE: Final = ["mobile_banking", "internet_banking", "ussd", "wallet"]

DEFAULT_RULES: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        # FIC Act s28: one physical cash payment above R49,999.99 is reported; payments are no
        # longer added up since November 2022. A duty, not a suspicion: hence no floor.
        "za-cash-threshold": {
            "name": "Cash above the reporting threshold",
            "description": (
                "One cash payment above R49,999.99. File a cash threshold report with the "
                "Financial Intelligence Centre (FIC Act, section 28)."
            ),
            "condition": {
                "all": [
                    {"field": "amount_zar", "operator": "gt", "value": "49999.99"},
                    {"field": "rail", "operator": "eq", "value": "cash"},
                ]
            },
            "weight": 0.6,
            "severity": "medium",
        },
        # FIC Act s29: splitting below the threshold is suspicious. From R40,000 the payment keeps
        # close to it; the sum says that together they pass it.
        "za-cash-structuring": {
            "name": "Cash split below the reporting threshold",
            "description": (
                "A cash payment of R40,000.00 to R49,999.99, not the first within the window, and "
                "together above R49,999.99: it looks split to avoid a cash threshold report. "
                "Consider a suspicious transaction report (FIC Act, section 29)."
            ),
            "condition": {
                "all": [
                    {
                        "field": "amount_zar",
                        "operator": "between",
                        "value": ["40000.00", "49999.99"],
                    },
                    {"field": "rail", "operator": "eq", "value": "cash"},
                    {"field": "velocity.count", "operator": "gte", "value": 2},
                    {"field": "velocity.total_zar", "operator": "gt", "value": "49999.99"},
                ]
            },
            "weight": 0.9,
            "severity": "high",
            "floor": 0.7,
        },
        # FIC Act s31: an international transfer above R19,999.99 is reported. A duty again.
        "za-cross-border": {
            "name": "Money leaves the country above the reporting threshold",
            "description": (
                "More than R19,999.99 to a receiver outside South Africa. Check the report of the "
                "international transfer and the purpose that the sender gave."
            ),
            "condition": {
                "all": [
                    {"field": "amount_zar", "operator": "gt", "value": "19999.99"},
                    {"field": "receiver_country", "operator": "exists", "value": True},
                    {"field": "receiver_country", "operator": "ne", "value": "ZA"},
                ]
            },
            "weight": 0.5,
            "severity": "medium",
        },
        # Impersonation and SIM swap end alike: one large payment to an account just heard of,
        # ordered from afar. R50,000 is the most that PayShap carries: who empties an account at
        # once takes all of it, or a rail beyond it.
        "za-new-beneficiary": {
            "name": "Large first payment to a new beneficiary",
            "description": (
                "R50,000.00 or more to an account that the sender first paid within 24 hours, "
                "ordered by phone or browser: typical of impersonation and of a SIM swap. Call "
                "the sender on a number known before, and ask who gave the account number."
            ),
            "condition": {
                "all": [
                    {"field": "amount_zar", "operator": "gte", "value": "50000.00"},
                    {"field": "channel", "operator": "in", "value": _REMOTE},
                    {"field": "receiver.is_new_for_sender", "operator": "eq", "value": True},
                ]
            },
            "weight": 0.9,
            "severity": "critical",
            "floor": 0.7,
        },
        # People sleep, a thief with their phone does not. Three payments in five minutes can be
        # one late supper with friends; the fourth seldom is.
        "za-night-burst": {
            "name": "Burst of payments at night",
            "description": (
                "Four or more payments within the window between 22:00 and 04:59, when the owner "
                "of a stolen phone or card does not look at it."
            ),
            "condition": {
                "all": [
                    {"field": "is_night", "operator": "eq", "value": True},
                    {"field": "velocity.count", "operator": "gte", "value": 4},
                ]
            },
            "weight": 0.7,
            "severity": "high",
        },
        # A mule's account takes in from victims who never met. A household is paid by two or three
        # in a day; a stokvel by many, but by members who paid it before; a shop by strangers, but
        # at a till or in an online shop, or with a merchant category. A collection for a funeral
        # looks alike: hence no floor.
        "za-mule-fan-in": {
            "name": "Many strangers pay one private account",
            "description": (
                "The account was paid by five or more different senders within 24 hours, it is new "
                "to this one, and it is no merchant's: it may be a mule account. See how fast the "
                "money leaves it."
            ),
            "condition": {
                "all": [
                    {"field": "merchant_category", "operator": "exists", "value": False},
                    {"field": "channel", "operator": "not_in", "value": ["pos", "ecommerce"]},
                    {"field": "receiver.senders_24h", "operator": "gte", "value": 5},
                    {"field": "receiver.is_new_for_sender", "operator": "eq", "value": True},
                ]
            },
            "weight": 0.8,
            "severity": "high",
        },
        # A stolen card number buys without card and PIN, and far above its owner's habit. Three
        # deviations are what the anomaly signal takes as unusual by default.
        "za-card-not-present": {
            "name": "Unusual online purchase without the card",
            "description": (
                "A payment in an online shop, three or more deviations above what the sender "
                "usually pays: the card's number may be in other hands."
            ),
            "condition": {
                "all": [
                    {"field": "channel", "operator": "eq", "value": "ecommerce"},
                    {
                        "any": [
                            {"field": "rail", "operator": "eq", "value": "card"},
                            {"field": "rail", "operator": "exists", "value": False},
                        ]
                    },
                    {"field": "anomaly.z", "operator": "gte", "value": 3},
                ]
            },
            "weight": 0.7,
            "severity": "high",
        },
    }
)
