import re
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from risksentinel.domain.account_side import (
    BOUNDS,
    DEVICE,
    MAX_DEVICES,
    MAX_HABITS,
    MAX_HELD,
)
from risksentinel.domain.flow import ENTRY
from risksentinel.domain.known_list import KNOWN
from risksentinel.domain.party_state import DAY, LABEL, MAX_DAYS, MAX_LABELS, PAYMENT
from risksentinel.scoring.policy import AMOUNT_CEILINGS, Policy

PAGE: Final = (Path(__file__).parents[2] / "docs/decisions.md").read_text()
DEFAULTS: Final = {
    "RISK_SCORE_MEDIUM": Policy().medium,
    "RISK_SCORE_HIGH": Policy().high,
    "RISK_SCORE_CRITICAL": Policy().critical,
    "ESCALATE_VELOCITY_REVIEW": Policy().escalate_velocity_review,
    "ESCALATE_VELOCITY_DECLINE": Policy().escalate_velocity_decline,
    "ESCALATE_AMOUNT_TO_HABIT": Policy().escalate_amount_to_habit,
    "ESCALATE_STRONG_SIGNALS": Policy().escalate_strong_signals,
    "ESCALATE_STRONG_WITHOUT_PAST": Policy().escalate_strong_without_past,
}


@pytest.mark.parametrize("setting", DEFAULTS)
def test_the_page_has_the_default_of_each_setting(setting: str) -> None:
    """Risk teams read the page before they change a setting."""
    row = next(line for line in PAGE.splitlines() if line.startswith("|") and setting in line)

    assert float(str(DEFAULTS[setting])) in {float(each) for each in re.findall(r"\d+\.?\d*", row)}


def test_the_page_has_every_ceiling_with_its_reason() -> None:
    """Each ceiling needs a reason on the page."""
    table = PAGE.partition("| name | rand | reason |")[2].partition("`ESCALATE_AMOUNT_CEILINGS=")[0]
    rows = re.findall(r"^\| ([^|]+) \| ([\d,]+) \| [^|]+ \|$", table, re.MULTILINE)

    told = {
        name: Decimal(rand.replace(",", ""))
        for names, rand in rows
        for name in re.findall(r"`(\w+)`", names)
    }
    assert told == AMOUNT_CEILINGS


def test_the_page_has_the_maximum_bytes_of_an_account() -> None:
    """Operators size Redis by this number times the number of accounts."""
    of_one_side = (
        MAX_HABITS * PAYMENT.size
        + MAX_DAYS * DAY.size
        + MAX_LABELS * LABEL.size
        + MAX_HELD * (PAYMENT.size + DEVICE.size)
    )
    flows = (BOUNDS.paid + BOUNDS.received) * ENTRY.size
    known = (BOUNDS.beneficiaries + MAX_DEVICES) * KNOWN.size + MAX_HABITS * DEVICE.size

    assert f"**{2 * of_one_side + flows + known:,} bytes**" in PAGE
