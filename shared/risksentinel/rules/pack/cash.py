"""Cash: reports of the FIC Act, structuring, and cash that is sent to phone numbers."""

from typing import Final

from risksentinel.rules.pack.writing import IN_CASH, NEW_BENEFICIARY, REMOTELY, Rule, asks, every

_BELOW_THRESHOLD: Final = asks("amount_zar", "lte", "49999.99")

CASH: Final[dict[str, Rule]] = {
    # FIC Act s28: one physical cash payment above R49,999.99 is reported; payments are no longer
    # added up since November 2022. The report is required independent of the score.
    "za-cash-threshold": {
        "name": "Cash above the reporting threshold",
        "description": (
            "One cash payment above R49,999.99. A cash threshold report is due to the Financial "
            "Intelligence Centre (FIC Act, section 28); it is listed among the reports."
        ),
        "condition": every(IN_CASH, asks("amount_zar", "gt", "49999.99")),
        "weight": 0.3,
        "severity": "medium",
        "action": "flag",
    },
    # FIC Act s29: splitting below the threshold is suspicious. Each payment is below it, the sum of
    # 24 hours above it. Small payments are not split to stay below R50,000.
    "za-cash-structuring": {
        "name": "Cash split below the reporting threshold",
        "description": (
            "Cash payments below R50,000 of one sender that together pass R49,999.99 within 24 "
            "hours: they look split to avoid a cash threshold report. Consider a suspicious "
            "transaction report (FIC Act, section 29)."
        ),
        "condition": every(
            IN_CASH,
            _BELOW_THRESHOLD,
            asks("amount_zar", "gte", "5000.00"),
            asks("sender.cash_count_24h", "gte", 2),
            asks("sender.cash_sum_zar_24h", "gt", "49999.99"),
        ),
        "weight": 0.5,
        "severity": "high",
        "action": "review",
    },
    # Several people split cash for one account: each deposit is below the threshold, the sum above.
    "za-cash-smurfing": {
        "name": "Several people split cash into one account",
        "description": (
            "Cash payments of R20,000 and more by three or more new senders to one account that "
            "together pass R49,999.99 within 24 hours, none of them alone. Consider a suspicious "
            "transaction report (FIC Act, section 29)."
        ),
        "condition": every(
            IN_CASH,
            asks("amount_zar", "between", ["20000.00", "49999.99"]),
            asks("receiver.new_senders_24h", "gte", 3),
            asks("receiver.cash_count_24h", "gte", 3),
            asks("receiver.cash_sum_zar_24h", "gt", "49999.99"),
        ),
        "weight": 0.5,
        "severity": "high",
        "action": "review",
    },
    # The same over days: payments above four fifths of the threshold are close to it, and the third
    # one within a week is unlikely to be a coincidence.
    "za-cash-structuring-days": {
        "name": "Cash just below the reporting threshold, day after day",
        "description": (
            "The third cash payment of one sender within 7 days, this one between R40,000.00 and "
            "R49,999.99, together above R100,000. Consider a suspicious transaction report (FIC "
            "Act, section 29). A business with such takings looks alike: clear the first one."
        ),
        "condition": every(
            IN_CASH,
            asks("amount_zar", "between", ["40000.00", "49999.99"]),
            asks("sender.cash_count_7d", "gte", 3),
            asks("sender.cash_sum_zar_7d", "gt", "100000.00"),
        ),
        "weight": 0.5,
        "severity": "high",
        "action": "review",
    },
    # Cash that is paid out at a machine for a phone number and a PIN cannot be recalled. Families
    # send cash to one number; thieves send as much as the limits allow to several numbers at once.
    "za-emergency-cash-send": {
        "name": "Cash sent to several phones",
        "description": (
            "Within an hour the sender sent cash to two or more new phone numbers or accounts, "
            "R5,000 or more in all: typical of a stolen phone and of fake emergencies. Call the "
            "sender."
        ),
        "condition": every(
            IN_CASH,
            REMOTELY,
            NEW_BENEFICIARY,
            asks("sender.beneficiaries_1h", "gte", 2),
            asks("sender.cash_count_1h", "gte", 2),
            asks("sender.cash_sum_zar_1h", "gte", "5000.00"),
        ),
        "weight": 0.5,
        "severity": "high",
        "action": "review",
    },
}
