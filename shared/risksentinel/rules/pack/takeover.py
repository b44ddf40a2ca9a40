"""Takeover and impersonation: an account is emptied by a stranger, or by its deceived owner."""

from typing import Final

from risksentinel.rules.pack.writing import (
    A_DAY,
    INSTANT,
    INSTANTLY,
    NEW_BENEFICIARY,
    REMOTE,
    REMOTELY,
    Rule,
    asks,
    either,
    every,
    stated,
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
    # The same below the limit of PayShap: final within a minute, twice what the sender ever paid.
    # The largest payment of many is the rent: ten times that would leave little to look at.
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
    # A drain takes what the limits of one payment allow, again and again. The third unusual payment
    # to a new beneficiary within an hour, above the velocity limit in all, has no innocent story
    # that a call would not tell.
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
    # Below what stands out, again and again: the sum of an hour is what a thief wants.
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
    # A thief spreads over mules; an owner pays five new people in five minutes once in years.
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
    # Whoever sits at the victim's browser saves a beneficiary and pays it at once. So does anybody
    # who pays somebody new, but not three times as much as ever before.
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
    # Whoever watches an account waits for the salary; a borrowed account passes on what it gets.
    # Most people pay debts and shops first: most of it to strangers, at once and by a rail that
    # cannot be called back, is not how a month begins.
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
    # People sleep, a thief with their phone does not. A late supper is paid by card, and debit
    # orders leave after midnight by EFT.
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
