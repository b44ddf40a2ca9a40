"""A batch is gathered in rounds, with a bound on the payments of one account."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from risksentinel.usecases.gather_facts import MAX_OF_ONE_ACCOUNT, rounds
from tests.usecases.decide_bench import paid


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from("ABC")), max_size=300))
def test_rounds_keep_the_order_and_their_bound(pairs: list[tuple[str, str]]) -> None:
    """No round has more than MAX_OF_ONE_ACCOUNT payments of one account."""
    batch = [paid(f"t{n}", sender=pays, receiver=gets) for n, (pays, gets) in enumerate(pairs)]

    found = list(rounds(batch))

    assert [one for some in found for one in some] == batch
    assert all(found)
    for some in found:
        assert max(Counter(one.sender_id for one in some).values()) <= MAX_OF_ONE_ACCOUNT
        assert max(Counter(one.receiver_id for one in some).values()) <= MAX_OF_ONE_ACCOUNT


def test_a_batch_of_many_accounts_is_one_round() -> None:
    """A round is a round trip: volume must not pay for what one account does."""
    batch = [paid(f"t{n}", sender=f"A{n}", receiver=f"B{n}") for n in range(500)]

    assert list(rounds(batch)) == [batch]
