"""Fields over spans: an account's outgoing and incoming payments in 5 minutes to 30 days."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from risksentinel.domain.flow import Flow, Window
from risksentinel.domain.history import Snapshot
from risksentinel.rules.kinds import FieldKind, Value

SPANS: Final[Mapping[str, tuple[int, str]]] = MappingProxyType(
    {
        "5m": (300, "5 minutes"),
        "1h": (3_600, "1 hour"),
        "24h": (86_400, "24 hours"),
        "7d": (7 * 86_400, "7 days"),
        "30d": (30 * 86_400, "30 days"),
    }
)
Read = Callable[[Snapshot], Value | None]
Row = tuple[str, FieldKind, str, Read]


def span_fields() -> Iterator[Row]:
    """Return name, kind, meaning and reader of each field, for each flow and each span."""
    for span, (seconds, words) in SPANS.items():
        yield from _of_flow("sender.", "sender's", _paid, "beneficiaries", span, seconds, words)
        yield from _of_flow("sender.received_", "sender's received", _got, "senders", span,
                            seconds, words)  # fmt: skip
        yield from _of_flow("receiver.", "receiver's received", _received, "senders", span,
                            seconds, words)  # fmt: skip


def _paid(snapshot: Snapshot) -> Flow:
    return snapshot.paid


def _got(snapshot: Snapshot) -> Flow:
    return snapshot.got


def _received(snapshot: Snapshot) -> Flow:
    return snapshot.received


def _of_flow(  # noqa: PLR0913, PLR0917 - a table's columns
    prefix: str,
    whose: str,
    flow: Callable[[Snapshot], Flow],
    parties: str,
    span: str,
    seconds: int,
    words: str,
) -> Iterator[Row]:
    def of(read: Callable[[Window], Value]) -> Read:
        return lambda snapshot: read(flow(snapshot).window(seconds))

    yield f"{prefix}count_{span}", FieldKind.INTEGER, f"{whose} payments in {words}", of(_count)
    yield f"{prefix}sum_zar_{span}", FieldKind.MONEY, f"{whose} rand in {words}", of(_sum)
    yield (
        f"{prefix}largest_zar_{span}",
        FieldKind.MONEY,
        f"{whose} largest payment in {words}",
        of(_largest),
    )
    yield (
        f"{prefix}{parties}_{span}",
        FieldKind.INTEGER,
        f"different {parties} in {words}",
        of(_parties),
    )
    if parties == "senders":
        yield (
            f"{prefix}new_senders_{span}",
            FieldKind.INTEGER,
            f"senders in {words} whose first payment of the last 30 days lies in them",
            lambda snapshot: flow(snapshot).new_parties(seconds),
        )
    cash = f"{whose} cash payments in {words}"
    yield f"{prefix}cash_count_{span}", FieldKind.INTEGER, cash, of(_cash_count)
    yield f"{prefix}cash_sum_zar_{span}", FieldKind.MONEY, f"rand of the {cash}", of(_cash_sum)


def _count(window: Window) -> int:
    return window.count


def _sum(window: Window) -> Decimal:
    return Decimal(window.cents).scaleb(-2)


def _largest(window: Window) -> Decimal:
    return Decimal(window.largest).scaleb(-2)


def _parties(window: Window) -> int:
    return window.parties


def _cash_count(window: Window) -> int:
    return window.cash_count


def _cash_sum(window: Window) -> Decimal:
    return Decimal(window.cash_cents).scaleb(-2)
