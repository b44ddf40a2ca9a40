"""How far back the history of a rule's fields reaches."""

import pytest

from risksentinel.rules.fields import FIELDS
from risksentinel.rules.history_reach import reach_of
from risksentinel.rules.spans import span_fields

_DAY = 86_400


def test_the_longest_window_of_a_rule_decides() -> None:
    """A rule of the last hour reads an hour, not a month."""
    assert reach_of(["amount_zar", "sender.count_1h", "receiver.sum_zar_5m"]) == 3_600
    assert reach_of(["sender.count_7d", "sender.paid_to_received_24h"]) == 7 * _DAY


@pytest.mark.parametrize("name", [name for name, *_ in span_fields()])
def test_each_window_reaches_its_own_seconds_or_further(name: str) -> None:
    """A new field over a span is read far enough back without a line here."""
    span = name.rpartition("_")[2]
    seconds = {"5m": 300, "1h": 3_600, "24h": _DAY, "7d": 7 * _DAY, "30d": 30 * _DAY}[span]

    assert reach_of([name]) == (30 * _DAY if "new_senders" in name else seconds)


def test_fields_that_every_receipt_has_reach_nothing() -> None:
    """They need no stored payment; only one field needs habits of any age."""
    spans = {name for name, *_ in span_fields()}
    others = (
        FIELDS.keys() - spans - {"sender.paid_to_received_24h", "sender.since_received_seconds"}
    )

    assert reach_of(others - {"amount.similar_to_other_beneficiary"}) == 0
    assert reach_of(["sender.since_received_seconds"]) == 30 * _DAY
    assert reach_of(["amount.similar_to_other_beneficiary", "sender.count_1h"]) is None
