"""The policies that processes stated in their settings, one row per change."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, Engine, insert, select

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.tables import policies, policy_versions, rule_book
from risksentinel.domain.policy_version import PolicyState
from risksentinel.ports.proposals import StoredPolicy

_NEWEST: Final = select(policies).order_by(policies.c.number.desc())
_STATED: Final = (
    select(policies.c.digest)
    .where(
        select(policy_versions.c.number)
        .where(policy_versions.c.state == PolicyState.LIVE.value)
        .exists()
    )
    .order_by(policies.c.number.desc())
    .limit(1)
)


def stated_policy(engine: Engine) -> str | None:
    """The digest of the policy that processes stated last; None without a live version."""
    with reading(engine) as connection:
        return connection.execute(_STATED).scalar()


def locked_policies(connection: Connection) -> Sequence[StoredPolicy]:
    """The policy of the settings and the one before it, the newest first.

    Other transactions wait here until this one ends.
    """
    # Writers of rules take this lock too. There is no row of `policies` yet that could be locked.
    connection.execute(select(rule_book).with_for_update())
    rows = connection.execute(_NEWEST.limit(2)).all()
    return [StoredPolicy(row.digest, row.document, row.at) for row in rows]


def put_policy(connection: Connection, policy: StoredPolicy) -> None:
    """Store the policy of the settings from now on."""
    row = {"digest": policy.digest, "document": policy.document, "at": policy.at}
    connection.execute(insert(policies).values(row))
