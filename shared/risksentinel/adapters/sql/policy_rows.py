"""Conversion between a version of the policy and its row."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, select, tuple_

from risksentinel.adapters.sql.tables import fraud_rule_versions, fraud_rules, policy_versions
from risksentinel.domain.policy_version import PolicyOrigin, PolicyState, PolicyVersion

_AT_ONCE: Final = 200
_VERSIONS: Final = select(
    fraud_rule_versions.c.rule_id, fraud_rule_versions.c.version, fraud_rule_versions.c.document
)
Rules = Sequence[Any]  # as stored


def policy_row(version: PolicyVersion, rules: Rules) -> dict[str, Any]:
    """Every column of `policy_versions`."""
    return {
        "number": version.number,
        "state": version.state.value,
        "origin": version.origin.value,
        "settings": dict(version.contents["settings"]),
        "rules": list(rules),
        "model": version.contents["model"],
        "based_on": version.based_on,
        "restored": version.restored,
        "note": version.note,
        "revision": version.revision,
        "created_by": version.created_by,
        "created_at": version.created_at,
        "changed_by": version.changed_by,
        "changed_at": version.changed_at,
    }


def policy_of(connection: Connection, row: Row[Any]) -> PolicyVersion:
    """The version in a row, with the documents of the rules that the row refers to."""
    return _version(row, _documents(connection, row.rules))


def in_short(row: Row[Any]) -> PolicyVersion:
    """The version in a row; a rule is its id and its version."""
    return _version(
        row,
        [
            {"id": each[0], "version": each[1]}
            if isinstance(each, list)
            else {"id": each["id"], "version": each["version"]}
            for each in row.rules
        ],
    )


def _version(row: Row[Any], rules: Rules) -> PolicyVersion:
    return PolicyVersion(
        number=row.number,
        state=PolicyState(row.state),
        origin=PolicyOrigin(row.origin),
        contents={"settings": row.settings, "rules": rules, "model": row.model},
        based_on=row.based_on,
        created_by=row.created_by,
        created_at=row.created_at,
        changed_by=row.changed_by,
        changed_at=row.changed_at,
        note=row.note,
        restored=row.restored,
        revision=row.revision,
    )


def rules_in_force(connection: Connection) -> list[list[Any]]:
    """The active rules in their order, as [id, version]."""
    query = select(fraud_rules.c.id, fraud_rules.c.version).where(fraud_rules.c.active)
    rows = connection.execute(query.order_by(fraud_rules.c.created_at, fraud_rules.c.id))
    return [[row.id, row.version] for row in rows]


def newest(connection: Connection) -> Row[Any] | None:
    """The row of the version with the largest number."""
    query = select(policy_versions).order_by(policy_versions.c.number.desc()).limit(1)
    return connection.execute(query).one_or_none()


def _documents(connection: Connection, rules: Rules) -> list[dict[str, Any]]:
    references = [(each[0], each[1]) for each in rules if isinstance(each, list)]
    found: dict[tuple[str, int], Mapping[str, Any]] = {}
    key = tuple_(fraud_rule_versions.c.rule_id, fraud_rule_versions.c.version)
    for start in range(0, len(references), _AT_ONCE):
        some = references[start : start + _AT_ONCE]
        for row in connection.execute(_VERSIONS.where(key.in_(some))):
            found[row.rule_id, row.version] = row.document
    return [
        {"id": each[0], "version": each[1], **found[each[0], each[1]]}
        if isinstance(each, list)
        else dict(each)
        for each in rules
    ]
