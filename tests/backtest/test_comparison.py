"""Tests of the figures: counted by columns, they are those of a plain loop."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.backtest.comparison import EXAMPLES, Changed, Comparison
from risksentinel.backtest.inputs import CANDIDATE, COMPARED
from risksentinel.backtest.segments import Segments
from risksentinel.backtest.tables import both
from risksentinel.domain.transaction import SOUTH_AFRICA
from risksentinel.domain.verdict import Decision
from risksentinel.errors import Rejected
from tests.backtest.decided import Pair, pairs, said_by, stored

Rows = Sequence[dict[str, Any]]


def compared(found: Sequence[Pair], of_a_file: int) -> tuple[Comparison, list[dict[str, Any]]]:
    """The comparison, and the rows of all changed payments."""
    comparison, rows = Comparison(), list[dict[str, Any]]()
    with TemporaryDirectory() as folder:
        for segment in both(*stored(Path(folder), found, of_a_file)):
            comparison.add(segment, rows.extend)
    return comparison, rows


@given(pairs(), st.integers(1, 30))
def test_the_figures_are_those_of_a_plain_loop(found: Sequence[Pair], of_a_file: int) -> None:
    """Whatever the payments of a segment are."""
    comparison, _ = compared(found, of_a_file)
    frauds = [pair for pair in found if pair[0].fraud]
    days = {past.payment.occurred_at.astimezone(SOUTH_AFRICA).date() for past, _, _ in found}

    assert comparison.payments == len(found)
    assert comparison.days == len(days)
    assert comparison.frauds == len(frauds)
    for side in (CANDIDATE, COMPARED):
        row = comparison.figures[side].row(comparison.frauds, comparison.days)
        flagged = [pair for pair in found if said_by(pair, side).decision is not Decision.APPROVE]
        caught = [pair for pair in flagged if pair[0].fraud]
        hit = [pair for pair in flagged if pair[0].fraud is False]
        saved = sum((pair[0].payment.amount.amount for pair in caught), Decimal(0))
        assert row["alerts"] == sum(said_by(pair, side).alert for pair in found)
        assert row["frauds_caught"] == len(caught)
        assert row["frauds_missed"] == len(frauds) - len(caught)
        assert row["genuine_payments_hit"] == len(hit)
        assert row["good_customers_hit"] == len({pair[0].payment.sender_id for pair in hit})
        assert row["flagged_without_label"] == len(flagged) - len(caught) - len(hit)
        assert Decimal(row["zar_saved"]) == saved
        assert (row["precision"]["hits"], row["precision"]["of"]) == (
            len(caught),
            len(caught) + len(hit),
        )
        assert (row["recall"]["hits"], row["recall"]["of"]) == (len(caught), len(frauds))
        for rule in ("r1", "<b>r3</b>"):
            fired = [pair for pair in found if rule in said_by(pair, side).rules]
            ground = comparison.figures[side].grounds.get(("rule", rule))
            assert (0 if ground is None else ground.payments) == len(fired)
            assert (0 if ground is None else ground.fraud) == sum(
                pair[0].fraud is True for pair in fired
            )


@given(pairs(), st.integers(1, 30))
def test_each_changed_payment_is_of_one_kind(found: Sequence[Pair], of_a_file: int) -> None:
    """The kinds are by label and by who stops the payment."""
    comparison, rows = compared(found, of_a_file)

    expected = {}
    for past, ours, theirs in found:
        if (ours.decision, ours.alert) == (theirs.decision, theirs.alert):
            continue
        stops, stopped = (each.decision is not Decision.APPROVE for each in (ours, theirs))
        kind = {
            (True, False): {True: "newly_caught", False: "newly_hit", None: "newly_flagged"},
            (False, True): {True: "newly_missed", False: "newly_spared", None: "newly_released"},
        }.get((stops, stopped))
        other = "other_alert" if ours.decision is theirs.decision else "other_decision"
        expected[past.payment.id] = other if kind is None else kind[past.fraud]
    assert {row["id"]: row["kind"] for row in rows} == expected
    assert sum(each.payments for each in comparison.changes.values()) == len(expected)


@given(st.lists(st.integers(0, 50), max_size=100))
def test_the_examples_are_the_largest(amounts: list[int]) -> None:
    """Bounded; of equal amounts the earlier ones, so that two runs give the same."""
    changed = Changed()
    rows = [{"cents": cents, "order": order} for order, cents in enumerate(amounts)]
    for row in rows:
        changed.add(row)

    assert changed.examples == sorted(rows, key=lambda row: -row["cents"])[:EXAMPLES]
    assert (changed.payments, changed.cents) == (len(amounts), sum(amounts))


def test_policies_that_were_given_other_payments_are_not_compared(tmp_path: Path) -> None:
    """A payment that was deleted between the two would shift all rows."""
    ours, theirs = stored(tmp_path, [])
    Segments(theirs.folder).finish("another digest")

    with pytest.raises(Rejected, match="changed between the two policies"):
        list(both(ours, theirs))
