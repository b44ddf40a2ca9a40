"""The two stages as functions of one partition: what a worker reads, and what it returns."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic

from risksentinel.domain.account_side import AccountSide
from risksentinel.domain.verdict import Decision
from risksentinel.scoring.partitions.past_events import PastEvent, PastLabel, partition_of
from risksentinel.scoring.partitions.receivers import receiver_sides
from risksentinel.scoring.partitions.senders import Decide, Result, decide_senders
from risksentinel.scoring.partitions.withholding import decision_on

Sides = dict[int, AccountSide]  # of receivers, by the order of the payment
Decisions = dict[int, Decision]  # by the order of the payment; approved where there is none


@dataclass(frozen=True, slots=True)
class Known:
    """What a partition of senders knows before a pass.

    `sides` are the states of all receivers of its payments. `asked` are the orders of the payments
    whose receiver has another state than in the pass before; None: decide all. `earlier` are the
    decisions of the pass before.
    """

    sides: Sides
    asked: Collection[int] | None
    earlier: Mapping[int, Decision]


@dataclass(frozen=True, slots=True)
class Changed(Generic[Result]):
    """What a pass changed in one partition of senders.

    `decisions` has for each partition of receivers the payments whose decision is another one than
    in the pass before, also those that are approved now.
    """

    results: Mapping[int, Result]
    decisions: Sequence[Decisions]


@dataclass(frozen=True, slots=True)
class Stages(Generic[Result]):
    """Both stages with a policy, for so many partitions.

    `window_seconds` is the window of the velocity signal; the events of a partition are all those
    of its accounts, as senders or as receivers, in order.
    """

    decide: Decide[Result]
    window_seconds: int
    partitions: int

    def receivers(
        self,
        partition: int,
        events: Iterable[PastEvent],
        decisions: Mapping[int, Decision],
        changed: Collection[int] | None,
    ) -> list[Sides]:
        """Return the states of the receivers of one partition, by the partition of the sender.

        With `changed`, the orders of the payments whose decision changed, only states of their
        receivers after the first such payment of the receiver are returned.
        """
        own = [each for each in events if self._is_of(each.payment.receiver_id, partition)]
        since = None if changed is None else _since(own, changed)
        if since is not None:
            own = [each for each in own if each.payment.receiver_id in since]
        found: list[Sides] = [{} for _ in range(self.partitions)]
        for event, side in receiver_sides(own, decisions):
            if since is None or event.order > since[event.payment.receiver_id]:
                of_sender = partition_of(event.payment.sender_id, self.partitions)
                found[of_sender][event.order] = side
        return found

    def senders(self, partition: int, events: Iterable[PastEvent], known: Known) -> Changed[Result]:
        """Decide the payments of the senders of one partition.

        With `known.asked` only senders are decided again whose payments are asked for.
        """
        accounts = self._by_sender(events, partition)
        if known.asked is not None:
            accounts = _asked(accounts, known.asked)
        results = decide_senders(accounts, known.sides, self.window_seconds, self.decide)
        decisions: list[Decisions] = [{} for _ in range(self.partitions)]
        for name, event in ((name, event) for name, own in accounts.items() for event in own):
            if isinstance(event, PastLabel) or event.payment.sender_id != name:
                continue
            decision = decision_on(event, results[event.order].decision)
            if decision is not known.earlier.get(event.order, Decision.APPROVE):
                receiver = partition_of(event.payment.receiver_id, self.partitions)
                decisions[receiver][event.order] = decision
        return Changed(results, decisions)

    def _is_of(self, account: str, partition: int) -> bool:
        return partition_of(account, self.partitions) == partition

    def _by_sender(self, events: Iterable[PastEvent], partition: int) -> dict[str, list[PastEvent]]:
        """Return for each sender its payments, the payments to it, and the labels of the first."""
        accounts: dict[str, list[PastEvent]] = {}
        senders = set()
        for event in events:
            sender, receiver = event.payment.sender_id, event.payment.receiver_id
            if self._is_of(sender, partition):
                senders.add(sender)
                accounts.setdefault(sender, []).append(event)
            received = receiver != sender and not isinstance(event, PastLabel)
            if received and self._is_of(receiver, partition):
                accounts.setdefault(receiver, []).append(event)
        return {name: own for name, own in accounts.items() if name in senders}


def _asked(
    accounts: Mapping[str, list[PastEvent]], asked: Collection[int]
) -> dict[str, list[PastEvent]]:
    return {
        name: own
        for name, own in accounts.items()
        if any(each.order in asked and each.payment.sender_id == name for each in own)
    }


def _since(events: Iterable[PastEvent], changed: Collection[int]) -> dict[str, int]:
    since: dict[str, int] = {}
    for event in events:
        if event.order in changed:
            since.setdefault(event.payment.receiver_id, event.order)
    return since
