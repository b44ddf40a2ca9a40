"""Each default rule has a story in which it fires, and similar ones in which it does not."""

from dataclasses import replace
from typing import Any

import pytest

from risksentinel.domain.transaction import Channel, Rail
from tests.rules.default_stories import (
    ABROAD,
    ANY,
    BITES,
    BURST,
    CASH,
    CASH_SENDS,
    DORMANT,
    DRAIN,
    DUTIES,
    EVENING,
    FAN_IN,
    FEES,
    FIRES,
    FRESH_DRAIN,
    INSTANT,
    INVOICE,
    ONE_GAME,
    ONLINE,
    PASSED_ON,
    PIECES,
    RULES,
    SALARY,
    SAVED,
    SECOND,
    SMURFS,
    SPLIT,
    SPLIT_DAYS,
    SPREAD,
    SPREE,
    STRANGER,
    SWAP,
    TESTED,
    paid_in,
    split,
)
from tests.rules.stories import DAY, HOUR, MINUTE, By, Pay, Story, habits, story

KNOWN = Pay("50.00", "stranger", ago=25 * HOUR, device="my-phone")
PASSES = [
    ("za-block-list", ANY.on("allow", "them")),
    ("za-block-list", ANY.on("block", "they")),
    ("za-mule-list", ANY.on("mule", "me")),
    ("za-mule-list", ANY.on("block", "them")),
    ("za-allow-list", ANY.on("allow", "me")),
    ("za-allow-list", ANY.on("own", "them")),
    ("za-cash-smurfing", SMURFS.but(By.rand("9999.99"))),
    ("za-cash-smurfing", SMURFS.but(By.rand("50000.00"))),
    ("za-cash-smurfing", SMURFS.but(By.rail(Rail.EFT))),
    ("za-cash-smurfing", SMURFS.without(1)),
    ("za-drain-in-bites", BITES.but(By.rand("1999.00"))),
    ("za-drain-in-bites", BITES.but(By.rail(Rail.EFT))),
    ("za-drain-in-bites", BITES.but(By.to("shop"))),
    ("za-new-beneficiaries-burst", SPREAD.but(By.rand("3999.99"))),
    ("za-new-beneficiaries-burst", SPREAD.but(By.to("m-1"))),
    ("za-new-beneficiaries-burst", SPREAD.but(By.rail(Rail.CARD))),
    ("za-just-saved-beneficiary", SAVED.but(By.added(HOUR + SECOND))),
    ("za-just-saved-beneficiary", SAVED.but(By.added(None))),
    ("za-just-saved-beneficiary", SAVED.but(By.rand("9999.99"))),
    ("za-card-spree", SPREE.but(By.rand("400.00"))),
    ("za-card-spree", SPREE.but(By.channel(Channel.POS))),
    ("za-account-drain", FRESH_DRAIN.but(By.rail(Rail.EFT))),
    ("za-account-drain", FRESH_DRAIN.without(1)),
    ("za-salary-drain", PIECES.but(By.rail(Rail.EFT))),
    ("za-salary-drain", PIECES.but(By.rand("1999.99"))),
    ("za-mule-fan-in", FEES.without(1)),
    ("za-mule-fan-in", FEES.but(By.rand("999.99"))),
    ("za-cash-threshold", CASH.but(By.rand("49999.99"))),
    ("za-cash-threshold", CASH.but(By.rail(Rail.EFT))),
    ("za-cross-border", ABROAD.but(By.rand("19999.99"))),
    ("za-cross-border", ABROAD.but(By.country("ZA"))),
    ("za-cross-border", ABROAD.but(By.country(None))),
    ("za-cash-structuring", SPLIT.but(By.rand("24999.99"))),
    ("za-cash-structuring", SPLIT.but(By.rand("50000.00"))),
    ("za-cash-structuring", SPLIT.but(By.rail(Rail.CARD))),
    ("za-cash-structuring", split("25000.00", 24 * HOUR)),
    ("za-cash-structuring", split("49999.99")),
    ("za-cash-structuring", split("4999.99", *(n * MINUTE for n in range(20, 0, -1)))),
    ("za-cash-structuring-days", SPLIT_DAYS.but(By.rand("39999.99"))),
    ("za-cash-structuring-days", SPLIT_DAYS.but(By.rand("50000.00"))),
    ("za-cash-structuring-days", SPLIT_DAYS.without(1)),
    ("za-cash-structuring-days", split("40000.00", 7 * DAY, 3 * DAY)),
    ("za-emergency-cash-send", CASH_SENDS.but(By.rand("2499.99"))),
    ("za-emergency-cash-send", CASH_SENDS.but(By.to("phone-1"))),
    ("za-emergency-cash-send", CASH_SENDS.but(By.channel(Channel.ATM))),
    ("za-emergency-cash-send", CASH_SENDS.without(1)),
    ("za-new-beneficiary", STRANGER.but(By.rand("49999.99"))),
    ("za-new-beneficiary", STRANGER.but(By.channel(Channel.BRANCH))),
    ("za-new-beneficiary", story(KNOWN, STRANGER.pays)),
    ("za-instant-new-beneficiary", INSTANT.but(By.rand("9999.99"))),
    ("za-instant-new-beneficiary", INSTANT.but(By.rail(Rail.EFT))),
    ("za-instant-new-beneficiary", story(habits(rand="1000.01"), INSTANT.pays[-1])),
    ("za-instant-new-beneficiary", story(habits(rand="1000.00"), KNOWN, INSTANT.pays[-1])),
    ("za-account-drain", DRAIN.but(By.to("shop"))),
    ("za-account-drain", DRAIN.but(By.rand("9999.98"))),
    ("za-account-drain", DRAIN.but(By.channel(Channel.BRANCH))),
    ("za-sim-swap", SWAP.but(By.device("my-phone"))),
    ("za-sim-swap", SWAP.but(By.swapped(72 * HOUR + SECOND))),
    ("za-sim-swap", SWAP.but(By.rand("999.99"))),
    ("za-sim-swap", SWAP.but(By.to("shop"))),
    ("za-sim-swap-beneficiary", SWAP.but(By.swapped(72 * HOUR + SECOND))),
    ("za-sim-swap-beneficiary", SWAP.but(By.rand("999.99"))),
    ("za-sim-swap-beneficiary", SWAP.but(By.to("shop"))),
    ("za-sim-swap-beneficiary", SWAP.but(By.channel(Channel.BRANCH))),
    ("za-salary-drain", SALARY.but(By.rand("5999.00"))),
    ("za-salary-drain", SALARY.but(By.to("shop"))),
    (
        "za-salary-drain",
        story(habits(rand="500.00"), paid_in("10000.00", 2 * HOUR + SECOND), SALARY.pays[-1]),
    ),
    (
        "za-salary-drain",
        story(habits(rand="801.00"), paid_in("10000.00", 2 * HOUR), SALARY.pays[-1]),
    ),
    ("za-changed-bank-details", INVOICE.but(By.rand("9999.99"))),
    ("za-changed-bank-details", INVOICE.but(By.rand("11200.00"))),
    ("za-changed-bank-details", INVOICE.but(By.to("supplier"))),
    ("za-changed-bank-details", INVOICE.but(By.trade("5411"))),
    ("za-changed-bank-details", INVOICE.without(1)),
    ("za-dormant-account", DORMANT.but(By.rand("4999.99"))),
    ("za-dormant-account", DORMANT.but(By.to("shop"))),
    ("za-dormant-account", DORMANT.but(By.channel(Channel.POS))),
    ("za-dormant-account", story(Pay(ago=60 * DAY - SECOND), DORMANT.pays[-1])),
    ("za-night-burst", replace(BURST, end=EVENING)),
    ("za-night-burst", BURST.without(1)),
    ("za-night-burst", BURST.but(By.channel(Channel.POS))),
    ("za-night-burst", BURST.but(By.rand("749.99"))),
    ("za-mule-fan-in", FAN_IN.without(1)),
    ("za-mule-fan-in", FAN_IN.but(By.trade("5411"))),
    ("za-mule-fan-in", FAN_IN.but(By.channel(Channel.POS))),
    ("za-mule-fan-in", FAN_IN.but(By.rand("1499.99"))),
    ("za-mule-fan-in", FAN_IN.but(By.rand("1599.99"))),
    (
        "za-mule-fan-in",
        story([replace(pay, ago=6 * DAY) for pay in FAN_IN.pays[:-1]], FAN_IN.pays),
    ),
    ("za-mule-pass-through", PASSED_ON.but(By.rand("1999.99"))),
    ("za-mule-pass-through", PASSED_ON.but(By.rand("1799.00"))),
    ("za-mule-pass-through", PASSED_ON.without(1)),
    ("za-mule-pass-through", story(Pay(to="stranger", ago=2 * DAY), PASSED_ON.pays)),
    (
        "za-mule-pass-through",
        story(paid_in("1000.00", 9 * HOUR, 8 * HOUR, 3 * HOUR), PASSED_ON.pays[-1]),
    ),
    ("za-card-not-present", ONLINE.but(By.rand("344.98"))),
    ("za-card-not-present", ONLINE.but(By.channel(Channel.POS))),
    ("za-card-not-present", ONLINE.but(By.rail(Rail.EFT))),
    ("za-card-testing", ONE_GAME),
    ("za-card-testing", TESTED.without(1)),
    ("za-card-testing", TESTED.but(By.rand("100.01"))),
    ("za-card-testing", TESTED.each(By.channel(Channel.POS))),
    ("za-card-testing", TESTED.each(By.rail(Rail.EFT))),
]
LISTED = {"za-block-list", "za-mule-list", "za-allow-list"}


@pytest.mark.parametrize(("rule_id", "told"), FIRES)
def test_fires_in_its_story(rule_id: str, told: Story) -> None:
    """Each rule must detect the pattern that it is for."""
    assert RULES[rule_id].test(told.observed) is True


@pytest.mark.parametrize(("rule_id", "told"), PASSES)
def test_does_not_fire_in_similar_stories(rule_id: str, told: Story) -> None:
    """One cent or second beyond a threshold, the rule must not fire."""
    assert RULES[rule_id].test(told.observed) is not True


@pytest.mark.parametrize("rule_id", RULES)
def test_has_stories_of_both_kinds(rule_id: str) -> None:
    """Each rule must be tested in both directions."""
    assert rule_id in {name for name, _ in FIRES}
    assert sum(name == rule_id for name, _ in PASSES) >= 2


@pytest.mark.parametrize("rule_id", sorted({name for name, _ in FIRES} - DUTIES - LISTED))
def test_is_unknown_while_the_history_is_silent(rule_id: str) -> None:
    """Without the history, a rule must be neither true nor false."""
    stories: dict[str, Any] = {}
    for name, told in FIRES:
        stories.setdefault(name, told)
    observation = replace(stories[rule_id].observed, snapshot=None)

    assert RULES[rule_id].test(observation) is None
