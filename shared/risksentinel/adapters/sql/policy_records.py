"""SqlPolicyRecords: versions of the policy, in pages."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine, select

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.policy_rows import in_short
from risksentinel.adapters.sql.policy_writes import live_policy, stored_policy
from risksentinel.adapters.sql.tables import policy_versions
from risksentinel.domain.policy_version import PolicyState, PolicyVersion
from risksentinel.errors import NoCursor, Violation
from risksentinel.ports.pages import Page

_NUMBER: Final = policy_versions.c.number
_KIND: Final = "policy"
_MAX_DIGITS: Final = 18  # of a number of the database


@dataclass(frozen=True, slots=True)
class SqlPolicyRecords:
    """Meets `ports.PolicyRecords` on SQLite and PostgreSQL."""

    engine: Engine

    def policies(
        self, state: PolicyState | None, after: tuple[str, ...] | None, most: int
    ) -> Page[PolicyVersion]:
        """One page of versions, the newest first; a rule is its id and its version."""
        query = select(policy_versions).order_by(_NUMBER.desc()).limit(most + 1)
        if state is not None:
            query = query.where(policy_versions.c.state == state.value)
        if after is not None:
            query = query.where(_key(after) > _NUMBER)
        with reading(self.engine) as connection:
            found = [in_short(row) for row in connection.execute(query)]
        following = (str(found[most - 1].number), "v") if len(found) > most else None
        return Page(found[:most], following)

    def policy(self, number: int) -> PolicyVersion:
        """The version. Raises NotFound."""
        with reading(self.engine) as connection:
            return stored_policy(connection, number)

    def live(self) -> PolicyVersion | None:
        """The live version; None before the first start."""
        with reading(self.engine) as connection:
            return live_policy(connection)


def _key(after: tuple[str, ...]) -> int:
    number = after[0]
    if not (number.isascii() and number.isdigit() and len(number) <= _MAX_DIGITS):
        raise NoCursor([Violation("cursor", "is not a cursor of this list")])
    return int(number)
