"""The use case that tries rules on past payments."""

from risksentinel.adapters.sql.rule_trials import SqlTrialRecords
from risksentinel.assembly.container import Container, built_once
from risksentinel.assembly.history import REMEMBERED
from risksentinel.assembly.named_lists import list_book
from risksentinel.usecases.past_observations import PastObservations
from risksentinel.usecases.try_rule import TryRule


@built_once
def try_rule(container: Container) -> TryRule:
    """The use case; lists are read as they are now where a decision did not read them."""
    records = SqlTrialRecords(container.engine, REMEMBERED)
    return TryRule(records, PastObservations(records, list_book(container)))
