"""RuleWatch: the rules that fired on the payments of a window."""

from typing import Protocol

from risksentinel.domain.rule_watch import WatchedRules, Window


class RuleWatch(Protocol):
    """Reads what the performance of rules is computed from."""

    def watched(self, window: Window, rule_id: str | None = None) -> WatchedRules:
        """What is stored of the window, in one snapshot.

        The rule of `rule_id` is among the rules, whether it is active or not.

        Raises:
            NotFound: there is no rule of this id.
            Unavailable: the database does not answer.
        """
