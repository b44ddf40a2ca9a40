"""Versions of the policy in memory, for the fake of the ledger."""

from dataclasses import replace

from risksentinel.domain.next_live import NextLive
from risksentinel.domain.policy_version import PROMOTED, PolicyState, PolicyVersion
from tests.fakes.memory_rows import MemoryRows


def next_live(rows: MemoryRows, step: NextLive) -> PolicyVersion | None:
    """Make the active rules a new live version of the policy; None before the first start."""
    versions = rows.policies
    before = next((each for each in versions if each.state is PolicyState.LIVE), None)
    if before is None and step.settings is None:
        return None
    if before is not None:
        versions[before.number - 1] = before.becomes(step.leaving, step.by, step.at)
    settings = step.settings if before is None or step.settings else before.contents["settings"]
    model = PROMOTED if before is None else before.contents["model"]
    newest = [each[-1] for each in rows.rules.values()]
    rules = [[each.id, each.version] for each in newest if each.active]
    if step.promoted is not None:
        draft = versions[step.promoted - 1].becomes(PolicyState.LIVE, step.by, step.at)
        version = replace(draft, contents={**draft.contents, "rules": rules})
        versions[version.number - 1] = version
        return version
    version = PolicyVersion(
        number=len(versions) + 1,
        state=PolicyState.LIVE,
        origin=step.origin,
        contents={
            "settings": settings,
            "rules": rules,
            "model": step.model if step.changes_model else model,
        },
        based_on=None if before is None else before.number,
        created_by=step.by,
        created_at=step.at,
        changed_by=step.by,
        changed_at=step.at,
        note=step.note,
        restored=step.restored,
    )
    versions.append(version)
    return version
