"""follow: the next live version of the policy, and its audit entry, in the commit of its cause."""

from typing import Final

from risksentinel.domain.next_live import NextLive
from risksentinel.domain.policy_version import PolicyVersion
from risksentinel.ports.ledger import AuditEntry
from risksentinel.ports.rule_records import RuleUnit

LIVE: Final = "policy.live"
SUBJECT: Final = "policy"


def follow(unit: RuleUnit, step: NextLive) -> PolicyVersion | None:
    """Make the active rules a new live version; None before the first start of a process."""
    version = unit.next_live(step)
    if version is not None:
        unit.audit([_entry(version)])
    return version


def _entry(version: PolicyVersion) -> AuditEntry:
    contents = version.contents
    return AuditEntry(
        at=version.changed_at,
        actor=version.changed_by,
        action=LIVE,
        subject_kind=SUBJECT,
        subject_id=str(version.number),
        details={
            "version": version.number,
            "origin": version.origin.value,
            "settings": dict(contents["settings"]),
            "rules": [list(each) for each in contents["rules"]],
            "model": contents["model"],
            "replaces": version.based_on,
            "restored": version.restored,
            "note": version.note,
        },
    )
