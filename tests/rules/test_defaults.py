"""Each default rule has a story in which it fires, and similar ones in which it does not."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from risksentinel.domain.transaction import Channel, Rail
from risksentinel.rules.defaults import DEFAULT_RULES
from risksentinel.rules.parse import parse_rule
from risksentinel.rules.rule import Action, Rule
from tests.rules.conditions import WRITTEN
from tests.rules.stories import DAY, HOUR, MINUTE, By, Pay, Story, habits, story

RULES: Mapping[str, Rule] = {
    rule_id: parse_rule(
        document, rule_id=rule_id, version=1, created_at=WRITTEN, updated_at=WRITTEN
    )
    for rule_id, document in DEFAULT_RULES.items()
}
NIGHT = datetime(2026, 5, 1, 21, 30, tzinfo=UTC)  # 23:30 in Johannesburg
EVENING = datetime(2026, 5, 1, 19, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def paid_in(rand: str, *ages: timedelta, to: str = "me", trade: str | None = None) -> list[Pay]:
    """Return payments of different senders to one account."""
    return [Pay(rand, to, ago=age, by=f"payer-{n}", trade=trade) for n, age in enumerate(ages)]


def split(rand: str, *ages: timedelta) -> Story:
    """Return a cash deposit at a machine."""
    cash = Pay(rand, "own", channel=Channel.ATM, rail=Rail.CASH)
    return story([replace(cash, ago=age) for age in ages], cash)


CASH = story(Pay("50000.00", channel=Channel.BRANCH, rail=Rail.CASH))
ABROAD = story(Pay("20000.00", channel=Channel.INTERNET_BANKING, rail=Rail.RTGS, country="MZ"))
SPLIT = split("25000.00", 23 * HOUR)
SPLIT_DAYS = split("40000.00", 6 * DAY, 3 * DAY)
SENT = Pay("2500.00", "phone-2", rail=Rail.CASH)
CASH_SENDS = story(replace(SENT, to="phone-1", ago=59 * MINUTE), SENT)
STRANGER = story(Pay("50000.00", "stranger", channel=Channel.USSD))
INSTANT = story(habits(rand="1000.00"), Pay("10000.00", "stranger"))
DRAIN = story(
    habits(rand="1000.00"),
    Pay("20000.00", "s-1", ago=50 * MINUTE),
    Pay("20000.01", "s-2", ago=20 * MINUTE),
    Pay("200000.00", "s-3"),
)
SWAP = story(habits(), Pay("1000.00", "stranger", device="other", swapped=72 * HOUR))
SALARY = story(habits(rand="500.00"), paid_in("10000.00", 2 * HOUR), Pay("8000.00", "stranger"))
INVOICE = story(
    [Pay("10000.00", "supplier", ago=ago * DAY) for ago in (90, 60, 30)],
    Pay("10900.00", "other-bank"),
)
DORMANT = story(Pay(ago=60 * DAY), Pay("5000.00", "stranger"))
BURST = story(
    [Pay("750.00", f"s-{n}", ago=n * MINUTE) for n in (30, 20, 10)],
    Pay("750.00", "s-0"),
    end=NIGHT,
)
FAN_IN = story(
    paid_in("2100.00", *(n * HOUR for n in (23, 20, 3, 2)), to="mule"),
    Pay("1600.00", "mule", by="last"),
)
PASSED_ON = story(paid_in("1000.00", 23 * HOUR, 20 * HOUR, 2 * HOUR), Pay("2400.00", "stranger"))
PASSED_ON_CASH = PASSED_ON.but(By.channel(Channel.ATM))
ONLINE = story(
    habits(rand="300.00"), Pay("345.00", "webshop", channel=Channel.ECOMMERCE, rail=Rail.CARD)
)
TESTED = story(
    [
        Pay("10.00", f"m-{n % 4}", ago=n * MINUTE, channel=Channel.ECOMMERCE, rail=Rail.CARD)
        for n in range(7, -1, -1)
    ]
)
ONE_GAME = TESTED.each(By.to("game"))
FIFTEEN = story(
    [
        Pay("100.00", "game", ago=n * MINUTE, channel=Channel.ECOMMERCE, rail=None)
        for n in range(14, -1, -1)
    ]
)
SMURFS = story(
    [
        Pay("20000.00", "pot", by=f"s-{n}", ago=n * HOUR, channel=Channel.BRANCH, rail=Rail.CASH)
        for n in (2, 1, 0)
    ]
)
BITES = story(
    habits(rand="400.00"),
    [Pay("2000.00", f"m-{n % 3}", ago=n * 10 * MINUTE) for n in range(5, -1, -1)],
)
SPREAD = story([Pay("4000.00", f"m-{n}", ago=n * MINUTE) for n in range(4, -1, -1)])
SAVED = story(
    habits(rand="3000.00"),
    Pay("10000.00", "new", channel=Channel.INTERNET_BANKING, rail=Rail.EFT, added=HOUR),
)
SPREE = story(
    habits(rand="300.00"),
    [
        Pay("900.00", "gifts", ago=n * 11 * MINUTE, channel=Channel.ECOMMERCE, rail=Rail.CARD)
        for n in range(5, -1, -1)
    ],
)
FRESH_DRAIN = story([Pay("25000.01", f"m-{n}", ago=n * MINUTE) for n in range(3, -1, -1)])
PIECES = story(
    habits(rand="60.00"),
    paid_in("9000.00", HOUR),
    Pay("3000.00", "s-1", ago=MINUTE),
    Pay("3000.00", "s-2"),
)
FEES = story(
    paid_in("1250.00", *(n * HOUR for n in range(12, 1, -1)), to="mule"),
    Pay("1250.00", "mule", by="last"),
)
ANY = story(Pay(to="them", device="stolen"))

FIRES = [
    ("za-block-list", ANY.on("block", "them")),
    ("za-block-list", ANY.on("block", "ME")),
    ("za-block-list", ANY.on("block", "stolen")),
    ("za-mule-list", ANY.on("mule", "them")),
    ("za-allow-list", ANY.on("allow", "them")),
    ("za-cash-smurfing", SMURFS),
    ("za-drain-in-bites", BITES),
    ("za-drain-in-bites", BITES.but(By.rail(None))),
    ("za-new-beneficiaries-burst", SPREAD),
    ("za-just-saved-beneficiary", SAVED),
    ("za-card-spree", SPREE),
    ("za-account-drain", FRESH_DRAIN),
    ("za-salary-drain", PIECES),
    ("za-mule-fan-in", FEES),
    ("za-mule-pass-through", PASSED_ON_CASH),
    ("za-cash-threshold", CASH),
    ("za-cross-border", ABROAD),
    ("za-cash-structuring", SPLIT.but(By.rand("25000.01"))),
    ("za-cash-structuring", SPLIT),
    ("za-cash-structuring-days", SPLIT_DAYS),
    ("za-emergency-cash-send", CASH_SENDS),
    ("za-new-beneficiary", STRANGER),
    ("za-new-beneficiary", story(Pay("50.00", "stranger", ago=23 * HOUR), STRANGER.pays)),
    ("za-instant-new-beneficiary", INSTANT),
    ("za-instant-new-beneficiary", INSTANT.but(By.rail(Rail.RTC))),
    ("za-account-drain", DRAIN),
    ("za-sim-swap", SWAP),
    ("za-sim-swap-beneficiary", SWAP.but(By.device("my-phone"))),
    ("za-salary-drain", SALARY),
    ("za-changed-bank-details", INVOICE),
    ("za-dormant-account", DORMANT),
    ("za-night-burst", BURST),
    ("za-mule-fan-in", FAN_IN),
    ("za-mule-pass-through", PASSED_ON),
    ("za-card-not-present", ONLINE),
    ("za-card-not-present", ONLINE.but(By.rail(None))),
    ("za-card-testing", TESTED),
    ("za-card-testing", FIFTEEN),
]
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
DUTIES = {"za-cash-threshold", "za-cross-border"}
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


@pytest.mark.parametrize("rule_id", RULES)
def test_does_not_fire_on_a_harmless_payment(rule_id: str) -> None:
    """Default rules must not fire on everyday payments."""
    lunch = Pay(channel=Channel.POS, rail=Rail.CARD, trade="5812", device="my-phone")

    assert RULES[rule_id].test(story(habits(), lunch).observed) is False


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_every_analyst_can_read_them(rule: Rule) -> None:
    """Names are unique, and descriptions are not empty."""
    assert rule.name
    assert rule.description
    assert rule.active
    assert sum(rule.name == other.name for other in RULES.values()) == 1


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_rules_for_reports_flag_and_other_rules_act(rule: Rule) -> None:
    """A rule for a report flags only; every other rule acts or has a weight."""
    flags = DUTIES | {"za-card-not-present"}

    assert (rule.action is Action.FLAG) is (rule.id in flags)
    assert rule.floor is None
    assert rule.weight == {Action.REVIEW: 0.5, Action.DECLINE: 1.0}.get(rule.action, rule.weight)


@pytest.mark.parametrize("rule_id", sorted({name for name, _ in FIRES} - DUTIES - LISTED))
def test_is_unknown_while_the_history_is_silent(rule_id: str) -> None:
    """Without the history, a rule must be neither true nor false."""
    stories: dict[str, Any] = {}
    for name, told in FIRES:
        stories.setdefault(name, told)
    observation = replace(stories[rule_id].observed, snapshot=None)

    assert RULES[rule_id].test(observation) is None
