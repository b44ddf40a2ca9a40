"""The rules of the lists `block`, `mule` and `allow`, which are empty at first."""

from typing import Final

from risksentinel.rules.pack.writing import Rule, asks, either, every, stated

LISTED: Final[dict[str, Rule]] = {
    "za-block-list": {
        "name": "An account or device on the block list",
        "description": (
            "Sender, receiver or device is on the list `block`. The entry says who put it there "
            "and why."
        ),
        "condition": either(
            asks("receiver_id", "in_list", "block"),
            asks("sender_id", "in_list", "block"),
            every(stated("device_id"), asks("device_id", "in_list", "block")),
        ),
        "weight": 1.0,
        "severity": "critical",
        "action": "decline",
    },
    "za-mule-list": {
        "name": "Beneficiary is a known mule account",
        "description": (
            "The receiver is on the list `mule`: it took in the money of a fraud before. The entry "
            "says who put it there and why."
        ),
        "condition": asks("receiver_id", "in_list", "mule"),
        "weight": 1.0,
        "severity": "critical",
        "action": "decline",
    },
    # Only the beneficiary is compared: an allowed sender could be taken over.
    "za-allow-list": {
        "name": "Beneficiary on the allow list",
        "description": (
            "The receiver is on the list `allow`: payments to it are approved whatever their "
            "score, unless a rule declines them."
        ),
        "condition": asks("receiver_id", "in_list", "allow"),
        "weight": 0.0,
        "severity": "low",
        "action": "approve",
    },
}
