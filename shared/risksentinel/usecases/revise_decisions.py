"""ReviseDecisions: looks again at payments that were decided without a source."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from risksentinel.domain.alert import Alert
from risksentinel.domain.revision import Revision, RevisionState, state_of
from risksentinel.domain.shadowed import Outcome
from risksentinel.domain.verdict import Scored
from risksentinel.errors import Unavailable
from risksentinel.events import alert_raised, transaction_revised
from risksentinel.events.sources import SCORE
from risksentinel.ports.environment import Clock, NewId
from risksentinel.ports.history import CatchingUp, Remembered
from risksentinel.ports.ledger import AuditEntry, Ledger, Unit
from risksentinel.ports.revisions import Place, Revisions, SnapshotsBefore, WaitingPayment
from risksentinel.scoring.absent_sources import absent_sources
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.score import score
from risksentinel.usecases.gather_facts import Scoring

AT_ONCE: Final = 50
SETTLED: Final = timedelta(seconds=1)  # after the decision: its request has ended
GIVEN_UP_AFTER: Final = timedelta(hours=24)


class Looked(NamedTuple):
    """The payments that one pass read, and those of them that wait no longer."""

    read: int
    settled: int


class _Second(NamedTuple):
    """A payment with its second decision."""

    scored: Scored
    outcome: Outcome
    revision: Revision


@dataclass(slots=True)
class ReviseDecisions:
    """Decides payments again once every source answers; the decision in force stays as it is.

    It is decided on the history that it had, on rules, lists and model of now. A graver decision
    raises the alert that the first one did not, because an analyst must see it. A payment that the
    history missed is recorded there, and waits until the history answers. Several processes may
    look at the same payment: the first to store its revision publishes it.
    """

    scoring: Scoring
    history: CatchingUp
    revisions: Revisions
    snapshots: SnapshotsBefore
    ledger: Ledger
    clock: Clock
    new_id: NewId
    _after: Place | None = None

    def pass_once(self) -> Looked:
        """Look at the next payments that wait, after the last one at the first again.

        Raises:
            Unavailable: the database did not answer; nothing was stored.
        """
        now = self.clock()
        found = self._next(now)
        if not found:
            return Looked(0, 0)
        seconds, given_up = self._looked_at(found, now)
        if seconds or given_up:
            with self.ledger.unit() as unit:
                for revision in given_up:
                    unit.revise(revision)
                for second in seconds:
                    self._store(unit, second, now)
        last = found[-1].revision
        self._after = (last.scored_at, last.transaction_id)
        return Looked(len(found), len(seconds) + len(given_up))

    def _next(self, now: datetime) -> Sequence[WaitingPayment]:
        until = now - SETTLED
        found = self.revisions.waiting(self._after, until, AT_ONCE)
        if found or self._after is None:
            return found
        self._after = None
        return self.revisions.waiting(None, until, AT_ONCE)

    def _looked_at(
        self, found: Sequence[WaitingPayment], now: datetime
    ) -> tuple[Sequence[_Second], Sequence[Revision]]:
        """The payments with all sources, decided again; and those that are given up."""
        ready = self._with_history(found)
        seconds = self._decided(ready, now) if ready else []
        settled = {each.revision.transaction_id for each in seconds}
        given_up = [
            replace(each.revision, state=RevisionState.GIVEN_UP, looked_at=now)
            for each in found
            if each.revision.transaction_id not in settled
            and now - each.revision.scored_at > GIVEN_UP_AFTER
        ]
        return seconds, given_up

    def _with_history(self, found: Sequence[WaitingPayment]) -> Sequence[WaitingPayment]:
        """Record what the history missed; the payments that the history has afterwards."""
        missed = [each.live for each in found if each.revision.lacked_history]
        try:
            if missed:
                self.history.catch_up([Remembered(one.payment, one.decision) for one in missed])
        except Unavailable:
            return [each for each in found if not each.revision.lacked_history]
        return found

    def _decided(self, ready: Sequence[WaitingPayment], now: datetime) -> list[_Second]:
        """The second decisions of the payments whose sources all answer."""
        snapshots = self.snapshots([each.live for each in ready])
        payments = [each.live.payment for each in ready]
        facts, policy = self.scoring.facts_after(payments, [snapshots[one.id] for one in payments])
        return [
            _second(each, known, policy, now)
            for each, known in zip(ready, facts, strict=True)
            if not absent_sources(known)
        ]

    def _store(self, unit: Unit, second: _Second, now: datetime) -> None:
        scored, outcome, revision = second
        if not unit.revise(revision) or revision.state is RevisionState.CONFIRMED:
            return
        alert_id: str | None = None
        if outcome.alert and not revision.first.alert:
            alert = Alert.raised(self.new_id(), scored)
            alert_id = alert.id
            unit.raise_alerts([alert])
            event = alert_raised.encode(alert, event_id=f"{alert.id}.raised", source=SCORE)
            unit.enqueue([event])
        sender = scored.transaction.sender_id
        unit.enqueue([transaction_revised.encode(revision, outcome, sender, now, alert_id, SCORE)])
        unit.audit([_entry(revision, outcome, alert_id, now)])


def _second(each: WaitingPayment, facts: Facts, policy: Policy, now: datetime) -> _Second:
    """The second decision; the payment is late if it was late for the first one."""
    before = each.revision
    if not before.late:
        policy = replace(policy, max_lateness_seconds=None)
    verdict = score(facts, policy, before.scored_at)
    outcome = Outcome(verdict.decision, verdict.score, verdict.alert)
    after = replace(
        before,
        state=state_of(before.first, outcome),
        second=outcome,
        reasons=verdict.reasons,
        looked_at=now,
    )
    return _Second(Scored(each.live.payment, replace(verdict, scored_at=now)), outcome, after)


def _entry(after: Revision, second: Outcome, alert_id: str | None, now: datetime) -> AuditEntry:
    return AuditEntry(
        at=now,
        actor=SCORE,
        action="transaction.revised",
        subject_kind="transaction",
        subject_id=after.transaction_id,
        details={
            "revised": after.state.value,
            "decided_without": list(after.decided_without),
            "first": after.first.decision.value,
            "second": second.decision.value,
            "score": f"{second.score:.4f}",
            "alert_id": alert_id,
        },
    )
