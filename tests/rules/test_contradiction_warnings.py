"""The warnings of rules that can never fire."""

from typing import Final

import pytest

from tests.rules.conditions import compare, either, every, told

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
