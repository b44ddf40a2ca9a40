from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from importlib.resources import files
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.domain.account_book import AccountBook
from risksentinel.domain.history import snapshot_of
from risksentinel.domain.transaction import Transaction
from risksentinel.errors import Violation
from risksentinel.rules.contradictions import MAX_TRIALS, Search
from risksentinel.rules.countries import ASSIGNED, COUNTRIES, MISWRITTEN
from risksentinel.rules.normal_form import normal_form
from risksentinel.rules.observation import Observation
from risksentinel.rules.rule import Action
from risksentinel.rules.warnings import Alerting, never_fires, warnings_of
from tests.rules.conditions import compare, comparisons, conditions, memberships, rule_when
from tests.strategies import transactions

ALERTING: Final = Alerting(alone=Decimal("0.7388"), threshold=Decimal("0.7"))
NAMES: Final = st.sampled_from(["A", "B", "C"])
AGO: Final = st.integers(-300, 40 * 86_400).map(lambda seconds: timedelta(seconds=seconds))


def every(*parts: object) -> dict[str, object]:
    """Return a condition that all parts are true."""
    return {"all": list(parts)}


def either(*parts: object) -> dict[str, object]:
    """Return a condition that one part is true."""
    return {"any": list(parts)}


def told(condition: object, **members: Any) -> dict[str, str]:  # noqa: ANN401 - a rule's members
    """Return the warnings of a rule with this condition by path."""
    rule = replace(rule_when(condition), **members)
    return {violation.path: violation.message for violation in warnings_of(rule, ALERTING)}


@st.composite
def observations(draw: st.DrawFn) -> Observation:
    """Draw the observation of a payment with a history, or without one."""
    parties = st.tuples(NAMES, NAMES)

    def between_few(payment: Transaction, pair: tuple[str, str], ago: timedelta) -> Transaction:
        return replace(
            payment,
            sender_id=pair[0],
            receiver_id=pair[1],
            occurred_at=last.occurred_at - ago,
            sim_swapped_at=None,
            beneficiary_added_at=None,
        )

    drawn = draw(transactions)
    last = replace(drawn, occurred_at=drawn.occurred_at + timedelta(days=365))
    earlier = draw(st.lists(st.builds(between_few, transactions, parties, AGO), max_size=8))
    sender, receiver = draw(parties)
    last = replace(last, sender_id=sender, receiver_id=receiver)
    book = AccountBook(10)
    for payment in earlier:
        book.record(payment)
    snapshot = snapshot_of(last, book.record(last), draw(st.sampled_from([60, 300])))
    return Observation(last, draw(st.sampled_from([None, snapshot])), draw(memberships(last)))


@given(conditions, observations())
def test_a_rule_with_the_warning_never_fires(condition: object, observation: Observation) -> None:
    """A wrong warning would make an analyst change a rule that works."""
    rule = rule_when(condition)

    assert not (never_fires(rule) and rule.test(observation))


@given(observations(), st.data())
def test_a_rule_that_fires_has_no_such_warning(
    observation: Observation, data: st.DataObject
) -> None:
    """The same, with rules that are built to fire on a payment."""
    parts = data.draw(st.lists(comparisons, min_size=1, max_size=4))
    holding = [part if rule_when(part).test(observation) else {"not": part} for part in parts]
    rule = rule_when(every(*holding))

    assert not (rule.test(observation) and never_fires(rule))


@given(st.lists(comparisons, min_size=1, max_size=3), observations())
def test_a_condition_and_its_opposite_never_fire(
    parts: list[dict[str, object]], observation: Observation
) -> None:
    """A comparison cannot be true and false for one payment."""
    rule = rule_when(every(*parts, {"not": parts[0]}))

    assert never_fires(rule)
    assert not rule.test(observation)


YES, NO = True, False
IMPOSSIBLE: Final = [
    every(compare("amount_zar", "gt", 100), compare("amount_zar", "lt", 50)),
    every(compare("amount_zar", "gt", "100.00"), compare("amount_zar", "lt", "100.01")),
    every(compare("amount_zar", "between", [1, 5]), compare("amount_zar", "gte", 6)),
    every(compare("channel", "eq", "pos"), compare("channel", "eq", "atm")),
    every(compare("channel", "in", ["pos", "atm"]), compare("channel", "in", ["ussd"])),
    every(compare("channel", "eq", "pos"), compare("channel", "starts_with", "a")),
    every(compare("rail", "eq", "cash"), {"not": compare("rail", "eq", "cash")}),
    every(compare("rail", "exists", NO), compare("rail", "eq", "cash")),
    every(compare("is_night", "eq", YES), compare("is_night", "eq", NO)),
    every(compare("is_night", "eq", YES), compare("local_hour", "eq", 12)),
    every(compare("is_weekend", "eq", YES), compare("local_weekday", "lte", 5)),
    every(compare("local_hour", "gte", 22), compare("local_hour", "lt", 5)),
    every(compare("receiver_id", "eq", "A"), compare("receiver_id", "eq", "B")),
    every(compare("receiver_id", "in", ["A", "B"]), compare("receiver_id", "not_in", ["B", "A"])),
    every(compare("receiver_id", "eq", "ZA-1"), compare("receiver_id", "starts_with", "NG")),
    every(compare("receiver_id", "eq", "ZA-1"), compare("receiver_id", "ne", " za-1")),
    every(
        compare("receiver_id", "in_list", "mule"),
        {"not": compare("receiver_id", "in_list", "mule")},
    ),
    every(
        compare("merchant_category", "regex", "x"),
        {"not": compare("merchant_category", "regex", "x")},
    ),
    every(
        compare("amount_zar", "gt", 20),
        either(compare("amount_zar", "lt", 5), compare("amount_zar", "eq", 9)),
    ),
    {"not": either(compare("amount_zar", "lt", 9), compare("amount_zar", "gte", 9))},
    compare("sender.count_1h", "gt", 513),
    compare("sender.count_1h", "lt", 1),
    compare("receiver.senders_24h", "gt", 257),
    compare("sender.received_count_7d", "gt", 256),
    compare("amount.to_median", "lt", 0),
    compare("amount.similar_to_other_beneficiary", "gt", 64),
    compare("amount_zar", "exists", NO),
    compare("receiver_country", "eq", "Nigeria"),
    compare("sender_id", "eq", "ZA 1001"),
]
POSSIBLE: Final = [
    every(compare("amount_zar", "gt", 100), compare("amount_zar", "lt", "100.02")),
    every(compare("anomaly.z", "gt", 3), compare("anomaly.z", "lt", 3.0001)),
    compare("anomaly.z", "lt", -2),
    every(compare("local_hour", "gte", 22), compare("is_night", "eq", YES)),
    either(compare("local_hour", "gte", 22), compare("local_hour", "lt", 5)),
    compare("sender.count_1h", "gte", 513),
    every(compare("receiver_id", "in", ["A", "B"]), compare("receiver_id", "ne", "A")),
    every(
        compare("receiver_id", "contains", "A"), {"not": compare("receiver_id", "contains", "B")}
    ),
    compare("rail", "exists", NO),
    every(
        compare("receiver_id", "eq", "ZA-1"), {**compare("receiver_id", "ne", "ZA-1"), "exact": YES}
    ),
    compare("receiver_country", "in", ["zw"]),
    compare("sender.since_last_seconds", "gte", 10**9),
]


@pytest.mark.parametrize("condition", IMPOSSIBLE, ids=str)
def test_a_rule_that_never_fires_has_a_warning(condition: object) -> None:
    """Without the warning, the analyst would rely on a rule that never fires."""
    assert never_fires(rule_when(condition))
    assert any("so the rule can never fire; change" in each for each in told(condition).values())


@pytest.mark.parametrize("condition", POSSIBLE, ids=str)
def test_a_rule_that_may_fire_has_no_warning(condition: object) -> None:
    """A narrow rule must not be reported as impossible."""
    assert told(condition) == {}


def test_the_message_names_the_comparison_that_contradicts() -> None:
    """The analyst must find the comparison in a large rule."""
    condition = every(
        compare("rail", "eq", "eft"),
        compare("amount_zar", "gt", 100),
        either(compare("amount_zar", "lt", 50), compare("amount_zar", "gt", 60)),
    )

    assert told(condition) == {
        "condition.all[2].any[0]": "contradicts condition.all[1], so this part of the rule can "
        "never hold; change one of them"
    }


def test_the_message_of_a_range_has_its_bounds() -> None:
    """Only the message shows the range of the field."""
    messages = told(compare("sender.count_24h", "gte", 600))

    assert "sender.count_24h is at least 1 and at most 513" in messages["condition"]


def test_the_search_of_a_huge_rule_stops() -> None:
    """A rule with 200 lists of 1,000 values must not occupy a worker."""
    rand = [*range(1000)]
    texts = [f"ACC-{number}" for number in rand]
    asking = [compare("sender_id", "in", texts), compare("amount_zar", "not_in", rand)]
    condition = every(*[every(*asking * 25) for _ in range(4)])

    search = Search()
    clash = search.contradiction(normal_form(rule_when(condition).condition))

    assert clash is None
    assert search.trials <= MAX_TRIALS + 200 * 1000


COUNTRY: Final = "receiver_country"


@pytest.mark.parametrize(
    ("written", "advice"),
    [("UK", "write 'GB'"), ("uk", "write 'GB'"), ("Nigeria", "two capital letters"), ("QQ", "two")],
)
def test_a_country_that_does_not_exist_has_a_warning(written: str, advice: str) -> None:
    """Payments have ISO 3166-1 codes: another text never matches."""
    messages = told(compare(COUNTRY, "in", ["ZA", written]))

    assert list(messages) == ["condition.value[1]"]
    assert repr(written) in messages["condition.value[1]"]
    assert advice in messages["condition.value[1]"]


def test_lower_case_in_an_exact_comparison_has_a_warning() -> None:
    """Without exact, `zw` and `ZW` are equal."""
    small = compare(COUNTRY, "in", ["zw"])

    assert told(small) == {}
    assert told({**small, "exact": True}) == {
        "condition.value[0]": "'zw' is no country code of ISO 3166-1 alpha-2; write 'ZW'"
    }


def test_the_countries_are_those_of_the_time_zone_database() -> None:
    """The database is updated with every release of tzdata."""
    lines = (files("tzdata.zoneinfo") / "iso3166.tab").read_text(encoding="utf-8").splitlines()

    assert {line.split("\t")[0] for line in lines if line[:1] not in {"", "#"}} == ASSIGNED
    assert not MISWRITTEN.keys() & COUNTRIES
    assert set(MISWRITTEN.values()) <= COUNTRIES


@pytest.mark.parametrize(
    ("operator", "value", "path"),
    [
        ("eq", "ZA-1001 ", "condition.value"),
        ("in", ["A", " B"], "condition.value[1]"),
        ("not_in", ["A "], "condition.value[0]"),
        ("starts_with", " ZA", "condition.value"),
        ("ends_with", "1 ", "condition.value"),
    ],
)
def test_blanks_at_an_end_of_an_exact_text_have_a_warning(
    operator: str, value: object, path: str
) -> None:
    """Blanks copied from a spreadsheet are not visible."""
    folding = compare("merchant_category", operator, value)

    messages = told({**folding, "exact": True})

    assert list(messages) == [path]
    assert "take the blanks away" in messages[path]
    assert told(folding) == {}


@pytest.mark.parametrize(
    ("operator", "value"),
    [("starts_with", "ZA "), ("ends_with", " 1"), ("contains", " x "), ("regex", " x ")],
)
def test_blanks_that_may_be_intended_have_no_warning(operator: str, value: str) -> None:
    """A blank between words is part of a text."""
    exact = {} if operator == "regex" else {"exact": True}

    assert told({**compare("merchant_category", operator, value), **exact}) == {}


def test_a_list_that_does_not_exist_has_a_warning() -> None:
    """The comparison is unknown until the list is created."""
    rule = rule_when(compare("receiver_id", "in_list", "mules"))

    missing = warnings_of(rule, ALERTING, {"mule", "block"})

    assert missing == (
        Violation(
            "condition.value",
            "there is no list 'mules', so the comparison is unknown; create the list, or name one "
            "of: block, mule",
        ),
    )
    assert warnings_of(rule, ALERTING, {"mules"}) == warnings_of(rule, ALERTING) == ()


def test_the_warning_of_a_flag_without_alert_says_what_to_set() -> None:
    """Weight and severity alone raise no alert."""
    rule = replace(rule_when(compare("channel", "eq", "pos")), action=Action.FLAG)

    warnings = warnings_of(rule, Alerting(Decimal("0.3500"), Decimal("0.70")))

    assert [warning.path for warning in warnings] == ["action"]
    assert "alone it brings a payment to 0.3500, and alerts begin at 0.7;" in warnings[0].message
    assert "set action to review or decline" in warnings[0].message


def test_a_review_below_the_alert_threshold_has_a_warning() -> None:
    """If ALERT_THRESHOLD is above RISK_SCORE_HIGH, a review has no alert."""
    rule = replace(rule_when(compare("channel", "eq", "pos")), action=Action.REVIEW)

    warnings = warnings_of(rule, Alerting(Decimal("0.7388"), Decimal("0.95")))

    assert [warning.path for warning in warnings] == ["action"]
    assert "set floor to 0.95" in warnings[0].message


def test_an_approving_rule_with_a_weight_has_a_warning() -> None:
    """The weight would raise the score of the payments that the rule approves."""
    rule = replace(
        rule_when(compare("channel", "eq", "pos")), action=Action.APPROVE, weight=0.5, floor=0.7
    )
    calm = replace(rule, weight=0.0, floor=None)
    quiet = Alerting(Decimal("0.1"), Decimal("0.7"))

    assert [each.path for each in warnings_of(rule, quiet)] == ["weight", "floor"]
    assert warnings_of(calm, quiet) == ()
