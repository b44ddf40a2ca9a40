from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from infra.scenarios.play import Document, filled, payments
from tests.infra.scenarios.drafts import PAYMENT, scenario, step

EXPECT = {"no_alerts": True}
spans = st.sampled_from(["0s", "7s", "3m", "2h 5m", "1d", "1mo", "-20s"])
steps = st.builds(
    lambda times, every, after, skew: step(
        times=times, every=every, after=after, skew=skew, expect=EXPECT
    ),
    st.integers(1, 9),
    st.lists(spans, min_size=1, max_size=3),
    spans,
    st.lists(spans, min_size=1, max_size=2),
)


def moment(payment: Document) -> datetime:
    """Return the time of the payment."""
    return datetime.fromisoformat(payment["occurred_at"])


@given(st.lists(steps, min_size=1, max_size=4))
def test_each_step_has_its_number_of_payments_with_unique_ids(
    given_steps: list[Document],
) -> None:
    """Ids are unique, because a repeated id gets the first response."""
    played = payments(scenario(*given_steps), ".x")

    assert [len(each) for each in played] == [each["times"] for each in given_steps]
    ids = [payment["id"] for each in played for payment in each]
    assert len(set(ids)) == len(ids)


@given(st.lists(steps, min_size=1, max_size=4))
def test_a_scenario_always_has_the_same_payments(given_steps: list[Document]) -> None:
    """Two runs differ in the suffix only, so that engines can be compared."""
    one, again = scenario(*given_steps), scenario(*given_steps)

    assert payments(one, ".x") == payments(again, ".x")
    parties = [p[key] for each in payments(one, ".x") for p in each for key in ("id", "sender_id")]
    assert all(party.endswith(".x") for party in parties)


@given(st.lists(spans, min_size=1, max_size=3), st.integers(1, 9))
def test_skew_moves_one_payment_only(skew: list[str], times: int) -> None:
    """Skew does not accumulate."""

    def made(given_skew: list[str]) -> list[datetime]:
        one = step(times=times, every="1h", skew=given_skew, expect=EXPECT)
        return [moment(payment) for payment in payments(scenario(one), "")[0]]

    moved, plain = made([*skew, "0s"]), made(["0s"])

    period = len(skew) + 1
    assert moved[len(skew) :: period] == plain[len(skew) :: period]


def test_a_step_starts_after_the_previous_one_and_every_is_cycled() -> None:
    """The intervals of a step are cycled."""
    first = step(times=4, every=["1h", "30m"], expect=EXPECT)
    second = step(after="10m")

    began, *rest = [moment(p) for each in payments(scenario(first, second), "") for p in each]

    minutes = [(each - began) / timedelta(minutes=1) for each in rest]
    assert minutes == [60, 90, 150, 160]
    assert began.isoformat() == "2025-03-31T10:00:00+02:00"


def test_at_is_the_next_such_local_time() -> None:
    """`at` is local time of South Africa."""
    same_day = step(at="10:00", expect=EXPECT)
    next_day = step(at="02:10")

    (first,), (second,) = payments(scenario(same_day, next_day), "")

    assert first["occurred_at"] == "2025-03-31T10:00:00+02:00"
    assert second["occurred_at"] == "2025-04-01T02:10:00+02:00"


def test_lists_are_cycled_and_null_omits_a_field() -> None:
    """Lists are cycled, so that one step can describe a week."""
    mixed = {**PAYMENT, "rail": ["card", None], "device_id": [None, "phone"]}

    (played,) = payments(scenario(step(times=4, payment=mixed, expect=EXPECT)), ".x")

    assert [each["amount_zar"] for each in played] == ["10.00", "20.00", "10.00", "20.00"]
    assert [each["receiver_id"] for each in played][:4] == [
        "SHOP-0.x",
        "SHOP-1.x",
        "SHOP-2.x",
        "SHOP-0.x",
    ]
    assert [each.get("rail") for each in played] == ["card", None, "card", None]
    assert [each.get("device_id") for each in played] == [None, "phone.x", None, "phone.x"]
    assert "merchant_category" not in played[0]


def test_earlier_times_are_relative_to_each_payment() -> None:
    """Times such as a SIM swap are relative to each payment."""
    swapped = {**PAYMENT, "sim_swapped_before": "2h", "beneficiary_added_before": "5m"}

    ((_, second),) = payments(
        scenario(step(times=2, every="1d", payment=swapped, expect=EXPECT)), ""
    )

    assert second["sim_swapped_at"] == "2025-04-01T08:00:00+02:00"
    assert second["beneficiary_added_at"] == "2025-04-01T09:55:00+02:00"


@given(st.integers(0, 5_000), st.integers(1, 999))
def test_places_are_the_number_its_remainder_and_its_quotient(n: int, by: int) -> None:
    """{n%7} cycles through seven values, {n//7} changes after seven payments."""
    assert filled(f"A-{{n}}-{{n%{by}}}-{{n//{by}}}", n) == f"A-{n}-{n % by}-{n // by}"
    assert filled("A-{m}", n) == "A-{m}"
