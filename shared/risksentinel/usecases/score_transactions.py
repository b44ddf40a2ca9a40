"""ScoreTransactions: scores payments, stores the verdicts, and returns the stored ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from risksentinel.domain.alert import Alert
from risksentinel.domain.revision import Revision
from risksentinel.domain.transaction import Transaction
from risksentinel.domain.verdict import Scored
from risksentinel.errors import Conflict, Unavailable
from risksentinel.ports.environment import Clock, Meter, NewId, TraceContexts
from risksentinel.ports.ledger import Ledger, Raced
from risksentinel.ports.revisions import Reviser
from risksentinel.ports.shadow import Shadow
from risksentinel.ports.stored_payment import StoredPayment, StoredVerdict
from risksentinel.scoring.facts import Facts
from risksentinel.usecases.decide_payments import DecidePayments
from risksentinel.usecases.owe_reports import owe_reports
from risksentinel.usecases.record_verdicts import id_of, record


@dataclass(frozen=True, slots=True)
class ScoreTransactions:
    """Score a batch. The first verdict of a payment is stored; repetitions get this verdict.

    After the commit, `shadow` takes the facts of the payments, for the version in shadow, and
    `reviser` looks again at those that were decided without a source.
    """

    decide: DecidePayments
    ledger: Ledger
    clock: Clock
    new_id: NewId
    shadow: Shadow | None = None
    reviser: Reviser | None = None

    def __call__(
        self,
        batch: Sequence[Transaction],
        source: str,
        origins: TraceContexts,
        *,
        learn_only: bool = False,
    ) -> list[StoredVerdict | Conflict]:
        """One answer for each payment, in order: its stored verdict, or Conflict.

        With `learn_only`, payments that are not stored yet are imported history: their verdicts
        raise no alert and require no report (Verdict.learnt). A payment that was stored before,
        without a verdict, is scored as a new payment.

        Raises:
            Unavailable: the database did not answer; nothing was stored.
        """
        stage, now = self._meter.stage, self.clock()
        with stage("known"):
            known = self.ledger.known([payment.id for payment in batch])
        fresh = _to_score(batch, known)
        imported = {each.id for each in fresh if learn_only and each.id not in known}
        seen: list[Facts] | None = [] if self.shadow is not None and self.shadow.is_on() else None
        scored = [
            _learnt(pair) if pair.transaction.id in imported else pair
            for pair in self.decide(fresh, now, imported, seen)
        ]
        with stage("commit"):
            known |= self._commit(scored, known, now, source, origins)
        if seen:
            self._offer(seen, scored, known)
        return _answers(batch, known)

    @property
    def _meter(self) -> Meter:
        return self.decide.scoring.meter

    def _commit(
        self,
        scored: Sequence[Scored],
        known: Mapping[str, StoredPayment],
        now: datetime,
        source: str,
        origins: TraceContexts,
    ) -> dict[str, StoredPayment]:
        if not scored:
            return {}
        new = not any(pair.transaction.id in known for pair in scored)
        try:
            return self._stored(scored, now, source, origins, expects_new=new)
        except Raced:
            return self._stored(scored, now, source, origins, expects_new=False)

    def _stored(
        self,
        scored: Sequence[Scored],
        now: datetime,
        source: str,
        origins: TraceContexts,
        *,
        expects_new: bool,
    ) -> dict[str, StoredPayment]:
        """Store in one unit; answers the stored payments, other units' included."""
        raised = {
            pair.transaction.id: Alert.raised(self.new_id(), pair)
            for pair in scored
            if pair.verdict.alert
        }
        with self.ledger.unit(expects_new=expects_new) as unit:
            first = unit.keep(scored)
            mine = [pair for pair in scored if pair.transaction.id in first]
            record(unit, mine, raised, now, source, origins)
            owe_reports(unit, mine, self.new_id, source, origins)
            waiting = [each for pair in mine if (each := Revision.of(pair)) is not None]
            if waiting:
                unit.await_sources(waiting)
            lost = [pair.transaction.id for pair in scored if pair.transaction.id not in first]
            theirs = unit.known(lost) if lost else {}
        self._count(mine)
        if self.reviser is not None:
            self.reviser.scored(incomplete=bool(waiting))
        return theirs | {pair.transaction.id: _known(pair, raised) for pair in mine}

    def _offer(
        self, seen: Sequence[Facts], scored: Sequence[Scored], known: Mapping[str, StoredPayment]
    ) -> None:
        """Pass the payments to the shadow whose first verdict this call has stored."""
        mine = [
            (facts, pair)
            for facts, pair in zip(seen, scored, strict=True)
            if (kept := known[pair.transaction.id].verdict) is not None
            and kept.created
            and not pair.verdict.learn_only
        ]
        if self.shadow is not None and mine:
            self.shadow.offer(mine, never_late=self.decide.never_late)

    def _count(self, kept: Sequence[Scored]) -> None:
        meter = self._meter
        for pair in kept:
            if pair.verdict.learn_only:
                continue
            meter.decision(pair.verdict.decision)
            for name, signal in pair.verdict.explanation["signals"].items():
                if signal["status"] != "ok":
                    meter.silent(name)


def _to_score(
    batch: Sequence[Transaction], known: Mapping[str, StoredPayment]
) -> list[Transaction]:
    """Return the payments to score, one for each id.

    An id with a stored verdict, or with another stored payment, is left out. The stored payment of
    an id takes precedence over the payment in the batch.
    """
    first: dict[str, Transaction] = {}
    for payment in batch:
        kept = known.get(payment.id)
        if kept is None or isinstance(kept.answer(payment), Transaction):
            first.setdefault(payment.id, payment if kept is None else kept.transaction)
    return list(first.values())


def _learnt(pair: Scored) -> Scored:
    return replace(pair, verdict=pair.verdict.learnt())


def _known(pair: Scored, raised: Mapping[str, Alert]) -> StoredPayment:
    verdict = StoredVerdict(pair, id_of(raised.get(pair.transaction.id)), created=True)
    return StoredPayment(pair.transaction, verdict)


def _answers(
    batch: Sequence[Transaction], known: Mapping[str, StoredPayment]
) -> list[StoredVerdict | Conflict]:
    answers: list[StoredVerdict | Conflict] = []
    answered: set[str] = set()
    for payment in batch:
        answer = known[payment.id].answer(payment)
        if isinstance(answer, Transaction):
            # Another request stored the payment meanwhile, without a verdict: the client retries.
            raise Unavailable("database")
        if isinstance(answer, StoredVerdict) and payment.id in answered:
            answer = replace(answer, created=False)
        answered.add(payment.id)
        answers.append(answer)
    return answers
