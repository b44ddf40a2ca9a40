"""Rules for tests of scoring: true, false or unknown."""

from hypothesis import strategies as st

from risksentinel.rules.parse import parse_rule
from risksentinel.rules.rule import Action, Rule
from tests.strategies import NOW

_hundredths = st.integers(0, 100).map(lambda value: value / 100)
_conditions = st.sampled_from(
    [
        {"field": "amount_zar", "operator": "gte", "value": 0},
        {"field": "amount_zar", "operator": "lt", "value": 0},
        {"field": "velocity.count", "operator": "gte", "value": 1},
        {"field": "receiver.is_new_for_sender", "operator": "eq", "value": True},
    ]
)


@st.composite
def _rules(draw: st.DrawFn) -> Rule:
    document = {
        "name": draw(st.sampled_from(["one", "two", "three"])),
        "condition": draw(_conditions),
        "weight": draw(_hundredths),
        "severity": draw(st.sampled_from(["low", "medium", "high", "critical"])),
        "floor": draw(st.none() | _hundredths),
        "action": draw(st.sampled_from([action.value for action in Action])),
    }
    rule_id = draw(st.sampled_from(["r1", "r2", "r3"]))
    return parse_rule(document, rule_id=rule_id, version=1, created_at=NOW, updated_at=NOW)


rule_sets = st.lists(_rules(), max_size=4).map(tuple)
