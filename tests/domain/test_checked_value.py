"""Values whose assignments are checked by mypy only."""

import pytest

from risksentinel.domain.checked_value import checked_value


@checked_value
class Point:
    """A value of two fields."""

    x: int
    y: int = 0


def test_equal_fields_make_equal_values() -> None:
    """Values are compared, and are keys of dictionaries."""
    assert Point(1) == Point(1, 0)
    assert {Point(1): "found"}[Point(1, 0)] == "found"
    assert Point(1) != Point(2)


def test_a_value_has_no_other_fields() -> None:
    """A misspelt field must not be set silently."""
    with pytest.raises(AttributeError):
        Point(1).z = 2  # type: ignore[attr-defined]
