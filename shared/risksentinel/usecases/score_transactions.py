"""ScoreTransactions: payments in, standing verdicts out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from risksentinel.domain.alert import Alert
from risksentinel.domain.history import Snapshot
from risksentinel.domain.signal import Silent
from risksentinel.domain.transaction import Transaction
from risksentinel.domain.verdict import Scored
from risksentinel.errors import Conflict, Unavailable
from risksentinel.events import alert_raised, transaction_scored
from risksentinel.ports.history import History
from risksentinel.ports.ledger import AuditEntry, Ledger, Unit
from risksentinel.ports.opinions import FraudModel, RuleBook
from risksentinel.ports.standing import Known, Standing
from risksentinel.ports.surroundings import Bell, Clock, Meter, NewId, Origins
from risksentinel.rules.rule import Rule
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.score import score
from risksentinel.usecases.owe_reports import owe_reports

HISTORY_SILENT = Silent("the history store did not answer")
RULES_SILENT = Silent("the rules could not be read")


@dataclass(frozen=True, slots=True)
class Scoring:
    """What scoring is made of, apart from where its results go."""

    rules: RuleBook
    history: History
    model: FraudModel
    policy: Policy
    meter: Meter


@dataclass(frozen=True, slots=True)
class ScoreTransactions:
    """Score a batch; the first verdict of each payment stands, whoever asks again."""

    scoring: Scoring
    ledger: Ledger
    clock: Clock
    new_id: NewId
    bell: Bell

    def __call__(
        self, batch: Sequence[Transaction], source: str, origins: Origins
    ) -> list[Standing | Conflict]:
        """One answer a payment, in order: its standing verdict, or the Conflict it runs into.

        Raises:
            Unavailable: the database did not answer; nothing was kept.
        """
        stage, policy, now = self.scoring.meter.stage, self.scoring.policy, self.clock()
        with stage("known"):
            known = self.ledger.known([payment.id for payment in batch])
        fresh = _to_score(batch, known)
        with stage("gather"):
            facts = self._gather(fresh)
        with stage("decide"):
            scored = [Scored(fact.transaction, score(fact, policy, now)) for fact in facts]
        with stage("commit"):
            known |= self._commit(scored, now, source, origins)
        return _answers(batch, known)

    def _gather(self, fresh: Sequence[Transaction]) -> list[Facts]:
        if not fresh:
            return []
        rules = self._rules()
        facts = [
            Facts(payment, history, rules)
            for payment, history in zip(fresh, self._history(fresh), strict=True)
        ]
        if self.scoring.policy.ml_weight == 0:
            return facts
        opinions = self.scoring.model.risks(facts)
        return [replace(fact, model=opinion) for fact, opinion in zip(facts, opinions, strict=True)]

    def _rules(self) -> Sequence[Rule] | Silent:
        try:
            return self.scoring.rules.active()
        except Unavailable:
            return RULES_SILENT

    def _history(self, fresh: Sequence[Transaction]) -> Sequence[Snapshot | Silent]:
        # A payment must not wait for the store: the signals that need it stay silent instead.
        try:
            return self.scoring.history.record(fresh)
        except Unavailable:
            return [HISTORY_SILENT] * len(fresh)

    def _commit(
        self, scored: Sequence[Scored], now: datetime, source: str, origins: Origins
    ) -> dict[str, Known]:
        if not scored:
            return {}
        raised = {
            pair.transaction.id: Alert.raised(self.new_id(), pair)
            for pair in scored
            if pair.verdict.alert
        }
        with self.ledger.unit() as unit:
            first = unit.keep(scored)
            mine = [pair for pair in scored if pair.transaction.id in first]
            _record(unit, mine, raised, now, source, origins)
            owe_reports(unit, mine, self.new_id, source, origins)
            lost = [pair.transaction.id for pair in scored if pair.transaction.id not in first]
            theirs = unit.known(lost) if lost else {}
        self.bell()
        self._count(mine)
        return theirs | {pair.transaction.id: _known(pair, raised) for pair in mine}

    def _count(self, kept: Sequence[Scored]) -> None:
        meter = self.scoring.meter
        for pair in kept:
            meter.decision(pair.verdict.decision)
            for name, signal in pair.verdict.explanation["signals"].items():
                if signal["status"] == "silent":
                    meter.silent(name)


def _to_score(batch: Sequence[Transaction], known: Mapping[str, Known]) -> list[Transaction]:
    """The first of each id that has no verdict yet and contradicts nothing that is kept."""
    first: dict[str, Transaction] = {}
    for payment in batch:
        kept = known.get(payment.id)
        if kept is None or isinstance(kept.answer(payment), Transaction):
            first.setdefault(payment.id, payment if kept is None else kept.transaction)
    return list(first.values())


def _known(pair: Scored, raised: Mapping[str, Alert]) -> Known:
    standing = Standing(pair, _id_of(raised.get(pair.transaction.id)), first=True)
    return Known(pair.transaction, standing)


def _record(
    unit: Unit,
    scored: Sequence[Scored],
    raised: Mapping[str, Alert],
    now: datetime,
    source: str,
    origins: Origins,
) -> None:
    alerts = [raised[pair.transaction.id] for pair in scored if pair.transaction.id in raised]
    unit.raise_alerts(alerts)
    unit.audit([_entry(pair, raised.get(pair.transaction.id), now, source) for pair in scored])
    by_payment = {alert.transaction_id: alert for alert in alerts}
    events = []
    for pair in scored:
        alert = by_payment.get(pair.transaction.id)
        origin = origins.get(pair.transaction.id)
        events.append(
            transaction_scored.encode(pair, source, alert_id=_id_of(alert), traceparent=origin)
        )
        if alert is not None:
            events.append(
                alert_raised.encode(
                    alert, event_id=f"{alert.id}.raised", source=source, traceparent=origin
                )
            )
    unit.announce(events)


def _entry(pair: Scored, alert: Alert | None, now: datetime, source: str) -> AuditEntry:
    return AuditEntry(
        at=now,
        actor=source,
        action="transaction.scored",
        subject_kind="transaction",
        subject_id=pair.transaction.id,
        details={
            "score": float(pair.verdict.score),
            "decision": pair.verdict.decision.value,
            "alert_id": _id_of(alert),
            "reports": [report.kind.value for report in pair.verdict.reports],
        },
    )


def _id_of(alert: Alert | None) -> str | None:
    return None if alert is None else alert.id


def _answers(batch: Sequence[Transaction], known: Mapping[str, Known]) -> list[Standing | Conflict]:
    answers: list[Standing | Conflict] = []
    answered: set[str] = set()
    for payment in batch:
        answer = known[payment.id].answer(payment)
        if isinstance(answer, Transaction):
            raise Unavailable("database")  # it was kept a moment ago and has no verdict now
        if isinstance(answer, Standing) and payment.id in answered:
            answer = replace(answer, first=False)
        answered.add(payment.id)
        answers.append(answer)
    return answers
