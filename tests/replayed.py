"""replayed: computes every decision of a database again, as CI does with all that tests decided."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError
from typing_extensions import override

from risksentinel.adapters.models.past_models import RegistryModels
from risksentinel.adapters.models.registries import open_registry
from risksentinel.adapters.sql.decision_records import SqlDecisions
from risksentinel.adapters.sql.engine import looking
from risksentinel.adapters.sql.tables import decision_bases
from risksentinel.assembly.decisions import as_json
from risksentinel.assembly.model_features import load_model
from risksentinel.errors import NotFound, Unavailable
from risksentinel.rules.rule import StoredRule
from risksentinel.scoring.features.reasons import reasons
from risksentinel.usecases.past_bases import PastBases, PastBasis
from risksentinel.usecases.verify_decisions import VerifyDecisions
from tests.fakes.scoring import RULES

NO_MODELS: Final = "/nonexistent"
_BEGIN: Final = datetime(1990, 1, 1, tzinfo=UTC)
_KNOWN: dict[str, PastBasis] = {}  # by digest: equal in every database
_ANY: Final = select(decision_bases.c.digest).limit(1)


@dataclass(frozen=True, slots=True)
class DecisionsOfTests(SqlDecisions):
    """The decisions of a database, also with the default rules that a test did not store."""

    @override
    def rule(self, rule_id: str, version: int) -> StoredRule:
        """A version of a rule. Raises NotFound."""
        try:
            return SqlDecisions.rule(self, rule_id, version)
        except NotFound:
            fixed = {rule.reference: rule for rule in RULES}
            found = fixed.get(f"{rule_id}@{version}")
            if found is None:
                raise
            return found


def replay_all(engine: Engine, models: str = NO_MODELS) -> None:
    """Compute each decision again, before its rows are deleted or its database is closed.

    A decision of a fixed model, or with rules that were not stored, cannot be verified.
    """
    try:
        with looking(engine) as connection:
            if connection.execute(_ANY).first() is None:
                return
    except (DBAPIError, Unavailable):  # the test took the database away
        return
    decisions = DecisionsOfTests(engine)
    registry = RegistryModels(open_registry(models), load_model, reasons)
    verify = VerifyDecisions(decisions, registry, PastBases(decisions, _KNOWN), as_json)
    different = [each for each in verify.since(_BEGIN) if each.differences]
    if different:
        raise AssertionError(f"a decision is not computed again as it was stored: {different[0]}")
