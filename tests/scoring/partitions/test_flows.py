"""FlowsBefore: the flows of the whole state, without the rest of it."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from risksentinel.scoring.partitions.flows import FlowsBefore, PastState
from risksentinel.scoring.partitions.past_events import PastEvent, PastPayment
from tests.scoring.partitions.past_lives import one_after_the_other, pasts


@given(pasts(), st.integers(1, 50), st.sets(st.integers(0, 40)))
def test_flows_are_those_of_the_snapshots(
    events: Sequence[PastEvent], size: int, left_out: set[int]
) -> None:
    """Of the payments that are asked for, in parts of any size; labels change no flow."""
    paid = [each for each in events if isinstance(each, PastPayment)]
    asked = {each.payment.id for each in paid if each.order not in left_out}
    record = FlowsBefore()

    found: dict[str, PastState] = {}
    for begin in range(0, len(paid), size):
        found |= record([each.payment for each in paid[begin : begin + size]], asked)

    reference = one_after_the_other(events)
    snapshots = {each.payment.id: reference[each.order].snapshot for each in paid}
    assert found.keys() == asked
    for name, state in found.items():
        snapshot = snapshots[name]
        flows = (snapshot.paid, snapshot.got, snapshot.received)
        assert (state.paid, state.got, state.received) == flows
        assert state.habits is None
