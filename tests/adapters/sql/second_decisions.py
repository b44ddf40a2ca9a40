"""keep_second_decisions: what else is decided about a payment, in shadow and at a second look."""

from collections.abc import Sequence
from decimal import Decimal

from risksentinel.domain.revision import Revision
from risksentinel.domain.shadowed import Outcome, Shadowed
from risksentinel.domain.verdict import Decision
from risksentinel.ports.ledger import Unit
from tests.strategies import NOW

_HIGH = Outcome(Decision.REVIEW, Decimal("0.8000"), alert=True)


def keep_second_decisions(unit: Unit, names: Sequence[str], reason: str = "a reason") -> None:
    """Store a decision in shadow and a revision of each payment."""
    unit.keep_shadowed(
        [
            Shadowed(
                version=2,
                revision=1,
                live_version=1,
                transaction_id=name,
                sender_id="acc-1",
                amount=Decimal("100.00"),
                live=_HIGH,
                shadow=_HIGH,
                reasons=(reason,),
                scored_at=NOW,
            )
            for name in names
        ]
    )
    unit.await_sources(
        [
            Revision(name, ("history",), NOW, late=False, first=_HIGH, reasons=(reason,))
            for name in names
        ]
    )
