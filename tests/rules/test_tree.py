from typing import Any

import pytest

from risksentinel.errors import Malformed
from risksentinel.rules.tree import MAX_COMPARISONS, MAX_LEVELS, MAX_PARTS, read_condition
from tests.rules.conditions import compare

LEAF: dict[Any, object] = dict(compare("is_night", "eq", value=True))


def nested(levels: int) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """Return a comparison below `levels` of not."""
    node: Any = LEAF
    for _ in range(levels):
        node = {"not": node}
    return node


def violations_of(raw: object) -> list[tuple[str, str]]:
    """Return the violations of a condition by path."""
    with pytest.raises(Malformed) as refused:
        read_condition(raw)
    return [(violation.path, violation.message) for violation in refused.value.violations]


SHAPES: list[tuple[Any, str]] = [
    (None, ""),
    ([], ""),
    ({}, ".field"),
    ({"all": []}, ".all"),
    ({"any": LEAF}, ".any"),
    ({"any": [LEAF] * (MAX_PARTS + 1)}, ".any"),
    ({"not": [LEAF]}, ".not"),
    ({"all": [LEAF], "any": [LEAF]}, ""),
    ({"not": LEAF, "comment": "why"}, ""),
    ({**LEAF, "comment": "why"}, ".comment"),
    ({**LEAF, "a b": "why"}, "['a b']"),
    ({**LEAF, 5: "why"}, "[int]"),
    ({"field": "is_night", "operator": "eq"}, ".value"),
    (compare("is_nite", "eq", value=True), ".field"),
    (compare("is_night", "equals", value=True), ".operator"),
    (compare("is_night", "gt", value=True), ".operator"),
    (compare("sender_id", "gt", "a"), ".operator"),
    ({"all": [LEAF, {"any": [LEAF, {"not": compare("x", "eq", 1)}]}]}, ".all[1].any[1].not.field"),
    ({"any": [compare("channel", "in", ["atm", "moon"])]}, ".any[0].value[1]"),
]


@pytest.mark.parametrize(("raw", "path"), SHAPES)
def test_a_violation_has_its_path(raw: object, path: str) -> None:
    """A form can show the message at the field."""
    assert violations_of(raw)[0][0] == path


def test_all_violations_are_listed() -> None:
    """The analyst corrects all violations at once."""
    raw = {"all": [compare("x", "y", 1), LEAF, {"not": compare("amount_zar", "between", [0.1])}]}

    paths = [path for path, _ in violations_of(raw)]

    assert paths == [".all[0].field", ".all[0].operator", ".all[2].not.value"]


def test_an_unknown_name_comes_with_the_closest_and_with_all_there_are() -> None:
    """Most unknown names are typing errors."""
    [(_, of_field), (_, of_operator)] = violations_of(compare("amout_zar", "gtr", 1))

    assert "did you mean amount_zar?" in of_field
    assert "velocity.count" in of_field
    assert "did you mean gt" in of_operator
    assert "starts_with" in of_operator


def test_an_operator_that_does_not_fit_names_those_that_do() -> None:
    """The analyst sees the operators of the field."""
    [(_, message)] = violations_of(compare("is_night", "gt", value=True))

    assert message == "gt does not apply to is_night (flag); use one of: eq, ne, exists"


def test_a_condition_has_eight_levels_at_most() -> None:
    """A limit with a message prevents a stack overflow."""
    assert read_condition(nested(MAX_LEVELS - 1)).fields == ("is_night",)
    assert "deeper than 8" in violations_of(nested(MAX_LEVELS))[0][1]


def test_a_hundred_thousand_levels_are_one_violation() -> None:
    """Deeply nested input must not stop the process."""
    assert len(violations_of(nested(100_000))) == 1


def test_a_condition_has_two_hundred_comparisons_at_most() -> None:
    """Each comparison of each rule adds to the time of a payment."""
    full = {"all": [{"any": [LEAF] * MAX_PARTS}] * (MAX_COMPARISONS // MAX_PARTS)}
    above = {"any": [full, LEAF]}

    condition = read_condition(full)

    assert len(condition.document["all"]) == MAX_COMPARISONS // MAX_PARTS
    assert violations_of(above) == [("", "must not have more than 200 comparisons")]


@pytest.mark.parametrize("bottom", [LEAF, {}, {"all": []}, None])
def test_a_tree_of_billions_of_nodes_is_refused_at_once(bottom: object) -> None:
    """Lists that share their parts need little memory, but parsing all paths would take years."""
    raw = bottom
    for _ in range(MAX_LEVELS - 1):
        raw = {"all": [raw] * MAX_PARTS}

    assert violations_of(raw)[-1] == ("", "must not have more than 200 comparisons")


def test_fields_are_listed_once_in_order_of_first_use() -> None:
    """The explanation lists the fields in the order of the rule."""
    raw = {"any": [compare("rail", "eq", "eft"), LEAF, {"not": compare("rail", "eq", "rtc")}]}

    assert read_condition(raw).fields == ("rail", "is_night")
