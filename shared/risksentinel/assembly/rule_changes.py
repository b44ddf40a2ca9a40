"""The use cases that change rules and named lists."""

from risksentinel.adapters.sql.list_unit import SqlListLedger
from risksentinel.assembly.container import Container
from risksentinel.assembly.ledger import ledger_of_changes
from risksentinel.http.access import origin
from risksentinel.usecases.write_list import WriteList
from risksentinel.usecases.write_rule import WriteRule


def write_rule(container: Container) -> WriteRule:
    """The use case that creates and changes rules."""
    return WriteRule(ledger_of_changes(container), container.clock, container.new_id)


def write_list(container: Container) -> WriteList:
    """The use case that creates and changes named lists."""
    return WriteList(SqlListLedger(container.engine, origin), container.clock, container.new_id)
