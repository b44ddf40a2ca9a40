import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.domain.alert import Alert, AlertStatus
from risksentinel.domain.verdict import RiskLevel
from risksentinel.errors import Malformed
from risksentinel.events import alert_raised
from tests.strategies import identifiers

alerts = st.builds(
    Alert,
    id=identifiers,
    transaction_id=identifiers,
    sender_id=identifiers,
    receiver_id=identifiers,
    amount_zar=st.decimals("0", "9999999999999999.99", places=2),
    score=st.decimals("0", "1", places=4),
    severity=st.sampled_from(RiskLevel),
    reasons=st.lists(st.text()).map(tuple),
    raised_at=st.datetimes(timezones=st.just(UTC)),
    status=st.sampled_from(AlertStatus),
    assignee=st.none(),
    disposition=st.none(),
    note=st.none(),
    updated_at=st.none(),
    version=st.just(1),
)
KEPT: dict[str, Any] = {
    "alert_id": "a-1",
    "transaction_id": "tx-1",
    "sender_id": "s-1",
    "receiver_id": "r-1",
    "amount_zar": "75000.00",
    "score": 0.93,
    "severity": "critical",
    "reasons": ["11 payments in 5 minutes"],
    "raised_at": "2026-05-01T08:30:00Z",
    "status": "open",
}


@given(alerts)
def test_an_encoded_alert_is_decoded_unchanged(alert: Alert) -> None:
    """Encoding and decoding keep every field of the alert, the amount to the cent."""
    event = alert_raised.encode(alert, event_id="e", source="/risksentinel/score")

    assert alert_raised.decode(json.loads(json.dumps(event.data)), event.type) == alert


def test_the_event_names_its_payment_and_its_source() -> None:
    """The key is the sender, which keeps the order; the trace continues that of the payment."""
    event = alert_raised.encode(
        alert_raised.decode(KEPT), event_id="e-1", source="/here", traceparent="00-1-2-01"
    )

    assert event.attributes() == {
        "specversion": "1.0",
        "id": "e-1",
        "type": "za.risksentinel.alert.raised.v1",
        "source": "/here",
        "subject": "tx-1",
        "partitionkey": "s-1",
        "time": "2026-05-01T08:30:00Z",
        "datacontenttype": "application/json",
        "dataschema": "urn:risksentinel:schema:alert.raised:1",
        "traceparent": "00-1-2-01",
    }
    assert (event.topic, event.data) == ("alerts.raised", KEPT)


def test_unknown_fields_are_ignored() -> None:
    """A later version of the event may have more fields."""
    assert alert_raised.decode({**KEPT, "mood": "grim"}) == alert_raised.decode(KEPT)


def test_any_zone_is_read_as_the_same_moment() -> None:
    """Producers may send local time with its offset."""
    alert = alert_raised.decode({**KEPT, "raised_at": "2026-05-01T10:30:00+02:00"})

    assert alert.raised_at == datetime(2026, 5, 1, 8, 30, tzinfo=UTC)
    assert alert.raised_at.utcoffset() == timedelta(0)


def test_a_decimal_score_is_taken_as_it_is() -> None:
    """strict_json reads JSON numbers as Decimal."""
    assert alert_raised.decode({**KEPT, "score": Decimal("0.9301")}).score == Decimal("0.9301")


@pytest.mark.parametrize("event_type", ["za.risksentinel.alert.raised.v2", "another", ""])
def test_another_type_or_version_is_refused(event_type: str) -> None:
    """Fields of the same name can have another meaning in another version."""
    with pytest.raises(Malformed, match=r"^type: must be za\.risksentinel\.alert\.raised\.v1$"):
        alert_raised.decode(KEPT, event_type)


@pytest.mark.parametrize("name", KEPT)
def test_every_field_is_required(name: str) -> None:
    """The channels and the API need every field."""
    with pytest.raises(Malformed, match=f"^{name}: is required$"):
        alert_raised.decode({field: value for field, value in KEPT.items() if field != name})


@pytest.mark.parametrize(
    ("name", "value", "path"),
    [
        ("alert_id", 1, "alert_id"),
        ("alert_id", "", "alert_id"),
        ("sender_id", "a b", "sender_id"),
        ("sender_id", "a\n", "sender_id"),
        ("receiver_id", "x" * 65, "receiver_id"),
        ("amount_zar", 75000.0, "amount_zar"),
        ("amount_zar", "1e9", "amount_zar"),
        ("score", True, "score"),
        ("score", "0.5", "score"),
        ("score", 1.0001, "score"),
        ("score", -0.1, "score"),
        ("score", float("nan"), "score"),
        ("severity", "CRITICAL", "severity"),
        ("severity", ["critical"], "severity"),
        ("status", "shut", "status"),
        ("status", {}, "status"),
        ("reasons", "because", "reasons"),
        ("reasons", ["because", 1], "reasons[1]"),
        ("raised_at", "2026-05-01T08:30:00", "raised_at"),
        ("raised_at", "yesterday", "raised_at"),
        ("raised_at", 0, "raised_at"),
    ],
)
def test_a_wrong_value_is_refused_where_it_stands(name: str, value: object, path: str) -> None:
    """The violation has the path of the value, and does not repeat the value."""
    with pytest.raises(Malformed) as caught:
        alert_raised.decode({**KEPT, name: value})

    assert [violation.path for violation in caught.value.violations] == [path]


def test_every_fault_is_told_at_once() -> None:
    """The producer can correct every violation after one attempt."""
    with pytest.raises(Malformed) as caught:
        alert_raised.decode({**KEPT, "score": 2, "reasons": [1, "x", 2]} | {"status": None})

    paths = [violation.path for violation in caught.value.violations]
    assert paths == ["score", "reasons[0]", "reasons[2]", "status"]
