"""What a decision and a label change in one side of an account."""

from risksentinel.domain.account_side import AccountSide, Recording
from risksentinel.domain.party_state import label_entry
from risksentinel.domain.verdict import Decision
from risksentinel.scoring.partitions.past_events import PastLabel, PastPayment


def decided(side: AccountSide, of: Recording, decision: Decision | None) -> AccountSide:
    """Return the side after the decision on its recorded payment; None stands for approved."""
    if decision is None or decision is Decision.APPROVE:
        return side
    return side.withheld(of.entry, of.device, of.rand, review=decision is Decision.REVIEW)


def decision_on(payment: PastPayment, decision: Decision) -> Decision:
    """Return the decision that counts: the given one, if there is one."""
    return decision if payment.given is None else payment.given


def labelled(side: AccountSide, of: Recording, label: PastLabel) -> AccountSide:
    """Return the side after a label of its payment."""
    entry = label_entry(label.payment, label.known_at, fraud=bool(label.fraud))
    return side.labelled(entry, of, fraud=label.fraud)
