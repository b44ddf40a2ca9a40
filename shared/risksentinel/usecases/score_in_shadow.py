"""ScoreInShadow: the version in shadow decides payments again, after their commit."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Final

from risksentinel.deadline import Step, within
from risksentinel.domain.named_list import Memberships, joined
from risksentinel.domain.policy_version import PROMOTED
from risksentinel.domain.shadowed import Outcome, Shadowed
from risksentinel.domain.signal import Silent
from risksentinel.domain.verdict import Scored
from risksentinel.errors import Unavailable
from risksentinel.events import transaction_shadowed
from risksentinel.events.sources import SCORE
from risksentinel.ports.environment import Meter
from risksentinel.ports.ledger import Ledger
from risksentinel.ports.lists import ListBook
from risksentinel.ports.opinions import FraudModel, RuleBook, ShadowEdition
from risksentinel.ports.shadow import Offered
from risksentinel.scoring.facts import NO_MODEL, Facts
from risksentinel.scoring.score import decide

MAX_WAITING: Final = 10_000  # payments; further ones are dropped
MAX_AT_ONCE: Final = 200  # payments of one commit


@dataclass(frozen=True, slots=True)
class ScoreInShadow:
    """Meets `ports.Shadow`: a bounded queue, which another thread takes payments from.

    The facts are those of the decision in force: history, lists and the opinion of the model. Only
    lists and opinions that the decision in force did not need are read by this. The history stays
    as the decisions in force make it.
    """

    rules: RuleBook
    lists: ListBook
    model: FraudModel
    ledger: Ledger
    meter: Meter
    _waiting: deque[tuple[Offered, bool]] = field(default_factory=deque)
    _lock: Lock = field(default_factory=Lock)

    def is_on(self) -> bool:
        """Whether a version is in shadow."""
        return self._edition() is not None

    def offer(self, decided: Sequence[Offered], *, never_late: bool = False) -> None:
        """Take payments, or drop and count them where too many wait."""
        with self._lock:
            room = MAX_WAITING - len(self._waiting)
            self._waiting.extend((each, never_late) for each in decided[:room])
        if len(decided) > room:
            self.meter.shadowed("dropped", len(decided) - room)

    def drop(self) -> None:
        """Drop and count the payments that wait."""
        dropped = self._take(MAX_WAITING)
        if dropped:
            self.meter.shadowed("dropped", len(dropped))

    def pass_once(self, pause: Callable[[], object]) -> int:
        """Decide and store the payments that wait, MAX_AT_ONCE at most; answers their number.

        `pause` is called after each decision. Payments whose decisions cannot be stored are counted
        as failed, and are not decided again.
        """
        some, edition = self._take(MAX_AT_ONCE), self._edition()
        if edition is None or not some:
            return len(some)
        facts = self._facts([offered for offered, _ in some], edition)
        past = replace(edition.policy, max_lateness_seconds=None)
        decisions = []
        for known, ((_, pair), never_late) in zip(facts, some, strict=True):
            policy = past if never_late else edition.policy
            decided = decide(known, policy, pair.verdict.scored_at)
            alert = decided.approved_by is None and decided.total >= policy.alert_threshold
            verdict = pair.verdict
            decisions.append(
                Shadowed(
                    version=edition.version,
                    revision=edition.revision,
                    live_version=verdict.explanation.get("policy_version"),
                    transaction_id=pair.transaction.id,
                    sender_id=pair.transaction.sender_id,
                    amount=pair.transaction.amount.amount,
                    live=Outcome(verdict.decision, verdict.score, verdict.alert),
                    shadow=Outcome(decided.decision, decided.total, alert),
                    reasons=decided.reasons,
                    scored_at=verdict.scored_at,
                )
            )
            pause()
        self._store(decisions)
        return len(some)

    def _edition(self) -> ShadowEdition | None:
        try:
            with within(Step.RULES):
                return self.rules.edition().shadow
        except Unavailable:
            return None

    def _take(self, most: int) -> list[tuple[Offered, bool]]:
        with self._lock:
            return [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]

    def _facts(self, offered: Sequence[Offered], edition: ShadowEdition) -> list[Facts]:
        """The facts under the rules in shadow, with the lists and opinions that they lack."""
        facts = [each for each, _ in offered]
        names = {name for rule in edition.rules for name in rule.lists}
        known: list[Memberships | Silent] = [each.lists for each in facts]
        if any(not names <= set(each.names) for each in known if isinstance(each, Memberships)):
            found = self.lists.matches([each.transaction for each in facts], names)
            known = [joined(*each) for each in zip(known, found, strict=True)]
        under = [
            each.under(edition.rules, each.model, lists)
            for each, lists in zip(facts, known, strict=True)
        ]
        if edition.policy.ml_weight == 0:
            return under
        choice = edition.policy.model
        lacking = [
            place
            for place, (each, pair) in enumerate(offered)
            if each.model == NO_MODEL or _choice_of(pair) != choice
        ]
        opinions = self.model.risks([under[place] for place in lacking], choice) if lacking else ()
        for place, said in zip(lacking, opinions, strict=True):
            under[place] = under[place].with_model(said)
        return under

    def _store(self, decisions: Sequence[Shadowed]) -> None:
        try:
            with self.ledger.unit() as unit:
                unit.keep_shadowed(decisions)
                if unit.carries(transaction_shadowed.TOPIC):
                    unit.enqueue([transaction_shadowed.encode(each, SCORE) for each in decisions])
        except Unavailable:
            self.meter.shadowed("failed", len(decisions))
            return
        different = sum(each.differs for each in decisions)
        for outcome, count in (("different", different), ("same", len(decisions) - different)):
            if count:
                self.meter.shadowed(outcome, count)


def _choice_of(pair: Scored) -> str:
    """The model that the policy in force named for a payment, as the receipt has it."""
    return str(pair.verdict.explanation.get("policy_model", PROMOTED))
