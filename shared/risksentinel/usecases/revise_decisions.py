"""ReviseDecisions: looks again at payments that were decided without a source."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from risksentinel.domain.alert import Alert
from risksentinel.domain.revision import Revision, RevisionState, WaitingPayment, state_of
from risksentinel.domain.shadowed import Outcome
from risksentinel.domain.verdict import Scored, Verdict
from risksentinel.errors import Unavailable
from risksentinel.events import alert_raised, transaction_revised
from risksentinel.events.sources import SCORE
from risksentinel.ports.environment import Clock, NewId
from risksentinel.ports.history import Withheld
from risksentinel.ports.ledger import AuditEntry, Ledger, Unit
from risksentinel.ports.revisions import Place, Revisions
from risksentinel.scoring.absent_sources import absent_sources
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.score import score
from risksentinel.usecases.gather_facts import Scoring

AT_ONCE: Final = 50
SETTLED: Final = timedelta(seconds=1)  # after the decision: its request has ended
GIVEN_UP_AFTER: Final = timedelta(hours=24)


@dataclass(slots=True)
class ReviseDecisions:
    """Decides payments again once every source answers; the decision in force stays as it is.

    A graver decision raises the alert that the first one did not, because an analyst must see it.
    The payment is recorded in the history too, if the history did not answer before. Several
    processes may look at the same payment: the first to store its revision publishes it.
    """

    scoring: Scoring
    revisions: Revisions
    ledger: Ledger
    clock: Clock
    new_id: NewId
    _after: Place | None = None

    def pass_once(self) -> int:
        """Look at the next payments that wait; answers how many were read, 0 after the last.

        Raises:
            Unavailable: the database did not answer; nothing was stored.
        """
        now = self.clock()
        found = self.revisions.waiting(self._after, now - SETTLED, AT_ONCE)
        if not found:
            self._after = None
            return 0
        last = found[-1].revision
        facts, policy = self.scoring.facts([each.transaction for each in found])
        self._withhold(found)
        with self.ledger.unit() as unit:
            for each, known in zip(found, facts, strict=True):
                self._look(unit, each, known, policy, now)
        self._after = (last.scored_at, last.transaction_id)
        return len(found)

    def _withhold(self, found: Sequence[WaitingPayment]) -> None:
        kept = [Withheld.of(each.transaction, each.revision.first.decision) for each in found]
        batch = [each for each in kept if each is not None]
        if batch:
            with suppress(Unavailable):  # then the history is absent, and the payments wait on
                self.scoring.history.withhold(batch)

    def _look(
        self, unit: Unit, each: WaitingPayment, facts: Facts, policy: Policy, now: datetime
    ) -> None:
        before = each.revision
        if absent_sources(facts):
            if now - before.scored_at > GIVEN_UP_AFTER:
                unit.revise(replace(before, state=RevisionState.GIVEN_UP, looked_at=now))
            return
        verdict = score(facts, policy, before.scored_at)
        second = Outcome(verdict.decision, verdict.score, verdict.alert)
        after = replace(
            before,
            state=state_of(before.first, second),
            second=second,
            reasons=verdict.reasons,
            looked_at=now,
        )
        if unit.revise(after) and after.state is not RevisionState.CONFIRMED:
            self._publish(unit, each, after, second, verdict, now)

    def _publish(
        self,
        unit: Unit,
        each: WaitingPayment,
        after: Revision,
        second: Outcome,
        verdict: Verdict,
        now: datetime,
    ) -> None:
        payment = each.transaction
        raised: Alert | None = None
        if second.alert and not after.first.alert:
            raised = Alert.raised(self.new_id(), Scored(payment, replace(verdict, scored_at=now)))
            unit.raise_alerts([raised])
            event = alert_raised.encode(raised, event_id=f"{raised.id}.raised", source=SCORE)
            unit.enqueue([event])
        alert_id = None if raised is None else raised.id
        unit.enqueue(
            [transaction_revised.encode(after, second, payment.sender_id, now, alert_id, SCORE)]
        )
        unit.audit([_entry(after, second, alert_id, now)])


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
