"""Writes of versions of the policy, in the transaction of a unit."""

from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from risksentinel.adapters.sql.policy_rows import newest, policy_of, policy_row, rules_in_force
from risksentinel.adapters.sql.rule_writes import NEXT_REVISION
from risksentinel.adapters.sql.tables import policy_versions
from risksentinel.domain.next_live import NextLive
from risksentinel.domain.policy_version import PROMOTED, PolicyState, PolicyVersion
from risksentinel.errors import NotFound

LIVE: Final = PolicyState.LIVE
_LIVE: Final = select(policy_versions).where(policy_versions.c.state == LIVE.value)
_SHADOW: Final = select(policy_versions).where(policy_versions.c.state == PolicyState.SHADOW.value)


def lock_policies(connection: Connection) -> None:
    """Lock rules and versions against other writers; readers of the rule book read again."""
    connection.execute(NEXT_REVISION)


def live_policy(connection: Connection) -> PolicyVersion | None:
    """The live version; None before the first start."""
    row = connection.execute(_LIVE).one_or_none()
    return None if row is None else policy_of(connection, row)


def shadow_policy(connection: Connection) -> PolicyVersion | None:
    """The version in shadow."""
    row = connection.execute(_SHADOW).one_or_none()
    return None if row is None else policy_of(connection, row)


def stored_policy(connection: Connection, number: int) -> PolicyVersion:
    """The version. Raises NotFound."""
    query = select(policy_versions).where(policy_versions.c.number == number)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"there is no version {number} of the policy")
    return policy_of(connection, row)


def add_policy(connection: Connection, version: PolicyVersion) -> PolicyVersion:
    """Store a draft with the next number."""
    numbered = replace(version, number=_next_number(connection))
    row = policy_row(numbered, numbered.contents["rules"])
    connection.execute(insert(policy_versions).values(row))
    return numbered


def change_policy(connection: Connection, version: PolicyVersion) -> None:
    """Store another state or content of a version."""
    row = policy_row(version, version.contents["rules"])
    mine = update(policy_versions).where(policy_versions.c.number == version.number)
    connection.execute(mine.values(row))


def next_live(connection: Connection, step: NextLive) -> PolicyVersion | None:
    """Make the active rules a new live version; None where there is none before it.

    A first live version needs settings.
    """
    lock_policies(connection)
    before = connection.execute(_LIVE).one_or_none()
    if before is None and step.settings is None:
        return None
    if before is not None:
        _leave(connection, before, step)
    draft = None if step.promoted is None else stored_policy(connection, step.promoted)
    version = _next(before, step) if draft is None else draft.becomes(LIVE, step.by, step.at)
    if draft is None:
        version = replace(version, number=_next_number(connection))
    rules = rules_in_force(connection)
    row = policy_row(version, rules)
    if draft is None:
        connection.execute(insert(policy_versions).values(row))
    else:
        mine = update(policy_versions).where(policy_versions.c.number == version.number)
        connection.execute(mine.values(row))
    return replace(version, contents={**version.contents, "rules": rules})


def _next(before: Row[Any] | None, step: NextLive) -> PolicyVersion:
    settings = step.settings if before is None or step.settings is not None else before.settings
    model = PROMOTED if before is None else before.model
    return PolicyVersion(
        number=0,
        state=LIVE,
        origin=step.origin,
        contents={"settings": settings, "model": step.model if step.changes_model else model},
        based_on=None if before is None else before.number,
        created_by=step.by,
        created_at=step.at,
        changed_by=step.by,
        changed_at=step.at,
        note=step.note,
        restored=step.restored,
    )


def _leave(connection: Connection, before: Row[Any], step: NextLive) -> None:
    mine = update(policy_versions).where(policy_versions.c.number == before.number)
    changes = {"state": step.leaving.value, "changed_by": step.by, "changed_at": step.at}
    connection.execute(mine.values(**changes, revision=before.revision + 1))


def _next_number(connection: Connection) -> int:
    row = newest(connection)
    return 1 if row is None else int(row.number) + 1
