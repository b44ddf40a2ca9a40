"""A backtest with the live policy gives the stored decisions, on SQLite and PostgreSQL."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from risksentinel.adapters.sql.past_payments import SqlPast
from risksentinel.adapters.sql.stored_outcomes import SqlStoredOutcomes
from risksentinel.domain.label import Finding, LabelSource
from risksentinel.domain.money import Money
from risksentinel.domain.transaction import Channel, Rail, Transaction
from risksentinel.rules.rule import Rule
from risksentinel.scoring.partitions.past_events import PastPayment
from risksentinel.scoring.partitions.past_outcome import PastOutcome
from tests.adapters.sql.emptied import emptied
from tests.backtest.filled import Engined, decided_again, moment
from tests.fakes.scoring import RULES

_0 = Decimal(0)
Step = tuple[str, Any]
parties = st.sampled_from(["A", "B", "shop", "mule"])


@st.composite
def lives(draw: st.DrawFn) -> list[tuple[int, Step]]:
    """Requests of some payments, and labels of earlier ones, seconds to days apart."""
    steps: list[tuple[int, Step]] = []
    at, number = 0, 0
    for _ in range(draw(st.integers(1, 14))):
        at += draw(st.sampled_from([1, 30, 3_600, 86_400, 5 * 86_400]))
        if number and draw(st.integers(0, 3)) == 0:
            said = (draw(st.integers(0, number - 1)), draw(st.sampled_from(LabelSource)))
            steps.append((at, ("label", (*said, draw(st.sampled_from(Finding))))))
            continue
        batch = []
        for _ in range(draw(st.integers(1, 6))):
            age = draw(st.sampled_from([0, 5, 3_600, 2 * 86_400, 30 * 86_400]))
            batch.append((number, draw(parties), draw(parties), age, draw(st.booleans())))
            number += 1
        steps.append((at, (draw(st.sampled_from(["pay", "pay", "import"])), batch)))
    return steps


def paid(number: int, sender: str, receiver: str, at: int, large: bool) -> Transaction:  # noqa: FBT001 - a case
    """A payment; ids are not in the order of the payments, as those of clients are not."""
    time = moment(60, at)
    return Transaction(
        id=f"p{number * 7_919 % 10_007:05}",
        sender_id=sender,
        receiver_id=receiver,
        amount=Money.of_cents(4_999_999 if large else 20_000 + number),
        channel=Channel.MOBILE_BANKING,
        occurred_at=time,
        rail=Rail.PAYSHAP,
        device_id="phone" if number % 3 else "farm",
        sim_swapped_at=time - timedelta(hours=1) if large and number % 2 else None,
    )


def lived(engine: Engine, life: list[tuple[int, Step]], rules: Sequence[Rule] = RULES) -> Engined:
    """The engine with these rules after this life."""
    emptied(engine)
    filled, ids = Engined(engine, rules=rules), list[str]()
    for at, (what, said) in life:
        filled.now = moment(60, at)
        if what == "label":
            number, source, finding = said
            filled.label(ids[number], source, finding)
            continue
        batch = [
            paid(number, sender, receiver, at - age, large)
            for number, sender, receiver, age, large in said
        ]
        ids += [each.id for each in batch]
        filled.pay(batch, learn_only=what == "import")
    return filled


def stored(past: SqlPast) -> list[tuple[PastPayment, PastOutcome]]:
    """The outcomes from the receipts."""
    return SqlStoredOutcomes(past.engine)(list(past.events()))


@settings(max_examples=60, deadline=None)
@given(life=lives())
def test_the_live_policy_gives_the_stored_decisions(
    database: Engine, life: list[tuple[int, Step]]
) -> None:
    """Decision, score, alert, rules, escalations and reasons: requests, labels, old payments."""
    filled = lived(database, life)

    found = decided_again(filled.past())

    assert found == stored(filled.past())
    assert len(found) == sum(len(said) for _, (what, said) in life if what != "label")


@settings(max_examples=30, deadline=None)
@given(life=lives(), share=st.floats(0, 1))
def test_a_period_begins_with_the_habits_of_the_payments_before_it(
    database: Engine, life: list[tuple[int, Step]], share: float
) -> None:
    """Without them the first payments of all customers would be decided as those of new ones."""
    filled = lived(database, life)
    since = moment(60, round(life[-1][0] * share))
    whole = {past.payment.id: said for past, said in decided_again(filled.past())}

    found = decided_again(filled.past(since))

    assert [past.payment.id for past, _ in found] == [
        past.payment.id for past, _ in decided_again(filled.past()) if past.at >= since
    ]
    assert {past.payment.id: said for past, said in found} == {
        past.payment.id: whole[past.payment.id] for past, _ in found
    }


def test_another_policy_decides_by_its_own_history(database: Engine) -> None:
    """What it declines is no habit for it, whatever the engine decided then."""
    emptied(database)
    filled = Engined(database)
    for number in range(12):
        filled.now = moment(60 + number)
        one = paid(number, "A", "shop", number * 86_400, large=False)
        filled.pay([replace(one, sim_swapped_at=None)])
    strict = replace(filled.policy, medium=_0, high=_0, critical=_0, alert_threshold=_0)

    live, found = decided_again(filled.past()), decided_again(filled.past(), strict)

    assert {said.decision.value for _, said in live} == {"approve"}
    assert {said.decision.value for _, said in found} == {"decline"}
    assert all(said.alert for _, said in found)
    assert found[-1][1].score != live[-1][1].score
