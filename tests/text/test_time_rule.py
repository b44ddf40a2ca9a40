"""Every input that carries a time follows the rule of text/rfc3339.py."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from risksentinel.cloudevents.received_event import event_from
from risksentinel.domain.list_csv import read_entries
from risksentinel.domain.model_fields import Moment
from risksentinel.errors import Malformed
from risksentinel.events import alert_raised
from risksentinel.payment_formats.payment_document import document
from risksentinel.text import rfc3339

PAYMENT: Final[Mapping[str, Any]] = {
    "sender_id": "A",
    "receiver_id": "B",
    "amount_zar": "1.00",
    "channel": "atm",
}
EVENT: Final[Mapping[str, str]] = {
    "id": "1",
    "source": "s",
    "type": "t",
    "specversion": "1.0",
}
ALERT: Final[Mapping[str, Any]] = {
    "alert_id": "a-1",
    "transaction_id": "p-1",
    "sender_id": "A",
    "receiver_id": "B",
    "amount_zar": "1.00",
    "score": 1,
    "severity": "high",
    "reasons": [],
    "status": "open",
}
EXAMPLES: Final = (
    "2026-05-01T08:30:00Z",
    "2026-05-01t08:30:00.123456789z",
    "2026-05-01T08:30:00.1234567+02:00",
    "2026-05-01T08:30:00",
    "2026-05-01 08:30:00Z",
    "2026-05-01T08:30Z",
    "2026-05-01T08:30:00,5Z",
    "20260501T083000Z",
    "2026-02-30T08:30:00Z",
)


class Manifest(BaseModel):
    """A document with one time, like the manifest of a model."""

    created_at: Moment


def _of_list(text: str) -> datetime | None:
    (entry,) = read_entries(["value,expires_at\n", f'a,"{text}"\n'])
    return entry.expires_at


PLACES: Final[Mapping[str, Callable[[str], datetime | None]]] = {
    "payment": lambda text: document({**PAYMENT, "occurred_at": text}).occurred_at,
    "event": lambda text: event_from({**EVENT, "time": text}, b"").time,
    "manifest": lambda text: Manifest.model_validate({"created_at": text}).created_at,
    "alert": lambda text: alert_raised.decode({**ALERT, "raised_at": text}).raised_at,
    "list": _of_list,
}
rfc3339_texts = st.from_regex(
    r"(19|20)[0-9]{2}-0[1-9]-[0-2][0-9][Tt ][0-2][0-9]:[0-5][0-9](:[0-5][0-9]([.,][0-9]{1,12})?)?"
    r"([Zz]|[+-][0-2][0-9]:?[0-5][0-9])?",
    fullmatch=True,
)


@pytest.mark.parametrize("place", PLACES)
@given(rfc3339_texts)
@example(EXAMPLES[0])
@example(EXAMPLES[1])
@example(EXAMPLES[2])
@example(EXAMPLES[3])
@example(EXAMPLES[4])
@example(EXAMPLES[5])
@example(EXAMPLES[6])
@example(EXAMPLES[7])
@example(EXAMPLES[8])
def test_a_time_is_read_alike_in_every_input(place: str, text: str) -> None:
    """A caller who writes a time that one route accepts must not be refused by another."""
    try:
        expected = rfc3339.parse(text)
    except Malformed:
        with pytest.raises((Malformed, ValidationError)):
            PLACES[place](text)
        return

    read = PLACES[place](text)
    assert read == expected
    assert read is not None
    assert read.tzinfo is UTC
