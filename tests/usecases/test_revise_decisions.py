"""Payments that were decided without a source are decided again, beside the first decision."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from risksentinel.adapters.sql.alert_records import SqlAlertRecords
from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.revision_records import SqlRevisions
from risksentinel.adapters.sql.snapshots_before import SqlSnapshotsBefore
from risksentinel.adapters.sql.tables import audit_log, outbox
from risksentinel.domain.revision import Revision, RevisionState
from risksentinel.domain.signal import Absence, Opinion, Reading, Silent
from risksentinel.domain.verdict import Decision
from risksentinel.events import transaction_revised
from risksentinel.ports.alert_records import AlertFilter
from risksentinel.scoring.policy import Policy
from risksentinel.usecases import revise_decisions
from risksentinel.usecases.decide_payments import DecidePayments
from risksentinel.usecases.gather_facts import Scoring
from risksentinel.usecases.revise_decisions import GIVEN_UP_AFTER, SETTLED, ReviseDecisions
from risksentinel.usecases.score_transactions import ScoreTransactions
from tests.adapters.sql.emptied import emptied
from tests.fakes.meter import RememberingMeter
from tests.fakes.scoring import FixedLists, FixedModel, FixedRules, SwitchedHistory
from tests.strategies import NOW
from tests.usecases.payments import paid

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
        self.engine, self.now = engine, NOW
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
            SqlSnapshotsBefore(engine, timedelta(seconds=300), timedelta(days=90)),
            ledger,
            self.clock,
            lambda: f"id-{next(numbers)}",
        )

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


@pytest.fixture
def bench(engine: Engine) -> Bench:
    """On SQLite and on PostgreSQL."""
    return Bench(engine)


def test_a_payment_with_all_sources_is_not_looked_at_again(bench: Bench) -> None:
    """The usual case costs nothing."""
    bench.score([paid("p")], SOURCE, {})

    assert bench.told.incomplete == [False]
    assert bench.looks() == 0
    assert bench.revisions() == {}


def test_a_graver_decision_is_published_and_raises_the_alert(bench: Bench) -> None:
    """An analyst must see what the model would have caught."""
    bench.model.opinion = AWAY
    bench.score([paid("p")], SOURCE, {})
    first = bench.revisions()["p"]
    bench.looks()
    still = bench.revisions()["p"]
    bench.model.opinion = FRAUD
    bench.looks()
    after = bench.revisions()["p"]

    assert bench.told.incomplete == [True]
    assert first == still
    assert (first.state, first.decided_without) == (RevisionState.WAITING, ("model",))
    assert after.first == first.first
    assert after.second is not None
    assert after.state is RevisionState.GRAVER
    assert bench.published() == bench.alerts() == ["p"]


def test_without_the_history_a_payment_is_reviewed_and_later_approved(engine: Engine) -> None:
    """Redis was away for a moment: the milder verdict is published, the first one stays."""
    bench = Bench(engine, weight=0.0)
    bench.history.away = True
    bench.score([paid("p")], SOURCE, {})
    bench.history.away = False
    bench.looks()
    after = bench.revisions()["p"]

    assert after.decided_without == ("history",)
    assert after.second is not None
    assert after.first.decision is Decision.REVIEW
    assert after.second.decision is Decision.APPROVE
    assert after.state is RevisionState.MILDER
    assert bench.published() == ["p"]
    assert bench.looks() == 0


def test_a_payment_whose_source_stays_away_is_given_up(bench: Bench) -> None:
    """The list must not grow without an end."""
    bench.model.opinion = AWAY
    bench.score([paid("p")], SOURCE, {})
    bench.now += GIVEN_UP_AFTER + timedelta(minutes=1)
    bench.looks()

    assert bench.revisions()["p"].state is RevisionState.GIVEN_UP
    assert bench.published() == []
    assert bench.looks() == 0


def test_an_import_of_the_past_is_not_late_at_the_second_look(engine: Engine) -> None:
    """Its payments are old by their nature: a review of all of them would bury the analysts."""
    bench = Bench(engine)
    bench.score = replace(bench.score, decide=replace(bench.score.decide, never_late=True))
    bench.model.opinion = AWAY
    old = replace(paid("old"), occurred_at=NOW - timedelta(days=60))
    bench.score([old], SOURCE, {})
    bench.model.opinion = USUAL
    bench.looks()

    assert bench.revisions()["old"].state is RevisionState.CONFIRMED
    assert bench.published() == []


def test_while_no_source_is_back_a_pass_reads_a_few_payments_and_writes_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model that is away for a day leaves millions; each pass takes the next of them."""
    monkeypatch.setattr(revise_decisions, "AT_ONCE", 2)
    bench.model.opinion = AWAY
    bench.score([paid(f"p{n}") for n in range(5)], SOURCE, {})
    bench.now += 2 * SETTLED

    passes = [bench.revise.pass_once() for _ in range(4)]
    bench.model.opinion = USUAL
    settled = bench.looks()

    assert passes == [(2, 0), (2, 0), (1, 0), (2, 0)]
    assert settled == 5


OPINIONS: st.SearchStrategy[Opinion] = st.sampled_from([AWAY, USUAL, FRAUD])


@settings(max_examples=15, deadline=None)
@given(
    steps=st.lists(st.tuples(OPINIONS, st.booleans(), st.integers(1, 3)), max_size=6),
    last=st.sampled_from([USUAL, FRAUD]),
)
def test_each_incomplete_payment_is_revised_once_and_nothing_is_silent(
    database: Engine, steps: list[tuple[Opinion, bool, int]], last: Opinion
) -> None:
    """Whatever was away when, and however often it is looked at."""
    bench = Bench(database)
    numbers, incomplete = count(), set()
    for opinion, away, payments in steps:
        bench.model.opinion, bench.history.away = opinion, away
        batch = [paid(f"p{next(numbers)}") for _ in range(payments)]
        bench.score(batch, SOURCE, {})
        if opinion is AWAY or away:
            incomplete |= {each.id for each in batch}
        bench.looks()
    bench.model.opinion, bench.history.away = last, False
    before = set(bench.alerts())
    bench.looks()
    found = bench.revisions()

    assert set(found) == incomplete
    changed = {RevisionState.MILDER, RevisionState.GRAVER}
    for each in found.values():
        assert each.second is not None
        assert (each.first == each.second) <= (each.state is RevisionState.CONFIRMED)
    assert bench.published() == sorted(n for n, each in found.items() if each.state in changed)
    raised = {n for n, each in found.items() if each.second and each.second.alert}
    assert raised <= set(bench.alerts()) >= before
    assert bench.looks() == 0
