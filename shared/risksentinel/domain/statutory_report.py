"""Statutory reports: the reports of single payments that the law requires of a bank."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from risksentinel.domain.business_days import business_days_after
from risksentinel.domain.money import Money
from risksentinel.domain.transaction import Rail, Transaction

HOME: Final = "ZA"

# A payment above these amounts is reported. FIC Act 38 of 2001, and its Money Laundering and
# Terrorist Financing Control Regulations as amended in 2022 and 2023.
CTR_THRESHOLD: Final = Money(Decimal("49999.99"))  # regulation 22B, since 14 November 2022
IFTR_THRESHOLD: Final = Money(Decimal("19999.99"))  # regulation 23D, since 1 February 2023

# Regulation 24: three days for both, after the bank became aware of the payment.
# Regulation 1: "days" leaves out Saturdays, Sundays and public holidays.
BUSINESS_DAYS_TO_REPORT: Final = 3


class ReportKind(StrEnum):
    """The reports of single payments to the Financial Intelligence Centre."""

    CTR = "CTR"  # cash threshold report
    IFTR = "IFTR"  # international funds transfer report


@dataclass(frozen=True, slots=True)
class _Duty:
    """The duty to report payments of one kind above a threshold."""

    section: str
    name: str
    threshold: Money
    payments: str
    applies: Callable[[Transaction], bool]

    def calls_for(self, transaction: Transaction) -> bool:
        """Return whether the payment must be reported."""
        return transaction.amount.amount > self.threshold.amount and self.applies(transaction)


def _is_cash(transaction: Transaction) -> bool:
    return transaction.rail is Rail.CASH


def _leaves_the_country(transaction: Transaction) -> bool:
    return transaction.receiver_country not in {None, HOME}


_DUTIES: Final[Mapping[ReportKind, _Duty]] = MappingProxyType(
    {
        ReportKind.CTR: _Duty(
            "FIC Act, section 28",
            "a cash threshold report",
            CTR_THRESHOLD,
            "cash payment",
            _is_cash,
        ),
        ReportKind.IFTR: _Duty(
            "FIC Act, section 31",
            "an international funds transfer report",
            IFTR_THRESHOLD,
            "cross-border payment",
            _leaves_the_country,
        ),
    }
)
_LOWEST: Final = min(duty.threshold.amount for duty in _DUTIES.values())


@dataclass(frozen=True, slots=True)
class StatutoryReport:
    """A report that one payment requires; `due_on` is the last day to file it.

    The period starts on the day of the payment in South African time: the bank cannot become aware
    of a payment earlier, so the date is never too late.
    """

    kind: ReportKind
    transaction_id: str
    sender_id: str
    receiver_id: str
    amount: Money
    due_on: date

    @property
    def section(self) -> str:
        """The section of the law that requires the report."""
        return _DUTIES[self.kind].section

    @property
    def threshold(self) -> Money:
        """The amount above which such a payment is reported."""
        return _DUTIES[self.kind].threshold

    @property
    def reason(self) -> str:
        """The reason and the deadline of the report, as a sentence."""
        duty = _DUTIES[self.kind]
        return (
            f"One {duty.payments} of {self.amount.in_words}, above {duty.threshold.in_words}: file "
            f"{duty.name} with the Financial Intelligence Centre by {self.due_on} "
            f"({duty.section})"
        )


def kinds_due(transaction: Transaction) -> tuple[ReportKind, ...]:
    """Return the kinds of report that the payment requires, independent of score and decision."""
    if transaction.amount.amount <= _LOWEST:
        return ()
    return tuple(kind for kind, duty in _DUTIES.items() if duty.calls_for(transaction))


def reports_due(transaction: Transaction) -> tuple[StatutoryReport, ...]:
    """Return the reports that the payment requires, at most one of each kind."""
    kinds = kinds_due(transaction)
    if not kinds:
        return ()
    due_on = business_days_after(transaction.local_time.date(), BUSINESS_DAYS_TO_REPORT)
    return tuple(report_of(kind, transaction, due_on) for kind in kinds)


def report_of(kind: ReportKind, transaction: Transaction, due_on: date) -> StatutoryReport:
    """Return the payment's report of this kind."""
    return StatutoryReport(
        kind=kind,
        transaction_id=transaction.id,
        sender_id=transaction.sender_id,
        receiver_id=transaction.receiver_id,
        amount=transaction.amount,
        due_on=due_on,
    )
