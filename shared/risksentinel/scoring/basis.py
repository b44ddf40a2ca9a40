"""basis_of: rules and policy -> the basis of decisions; and the policy of a stored basis."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from decimal import Decimal
from typing import Any, Final

from risksentinel.domain.basis import Basis, digest_of_json
from risksentinel.domain.policy_version import names_version
from risksentinel.domain.signal import Silent
from risksentinel.rules.parse import document_of
from risksentinel.rules.rule import Rule
from risksentinel.scoring.policy import Policy

_CEILINGS: Final = "escalate_amount_ceilings"
_DECIMALS: Final = (
    "medium",
    "high",
    "critical",
    "alert_threshold",
    "velocity_max_total_zar",
)

Rules = Sequence[Rule] | Silent


class _Latest:
    """The basis of the last rules and policy: a process scores with the same ones for hours."""

    def __init__(self) -> None:
        self._found: tuple[Rules, Policy, Basis] | None = None

    def of(self, rules: Rules, policy: Policy) -> Basis:
        """Return the basis; by identity of the objects, because neither is ever changed."""
        found = self._found
        if found is not None and found[0] is rules and found[1] is policy:
            return found[2]
        basis = Basis.of(_document(rules, policy))
        self._found = (rules, policy, basis)
        return basis


basis_of: Final = _Latest().of


def policy_of(document: Mapping[str, Any]) -> Policy:
    """Return the policy of a basis.

    Raises:
        TypeError: the document is not that of a policy of this release.
        KeyError: the document has no policy.
    """
    stated = dict(document["policy"])
    for name in _DECIMALS:
        stated[name] = Decimal(stated[name])
    ceilings = stated[_CEILINGS]
    if ceilings is not None:
        stated[_CEILINGS] = {name: Decimal(amount) for name, amount in ceilings.items()}
    return Policy(**stated)


def rule_digests(document: Mapping[str, Any]) -> dict[str, str] | None:
    """Return the digest of each rule in force, by id@version in order; None without a book."""
    rules = document["rules"]
    return None if rules is None else dict(rules)


def rule_digest(rule: Rule) -> str:
    """Return the digest of a rule's document."""
    return digest_of_json(document_of(rule))


def _document(rules: Rules, policy: Policy) -> dict[str, Any]:
    return {
        "policy": {
            each.name: _stated(getattr(policy, each.name))
            for each in fields(policy)
            if each.name != "model" or names_version(policy.model)
        },
        "rules": None
        if isinstance(rules, Silent)
        else [[rule.reference, rule_digest(rule)] for rule in rules],
    }


def _stated(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): _stated(inner) for name, inner in value.items()}
    return value
