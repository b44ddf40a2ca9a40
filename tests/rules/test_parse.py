import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.errors import Malformed
from risksentinel.rules.observation import Observation
from risksentinel.rules.parse import document_of
from risksentinel.rules.rule import Severity
from tests.rules.conditions import (
    WRITTEN,
    compare,
    junk,
    observations,
    read_rule,
    rule_documents,
)

DOCUMENT = {
    "name": "Large at night",
    "condition": compare("amount_zar", "gt", 1000),
    "weight": Decimal("0.4"),
    "severity": "medium",
}


def violations_of(document: object) -> list[tuple[str, str]]:
    """Return the violations of a rule by path."""
    with pytest.raises(Malformed) as refused:
        read_rule(document)
    return [(violation.path, violation.message) for violation in refused.value.violations]


def test_parses_a_rule_without_optional_members() -> None:
    """Optional members of a rule have defaults."""
    rule = read_rule(DOCUMENT, rule_id="night", version=3)

    assert (rule.reference, rule.name, rule.description) == ("night@3", "Large at night", "")
    assert (rule.weight, rule.severity, rule.floor) == (0.4, Severity.MEDIUM, None)
    assert (rule.active, rule.fields, rule.created_at) == (True, ("amount_zar",), WRITTEN)


REFUSED = [
    ("name", None, "must be a text"),
    ("name", "", "1 to 100"),
    ("name", "a" * 101, "1 to 100"),
    ("name", "  ", "not blank"),
    ("name", "a\x00", "control"),
    ("name", "a\u202eb", "printable"),
    ("description", "a" * 501, "0 to 500"),
    ("description", "a\x1b[1m", "control"),
    ("description", 5, "must be a text"),
    ("weight", "0.5", "must be a number"),
    ("weight", True, "must be a number"),
    ("weight", Decimal("1.0001"), "between 0 and 1"),
    ("weight", -1, "between 0 and 1"),
    ("weight", float("nan"), "must be a number"),
    ("weight", Decimal("Infinity"), "must be a number"),
    ("weight", None, "must be a number"),
    ("severity", "grave", "low, medium, high, critical"),
    ("severity", ["low"], "low, medium, high, critical"),
    ("floor", 2, "between 0 and 1"),
    ("floor", "none", "must be a number"),
    ("active", None, "true or false"),
    ("active", 1, "true or false"),
    ("condition", None, 'must be one of {"field"'),
    ("colour", "red", "unknown key 'colour'"),
    ("wieght", 1, "did you mean weight?"),
]


@pytest.mark.parametrize(("member", "value", "words"), REFUSED)
def test_refuses_a_wrong_member_at_its_path(member: str, value: object, words: str) -> None:
    """A form can show the message at the field."""
    [(path, message)] = violations_of({**DOCUMENT, member: value})

    assert path == member
    assert words in message


@pytest.mark.parametrize("member", DOCUMENT)
def test_refuses_a_rule_without_a_required_member(member: str) -> None:
    """A missing weight must not get an arbitrary default."""
    document = {name: value for name, value in DOCUMENT.items() if name != member}

    assert violations_of(document) == [(member, "is missing")]


def test_lists_every_violation_of_every_member() -> None:
    """The analyst corrects all violations at once."""
    condition = {"all": [compare("amount_zar", "gt", 1), compare("channel", "eq", "moon")]}

    paths = [path for path, _ in violations_of({"condition": condition, "weight": 2, "x": 1})]

    assert paths == ["x", "name", "condition.all[1].value", "weight", "severity"]


@pytest.mark.parametrize("document", [None, [], "rule", 5])
def test_refuses_documents_that_are_not_objects(document: object) -> None:
    """The body of a request may be any JSON."""
    assert violations_of(document) == [("", "a rule must be an object")]


@given(rule_documents)
def test_a_rule_written_as_json_reads_back_the_same(document: dict[str, Any]) -> None:
    """Rules are stored as JSON, and the decoder returns Decimal for fractions."""
    rule = read_rule(document)

    kept = json.loads(json.dumps(document_of(rule), allow_nan=False), parse_float=Decimal)

    assert read_rule(kept) == rule
    assert read_rule(document_of(rule)) == rule


@given(rule_documents, observations)
def test_evaluating_never_fails_and_outlives_the_database(
    document: dict[str, Any], observation: Observation
) -> None:
    """A parsed rule must evaluate every payment, with the same result after a restart."""
    rule = read_rule(document)

    answer = rule.test(observation)

    assert answer in (True, False, None)
    assert read_rule(document_of(rule)).test(observation) is answer


@given(junk)
def test_junk_is_refused_with_a_path(raw: object) -> None:
    """Any input is parsed or refused, never an internal error."""
    document = raw if isinstance(raw, dict) else {"condition": raw}

    assert all(path and message for path, message in violations_of(document))


@given(rule_documents, st.data())
def test_junk_in_one_place_is_read_or_refused_there(
    document: dict[str, Any], data: st.DataObject
) -> None:
    """Most invalid rules have one wrong member."""
    member = data.draw(st.sampled_from(sorted(document)))
    document[member] = data.draw(junk)

    try:
        read_rule(document)
    except Malformed as malformed:
        paths = [violation.path for violation in malformed.violations]
        assert paths
        assert all(path.startswith(member) for path in paths)


def test_a_rule_does_not_change_with_the_document_it_came_from_or_went_to() -> None:
    """Changes of the JSON document must not change the parsed rule."""
    source: dict[str, Any] = {**DOCUMENT, "condition": {"all": [compare("rail", "in", ["eft"])]}}
    rule = read_rule(source)
    written = document_of(rule)

    source["condition"]["all"][0]["value"].append("rtc")
    written["condition"]["all"].clear()

    assert rule.condition == {"all": [compare("rail", "in", ["eft"])]}
