"""Conditions and their warnings; strategies of payments with history, rules and junk."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from hypothesis import strategies as st

from risksentinel.domain.money import Money
from risksentinel.domain.named_list import Entry, Memberships, fold, listable_texts
from risksentinel.domain.transaction import Channel, Rail, Transaction
from risksentinel.rules.fields import FIELDS, Field
from risksentinel.rules.kinds import FieldKind
from risksentinel.rules.observation import Observation
from risksentinel.rules.operators import OPERATORS, Takes
from risksentinel.rules.parse import parse_rule
from risksentinel.rules.rule import Action, Rule, Severity
from risksentinel.rules.warnings import Alerting, warnings_of
from tests.strategies import snapshots

WRITTEN: Final = datetime(2026, 5, 1, 8, 30, tzinfo=UTC)
ALERTING: Final = Alerting(alone=Decimal("0.7388"), threshold=Decimal("0.7"))
PATTERNS: Final = ("^a", "[0-9]{2}$", "(?i)abc", ".", r"\bx\b", "(a|b)*c", r"\pL+", "^$")


def read_rule(document: object, *, rule_id: str = "rule", version: int = 1) -> Rule:
    """Return the rule of a document, created at a fixed time."""
    return parse_rule(
        document, rule_id=rule_id, version=version, created_at=WRITTEN, updated_at=WRITTEN
    )


def rule_when(condition: object) -> Rule:
    """Return a rule with this condition and default members."""
    return read_rule({"name": "x", "condition": condition, "weight": 1, "severity": "low"})


def compare(field: str, operator: str, value: object) -> dict[str, object]:
    """Return a comparison as JSON."""
    return {"field": field, "operator": operator, "value": value}


def every(*parts: object) -> dict[str, object]:
    """Return a condition that all parts are true."""
    return {"all": list(parts)}


def either(*parts: object) -> dict[str, object]:
    """Return a condition that one part is true."""
    return {"any": list(parts)}


def told(condition: object, **members: Any) -> dict[str, str]:  # noqa: ANN401 - a rule's members
    """Return the warnings of a rule with this condition by path."""
    rule = replace(rule_when(condition), **members)
    return {violation.path: violation.message for violation in warnings_of(rule, ALERTING)}


def never_fires(rule: Rule) -> bool:
    """Return whether the rule has the warning that it can never fire."""
    warnings = warnings_of(rule, ALERTING)
    return any("so the rule can never fire" in warning.message for warning in warnings)


identifiers = st.text("abcXYZ0189+", min_size=1, max_size=12)
cents = st.integers(0, 10**9)
transactions = st.builds(
    Transaction,
    id=identifiers,
    sender_id=identifiers,
    receiver_id=identifiers,
    amount=cents.map(Money.of_cents),
    channel=st.sampled_from(Channel),
    occurred_at=st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - Hypothesis adds the zone
    rail=st.none() | st.sampled_from(Rail),
    merchant_category=st.none() | st.text(st.characters(), max_size=8),
    receiver_country=st.none() | st.sampled_from(["ZA", "NG", "GB"]),
)
LISTS: Final = ("block", "mule")


@st.composite
def memberships(draw: st.DrawFn, transaction: Transaction) -> Memberships:
    """Draw memberships of the payment's texts in lists: on the list, not, or unknown."""
    names = draw(st.sets(st.sampled_from(LISTS)))
    asked = tuple({fold(text) for text in listable_texts(transaction) if text is not None})
    said = st.none() | st.builds(Entry, st.sampled_from(asked), words, words, st.just(WRITTEN))
    pairs = st.sampled_from([(name, text) for name in LISTS for text in asked])
    return Memberships(names, asked, draw(st.dictionaries(pairs, said)))


@st.composite
def _observations(draw: st.DrawFn) -> Observation:
    transaction = draw(transactions)
    return Observation(transaction, draw(st.none() | snapshots), draw(memberships(transaction)))


observations = _observations()

words = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8).filter(
    lambda text: bool(text.strip())
)
rands = (
    st.integers(0, 10**7)
    | st.decimals(0, 10**7, places=2)
    | cents.map(lambda n: str(Money.of_cents(n)))
)
numbers = (
    st.integers(-10, 10)
    | st.floats(-(10**6), 10**6)
    | st.decimals(-(10**6), 10**6, allow_nan=False, places=3)
)


def _values(field: Field) -> st.SearchStrategy[Any]:
    least, most = field.within or (0, 500)
    return {
        FieldKind.MONEY: rands,
        FieldKind.NUMBER: numbers,
        FieldKind.INTEGER: st.integers(least, most),
        FieldKind.TEXT: words,
        FieldKind.CHOICE: st.sampled_from(field.choices or ("none",)),
        FieldKind.FLAG: st.booleans(),
    }[field.kind]


_OPERANDS: Final[Mapping[Takes, Callable[[Field], st.SearchStrategy[Any]]]] = {
    Takes.ONE: _values,
    Takes.RANGE: lambda field: st.lists(_values(field), min_size=2, max_size=2).map(
        lambda ends: sorted(ends, key=Decimal)
    ),
    Takes.SEVERAL: lambda field: st.lists(
        _values(field), min_size=1, max_size=4, unique_by=field.accept
    ),
    Takes.TEXT: lambda _: words,
    Takes.PATTERN: lambda _: st.sampled_from(PATTERNS),
    Takes.PRESENCE: lambda _: st.booleans(),
    Takes.LIST: lambda _: st.sampled_from(LISTS),
}
_PAIRS: Final = [
    (field_name, operator_name)
    for field_name, field in FIELDS.items()
    for operator_name, operator in OPERATORS.items()
    if field.kind in operator.kinds
]


def _comparison(pair: tuple[str, str]) -> st.SearchStrategy[dict[str, object]]:
    field, operator = pair
    operands = _OPERANDS[OPERATORS[operator].takes](FIELDS[field])
    plain = operands.map(lambda operand: compare(field, operator, operand))
    if FIELDS[field].kind is not FieldKind.TEXT or not OPERATORS[operator].can_be_exact:
        return plain
    exact = st.sampled_from([{}, {"exact": True}, {"exact": False}])
    return st.builds(lambda one, other: {**one, **other}, plain, exact)


comparisons = st.sampled_from(_PAIRS).flatmap(_comparison)
conditions = st.recursive(
    comparisons,
    lambda parts: (
        st.lists(parts, min_size=1, max_size=3).map(lambda all_: {"all": all_})
        | st.lists(parts, min_size=1, max_size=3).map(lambda any_: {"any": any_})
        | parts.map(lambda part: {"not": part})
    ),
    max_leaves=4,
)
shares = st.floats(0, 1) | st.sampled_from([0, 1]) | st.decimals(0, 1, places=4)
rule_documents = st.fixed_dictionaries(
    {
        "name": st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1),
        "condition": conditions,
        "weight": shares,
        "severity": st.sampled_from([severity.value for severity in Severity]),
    },
    optional={
        "description": words,
        "floor": st.none() | shares,
        "active": st.booleans(),
        "action": st.sampled_from([action.value for action in Action]),
    },
)

_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text(st.characters(), max_size=8)
    | st.sampled_from([*FIELDS, *OPERATORS])
)
_KEYS = st.sampled_from(["all", "any", "not", "field", "operator", "value", "exact"]) | st.text(
    max_size=4
)
junk = st.recursive(
    _SCALARS,
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(_KEYS, parts, max_size=3),
    max_leaves=6,
)
