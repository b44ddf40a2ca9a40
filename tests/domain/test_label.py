from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.domain.label import CHARGEBACK_WINDOW, WEAKEST_FIRST, Finding, LabelSource, Report
from risksentinel.domain.reviewed import KnownOutcome, Reviewed
from risksentinel.domain.transaction import MAX_CLOCK_SKEW
from risksentinel.errors import Malformed
from tests.strategies import NOW
from tests.usecases.payments import paid

PAYMENT = paid("p-1")
A_DAY = timedelta(days=1)
reports = st.builds(
    Report,
    transaction_id=st.just(PAYMENT.id),
    source=st.sampled_from(LabelSource),
    finding=st.sampled_from(Finding),
    reported_at=st.none() | st.integers(0, 9).map(lambda hours: NOW + timedelta(hours=hours)),
)


def told(*said: Report) -> Reviewed:
    """Return the payment after these reports, an hour apart from tomorrow on."""
    reviewed = Reviewed(PAYMENT)
    for hours, report in enumerate(said):
        label = reviewed.next(report, "thandi", NOW + A_DAY + timedelta(hours=hours))
        reviewed = reviewed if label is None else reviewed.with_label(label)
    return reviewed


def report(source: str, finding: str, hours: int | None = None) -> Report:
    """Return the report of a source, in `hours` from now if given."""
    at = None if hours is None else NOW + timedelta(hours=hours)
    return Report(PAYMENT.id, LabelSource(source), Finding(finding), at)


@given(st.lists(reports, max_size=8))
def test_the_same_reports_again_change_nothing(said: list[Report]) -> None:
    """Kafka delivers at least once, and banks repeat files."""
    once = told(*said)
    latest = {label.source: label for label in once.said}

    for source, label in latest.items():
        again = Report(PAYMENT.id, source, label.finding, label.reported_at)

        assert once.next(again, "thandi", NOW + 9 * A_DAY) is None


@given(st.lists(reports, max_size=8))
def test_the_effective_label_is_the_strongest_source_s(said: list[Report]) -> None:
    """An analyst's disposition must not override a chargeback, unless that is contrary."""
    reviewed = told(*said)
    every = [reviewed.findings(source) for source in WEAKEST_FIRST]
    counting = [each for each in every if each.findings]

    standing = reviewed.standing

    if not counting:
        assert (standing, reviewed.in_conflict) == (None, False)
    elif counting[-1].contrary:
        assert standing is None or standing.source is LabelSource.ANALYST
        assert reviewed.in_conflict is (standing is None)
    else:
        assert standing == counting[-1].standing
        assert not reviewed.in_conflict
    for source in WEAKEST_FIRST:
        mine = [label.version for label in reviewed.said if label.source is source]
        assert mine == [*range(1, len(mine) + 1)]


@given(st.lists(reports, max_size=8), st.booleans())
def test_no_report_of_a_system_makes_its_contrary_report_ineffective(
    said: list[Report],
    is_fraud: bool,  # noqa: FBT001 - a case
) -> None:
    """A forged finding, whatever its time, must not outlive the true one."""
    first = report("chargeback", "fraud" if is_fraud else "genuine", 5)
    forged = [replace(each, source=LabelSource.CHARGEBACK) for each in said]
    forged = [each for each in forged if each.finding is not Finding.WITHDRAWN]

    for reviewed in (told(first, *forged), told(*forged, first)):
        standing = reviewed.standing
        assert reviewed.in_conflict or (standing and standing.finding is first.finding)
        assert reviewed.in_conflict is (reviewed.was_fraud(NOW + 900 * A_DAY) is None)


def test_a_withdrawal_by_another_reporter_does_not_cancel_a_finding() -> None:
    """Otherwise each reporter could remove the chargeback of the bank."""
    reviewed = told(report("chargeback", "fraud"))
    forged = reviewed.next(report("chargeback", "withdrawn"), "stranger", NOW + 2 * A_DAY)
    assert forged is not None
    disputed = reviewed.with_label(forged)
    own = disputed.next(report("chargeback", "withdrawn"), "thandi", NOW + 3 * A_DAY)
    assert own is not None

    assert disputed.in_conflict
    assert disputed.was_fraud(NOW + 900 * A_DAY) is None
    assert not disputed.with_label(own).in_conflict
    assert disputed.with_label(own).standing is None


def test_an_analyst_decides_a_conflict_and_only_a_label_after_it_counts() -> None:
    """An analyst that labelled the payment before has not seen both findings."""
    contrary = (report("chargeback", "fraud", 1), report("chargeback", "genuine", 2))
    before = told(report("analyst", "fraud"), *contrary)
    after = told(report("analyst", "fraud"), *contrary, report("analyst", "fraud"))

    assert before.in_conflict
    assert not after.in_conflict
    assert after.was_fraud(NOW) is True
    assert after.standing is not None
    assert after.standing.source is LabelSource.ANALYST


def test_a_time_in_the_future_does_not_silence_later_reports() -> None:
    """A finding is never ordered after its arrival."""
    ahead = Report(PAYMENT.id, LabelSource.ANALYST, Finding.GENUINE, NOW + MAX_CLOCK_SKEW)
    first = Reviewed(PAYMENT).next(ahead, "thandi", NOW)
    assert first is not None
    reviewed = Reviewed(PAYMENT, (first,))

    second = reviewed.next(report("analyst", "fraud"), "thandi", NOW + timedelta(seconds=1))

    assert second is not None
    assert reviewed.with_label(second).was_fraud(NOW) is True


def test_a_chargeback_outranks_later_labels() -> None:
    """Precedence does not depend on the order of arrival."""
    reviewed = told(report("chargeback", "fraud"), report("analyst", "genuine"))

    assert reviewed.standing is not None
    assert reviewed.standing.source is LabelSource.CHARGEBACK
    assert reviewed.was_fraud(NOW) is True


def test_after_a_withdrawal_the_next_label_counts() -> None:
    """After a reversed chargeback, the customer's report still counts."""
    said = (report("customer_report", "genuine"), report("chargeback", "fraud"))

    assert told(*said, report("chargeback", "withdrawn")).was_fraud(NOW) is False
    assert told(report("analyst", "fraud"), report("analyst", "withdrawn")).standing is None
    assert told(report("analyst", "withdrawn")).said == ()


def test_a_late_label_of_an_analyst_never_reverts_a_newer_one() -> None:
    """Deliveries may arrive out of order."""
    reviewed = told(report("analyst", "genuine", 20), report("analyst", "fraud", 3))

    assert [label.finding for label in reviewed.said] == [Finding.GENUINE]


def test_an_unlabelled_payment_is_genuine_only_after_its_window() -> None:
    """Most fraud is reported weeks later: without the window, fraud would be learnt as genuine."""
    over = PAYMENT.occurred_at + CHARGEBACK_WINDOW

    assert Reviewed(PAYMENT).was_fraud(over - timedelta(seconds=1)) is None
    assert Reviewed(PAYMENT).was_fraud(over) is False
    assert Reviewed(PAYMENT).was_fraud(PAYMENT.occurred_at + A_DAY, A_DAY) is False


@given(st.lists(reports, max_size=8), st.integers(0, 48), st.integers(0, 48))
def test_an_outcome_is_not_known_before_its_label(
    said: list[Report], hours: int, window_hours: int
) -> None:
    """Training on later knowledge would give metrics that serving cannot reach."""
    reviewed, now = told(*said), NOW + A_DAY + timedelta(hours=hours)
    heard = Reviewed(PAYMENT, tuple(each for each in reviewed.said if each.written_at <= now))
    window = timedelta(hours=window_hours)
    over = PAYMENT.occurred_at + window

    outcome = heard.outcome(now, window)

    if outcome is None:
        assert heard.standing is None
        assert heard.in_conflict or now < over
        return
    assert outcome.fraud is heard.was_fraud(now, window)
    assert outcome.source is (heard.standing and heard.standing.source)
    assert outcome.known_at <= now
    known_at, a_moment = outcome.known_at, timedelta(microseconds=1)
    assert as_of(heard, known_at).was_fraud(known_at, window) is outcome.fraud
    before = known_at - a_moment
    assert as_of(heard, before).was_fraud(before, window) is not outcome.fraud
    if outcome.source is None:
        assert outcome == KnownOutcome(fraud=False, source=None, known_at=known_at)
        # A label may have been given before the window was over, and withdrawn after it.
        assert known_at >= over or as_of(heard, known_at).standing is not None


def as_of(reviewed: Reviewed, moment: datetime) -> Reviewed:
    """Return the payment with the labels that were known then."""
    said = tuple(label for label in reviewed.said if label.written_at <= moment)
    return Reviewed(PAYMENT, said)


def test_a_confirming_label_does_not_change_known_at() -> None:
    """The outcome is known since the analyst's label, not since the later chargeback."""
    reviewed = told(report("analyst", "fraud"), report("chargeback", "fraud"))

    outcome = reviewed.outcome(NOW + 9 * A_DAY)

    assert outcome == KnownOutcome(
        fraud=True, source=LabelSource.CHARGEBACK, known_at=reviewed.said[0].written_at
    )


@pytest.mark.parametrize(
    ("at", "violation"),
    [
        (PAYMENT.occurred_at - MAX_CLOCK_SKEW - timedelta(seconds=1), "before the payment"),
        (NOW + MAX_CLOCK_SKEW + timedelta(seconds=1), "future"),
    ],
)
def test_an_impossible_report_is_refused(at: datetime, violation: str) -> None:
    """Training would use the label at that time."""
    impossible = replace(report("analyst", "fraud"), reported_at=at)

    with pytest.raises(Malformed, match=violation):
        Reviewed(PAYMENT).next(impossible, "thandi", NOW)


def test_the_change_of_a_label_has_the_finding_before() -> None:
    """A history that counted the first label must remove it."""
    reviewed = told(report("analyst", "genuine"))
    label = reviewed.next(report("chargeback", "fraud"), "visa", NOW + 2 * A_DAY)
    assert label is not None

    labelled = reviewed.labelled(label)

    assert (labelled.before, labelled.standing) == (Finding.GENUINE, Finding.FRAUD)
    assert label.reference == "p-1.chargeback.v1"
