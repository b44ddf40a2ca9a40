"""PastOutcome: what a policy says about one past payment."""

from typing import NamedTuple

from risksentinel.domain.verdict import Decision


class PastOutcome(NamedTuple):
    """What a policy says about one past payment.

    `score` is in ten-thousandths. `rules` are the ids of the rules that fired, `escalations` the
    names of those that lifted the score. `reasons` are kept only if the payment is not approved.
    """

    decision: Decision
    score: int
    alert: bool
    rules: tuple[str, ...] = ()
    escalations: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
