"""The version in shadow decides the same facts after the commit, and changes nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from risksentinel.domain.named_list import Memberships
from risksentinel.domain.signal import Reading
from risksentinel.domain.verdict import Decision
from risksentinel.events import transaction_shadowed
from risksentinel.ports.opinions import Edition
from risksentinel.ports.stored_payment import StoredVerdict
from risksentinel.rules.parse import parse_rule
from risksentinel.rules.rule import Rule
from risksentinel.scoring.policy import Policy
from tests.fakes.scoring import RULES, FixedModel
from tests.strategies import NOW
from tests.usecases.payments import RISKY, paid
from tests.usecases.shadow_bench import SOURCE, STRICT, Bench, ShadowedRules, in_shadow


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.integers(1, 9_000_000)), min_size=1, max_size=30)
)
def test_a_shadow_with_the_contents_of_the_live_version_decides_the_same(
    payments: list[tuple[str, int]],
) -> None:
    """It has the facts of the decision in force: same history, same lists, same model."""
    bench = Bench(in_shadow(Policy()))
    batch = [
        paid(f"t{number}", f"{cents / 100:.2f}", sender=sender)
        for number, (sender, cents) in enumerate(payments)
    ]

    answers = bench.score(batch, SOURCE, {})

    assert bench.passes() == len(batch)
    verdicts = [each.scored.verdict for each in answers if isinstance(each, StoredVerdict)]
    assert [each.live for each in bench.stored] == [each.shadow for each in bench.stored]
    assert [(each.transaction_id, each.shadow.score, each.reasons) for each in bench.stored] == [
        (verdict.transaction_id, verdict.score, verdict.reasons) for verdict in verdicts
    ]
    assert bench.meter.shadows == {"same": len(batch)}


def test_a_stricter_shadow_changes_no_answer_and_no_history() -> None:
    """A version in shadow has no effect."""
    batch = [paid("t1"), paid("t2", RISKY)]
    without, beside = Bench(ShadowedRules(None)), Bench(in_shadow(STRICT))

    alone = without.score(batch, SOURCE, {})
    answers = beside.score(batch, SOURCE, {})
    beside.passes()

    assert answers == alone
    assert [each.shadow.decision for each in beside.stored] == [Decision.REVIEW] * 2
    later = [replace(paid("t3"), occurred_at=NOW + timedelta(seconds=1))]
    assert beside.history.record(later) == without.history.record(later)
    assert not without.stored


def test_each_decision_is_published_once() -> None:
    """A repetition gets the stored verdict: nothing is decided."""
    bench = Bench(in_shadow(STRICT))

    bench.score([paid("t1")], SOURCE, {})
    bench.score([paid("t1")], SOURCE, {})

    assert bench.passes() == 1
    rows = bench.ledger.database.committed.outbox.values()
    events = [row.event for row in rows if row.event.topic == transaction_shadowed.TOPIC]
    (event,) = events
    assert (event.id, event.key) == ("t1.shadowed.2.3", "A")
    assert (event.data["live"]["decision"], event.data["shadow"]["decision"]) == (
        "approve",
        "review",
    )
    assert (event.data["policy_version"], event.data["live_version"]) == (2, 1)


def on_list(name: str) -> Rule:
    """A rule on a list that no default rule reads."""
    condition = {"field": "receiver_id", "operator": "in_list", "value": name}
    document: dict[str, Any] = {
        "name": name,
        "condition": condition,
        "weight": 1,
        "severity": "critical",
        "action": "decline",
    }
    return parse_rule(document, rule_id="r-list", version=1, created_at=NOW, updated_at=NOW)


def test_lists_that_only_the_shadow_reads_are_looked_up() -> None:
    """The decision in force did not need them."""
    bench = Bench(in_shadow(Policy(), [*RULES, on_list("mules")]))
    asked: list[set[str]] = []
    found: Callable[..., Any] = bench.lists.matches

    def matches(batch: Any, names: Any) -> list[Memberships]:  # noqa: ANN401 - as of the port
        asked.append(set(names))
        return list(found(batch, names))

    bench.lists.matches = matches  # type: ignore[method-assign,assignment]
    bench.score([paid("t1")], SOURCE, {})
    bench.passes()

    assert "mules" in asked[-1]
    assert not bench.stored[0].differs


def test_the_model_is_asked_where_only_the_shadow_uses_it() -> None:
    """A live version without a model has no opinion that could be used again."""
    bench = Bench(in_shadow(Policy(ml_weight=1.0)), model=FixedModel(Reading(0.95, ("model",))))
    live = replace(Policy(), ml_weight=0.0, version=1)
    edition = Edition(RULES, live, bench.rules.shadow)
    bench.rules.edition = lambda: edition  # type: ignore[method-assign]

    bench.score([paid("t1")], SOURCE, {})
    assert not bench.model.asked
    bench.passes()

    assert len(bench.model.asked) == 1
    assert bench.stored[0].shadow.score > bench.stored[0].live.score


def test_payments_of_the_past_are_not_late_in_shadow() -> None:
    """As in the decision in force of a file's payments."""
    bench = Bench(in_shadow(Policy()))
    bench.score = replace(bench.score, decide=replace(bench.score.decide, never_late=True))
    old = replace(paid("t1"), occurred_at=NOW - timedelta(days=300))

    bench.score([old], SOURCE, {})
    bench.passes()

    assert not bench.stored[0].differs
