"""Mule accounts: paid by unrelated victims, and emptied at once."""

from typing import Final

from risksentinel.rules.pack.writing import NEW_BENEFICIARY, REMOTE, Rule, asks, either, every

MULES: Final[dict[str, Rule]] = {
    # A household is paid by two or three senders in a day; a stokvel by many, but by members who
    # paid it within the last month; a merchant by new senders, but at a POS, online or with a
    # category; a collection in small amounts. Victims of impersonation pay thousands each.
    "za-mule-fan-in": {
        "name": "Many strangers pay one private account",
        "description": (
            "Within 24 hours five or more senders who did not pay the account in the last month "
            "paid it R10,000 or more in all (below R1,500 each: twelve, and R15,000), "
            "and it is no merchant's: it may be a mule account. See how fast the money leaves it. "
            "A collection or a new savings club looks alike."
        ),
        "condition": every(
            asks("merchant_category", "exists", False),  # noqa: FBT003 - a rule's value
            asks("channel", "not_in", ["pos", "ecommerce", "branch"]),
            NEW_BENEFICIARY,
            asks("receiver.sum_zar_24h", "gte", "10000.00"),
            either(
                every(
                    asks("amount_zar", "gte", "1500.00"),
                    asks("receiver.new_senders_24h", "gte", 5),
                ),
                every(
                    asks("amount_zar", "gte", "1000.00"),
                    asks("receiver.new_senders_24h", "gte", 12),
                    asks("receiver.sum_zar_24h", "gte", "15000.00"),
                ),
            ),
        ),
        "weight": 0.5,
        "severity": "high",
        "action": "review",
    },
    # The money leaves before the first victim calls the bank: within hours, nearly all of it, to a
    # new beneficiary.
    "za-mule-pass-through": {
        "name": "What strangers paid in leaves at once",
        "description": (
            "Within 24 hours three or more new senders paid the account, and three fifths or more "
            "of it leave again within two hours of the last one, to a new beneficiary or at a cash "
            "machine: typical of a mule account. Hold the payment, and ask the senders' banks."
        ),
        "condition": every(
            asks("channel", "in", [*REMOTE, "atm"]),
            NEW_BENEFICIARY,
            asks("sender.since_received_seconds", "lte", 7_200),
            asks("sender.received_new_senders_24h", "gte", 3),
            asks("sender.sum_zar_24h", "gte", "2000.00"),
            asks("sender.paid_to_received_24h", "gte", 0.6),
        ),
        "weight": 0.5,
        "severity": "high",
        "action": "review",
    },
}
