"""absent_sources: what a payment is decided without although it may answer later."""

from risksentinel.domain.named_list import Memberships
from risksentinel.domain.signal import Silent
from risksentinel.scoring.facts import Facts


def absent_sources(facts: Facts) -> list[str]:
    """Return which of history, rules, lists and model were late or missing, in this order.

    A source that answered and knows nothing is not absent, nor is a model that is not promoted.
    """
    heard = {
        "history": facts.history,
        "rules": facts.rules,
        "lists": facts.lists,
        "model": facts.model,
    }
    return [name for name, said in heard.items() if _is_absent(said)]


def _is_absent(said: object) -> bool:
    if isinstance(said, Silent):
        return said.absence is not None
    # An entry that the database did not confirm.
    return isinstance(said, Memberships) and None in said.matches.values()
