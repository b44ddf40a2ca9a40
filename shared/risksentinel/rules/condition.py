"""Condition: a part of a rule that was read, as JSON, as a test, and with what it reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from risksentinel.rules import kleene
from risksentinel.rules.rule import Test


@dataclass(frozen=True, slots=True)
class Condition:
    """`document` reads back to the same; `fields` and `lists` are in the order of first use."""

    document: dict[str, Any]
    test: Test
    fields: tuple[str, ...]
    lists: tuple[str, ...] = ()


def all_of(parts: Sequence[Condition]) -> Condition:
    """Every part holds."""
    return _joined("all", parts, kleene.all_of([part.test for part in parts]))


def any_of(parts: Sequence[Condition]) -> Condition:
    """At least one part holds."""
    return _joined("any", parts, kleene.any_of([part.test for part in parts]))


def negation(part: Condition) -> Condition:
    """The part does not hold."""
    return Condition({"not": part.document}, kleene.negation(part.test), part.fields, part.lists)


def _joined(name: str, parts: Sequence[Condition], test: Test) -> Condition:
    fields = dict.fromkeys(field for part in parts for field in part.fields)
    lists = dict.fromkeys(used for part in parts for used in part.lists)
    return Condition({name: [part.document for part in parts]}, test, tuple(fields), tuple(lists))
