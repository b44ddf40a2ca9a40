"""least_changes: the least change of what a payer can choose, with which a decision is milder.

One change at a time: the amount, the age of the beneficiary or of the device, the time of day. Each
change that is answered was scored, with everything else as in the receipt: the model's opinion,
too, because the receipt does not have the habits that the model reads.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, Final

from risksentinel.domain.money import Money
from risksentinel.domain.signal import Reading
from risksentinel.domain.statutory_report import kinds_due
from risksentinel.domain.verdict import GRAVITY, Decision
from risksentinel.errors import Rejected
from risksentinel.rules.rule import Action
from risksentinel.scoring.changed_facts import (
    at_another_hour,
    with_amount,
    with_beneficiary_known,
    with_device_known,
)
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.receipt import Decided
from risksentinel.scoring.score import decide
from risksentinel.text import rfc3339

_RAND: Final = 100  # cents
_SHARE: Final = 128  # the amount is found to this part of it, or to one rand
_DAYS: Final = (1, 2, 3, 7, 14, 30, 90, 365)
_HOURS: Final = tuple(hours for ahead in range(1, 9) for hours in (ahead, -ahead))
_OF_TIME: Final = frozenset({"local_hour", "is_night", "is_weekend", "local_weekday"})
_OF_BENEFICIARY: Final = frozenset(
    {
        "receiver.is_new_for_sender",
        "beneficiary.since_first_paid_seconds",
        "beneficiary.since_added_seconds",
    }
)
_OF_DEVICE: Final = frozenset({"device.is_new_for_sender"})


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a payment, and the decision that it would have."""

    of: str
    to: str | int
    decision: Decision
    score: Decimal
    words: str


def least_changes(facts: Facts, policy: Policy, at: datetime) -> Sequence[Change]:
    """Return the least change of each kind that makes the decision milder; none if there is none.

    None either where a report of the payment is due, or where a rule that counts cash fired: an
    answer must not help a payer to stay below a threshold of reports.
    """
    decided = decide(facts, policy, at)
    if decided.decision is Decision.APPROVE or _may_be_reported(facts, decided):
        return ()
    search = _Search(facts, policy, at, decided.decision)
    fields = _fields_that_matter(facts, decided)
    found = (
        search.amount(),
        search.beneficiary() if fields & _OF_BENEFICIARY else None,
        search.device() if fields & _OF_DEVICE else None,
        search.time() if fields & _OF_TIME else None,
    )
    return tuple(change for change in found if change is not None)


def _may_be_reported(facts: Facts, decided: Decided) -> bool:
    if kinds_due(facts.transaction):
        return True
    return any("cash" in name for fired in _fired(decided) for name in fired["values"])


def _fired(decided: Decided) -> Sequence[Mapping[str, Any]]:
    said = decided.fusion.opinions["rules"]
    return said.details.get("fired", ()) if isinstance(said, Reading) else ()


def _fields_that_matter(facts: Facts, decided: Decided) -> set[str]:
    """Return the fields of rules that fired, and of those that approve; others change nothing."""
    names = {name for fired in _fired(decided) for name in fired["values"]}
    rules = facts.rules if isinstance(facts.rules, tuple) else ()
    return names.union(*(rule.fields for rule in rules if rule.action is Action.APPROVE))


@dataclass(frozen=True, slots=True)
class _Search:
    facts: Facts
    policy: Policy
    at: datetime
    decision: Decision

    def amount(self) -> Change | None:
        """Find the largest lower amount, by bisection between one rand and the amount."""
        rand = self.facts.transaction.amount.cents // _RAND
        step = max(1, rand // _SHARE)
        milder, graver = 1, rand
        best = self._tried_amount(milder) if graver > milder else None
        while best is not None and graver - milder > step:
            middle = (milder + graver) // 2
            tried = self._tried_amount(middle)
            if tried is None:
                graver = middle
            else:
                best, milder = tried, middle
        return best

    def _tried_amount(self, rand: int) -> Change | None:
        amount = Money.of_cents(rand * _RAND)
        found = self._milder(lambda: with_amount(self.facts, amount))
        words = f"with an amount of {amount.in_words}"
        return found and _change("amount_zar", str(amount), found[1], words)

    def beneficiary(self) -> Change | None:
        """Find the least age of the beneficiary, in days."""
        return self._aged("beneficiary", with_beneficiary_known)

    def device(self) -> Change | None:
        """Find the least age of the device, in days; None if the payment states no device."""
        if self.facts.transaction.device_id is None:
            return None
        return self._aged("device", with_device_known)

    def time(self) -> Change | None:
        """Find the nearest other hour."""
        for hours in _HOURS:
            found = self._milder(partial(at_another_hour, self.facts, hours))
            if found is not None:
                local = found[0].transaction.local_time
                words = f"at {local:%H:%M} of {local:%d %B} in South Africa"
                return _change("local_time", rfc3339.to_text(local), found[1], words)
        return None

    def _aged(self, what: str, changed: Callable[[Facts, int], Facts]) -> Change | None:
        """Find the least of _DAYS by bisection, because a risk falls with the age.

        With a rule that fires on great ages only, a change may not be found.
        """
        milder, graver = len(_DAYS) - 1, -1
        best = self._tried_age(what, _DAYS[milder], changed)
        while best is not None and milder - graver > 1:
            middle = (milder + graver) // 2
            tried = self._tried_age(what, _DAYS[middle], changed)
            if tried is None:
                graver = middle
            else:
                best, milder = tried, middle
        return best

    def _tried_age(
        self, what: str, days: int, changed: Callable[[Facts, int], Facts]
    ) -> Change | None:
        found = self._milder(partial(changed, self.facts, days))
        words = f"if the {what} was known for {days} {'day' if days == 1 else 'days'}"
        return found and _change(f"{what}_days", days, found[1], words)

    def _milder(self, changed: Callable[[], Facts]) -> tuple[Facts, Decided] | None:
        """Score the changed payment; return it if its decision is milder."""
        try:
            facts = changed()
            decided = decide(facts, self.policy, self.at)
        except Rejected:  # no such payment, or the receipt does not have what it needs
            return None
        milder = GRAVITY[decided.decision] < GRAVITY[self.decision]
        return (facts, decided) if milder else None


def _change(of: str, to: str | int, decided: Decided, words: str) -> Change:
    return Change(of, to, decided.decision, decided.total, words)
