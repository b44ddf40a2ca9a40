"""Shared by the tests of versions of the policy: the use cases of one empty database."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine, select

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.policy_records import SqlPolicyRecords
from risksentinel.adapters.sql.policy_unit import SqlPolicyLedger
from risksentinel.adapters.sql.proposals import SqlProposalLedger
from risksentinel.adapters.sql.tables import audit_log, policy_versions
from risksentinel.domain.policy_version import PolicyVersion
from risksentinel.scoring.policy import Policy
from risksentinel.usecases.follow_policy import LIVE
from risksentinel.usecases.manage_policies import ManagePolicies
from risksentinel.usecases.require_policy import RequirePolicy
from tests.adapters.sql.emptied import emptied
from tests.usecases.four_eyes import NOW, Bench, Registry, bench, named_models, no_registry

OWN = Policy()


class Versions:
    """The use cases of one empty database."""

    def __init__(self, engine: Engine, registry: Registry = no_registry) -> None:
        self.engine = emptied(engine)
        self.cases: Bench = bench(self.engine, registry=registry)
        self.records = SqlPolicyRecords(self.engine)
        models = named_models(self.engine, registry)
        self.manage = ManagePolicies(SqlPolicyLedger(SqlLedger(self.engine)), lambda: NOW, models)

    def start(self, policy: Policy = OWN) -> None:
        """Start a process with these settings."""
        ledger = SqlProposalLedger(SqlLedger(self.engine))
        RequirePolicy(ledger, lambda: NOW, lambda: "id", needs_approval=False)(policy)

    def live(self) -> PolicyVersion:
        """The live version."""
        live = self.records.live()
        assert live is not None
        return live

    def edited(self, change: Mapping[str, Any]) -> PolicyVersion:
        """A draft of the live version with other settings."""
        draft = self.manage.draft(None, "", "thandi")
        contents = {**draft.contents, "settings": {**draft.contents["settings"], **change}}
        return self.manage.edit(draft.number, contents, "", None, "thandi")

    def naming(self, model: str | None) -> PolicyVersion:
        """A draft of the live version with this model."""
        draft = self.manage.draft(None, "", "thandi")
        return self.manage.edit(
            draft.number, {**draft.contents, "model": model}, "", None, "thandi"
        )

    def all_live(self) -> list[int]:
        """The numbers that are live in the table."""
        query = select(policy_versions.c.number).where(policy_versions.c.state == "live")
        with reading(self.engine) as connection:
            return list(connection.scalars(query))

    def entries(self) -> list[str]:
        """The numbers of the versions that came into force, in the audit log."""
        query = select(audit_log.c.subject_id).where(audit_log.c.action == LIVE)
        with reading(self.engine) as connection:
            return list(connection.scalars(query.order_by(audit_log.c.id)))
