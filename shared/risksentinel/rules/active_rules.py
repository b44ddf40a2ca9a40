"""ActiveRules: the rules in force, with their tests prepared for each channel and rail."""

from collections.abc import Iterable, Iterator
from functools import cached_property

from risksentinel.domain.transaction import Channel, Rail
from risksentinel.rules.observation import Observation
from risksentinel.rules.rule import Rule, Test
from risksentinel.rules.three_valued_logic import always_false


class ActiveRules(tuple[Rule, ...]):  # noqa: SLOT001 - the prepared tests are cached in it
    """The rules in their order. A book keeps one object for as long as its rules do not change."""

    @classmethod
    def of(cls, rules: Iterable[Rule]) -> "ActiveRules":
        """Return the rules; the same object if they are prepared already."""
        return rules if isinstance(rules, ActiveRules) else cls(rules)

    def possible(self, observation: Observation) -> Iterator[tuple[Rule, Test]]:
        """The rules that channel, rail and amount of the payment do not exclude, in order.

        The test of each is without the comparisons of channel and rail.
        """
        payment = observation.transaction
        key, amount = (payment.channel, payment.rail), payment.amount.amount
        prepared = self._prepared.get(key)
        if prepared is None:
            prepared = self._prepared[key] = self._not_excluded(observation)
        return (each for each in prepared if amount >= each[0].min_amount)

    @cached_property
    def _prepared(self) -> dict[tuple[Channel, Rail | None], list[tuple[Rule, Test]]]:
        return {}

    def _not_excluded(self, observation: Observation) -> list[tuple[Rule, Test]]:
        tested = ((rule, rule.test_for(observation)) for rule in self)
        return [(rule, test) for rule, test in tested if test is not always_false]
