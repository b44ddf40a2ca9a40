"""The first stage: the state of each payment's receiver before it, by partition of the receiver."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from risksentinel.domain.account_side import BOUNDS, AccountSide, Bounds, Recording
from risksentinel.domain.verdict import Decision
from risksentinel.scoring.partitions.past_events import PastEvent, PastLabel, PastPayment
from risksentinel.scoring.partitions.withholding import decided, labelled

_NO_ACCOUNT: Final = AccountSide()


def receiver_sides(
    events: Iterable[PastEvent], decisions: Mapping[int, Decision], bounds: Bounds = BOUNDS
) -> Iterator[tuple[PastPayment, AccountSide]]:
    """Yield each payment with the state of its receiver before it.

    `events` are those of some receivers, all of each, in order. `decisions` are by the order of the
    payment; one that has none counts as approved.
    """
    sides: dict[str, AccountSide] = {}
    for event in events:
        name = event.payment.receiver_id
        side = sides.get(name, _NO_ACCOUNT)
        _, receiving = Recording.both(event.payment, bounds)
        if isinstance(event, PastLabel):
            if event.applies(decisions.get(event.of)):
                sides[name] = labelled(side, receiving, event)
            continue
        yield event, side
        sides[name] = decided(side.recorded(receiving), receiving, decisions.get(event.order))
