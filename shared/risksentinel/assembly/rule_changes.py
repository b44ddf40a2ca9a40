"""The use cases that change rules and named lists, and that propose and decide such changes."""

from risksentinel.adapters.sql.list_unit import SqlListLedger
from risksentinel.adapters.sql.policy_unit import SqlPolicyLedger
from risksentinel.adapters.sql.proposals import SqlProposalLedger
from risksentinel.assembly.container import Container
from risksentinel.assembly.ledger import ledger_of_changes
from risksentinel.assembly.named_models import named_models
from risksentinel.http.access import origin
from risksentinel.usecases.decide_proposal import DecideProposal
from risksentinel.usecases.manage_policies import ManagePolicies
from risksentinel.usecases.propose_change import ProposeChange
from risksentinel.usecases.write_list import WriteList
from risksentinel.usecases.write_rule import WriteRule


def write_rule(container: Container) -> WriteRule:
    """The use case that creates and changes rules."""
    return WriteRule(ledger_of_changes(container), container.clock, container.new_id)


def write_list(container: Container) -> WriteList:
    """The use case that creates and changes named lists."""
    return WriteList(SqlListLedger(container.engine, origin), container.clock, container.new_id)


def proposal_ledger(container: Container) -> SqlProposalLedger:
    """The transactions that write proposals, and what an approved one changes."""
    return SqlProposalLedger(ledger_of_changes(container))


def manage_policies(container: Container) -> ManagePolicies:
    """The use case of versions of the policy."""
    return ManagePolicies(
        SqlPolicyLedger(ledger_of_changes(container)), container.clock, named_models(container)
    )


def propose_change(container: Container) -> ProposeChange | None:
    """The use case that proposes changes of rules and lists; None where they need no approval."""
    if not container.settings.needs_approval:
        return None
    return ProposeChange(
        proposal_ledger(container),
        container.clock,
        container.new_id,
        named_models(container).require_for,
    )


def decide_proposal(container: Container) -> DecideProposal:
    """The use case that approves, refuses and withdraws proposals."""
    return DecideProposal(
        proposal_ledger(container),
        container.clock,
        container.new_id,
        named_models(container).require_for,
    )
