"""The second stage: every payment decided in its order, by partition of the sender."""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from typing import Final, Protocol, TypeVar

from risksentinel.domain.account_side import (
    BOUNDS,
    AccountSide,
    Bounds,
    Recording,
    flow_with,
)
from risksentinel.domain.history import PriorState, Snapshot, snapshot_of
from risksentinel.domain.verdict import Decision
from risksentinel.scoring.partitions.past_events import PastEvent, PastLabel, PastPayment
from risksentinel.scoring.partitions.withholding import decided, decision_on, labelled

AT_ONCE: Final = 512  # accounts whose next payments are decided together: one run of the model


class Outcome(Protocol):
    """What a policy says about one payment."""

    @property
    def decision(self) -> Decision:
        """The decision, which the next payments of both accounts depend on."""


Result = TypeVar("Result", bound=Outcome)
Decide = Callable[[Sequence[tuple[PastPayment, Snapshot]]], Sequence[Result]]
_Asking = Generator[tuple[PastPayment, Snapshot], Decision, None]


def decide_senders(
    accounts: Mapping[str, Iterable[PastEvent]],
    receivers: Mapping[int, AccountSide],
    window_seconds: int,
    decide: Decide[Result],
    bounds: Bounds = BOUNDS,
) -> dict[int, Result]:
    """Return the result of each payment of these senders, by its order.

    An account's events are the payments that it sent and received and the labels of those that it
    sent, in order; `receivers` has the state of the receiver before each payment that was sent.
    """
    results: dict[int, Result] = {}
    waiting = [
        _payments(name, events, receivers, window_seconds, bounds)
        for name, events in accounts.items()
    ]
    for begin in range(0, len(waiting), AT_ONCE):
        asking = [
            (each, question)
            for each in waiting[begin : begin + AT_ONCE]
            if (question := next(each, None)) is not None
        ]
        while asking:
            answers = decide([question for _, question in asking])
            following = []
            for (each, (event, _)), answer in zip(asking, answers, strict=True):
                results[event.order] = answer
                question = _next(each, decision_on(event, answer.decision))
                if question is not None:
                    following.append((each, question))
            asking = following
    return results


def _next(asking: _Asking, decision: Decision) -> tuple[PastPayment, Snapshot] | None:
    try:
        return asking.send(decision)
    except StopIteration:
        return None


def _payments(
    name: str,
    events: Iterable[PastEvent],
    receivers: Mapping[int, AccountSide],
    window_seconds: int,
    bounds: Bounds,
) -> _Asking:
    side, got = AccountSide(), b""
    decisions: dict[int, Decision] = {}
    for event in events:
        payment = event.payment
        paying, receiving = Recording.both(payment, bounds)
        if isinstance(event, PastLabel):
            if event.applies(decisions.get(event.of)):
                side = labelled(side, paying, event)
            continue
        before = got
        if payment.receiver_id == name:
            got = flow_with(got, receiving)
        if payment.sender_id == name:
            entries = (paying.flowing, receiving.flowing)
            around = PriorState(side.known(paying), side, receivers[event.order], before, entries)
            side = side.recorded(paying)
            decision = yield event, snapshot_of(payment, around, window_seconds)
            decisions[event.order] = decision
            side = decided(side, paying, decision)
