"""Tally: the figures of a dry run, added up page by page from the newest payment down."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from risksentinel.domain.rule_trial import MAX_EXAMPLES, RuleTrial, TrialExample
from risksentinel.ports.live_payment import LivePayment
from risksentinel.ports.rule_trials import LookedAt, TrialRecords, TrialSpan
from risksentinel.usecases.past_observations import Seen

_NOTHING: Final = LookedAt(0, None, None)


@dataclass(slots=True)
class Tally:
    """`last` is the oldest payment that was looked at; None if no page was."""

    last: LivePayment | None = None
    fired: int = 0
    amount: Decimal = Decimal(0)
    unknown: int = 0
    without_facts: int = 0
    fraud: int = 0
    genuine: int = 0
    not_alerted: int = 0
    customers: set[str] = field(default_factory=set)
    examples: list[TrialExample] = field(default_factory=list)

    def add(
        self,
        last: LivePayment,
        seen: Sequence[Seen],
        fraud: Mapping[str, bool],
        alerted: Collection[str],
    ) -> None:
        """Add a page, which ends with the payment `last`."""
        self.last = last
        for each in seen:
            if each.facts is None:
                self.without_facts += 1
            elif each.result is None:
                self.unknown += 1
            elif each.result:
                name = each.live.payment.id
                self._add_fired(each.live, fraud.get(name), alert=name in alerted)

    def _add_fired(self, live: LivePayment, fraud: bool | None, *, alert: bool) -> None:  # noqa: FBT001 - three values
        self.fired += 1
        self.amount += live.payment.amount.amount
        self.not_alerted += not alert
        self.fraud += fraud is True
        if fraud is False:
            self.genuine += 1
            self.customers.add(live.payment.sender_id)
        if len(self.examples) < MAX_EXAMPLES:
            example = TrialExample(live.payment, live.decision, live.level, alert, fraud)
            self.examples.append(example)

    def trial(self, records: TrialRecords, span: TrialSpan, *, complete: bool) -> RuleTrial:
        """The result; without `complete`, over the payments down to the last one."""
        if complete:
            looked = records.looked_at(span, None)
        else:
            looked = _NOTHING if self.last is None else records.looked_at(span, self.last)
        return RuleTrial(
            payments=looked.payments,
            first=looked.first,
            last=looked.last,
            fired=self.fired,
            amount=self.amount,
            unknown=self.unknown,
            without_facts=self.without_facts,
            fraud=self.fraud,
            genuine=self.genuine,
            not_alerted=self.not_alerted,
            customers=self.customers,
            examples=tuple(self.examples),
            complete=complete,
            looked_down_to=None if complete or self.last is None else self.last.payment.id,
        )
