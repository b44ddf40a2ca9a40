"""The profile of an account whose payments are all younger than a day."""

from risksentinel.domain.sender_profile import SenderProfile


def test_an_account_of_today_has_no_settled_habit() -> None:
    """Many accounts make several payments on their first day."""
    profile = SenderProfile.of(2, [10.0, 20.0])

    assert (profile.median, profile.settled, profile.settled_median) == (15.0, 0, 0.0)
    assert profile.settled_largest == 0.0
