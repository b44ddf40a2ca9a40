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
def test_the_effective_label_is_the_strongest_source_s_newest(said: list[Report]) -> None:
    """An analyst's disposition must not override a chargeback."""
    reviewed = told(*said)
    standing = reviewed.standing
    last = {source: reviewed.newest(source) for source in WEAKEST_FIRST}
    counting = [each for each in last.values() if each and each.finding is not Finding.WITHDRAWN]

    assert standing == (counting[-1] if counting else None)
    assert [
        label.version for label in reviewed.said if standing and label.source is standing.source
    ] == [*range(1, standing.version + 1 if standing else 1)]


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


def test_a_late_label_never_reverts_a_newer_one() -> None:
    """Deliveries may arrive out of order."""
    reviewed = told(report("chargeback", "genuine", 20), report("chargeback", "fraud", 3))

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
        assert now < over
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
