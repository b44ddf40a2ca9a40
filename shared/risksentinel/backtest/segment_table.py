"""segment_table: decided payments as a table of pyarrow, one row for each."""

from collections.abc import Sequence
from typing import Any

from risksentinel.scoring.partitions.past_events import PastPayment
from risksentinel.scoring.partitions.past_outcome import PastOutcome

Decided = tuple[PastPayment, PastOutcome]


def segment_table(decided: Sequence[Decided], metadata: dict[bytes, bytes] | None = None) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Return the table of these payments, in their order."""
    import pyarrow as pa  # type: ignore[import-untyped] # pyarrow ships no types

    return pa.table(_columns(decided), segment_schema().with_metadata(metadata))


def segment_schema() -> Any:  # noqa: ANN401 - pyarrow has no types
    """The columns of a segment."""
    import pyarrow as pa

    text = pa.string()
    return pa.schema(
        [
            ("order", pa.int64()),
            ("id", text),
            ("at", pa.timestamp("us", tz="UTC")),
            ("occurred_at", pa.timestamp("us", tz="UTC")),
            ("cents", pa.int64()),
            ("sender_id", text),
            ("receiver_id", text),
            ("channel", text),
            ("fraud", pa.bool_()),
            ("decision", text),
            ("score", pa.int32()),
            ("alert", pa.bool_()),
            ("rules", pa.list_(text)),
            ("escalations", pa.list_(text)),
            ("reasons", pa.list_(text)),
        ]
    )


def _columns(decided: Sequence[Decided]) -> dict[str, list[Any]]:
    pasts, payments = [past for past, _ in decided], [past.payment for past, _ in decided]
    said = [outcome for _, outcome in decided]
    return {
        "order": [past.order for past in pasts],
        "id": [payment.id for payment in payments],
        "at": [past.at for past in pasts],
        "occurred_at": [payment.occurred_at for payment in payments],
        "cents": [payment.amount.cents for payment in payments],
        "sender_id": [payment.sender_id for payment in payments],
        "receiver_id": [payment.receiver_id for payment in payments],
        "channel": [payment.channel.value for payment in payments],
        "fraud": [past.fraud for past in pasts],
        "decision": [outcome.decision.value for outcome in said],
        "score": [outcome.score for outcome in said],
        "alert": [outcome.alert for outcome in said],
        "rules": [outcome.rules for outcome in said],
        "escalations": [outcome.escalations for outcome in said],
        "reasons": [outcome.reasons for outcome in said],
    }
