"""Normal form of a condition: each `not` is moved down to the comparisons."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from risksentinel.domain.named_list import fold
from risksentinel.rules.fields import FIELDS
from risksentinel.rules.operand import read_operand
from risksentinel.rules.operators import OPERATORS


@dataclass(frozen=True, slots=True)
class Literal:
    """A comparison that must be true, or false if `wanted` is False; its field is known.

    `value` is the rule's value as JSON, `operand` the value as the operator takes it. `exact` means
    that texts are compared character by character; `folded` are the folded texts of the values.
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
        """The rule's values, as a list."""
        return tuple(self.value) if isinstance(self.value, list) else (self.value,)


@dataclass(frozen=True, slots=True)
class Every:
    """All parts must be true."""

    path: str
    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Either:
    """At least one part must be true."""

    path: str
    parts: "tuple[Node, ...]"


Node = Literal | Every | Either
_OPPOSITE: Final = {"all": "any", "any": "all"}


def normal_form(condition: Mapping[str, Any], path: str = "condition") -> Node:
    """Return the normal form of a rule's condition; paths are those of the rule's document."""
    return _node(condition, path, wanted=True)


def literals(node: Node) -> list[Literal]:
    """Return all comparisons of the node, in the order of the document."""
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
            # De Morgan: not all -> any not; not any -> all not.
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
