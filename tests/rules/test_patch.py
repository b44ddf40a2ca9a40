import pytest

from risksentinel.errors import Malformed
from risksentinel.rules.patch import patched
from tests.rules.conditions import compare

BEFORE = {"name": "old", "floor": 0.7, "condition": compare("is_night", "eq", value=True)}


def test_changes_only_the_named_members() -> None:
    """An analyst may rename a rule without sending the whole rule."""
    after = patched(BEFORE, {"name": "new"})

    assert after == {**BEFORE, "name": "new"}
    assert BEFORE["name"] == "old"


def test_null_takes_a_member_away() -> None:
    """By RFC 7396, null removes a member, for example a floor."""
    after = patched(BEFORE, {"floor": None, "description": None})

    assert after == {"name": "old", "condition": BEFORE["condition"]}


def test_a_null_that_was_there_before_stays() -> None:
    """Members that the changes do not name stay unchanged."""
    after = patched({**BEFORE, "floor": None}, {"name": "new"})

    assert after == {**BEFORE, "floor": None, "name": "new"}


def test_a_condition_is_replaced_as_a_whole() -> None:
    """A mixture of two conditions would have no meaning."""
    after = patched(BEFORE, {"condition": {"not": BEFORE["condition"]}})

    assert after["condition"] == {"not": BEFORE["condition"]}


@pytest.mark.parametrize("changes", [None, [], "name", 5])
def test_refuses_changes_that_are_no_object(changes: object) -> None:
    """The body of a request may be any JSON."""
    with pytest.raises(Malformed, match="must be an object"):
        patched(BEFORE, changes)
