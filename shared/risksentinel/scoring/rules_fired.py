"""rules_fired: the rules that fired on a payment, from its receipt."""

from collections.abc import Mapping
from typing import Any


def rules_fired(receipt: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids of the fired rules, in the order of the receipt; none without the signal."""
    details: Mapping[str, Any] = receipt["signals"].get("rules", {}).get("details", {})
    return tuple(rule["rule"].rpartition("@")[0] for rule in details.get("fired", ()))
