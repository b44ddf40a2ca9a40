"""Drains: an account is emptied, at once or in parts, at night, on payday or after dormancy."""

from typing import Final

from risksentinel.rules.pack.writing import (
    A_DAY,
    INSTANTLY,
    NEW_BENEFICIARY,
    REMOTE,
    REMOTELY,
    Rule,
    asks,
    either,
    every,
)

DRAIN: Final[dict[str, Rule]] = {
    # A drain repeats payments up to the limit of one payment. The third unusual payment to a new
    # beneficiary within an hour, above the velocity limit in all, is worth a call to the sender.
    "za-account-drain": {
        "name": "Account is being emptied",
        "description": (
            "Payments to new beneficiaries within an hour, far above what is usual for the sender: "
            "three of ten times its median and twice its largest, above R50,000 in all, or four of "
            "twice its largest (or at once from an account without a past) above R100,000. Block "
            "the account and call the sender."
        ),
        "condition": every(
            REMOTELY,
            NEW_BENEFICIARY,
            asks("sender.count_1h", "gte", 3),
            asks("sender.sum_zar_1h", "gt", "50000.00"),
            either(
                every(
                    asks("amount.to_median", "gte", 10),
                    asks("amount.to_largest", "gte", 2),
                ),
                every(
                    asks("sender.count_1h", "gte", 4),
                    asks("sender.sum_zar_1h", "gt", "100000.00"),
                    either(
                        asks("amount.to_largest", "gte", 2),
                        every(
                            INSTANTLY,
                            asks("sender.since_first_seconds", "exists", False),  # noqa: FBT003 - a rule's value
                        ),
                        every(INSTANTLY, asks("sender.since_first_seconds", "lt", A_DAY)),
                    ),
                ),
            ),
        ),
        "weight": 1.0,
        "severity": "critical",
        "action": "decline",
    },
    # Payments below the thresholds of other rules, repeated: the sum of an hour counts.
    "za-drain-in-bites": {
        "name": "Many unusual payments to new beneficiaries",
        "description": (
            "Six or more payments within an hour, R10,000 or more in all, this one to a new "
            "beneficiary and five times the sender's median or more, by a rail that cannot be "
            "called back. Call the sender."
        ),
        "condition": every(
            REMOTELY,
            INSTANTLY,
            NEW_BENEFICIARY,
            asks("sender.count_1h", "gte", 6),
            asks("sender.sum_zar_1h", "gte", "10000.00"),
            asks("amount.to_median", "gte", 5),
        ),
        "weight": 0.5,
        "severity": "high",
        "action": "review",
    },
    # Thieves pay several mules; owners rarely pay five new beneficiaries within five minutes.
    "za-new-beneficiaries-burst": {
        "name": "Five beneficiaries within five minutes",
        "description": (
            "Five or more beneficiaries within 5 minutes, R20,000 or more in all, this one new, by "
            "a rail that cannot be called back. Wages that are paid by phone look alike the first "
            "time: clear them once."
        ),
        "condition": every(
            REMOTELY,
            INSTANTLY,
            NEW_BENEFICIARY,
            asks("sender.beneficiaries_5m", "gte", 5),
            asks("sender.sum_zar_5m", "gte", "20000.00"),
        ),
        "weight": 0.5,
        "severity": "high",
        "action": "review",
    },
    # Thieves who control an account wait for the salary; mule accounts pass on received payments.
    # Most owners first pay debts and shops, not new beneficiaries by a rail that cannot be
    # recalled.
    "za-salary-drain": {
        "name": "Income leaves at once to a new beneficiary",
        "description": (
            "Within two hours of being paid the sender passes on three fifths or more of it, "
            "R5,000.00 or more in an hour, to new beneficiaries, in payments of ten times its "
            "median or more (of fifty times: a third of it). Call the sender."
        ),
        "condition": every(
            REMOTELY,
            INSTANTLY,
            NEW_BENEFICIARY,
            asks("sender.since_received_seconds", "lte", 7_200),
            asks("sender.sum_zar_1h", "gte", "5000.00"),
            either(
                every(
                    asks("sender.paid_to_received_24h", "gte", 0.6),
                    asks("amount.to_median", "gte", 10),
                ),
                every(
                    asks("sender.paid_to_received_24h", "gte", 0.33),
                    asks("amount.to_median", "gte", 50),
                ),
            ),
        ),
        "weight": 0.5,
        "severity": "high",
        "action": "review",
    },
    # A dormant account that pays a new beneficiary has more often been taken over than reactivated
    # by its owner.
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
    # Owners sleep at night. Late purchases are paid by card, and debit orders leave after midnight
    # by EFT, so both are excluded.
    "za-night-burst": {
        "name": "Burst of payments at night",
        "description": (
            "Four or more payments within an hour between 22:00 and 04:59, R3,000 or more in all, "
            "this one to a new beneficiary by a rail that cannot be called back: the owner of a "
            "stolen phone does not look at it."
        ),
        "condition": every(
            asks("is_night", "eq", True),  # noqa: FBT003 - a rule's value
            asks("channel", "in", [*REMOTE, "atm"]),
            INSTANTLY,
            NEW_BENEFICIARY,
            asks("sender.count_1h", "gte", 4),
            asks("sender.sum_zar_1h", "gte", "3000.00"),
        ),
        "weight": 0.5,
        "severity": "high",
        "action": "review",
    },
}
