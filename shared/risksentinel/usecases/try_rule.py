"""TryRule: what a rule would have fired on, and why, without writing anything."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import Final

from risksentinel.domain.rule_trial import RuleSteps, RuleTrial
from risksentinel.domain.signal import Silent
from risksentinel.errors import Rejected, Retryable
from risksentinel.ports.live_payment import LivePayment
from risksentinel.ports.rule_trials import Excluded, Stop, TrialRecords, TrialSpan
from risksentinel.rules.candidates import can_fire, possible_kinds, reads_only_the_payment
from risksentinel.rules.rule import Rule
from risksentinel.rules.steps import steps
from risksentinel.scoring.facts import Facts
from risksentinel.usecases.past_observations import OutOfTime, PastObservations, Seen
from risksentinel.usecases.tally_trial import Tally

SECONDS: Final = 1.6  # so that the response is sent within 2 s, also after a slow page
AT_ONCE: Final = 500  # payments between two looks at the time
_NOT_READ: Final = Silent("the rule reads no history")
_BUSY: Final = "another rule is being tried: send the request again"
_NO_FACTS: Final = "the facts of the decision are not known: its receipt is of an earlier release"


@dataclass(frozen=True, slots=True)
class TryRule:
    """Evaluates a rule on past payments with the facts that they were decided with.

    One dry run at a time: it computes all the time, and payments are decided beside it.
    """

    records: TrialRecords
    seen: PastObservations
    seconds: float = SECONDS
    at_once: int = AT_ONCE
    now: Callable[[], float] = monotonic
    _lock: Lock = field(default_factory=Lock)

    def over(self, rule: Rule, span: TrialSpan) -> RuleTrial:
        """The figures over the newest payments of the span.

        Raises:
            Retryable: another dry run is not over yet.
            Unavailable: the database does not answer.
        """
        if not self._lock.acquire(blocking=False):
            raise Retryable(_BUSY)
        try:
            return self._over(rule, span)
        finally:
            self._lock.release()

    def one(self, rule: Rule, transaction_id: str) -> RuleSteps:
        """The steps of the rule for one payment.

        Raises:
            NotFound: there is no decision on such a payment.
            Rejected: the receipt of the decision does not have its facts.
            Retryable: the facts could not be computed in time.
        """
        live = self.records.payment(transaction_id)
        try:
            (seen,) = self.seen(rule, [live], self._stop(), whole=True)
        except OutOfTime:
            raise Retryable("the history of the accounts could not be read in time") from None
        if seen.facts is None:
            raise Rejected(_NO_FACTS)
        found = steps(rule.condition, seen.facts.observation)
        return RuleSteps(transaction_id, live.decision, live.level, found)

    def _over(self, rule: Rule, span: TrialSpan) -> RuleTrial:
        stop, tally = self._stop(), Tally()
        excluded = Excluded(rule.min_amount, possible_kinds(rule))
        with closing(self.records.candidates(span, excluded, self.at_once)) as pages:
            for page in pages:
                try:
                    seen = self._results(rule, page, stop)
                except OutOfTime:
                    return tally.trial(self.records, span, complete=False)
                fired = [each.live.payment.id for each in seen if each.result]
                fraud = self.records.fraud(fired) if fired else {}
                alerted = self.records.alerted(fired) if fired else ()
                tally.add(page[-1], seen, fraud, alerted)
        return tally.trial(self.records, span, complete=True)

    def _results(self, rule: Rule, page: Sequence[LivePayment], stop: Stop) -> list[Seen]:
        """The payments of a page on which the rule can fire, with its results."""
        if stop():
            raise OutOfTime
        if reads_only_the_payment(rule):
            facts = [Facts(each.payment, _NOT_READ, ()) for each in page]
            return [
                Seen(each, known, rule.test(known.observation))
                for each, known in zip(page, facts, strict=True)
            ]
        candidates = [each for each in page if can_fire(rule, each.payment)]
        return self.seen(rule, candidates, stop) if candidates else []

    def _stop(self) -> Stop:
        end = self.now() + self.seconds
        return lambda: self.now() >= end
