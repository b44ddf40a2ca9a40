"""The policies that were in force, one row per change."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, Engine, insert, select

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.tables import policies, rule_book
from risksentinel.ports.proposals import StoredPolicy

_NEWEST: Final = select(policies).order_by(policies.c.number.desc())


def policy_in_force(engine: Engine) -> str | None:
    """The digest of the policy in force; None before the first."""
    with reading(engine) as connection:
        row = connection.execute(_NEWEST.limit(1)).one_or_none()
    return None if row is None else str(row.digest)


def locked_policies(connection: Connection) -> Sequence[StoredPolicy]:
    """The policy in force and the one before it, the newest first.

    Other transactions wait here until this one ends.
    """
    # Writers of rules take this lock too. There is no row of `policies` yet that could be locked.
    connection.execute(select(rule_book).with_for_update())
    rows = connection.execute(_NEWEST.limit(2)).all()
    return [StoredPolicy(row.digest, row.document, row.at) for row in rows]


def put_policy(connection: Connection, policy: StoredPolicy) -> None:
    """Store the policy that is in force from now on."""
    row = {"digest": policy.digest, "document": policy.document, "at": policy.at}
    connection.execute(insert(policies).values(row))
