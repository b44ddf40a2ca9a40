"""Normal form: a rule's condition with each `not` moved down to the comparisons."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from risksentinel.domain.named_list import fold
from risksentinel.rules.fields import FIELDS
from risksentinel.rules.operand import read_operand
from risksentinel.rules.operators import OPERATORS


@dataclass(frozen=True, slots=True)
class Literal:
    """A comparison that must hold, or with `wanted` False must not; either way its field is known.

    `value` is the rule's value as JSON, `operand` as its operator takes it. `exact` says that the
    comparison asks for character by character; `folded` are the texts among its values.
    """

    path: str
    field: str
    operator: str
    value: Any
    operand: Any
    exact: bool
    wanted: bool
    folded: frozenset[str]

    @property
    def values(self) -> tuple[Any, ...]:
        """The rule's values: one, or several."""
        return tuple(self.value) if isinstance(self.value, list) else (self.value,)


@dataclass(frozen=True, slots=True)
class Every:
    """Each part must hold."""

    path: str
    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Either:
    """At least one part must hold."""

    path: str
    parts: "tuple[Node, ...]"


Node = Literal | Every | Either
_OPPOSITE: Final = {"all": "any", "any": "all"}


def normal_form(condition: Mapping[str, Any], path: str = "condition") -> Node:
    """The condition of a rule that was read; paths are those of the rule's document."""
    return _node(condition, path, wanted=True)


def literals(node: Node) -> list[Literal]:
    """Every comparison of it, in the order of the document."""
    if isinstance(node, Literal):
        return [node]
    return [literal for part in node.parts for literal in literals(part)]


def _node(condition: Mapping[str, Any], path: str, *, wanted: bool) -> Node:
    if "not" in condition:
        return _node(condition["not"], f"{path}.not", wanted=not wanted)
    for name, opposite in _OPPOSITE.items():
        if name in condition:
            parts = tuple(
                _node(part, f"{path}.{name}[{index}]", wanted=wanted)
                for index, part in enumerate(condition[name])
            )
            # Not all of them: one or more is not. Not any of them: each is not.
            joined = name if wanted else opposite
            return Every(path, parts) if joined == "all" else Either(path, parts)
    return _literal(condition, path, wanted=wanted)


def _literal(comparison: Mapping[str, Any], path: str, *, wanted: bool) -> Literal:
    field, operator, value = comparison["field"], comparison["operator"], comparison["value"]
    operand = read_operand(OPERATORS[operator].takes, FIELDS[field], value)
    exact = comparison.get("exact") is True
    texts = value if isinstance(value, list) else [value]
    return Literal(
        path,
        field,
        operator,
        value,
        operand,
        exact,
        wanted,
        frozenset(fold(text) for text in texts if isinstance(text, str)),
    )
