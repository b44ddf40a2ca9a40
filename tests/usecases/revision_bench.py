"""Scoring whose sources a test takes away, and the second look at what it decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import Engine, select

from risksentinel.adapters.sql.alert_records import SqlAlertRecords
from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.revision_records import SqlRevisions
from risksentinel.adapters.sql.snapshots_before import SqlSnapshotsBefore
from risksentinel.adapters.sql.tables import audit_log, outbox
from risksentinel.domain.history import Snapshot
from risksentinel.domain.revision import Revision
from risksentinel.domain.signal import Absence, Reading, Silent
from risksentinel.events import transaction_revised
from risksentinel.ports.alert_records import AlertFilter
from risksentinel.ports.live_payment import LivePayment
from risksentinel.scoring.policy import Policy
from risksentinel.usecases.decide_payments import DecidePayments
from risksentinel.usecases.gather_facts import Scoring
from risksentinel.usecases.revise_decisions import SETTLED, ReviseDecisions
from risksentinel.usecases.score_transactions import ScoreTransactions
from tests.adapters.sql.emptied import emptied
from tests.fakes.meter import RememberingMeter
from tests.fakes.scoring import FixedLists, FixedModel, FixedRules, SwitchedHistory
from tests.strategies import NOW

SOURCE = "/risksentinel/score"
AWAY = Silent("the model does not answer", absence=Absence.MISSING)
USUAL, FRAUD = Reading(0.1, ("usual",)), Reading(1.0, ("unusual",))


@dataclass
class Told:
    """Takes notice of incomplete payments."""

    incomplete: list[bool] = field(default_factory=list)

    def scored(self, *, incomplete: bool) -> None:
        """Remember it."""
        self.incomplete.append(incomplete)


class Bench:
    """Scoring with sources that a test takes away, on a real database."""

    def __init__(self, engine: Engine, weight: float = 0.6) -> None:
        emptied(engine)
        self.engine, self.now, self.read = engine, NOW, list[str]()
        self.history, self.model, self.told = SwitchedHistory(), FixedModel(USUAL), Told()
        policy = Policy(ml_weight=weight)
        scoring = Scoring(
            FixedRules(policy=policy),
            self.history,
            self.model,
            policy,
            RememberingMeter(),
            FixedLists(),
        )
        numbers, ledger = count(1), SqlLedger(engine)
        self.score = ScoreTransactions(
            DecidePayments(scoring),
            ledger,
            self.clock,
            lambda: f"id-{next(numbers)}",
            reviser=self.told,
        )
        self.revise = ReviseDecisions(
            scoring,
            self.history,
            SqlRevisions(engine),
            self.snapshots,
            ledger,
            self.clock,
            lambda: f"id-{next(numbers)}",
        )

    def snapshots(self, some: Sequence[LivePayment]) -> Mapping[str, Snapshot]:
        """The snapshots of stored payments; `read` remembers whose."""
        self.read += [each.payment.id for each in some]
        window, remembered = timedelta(seconds=300), timedelta(days=90)
        return SqlSnapshotsBefore(self.engine, window, remembered)(some)

    def clock(self) -> datetime:
        """The time of the bench."""
        return self.now

    def looks(self) -> int:
        """Look at everything that waits; answers the number of payments."""
        self.now += 2 * SETTLED
        settled = 0
        while (looked := self.revise.pass_once()).settled:
            settled += looked.settled
        return settled

    def revisions(self) -> dict[str, Revision]:
        """All revisions by payment."""
        page = SqlRevisions(self.engine).revisions(None, None, 1_000)
        return {each.transaction_id: each for each in page.items}

    def published(self) -> list[str]:
        """The payments with an event of their revision, and with an entry in the audit log."""
        with reading(self.engine) as connection:
            events = connection.execute(select(outbox.c.event)).scalars().all()
            entries = connection.execute(
                select(audit_log.c.subject_id).where(audit_log.c.action == "transaction.revised")
            )
            mine = [each["subject"] for each in events if each["type"] == transaction_revised.TYPE]
            assert sorted(mine) == sorted(entries.scalars())
            return sorted(mine)

    def alerts(self) -> list[str]:
        """The payments with an alert."""
        return sorted(
            each.transaction_id
            for each in SqlAlertRecords(self.engine).alerts(AlertFilter(), None, 1_000).items
        )
