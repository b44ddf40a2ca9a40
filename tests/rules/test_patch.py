import pytest

from risksentinel.errors import Malformed
from risksentinel.rules.patch import patched
from tests.rules.conditions import compare

BEFORE = {"name": "old", "floor": 0.7, "condition": compare("is_night", "eq", value=True)}


def test_changes_what_is_named_and_leaves_the_rest() -> None:
    """An analyst renames a rule without sending all of it."""
    after = patched(BEFORE, {"name": "new"})

    assert after == {**BEFORE, "name": "new"}
    assert BEFORE["name"] == "old"


def test_null_takes_a_member_away() -> None:
    """RFC 7396 says so, and it is how a floor is lifted."""
    after = patched(BEFORE, {"floor": None, "description": None})

    assert after == {"name": "old", "condition": BEFORE["condition"]}


def test_a_null_that_was_there_before_stays() -> None:
    """Only what the changes name may change."""
    after = patched({**BEFORE, "floor": None}, {"name": "new"})

    assert after == {**BEFORE, "floor": None, "name": "new"}


def test_a_condition_is_replaced_as_a_whole() -> None:
    """Half of an old condition and half of a new one mean nothing."""
    after = patched(BEFORE, {"condition": {"not": BEFORE["condition"]}})

    assert after["condition"] == {"not": BEFORE["condition"]}


@pytest.mark.parametrize("changes", [None, [], "name", 5])
def test_refuses_changes_that_are_no_object(changes: object) -> None:
    """The body of a request can be any JSON."""
    with pytest.raises(Malformed, match="must be an object"):
        patched(BEFORE, changes)
