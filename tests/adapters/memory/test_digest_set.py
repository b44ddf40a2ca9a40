from hypothesis import given
from hypothesis import strategies as st

from risksentinel.adapters.memory.digest_set import MAX_LATER, DigestSet


@given(st.sets(st.integers(-(2**63), 2**63 - 1)), st.sets(st.integers(-(2**63), 2**63 - 1)))
def test_a_set_of_digests_is_a_set(first: set[int], more: set[int]) -> None:
    """It uses binary search, and an error there would miss an entry."""
    digests = DigestSet(first).with_more(more)

    assert all(digest in digests for digest in first | more)
    assert len(digests) == len(first | more)
    assert all((digest + 1 in digests) == (digest + 1 in first | more) for digest in first)


def test_what_comes_later_joins_the_array() -> None:
    """A set beside the array takes ten times the memory."""
    digests = DigestSet(range(10))

    for start in range(10, 3 * MAX_LATER, 1000):
        digests = digests.with_more(range(start, start + 1000))

    assert all(digest in digests for digest in range(3 * MAX_LATER))
    assert len(digests._later) <= MAX_LATER  # noqa: SLF001 - how it is held shows nowhere else
