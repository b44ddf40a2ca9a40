"""Rights, roles and principals: who may do what."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from risksentinel.domain.label import LabelSource


class Right(StrEnum):
    """What a route requires of its caller."""

    SUBMIT_PAYMENTS = "payments.submit"
    READ_PAYMENTS = "payments.read"
    READ_ACCOUNTS = "accounts.read"  # account numbers in full; otherwise they are masked
    WRITE_LABELS = "labels.write"
    READ_ALERTS = "alerts.read"
    WRITE_ALERTS = "alerts.write"
    READ_RULES = "rules.read"
    WRITE_RULES = "rules.write"
    APPROVE = "changes.approve"
    STOP_RULES = "rules.stop"
    PROMOTE_MODELS = "models.promote"
    READ_LEDGER = "ledger.read"
    MANAGE_KEYS = "keys.manage"


class Role(StrEnum):
    """A set of rights for one kind of work."""

    SUBMITTER = "submitter"
    ANALYST = "analyst"
    RULE_AUTHOR = "rule-author"
    RISK_MANAGER = "risk-manager"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


_READ: Final = frozenset({Right.READ_PAYMENTS, Right.READ_ALERTS, Right.READ_RULES})

RIGHTS_OF: Final[Mapping[Role, frozenset[Right]]] = MappingProxyType(
    {
        Role.SUBMITTER: frozenset({Right.SUBMIT_PAYMENTS}),
        Role.ANALYST: _READ | {Right.WRITE_ALERTS, Right.WRITE_LABELS},
        Role.RULE_AUTHOR: _READ | {Right.WRITE_RULES},
        Role.RISK_MANAGER: _READ
        | {
            Right.READ_ACCOUNTS,
            Right.WRITE_ALERTS,
            Right.WRITE_LABELS,
            Right.WRITE_RULES,
            Right.APPROVE,
            Right.STOP_RULES,
            Right.PROMOTE_MODELS,
            Right.READ_LEDGER,
        },
        Role.AUDITOR: _READ | {Right.READ_ACCOUNTS, Right.READ_LEDGER},
        Role.ADMINISTRATOR: frozenset({Right.MANAGE_KEYS, Right.READ_LEDGER}),
    }
)


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller; `name` is the actor in the audit log.

    `label_sources` are the sources of labels that the caller may report. `person` is whether the
    caller is a person, not a program.
    """

    name: str
    rights: frozenset[Right]
    label_sources: frozenset[LabelSource] = frozenset()
    person: bool = False
    roles: frozenset[Role] = frozenset()

    def may(self, right: Right) -> bool:
        """Whether the principal has the right."""
        return right in self.rights


def with_roles(
    name: str,
    roles: Iterable[Role],
    label_sources: Iterable[LabelSource] = (),
    *,
    person: bool = False,
) -> Principal:
    """The principal with these roles.

    A source of labels includes the right to report its labels. A role with that right may report
    findings of analysts.
    """
    held = frozenset(roles)
    rights = frozenset[Right]().union(*(RIGHTS_OF[role] for role in held))
    sources = frozenset(label_sources)
    if Right.WRITE_LABELS in rights:
        sources |= {LabelSource.ANALYST}
    if sources:
        rights |= {Right.WRITE_LABELS}
    return Principal(name, rights, sources, person, held)


# The caller of an engine that only this machine reaches, or that a gateway authenticates.
LOCAL: Final = Principal("local", frozenset(Right), frozenset(LabelSource), roles=frozenset(Role))
