"""The default rules, and the stories in which they fire."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from risksentinel.domain.transaction import Channel, Rail
from risksentinel.rules.defaults import DEFAULT_RULES
from risksentinel.rules.parse import parse_rule
from risksentinel.rules.rule import Rule
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
DUTIES = {"za-cash-threshold", "za-cross-border"}
