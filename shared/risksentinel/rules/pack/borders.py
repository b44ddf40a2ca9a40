"""Cross-border transfers that must be reported by the FIC Act."""

from typing import Final

from risksentinel.rules.pack.writing import Rule, asks, every

BORDERS: Final[dict[str, Rule]] = {
    # FIC Act s31: an international transfer above R19,999.99 is reported. A duty again.
    "za-cross-border": {
        "name": "Money leaves the country above the reporting threshold",
        "description": (
            "More than R19,999.99 to a receiver outside South Africa. An international funds "
            "transfer report is due (FIC Act, section 31); it is listed among the reports. Check "
            "the purpose that the sender gave."
        ),
        "condition": every(
            asks("amount_zar", "gt", "19999.99"),
            asks("receiver_country", "exists", True),  # noqa: FBT003 - a rule's value
            asks("receiver_country", "ne", "ZA"),
        ),
        "weight": 0.3,
        "severity": "medium",
        "action": "flag",
    },
}
