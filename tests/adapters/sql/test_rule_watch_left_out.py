"""What the performance of rules leaves out: payments and labels that were not read or withdrawn."""

import pytest
from sqlalchemy import Engine

from risksentinel.adapters.sql import rule_watch
from risksentinel.adapters.sql.engine import writing
from risksentinel.adapters.sql.rule_watch import SqlRuleWatch
from risksentinel.adapters.sql.tables import rule_figures
from risksentinel.domain.label import Finding, LabelSource
from risksentinel.domain.rule_watch import Window
from risksentinel.errors import NotFound
from risksentinel.usecases.measure_rules import measure_rules
from tests.adapters.sql.samples import NOW
from tests.adapters.sql.watched_rules import decided, performances, store, with_rules


def test_payments_that_were_not_counted_make_nothing_silent(engine: Engine) -> None:
    """Before the first payments are counted, no rule is known to be silent."""
    with_rules(engine)
    store(engine, [decided(1, rules=["r-1", "r-2"]), decided(2)])
    with writing(engine) as connection:
        connection.execute(rule_figures.delete().where(rule_figures.c.rules == ""))

    watched = SqlRuleWatch(engine).watched(Window.of(NOW, 28))
    found = measure_rules(watched)

    assert not watched.complete
    assert (found["r-1"].silent, found["r-1"].only_with_others) == (False, None)
    assert (found["r-3"].silent, found["r-3"].silent_since) == (None, None)


def test_the_rows_that_are_read_are_bounded(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer says that it has not read everything; the newest labels count."""
    monkeypatch.setattr(rule_watch, "MAX_SETS", 1)
    monkeypatch.setattr(rule_watch, "MAX_LABELLED", 2)
    with_rules(engine)
    fraud, genuine = {LabelSource.ANALYST: Finding.FRAUD}, {LabelSource.ANALYST: Finding.GENUINE}
    store(
        engine,
        [
            decided(1, 1, rules=["r-1"], findings=fraud),
            decided(2, 2, rules=["r-1"], findings=fraud),
            decided(3, 3, rules=["r-1"], findings=genuine),
            decided(4, 4, rules=["r-2"]),
        ],
    )

    watched = SqlRuleWatch(engine).watched(Window.of(NOW, 28))
    found = measure_rules(watched)

    assert (watched.complete, watched.labels_complete) == (False, False)
    assert (found["r-1"].total.fraud, found["r-1"].total.genuine) == (2, 0)
    assert found["r-2"].silent is None


def test_a_withdrawn_label_is_no_label(engine: Engine) -> None:
    """A finding that its source took back says nothing of the rule."""
    with_rules(engine)
    store(
        engine,
        [decided(1, rules=["r-1"], findings={LabelSource.CHARGEBACK: Finding.WITHDRAWN})],
    )

    total = performances(engine, 28)["r-1"].total

    assert (total.fraud, total.genuine, total.precision) == (0, 0, None)


def test_a_rule_that_is_not_active_is_watched_where_it_is_asked_for(engine: Engine) -> None:
    """Its figures explain why it was deactivated; it is not silent."""
    with_rules(engine)
    store(engine, [decided(1, rules=["r-1"])])
    watch, window = SqlRuleWatch(engine), Window.of(NOW, 28)

    assert "r-off" not in measure_rules(watch.watched(window))
    assert measure_rules(watch.watched(window, "r-off"))["r-off"].silent is False
    with pytest.raises(NotFound):
        watch.watched(window, "r-none")
