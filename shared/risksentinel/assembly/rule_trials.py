"""The use case that tries rules on past payments."""

from risksentinel.adapters.sql.list_book import SqlListBook
from risksentinel.adapters.sql.rule_trials import SqlTrialRecords
from risksentinel.assembly.container import Container, built_once
from risksentinel.assembly.history import REMEMBERED
from risksentinel.usecases.past_observations import PastObservations
from risksentinel.usecases.try_rule import TryRule


@built_once
def try_rule(container: Container) -> TryRule:
    """The use case, with named lists of its own: those of live payments stay loaded."""
    records = SqlTrialRecords(container.engine, REMEMBERED)
    lists = SqlListBook(container.engine, container.clock)
    container.on_close(lists.close)
    return TryRule(records, PastObservations(records, lists))
