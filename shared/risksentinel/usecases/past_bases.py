"""PastBases: the rules and the policy with which stored decisions were made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from risksentinel.domain.signal import Silent, absence_of
from risksentinel.errors import Malformed, NotFound
from risksentinel.ports.decisions import Decisions
from risksentinel.rules.active_rules import ActiveRules
from risksentinel.rules.rule import Rule
from risksentinel.scoring.basis import policy_of, rule_digest, rule_digests
from risksentinel.scoring.policy import Policy

_MAX_KEPT: Final = 64  # bases of one process; a new one is made by each change of a rule


@dataclass(frozen=True, slots=True)
class PastBasis:
    """The rules and the policy of a basis; no rules where the rule book did not answer."""

    rules: ActiveRules | None
    policy: Policy

    def rules_for(self, receipt: Mapping[str, Any]) -> ActiveRules | Silent:
        """Return the rules, or the reason of the receipt for which there were none."""
        if self.rules is None:
            said = receipt["signals"]["rules"]
            return Silent(said["reason"], absence=absence_of(said["status"]))
        return self.rules


@dataclass(frozen=True, slots=True)
class PastBases:
    """Reads each basis once."""

    decisions: Decisions
    _known: dict[str, PastBasis] = field(default_factory=dict)

    def of(self, digest: str) -> PastBasis:
        """The basis with this digest.

        Raises:
            NotFound: the basis or a version of a rule is not stored, or cannot be read.
            Malformed: a stored rule is not the rule that was in force.
            KeyError, TypeError, ValueError: the stored basis is damaged.
        """
        known = self._known.get(digest)
        if known is None:
            if len(self._known) >= _MAX_KEPT:
                self._known.clear()
            known = self._known[digest] = self._read(digest)
        return known

    def _read(self, digest: str) -> PastBasis:
        document = self.decisions.basis(digest)
        digests = rule_digests(document)
        if digests is None:
            return PastBasis(None, policy_of(document))
        rules = [self._rule(name, of_rule) for name, of_rule in digests.items()]
        return PastBasis(ActiveRules(rules), policy_of(document))

    def _rule(self, reference: str, digest: str) -> Rule:
        rule_id, _, version = reference.rpartition("@")
        rule = self.decisions.rule(rule_id, int(version))
        if not isinstance(rule, Rule):
            raise NotFound(f"rule {reference} cannot be read by this release")
        if rule_digest(rule) != digest:
            raise Malformed(f"rule {reference} is not the rule that was in force")
        return rule
