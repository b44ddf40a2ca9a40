"""TYPOLOGIES: patterns of fraud in South Africa, one function for each, as payments over hours.

The default rules (rules/pack) look for the same patterns; TYPOLOGY_OF_RULE maps rule to pattern.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from ml.population import Chance, Drawn
from ml.typologies import cards, cash, drains, mules, takeover
from ml.typologies.scene import Scene

__all__ = ["TYPOLOGIES", "TYPOLOGY_OF_RULE", "Scene"]

TYPOLOGIES: Final[Mapping[str, Callable[[Scene, Chance], Iterator[Drawn]]]] = MappingProxyType(
    {
        "card_testing": cards.card_testing,
        "card_not_present": cards.card_not_present,
        "card_spree": cards.card_spree,
        "account_drain": drains.account_drain,
        "drain_in_bites": drains.drain_in_bites,
        "spread_over_mules": drains.spread_over_mules,
        "sim_swap": takeover.sim_swap,
        "sim_swap_on_the_web": takeover.sim_swap_on_the_web,
        "impersonation": takeover.impersonation,
        "instant_payment": takeover.instant_payment,
        "salary_drain": drains.salary_drain,
        "just_saved_beneficiary": takeover.just_saved_beneficiary,
        "changed_bank_details": takeover.changed_bank_details,
        "dormant_account": takeover.dormant_account,
        "night_burst": drains.night_burst,
        "mule_fan_in": mules.fan_in,
        "mule_pass_through": mules.pass_through,
        "structuring": cash.structuring,
        "smurfing": cash.smurfing,
        "structuring_over_days": cash.structuring_over_days,
        "emergency_cash_send": cash.emergency_cash_send,
    }
)

# Rules of duties (za-cash-threshold, za-cross-border) and of lists have no typology.
TYPOLOGY_OF_RULE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "za-card-testing": "card_testing",
        "za-card-not-present": "card_not_present",
        "za-card-spree": "card_spree",
        "za-account-drain": "account_drain",
        "za-drain-in-bites": "drain_in_bites",
        "za-new-beneficiaries-burst": "spread_over_mules",
        "za-just-saved-beneficiary": "just_saved_beneficiary",
        "za-sim-swap": "sim_swap",
        "za-sim-swap-beneficiary": "sim_swap_on_the_web",
        "za-new-beneficiary": "impersonation",
        "za-instant-new-beneficiary": "instant_payment",
        "za-salary-drain": "salary_drain",
        "za-changed-bank-details": "changed_bank_details",
        "za-dormant-account": "dormant_account",
        "za-night-burst": "night_burst",
        "za-mule-fan-in": "mule_fan_in",
        "za-mule-pass-through": "mule_pass_through",
        "za-cash-structuring": "structuring",
        "za-cash-smurfing": "smurfing",
        "za-cash-structuring-days": "structuring_over_days",
        "za-emergency-cash-send": "emergency_cash_send",
    }
)
