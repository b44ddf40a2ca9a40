"""Takeover and impersonation: an account is emptied by a stranger, or by its deceived owner."""

from typing import Final

from risksentinel.rules.pack.writing import (
    A_DAY,
    INSTANT,
    NEW_BENEFICIARY,
    REMOTELY,
    Rule,
    asks,
    every,
)

TAKEOVER: Final[dict[str, Rule]] = {
    # Impersonation and SIM swap end alike: one large payment to an account just heard of, ordered
    # from afar. R50,000 is the most that PayShap carries: who empties an account at once takes all
    # of it, or a rail beyond it.
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
    # The same below the limit of PayShap: final within a minute, and ten times what the sender ever
    # paid.
    "za-instant-new-beneficiary": {
        "name": "Unusual instant payment to a new beneficiary",
        "description": (
            "R10,000.00 or more by PayShap or RTC to a new beneficiary, ten times the sender's "
            "largest payment or more. Nothing can be stopped afterwards: call the sender first."
        ),
        "condition": every(
            asks("rail", "in", INSTANT),
            asks("amount_zar", "gte", "10000.00"),
            REMOTELY,
            NEW_BENEFICIARY,
            asks("amount.to_largest", "gte", 10),
        ),
        "weight": 0.5,
        "severity": "high",
        "action": "review",
    },
    # A drain takes what the limits of one payment allow, again and again. The third unusual payment
    # to a new beneficiary within an hour, above the velocity limit in all, has no innocent story
    # that a call would not tell.
    "za-account-drain": {
        "name": "Account is being emptied",
        "description": (
            "Three or more payments within an hour, this one to a new beneficiary and ten times "
            "the sender's largest usual payment or more, above R50,000 in all. Block the account "
            "and call the sender."
        ),
        "condition": every(
            REMOTELY,
            NEW_BENEFICIARY,
            asks("sender.count_1h", "gte", 3),
            asks("sender.sum_zar_1h", "gt", "50000.00"),
            asks("amount.to_largest", "gte", 10),
        ),
        "weight": 1.0,
        "severity": "critical",
        "action": "decline",
    },
    # A fraudster who took over a number has it for hours, until its owner has no signal and calls:
    # banks watch an account for one to three days after a swap.
    "za-sim-swap": {
        "name": "New SIM, new device, new beneficiary",
        "description": (
            "The sender's number moved to another SIM within 72 hours, the device is new, and "
            "R1,000.00 or more go to a new beneficiary: the one-time PIN reaches somebody else. "
            "Block the account and call the sender on another number."
        ),
        "condition": every(
            asks("sender.since_sim_swap_seconds", "lte", 3 * A_DAY),
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
            asks("sender.since_sim_swap_seconds", "lte", 3 * A_DAY),
            asks("amount_zar", "gte", "1000.00"),
            REMOTELY,
            NEW_BENEFICIARY,
        ),
        "weight": 0.5,
        "severity": "high",
        "action": "review",
    },
    # Whoever watches an account waits for the salary. Most people pay debts and shops first; nine
    # tenths to an account never paid before, at once, is not how a month begins.
    "za-salary-drain": {
        "name": "Income leaves at once to a new beneficiary",
        "description": (
            "Within two hours of being paid the sender passes on four fifths or more of it, "
            "R5,000.00 or more, to a new beneficiary, and the amount is ten times its largest "
            "usual payment or more. Call the sender."
        ),
        "condition": every(
            asks("amount_zar", "gte", "5000.00"),
            REMOTELY,
            NEW_BENEFICIARY,
            asks("sender.since_received_seconds", "lte", 7_200),
            asks("sender.paid_to_received_24h", "gte", 0.8),
            asks("amount.to_largest", "gte", 10),
        ),
        "weight": 0.5,
        "severity": "high",
        "action": "review",
    },
    # Changed bank details: the invoice is due and its amount is right, the account is another one.
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
    # An account that slept for two months and wakes to pay a stranger is in other hands more often
    # than its owner is back.
    "za-dormant-account": {
        "name": "Dormant account pays a new beneficiary",
        "description": (
            "No payment for 60 days or more, and now R5,000.00 or more to a new beneficiary, "
            "ordered by phone or browser. Call the sender."
        ),
        "condition": every(
            asks("sender.since_last_seconds", "gte", 60 * A_DAY),
            asks("amount_zar", "gte", "5000.00"),
            REMOTELY,
            NEW_BENEFICIARY,
        ),
        "weight": 0.5,
        "severity": "high",
        "action": "review",
    },
    # People sleep, a thief with their phone does not. A late supper is paid at a till.
    "za-night-burst": {
        "name": "Burst of payments at night",
        "description": (
            "Four or more payments within an hour between 22:00 and 04:59, R3,000 or more in all, "
            "this one to a new beneficiary and not at a till: the owner of a stolen phone does not "
            "look at it."
        ),
        "condition": every(
            asks("is_night", "eq", True),  # noqa: FBT003 - a rule's value
            asks("channel", "ne", "pos"),
            NEW_BENEFICIARY,
            asks("sender.count_1h", "gte", 4),
            asks("sender.sum_zar_1h", "gte", "3000.00"),
        ),
        "weight": 0.5,
        "severity": "high",
        "action": "review",
    },
}
