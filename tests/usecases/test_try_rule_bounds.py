"""A dry run has a time and no other run beside it, and says which payments it looked at."""

from sqlalchemy import Engine

from risksentinel.errors import Retryable
from tests.rules.conditions import compare, every
from tests.usecases.trial_bench import ALL, paid_hourly, rule_with, tried, try_rule


def test_a_dry_run_whose_time_is_over_says_down_to_which_payment_it_looked(
    engine: Engine,
) -> None:
    """Its figures are those of the payments down to this one."""
    filled = paid_hourly(engine, 5)
    times = iter([0.0, 0.0, 0.0, 2.0])
    everything = compare("amount_zar", "gte", "0.00")

    trial = tried(engine, everything, seconds=1.8, at_once=2, now=lambda: next(times))

    oldest = sorted(filled.past().events(), key=lambda each: -each.order)[3]
    assert (trial.complete, trial.looked_down_to) == (False, oldest.payment.id)
    assert (trial.payments, trial.fired) == (4, 4)
    assert trial.first == oldest.payment.occurred_at


def test_a_dry_run_without_time_says_that_it_looked_at_nothing(engine: Engine) -> None:
    """It is never a silent partial answer."""
    paid_hourly(engine, 3)
    times = iter([0.0, 2.0])

    trial = tried(engine, compare("is_night", "exists", value=True), now=lambda: next(times),
                  seconds=1.8)  # fmt: skip

    assert (trial.complete, trial.payments, trial.looked_down_to) == (False, 0, None)


def test_the_history_of_accounts_is_not_computed_without_end(engine: Engine) -> None:
    """An account with many payments does not hold up the answer."""
    paid_hourly(engine, 30)
    window = compare("sender.count_30d", "gte", 5)
    times = iter([0.0, 0.0, 0.0, 2.0])

    trial = tried(engine, window, seconds=1.8, now=lambda: next(times))

    assert (trial.complete, trial.payments) == (False, 0)
    assert tried(engine, window).fired == 26


def test_two_dry_runs_at_a_time_are_refused(engine: Engine) -> None:
    """Each computes all the time, and payments are decided beside them."""
    paid_hourly(engine, 1)
    rule = rule_with(every(compare("amount_zar", "gte", "0.00")))
    second: list[str] = []

    def now() -> float:
        try:
            use_case.over(rule, ALL)
        except Retryable as busy:
            second.append(str(busy))
        return 0.0

    use_case = try_rule(engine, now=now)

    assert use_case.over(rule, ALL).fired == 1
    assert set(second) == {"another rule is being tried: send the request again"}
