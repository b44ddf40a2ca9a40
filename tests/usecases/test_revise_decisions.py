"""Payments that were decided without a source are decided again, beside the first decision."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from risksentinel.domain.revision import RevisionState
from risksentinel.domain.signal import Opinion
from risksentinel.domain.verdict import Decision
from risksentinel.usecases import revise_decisions
from risksentinel.usecases.revise_decisions import GIVEN_UP_AFTER, SETTLED
from tests.strategies import NOW
from tests.usecases.payments import paid
from tests.usecases.revision_bench import AWAY, FRAUD, SOURCE, USUAL, Bench


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


def test_while_the_history_is_away_its_payments_wait_and_no_past_is_read(bench: Bench) -> None:
    """The others are decided: each source is waited for by the payments that lack it."""
    bench.model.opinion = AWAY
    bench.score([paid("without-model")], SOURCE, {})
    bench.model.opinion, bench.history.away = USUAL, True
    bench.score([paid("without-history")], SOURCE, {})
    bench.looks()
    found = bench.revisions()

    assert found["without-model"].state is RevisionState.CONFIRMED
    assert found["without-history"].state is RevisionState.WAITING
    assert bench.read == ["without-model"]


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
