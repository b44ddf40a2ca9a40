"""Takeover and impersonation: a thief, or the deceived owner, pays a new beneficiary."""

from typing import Final

from risksentinel.rules.pack.writing import (
    A_DAY,
    INSTANT,
    NEW_BENEFICIARY,
    REMOTELY,
    Rule,
    asks,
    every,
    stated,
)

TAKEOVER: Final[dict[str, Rule]] = {
    # Impersonation and SIM swap end with one large payment to a new beneficiary, ordered by phone
    # or browser. R50,000 is the maximum of PayShap: a drain uses all of it, or a rail without that
    # limit.
    "za-new-beneficiary": {
        "name": "Large first payment to a new beneficiary",
        "description": (
            "R50,000.00 or more to an account that the sender first paid within 24 hours, ordered "
            "by phone or browser: typical of impersonation and of a SIM swap. Call the sender on a "
            "number known before, and ask who gave the account number."
        ),
        "condition": every(asks("amount_zar", "gte", "50000.00"), REMOTELY, NEW_BENEFICIARY),
        "weight": 0.5,
        "severity": "critical",
        "action": "review",
    },
    # The same below the limit of PayShap, final within a minute: twice the sender's largest
    # payment. The largest payment is often the rent: ten times of that would match too few
    # payments.
    "za-instant-new-beneficiary": {
        "name": "Unusual instant payment to a new beneficiary",
        "description": (
            "R10,000.00 or more by PayShap or RTC to a new beneficiary, ten times the sender's "
            "median and twice its largest payment or more. Nothing can be stopped afterwards: call "
            "the sender first."
        ),
        "condition": every(
            asks("rail", "in", INSTANT),
            asks("amount_zar", "gte", "10000.00"),
            REMOTELY,
            NEW_BENEFICIARY,
            asks("amount.to_median", "gte", 10),
            asks("amount.to_largest", "gte", 2),
        ),
        "weight": 0.5,
        "severity": "high",
        "action": "review",
    },
    # Thieves save a beneficiary and pay it at once. Owners do the same for a new beneficiary, but
    # rarely with three times their largest payment.
    "za-just-saved-beneficiary": {
        "name": "Unusual payment to a beneficiary just saved",
        "description": (
            "R10,000.00 or more to a beneficiary that was saved within the last hour, three times "
            "the sender's largest payment or more. Call the sender, and ask who gave the account "
            "number."
        ),
        "condition": every(
            stated("beneficiary.since_added_seconds"),
            asks("beneficiary.since_added_seconds", "lte", 3_600),
            asks("amount_zar", "gte", "10000.00"),
            REMOTELY,
            asks("amount.to_largest", "gte", 3),
        ),
        "weight": 0.5,
        "severity": "high",
        "action": "review",
    },
    # A fraudster controls a swapped number for hours, until the owner notices; banks monitor an
    # account for one to three days after a swap.
    "za-sim-swap": {
        "name": "New SIM, new device, new beneficiary",
        "description": (
            "The sender's number moved to another SIM within 72 hours, the device is new, and "
            "R1,000.00 or more go to a new beneficiary: the one-time PIN reaches another person. "
            "Block the account and call the sender on another number."
        ),
        "condition": every(
            stated("sender.since_sim_swap_seconds"),
            asks("sender.since_sim_swap_seconds", "lte", 3 * A_DAY),
            stated("device_id"),
            asks("device.is_new_for_sender", "eq", True),  # noqa: FBT003 - a rule's value
            asks("amount_zar", "gte", "1000.00"),
            NEW_BENEFICIARY,
        ),
        "weight": 1.0,
        "severity": "critical",
        "action": "decline",
    },
    "za-sim-swap-beneficiary": {
        "name": "New beneficiary after a SIM swap",
        "description": (
            "The sender's number moved to another SIM within 72 hours, and R1,000.00 or more go to "
            "a new beneficiary. Call the sender on another number."
        ),
        "condition": every(
            stated("sender.since_sim_swap_seconds"),
            asks("sender.since_sim_swap_seconds", "lte", 3 * A_DAY),
            asks("amount_zar", "gte", "1000.00"),
            REMOTELY,
            NEW_BENEFICIARY,
        ),
        "weight": 0.5,
        "severity": "high",
        "action": "review",
    },
    # Changed bank details: invoice and amount are regular, the account is another one.
    "za-changed-bank-details": {
        "name": "A regular invoice goes to another account",
        "description": (
            "R10,000.00 or more to a new beneficiary, about as much as another beneficiary got "
            "three times or more: the bank details on an invoice may have been changed. Ask the "
            "supplier by a number known before."
        ),
        "condition": every(
            asks("amount_zar", "gte", "10000.00"),
            REMOTELY,
            NEW_BENEFICIARY,
            asks("merchant_category", "exists", False),  # noqa: FBT003 - a rule's value
            asks("amount.similar_to_other_beneficiary", "gte", 3),
        ),
        "weight": 0.5,
        "severity": "high",
        "action": "review",
    },
}
