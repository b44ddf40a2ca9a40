from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from risksentinel.domain.business_days import is_business_day
from risksentinel.domain.money import Money
from risksentinel.domain.statutory_report import ReportKind, kinds_due, reports_due
from risksentinel.domain.transaction import Channel, Rail, Transaction
from tests.strategies import NOW, transactions

NEAR = st.sampled_from(["19999.99", "20000.00", "49999.99", "50000.00"]).map(Money.parse)
NEAR_THE_THRESHOLDS = st.builds(replace, transactions, amount=NEAR)
CASH = Transaction(
    "p-1", "acc-1", "acc-2", Money.parse("50000.00"), Channel.BRANCH, NOW, rail=Rail.CASH
)


@given(transactions | NEAR_THE_THRESHOLDS)
@example(CASH)
@example(replace(CASH, amount=Money.parse("49999.99")))
@example(replace(CASH, rail=None, receiver_country="GB"))
def test_a_report_is_due_by_its_definition_and_by_nothing_else(payment: Transaction) -> None:
    """The bank must file each required report, and no other."""
    amount = payment.amount.amount

    cash = payment.rail == "cash" and amount > Decimal("49999.99")
    abroad = payment.receiver_country not in {None, "ZA"} and amount > Decimal("19999.99")

    wanted = [kind for kind, due in ((ReportKind.CTR, cash), (ReportKind.IFTR, abroad)) if due]
    assert list(kinds_due(payment)) == wanted
    assert [report.kind for report in reports_due(payment)] == wanted


@given(NEAR_THE_THRESHOLDS)
@example(CASH)
def test_a_report_is_due_on_the_third_business_day_after(payment: Transaction) -> None:
    """Regulation 24 leaves out Saturdays, Sundays and public holidays."""
    paid = payment.local_time.date()

    for report in reports_due(payment):
        after = [paid + timedelta(days=n) for n in range(1, (report.due_on - paid).days + 1)]
        assert is_business_day(report.due_on)
        assert sum(map(is_business_day, after)) == 3


def test_the_day_of_a_payment_is_south_african() -> None:
    """At 22:30 UTC on a Tuesday it is Wednesday in Johannesburg."""
    late = replace(CASH, occurred_at=datetime(2026, 6, 2, 22, 30, tzinfo=UTC))

    (report,) = reports_due(late)

    assert report.due_on.isoformat() == "2026-06-08"


def test_one_payment_may_require_both_reports() -> None:
    """Cash that is paid out abroad is reported under both sections."""
    cash, abroad = reports_due(replace(CASH, receiver_country="ZW"))

    assert (cash.section, str(cash.threshold)) == ("FIC Act, section 28", "49999.99")
    assert (abroad.section, str(abroad.threshold)) == ("FIC Act, section 31", "19999.99")


@pytest.mark.parametrize(
    ("payment", "what", "section"),
    [
        (CASH, "One cash payment of R50,000.00, above R49,999.99: file a cash threshold", 28),
        (
            replace(CASH, rail=Rail.EFT, receiver_country="GB"),
            "One cross-border payment of R50,000.00, above R19,999.99: file an international funds",
            31,
        ),
    ],
)
def test_the_reason_has_the_report_and_its_deadline(
    payment: Transaction, what: str, section: int
) -> None:
    """The officer must find the section and the deadline in the reason."""
    (report,) = reports_due(payment)

    assert report.reason.startswith(what)
    assert report.reason.endswith(f"by 2026-05-06 (FIC Act, section {section})")
