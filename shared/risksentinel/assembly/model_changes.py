"""The use case that publishes, promotes and rolls back models."""

from risksentinel.assembly.container import Container
from risksentinel.assembly.model_registry import model_registry
from risksentinel.assembly.rule_changes import proposal_ledger
from risksentinel.settings import Settings
from risksentinel.usecases.change_model import ChangeModel


def change_model(container: Container, operator: str) -> ChangeModel:
    """The use case, for one operator; without a database it audits nothing."""
    database = proposal_ledger(container) if _has_database(container.settings) else None
    return ChangeModel(
        model_registry(container), database, container.clock, container.new_id, operator
    )


def _has_database(settings: Settings) -> bool:
    """Whether a database is configured, or an embedded engine has made its own."""
    # Training on a laptop publishes to a folder, before any engine has run there.
    embedded = settings.risksentinel_home / "risksentinel.db"
    return bool(settings.database_url) or settings.needs_approval or embedded.exists()
