"""promote, roll_back: another policy in force, in the transaction of a unit."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from risksentinel.domain.next_live import NextLive
from risksentinel.domain.policy_version import PolicyOrigin, PolicyState, PolicyVersion
from risksentinel.errors import Conflict, Malformed, NotFound, Violation
from risksentinel.ports.policies import PolicyUnit
from risksentinel.rules.parse import document_of, parse_rule
from risksentinel.scoring.policy_diff import by_id, is_same, without_version
from risksentinel.usecases.follow_policy import follow
from risksentinel.usecases.write_rule import stopped, store_rule

_WAS_LIVE: Final = frozenset({PolicyState.RETIRED, PolicyState.ROLLED_BACK})


def live_of(unit: PolicyUnit) -> PolicyVersion:
    """The live version. Raises NotFound before the first start of a process that scores."""
    live = unit.live_policy()
    if live is None:
        raise NotFound("no version is live: start the function score once")
    return live


def promote(unit: PolicyUnit, number: int, by: str, at: datetime) -> PolicyVersion:
    """Put a draft or a version in shadow in force.

    Raises:
        NotFound: there is no such version.
        Conflict: it is neither, another version became live since it was made, or it would change
            nothing.
    """
    live, version = live_of(unit), unit.policy(number)
    version.becomes(PolicyState.LIVE, by, at)
    if version.based_on != live.number:
        raise Conflict(
            f"version {live.number} is live now, and version {number} is based on version "
            f"{version.based_on}: rebase it, so that nothing is undone unseen"
        )
    if is_same(live.contents, version.contents):
        raise Conflict(f"version {number} decides as the live version {live.number}")
    _write_rules(unit, version.contents, by, at, f"with version {number} of the policy")
    step = NextLive(
        PolicyOrigin.PROMOTION,
        by,
        at,
        version.note,
        settings=version.contents["settings"],
        model=version.contents["model"],
        changes_model=True,
        promoted=number,
    )
    return _followed(unit, step)


def roll_back(
    unit: PolicyUnit, to: int | None, reason: str, by: str, at: datetime
) -> PolicyVersion:
    """Put the contents of an earlier live version in force, as a new version.

    Raises:
        NotFound: there is no such version, or none before the live one.
        Conflict: the version was never live, or decides as the live one.
        Malformed: the reason is empty.
    """
    if not reason.strip():
        raise Malformed([Violation("reason", "say why the policy is rolled back")])
    live = live_of(unit)
    target = live.based_on if to is None else to
    if target is None:
        raise NotFound("no version was live before")
    earlier = unit.policy(target)
    if earlier.state not in _WAS_LIVE:
        raise Conflict(f"version {target} is {earlier.state.value}: choose one that was live")
    if is_same(live.contents, earlier.contents):
        raise Conflict(f"version {target} decides as the live version {live.number}")
    _write_rules(unit, earlier.contents, by, at, f"as in version {target} of the policy")
    step = NextLive(
        PolicyOrigin.ROLLBACK,
        by,
        at,
        reason,
        settings=earlier.contents["settings"],
        model=earlier.contents["model"],
        changes_model=True,
        leaving=PolicyState.ROLLED_BACK,
        restored=target,
    )
    return _followed(unit, step)


def _followed(unit: PolicyUnit, step: NextLive) -> PolicyVersion:
    version = follow(unit, step)
    if version is None:
        raise NotFound("no version is live")
    return unit.policy(version.number)


def _write_rules(
    unit: PolicyUnit, contents: Mapping[str, Any], by: str, at: datetime, why: str
) -> None:
    """Stop the active rules that the contents lack, then write those that differ."""
    wanted = by_id(contents)
    for rule in unit.active_rules():
        if rule.id not in wanted:
            store_rule(unit, stopped(rule, at), by, "rule.deactivated", why)
    for rule_id, stated in wanted.items():
        document = without_version(stated)
        try:
            before = unit.rule(rule_id)
        except NotFound:
            before = None
        if before is not None and document_of(before) == document:
            continue
        rule = parse_rule(
            document,
            rule_id=rule_id,
            version=1 if before is None else before.version + 1,
            created_at=at if before is None else before.created_at,
            updated_at=at,
        )
        action = "rule.created" if before is None else "rule.replaced"
        store_rule(unit, rule, by, action, why)
