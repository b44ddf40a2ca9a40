"""Comparison of one field with one value: the leaf of every condition."""

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from risksentinel.domain.named_list import fold
from risksentinel.errors import Malformed, Violation
from risksentinel.rules.condition import Condition
from risksentinel.rules.fields import FIELDS, Field
from risksentinel.rules.kinds import FieldKind, flag, plain
from risksentinel.rules.names import key_path, unknown
from risksentinel.rules.observation import Observation
from risksentinel.rules.operand import folded_operand, read_operand
from risksentinel.rules.operators import FOLDED, OPERATORS, Operator, Sought, Takes
from risksentinel.rules.rule import NO_AMOUNT, Test, TestFor
from risksentinel.rules.three_valued_logic import always
from risksentinel.rules.violations import within

_KEYS: Final = ("field", "operator", "value")
_EXACT: Final = "exact"
_AMOUNT: Final = "amount_zar"
KNOWN_FIRST: Final = frozenset({"channel", "rail"})  # `test_for` evaluates these fields
# Operators that set a minimum of the amount.
_LOWEST: Final[Mapping[str, Callable[[Any], Decimal]]] = MappingProxyType(
    {"eq": Decimal, "gt": Decimal, "gte": Decimal, "between": min, "in": min}
)


def read_comparison(raw: Mapping[Any, object]) -> Condition:
    """Parse {"field", "operator", "value"}; the path of a violation starts with the key.

    With "exact": true, a comparison of a text field compares character by character.

    Raises:
        Malformed: all violations.
    """
    violations = _violations_of_keys(raw)
    violations += _violations_of_name(raw, "field", FIELDS) + _violations_of_name(
        raw, "operator", OPERATORS
    )
    if violations:
        raise Malformed(violations)
    field_name, operator_name = str(raw["field"]), str(raw["operator"])
    field, operator = FIELDS[field_name], OPERATORS[operator_name]
    if field.kind not in operator.kinds:
        raise Malformed([Violation(".operator", _unfit(operator_name, field_name))])
    exact = _read_exact(raw, field, operator)
    operand, test = _read_test(field, operator, raw["value"], exact=exact)
    document = {
        "field": field_name,
        "operator": operator_name,
        "value": plain(field.kind, raw["value"]),
        **({_EXACT: True} if exact else {}),
    }
    lists = (str(operand),) if operator.takes is Takes.LIST else ()
    least = _lowest(operator_name, operand) if field_name == _AMOUNT else NO_AMOUNT
    test_for = _answered(test) if field_name in KNOWN_FIRST else _unchanged(test)
    return Condition(document, test, test_for, (field_name,), lists, least)


def _answered(test: Test) -> TestFor:
    return lambda observation: always(test(observation))


def _unchanged(test: Test) -> TestFor:
    return lambda _observation: test


def _read_exact(raw: Mapping[Any, object], field: Field, operator: Operator) -> bool:
    if _EXACT not in raw:
        return False
    if field.kind is not FieldKind.TEXT or not operator.can_be_exact:
        allowed = ", ".join(name for name, known in OPERATORS.items() if known.can_be_exact)
        raise Malformed(
            [Violation(f".{_EXACT}", f"is for fields of text, and for one of: {allowed}")]
        )
    try:
        return flag(raw[_EXACT])
    except Malformed as malformed:
        raise Malformed(within(f".{_EXACT}", malformed)) from None


def _read_test(
    field: Field, operator: Operator, raw: object, *, exact: bool
) -> tuple[object, Test]:
    folds = field.kind is FieldKind.TEXT and operator.takes in FOLDED and not exact
    try:
        operand = read_operand(operator.takes, field, raw)
        operand = folded_operand(operand) if folds else operand
    except Malformed as malformed:
        raise Malformed(within(".value", malformed)) from None
    if operator.takes is Takes.LIST:
        return operand, _listed(field, operator, operand, exact=exact)
    if operator.takes is Takes.PRESENCE:
        return operand, _presence(field, operator, operand)
    return operand, (_folding if folds else _known)(field, operator, operand)


def _lowest(operator_name: str, operand: object) -> Decimal:
    """Return the amount below which the comparison is false."""
    lowest = _LOWEST.get(operator_name)
    return NO_AMOUNT if lowest is None else lowest(operand)


def _violations_of_keys(raw: Mapping[Any, object]) -> list[Violation]:
    foreign = [key for key in raw if key not in {*_KEYS, _EXACT}]
    missing = [key for key in _KEYS if key not in raw]
    return [
        *(Violation(key_path(key), unknown("key", key, (*_KEYS, _EXACT))) for key in foreign),
        *(Violation(f".{key}", "is missing") for key in missing),
    ]


def _violations_of_name(
    raw: Mapping[Any, object], key: str, names: Collection[str]
) -> list[Violation]:
    name = raw.get(key)
    if key not in raw or (isinstance(name, str) and name in names):
        return []
    return [Violation(f".{key}", unknown(key, name, names))]


def _unfit(operator_name: str, field_name: str) -> str:
    kind = FIELDS[field_name].kind
    fitting = ", ".join(name for name, operator in OPERATORS.items() if kind in operator.kinds)
    return f"{operator_name} does not apply to {field_name} ({kind}); use one of: {fitting}"


def _known(field: Field, operator: Operator, operand: object) -> Test:
    read, compare = field.read, operator.compare

    def test(observation: Observation) -> bool | None:
        value = read(observation)
        return None if value is None else compare(value, operand)

    return test


def _folding(field: Field, operator: Operator, operand: object) -> Test:
    read, compare = field.read, operator.compare

    def test(observation: Observation) -> bool | None:
        value = read(observation)
        return None if value is None else compare(fold(str(value)), operand)

    return test


def _listed(field: Field, operator: Operator, name: object, *, exact: bool) -> Test:
    read, compare = field.read, operator.compare

    def test(observation: Observation) -> bool | None:
        text = read(observation)
        return None if text is None else compare(Sought(str(text), observation.lists, exact), name)

    return test


def _presence(field: Field, operator: Operator, operand: object) -> Test:
    read, compare, from_history = field.read, operator.compare, field.from_history

    def test(observation: Observation) -> bool | None:
        # Without an answer of the history, an absent value is unknown.
        if from_history and observation.snapshot is None:
            return None
        return compare(read(observation), operand)

    return test
