"""DecidePayments: verdicts in order; payments that are not approved leave the habits at once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock
from typing import Final

from risksentinel.deadline import Step, within
from risksentinel.domain.history import Snapshot, without
from risksentinel.domain.signal import Silent
from risksentinel.domain.transaction import Transaction
from risksentinel.domain.verdict import Decision, Scored
from risksentinel.errors import Unavailable
from risksentinel.ports.history import Withheld
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.score import score
from risksentinel.usecases.gather_facts import Scoring, rounds

MAX_POSTPONED: Final = 10_000
MAX_POSTPONED_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class DecidePayments:
    """Gather and decide, round by round.

    Payments that were not approved are withheld from the history before the commit: after a crash
    in between they are scored again. While the history does not answer they are postponed, and
    withheld with the next ones.
    """

    scoring: Scoring
    never_late: bool = False  # all payments are of the past: no date is an attempt to avoid a limit
    _postponed: list[Withheld] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def __call__(
        self,
        fresh: Sequence[Transaction],
        now: datetime,
        imported: Collection[str] = (),
        seen: list[Facts] | None = None,
    ) -> list[Scored]:
        """One verdict for each payment, in order; `imported` are the ids of past payments.

        Past payments are not late: an import is no attempt to avoid a limit. The facts of each
        decision are appended to `seen`.
        """
        stage, decided = self.scoring.meter.stage, []
        for some in rounds(fresh):
            with stage("gather"):
                facts, policy = self.scoring.facts(some)
            with stage("decide"):
                scored = self._decide(facts, policy, now, imported, seen)
            heard = not any(isinstance(each.history, Silent) for each in facts)
            self._withhold(scored, ask=heard)
            decided += scored
        return decided

    def _decide(
        self,
        facts: Sequence[Facts],
        policy: Policy,
        now: datetime,
        imported: Collection[str],
        seen: list[Facts] | None,
    ) -> list[Scored]:
        if self.never_late:
            policy = replace(policy, max_lateness_seconds=None)
        past = replace(policy, max_lateness_seconds=None) if imported else policy
        scored: list[Scored] = []
        earlier = _Earlier()
        for gathered in facts:
            earlier.note_device(gathered)
            known = gathered
            if earlier.withheld:
                known = self._without(gathered, policy, earlier)
            if seen is not None:
                seen.append(known)
            of_payment = past if known.transaction.id in imported else policy
            verdict = score(known, of_payment, now)
            scored.append(Scored(known.transaction, verdict))
            earlier.add(known.transaction, verdict.decision)
        return scored

    def _without(self, facts: Facts, policy: Policy, earlier: "_Earlier") -> Facts:
        """The facts, without the effect of earlier withheld payments of the same accounts."""
        payment, history = facts.transaction, facts.history
        related = [
            other
            for other in earlier.withheld
            if other.sender_id == payment.sender_id or other.receiver_id == payment.receiver_id
        ]
        if not related or not isinstance(history, Snapshot):
            return facts
        before = earlier.devices[payment.sender_id, payment.device_id]
        left = without(history, payment, related, earlier.approved, before)
        changed = replace(facts, history=left)
        return self.scoring.with_opinions([changed], policy)[0]

    def _withhold(self, scored: Sequence[Scored], *, ask: bool) -> None:
        """Withhold payments; without `ask` postpone them, because the history did not answer."""
        found = (Withheld.of(pair.transaction, pair.verdict.decision) for pair in scored)
        with self._lock:
            # A few at a time: no payment waits for all postponed ones after an outage.
            postponed = self._postponed[:MAX_POSTPONED_AT_ONCE]
            del self._postponed[:MAX_POSTPONED_AT_ONCE]
        batch = [*postponed, *(each for each in found if each is not None)]
        if not batch:
            return
        if not ask:
            self._postpone(batch)
            return
        try:
            with self.scoring.meter.stage("withhold"), within(Step.WITHHOLD):
                self.scoring.history.withhold(batch)
        except Unavailable:
            self._postpone(batch)

    def _postpone(self, batch: Sequence[Withheld]) -> None:
        with self._lock:
            self._postponed[:] = [*batch, *self._postponed][-MAX_POSTPONED:]


@dataclass(slots=True)
class _Earlier:
    """The payments of a round that were decided before one of its payments.

    `devices` has for each sender and device the second of the first payment before the round.
    """

    withheld: list[Transaction] = field(default_factory=list)
    approved: list[Transaction] = field(default_factory=list)
    devices: dict[tuple[str, str | None], int] = field(default_factory=dict)

    def note_device(self, facts: Facts) -> None:
        """Note the device, if this is its first payment of the round."""
        if isinstance(facts.history, Snapshot):
            key = (facts.transaction.sender_id, facts.transaction.device_id)
            self.devices.setdefault(key, facts.history.known.device_first)

    def add(self, payment: Transaction, decision: Decision) -> None:
        """Add a payment that was decided."""
        (self.approved if decision is Decision.APPROVE else self.withheld).append(payment)
