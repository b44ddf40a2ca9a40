"""The contract of every registered payment format."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from risksentinel.domain.transaction import Transaction
from risksentinel.errors import Malformed
from risksentinel.payment_formats import FORMATS
from tests.strategies import NOW

SAMPLES = Path(__file__).parents[1] / "samples"
FILES = {"application/json": "payment.json"}


@pytest.mark.parametrize("media_type", FORMATS)
def test_a_format_reads_its_sample(media_type: str) -> None:
    """The samples of all formats state the same payment."""
    body = (SAMPLES / FILES[media_type]).read_bytes()

    payment = FORMATS[media_type](body).transaction(lambda: "fresh", NOW)

    assert isinstance(payment, Transaction)
    assert payment.id == "pay-2026-0001"
    assert payment.amount.amount == Decimal("1250.50")
    assert payment.occurred_at == datetime(2026, 5, 1, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize("media_type", FORMATS)
@given(noise=st.binary(max_size=300))
@example(noise=b"")
@example(noise=b"\xff\xfe")
@example(noise=b"[" * 100_000)
@example(noise=b'{"a":' * 100_000)
@example(noise=b"null")
def test_noise_is_malformed_and_nothing_else(media_type: str, noise: bytes) -> None:
    """Any input must give a payment or a rejection with the reason."""
    with pytest.raises(Malformed):
        FORMATS[media_type](noise)


@pytest.mark.parametrize("media_type", FORMATS)
@given(data=st.data())
def test_a_torn_sample_is_malformed(media_type: str, data: st.DataObject) -> None:
    """A truncated body must not be read as another payment."""
    body = (SAMPLES / FILES[media_type]).read_bytes().rstrip()
    cut = data.draw(st.integers(0, len(body) - 1))

    with pytest.raises(Malformed):
        FORMATS[media_type](body[:cut])
