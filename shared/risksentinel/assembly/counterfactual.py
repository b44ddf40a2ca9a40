"""The use case that says which least change would make a decision milder."""

from risksentinel.adapters.sql.decision_records import SqlDecisions
from risksentinel.assembly.container import Container
from risksentinel.usecases.explain_counterfactual import ExplainCounterfactual
from risksentinel.usecases.past_bases import PastBases


def explain_counterfactual(container: Container) -> ExplainCounterfactual:
    """The use case; it reads the receipt, never the history."""
    decisions = SqlDecisions(container.engine)
    return ExplainCounterfactual(decisions, PastBases(decisions))
